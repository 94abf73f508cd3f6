"""Calls for proposals by mapping: facts of the EU portal, another form by data alone, bad records."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.readers import calls, mapping, read
from ingest.sources import expand
from ingest.worker import WriterConfig, run_job
from kg import filters, search
from kg.base import Library
from kg.encoder import Encoder
from kg.errors import SourceError
from kg.ids import Namer
from kg.types import Document, Query, Rejection, Source
from ontology.namespaces import CLU, DCTERMS, FOAF, RDF, RDFS, SCHEMA

BASE = "https://w3id.org/cluster-nrw/id/"
PORTAL = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"


def call(identifier: str, title: str, **more: object) -> dict[str, object]:
    facts = {
        "topicId": identifier, "title": title, "callIdentifier": identifier, "programme": "Horizon Europe",
        "portalUrl": PORTAL + identifier.lower(), "callStatus": "open", "keywords": "", "description": "",
    }  # fmt: skip
    return facts | more


POC = call(
    "ERC-2026-POC", "ERC PROOF OF CONCEPT GRANTS",
    deadline="2026-03-17", callStatus="closed", budgetMin=150000, budgetMax=150000, expectedGrants=400,
    keywords="ERC-2026-POC, ERC-2026-POC",
)  # fmt: skip
DEMOCRACY = call(
    "HORIZON-CL2-2026-01-DEMOCRACY-03",
    "Government in transition – how governments change the way they work and prepare the civil service for "
    "the future",
    callIdentifier="HORIZON-CL2-2026-01", deadline="2026-09-23", budgetMin=3500000, budgetMax=4000000,
    expectedGrants=2, actionType="RIA",
    keywords="HORIZON-CL2-2026-01-DEMOCRACY-03, HORIZON-CL2-2026-01, Open government, Public administration",
)  # fmt: skip
FAST_TRACK = call(
    "HORIZON-CL4-2027-01-MAT-PROD-61",
    "Fast Track to Research and Innovation for breakthroughs in industrial technologies "
    "(Research and Innovation Action)",
    deadline="2027-02-02", callStatus="forthcoming", budgetMin=0, budgetMax=2500000, expectedGrants=8,
)  # fmt: skip

NATIONAL = """
detect = ["aktenzeichen", "richtlinie"]
class = "clu:FundingCall"
kind = "funding"
iri = "funding/{aktenzeichen}"
language = "de"
title = "richtlinie"
page = "seite"

[[text]]
field = "inhalt.kurz"

[[fact]]
field = "start"
predicate = "clu:opens"
as = "date"
formats = ["%d.%m.%Y", "%Y-%m-%d"]

[[fact]]
field = "frist"
predicate = "clu:closes"
as = "date"
formats = ["%d.%m.%Y", "%Y-%m-%d"]

[[fact]]
field = "themen"
predicate = "clu:topicText"
language = "de"

