"""Competency questions: what the demo data must be able to answer, on the real store."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ontology
from api import questions
from ingest.worker import WriterConfig, run_job
from kg.base import Library
from kg.graph import Graph
from kg.ids import Namer

ROOT = Path(__file__).parents[2]
QUERIES = {path.stem: path for path in ontology.queries()}
QUESTIONS = {question.name: question for question in questions.load()}
EXPECTED = questions.expected()
UNSAID = sorted(name for name, question in QUESTIONS.items() if question.reason)


@pytest.fixture(scope="session")
def demo_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """All of demo/ as it is published, with what was derived from it."""
    data = tmp_path_factory.mktemp("questions")
    arguments = {"paths": [str(ROOT / "demo")], "source": "demo"}
    report = run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
    assert report.rejected == ()
    library = Library(data, namer=Namer())
    yield library.current().graph("public")
    library.close()


def short(name: str) -> set[tuple[str, ...]]:
    """Return expected rows with the last part of each name only."""
    return {tuple(cell.rpartition("/")[2] for cell in row) for row in EXPECTED[name] if row}


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_has_exactly_the_expected_answer(demo_graph: Graph, name: str) -> None:
    answer = questions.judge(QUESTIONS[name], questions.ask(demo_graph, QUESTIONS[name]), EXPECTED[name])

    assert answer.outcome == ("not stated" if QUESTIONS[name].reason else "pass"), questions.lines([answer])


@pytest.mark.parametrize("name", ["q01-actor-maps", "q77-skills-gap", "q88-signatories"])
def test_question_fails_once_the_expected_answer_is_altered(demo_graph: Graph, name: str) -> None:
    rows = questions.ask(demo_graph, QUESTIONS[name])
    altered = [*EXPECTED[name], ("organisation/nobody",)]
    assert questions.judge(QUESTIONS[name], rows, altered).missing == (("organisation/nobody",),)
    assert questions.judge(QUESTIONS[name], [*rows, ("x",)], EXPECTED[name]).unexpected == (("x",),)


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
    "q03-ion-traps": {("ein-quantum-nrw",), ("juelich-supercomputing-centre",), ("quanten-start-up",)},
    "q05-digital-and-medicine": {("medizin-nrw",)},
    "q45-unnamed-start-up": {("quanten-start-up",)},
    "q49-lead-fairs": {
        ("bio-international-convention", "bio-nrw"),
        ("bio-europe", "bio-nrw"),
        ("hannover-messe", "knuw-nrw"),
        ("hannover-messe", "produktionnrw"),
    },
    "q57-bioeconomy-council": {("bio-nrw", "biooekonomie-rat-nrw")},
    "q63-living-lab-prototypes": {("blockchain-reallabor", "25", "at-least")},
    "q65-sandbox-advice": {("digi-sandbox-nrw",)},
    "q67-digital-twin": {
        ("nmwp-nrw", "digital-twin-academy", role) for role in ("projektpartner", "vernetzungspartner")
    },
    "q69-umbrella": {("ki-nrw",), ("bio-nrw",)},
    "q71-supply-matchmaking": {("automotiveland-nrw", "b2b-matchmakings")},
    "q73-dependencies": {("nordrhein-westfalen", "batterien"), ("nordrhein-westfalen", "halbleiter")},
    "q77-skills-gap": {
        ("fehlende-fachkraefte", "88234", "2022/2023 (Jahresdurchschnitt)", "kofa", "2024-11-28"),
        ("stellen-ohne-bewerber", "35.6", "2022/2023 (Jahresdurchschnitt)", "kofa", "2024-11-28"),
    },
    "q79-photonics-training": {("nmwp-nrw", "nmwp-cross-innovation-weiterbildungen")},
    "q53-critical-materials": {("eurocluster",)},
    "q51-delegations-to-asia": {("bio-nrw", "bio-nrw-delegationsreisen")},
}


@pytest.mark.parametrize("name", GOLD)
def test_expected_answers_hold_what_the_paper_says(name: str) -> None:
    slash = {"2022/2023 (Jahresdurchschnitt)": "2023 (Jahresdurchschnitt)"}
    gold = {tuple(slash.get(cell, cell) for cell in row) for row in GOLD[name]}

    assert short(name) == gold


def test_every_cluster_of_the_circular_economy_is_named_with_its_instrument() -> None:
    found = short("q55-circular-economy")

    assert sorted({cluster for cluster, _ in found}) == CIRCULAR
    assert {
        ("produktionnrw", "circo-workshopreihe"),
        ("circular-valley-stiftung", "circular-economy-accelerator"),
        ("kunststoffland-nrw", "toolbox-fachkraefte"),
    } <= found


def test_every_offer_has_its_evidence(demo_graph: Graph) -> None:
    pattern = "SELECT DISTINCT ?o ?i WHERE { ?o <https://w3id.org/cluster-nrw/ns#offersInstrument> ?i }"
    offers = {tuple(row[n].removeprefix(questions.BASE) for n in "oi") for row in demo_graph.select(pattern)}

    assert {row[:2] for row in EXPECTED["q83-provenance"]} == offers


def test_every_question_has_an_expected_answer_and_no_other() -> None:
    assert set(EXPECTED) == set(QUERIES)
    assert len(QUERIES) >= 45
    assert [name for name, rows in EXPECTED.items() if not rows] == UNSAID


def test_every_question_of_the_design_that_one_query_can_answer_is_there() -> None:
    wanted = [1, 11, 15, 17, 19, 21, 23, 25, 27, 31, 33, 35, 37, 39, 41, 43, 49, 55, 57, 63, 65, 67, 69, 71]
    wanted += [73, 77, 83, 3, 5, 7, 13, 29, 45, 51, 53, 59, 61, 75, 79, 81]
    numbers = {int(name[1:3]) for name in QUERIES}

    assert set(wanted) <= numbers


def test_expected_rows_are_sorted_and_as_wide_as_their_query() -> None:
    for name, rows in EXPECTED.items():
        assert list(rows) == sorted(set(rows)), name
        assert {len(row) for row in rows} <= {len(QUESTIONS[name].columns)}, name


@pytest.mark.parametrize("path", QUERIES.values(), ids=QUERIES)
def test_every_query_opens_with_its_question_in_both_languages(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()

    assert re.fullmatch(r"# [^|]+\? \| [^|]+\?", lines[0])
    assert QUESTIONS[path.stem].theme in questions.THEMES
    assert lines[1].startswith("# theme: ")
    notes = [line for line in lines[2:] if line.startswith("#")]
    assert all(re.fullmatch(r"# not stated: [^|]+\. \| [^|]+\.", note) for note in notes)


def test_no_question_is_asked_twice() -> None:
    for language in ("de", "en"):
        asked = [question.text[language] for question in QUESTIONS.values()]
        assert len(asked) == len(set(asked))


@pytest.mark.parametrize("path", QUERIES.values(), ids=QUERIES)
def test_no_query_knows_an_organisation_by_name(path: Path) -> None:
    assert "/id/organisation/" not in path.read_text(encoding="utf-8")


def test_the_page_of_questions_is_current() -> None:
    page = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")

    for name, question in QUESTIONS.items():
        answer = "not stated" if question.reason else str(len(EXPECTED[name]))
        text = f"{question.text['de']} | {question.text['en']}"
        assert f"| [{name}](../ontology/queries/{name}.rq) | {text} | {answer} |" in page
