from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.errors import Busy, NotBuilt, QueryError
from kg.index.lexical import Lexical, LexicalWriter
from kg.types import Filter, Heading
from kg.verify import misquoted


@pytest.fixture
def build(tmp_path: Path):
    """Index records and open the result."""

    def build(*records) -> Lexical:
        writer = LexicalWriter.open(tmp_path / "index")
        writer.upsert(records)
        writer.commit()
        writer.close()
        return Lexical.open(tmp_path / "index")

    return build


def found(index: Lexical, text: str, language: str = "de", **options) -> list[int]:
    runs = index.search(text, **options)
    return runs[language].numbers.tolist() if language in runs else []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Förderung", "Viele Förderungen wurden bewilligt."),
        ("foerderung", "Die Förderung läuft."),
        ("MÜNSTER", "Ein Treffen in Muenster."),
        ("Häuser", "Das Haus steht."),
        ("Strasse", "Die Straße ist lang."),
        ("Wasserstoff", "Die Wasserstoffwirtschaft wächst."),
        ("Wasserstoffwirtschaft", "Ohne Wasserstoff keine grüne Wirtschaft."),
        ("Netzwerken", "Das Netzwerk trifft sich."),
    ],
)
def test_german_inflection_spelling_and_compounds_are_found(build, make, question, text):
    index = build(make("a", [text], number=1), make("b", ["Etwas ganz anderes."], number=2))

    assert found(index, question) == [1]


def test_a_word_itself_ranks_above_the_compound_that_holds_it(build, make):
    texts = ["Die Wasserstoffwirtschaft wächst stetig.", "Der Wasserstoff kommt bald an."]
    index = build(make("a", texts, number=1))

    assert found(index, "Wasserstoff") == [2, 1]


def test_each_language_is_analysed_by_its_own_rules_and_ranked_apart(build, make):
    index = build(
        make("a", ["Hydrogen economies are growing."], number=1, language="en"),
        make("b", ["Wasserstoff"], number=2),
        make("c", ["Waterstof in Nederland"], number=3, language="nl"),
    )
    runs = index.search("hydrogen economy Wasserstoff waterstof")

    assert {language: run.numbers.tolist() for language, run in runs.items()} == {
        "en": [1],
        "de": [2],
        "nl": [3],
    }
    assert set(index.search("hydrogen waterstof", languages=["nl"])) == {"nl"}
    assert index.languages() == ["de", "en", "nl"]


def test_scores_are_shares_of_the_best_possible_one(build, make):
    index = build(
        make("a", ["Wasserstoff " * 200, "Wasserstoff und Batterien", "Batterien im Auto"], number=1),
        make("b", ["Rauschen"] * 30, number=10),
    )
    run = index.search("Wasserstoff Batterien")["de"]

    assert run.numbers[0] == 2
    assert (run.scores > 0).all()
    assert (run.scores <= 1).all()


def test_filters_apply_before_the_limit(build, make):
    many = [make(f"m{at}", ["Wasserstoff Wasserstoff"], number=at, source="big") for at in range(1, 60)]
    index = build(
        *many, make("z", ["Viel Text und am Ende nur einmal Wasserstoff."], number=99, source="small")
    )
    where = Filter(sources=frozenset({"small"}))

    assert found(index, "Wasserstoff", where=where, limit=1) == [99]


def test_dates_bound_both_sides_and_leave_out_the_undated(build, make):
    dates = {1: "2024", 2: "2025-06", 3: "2026-01-02", 4: None}
    index = build(*(make(f"d{n}", ["Wort"], number=n, issued=date) for n, date in dates.items()))

    assert found(index, "Wort", where=Filter(since="2025")) == [2, 3]
    assert found(index, "Wort", where=Filter(until="2025")) == [1, 2]
    assert found(index, "Wort", where=Filter(since="2026-01-02", until="2026-01-02")) == [3]
    with pytest.raises(QueryError):
        index.search("Wort", where=Filter(since="gestern"))


