"""The same organisation in two sources is one, by rule or by a person's word, and can be two again."""

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest import merging, organisations
from ingest.options import Options
from ingest.organisations import Organisation
from ingest.pipeline import Pipeline
from ingest.review import Order
from kg import claims, duplicates, entities
from kg.backup import backup, restore
from kg.base import Library
from kg.embed import open_encoder
from kg.ids import Namer, slug
from kg.types import Iri, Report
from kg.writer import Writer
from ontology.namespaces import CLU, OWL, SKOS

BASE = "https://w3id.org/cluster-nrw/id/"
ROR, OTHER_ROR = "https://ror.org/0moosgla5", "https://ror.org/0filzwrk5"
PROFILE, RECORD = Iri(BASE + "organisation/moosglas-institut"), Iri(BASE + "organisation/ror-0moosgla5")
HEAD = "name,kind,place,identifiers,website,aliases\n"
ROW = f"Moosglas-Institut,organisation,Köln,{ROR},,\n"
UNIDENTIFIED = "Moosglas-Institut e. V.,organisation,Köln,,,\n"
TEXT = "# Bericht\n\nDas Moosglas Research Institute bietet die Moosglaskarte an. Der Sommer war lang.\n"
MAP = f"""@prefix clu: <{CLU}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<{BASE}instrument/karte> a clu:Instrument, clu:ActorMap ; rdfs:label "Moosglaskarte"@de .
"""


def ror(identifier: str = ROR, name: str = "Moosglas Research Institute", *aliases: str) -> str:
    record = {"id": identifier, "name": name, "labels": [{"value": name, "lang": "en"}], "city": "Köln"}
    return json.dumps(record | {"aliases": list(aliases), "acronyms": [], "relationships": []})


