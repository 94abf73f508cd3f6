"""The vocabularies: sound SKOS in two languages."""

import re
from collections import Counter

import pytest
from rdflib import DCTERMS, RDF, RDFS, SKOS, BNode, Graph, Namespace, URIRef

import ontology
from kg.graph import parse
from kg.skos import check
from kg.text import fold
from kg.types import Iri
from ontology import namespaces

CLU = Namespace(namespaces.CLU)
VOCABULARIES = [name for name in ontology.graphs() if name.startswith("vocab/")]
OURS = [name for name in VOCABULARIES if name != "vocab/place"]
ID = "https://w3id.org/cluster-nrw/id/"
TOPIC_SCHEME = URIRef(f"{ID}scheme/topic")
LABELS = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)


@pytest.fixture(scope="module", params=VOCABULARIES)
def vocabulary(request) -> Graph:
    return Graph().parse(ontology.graphs()[request.param])


@pytest.fixture(scope="module", params=OURS)
def ours(request) -> Graph:
    return Graph().parse(ontology.graphs()[request.param])


@pytest.fixture(scope="module")
def topics() -> Graph:
    return Graph().parse(ontology.graphs()["vocab/topic"])


def concepts(graph: Graph) -> list[URIRef]:
    return sorted(graph.subjects(RDF.type, SKOS.Concept))


def schemes(graph: Graph) -> list[URIRef]:
    return sorted(graph.subjects(RDF.type, SKOS.ConceptScheme))


def languages(graph: Graph, subject: URIRef, predicate: URIRef) -> list[str | None]:
    return sorted(label.language for label in graph.objects(subject, predicate))


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_check_for_incoming_vocabularies_finds_no_fault(name):
    triples = parse(ontology.graphs()[name].read_bytes(), "text/turtle", Iri(f"{ID}graph/{name}"))
    assert check(list(triples)) == []


@pytest.mark.parametrize("predicate", [SKOS.prefLabel, RDFS.label])
def test_every_concept_and_scheme_has_one_label_per_language(vocabulary, predicate):
    for subject in {*concepts(vocabulary), *schemes(vocabulary)}:
        assert languages(vocabulary, subject, predicate) == ["de", "en"], subject


def test_every_concept_is_defined_in_both_languages(ours):
    for concept in concepts(ours):
        assert languages(ours, concept, SKOS.definition) == ["de", "en"], concept


def test_every_definition_is_one_sentence_and_belongs_to_one_concept(ours):
    said = Counter(ours.objects(None, SKOS.definition))
    assert [text for text, count in said.items() if count > 1] == []
    assert [text for text in said if not re.fullmatch(r"[^.!?\n].*[^.!?]\.", text)] == []


def test_every_scheme_has_title_description_and_licence(ours):
    assert len(schemes(ours)) == 1
    for scheme in schemes(ours):
        for predicate in (DCTERMS.title, DCTERMS.description):
            assert languages(ours, scheme, predicate) == ["de", "en"], predicate
        assert ours.value(scheme, DCTERMS.license)


def test_every_concept_is_in_a_scheme_and_has_a_parent_or_is_a_top_concept(vocabulary):
    for concept in concepts(vocabulary):
        assert (vocabulary.value(concept, SKOS.inScheme), RDF.type, SKOS.ConceptScheme) in vocabulary
        has_parent = (concept, SKOS.broader, None) in vocabulary
        assert has_parent != ((concept, SKOS.topConceptOf, None) in vocabulary), concept


def test_every_concept_reaches_a_top_concept(vocabulary):
    tops = set(vocabulary.subjects(SKOS.topConceptOf, None))
    for concept in concepts(vocabulary):
        assert tops & set(vocabulary.transitive_objects(concept, SKOS.broader)), concept


def test_the_scheme_names_its_top_concepts(ours):
    named = set(ours.subject_objects(SKOS.hasTopConcept))
    assert named == {(scheme, top) for top, scheme in ours.subject_objects(SKOS.topConceptOf)}
    assert named


def test_broader_stays_inside_and_has_no_cycle(vocabulary):
    for concept in concepts(vocabulary):
        for parent in vocabulary.objects(concept, SKOS.broader):
            assert (parent, RDF.type, SKOS.Concept) in vocabulary
            assert concept not in set(vocabulary.transitive_objects(parent, SKOS.broader)), concept


def test_no_broader_statement_follows_from_another(ours):
    for concept in concepts(ours):
        parents = set(ours.objects(concept, SKOS.broader))
        for parent in parents:
            above = set(ours.transitive_objects(parent, SKOS.broader)) - {parent}
            assert not parents & above, concept


def test_related_goes_both_ways_and_never_along_the_hierarchy(vocabulary):
    for one, other in vocabulary.subject_objects(SKOS.related):
        assert (other, SKOS.related, one) in vocabulary
        assert one not in set(vocabulary.transitive_objects(other, SKOS.broader)), (one, other)


