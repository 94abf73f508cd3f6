"""Vocabularies: each fault is found with both sides, and sound ones pass."""

import time
from pathlib import Path

import pytest

import ontology
from kg import kinds
from kg.graph import Graph, parse
from kg.languages import shorter
from kg.nquads import place
from kg.skos import Existing, Fault, check, check_labels
from kg.types import Iri, Label, NTriple

HEAD = """
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix schema: <https://schema.org/> .
@prefix : <https://example.org/> .
"""
EX = "https://example.org/"
CLASSES = {
    Iri("http://www.w3.org/ns/org#Organization"): "organisation",
    Iri("http://xmlns.com/foaf/0.1/Project"): "project",
    Iri("https://schema.org/Event"): "event",
    Iri("https://w3id.org/cluster-nrw/ns#Topic"): "topic",
}


def triples(turtle: str) -> list[NTriple]:
    return parse((HEAD + turtle).encode(), "text/turtle", Iri(EX))


def faults(turtle: str, existing: Existing | None = None, own: str = "") -> list[Fault]:
    return check(triples(turtle), existing or Existing(classes=CLASSES), own)


@pytest.fixture
def store(tmp_path: Path):
    """Return an Existing over a store that says `turtle` in the graph `name`."""
    graph = Graph.open(tmp_path / "graph")

    def build(turtle: str, name: str = "there", *labels: Label, **options) -> Existing:
        graph.load(place(line, f"{EX}graph/{name}") for line in triples(turtle))
        return Existing(graph, labels, CLASSES, **options)

    yield build
    graph.close()


FAULTY = {
    "circle": (
        ":a skos:broader :b . :b skos:broader :c . :c skos:broader :a .",
        "broader-cycle",
        (":a", ":b", ":c"),
    ),
    "circle of one": (":a skos:broader :a .", "broader-cycle", (":a",)),
    "circle by narrower": (":a skos:broader :b . :a skos:narrower :b .", "broader-cycle", (":a", ":b")),
    "notation": (
        ':a skos:inScheme :s ; skos:notation "1.1" . :b skos:inScheme :s ; skos:notation "1.1" .',
        "duplicate-notation",
        (":a", ":b", "'1.1'", ":s"),
    ),
    "notation of a top concept": (
        ':s skos:hasTopConcept :a . :a skos:notation "1" . :b skos:topConceptOf :s ; skos:notation "1" .',
        "duplicate-notation",
        (":a", ":b"),
    ),
    "three-letter tag": (':a rdfs:label "Glas"@deu .', "language-tag", (":a", "'deu'", "'de'", "'Glas'")),
    "bibliographic tag": (':a rdfs:label "Glas"@ger .', "language-tag", ("'ger'", "'de'")),
    "tag with a region": (':a rdfs:label "glass"@eng-GB .', "language-tag", ("'eng-gb'", "'en-gb'")),
    "tag that is a country": (':a rdfs:label "Glas"@dk .', "language-tag", ("'dk'", "no language")),
    "tag that is a word": (':a rdfs:comment "Glas"@german .', "language-tag", ("'german'", "no language")),
    "no scheme": (
        ":s a skos:ConceptScheme . :a a skos:Concept ; skos:inScheme :s . :b a skos:Concept .",
        "orphan-concept",
        (":b", "skos:inScheme"),
    ),
    "no place in the scheme": (
        ":a a skos:Concept ; skos:topConceptOf :s . :b a skos:Concept ; skos:inScheme :s .",
        "orphan-concept",
        (":b", ":s", "skos:broader"),
    ),
    "two preferred labels": (
        ':a skos:prefLabel "Glas"@de, "Kristall"@de .',
        "two-preferred-labels",
        (":a", "'Glas'", "'Kristall'", "'de'"),
    ),
    "two preferred labels without a language": (
        ':a skos:prefLabel "Glas", "Kristall" .',
        "two-preferred-labels",
        ("without a language",),
    ),
    "one alias of two organisations": (
        ':a a org:Organization ; rdfs:label "Alpha" ; skos:altLabel "GLAS.NRW" . '
        ':b a org:Organization ; rdfs:label "Beta" ; skos:hiddenLabel "Glas.nrw"@en .',
        "alias-clash",
        (":a", ":b", "'GLAS.NRW'", "'Glas.nrw'"),
    ),
    "one alias of two topics": (
        ':a a clu:Topic ; skos:altLabel "KI"@de . :b a clu:Topic ; skos:prefLabel "KI"@de .',
        "alias-clash",
        (":a", ":b", "topic"),
    ),
    "one name of two siblings": (
        ':a skos:inScheme :s ; skos:prefLabel "Glas" . :b skos:inScheme :s ; skos:altLabel "glas" .',
        "alias-clash",
        (":a", ":b", "https://example.org/s"),
    ),
}


@pytest.mark.parametrize(("turtle", "code", "named"), FAULTY.values(), ids=FAULTY.keys())
def test_a_fault_names_both_sides(turtle, code, named):
    (fault,) = faults(turtle)

    assert fault.code == code
    for name in named:
        shown = f"<{EX}{name[1:]}>" if name.startswith(":") else name
        assert shown in fault.message
    assert fault.places[0][0].startswith(EX)