[[quantity]]
predicate = "clu:fundingVolume"
most = "mittel"
unit = "EUR"
decimal = ","
words = { de = "Euro", en = "euro" }
"""
RICHTLINIE = {
    "aktenzeichen": "NRW 7/26", "richtlinie": "Grüne Glashütten", "seite": "https://foerderung.example/7",
    "inhalt": {"kurz": "<p>Gef&ouml;rdert werden &Ouml;fen.</p>"},
    "start": "01.02.2026", "frist": "2026-04-30",
    "themen": ["Glasrecycling", "Wasserstoff"], "mittel": "1.500.000,50 EUR",
}  # fmt: skip


def source(records: list[dict[str, object]]) -> Source:
    data = "\n".join(json.dumps(one, ensure_ascii=False) for one in records).encode()
    return Source(
        "calls", "c.jsonl", "./c.jsonl", data, "application/jsonl", datetime(2026, 11, 23, tzinfo=UTC)
    )


def everything(*records: dict[str, object]) -> list[Document | Rejection]:
    return list(read(source(list(records)), Namer()))


def only(record: dict[str, object]) -> Document:
    (document,) = everything(record)
    assert isinstance(document, Document), document
    return document


def said(document: Document, predicate: str) -> set[str]:
    """Return the objects of a predicate, whatever it is said of."""
    parts = (line.removesuffix(" .").split(" ", 2) for line in document.statements)
    return {target for _, name, target in parts if name == f"<{predicate}>"}


@pytest.fixture
def national(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> mapping.RecordMapping:
    """A second mapping, of other fields in another language, known to the reader."""
    path = tmp_path / "national.toml"
    path.write_text(NATIONAL, encoding="utf-8")
    found = mapping.load(path)
    both = (*mapping.known(), found)
    monkeypatch.setattr(mapping, "known", lambda: both)
    return found


def test_a_call_is_one_document_about_one_funding_call() -> None:
    document = only(DEMOCRACY)

    assert document.kind == "funding"
    assert document.about == f"{BASE}funding/horizon-cl2-2026-01-democracy-03"
    assert document.language == "en"
    assert document.title == DEMOCRACY["title"]
    assert document.url == DEMOCRACY["portalUrl"]
    assert said(document, RDF + "type") >= {f"<{CLU}FundingCall>"}
    assert said(document, DCTERMS + "identifier") == {'"HORIZON-CL2-2026-01-DEMOCRACY-03"'}
    assert said(document, CLU + "closes") == {'"2026-09-23"^^<http://www.w3.org/2001/XMLSchema#date>'}
    assert said(document, CLU + "opens") == set()
    assert said(document, CLU + "topicText") == {'"Open government"@en', '"Public administration"@en'}
    assert said(document, FOAF + "page") == {f"<{DEMOCRACY['portalUrl']}>"}
    assert said(document, DCTERMS + "isPartOf") == {f"<{BASE}programme/horizon-europe>"}
    assert '"Horizon Europe"@en' in said(document, RDFS + "label")
    assert "Keywords: Open government; Public administration." in document.text


@pytest.mark.parametrize(
    ("record", "numbers", "qualifier"),
    [
        (POC, {"value": "150000"}, "exact"),
        (DEMOCRACY, {"minValue": "3500000", "maxValue": "4000000"}, "approx"),
        (FAST_TRACK, {"maxValue": "2500000"}, "up-to"),
        (POC | {"budgetMax": None}, {"minValue": "150000"}, "at-least"),
        (POC | {"budgetMin": "1,500.5 €", "budgetMax": None}, {"minValue": "1500.5"}, "at-least"),
    ],
    ids=["equal bounds", "range", "no lower bound", "no upper bound", "text"],
)
def test_the_budget_is_a_quantity_with_unit_and_qualifier(
    record: dict[str, object], numbers: dict[str, str], qualifier: str
) -> None:
    document = only(record)
    (quantity,) = said(document, CLU + "fundingVolume")
    mine = [line for line in document.statements if line.startswith(quantity)]
    found = {
        name: line.split('"')[1]
        for line in mine
        for name in ("value", "minValue", "maxValue")
        if f"<{SCHEMA}{name}>" in line
    }

    assert found == numbers
    assert f"{quantity} <{CLU}qualifier> <{BASE}qualifier/{qualifier}> ." in mine
    assert f'{quantity} <{SCHEMA}unitCode> "EUR" .' in mine
    assert f'{quantity} <{SCHEMA}unitText> "Euro je Vorhaben"@de .' in mine


def test_a_call_without_a_budget_states_none() -> None:
    document = only(call("EuropeAid/186195/DD/ACT/TL", "New Generation", deadline="2026-07-17"))

    assert not said(document, CLU + "fundingVolume")
    assert document.about == f"{BASE}funding/europeaid-186195-dd-act-tl"


@pytest.mark.parametrize(("record", "status"), [(POC, "existing"), (FAST_TRACK, "planned")])
def test_a_forthcoming_call_is_planned(record: dict[str, object], status: str) -> None:
    assert said(only(record), CLU + "status") == {f"<{BASE}status/{status}>"}


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("the Unionâ€™s goals", "the Union’s goals"),
        ("â€œPrizesâ€\x9d of â‚¬ 5", "“Prizes” of € 5"),
        ("CONVOCATORIA TEMÃ\x81TICA", "CONVOCATORIA TEMÁTICA"),
        ("Objective:The aim.Next", "Objective: The aim. Next"),
        ("R&amp;D &lt;b&gt;now&lt;/b&gt; <br/>at 2 < 3", "R&D now at 2 < 3"),
        ("„Spaß“ und „BAFÖ“", "„Spaß“ und „BAFÖ“"),
    ],
)
def test_texts_are_cleaned_and_sound_ones_left_alone(broken: str, whole: str) -> None:
    assert calls.clean(broken) == whole


def test_the_parts_of_a_description_become_headings() -> None:
    document = only(POC | {"description": "Expected Outcome:A first thing. Scope:The second thing."})

    assert [heading.text for heading in document.headings][1:] == ["Expected Outcome", "Scope"]
    assert "A first thing.\n\nScope\n\nThe second thing." in document.text


@pytest.mark.usefixtures("national")
def test_other_fields_need_another_mapping_and_no_code() -> None:
    document = only(RICHTLINIE)

    assert (document.kind, document.language, document.title) == ("funding", "de", "Grüne Glashütten")
    assert document.about == f"{BASE}funding/nrw-7-26"
    assert "Gefördert werden Öfen." in document.text
    assert said(document, CLU + "opens") == {'"2026-02-01"^^<http://www.w3.org/2001/XMLSchema#date>'}
    assert said(document, CLU + "topicText") == {'"Glasrecycling"@de', '"Wasserstoff"@de'}
    assert said(document, SCHEMA + "maxValue") == {'"1500000.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'}


@pytest.mark.usefixtures("national")
def test_a_call_that_opens_after_it_closes_is_refused() -> None:
    (refused,) = everything(RICHTLINIE | {"start": "1.5.2026"})

    assert isinstance(refused, Rejection)
    assert refused.code == "bad-date"
    assert "2026-05-01" in refused.detail
    assert "2026-04-30" in refused.detail


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"title": " "}, "missing-value", "title"),
        ({"title": None}, "missing-value", "title"),
        ({"topicId": ""}, "missing-value", "topicId"),
        ({"deadline": "2026-02-30"}, "bad-date", "'2026-02-30'"),
        ({"deadline": "soon"}, "bad-date", "'soon'"),
        ({"budgetMin": -5}, "bad-amount", "'-5'"),
        ({"budgetMax": "much"}, "bad-amount", "'much'"),
        ({"budgetMin": float("nan")}, "bad-amount", "'nan'"),
        ({"budgetMin": 9, "budgetMax": 3}, "bad-amount", "budgetMin is 9"),
        ({"callStatus": "paused"}, "unknown-value", "'paused'"),
        ({"portalUrl": "not an address"}, "bad-address", "'not an address'"),
    ],
)
def test_a_bad_record_stays_out_with_its_line_and_value(
    change: dict[str, object], code: str, named: str
) -> None:
    good, bad, last = everything(POC, DEMOCRACY | change, FAST_TRACK)

    assert isinstance(good, Document)
    assert isinstance(last, Document)
    assert isinstance(bad, Rejection)
    assert bad.code == code
    assert bad.detail.startswith("line 2: ")
    assert named in bad.detail


def test_a_bad_first_record_does_not_hide_what_the_file_is() -> None:
    broken = {key: value for key, value in POC.items() if key != "topicId"}
    first, second = everything(broken, DEMOCRACY)

    assert isinstance(first, Rejection)
    assert isinstance(second, Document)


def test_a_call_twice_in_a_file_comes_once() -> None:
    _, again = everything(POC, POC)

    assert isinstance(again, Rejection)
    assert again.code == "duplicate-id"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "funding"', "", "kind is missing"),
        ('as = "date"', 'as = "day"', "day"),
        ('"clu:opens"', '"nowhere:opens"', "nowhere:opens"),
        ('field = "frist"', 'feld = "frist"', "feld"),
        ("funding/{aktenzeichen}", "funding", "funding"),
        ('words = { de = "Euro", en = "euro" }', 'words = { de = "Euro" }', "de and en"),
        ('title = "richtlinie"', "title", "cannot be read"),
        ('kind = "funding"', 'kind = "funding"\ncolour = "red"', "colour"),
        ('detect = ["aktenzeichen", "richtlinie"]', "detect = []", "detect"),
    ],
)
def test_a_mapping_with_a_slip_is_refused_by_name(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(NATIONAL.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(SourceError, match=named) as caught:
        mapping.load(path)
    assert caught.value.code == "bad-mapping"
    assert caught.value.source == str(path)


def test_every_mapping_that_comes_along_can_be_read() -> None:
    assert [one.name for one in mapping.known()] == ["eu-calls"]


def test_calls_are_found_as_funding_with_the_topics_they_name(tmp_path: Path, encoder: Encoder) -> None:
    folder, data = tmp_path / "calls", tmp_path / "data"
    folder.mkdir()
    records = [POC, DEMOCRACY | {"keywords": "Artificial intelligence, Open government"}, FAST_TRACK]
    lines = "\n".join(map(json.dumps, records)).encode()
    (folder / "calls.jsonl.gz").write_bytes(gzip.compress(lines))
    arguments = {"paths": [str(folder)], "source": "eu-calls"}
    report = run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
    assert (report.added, report.rejected) == (3, ())

    library = Library(data, namer=Namer())
    snapshot = library.current()
    where = filters.build(snapshot, "public", kind=["funding"])
    hits = search.find(snapshot, encoder, Query("governments and civil service", filter=where)).hits
    rows = snapshot.graph("public").select(f"SELECT ?c ?t WHERE {{ ?c <{CLU}coversTopic> ?t }}")
    pairs = {(row["c"], row["t"]) for row in rows}
    library.close()

    assert {hit.kind for hit in hits} == {"funding"}
    assert (
        f"{BASE}funding/horizon-cl2-2026-01-democracy-03",
        f"{BASE}topic/kuenstliche-intelligenz",
    ) in pairs


@pytest.mark.shared
def test_every_call_of_the_portal_comes_in(shared: Path) -> None:
    path = shared / "data" / "projects-eu-calls" / "eu_calls.jsonl.gz"
    (found,) = expand([str(path)])
    assert isinstance(found, Source)
    documents = list(read(found, Namer()))

    assert Counter(type(one) for one in documents) == {Document: 629}
    sound = [one for one in documents if isinstance(one, Document)]
    assert len({one.about for one in sound}) == 629
    assert {one.kind for one in sound} == {"funding"}
    assert sum(bool(said(one, CLU + "closes")) for one in sound) == 629
    assert sum(bool(said(one, CLU + "fundingVolume")) for one in sound) == 466
    assert not [one.title for one in sound if "â€" in one.text or "Ã" in one.text]
