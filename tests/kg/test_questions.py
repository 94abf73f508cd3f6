"""Search, experts, entities and filters on the small corpus with the deterministic encoder."""

import gzip
from pathlib import Path

import pytest

from kg import asked_in, entities, experts, filters, search
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.errors import NotFound, QueryError, Unknown
from kg.export import export
from kg.types import QUOTE_LIMIT, Filter, Iri, Query

BASE = "https://w3id.org/cluster-nrw/id/"
UFERGLAS = Iri(BASE + "organisation/netzwerk-uferglas")
RHEINOPTIK = Iri(BASE + "organisation/rheinoptik")


def titles(snapshot: Snapshot, encoder: Encoder, text: str, where: Filter = Filter()) -> list[str]:  # noqa: B008
    return [hit.title for hit in search.find(snapshot, encoder, Query(text, limit=20, filter=where)).hits]


def test_the_passage_that_says_it_comes_first(snapshot: Snapshot, encoder: Encoder) -> None:
    found = search.find(snapshot, encoder, Query("Scherben sortiert und wieder eingeschmolzen"))

    first = found.hits[0]
    assert first.title == "Glas im Kreislauf"
    assert "eingeschmolzen" in first.quote
    assert len(first.quote) <= QUOTE_LIMIT
    assert first.found_by == ("vector", "lexical")
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    assert found.total == len(found.hits)
    assert not found.total_is_lower_bound


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kunststoffe recyceln", "de"),
        ("Wasserstoff Elektrolyse", "de"),
        ("Wer hilft beim Recycling von Kunststoffen?", "de"),
        ("Batterieforschung", "de"),
        ("6G", "de"),
        ("plastics recycling", "en"),
        ("hydrogen electrolysis", "en"),
        ("who helps with plastics recycling?", "en"),
        ("investors for start-ups", "en"),
        ("Which clusters offer support for founders of companies?", "en"),
    ],
)
def test_the_language_of_a_question_is_told(snapshot: Snapshot, text: str, language: str) -> None:
    assert asked_in.language(text, snapshot.lexical("public")) == language


def test_pages_continue_where_the_last_one_ended(snapshot: Snapshot, encoder: Encoder) -> None:
    whole = search.find(snapshot, encoder, Query("Glas", limit=6)).hits
    pages = [search.find(snapshot, encoder, Query("Glas", limit=2, offset=at)).hits for at in (0, 2, 4)]

    assert [hit.document for page in pages for hit in page] == [hit.document for hit in whole]
    assert [hit.rank for page in pages for hit in page] == [1, 2, 3, 4, 5, 6]


def test_a_profile_is_a_hit_of_its_kind(snapshot: Snapshot, encoder: Encoder) -> None:
    hit = search.find(snapshot, encoder, Query("Netzwerk Uferglas verbindet Glashütten und Recycler")).hits[0]

    assert (hit.iri, hit.kind) == (UFERGLAS, "organisation")
    assert hit.document != hit.iri


def test_filters_return_exactly_what_they_say(snapshot: Snapshot, encoder: Encoder) -> None:
    english = Filter(languages=frozenset({"en"}))
    found = search.find(snapshot, encoder, Query("Glas", limit=50, filter=english))

    assert {hit.language for hit in found.hits} == {"en"}
    assert {hit.title for hit in found.hits} == {"Glass recycling in the region", "Light and lasers"}
    assert [(value.value, value.count) for value in found.facets["language"]] == [("en", 2)]


def test_an_empty_query_lists_only_with_a_filter(snapshot: Snapshot, encoder: Encoder) -> None:
    with pytest.raises(QueryError, match="empty"):
        search.find(snapshot, encoder, Query("  "))
    assert titles(snapshot, encoder, "", Filter(clusters=frozenset({UFERGLAS}))) != []


@pytest.mark.parametrize("text", ['"', "a:b AND (", "\x00", "🙂" * 50, "der " * 400, "')) OR 1=1 --", "*"])
def test_no_query_text_breaks_a_search(snapshot: Snapshot, encoder: Encoder, text: str) -> None:
    query = Query(text)
    if text.strip("\x00 "):
        assert search.find(snapshot, encoder, query).version == snapshot.version
    else:
        with pytest.raises(QueryError):
            search.find(snapshot, encoder, query)


