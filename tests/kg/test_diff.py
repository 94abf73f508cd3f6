"""What an edition changed."""

from pathlib import Path

import pytest

from ingest.worker import WriterConfig, run_job
from kg import diff
from kg.errors import NotBuilt, NotFound, QueryError
from kg.ids import Namer, document_id
from kg.types import Iri
from ontology.namespaces import CLU

NAMER = Namer()
PAPER = NAMER.document(document_id("s", "papier.md"))
GLAS, SAND, ROHR = (NAMER.thing("organisation", name) for name in ("glas", "sand", "rohr"))
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
NAMES = "".join(
    f'<{iri}> a <http://www.w3.org/ns/org#Organization> ; <{LABEL}> "{name}"@de .\n'
    for iri, name in ((GLAS, "Glasbund"), (SAND, "Sandbund"), (ROHR, "Rohrbund"))
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("diff")
    (folder / "in").mkdir()
    (folder / "in" / "namen.ttl").write_text(NAMES, encoding="utf-8")
    for partner in ("Sandbund", "Sandbund seit Jahren", "Rohrbund"):
        text = f"# Papier\n\nDer Glasbund kooperiert mit dem {partner}.\n"
        (folder / "in" / "papier.md").write_text(text, encoding="utf-8")
        arguments = {"paths": [str(folder / "in")], "source": "s"}
        assert not run_job(
            folder / "data", WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None
        ).rejected
    return folder / "data"


def cooperates(partner: Iri) -> str:
    return f"<{GLAS}> <{CLU}cooperatesWith> <{partner}> ."


def test_the_last_two_editions_are_compared(data: Path) -> None:
    found = diff.of_document(data, NAMER, PAPER)

    assert (found.document, found.title, found.older, found.newer) == (PAPER, "Papier", 2, 3)
    assert found.came == tuple(sorted([cooperates(ROHR), f"<{PAPER}> <{CLU}mentions> <{ROHR}> ."]))
    assert found.went == tuple(sorted([cooperates(SAND), f"<{PAPER}> <{CLU}mentions> <{SAND}> ."]))


def test_any_two_kept_editions_are_compared(data: Path) -> None:
    found = diff.of_document(data, NAMER, PAPER, (1, 2))
    assert (found.came, found.went) == ((), ())
    assert found.characters[1] - found.characters[0] == len(" seit Jahren")


def test_what_changed_about_an_entity_names_the_document(data: Path) -> None:
    (found,) = diff.of_entity(data, NAMER, ROHR)
    assert (found.document, found.went) == (PAPER, ())
    assert cooperates(ROHR) in found.came
    assert diff.of_entity(data, NAMER, NAMER.thing("organisation", "nobody")) == []


def test_what_cannot_be_compared_says_why(data: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        diff.of_document(data, NAMER, NAMER.document("0" * 16))
    with pytest.raises(QueryError, match=r"Edition 9 .* these are: 1, 2, 3"):
        diff.of_document(data, NAMER, PAPER, (1, 9))
    with pytest.raises(QueryError, match="one edition only"):
        diff.of_document(data, NAMER, NAMER.document(document_id("s", "namen.ttl")))
    with pytest.raises(NotBuilt):
        diff.of_entity(tmp_path, NAMER, ROHR)
