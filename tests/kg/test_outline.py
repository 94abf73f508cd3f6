"""What the graph holds: classes and relations with their counts."""

import pytest

from kg import outline
from kg.base import Snapshot
from ontology.namespaces import CLU


def test_classes_and_relations_are_counted_the_most_frequent_first(snapshot: Snapshot) -> None:
    held = outline.of(snapshot, "public")
    query = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a <{CLU}ClusterOrganisation> }}"
    (row,) = snapshot.graph("public").select(query)
    classes = {one.name: one for one in held.classes}
    relations = {one.name: one for one in held.relations}

    assert classes["clu:ClusterOrganisation"].count == int(row["n"]) > 0
    assert classes["clu:ClusterOrganisation"].labels[1] == "cluster organisation"
    assert relations["clu:offersInstrument"].range == ("clu:Instrument",)
    for terms in (held.classes, held.relations):
        assert [one.count for one in terms] == sorted((one.count for one in terms), reverse=True)
        assert [one.name for one in terms if one.name.startswith(("owl:", "rdf:", "rdfs:", "sh:"))] == []
    assert outline.of(snapshot, "public") is held


@pytest.mark.parametrize(
    ("iri", "short"),
    [(f"{CLU}Topic", "clu:Topic"), ("https://nowhere.example/x", "https://nowhere.example/x")],
)
def test_an_iri_is_as_short_as_the_prefixes_make_it(iri: str, short: str) -> None:
    assert outline.curie(iri) == short