SOUND = {
    "tree": ":b skos:broader :a . :c skos:broader :a . :d skos:broader :b, :c .",
    "inverse links": ":b skos:broader :a . :a skos:narrower :b .",
    "one notation in two schemes": ':a skos:inScheme :s ; skos:notation "1" . '
    ':b skos:inScheme :t ; skos:notation "1" .',
    "two notations": ':a skos:inScheme :s ; skos:notation "05315", "05315000" .',
    "good tags": ':a rdfs:label "a"@de, "b"@en-GB, "c"@de-1996, "d"@cmn, "e"@x-ours, "f"@nds, "g"@iw .',
    "no tag": ':a rdfs:label "a" .',
    "concept outside any scheme, in a file without schemes": ":a a skos:Concept .",
    "flat scheme": ":a a skos:Concept ; skos:inScheme :s . :b a skos:Concept ; skos:inScheme :s .",
    "related only": ":t skos:topConceptOf :s . :a a skos:Concept ; skos:inScheme :s ; skos:related :t .",
    "one label in two languages": ':a skos:prefLabel "Blockchain"@de, "Blockchain"@en .',
    "preferred labels that differ in space": ':a skos:prefLabel "Glas"@de, "Glas "@de .',
    "different kinds": ':a a foaf:Project ; rdfs:label "ROCKET" . :b a schema:Event ; rdfs:label "ROCKET" .',
    "matched": ':a a org:Organization ; rdfs:label "A" ; skos:exactMatch :b . '
    ':b a org:Organization ; rdfs:label "A" .',
    "matched with a third": ':a a org:Organization ; rdfs:label "A" ; skos:exactMatch :r . '
    ':b a org:Organization ; rdfs:label "A" ; owl:sameAs :r .',
    "deprecated": ':a a org:Organization ; rdfs:label "A" ; owl:deprecated true . '
    ':b a org:Organization ; rdfs:label "A" .',
    "told apart by parents": ':a skos:inScheme :s ; skos:prefLabel "Dorp"@de ; skos:broader :solingen . '
    ':b skos:inScheme :s ; skos:prefLabel "Dorp"@de ; skos:broader :velbert .',
    "told apart by notation": ':a skos:inScheme :s ; skos:prefLabel "Mathematik"@de ; skos:notation "101" . '
    ':b skos:inScheme :s ; skos:prefLabel "Mathematik"@de ; skos:notation "1010" .',
    "of no kind": ':a rdfs:label "A" . :b rdfs:label "A" .',
}


@pytest.mark.parametrize("turtle", SOUND.values(), ids=SOUND.keys())
def test_sound_statements_pass(turtle):
    assert faults(turtle) == []


def test_a_circle_that_closes_through_the_store_is_found(store):
    existing = store(":b skos:broader :c . :d skos:narrower :c . :d skos:broader :a .")

    (fault,) = faults(":a skos:broader :b .", existing)

    assert fault.code == "broader-cycle"
    assert all(f"<{EX}{name}>" in fault.message for name in "abcd")


def test_what_the_own_last_edition_said_closes_no_circle(store):
    existing = store(":b skos:broader :a .", "mine")

    assert faults(":a skos:broader :b .", existing, f"{EX}graph/mine") == []


def test_what_was_inferred_closes_no_circle(store):
    existing = store(":b skos:broader :a .", "inferred", inferred=f"{EX}graph/inferred")

    assert faults(":a skos:broader :b .", existing) == []


def test_a_notation_of_the_store_is_taken(store):
    existing = store(':a skos:inScheme :s ; skos:notation "1.1" .')
    fresh = ':b skos:inScheme :s ; skos:notation "1.1" .'

    (fault,) = faults(fresh, existing)

    assert fault.code == "duplicate-notation"
    assert all(f"<{EX}{name}>" in fault.message for name in ("a", "b", "s"))
    assert faults(fresh, existing, f"{EX}graph/there") == []
    assert faults(fresh.replace(":s", ":t"), existing) == []


def test_a_scheme_in_the_store_takes_a_concept_in(store):
    existing = store(":b skos:inScheme :s .")
    assert faults(":a a skos:Concept ; skos:inScheme :s . :b a skos:Concept .", existing) == []


NEW = ':b a org:Organization ; rdfs:label "Beta" ; skos:altLabel "Glas.nrw" .'
OLD = ':a a org:Organization ; skos:altLabel "GLAS.NRW" .'
LABEL = Label("GLAS.NRW", Iri(f"{EX}a"), "organisation")


def test_an_alias_of_the_store_is_taken(store):
    existing = store(OLD, "there", LABEL)

    (fault,) = faults(NEW, existing)

    assert fault.code == "alias-clash"
    assert fault.places == ((Iri(f"{EX}b"), "Glas.nrw"), (Iri(f"{EX}a"), "GLAS.NRW"))
    assert check_labels(triples(NEW), existing) == [fault]


def test_an_alias_may_move_inside_a_file_between_two_editions(store):
    existing = store(OLD, "mine", LABEL)
    assert faults(NEW, existing, f"{EX}graph/mine") == []


