"""The demo data: complete, sound, and true to the passages it names."""

import csv
import hashlib
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rdflib import FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, Graph, Literal, Namespace, URIRef

import ontology
from ingest.mentions import Gazetteer
from kg.text import detect_language
from kg.types import Chunk, Document, Iri, Label, Mention, NTriple
from kg.validate import check
from ontology import namespaces, terms

DEMO = Path(__file__).parents[1] / "demo"
CLU = Namespace(namespaces.CLU)
DCTERMS = Namespace(namespaces.DCTERMS)
FABIO = Namespace(namespaces.FABIO)
ID = "https://w3id.org/cluster-nrw/id/"
DOCUMENTS = sorted((DEMO / "documents").glob("*.md"))
NAMES = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, RDFS.label)


@pytest.fixture(scope="module")
def landscape() -> Graph:
    return Graph().parse(DEMO / "landscape.ttl")


@pytest.fixture(scope="module")
def world(landscape) -> Graph:
    graph = Graph()
    for path in ontology.files():
        graph.parse(path)
    for triple in landscape:
        graph.add(triple)
    return graph


def test_there_are_twenty_cluster_organisations(world):
    query = f"SELECT (COUNT(DISTINCT ?c) AS ?n) {{ ?c a <{CLU.ClusterOrganisation}> }}"
    assert [int(row.n) for row in world.query(query)] == [20]


ALIASES = [
    ("ClusterAllianz.NRW", "Cluster.Allianz.NRW"),
    ("AeroSpace.NRW", "Aerospace.NRW"),
    ("creative.nrw", "Creative.NRW"),
    ("kunststoffland NRW", "kunststoffland.NRW"),
    ("CLIB", "Cluster Industrielle Biotechnologie"),
    ("FPI", "Food-Processing Initiative"),
    ("KNUW.NRW", "Kompetenznetzwerk Umweltwirtschaft.NRW"),
    ("Logistik.NRW", "Kompetenznetz Logistik.NRW"),
    ("5G.NRW", "Kompetenzzentrum 5G.NRW", "Competence Center 5G.NRW"),
    ("NMWP.NRW", "NanoMikroWerkstoffePhotonik"),
    ("KI.NRW", "Kompetenzplattform KI.NRW"),
    ("Ein.Quantum.NRW", "EIN Quantum NRW"),
    ("Jülich Supercomputing Centre", "Jülich Supercomputing Centre (JSC)", "JSC"),
    ("Effizienz-Agentur NRW", "Effizienz Agentur-NRW", "EFA"),
    ("Zenit GmbH", "ZENIT"),
    ("NRW.BANK", "NRW.Bank"),
]


@pytest.mark.parametrize("group", ALIASES, ids=[group[0] for group in ALIASES])
def test_every_alias_group_names_one_entity(landscape, group):
    def named(form: str) -> set:
        return {s for p in NAMES for s, o in landscape.subject_objects(p) if str(o) == form}

    assert len(set().union(*(named(form) for form in group))) == 1
    assert all(named(form) for form in group)


@pytest.fixture(scope="module")
def gazetteer(world) -> Gazetteer:
    """Finds the names of what can be linked in the demo and the vocabularies."""
    kinds = ((CLU.Topic, "topic"), (ORG.Organization, "organisation"), (CLU.Instrument, "instrument"))
    kind_of = {s: kind for root, kind in kinds for s in world.subjects(RDF.type, root)}
    labels = [
        Label(str(form), Iri(str(s)), kind)
        for s, kind in kind_of.items()
        for p in NAMES
        for form in world.objects(s, p)
    ]
    return Gazetteer(sorted(labels, key=lambda label: (label.form, label.entity)))


@pytest.mark.parametrize("group", ALIASES, ids=[group[0] for group in ALIASES])
def test_every_alias_group_links_to_one_entity(landscape, gazetteer, group):
    entity = next(s for p in NAMES for s, o in landscape.subject_objects(p) if str(o) == group[0])
    for form in group:
        before = f"{max(group, key=len)} ist bekannt. Gestern sprach "
        text = f"{before}{form} über das Vorhaben."
        found = linked(gazetteer, text)
        assert {mention.entity for mention in found} == {str(entity)}, form
        assert len(before) in {mention.start for mention in found}, form


