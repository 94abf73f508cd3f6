"""Competency questions: what the curated landscape must be able to answer, on the real store."""

import re
from pathlib import Path

import pytest

import ontology
from kg.graph import Graph, parse
from kg.types import Iri, NQuad

ID = "https://w3id.org/cluster-nrw/id/"
DEMO = Path(__file__).parents[2] / "demo" / "landscape.ttl"
QUERIES = {path.stem: path for path in ontology.queries()}


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    store = Graph.open(tmp_path_factory.mktemp("questions"))
    files = {**ontology.graphs(), "curated": DEMO}
    for name, path in files.items():
        iri = Iri(f"{ID}graph/{name}")
        triples = parse(path.read_bytes(), "text/turtle", iri)
        store.load(NQuad(f"{triple.removesuffix('.')}<{iri}> .") for triple in triples)
    yield store
    store.close()


def short(value: str) -> str:
    return value.removeprefix(ID).partition("/")[2] if value.startswith(ID) else value


def rows(graph: Graph, name: str) -> set[tuple[str, ...]]:
    text = QUERIES[name].read_text(encoding="utf-8")
    columns = re.search(r"SELECT (?:DISTINCT )?((?:\?\w+ ?)+)", text).group(1).replace("?", "").split()
    return {tuple(short(row.get(c, "")) for c in columns) for row in graph.select(text)}


CIRCULAR = [
    "bio-nrw",
    "blockchain-nrw",
    "chemie-nrw",
    "circular-valley-stiftung",
    "clib",
    "foodhub-nrw",
    "knuw-nrw",
    "kunststoffland-nrw",
    "produktionnrw",
]
GOLD = {
    "q01-actor-maps": {
        ("ki-nrw", "ki-landkarte"),
        ("blockchain-nrw", "blockchain-landkarte"),
        ("medizin-nrw", "medizin-nrw-akteursdatenbank"),
        ("aerospace-nrw", "aerospace-nrw-akteursdatenbank"),
    },
    "q11-industry-creative": {("creative-nrw", "creative-challenges")},
    "q17-initiated-projects": {("clib", "50", "at-least", level) for level in ("state", "federal", "eu")},
    "q21-trend-series": {
        ("innovationsradar-logistik", "half-yearly", "logistik-nrw"),
        ("green-economy-paper", "regular", "knuw-nrw"),
        ("innocam-marktbeobachtung", "several-times-a-year", "innocam-nrw"),
        ("clib-international-conference", "yearly", "clib"),
        ("foodhub-informationsangebot", "daily", "foodhub-nrw"),
    },
    "q25-digital-medicine-publications": {("whitepaper-digitale-medizin-2022", "2022", "medizin-nrw")},
    "q27-automated-mobility": {("innocam-nrw",)},
    "q31-value-chain-whitepapers": {
        ("whitepaper-transformation-luftfahrt", "aerospace-nrw"),
        ("whitepaper-nrw-perspektive-6g", "5g-nrw"),
    },
    "q33-funding-overviews": {
        *((c, "") for c in ("produktionnrw", "medizin-nrw", "clib", "kunststoffland-nrw", "creative-nrw")),
        ("bio-nrw", "startups"),
        ("bio-nrw", "kmu"),
    },
    "q35-cascade-funding": {("fpi", "innosup-1"), ("fpi", "i3")},
    "q39-flagship-figures": {("ki-nrw-flagship-initiative", "65000000", "47", "8")},
    "q41-investor-circles": {
        ("bio-nrw-business-angel-zirkel", "bio-nrw", "35", "40"),
        ("foodhub-investoren-zirkel", "foodhub-nrw", "", ""),
    },
    "q43-planned-incubator-cooperations": {
        ("bio-nrw-gateway-factory", "bio-nrw"),
        ("clib-materials-lab", "clib"),
    },
    "q45-unnamed-start-up": {("quanten-start-up", "")},
    "q49-lead-fairs": {
        ("bio-international-convention", "bio-nrw"),
        ("bio-europe", "bio-nrw"),
        ("hannover-messe", "knuw-nrw"),
        ("hannover-messe", "produktionnrw"),
    },
    "q57-bioeconomy-council": {("bio-nrw", "biooekonomie-rat-nrw")},
    "q63-living-lab-prototypes": {("blockchain-reallabor", "25", "at-least")},
    "q65-sandbox-advice": {("digi-sandbox-nrw",)},
    "q67-digital-twin": {("nmwp-nrw", "digital-twin-academy")},
    "q69-umbrella": {("ki-nrw",), ("bio-nrw",)},
    "q71-supply-matchmaking": {("automotiveland-nrw", "b2b-matchmakings")},
    "q77-skills-gap": {
        ("88234", "Personen", "2022/2023 (Jahresdurchschnitt)", "KOFA, abgerufen 2024-11-28"),
        ("35.6", "Prozent", "2022/2023 (Jahresdurchschnitt)", "KOFA, abgerufen 2024-11-28"),
    },
}


@pytest.mark.parametrize("name", GOLD)
def test_question_has_exactly_the_answer_of_the_source(graph, name):
    assert rows(graph, name) == GOLD[name]


def test_every_cluster_of_the_circular_economy_is_named_with_its_instrument(graph):
    found = rows(graph, "q55-circular-economy")
    assert sorted({cluster for cluster, _ in found}) == CIRCULAR
    expected = {
        ("produktionnrw", "circo-workshopreihe"),
        ("circular-valley-stiftung", "circular-economy-accelerator"),
        ("kunststoffland-nrw", "toolbox-fachkraefte"),
    }
    assert expected <= found


def test_every_offer_has_its_evidence(graph):
    pattern = "SELECT ?o ?i WHERE { ?o <https://w3id.org/cluster-nrw/ns#offersInstrument> ?i }"
    offers = {(short(row["o"]), short(row["i"])) for row in graph.select(pattern)}
    assert {
        (organisation, instrument) for organisation, instrument, *_ in rows(graph, "q83-provenance")
    } == offers


def test_every_question_has_an_expected_answer():
    assert set(GOLD) | {"q55-circular-economy", "q83-provenance"} == set(QUERIES)


@pytest.mark.parametrize("path", QUERIES.values(), ids=QUERIES)
def test_every_query_opens_with_its_question_in_both_languages(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.fullmatch(r"# [^|]+\? \| [^|]+\?", first)


@pytest.mark.parametrize("path", QUERIES.values(), ids=QUERIES)
def test_no_query_knows_an_organisation_by_name(path):
    assert "/id/organisation/" not in path.read_text(encoding="utf-8")