class Bench:
    """A data folder and what is ingested into it, each file as a source of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, encoder = folder, open_encoder("hash")
        self.writer = Writer(folder / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
        self.pipeline = Pipeline(self.writer, encoder)
        self.library = Library(folder / "data", namer=Namer(), encoder_id=encoder.id)

    def write(self, name: str, text: str, **options: Any) -> Report:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return self.pipeline.ingest([str(path)], Options(source=path.stem, **options), _silent)

    def decide(self, verdict: str, *names: Iri) -> Report:
        return self.pipeline.review(names, Order(verdict=verdict, who="Redaktion"))  # type: ignore[arg-type]

    def listed(self, state: str, level: str = "internal") -> tuple[duplicates.Duplicate, ...]:
        return duplicates.listed(self.library.current(), level, state)  # type: ignore[arg-type]

    def ask(self, pattern: str, level: str = "internal") -> bool:
        return self.library.current().graph(level).ask(f"ASK {{ {pattern} }}")  # type: ignore[arg-type]

    def resolved(self, name: Iri, level: str = "internal") -> Iri:
        return entities.resolve(self.library.current(), name, level)  # type: ignore[arg-type]

    def stated(self) -> list[str]:
        """Return what all sources together state, beside what is said of merges."""
        own = (f"<{BASE}graph/merges", f"<{BASE}graph/annotation/merges", f"<{BASE}graph/prov")
        return sorted(quad for quad in self.writer.work.graph.dump() if not any(name in quad for name in own))


def _silent(_: Mapping[str, Any]) -> None:
    pass


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.library.close()
    bench.writer.close()


def test_the_same_ror_identifier_makes_two_one_by_rule(bench: Bench) -> None:
    bench.write("profile.csv", HEAD + ROW)
    bench.write("ror.jsonl", ror())

    (merge,) = bench.listed("ruled")
    assert (merge.keeps, merge.replaces, merge.method) == (PROFILE, RECORD, "same ror 0moosgla5")
    assert bench.resolved(RECORD) == PROFILE
    page = entities.describe(bench.library.current(), PROFILE, "public")
    assert page.label["de"] == "Moosglas-Institut"
    assert "Moosglas Research Institute" in page.aliases
    assert bench.ask(f"<{RECORD}> <{SKOS}closeMatch> <{PROFILE}>")
    assert not bench.ask(f"<{RECORD}> <{OWL}sameAs> ?any")
    assert not bench.ask(f"<{RECORD}> a ?class")


def test_prose_that_names_the_one_mentions_the_other(bench: Bench) -> None:
    bench.write("profile.csv", HEAD + ROW)
    bench.write("ror.jsonl", ror())
    bench.write("bericht.md", TEXT, text_access="full")

    assert bench.ask(f"?document <{CLU}mentions> <{PROFILE}>")
    assert not bench.ask(f"?document <{CLU}mentions> <{RECORD}>")


def test_a_likely_pair_waits_for_a_person_and_confirming_and_undoing_it_leaves_no_trace(bench: Bench) -> None:
    bench.write("profile.csv", HEAD + UNIDENTIFIED)
    bench.write("ror.jsonl", ror(ROR, "Moosglas-Institut", "Institut für Moosglas"))
    bench.write("bericht.md", TEXT.replace("Moosglas Research Institute", "Institut für Moosglas"))
    (merge,) = bench.listed("proposed")
    assert (merge.score, merge.method) == (0.99, "same name, same place")
    assert bench.resolved(RECORD) == RECORD
    before, hashed = bench.stated(), bench.writer.work.graph.canonical_hash()

    assert bench.decide("confirm", merge.iri).changed == 1
    assert bench.resolved(RECORD) == merge.keeps
    assert bench.ask(f"<{RECORD}> <{OWL}sameAs> <{merge.keeps}>")
    assert bench.ask(f"?document <{CLU}mentions> <{merge.keeps}>")
    assert bench.listed("confirmed")[0].reviewed_by == "Redaktion"
    assert bench.stated() != before

    bench.decide("undo", merge.iri)
    assert bench.stated() == before
    assert bench.writer.work.graph.canonical_hash() == hashed
    assert bench.resolved(RECORD) == RECORD


def test_what_a_rule_merged_stays_apart_once_a_person_undid_it(bench: Bench) -> None:
    bench.write("ror.jsonl", ror())
    bench.write("profile.csv", HEAD + ROW)
    (merge,) = bench.listed("ruled")

    bench.decide("undo", merge.iri)
    assert bench.resolved(RECORD) == RECORD
    bench.write("profile.csv", HEAD + ROW.replace("Köln", "Essen"))
    assert bench.listed("ruled") == ()
    assert bench.resolved(RECORD) == RECORD


def test_a_merge_ends_when_its_reason_goes(bench: Bench) -> None:
    bench.write("ror.jsonl", ror())
    bench.write("profile.csv", HEAD + ROW)
    bench.write("profile.csv", HEAD + ROW.replace(ROR, ""))

    assert bench.listed("ruled") == ()
    assert bench.resolved(RECORD) == RECORD


def test_a_rebuilt_store_holds_the_same_merges(bench: Bench) -> None:
    bench.write("ror.jsonl", ror())
    bench.write("profile.csv", HEAD + ROW)
    bench.write("bericht.md", TEXT)
    before = bench.stated()

    bench.writer.rebuild()
    bench.writer.work.derive()
    assert bench.stated() == before


def test_a_restored_backup_holds_the_same_merges(bench: Bench) -> None:
    bench.write("ror.jsonl", ror())
    bench.write("profile.csv", HEAD + ROW)
    restored = bench.folder / "restored"
    backup(bench.folder / "data", bench.folder / "backup.tar.gz", lambda _: None)
    restore(bench.folder / "backup.tar.gz", restored, lambda _: None)

    library = Library(restored, namer=Namer())
    assert entities.resolve(library.current(), RECORD, "public") == PROFILE
    before = bench.library.current().graph("public").canonical_hash()
    assert library.current().graph("public").canonical_hash() == before
    library.close()


def test_two_ror_identifiers_are_never_merged_not_even_by_a_person(bench: Bench) -> None:
    other = Iri(BASE + "organisation/ror-0filzwrk5")
    bench.write("ror.jsonl", "\n".join((ror(), ror(OTHER_ROR, "Moosglas Research Institute"))))

    assert bench.listed("ruled") == bench.listed("proposed") == ()
    report = bench.decide("merge", RECORD, other)
    assert [one.code for one in report.rejected] == ["not-decided"]
    assert "two identifiers" in report.rejected[0].detail
    assert bench.resolved(other) == other


def test_a_person_may_merge_what_no_rule_proposes(bench: Bench) -> None:
    bench.write("profile.csv", HEAD + "Filzwerk,organisation,,,,\n")
    bench.write("ror.jsonl", ror())
    felt = Iri(BASE + "organisation/filzwerk")

    assert bench.decide("merge", felt, RECORD).rejected == ()
    assert bench.resolved(RECORD) == felt
    unknown = bench.decide("merge", felt, Iri(BASE + "organisation/nirgends"))
    assert "no organisation" in unknown.rejected[0].detail


def test_public_answers_say_nothing_of_what_is_merged_internally(bench: Bench) -> None:
    bench.write("ror.jsonl", ror())
    before = sorted(bench.library.current().graph("public").dump())
    bench.write("profile.csv", HEAD + ROW, visibility="internal")

    (merge,) = bench.listed("ruled")
    assert (merge.keeps, merge.replaces) == (RECORD, PROFILE)
    assert bench.listed("ruled", "public") == ()
    assert bench.resolved(PROFILE) == RECORD
    public = sorted(bench.library.current().graph("public").dump())
    assert public == before
    assert not any("moosglas-institut" in quad for quad in public)


def test_a_decision_on_an_internal_claim_does_not_name_its_subject_in_public(bench: Bench) -> None:
    sentence = "# Bericht\n\nDas Moosglas-Institut bietet die Moosglaskarte an. Der Sommer war lang.\n"
    bench.write("karte.ttl", MAP)
    bench.write("profile.csv", HEAD + ROW, visibility="internal")
    bench.write("intern.md", sentence, visibility="internal")
    (claim,) = claims.listed(bench.library.current(), "internal", about=PROFILE)
    bench.decide("confirm", claim.iri)

    bench.write("ror.jsonl", ror(ROR, "Moosglas-Institut"))
    bench.write("bericht.md", sentence, text_access="full")
    assert bench.ask(f"<{RECORD}> <{CLU}offersInstrument> ?any", "public")
    assert not any(
        "organisation/moosglas-institut" in quad for quad in bench.library.current().graph("public").dump()
    )


def test_a_source_that_is_not_trusted_merges_nothing(bench: Bench) -> None:
    bench.write("ror.jsonl", ror())
    bench.write("profile.csv", HEAD + ROW, trusted=False)

    assert bench.listed("ruled") == bench.listed("proposed") == ()
    assert bench.resolved(RECORD) == RECORD


def test_a_statement_rejected_before_a_merge_stays_rejected(bench: Bench) -> None:
    bench.write("karte.ttl", MAP)
    bench.write("ror.jsonl", ror())
    bench.write("bericht.md", TEXT, text_access="full")
    (claim,) = claims.listed(bench.library.current(), "public", about=RECORD)
    bench.decide("reject", claim.iri)

    bench.write("profile.csv", HEAD + ROW)
    assert bench.resolved(RECORD) == PROFILE
    assert not bench.ask(f"<{PROFILE}> <{CLU}offersInstrument> ?any")


def organisation(name: str, **said: Any) -> Organisation:
    names = {organisations.normal(name): True}
    return Organisation(Iri(f"{BASE}organisation/{name}"), "public", 2, name, names, **said)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"identifiers": {"gnd": {"1"}}}, {"identifiers": {"gnd": {"1"}}}, True),
        ({"sites": {"moosglas.example": True}}, {"sites": {"moosglas.example": True}}, True),
        ({"sites": {"moosglas.example": True}}, {"sites": {"moosglas.example": False}}, False),
        ({"places": {"koeln"}}, {"places": {"essen"}}, None),
        ({"identifiers": {"ror": {"1"}}}, {"identifiers": {"ror": {"2"}}}, None),
        ({"identifiers": {"ror": {"1"}, "gnd": {"3"}}}, {"identifiers": {"ror": {"1"}, "gnd": {"4"}}}, False),
    ],
)
def test_what_makes_a_pair_certain_likely_or_neither(
    left: dict[str, Any], right: dict[str, Any], expected: bool | None
) -> None:
    found = merging.pairs(
        [organisation("Institut Moosglas", **left), organisation("Moosglas Institut", **right)]
    )

    assert [pair.is_certain for pair in found] == ([] if expected is None else [expected])


def test_a_third_one_does_not_join_two_that_contradict_each_other() -> None:
    first = organisation("A", identifiers={"ror": {"1"}, "gnd": {"7"}})
    second = organisation("B", identifiers={"ror": {"2"}, "isni": {"8"}})
    between = organisation("C", identifiers={"gnd": {"7"}, "isni": {"8"}})

    found = merging.pairs([first, second, between])
    assert sorted(pair.is_certain for pair in found) == [False, True]
    assert "contradicting" in next(pair.method for pair in found if not pair.is_certain)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Moosglas GmbH", "moosglas"),
        ("Gesellschaft für Öl e.V.", "Gesellschaft für Oel e. V."),
        ("Filz-Netz.NRW", "Filz Netz NRW"),
        ("Werk gGmbH & Co. KG", "Werk"),
    ],
)
def test_names_are_equal_without_legal_form_case_and_umlauts(one: str, other: str) -> None:
    assert organisations.normal(one) == organisations.normal(other)


def test_the_legal_form_of_a_name_is_told() -> None:
    assert organisations.legal_forms("Moosglas gGmbH") == {"gmbh"}
    assert organisations.legal_forms("Moosglas e. V.") == {"ev"}
    assert organisations.legal_forms("Agentur Moosglas") == set()


@pytest.mark.shared
def test_organisations_of_a_registry_are_found_again_by_name_place_and_website(shared: Path) -> None:
    path = shared / "data" / "orgs-ror-de" / "ror_de.jsonl"
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    chosen, registry, members = random.Random(7), [], []
    for record in records:
        names = {record["name"], *(label["value"] for label in record["labels"])}
        registry.append(described("a:", record, names, record["aliases"], record["city"], record["website"]))
        registry[-1].identifiers = {"ror": {record["id"]}}
    for record in chosen.sample(records, 800):
        others = [label["value"] for label in record["labels"] if label["value"] != record["name"]]
        name = chosen.choice([record["name"], *others, *record["aliases"]])
        city, site = (record[key] if chosen.random() < 0.6 else None for key in ("city", "website"))
        members.append(described("b:", record, {name}, [], city, site))

    found = [pair for pair in merging.pairs(registry + members) if pair.keeps.iri[0] != pair.replaces.iri[0]]
    right = [pair for pair in found if pair.keeps.iri[2:] == pair.replaces.iri[2:]]
    ruled = [pair for pair in found if pair.is_certain]
    assert len(ruled) > 150
    assert all(pair in right for pair in ruled)
    assert len(right) > 0.95 * len(found)
    assert len(right) > 0.95 * len(members)


def described(
    prefix: str,
    record: dict[str, Any],
    names: set[str],
    aliases: list[str],
    city: str | None,
    site: str | None,
) -> Organisation:
    one = Organisation(Iri(prefix + record["id"]), "public")
    for name in sorted(names):
        one.name(name, is_main=True)
    for name in aliases:
        one.name(name, is_main=False)
    one.places |= {slug(city)} if city else set()
    if site:
        one.locate(site)
    return one
