"""The vocabularies: sound SKOS in two languages."""

from collections import Counter

import pytest
from rdflib import RDF, RDFS, SKOS, Graph, Namespace, URIRef

import ontology
from ontology import namespaces

CLU = Namespace(namespaces.CLU)
VOCABULARIES = [name for name in ontology.graphs() if name.startswith("vocab/")]
ID = "https://w3id.org/cluster-nrw/id/"


@pytest.fixture(scope="module", params=VOCABULARIES)
def vocabulary(request) -> Graph:
    return Graph().parse(ontology.graphs()[request.param])


def concepts(graph: Graph) -> list[URIRef]:
    return sorted(graph.subjects(RDF.type, SKOS.Concept))


@pytest.mark.parametrize("predicate", [SKOS.prefLabel, RDFS.label])
def test_every_concept_and_scheme_has_one_label_per_language(vocabulary, predicate):
    for subject in {*concepts(vocabulary), *vocabulary.subjects(RDF.type, SKOS.ConceptScheme)}:
        assert sorted(x.language for x in vocabulary.objects(subject, predicate)) == ["de", "en"], subject


def test_every_concept_is_in_a_scheme_and_has_a_parent_or_is_a_top_concept(vocabulary):
    for concept in concepts(vocabulary):
        assert (vocabulary.value(concept, SKOS.inScheme), RDF.type, SKOS.ConceptScheme) in vocabulary
        has_parent = (concept, SKOS.broader, None) in vocabulary
        assert has_parent != ((concept, SKOS.topConceptOf, None) in vocabulary), concept


def test_broader_stays_inside_and_has_no_cycle(vocabulary):
    for concept in concepts(vocabulary):
        for parent in vocabulary.objects(concept, SKOS.broader):
            assert (parent, RDF.type, SKOS.Concept) in vocabulary
            assert concept not in set(vocabulary.transitive_objects(parent, SKOS.broader)), concept


def test_no_alternative_label_repeats_a_label_of_its_concept_or_names_two_concepts(vocabulary):
    forms: Counter[tuple[str, str]] = Counter()
    for concept in concepts(vocabulary):
        mine = [*vocabulary.objects(concept, SKOS.prefLabel), *vocabulary.objects(concept, SKOS.altLabel)]
        forms.update((form.casefold(), form.language) for form in mine)
    assert [form for form, count in forms.items() if count > 1] == []


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


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("KI", "artificial intelligence"),
        ("Plastikrecycling", "plastics recycling"),
        ("Quantencomputer", "quantum computing"),
        ("Digital Health", "digital medicine"),
        ("IoT", "internet of things"),
    ],
)
def test_topics_are_found_under_the_names_people_use(german, english):
    graph = Graph().parse(ontology.graphs()["vocab/topic"])

    def named(form: str) -> set:
        return {s for s, p, o in graph if p in (SKOS.prefLabel, SKOS.altLabel) and str(o) == form}

    assert len(named(german)) == 1
    assert named(german) == named(english)


def test_the_topic_scheme_makes_its_concepts_topics():
    graph = Graph().parse(ontology.graphs()["vocab/topic"])
    assert (URIRef(f"{ID}scheme/topic"), RDF.type, CLU.TopicScheme) in graph
    assert set(graph.subjects(RDF.type, CLU.Topic)) == set(concepts(graph))
    assert 40 <= len(concepts(graph)) <= 80
