"""Which forms name which entity."""

from kg import kinds, labels
from kg.base import Snapshot
from kg.types import Iri, Label, NTriple
from ontology.namespaces import CLU, ORG

A = Iri("https://w3id.org/cluster-nrw/id/organisation/a")


def test_changed_forms_are_those_that_gained_or_lost_an_entity() -> None:
    before = {("Alt", A), ("Bleibt", A)}
    after = [Label("Bleibt", A, "organisation"), Label("Neu", A, "organisation")]

    assert labels.changed_forms(before, after) == ["Alt", "Neu"]


def test_packed_labels_come_back() -> None:
    known = [Label("Grün e. V.", A, "organisation")]

    assert labels.unpack(labels.pack(known)) == {("Grün e. V.", A)}
    assert labels.unpack("") == set()


def test_a_cluster_name_becomes_a_membership_when_it_is_known() -> None:
    line = NTriple(f'<http://x> <{CLU}clusterName> "Netz \\"Grün\\""@de .')

    assert labels.named_things([line], []) == []
    known = [Label('netz "grün"', A, "organisation"), Label("Grün", A, "topic")]
    assert labels.named_things([line], known) == [f"<http://x> <{ORG}memberOf> <{A}> ."]


def test_a_topic_in_words_becomes_a_topic_when_it_is_known() -> None:
    lines = [NTriple(f'<http://x> <{CLU}topicText> "{word}"@en .') for word in ("Glass", "glass", "Sand")]
    topic = Iri("https://w3id.org/cluster-nrw/id/topic/glas")
    known = [Label("Glass", topic, "topic"), Label("Sand", A, "organisation")]

    assert labels.named_things(lines, known) == [f"<http://x> <{CLU}coversTopic> <{topic}> ."]


def test_kinds_follow_subclasses_and_vocabulary_terms_have_none(snapshot: Snapshot) -> None:
    found = kinds.of_entities(snapshot.graph("public"))
    base = "https://w3id.org/cluster-nrw/id/"

    assert found[Iri(base + "organisation/rheinoptik")] == "organisation"
    assert found[Iri(base + "instrument/linsenkarte")] == "instrument"
    assert found[Iri(base + "topic/kuenstliche-intelligenz")] == "topic"
    assert Iri(base + "status/planned") not in found
