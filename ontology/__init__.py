"""The words: what may be said. Data files and where they are; nothing is parsed here."""

from pathlib import Path

VERSION = "1.2.0"
"""Stands in every manifest and in `owl:versionInfo` of schema.ttl."""

_HERE = Path(__file__).parent


def graphs() -> dict[str, Path]:
    """Return the file of each graph: `ontology`, `ontology/axioms`, ..., `vocab/{name}`."""
    vocabularies = {f"vocab/{path.stem}": path for path in sorted((_HERE / "vocab").glob("*.ttl"))}
    return {
        "ontology": _HERE / "schema.ttl",
        "ontology/axioms": _HERE / "axioms.ttl",
        "ontology/mappings": _HERE / "mappings.ttl",
        "ontology/lexicon": _HERE / "lexicon.ttl",
        **vocabularies,
    }


def files() -> list[Path]:
    """Return the files behind all graphs, the schema first."""
    return list(graphs().values())


def shapes_path() -> Path:
    """Return the file of SHACL shapes, which belongs to no graph."""
    return _HERE / "shapes.ttl"


def context_path() -> Path:
    """Return the JSON-LD context."""
    return _HERE / "context.jsonld"


def queries() -> list[Path]:
    """Return the competency questions; the first line of each is `# German | English`."""
    return sorted((_HERE / "queries").glob("*.rq"))