def test_no_label_stands_twice_at_a_concept(vocabulary):
    for concept in concepts(vocabulary):
        forms = Counter(
            (fold(label), label.language) for p in LABELS for label in vocabulary.objects(concept, p)
        )
        assert [form for form, count in forms.items() if count > 1] == [], concept


def test_no_label_names_two_concepts_however_it_is_spelled(ours):
    owners: dict[str, set[URIRef]] = {}
    for predicate in LABELS:
        for concept, label in ours.subject_objects(predicate):
            if (concept, RDF.type, SKOS.Concept) in ours:
                owners.setdefault(re.sub(r"[\W_]", "", fold(label)), set()).add(concept)
    assert {form: found for form, found in owners.items() if len(found) > 1} == {}


def test_notations_are_unique(vocabulary):
    notations = Counter(vocabulary.objects(None, SKOS.notation))
    assert [notation for notation, count in notations.items() if count > 1] == []


def test_only_german_and_english_are_spoken(ours):
    tags = {getattr(o, "language", None) for _, _, o in ours if not isinstance(o, URIRef | BNode)}
    assert tags <= {"de", "en", None}


def test_impulses_fields_and_transformations_are_complete():
    graph = Graph().parse(ontology.graphs()["vocab/impulse"])
    count = {
        name: len(set(graph.subjects(RDF.type, CLU[name])))
        for name in ("Impulse", "FieldOfAction", "Transformation")
    }
    assert count == {"Impulse": 25, "FieldOfAction": 9, "Transformation": 4}
    for impulse in graph.subjects(RDF.type, CLU.Impulse):
        field = graph.value(impulse, SKOS.broader)
        assert str(graph.value(impulse, SKOS.notation)).startswith(
            str(graph.value(field, SKOS.notation)) + "."
        )


@pytest.mark.parametrize(
    ("vocabulary", "expected"),
    [
        ("status", {"existing", "planned", "recommended"}),
        ("qualifier", {"exact", "approx", "at-least", "up-to"}),
    ],
    ids=["status", "qualifier"],
)
def test_closed_lists_hold_exactly_the_agreed_values(vocabulary, expected):
    graph = Graph().parse(ontology.graphs()[f"vocab/{vocabulary}"])
    assert {c.removeprefix(f"{ID}{vocabulary}/") for c in concepts(graph)} == expected


def test_every_instrument_class_has_its_type_with_the_same_name():
    schema = Graph().parse(ontology.graphs()["ontology"])
    types = Graph().parse(ontology.graphs()["vocab/instrument-type"])
    classes = set(schema.transitive_subjects(RDFS.subClassOf, CLU.Instrument)) - {CLU.Instrument}
    assert set(types.objects(None, RDFS.seeAlso)) == classes
    for concept, cls in types.subject_objects(RDFS.seeAlso):
        assert set(types.objects(concept, RDFS.label)) == set(schema.objects(cls, RDFS.label)), concept


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("KI", "artificial intelligence"),
        ("Plastikrecycling", "plastics recycling"),
        ("Quantencomputer", "quantum computing"),
        ("Digital Health", "digital medicine"),
        ("IoT", "internet of things"),
        ("Brennstoffzelle", "fuel cell"),
        ("3D-Druck", "3D printing"),
        ("Batteriezellen", "battery cells"),
        ("weiße Biotechnologie", "white biotechnology"),
        ("Lebensmittelverschwendung", "food waste"),
        ("autonomes Fahren", "self-driving cars"),
        ("KI im Gesundheitswesen", "AI in healthcare"),
        ("Spin-offs", "university spin-offs"),
    ],
)
def test_topics_are_found_under_the_names_people_use(topics, german, english):
    def named(form: str) -> set:
        return {s for s, p, o in topics if p in (SKOS.prefLabel, SKOS.altLabel) and str(o) == form}

    assert len(named(german)) == 1
    assert named(german) == named(english)


def test_the_topic_scheme_makes_its_concepts_topics(topics):
    assert (TOPIC_SCHEME, RDF.type, CLU.TopicScheme) in topics
    assert set(topics.subjects(RDF.type, CLU.Topic)) == set(concepts(topics))
    assert len(concepts(topics)) >= 170


def test_the_tree_of_topics_is_neither_flat_nor_deep(topics):
    def depth(concept: URIRef) -> int:
        return 1 + max((depth(parent) for parent in topics.objects(concept, SKOS.broader)), default=0)

    assert 8 <= len(set(topics.objects(TOPIC_SCHEME, SKOS.hasTopConcept))) <= 14
    assert Counter(map(depth, concepts(topics))).keys() <= {1, 2, 3, 4}
    assert max(len(set(topics.objects(concept, SKOS.broader))) for concept in concepts(topics)) <= 2


def test_every_topic_has_further_names_in_both_languages(topics):
    for concept in concepts(topics):
        assert {label.language for label in topics.objects(concept, SKOS.altLabel)} == {"de", "en"}, concept
