"""No code knows an organisation: renaming all clusters in a copy of the data changes no rank.

The made-up names have the length, the case and the dots of the real ones, and as many parts where
these are compounds, so that every text keeps its offsets and its share in every statistic. The
encoder reads all texts with the real names put back: vectors are equal, and whatever differs
between the two data folders is the doing of code.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, Graph, URIRef

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import experts, search
from kg.answers import Expert, Hit, Results
from kg.base import Library, Snapshot
from kg.embed import Encoder, open_encoder
from kg.encoder import Vector
from kg.ids import BASE, Namer
from kg.index.analysis import compound_text
from kg.index.lexical_query import analysers
from kg.quotes import stems
from kg.types import Query, Report
from kg.writer import Writer
from ontology.namespaces import CLU

pytestmark = pytest.mark.slow

DEMO = Path(__file__).parents[1] / "demo"

WORDS = {
    "5g": "5q",
    "aerospace": "adlerhorn",
    "automotiveland": "autogrammzwerg",
    "bio": "bif",
    "biotechnologie": "bivurnapoltrie",
    "biotechnology": "bivurnapoltry",
    "blockchain": "blamquesto",
    "chemie": "chulpa",
    "circular": "cirqavor",
    "clib": "cliv",
    "creative": "creautel",
    "food": "fomb",
    "fpi": "fpu",
    "hub": "hyb",
    "industrial": "imkerkanne",
    "industrielle": "imkerschemel",
    "innocam": "innuvos",
    "ki": "kj",
    "knuw": "knyf",
    "kunststoffland": "kutschenzirkel",
    "logistik": "lombrast",
    "medizin": "medurak",
    "nanomikrowerkstoffephotonik": "nufomikelwarbantolfphelumik",
    "nmwp": "nmgt",
    "processing": "prolumbest",
    "produktion": "proxumelan",
    "quantum": "quolter",
    "umweltwirtschaft": "urkomendwistrakt",
    "valley": "vulpem",
}
"""What each word of a cluster's name becomes; the order of IRIs, by which ties break, stays."""

KEPT = ("nrw", "ein", "e", "v", "cluster", "kompetenzplattform", "kompetenzzentrum", "kompetenznetzwerk",
        "kompetenznetz", "competence", "center", "platform", "stiftung", "foundation",
        "initiative")  # fmt: skip
"""The state, a stop word, and what kind of body it is: words that name nobody."""

QUESTIONS = (
    "Wer hilft beim Recycling von Altmaterial?",
    "Regranulat für Haushaltsgeräte",
    "Start-ups suchen Investoren und Mentoren",
    "Wer berät zu Reallaboren und Sandboxes?",
    "Ausgründung aus der Forschung begleiten",
    "Wo treffen sich Business Angels mit jungen Betrieben?",
    "Broschüre zu Fördermitteln in den Lebenswissenschaften",
    "Lehrpläne an Berufsschulen anpassen",
    "zirkuläre Geschäftsmodelle im Maschinenbau",
    "Gemeinschaftsstände auf der Hannover Messe",
    "who supports start-ups that look for investors?",
    "ion traps and a supercomputing centre",
    "certificates for materials and the carbon footprint",
    "living labs and their legal framework",
    "delegation trips to fairs in Asia and the United States",
    "projects in the border region with the Netherlands",
    "Was veröffentlicht KNUW.NRW?",
    "What does CLIB do in European research projects?",
    "photonics training by NMWP.NRW",
)


class Renaming:
    """Puts one set of names in the place of another, in texts, slugs and IRIs, in any of their spellings."""

    def __init__(self, names: Sequence[str], words: dict[str, str]) -> None:
        self._words = words
        self._word = re.compile("|".join(sorted(words, key=len, reverse=True)), re.IGNORECASE)
        spellings = sorted({self._spellings(name) for name in names}, key=len, reverse=True)
        self._name = re.compile(rf"(?<![^\W_])(?:{'|'.join(spellings)})(?![^\W_])", re.IGNORECASE)

    @staticmethod
    def _spellings(name: str) -> str:
        return r"[\s.\-]{0,2}".join(map(re.escape, re.findall(r"[^\W_]+", name)))

    def __call__(self, text: str) -> str:
        return self._name.sub(lambda name: self._word.sub(self._replaced, name[0]), text)

    def _replaced(self, word: re.Match[str]) -> str:
        new = self._words[word[0].lower()]
        return "".join(n.upper() if o.isupper() else n for o, n in zip(word[0], new, strict=True))