def test_an_alias_that_the_store_no_longer_states_is_free(store):
    assert faults(NEW, store(":a a org:Organization .", "there", LABEL)) == []


def test_an_alias_in_a_graph_that_does_not_count_is_free(store):
    existing = store(OLD, "registry", LABEL, counts=lambda graph: not graph.endswith("registry"))
    assert faults(NEW, existing) == []


def test_a_match_in_the_store_joins_two_names(store):
    existing = store(f"{OLD} :a skos:exactMatch :ror .", "there", LABEL)
    assert faults(f"{NEW} :b skos:exactMatch :ror .", existing) == []


def test_an_alias_of_another_kind_is_free(store):
    existing = store(OLD, "there", LABEL)
    assert faults(NEW.replace("org:Organization", "foaf:Project"), existing) == []


def test_a_name_of_the_same_thing_is_its_own(store):
    existing = store(OLD, "there", LABEL)
    assert faults(NEW.replace(":b", ":a"), existing) == []


def test_a_file_that_passed_is_remembered():
    existing = Existing(classes=CLASSES)
    existing.note(triples(OLD))

    (fault,) = faults(NEW, existing)

    assert fault.code == "alias-clash"


def test_escapes_do_not_hide_a_clash():
    one, other = (f'a org:Organization ; rdfs:label "{name}" .' for name in ('Glas \\"1\\"', 'GLAS \\"1\\"'))
    turtle = f":a {one} :b {other}"
    assert [fault.code for fault in faults(turtle)] == ["alias-clash"]


def test_no_more_than_a_hundred_faults_are_listed():
    assert len(faults(" ".join(f':a{n} skos:prefLabel "x"@de, "y"@de .' for n in range(300)))) == 100


@pytest.mark.parametrize("name", [name for name in ontology.graphs() if name.startswith("vocab/")])
def test_our_own_vocabularies_are_sound(name):
    data = ontology.graphs()[name].read_bytes()
    assert check(parse(data, "text/turtle", Iri(EX)), Existing(classes=CLASSES)) == []


def test_the_landscape_is_sound_beside_the_vocabularies(tmp_path):
    graph = Graph.open(tmp_path / "graph")
    for name, path in ontology.graphs().items():
        graph.load(place(t, f"{EX}{name}") for t in parse(path.read_bytes(), "text/turtle", Iri(EX)))
    existing = Existing(graph, _labels(graph), kinds.of_classes(graph))
    landscape = Path(__file__).parents[2] / "demo" / "landscape.ttl"

    found = check(parse(landscape.read_bytes(), "text/turtle", Iri(EX)), existing)
    graph.close()

    assert [fault.message for fault in found] == []


def _labels(graph: Graph) -> list[Label]:
    kind_of = kinds.of_entities(graph)
    query = "SELECT ?e ?o WHERE { VALUES ?p { skos:prefLabel skos:altLabel } ?e ?p ?o }"
    query = query.replace("skos:", "<http://www.w3.org/2004/02/skos/core#").replace("Label", "Label>")
    rows = graph.select(query)
    return [Label(row["o"], Iri(row["e"]), kind_of[row["e"]]) for row in rows if row["e"] in kind_of]


@pytest.mark.shared
@pytest.mark.parametrize(
    "path", ["vocab-dfg/dfgfo.ttl", "vocab-nwbib/nwbib.ttl", "vocab-nwbib/nwbib-spatial.ttl"]
)
def test_vocabularies_in_use_elsewhere_raise_no_false_alarm(shared, path):
    assert check(parse((shared / "data" / path).read_bytes(), "text/turtle", Iri(EX))) == []


@pytest.mark.alone
@pytest.mark.parametrize("count", [20_000])
def test_the_check_is_linear(count):
    def batch(size: int) -> list[NTriple]:
        return triples(
            " ".join(
                f':c{n} a clu:Topic ; skos:inScheme :s ; skos:broader :c{n // 2} ; skos:notation "{n}" ; '
                f'skos:prefLabel "Thema {n}"@de, "topic {n}"@en .'
                for n in range(1, size // 6)
            )
        )

    seconds = []
    for size in (count // 4, count):
        data = batch(size)
        started = time.process_time()
        found = check(data, Existing(classes=CLASSES))
        seconds.append(time.process_time() - started)
        assert {fault.code for fault in found} <= {"orphan-concept"}
    assert seconds[1] < max(1.0, 12 * seconds[0])


@pytest.mark.parametrize(
    ("tag", "better"),
    [("de", None), ("deu", "de"), ("ger", "de"), ("eng", "en"), ("fre", "fr"), ("tgl", "tl"), ("gsw", None)],
)
def test_the_shortest_language_tag(tag, better):
    assert shorter(tag) == better


def test_the_table_of_languages_agrees_with_a_library():
    core = pytest.importorskip("babel.core")
    aliases = core.get_global("language_aliases")
    known = {code: aliases[code] for code in aliases if len(code) == 3 and shorter(code) is not None}
    different = {code: (shorter(code), to) for code, to in known.items() if shorter(code) != to}
    assert set(different) <= {"bih", "tgl", "twi", "hbs", "mol"}