def linked(gazetteer: Gazetteer, text: str) -> list[Mention]:
    document = Document(
        id="d", iri=Iri("d:1"), source="t", location="a", path="a", title="A", text=text,
        language="de", media_type="text/plain", digest="0", retrieved=datetime(2026, 11, 23, tzinfo=UTC),
    )  # fmt: skip
    return gazetteer.find(document, [Chunk(Iri("c:1"), "d", 0, len(text), text, "de")])


def test_no_two_things_share_a_name(landscape):
    owners: dict[str, set] = {}
    for predicate in NAMES:
        for subject, form in landscape.subject_objects(predicate):
            if "/document/" not in subject:
                owners.setdefault(str(form).casefold(), set()).add(subject)
    assert {form: found for form, found in owners.items() if len(found) > 1} == {}


def test_the_landscape_keeps_every_shape(world):
    triples = [NTriple(line) for line in world.serialize(format="nt").splitlines() if line]
    report = check(triples)
    assert report.conforms, report.lines()


def test_the_landscape_uses_only_terms_and_concepts_that_exist(world, landscape):
    used = {str(node) for triple in landscape for node in triple if isinstance(node, URIRef)}
    assert {iri for iri in used if iri.startswith(namespaces.CLU)} <= terms.TERMS
    described = set(world.subjects())
    assert {iri for iri in used if iri.startswith(ID) and URIRef(iri) not in described} == set()


def test_every_relation_from_the_paper_has_a_claim_and_every_claim_its_statement(landscape):
    claims = {
        tuple(landscape.value(c, p) for p in (RDF.subject, RDF.predicate, RDF.object))
        for c in landscape.subjects(RDF.type, CLU.Claim)
    }
    assert claims <= set(landscape)
    for name in (
        "offersInstrument",
        "cooperatesWith",
        "coversTopic",
        "participatesIn",
        "hasFrequency",
        "targetGroup",
    ):
        assert set(landscape.triples((None, CLU[name], None))) <= claims, name


def test_cooperation_is_mutual_between_organisations(landscape):
    for one, other in landscape.subject_objects(CLU.cooperatesWith):
        if (one, RDF.type, CLU.UnnamedActor) not in landscape:
            assert (other, CLU.cooperatesWith, one) in landscape


def test_unnamed_actors_carry_no_name(landscape):
    actors = list(landscape.subjects(RDF.type, CLU.UnnamedActor))
    assert len(actors) == 4
    assert not any((actor, name, None) in landscape for actor in actors for name in NAMES)


@pytest.mark.parametrize(
    "thing",
    [
        "instrument/plattform-chemisches-recycling",
        "project/bio-nrw-gateway-factory",
        "project/clib-materials-lab",
    ],
)
def test_what_is_only_planned_says_so(landscape, thing):
    assert landscape.value(URIRef(ID + thing), CLU.status) == URIRef(f"{ID}status/planned")
    for claim in landscape.subjects(RDF.object, URIRef(ID + thing)):
        assert landscape.value(claim, CLU.status) == URIRef(f"{ID}status/planned")


def test_a_project_is_no_instrument_and_no_organisation(landscape):
    projects = set(landscape.subjects(RDF.type, FOAF.Project))
    instruments = ("addressesImpulse", "targetGroup")
    actors = ("offersInstrument", "supports", "cooperatesWith", "organisationType", "umbrellaOf", "hosts")
    for name in (*instruments, *actors):
        assert not projects & set(landscape.subjects(CLU[name], None)), name
    assert not projects & set(landscape.objects(None, ORG.organization))


def test_every_cluster_organisation_has_one_type_with_a_claim(landscape):
    claimed = {
        (landscape.value(c, RDF.subject), landscape.value(c, RDF.object))
        for c in landscape.subjects(RDF.predicate, CLU.organisationType)
    }
    for cluster in landscape.subjects(RDF.type, CLU.ClusterOrganisation):
        types = list(landscape.objects(cluster, CLU.organisationType))
        assert len(types) == 1
        assert (cluster, types[0]) in claimed


def test_every_instrument_project_event_and_programme_has_a_status_and_both_names(landscape):
    kinds = (CLU.Instrument, FOAF.Project, SDO.EventSeries, SDO.FundingScheme)
    for thing in {s for kind in kinds for s in landscape.subjects(RDF.type, kind)}:
        assert len(list(landscape.objects(thing, CLU.status))) == 1, thing
        assert {label.language for label in landscape.objects(thing, RDFS.label)} == {"de", "en"}, thing