class Blindfolded:
    """An encoder that reads every text with the real names put back."""

    def __init__(self, encoder: Encoder, restore: Renaming) -> None:
        self.id, self.dim = encoder.id, encoder.dim
        self._encoder, self._restore = encoder, restore

    def encode_query(self, text: str) -> Vector:
        return self._encoder.encode_query(self._restore(text))

    def encode_document(self, texts: Sequence[str]) -> Vector:
        return self._encoder.encode_document([self._restore(text) for text in texts])


@pytest.fixture(scope="module")
def landscape() -> Graph:
    return Graph().parse(DEMO / "landscape.ttl")


@pytest.fixture(scope="module")
def clusters(landscape: Graph) -> list[URIRef]:
    return sorted(landscape.subjects(RDF.type, URIRef(CLU + "ClusterOrganisation")))


@pytest.fixture(scope="module")
def names(landscape: Graph, clusters: list[URIRef]) -> list[str]:
    predicates = (RDFS.label, SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
    return sorted({str(form) for c in clusters for p in predicates for form in landscape.objects(c, p)})


@pytest.fixture(scope="module")
def rename(names: list[str]) -> Renaming:
    return Renaming(names, WORDS)


@pytest.fixture(scope="module")
def restore(names: list[str], rename: Renaming) -> Renaming:
    return Renaming([rename(name) for name in names], {new: old for old, new in WORDS.items()})


def texts() -> dict[Path, str]:
    paths = [path for path in DEMO.rglob("*") if path.is_file()]
    return {path.relative_to(DEMO): path.read_text(encoding="utf-8") for path in paths}


def ingested(folder: Path, data: Path, encoder: Encoder) -> Report:
    writer = Writer(data, namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
    try:
        options = Options(source="demo", text_access="full")
        return Pipeline(writer, encoder).ingest([str(folder)], options, lambda _: None)
    finally:
        writer.close()


@pytest.fixture(scope="module")
def encoders(restore: Renaming) -> tuple[Encoder, Encoder]:
    encoder = open_encoder("hash")
    return encoder, Blindfolded(encoder, restore)


@pytest.fixture(scope="module")
def reports(tmp_path_factory, rename: Renaming, encoders) -> tuple[Report, Report, Path, Path]:
    """Both ingests: the demo as it is, and a copy in which every cluster has another name."""
    home = tmp_path_factory.mktemp("rename")
    shutil.copytree(DEMO, home / "real")
    shutil.copytree(DEMO, home / "renamed")
    for path, text in texts().items():
        (home / "renamed" / path).write_text(rename(text), encoding="utf-8")
    before = ingested(home / "real", home / "one", encoders[0])
    after = ingested(home / "renamed", home / "two", encoders[1])
    return before, after, home / "one", home / "two"


@pytest.fixture(scope="module")
def snapshots(reports) -> Iterator[tuple[Snapshot, Snapshot]]:
    libraries = [Library(folder, namer=Namer()) for folder in reports[2:]]
    yield libraries[0].current(), libraries[1].current()
    for library in libraries:
        library.close()


def analysed(text: str) -> set[str]:
    """Everything that a text could share with another one: stems, parts of compounds, first letters."""
    forms = [text, compound_text(text)]
    found = {stem for form in forms for analyser in analysers().values() for stem in analyser.analyze(form)}
    return found | stems(text)


def test_every_cluster_gets_another_name_and_slug(
    clusters: list[URIRef], names: list[str], rename: Renaming
) -> None:
    words = {word.lower() for name in names for word in re.findall(r"[^\W_]+", name)}
    known = sorted([*WORDS, *KEPT], key=len, reverse=True)
    rest = {re.sub("|".join(known), "", word) for word in words}

    assert len(clusters) == 20
    assert rest == {""}
    assert all(rename(name) != name for name in names)
    assert all(rename(iri) != str(iri) for iri in clusters)


def test_the_made_up_words_have_the_shape_of_the_real_ones_and_stand_nowhere() -> None:
    present = set(re.findall(r"[^\W_]+", " ".join(texts().values()).lower()))

    assert all(len(old) == len(new) for old, new in WORDS.items())
    assert len(set(WORDS.values())) == len(WORDS)
    assert not set(WORDS.values()) & present
    for old, new in WORDS.items():
        assert not analysed(old) & analysed(new), (old, new)
        for analyser in analysers().values():  # neither is a stop word
            assert len(analyser.analyze(old)) == len(analyser.analyze(new)) == 1, (old, new)


def test_the_copy_holds_no_real_name_and_nothing_is_lost(rename: Renaming, restore: Renaming) -> None:
    for path, text in texts().items():
        renamed = rename(text)

        assert rename(renamed) == renamed, path
        assert restore(renamed) == text, path
        assert len(renamed) == len(text)
        if path.suffix != ".ttl":  # statements are not searched as text
            assert len(compound_text(renamed).split()) == len(compound_text(text).split()), path


def test_the_order_of_iris_stays(landscape: Graph, rename: Renaming) -> None:
    """Equal scores are ranked by the IRI of the thing; addresses elsewhere rank nothing."""
    nodes = {str(node) for triple in landscape for node in triple if isinstance(node, URIRef)}
    iris = sorted(node for node in nodes if node.startswith(BASE))

    assert [rename(iri) for iri in iris] == sorted(rename(iri) for iri in iris)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_shares_a_word_with_a_part_of_a_name(question: str, rename: Renaming) -> None:
    named = {"knuw", "clib", "nmwp"}
    asked = analysed(" ".join(word for word in re.findall(r"\w+", question) if word.lower() not in named))
    words = [word for pair in WORDS.items() for word in pair if word not in named]

    assert not asked & analysed(" ".join(words))


def test_both_are_read_and_linked_alike(reports, rename: Renaming) -> None:
    before, after, *_ = reports

    assert not before.rejected
    assert not after.rejected
    assert sum(line.linked for line in before.documents) > 50
    assert [(rename(line.title), line.language, line.chunks, line.linked) for line in before.documents] == [
        (line.title, line.language, line.chunks, line.linked) for line in after.documents
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_search_ranks_alike(snapshots, encoders, rename: Renaming, question: str) -> None:
    real = search.find(snapshots[0], encoders[0], Query(question, limit=100))
    renamed = search.find(snapshots[1], encoders[1], Query(rename(question), limit=100))

    assert len(real.hits) >= 10
    assert any("lexical" in hit.found_by for hit in real.hits)
    assert [told(hit, rename) for hit in real.hits] == [told(hit) for hit in renamed.hits]
    assert counted(real, rename) == counted(renamed)


@pytest.mark.parametrize("question", QUESTIONS)
def test_experts_rank_alike(snapshots, encoders, rename: Renaming, question: str) -> None:
    real = experts.rank(snapshots[0], encoders[0], Query(question, limit=100))
    renamed = experts.rank(snapshots[1], encoders[1], Query(rename(question), limit=100))

    assert len(real.experts) >= 10
    assert [spoken(expert, rename) for expert in real.experts] == [
        spoken(expert) for expert in renamed.experts
    ]


def told(hit: Hit, name=str) -> tuple[object, ...]:
    passages = [(piece.start, piece.end, name(piece.quote), piece.score) for piece in (hit, *hit.passages)]
    entities = [name(entity) for entity in hit.entities]
    return hit.rank, name(hit.iri), hit.document, hit.found_by, hit.scores, passages, entities


def counted(results: Results, name=str) -> dict[str, list[tuple[str, str, int]]]:
    return {
        facet: [(name(value.value), name(value.label), value.count) for value in values]
        for facet, values in results.facets.items()
    }


def spoken(expert: Expert, name=str) -> tuple[object, ...]:
    evidence = [(piece.document, piece.start, piece.end, name(piece.quote)) for piece in expert.evidence]
    clusters = [name(cluster) for cluster in expert.clusters]
    return name(expert.iri), name(expert.label), expert.score, name(expert.why), clusters, evidence