@pytest.mark.parametrize(
    "text",
    [
        '"offen',
        "a:b",
        "-",
        "Förder* AND (",
        "x" * 100_000,
        "wort " * 20_000,
        "\0",
        "",
        "   ",
        "[1 TO",
        "\ud800",
    ],
)
def test_no_text_is_read_as_query_syntax(build, make, text):
    index = build(make("a", ["Ein Satz über Förderung."]))

    assert isinstance(index.search(text), dict)
    assert index.find_form(text) == set()


def test_long_questions_keep_the_rarest_words(build, make):
    index = build(
        make("a", [" ".join(f"wort{n}" for n in range(200))], number=1),
        make("b", [" ".join(f"wort{n}" for n in range(200)) + " seltenheit"], number=2),
    )
    question = " ".join(f"wort{n}" for n in range(200)) + " seltenheit"

    assert found(index, question)[0] == 2


@pytest.fixture
def prose(build, make):
    return build(
        make("a", ["Das Kompetenznetz Wasser.", "Punkt. Netz"], number=1),
        make("b", ["Wasser im Kompetenznetz"], number=5),
        make("c", ["Kompetenznetz Wasser today"], number=7, language="en"),
        make("d", ["Viele Kunststoffrecyclinganlagen stehen leer."], number=9),
        make("e", ["Mit digitalen Zwillingen und kuenstlicher Intelligenz"], number=11),
        make("f", ["Die Batterie-Technologien von morgen"], number=13),
        make("g", ["Hartkunststoffen fehlt digitization", "Krankenhäuser"], number=15),
    )


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("kompetenznetz WASSER", "abc"),
        ("Kompetenznetze Wasser", "abc"),
        ("Kunststoffrecycling", "d"),
        ("Digitaler Zwilling", "e"),
        ("Künstliche Intelligenz", "e"),
        ("Batterietechnologie", "f"),
        ("Kunststoffe", "dg"),
        ("digitisation", "g"),
        ("Krankenhaus", "g"),
        ("Photonik", ""),
        ("Zwillingsforschung", ""),
        ("digitale Photonik", ""),
        ("Wa", ""),
        ("!", ""),
    ],
)
@pytest.mark.parametrize("many", [0, 5_000])
def test_a_form_is_looked_for_in_every_inflection_and_compound(prose, monkeypatch, many, form, expected):
    monkeypatch.setattr("kg.index.lexical_query._MANY_CHUNKS", many)

    assert prose.find_form(form) == set(expected)


def test_many_forms_find_what_each_finds(prose):
    many = [f"Nirgendwort{chr(97 + at)}" for at in range(26)]

    assert prose.find_forms([*many, "Kunststoffrecycling", "Netz", "Künstliche Intelligenz"]) == set("ade")
    assert prose.find_forms([]) == set()


def test_a_short_form_is_a_word_of_its_own(prose):
    assert prose.find_form("Netz") == {"a"}


def test_chunks_and_documents_come_back_as_they_went_in(build, make):
    record = make(
        "a",
        ["Erster Satz. ", "Zweiter „Satz“ 😀"],
        number=7,
        title="Titel",
        headings=(Heading(0, 1, "Kapitel"),),
        pages=(0, 3),
        issued="2026-01",
        clusters=["https://example.org/cluster"],
        entities=[["https://example.org/x"]],
    )
    index = build(record)
    stored = index.document("a")

    assert stored is not None
    assert stored.document == record.document
    assert (stored.clusters, stored.entities, stored.numbers) == (
        record.clusters,
        ("https://example.org/x",),
        (7, 8),
    )
    assert index.documents(["a"], text=False)["a"].document.text == ""
    assert index.document("b") is None
    chunk = index.chunks([8, 7, 1000])[7]
    assert (chunk.text, chunk.headings, chunk.page) == ("Erster Satz. ", ("Kapitel",), 1)
    assert chunk.entities == record.entries[0].entities
    assert index.chunks([]) == {}