def test_seven_statistics_name_their_publisher_and_the_day_of_access(landscape):
    statistics = set(landscape.subjects(RDF.type, CLU.Statistic))
    assert len(statistics) == 7
    unsourced = URIRef(ID + "statistic/co2-agrar-lebensmittel")
    for statistic in statistics - {unsourced}:
        assert landscape.value(statistic, DCTERMS.publisher), statistic
        assert landscape.value(statistic, PROV.hadPrimarySource), statistic
        accessed = landscape.value(statistic, FABIO.hasAccessDate)
        assert str(accessed) in str(landscape.value(statistic, DCTERMS.provenance)), statistic
    assert landscape.value(unsourced, DCTERMS.publisher) is None


def test_addresses_and_identifiers_name_a_source_of_their_own(landscape):
    sourced = {
        tuple(landscape.value(s, p) for p in (RDF.subject, RDF.predicate, RDF.object))
        for s in landscape.subjects(RDF.type, RDF.Statement)
        if landscape.value(s, DCTERMS.source)
    }
    for name in (FOAF.homepage, OWL.sameAs):
        assert set(landscape.triples((None, name, None))) <= sourced, name


def test_roles_are_said_with_evidence(landscape):
    claimed = {landscape.value(c, RDF.subject) for c in landscape.subjects(RDF.type, CLU.Claim)}
    held = {*landscape.subjects(ORG.role, None), *landscape.subjects(PROV.hadRole, None)}
    assert len(held) == 11
    assert held <= claimed


def test_nobody_is_called_an_author_of_the_paper(landscape):
    assert not list(landscape.objects(URIRef(f"{ID}document/cluster-zukunft-nrw"), DCTERMS.creator))


@pytest.mark.shared
def test_every_passage_hash_is_that_of_its_lines_in_the_paper(landscape, shared):
    paper = (shared / "corpus/zukunftspapier/cluster-zukunft-nrw.txt").read_text(encoding="utf-8")
    lines = [line for line in paper.split("\n") if line.strip()]
    checked = 0
    for subject, stated in landscape.subject_objects(CLU.passageHash):
        first, last = (int(landscape.value(subject, p)) for p in (CLU.line, CLU.lineEnd))
        passage = re.sub(r"\s+", " ", " ".join(lines[first - 1 : last])).strip()
        found = hashlib.sha256(unicodedata.normalize("NFC", passage).encode()).hexdigest()
        assert found == str(stated), subject
        checked += 1
    assert checked > 650


@pytest.mark.shared
def test_no_sentence_of_the_paper_is_copied(landscape, shared):
    paper = (shared / "corpus/zukunftspapier/cluster-zukunft-nrw.txt").read_text(encoding="utf-8")
    words = re.findall(r"\w+", paper.casefold())
    size = 8
    known = {tuple(words[i : i + size]) for i in range(len(words) - size)}
    ours = [path.read_text(encoding="utf-8") for path in DOCUMENTS]
    ours += [(DEMO / "profiles.csv").read_text(encoding="utf-8")]
    for graph in (landscape, *(Graph().parse(path) for path in ontology.files())):
        ours += [str(o) for _, p, o in graph if isinstance(o, Literal) and p not in NAMES]
    for text in ours:
        mine = re.findall(r"\w+", text.casefold())
        runs = (mine[i : i + size] for i in range(len(mine) - size + 1))
        assert [run for run in runs if tuple(run) in known] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=[path.stem for path in DOCUMENTS])
def test_documents_are_short_titled_and_in_a_known_language(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert 150 <= len(text.split()) <= 300
    assert detect_language(text) in {"de", "en"}


def test_documents_come_in_both_languages():
    languages = [detect_language(path.read_text(encoding="utf-8")) for path in DOCUMENTS]
    assert languages.count("de") >= 4
    assert languages.count("en") >= 3


def test_profiles_have_the_agreed_columns_and_name_known_organisations(landscape):
    with (DEMO / "profiles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = (
        "name kind place clusters offers seeks topics website contact identifiers confirmed "
        "description_de description_en aliases"
    )
    assert list(rows[0]) == columns.split()
    labels = {str(label) for label in landscape.objects(None, RDFS.label)}
    assert len(rows) >= 3
    assert all(row["name"] in labels for row in rows)
