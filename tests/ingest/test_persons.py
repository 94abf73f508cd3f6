"""While persons are off for a source nothing of them is stored; with them on they are things of a kind."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import entities
from kg.base import Library, Snapshot
from kg.embed import open_encoder
from kg.ids import Namer
from kg.types import Iri, Report
from kg.writer import Writer
from ontology.namespaces import CLU, SCHEMA

BASE = "https://w3id.org/cluster-nrw/id/"
ADDRESS, NUMBER = "zita.quarzsand@moosglas.example", "+49 221 4711-0815"
NAME = "Zita Quarzsand"
PAGE = f"# Kontakt\n\nFragen an {ADDRESS} oder {NUMBER}; die Presse schreibt an presse@moosglas.example.\n"
PROFILES = f"""\
name,kind,place,offers,seeks,topics,contact,description_de,affiliation,role,persons
Moosglas GmbH,organisation,Köln,Prüfung von Glasrecycling,Partner für Wasserstoff,Wasserstoff,glas@moosglas.example,Nachts hilft {ADDRESS} weiter.,,,{NAME} (Leitung)
{NAME},person,,,,Wasserstoff,,,Moosglas GmbH,Leitung,
"""  # noqa: E501
TURTLE = f"""\
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
<{BASE}organisation/filz> a org:Organization ; rdfs:label "Filz e. V."@de ;
    rdfs:comment "Zeile eins\\n{ADDRESS} und {NUMBER}"@de ;
    org:hasMember <{BASE}person/zita> ; foaf:mbox <mailto:{ADDRESS}>, <mailto:info@filz.example> .
<{BASE}person/zita> a foaf:Person ; rdfs:label "{NAME}" ; vcard:hasAddress [ vcard:locality "Zitashausen" ] .
"""


class Bench:
    """A data folder and what was ingested into it."""

    def __init__(self, folder: Path) -> None:
        encoder = open_encoder("hash")
        self.folder = folder
        self.writer = Writer(folder / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
        self.pipeline = Pipeline(self.writer, encoder)
        self.library = Library(folder / "data", namer=Namer(), encoder_id=encoder.id)
        (folder / "in").mkdir()
        for name, text in (("kontakt.md", PAGE), ("profile.csv", PROFILES), ("filz.ttl", TURTLE)):
            (folder / "in" / name).write_text(text, encoding="utf-8")

    def ingest(self, **options: Any) -> Report:
        chosen = Options(source="test", text_access="full", **options)
        return self.pipeline.ingest([str(self.folder / "in")], chosen, _silent)

    @property
    def snapshot(self) -> Snapshot:
        return self.library.current()

    def kept(self) -> str:
        """Return everything that journal and graph hold."""
        journal = self.writer.journal
        records = [repr(journal.record(name)) for name in journal.live_ids()]
        return "\n".join([*records, *self.writer.work.graph.dump()])


def _silent(_: Mapping[str, Any]) -> None:
    pass


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.library.close()
    bench.writer.close()


def test_with_persons_off_nothing_of_them_is_stored_and_the_report_counts_them(bench: Bench) -> None:
    report = bench.ingest()

    assert [one.code for one in report.rejected] == ["person-not-allowed"]
    assert (report.persons_left_out, report.contacts_masked) == (3, 7)
    kept = bench.kept()
    for private in (ADDRESS, NUMBER, "Quarzsand", "Zitashausen", "person/"):
        assert private not in kept
    assert {"presse@moosglas.example", "glas@moosglas.example", "info@filz.example"} <= {
        word.strip("\"'<>.,;\\n").removeprefix("mailto:") for word in kept.split()
    }


def test_with_persons_off_no_file_of_the_data_folder_names_them(bench: Bench) -> None:
    bench.ingest()

    files = [path.read_bytes() for path in bench.folder.glob("data/**/*") if path.is_file()]
    assert len(files) > 10
    assert not any(ADDRESS.encode() in data or b"4711-0815" in data for data in files)


def test_a_masked_text_keeps_its_offsets(bench: Bench) -> None:
    bench.ingest()

    texts = [bench.writer.journal.record(name) for name in bench.writer.journal.live_ids()]
    (page,) = [record for record in texts if record and record.document.title == "Kontakt"]
    assert len(page.document.text) == len(PAGE.replace("# ", "").strip())
    assert all(
        page.document.text[entry.chunk.start : entry.chunk.end] == entry.chunk.text for entry in page.entries
    )


def test_with_persons_on_people_have_role_affiliation_and_topics(bench: Bench) -> None:
    report = bench.ingest(persons=True)

    assert report.rejected == ()
    assert (report.persons_left_out, report.contacts_masked) == (0, 0)
    person = Iri(BASE + "person/zita-quarzsand-moosglas-gmbh")
    page = entities.describe(bench.snapshot, person, "public")
    assert (page.kind, page.label["und"]) == ("person", NAME)
    said = {(one.predicate, one.value) for one in page.statements if not one.inverse}
    assert (SCHEMA + "jobTitle", "Leitung") in said
    assert (SCHEMA + "affiliation", BASE + "organisation/moosglas-gmbh") in said
    assert (CLU + "coversTopic", BASE + "topic/wasserstoff") in said
    assert ADDRESS in bench.kept()


def test_switching_persons_on_reads_unchanged_inputs_again(bench: Bench) -> None:
    bench.ingest()

    again = bench.ingest(persons=True)
    assert (again.added, again.changed, again.unchanged) == (1, 3, 0)
    assert bench.ingest(persons=True).changed == 0


def test_a_profile_gives_place_offers_and_needs_with_their_topics(bench: Bench) -> None:
    bench.ingest()

    about = f"<{BASE}organisation/moosglas-gmbh>"
    query = f"""SELECT ?link ?label ?topic WHERE {{ {about} ?link ?c . ?c a ?class ;
      <http://www.w3.org/2000/01/rdf-schema#label> ?label ; <{CLU}coversTopic> ?topic
      VALUES ?class {{ <{CLU}Offer> <{CLU}Need> }} }}"""
    rows = bench.snapshot.graph("public").select(query)
    assert ("hasNeed", "Partner für Wasserstoff", "wasserstoff") in {
        (row["link"].removeprefix(CLU), row["label"], row["topic"].rpartition("/")[2]) for row in rows
    }
    assert bench.snapshot.graph("public").ask(f"ASK {{ {about} <{CLU}place> <{BASE}place/koeln> }}")