def test_experts_are_organisations_with_a_sentence_that_names_them(
    snapshot: Snapshot, encoder: Encoder
) -> None:
    found = experts.rank(snapshot, encoder, Query("Recycling von Altglas"))

    assert found.experts[0].iri == UFERGLAS
    assert found.experts[0].clusters == (UFERGLAS,)
    assert found.experts[0].contact == "kontakt@uferglas.example"
    assert found.experts[0].confirmed == "2026-05-01"
    assert all(expert.kind == "organisation" for expert in found.experts)
    assert all(expert.evidence and expert.why for expert in found.experts)
    scores = [expert.score for expert in found.experts]
    assert scores == sorted(scores, reverse=True)


def test_the_organisation_in_the_sentence_beats_its_neighbour(snapshot: Snapshot, encoder: Encoder) -> None:
    found = experts.rank(snapshot, encoder, Query("Wer liefert Sensoren?"))
    names = [expert.iri for expert in found.experts]
    proof = next(expert for expert in found.experts if expert.iri == RHEINOPTIK).evidence

    assert RHEINOPTIK in names
    assert any("Sensoren" in one.quote for one in proof)


def test_members_of_an_excluded_cluster_stay_out(snapshot: Snapshot, encoder: Encoder) -> None:
    works = Iri(BASE + "organisation/glashuette-nordlicht-gmbh")
    everybody = experts.rank(snapshot, encoder, Query("Altglas", limit=50)).experts
    without = experts.rank(
        snapshot, encoder, Query("Altglas", limit=50), exclude_clusters=frozenset({UFERGLAS})
    ).experts

    assert {UFERGLAS, works} <= {expert.iri for expert in everybody}
    assert not {UFERGLAS, works} & {expert.iri for expert in without}


def test_an_entity_page_says_what_is_known_and_where(snapshot: Snapshot) -> None:
    page = entities.describe(snapshot, RHEINOPTIK, "public")

    assert page.label["de"] == "Rheinoptik"
    assert page.kind == "organisation"
    assert page.aliases == ("Cluster Optik am Rhein",)
    said = {(one.predicate.rpartition("#")[2], one.value_label) for one in page.statements}
    assert ("offersInstrument", "Linsenkarte") in said
    assert {proof.title for proof in page.mentioned_in} == {"Glas im Kreislauf", "Licht und Laser"}
    assert all("Rheinoptik" in proof.quote for proof in page.mentioned_in)


@pytest.mark.parametrize(
    "name",
    [RHEINOPTIK, "organisation/rheinoptik", "rheinoptik"],
)
def test_iri_path_and_slug_name_the_same_thing(snapshot: Snapshot, name: str) -> None:
    assert entities.resolve(snapshot, name, "public") == RHEINOPTIK


def test_a_curie_names_a_term(snapshot: Snapshot) -> None:
    assert entities.resolve(snapshot, "clu:Instrument", "public").endswith("ns#Instrument")


@pytest.mark.parametrize("name", ["nobody", "http://[", "http://a b", "clu:", "../etc/passwd", "<x>"])
def test_what_is_not_there_is_not_found(snapshot: Snapshot, name: str) -> None:
    with pytest.raises(NotFound):
        entities.resolve(snapshot, name, "public")


def test_filters_take_labels_slugs_and_iris(snapshot: Snapshot) -> None:
    expected = Filter(clusters=frozenset({UFERGLAS}))

    for name in ("Netzwerk Uferglas", "uferglas.nrw", "netzwerk-uferglas", UFERGLAS):
        assert filters.build(snapshot, "public", cluster=[name]) == expected


def test_an_unknown_value_is_refused_with_suggestions(snapshot: Snapshot) -> None:
    with pytest.raises(Unknown) as caught:
        filters.build(snapshot, "public", cluster=["Netzwerk Uverglas"])

    assert "netzwerk uferglas" in caught.value.suggestions


def test_a_place_finds_what_is_there(snapshot: Snapshot, encoder: Encoder) -> None:
    at_essen = filters.build(snapshot, "public", place=["Essen"])

    assert titles(snapshot, encoder, "", at_essen) == ["Glashütte Nordlicht GmbH"]


def test_distances_follow_the_great_circle() -> None:
    cologne, aachen = (50.9375, 6.9603), (50.7753, 6.0839)

    assert filters.distance_km(cologne, aachen) == pytest.approx(64.2, abs=1)
    assert filters.distance_km(cologne, cologne) == 0


def test_an_export_holds_every_statement_of_the_level(snapshot: Snapshot, tmp_path: Path) -> None:
    count = export(snapshot, "public", tmp_path / "all.nq.gz")
    with gzip.open(tmp_path / "all.nq.gz", "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()

    assert len(lines) == count
    assert all(line.endswith(" .") for line in lines)
    assert any("rheinoptik" in line for line in lines)
