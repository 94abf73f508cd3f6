"""Affiliation strings name organisations of the registry, with a score, or nobody."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.affiliations import Resolver
from ingest.options import Options
from ingest.organisations import Organisation
from ingest.pipeline import Pipeline
from kg.embed import open_encoder
from kg.ids import Namer, document_id
from kg.types import Iri, Report
from kg.writer import Writer
from ontology.namespaces import CLU, DCTERMS, PROV

BASE = "https://w3id.org/cluster-nrw/id/"
GLASS = Iri(BASE + "organisation/ror-0moosgla5")
STRING = "Universität Moosheim, Institut für Glas, Köln"


def organisation(name: str, place: str, *aliases: str) -> Organisation:
    one = Organisation(Iri(f"o:{name} {place}"), "public")
    one.name(name, is_main=True)
    for alias in aliases:
        one.name(alias, is_main=False)
    one.places = {place}
    return one


UNIVERSITY = organisation("Universität Moosheim", "moosheim", "University of Moosheim", "UMH")
DEPARTMENT = organisation("Institut für Filz der Universität Moosheim", "moosheim", "Filz Moosheim")
CLINIC_HERE = organisation("Klinik am Markt", "koeln")
CLINIC_THERE = organisation("Klinik am Markt", "essen")
LABORATORY = organisation("Wollwerk (Germany)", "essen")
ACADEMY = organisation("Max-Planck-Institut für Moosforschung", "koeln")


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    known = (UNIVERSITY, DEPARTMENT, CLINIC_HERE, CLINIC_THERE, LABORATORY, ACADEMY)
    return Resolver(known, {DEPARTMENT.iri: UNIVERSITY.iri}, {"cologne": "koeln", "koeln": "koeln"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Universität Moosheim, Fakultät für Chemie", UNIVERSITY),
        ("Lehrstuhl für Chemie der Universität Moosheim, 50999 Moosheim, Germany", UNIVERSITY),
        ("Department of Chemistry, University of Moosheim", UNIVERSITY),
        ("Univ. Moosheim", UNIVERSITY),
        ("UMH, Moosheim", UNIVERSITY),
        ("UMH, Hamburg", None),
        ("Institut für Filz der Universität Moosheim", DEPARTMENT),
        ("Filz Moosheim, Universität Moosheim", DEPARTMENT),
        ("Klinik am Markt, Cologne", CLINIC_HERE),
        ("Klinik am Markt, Essen", CLINIC_THERE),
        ("Klinik am Markt", None),
        ("Wollwerk AG, Essen", LABORATORY),
        ("Wollwerk GmbH, Köln", None),
        ("MPI für Moosforschung, Köln", ACADEMY),
        ("Institut für Chemie, Universität Filzhausen", None),
        ("Moosheim", None),
        ("", None),
    ],
)
def test_a_string_names_one_organisation_or_none(
    resolver: Resolver, text: str, expected: Organisation | None
) -> None:
    found = resolver.resolve(text)

    assert (found.organisation if found else None) == (expected.iri if expected else None)


def test_the_score_says_how_sure_it_is(resolver: Resolver) -> None:
    scores = [
        resolver.resolve(text) for text in ("Universität Moosheim", "University of Moosheim", "UMH Moosheim")
    ]

    assert [one.score if one else 0.0 for one in scores] == [1.0, 1.0, 0.9]


class Bench:
    """A data folder, a registry and a catalogue."""

    def __init__(self, folder: Path) -> None:
        self.folder, encoder = folder, open_encoder("hash")
        self.writer = Writer(folder / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
        self.pipeline = Pipeline(self.writer, encoder)

    def write(self, name: str, *records: Mapping[str, Any], **options: Any) -> Report:
        path = self.folder / name
        path.write_text("\n".join(json.dumps(one) for one in records), encoding="utf-8")
        return self.pipeline.ingest([str(path)], Options(source=path.stem, **options), lambda _: None)

    def registry(self, **options: Any) -> Report:
        record = {"id": "https://ror.org/0moosgla5", "name": "University of Moosheim", "city": "Köln"}
        labels = {"labels": [{"value": "Universität Moosheim", "lang": "de"}], "aliases": [], "acronyms": []}
        return self.write("ror.jsonl", record | labels | {"relationships": []}, **options)

    def catalogue(self) -> Report:
        agent = {"label": STRING, "type": ["CorporateBody"], "id": "https://d-nb.info/gnd/1"}
        record = {
            "@context": "https://lobid.org/resources/context.jsonld", "id": "https://lobid.org/resources/1#!",
            "title": "Moosglas in Bildern", "type": ["Book"], "contribution": [{"agent": agent}],
        }  # fmt: skip
        return self.write("lobid.jsonl", record)

    def attributions(self) -> list[dict[str, str]]:
        document = Namer().document(document_id("lobid", "https://lobid.org/resources/1"))
        query = f"""SELECT ?agent ?text ?score WHERE {{ <{document}> <{DCTERMS}contributor> ?agent ;
          <{PROV}qualifiedAttribution> ?a . ?a <{PROV}agent> ?agent ; <{CLU}affiliationText> ?text ;
          <{CLU}confidence> ?score }}"""
        return self.writer.work.graph.select(query)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.writer.close()


@pytest.mark.parametrize("order", [("registry", "catalogue"), ("catalogue", "registry")])
def test_a_publication_is_attributed_whichever_comes_first(bench: Bench, order: tuple[str, str]) -> None:
    for name in order:
        assert getattr(bench, name)().rejected == ()

    assert bench.attributions() == [{"agent": GLASS, "text": STRING, "score": "1"}]


def test_an_attribution_goes_when_the_organisation_does(bench: Bench) -> None:
    bench.registry()
    bench.catalogue()
    bench.pipeline.remove([], "ror")

    assert bench.attributions() == []


def test_a_public_record_is_not_attributed_to_what_only_insiders_know(bench: Bench) -> None:
    bench.registry(visibility="internal")
    bench.catalogue()

    assert bench.attributions() == []