def test_upsert_replaces_and_delete_removes_a_whole_document(tmp_path, make):
    writer = LexicalWriter.open(tmp_path)
    writer.upsert([make("a", ["alt eins", "alt zwei"], number=1), make("b", ["alt"], number=9)])
    writer.commit()
    writer.upsert([make("a", ["neu"], number=3)])
    writer.delete(["b", "unknown"])
    writer.commit()
    index = Lexical.open(tmp_path)

    assert (index.count(), index.document_ids()) == (1, {"a"})
    assert found(index, "alt") == []
    assert found(index, "neu") == [3]
    assert index.find_form("alt") == set()


def test_a_snapshot_does_not_see_later_commits(tmp_path, make):
    writer = LexicalWriter.open(tmp_path / "work")
    for at in range(12):
        writer.upsert([make(f"d{at}", ["Wort"], number=at)])
        writer.commit()
    writer.delete(["d0"])
    writer.commit()
    writer.snapshot(tmp_path / "version")
    before = Lexical.open(tmp_path / "version")
    for at in range(12, 40):
        writer.delete([f"d{at - 11}"])
        writer.upsert([make(f"d{at}", ["Wort"], number=at)])
        writer.commit()
    writer.close()
    after = Lexical.open(tmp_path / "version")

    assert found(before, "Wort") == found(after, "Wort") == list(range(1, 12))
    assert not list((tmp_path / "version").rglob("*writer.lock"))


def test_what_was_not_committed_is_not_there(tmp_path, make):
    writer = LexicalWriter.open(tmp_path)
    writer.commit()
    writer.upsert([make("a", ["Wort"])])
    writer.close()

    assert Lexical.open(tmp_path).count() == 0


def test_one_writer_at_a_time(tmp_path, make):
    writer = LexicalWriter.open(tmp_path)

    with pytest.raises(Busy):
        LexicalWriter.open(tmp_path)
    writer.close()


def test_no_index_is_said_so(tmp_path):
    with pytest.raises(NotBuilt):
        Lexical.open(tmp_path)


def test_threads_share_a_reader(build, make):
    index = build(*(make(f"d{n}", ["Förderung von Wasserstoffwirtschaft"], number=n) for n in range(50)))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: found(index, "Wasserstoffwirtschaft Förderungen"), range(100)))

    assert answers == [list(range(50))] * 100


def test_a_passage_that_is_not_what_its_text_says_is_a_fault(build, make):
    whole = make("a", ["Glas wird sortiert.", "Dann wird es geschmolzen."])
    broken = make("b", ["Papier wird gesammelt."], number=9, text="Papier wird verbrannt.")

    assert list(misquoted(build(whole))) == []
    assert list(misquoted(build(whole, broken))) == [
        "a passage of https://example.org/b is not what its text says"
    ]


def test_chunks_are_found_by_the_entities_they_name(build, make):
    one, other = "https://example.org/one", "https://example.org/other"
    index = build(
        make("a", ["Glas", "Sand"], entities=[[one], [one, other]]),
        make("b", ["Glass"], number=9, language="en", entities=[[other]]),
    )

    assert index.naming([one]).tolist() == [1, 2]
    assert index.naming([other]).tolist() == [2, 9]
    assert index.naming([]).tolist() == []


def test_the_words_of_a_question_are_found_where_they_stand(build, make):
    index = build(make("a", ["Die Wasserstoffwirtschaft nutzt hydrogen."], title="Energie"))

    assert index.matches(1, "de", "Wasserstoff und Energie", ["hydrogen"]) == {
        "Wasserstoff": "compound",
        "Energie": "title",
        "hydrogen": "label",
    }


def test_another_name_counts_instead_of_the_word(build, make):
    index = build(make("a", ["Wir fördern KI."]), make("b", ["Künstliche Intelligenz hilft."], number=5))
    also = {"de": [("KI", ["Künstliche Intelligenz"])]}
    plain = index.search("KI")["de"]
    both = index.search("KI", also=also)["de"]

    assert plain.numbers.tolist() == [1]
    assert sorted(both.numbers.tolist()) == [1, 5]
    assert both.scores.tolist() == pytest.approx([plain.scores[0]] * 2, abs=0.01)
