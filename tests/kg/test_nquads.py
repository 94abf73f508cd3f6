"""Terms and statements as text."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.nquads import iri, literal, place, quad, skolemise, triple
from kg.types import Iri, NTriple

PREFIX = Iri("https://kg.example/genid/")


def read(line: str) -> ox.Quad:
    (only,) = ox.parse(line.encode(), format=ox.RdfFormat.N_QUADS)
    return only


@given(st.text(), st.sampled_from([None, "de", "en-GB", "x" * 8]))
def test_a_literal_is_read_back_as_it_was_written(value, language):
    term = read(quad("http://x/s", "http://x/p", literal(value, language), "http://x/g")).object

    assert term == ox.Literal(value, language=language)


@given(st.lists(st.sampled_from(("de", "latn", "DE", "419", "1996", "klingon", "a1", "u", "x")), min_size=1))
def test_a_language_is_accepted_by_the_engine_or_refused_here(parts):
    try:
        term = literal("a", "-".join(parts))
    except ValueError:
        return

    assert read(f"<http://x/s> <http://x/p> {term} .").object.language == "-".join(parts).lower()


@given(st.text())
def test_an_iri_is_accepted_by_the_engine_or_refused_here(text):
    try:
        term = iri(f"http://x/{text}")
    except ValueError:
        return

    assert read(f"{term} <http://x/p> <http://x/o> .").subject == ox.NamedNode(f"http://x/{text}")


@pytest.mark.parametrize(
    "bad",
    ["", "x", "/a", "#a", "http://a b", "http://a\n", "http://a<b", "http://a>b", 'http://a"b', "http://a{b",
     "http://a}b", "http://a|b", "http://a^b", "http://a`b", "http://a\\b", "http://a/%zz", "http://a:b/",
     "http://a/\u2028", "http://a/\ud800", "1a:b", "http://a/#b#c"],
)  # fmt: skip
def test_what_is_no_iri_is_refused(bad):
    with pytest.raises(ValueError, match="absolute IRI"):
        iri(bad)


@pytest.mark.parametrize(
    "good", ["urn:x:y", "http://a:80/b", "http://u:p@a/b", "https://ä.example/ü?q=1#f", "mailto:a@b"]
)
def test_other_iris_are_written(good):
    assert read(f"{iri(good)} <http://x/p> <http://x/o> .").subject == ox.NamedNode(good)


def test_a_literal_has_a_datatype_or_a_language_but_not_both():
    with pytest.raises(ValueError, match="not both"):
        literal("x", "de", "http://x/t")
    with pytest.raises(ValueError, match="language tag"):
        literal("x", "de de")
    with pytest.raises(UnicodeEncodeError):
        literal("\ud800")

    assert literal("5", datatype="http://x/t") == '"5"^^<http://x/t>'
    assert literal("5", datatype="http://www.w3.org/2001/XMLSchema#string") == '"5"'


def test_a_value_that_is_not_encoded_is_refused():
    with pytest.raises(ValueError, match="N-Triples term"):
        triple("http://x/s", "http://x/p", "plain text")
    with pytest.raises(ValueError, match="N-Triples term"):
        triple("http://x/s", "http://x/p", '"a" . <http://x/s> <http://x/p> "b"')


def test_terms_may_come_encoded_or_plain():
    plain = triple("http://x/s", "http://x/p", iri("http://x/o"))

    assert plain == triple("<http://x/s>", "<http://x/p>", "<http://x/o>")
    assert place(plain, "http://x/g") == quad("http://x/s", "http://x/p", "<http://x/o>", "http://x/g")


def test_skolem_iris_depend_on_what_is_said_and_not_on_labels():
    lines = ["<http://x/s> <http://x/p> _:a .", '_:a <http://x/q> "_:a" .', '_:b <http://x/q> "two" .']
    renamed = [NTriple(line.replace("_:a ", "_:zz ")) for line in lines]

    result = skolemise([NTriple(line) for line in lines], PREFIX)

    assert result == skolemise(renamed, PREFIX)
    assert '"_:a"' in result[1]
    assert not any(" _:" in line or line.startswith("_:") for line in result)


def test_a_far_edit_leaves_skolem_iris_alone():
    first = [NTriple(f'_:b{n} <http://x/q> "{n}" .') for n in range(20)]

    before, after = (
        skolemise(first, PREFIX),
        skolemise([*first, NTriple('_:new <http://x/q> "new" .')], PREFIX),
    )

    assert before == after[:-1]


def test_nodes_that_cannot_be_told_apart_stay_apart():
    lines = [NTriple("<http://x/s> <http://x/p> _:a ."), NTriple("<http://x/s> <http://x/p> _:b .")]

    assert len(set(skolemise(lines, PREFIX))) == 2
