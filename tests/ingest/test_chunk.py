"""Sentences to chunks: nothing lost, nothing twice, never across a heading."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import LIMIT, split
from kg.ids import Namer
from kg.types import Document, Heading, Iri, Span


def document(text: str, **fields: object) -> Document:
    basis = Document(
        id="0123456789abcdef", iri=Iri("https://e.example/document/1"), source="test", location="a", path="a",
        title="A", text=text, language="de", media_type="text/plain", digest="0",
        retrieved=datetime(2026, 11, 23, tzinfo=UTC),
    )  # fmt: skip
    return replace(basis, **fields)  # type: ignore[arg-type]


def tiled(parts: list[str], gaps: list[str]) -> tuple[str, list[Span]]:
    text, spans = "", []
    for part, gap in zip(parts, gaps, strict=False):
        spans.append(Span(len(text), len(text) + len(part)))
        text += part + gap
    return text, spans


SENTENCE = st.text("abcäß, .;", min_size=1, max_size=3 * LIMIT).map(lambda text: "X" + text.strip() + ".")


@settings(deadline=None)
@given(
    st.lists(SENTENCE, min_size=1, max_size=12),
    st.lists(st.sampled_from([" ", "\n", "\n\n", ""]), min_size=12, max_size=12),
    st.sets(st.integers(0, 11)),
)
def test_chunks_hold_every_sentence_once_and_in_order(
    parts: list[str], gaps: list[str], headings: set[int]
) -> None:
    text, spans = tiled(parts, gaps)
    marks = tuple(
        Heading(spans[at].start, 1 + at % 3, parts[at]) for at in sorted(headings) if at < len(parts)
    )
    chunks = split(document(text, headings=marks), spans, Namer())
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(text.split())
    end = 0
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip()
        assert end <= chunk.start < chunk.end
        assert len(chunk.text) <= LIMIT
        end = chunk.end
        inside = [mark.start for mark in marks if chunk.start < mark.start < chunk.end]
        body = text[chunk.start : inside[-1]] if inside else ""
        assert all(
            any(mark.start <= span.start and span.end <= mark.start + len(mark.text) for mark in marks)
            for span in spans
            if span.start < chunk.start + len(body) and span.start >= chunk.start
        )


def test_no_sentences_give_no_chunks() -> None:
    assert split(document(""), [], Namer()) == []


def test_chunks_of_a_section_are_of_about_equal_length() -> None:
    text, spans = tiled(["Das ist ein Satz von fünfzig Zeichen Länge, ungefähr."] * 40, [" "] * 40)
    lengths = [len(chunk.text) for chunk in split(document(text), spans, Namer())]
    assert max(lengths) <= LIMIT
    assert min(lengths) > LIMIT / 2


def test_a_sentence_longer_than_a_chunk_is_cut_at_a_clause() -> None:
    text = ", ".join(["ein Teil des Satzes"] * 100) + "."
    chunks = split(document(text), [Span(0, len(text))], Namer())
    assert len(chunks) > 2
    assert all(chunk.text.endswith(",") for chunk in chunks[:-1])


def test_a_chunk_knows_the_headings_above_it_and_its_page() -> None:
    text = "Teil A\n\nKapitel B\n\nEin Satz.\n\nKapitel C\n\nNoch ein Satz."
    marks = (Heading(0, 1, "Teil A"), Heading(8, 2, "Kapitel B"), Heading(30, 2, "Kapitel C"))
    spans = [Span(0, 6), Span(8, 17), Span(19, 28), Span(30, 39), Span(41, 55)]
    first, second = split(document(text, headings=marks, pages=(0, 30)), spans, Namer())
    assert (first.text, first.headings, first.page) == ("Teil A\n\nKapitel B\n\nEin Satz.", (), 1)
    assert (second.text, second.headings, second.page) == ("Kapitel C\n\nNoch ein Satz.", ("Teil A",), 2)
    assert first.iri == "https://w3id.org/cluster-nrw/id/chunk/0123456789abcdef-0-28"


def test_a_long_passage_in_another_language_is_marked_as_such() -> None:
    english = "The regional networks support small companies with advice on funding and innovation. " * 4
    german = "Die Netzwerke im Land beraten kleine Unternehmen zu Förderung und zu neuen Verfahren. " * 4
    text = german.strip() + "\n\n" + english.strip() + "\n\nYes."
    marks = (Heading(len(german) + 1, 1, "The"), Heading(len(text) - 4, 1, "Yes."))
    spans = [Span(0, len(german) - 1), Span(len(german) + 1, len(text) - 6), Span(len(text) - 4, len(text))]
    assert [chunk.language for chunk in split(document(text, headings=marks), spans, Namer())] == [
        "de",
        "en",
        "de",
    ]
