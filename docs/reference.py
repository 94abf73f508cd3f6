"""Write the pages of docs/reference from the code: `python docs/reference.py`. A test holds them fresh."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from fastapi.routing import RouteContext, iter_route_contexts
from rdflib import RDF, RDFS, SDO, SKOS, Graph, URIRef

import ontology
from api import cli, problems, routes, settings
from api.app import create_app
from kg.errors import TooExpensive
from ontology import namespaces, terms

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written by `python docs/reference.py`; edit the code instead. -->"

EXITS = {
    problems.DONE: "done; also when nothing was found",
    problems.WRONG_USAGE: "the command was used wrongly",
    problems.REJECTED: "a path is missing or inputs were rejected; the rest is in",
    problems.CALLER: "the question or the data given is at fault",
    problems.OURS: "the data folder is at fault, or there is none yet",
    problems.INTERRUPTED: "interrupted; the same command goes on where it was",
}


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    return {
        "commands.md": _page("Commands", commands()),
        "settings.md": _page("Settings", settings_page()),
        "http.md": _page("HTTP", http()),
        "errors.md": _page("Errors", errors()),
        "ontology.md": _page("Ontology", ontology_page()),
    }


def commands() -> Iterator[str]:
    """Say what each command does, with its arguments and options."""
    yield "Every command takes `--data`, `--json` and `--events`; messages and progress go to stderr."
    yield "With `--json`, stdout is one JSON document and nothing else."
    yield ""
    yield from _table(("exit code", "means"), ((str(code), text) for code, text in EXITS.items()))
    for name, command in sorted(cli.kg.commands.items()):
        yield from ("", f"## kg {name}", "", f"    {_usage(name, command)}", "", _first(command.help or ""))
        options = [_option(one) for one in command.params if isinstance(one, click.Option) and not one.hidden]
        yield from ("", *_table(("option", "meaning", "default"), options)) if options else ()
        inner = command.commands.items() if isinstance(command, click.Group) else ()
        for below, one in sorted(inner):
            yield from ("", f"### kg {name} {below}", "", f"    {_usage(f'{name} {below}', one)}", "")
            yield _first(one.help or "")
            options = [_option(given) for given in one.params if isinstance(given, click.Option)]
            yield from ("", *_table(("option", "meaning", "default"), options))


def _usage(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"kg {name}")
    return " ".join([f"kg {name}", *command.collect_usage_pieces(context)])


def _option(option: click.Option) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    kind = option.type
    values = f" One of {', '.join(kind.choices)}." if isinstance(kind, click.Choice) else ""
    limits = f" {kind.min} to {kind.max}." if isinstance(kind, click.IntRange | click.FloatRange) else ""
    many = " May be repeated." if option.multiple else ""
    default = "" if option.is_flag and not option.secondary_opts else _default(option.default)
    return names, f"{option.help or ''}{values}{limits}{many}".strip(), default


def _default(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | str) else ""


def settings_page() -> Iterator[str]:
    """List every environment variable."""
    yield "Environment variables; what a command's option says wins over them."
    yield ""
    parts = ((name, *text.rsplit(" Default: ", 1)) for name, text in settings.describe())
    rows = ((f"`{name}`", meaning, f"`{default.removesuffix('.')}`") for name, meaning, default in parts)
    yield from _table(("variable", "meaning", "default"), rows)


def http() -> Iterator[str]:
    """List every route, and the parameters of those that the API description names."""
    described = _description()
    yield "The same for programs is at `/openapi.json`; errors are listed in [errors.md](errors.md)."
    yield ""
    found = sorted(_routes(), key=lambda route: (not route.include_in_schema, route.path, str(route.methods)))
    links = (
        (", ".join(sorted(route.methods)), f"`{route.path}`", _first(route.description)) for route in found
    )
    yield from _table(("method", "path", "answer"), links)
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            rows = [_parameter(one) for one in operation.get("parameters", ())]
            if rows:
                yield from ("", f"## {method.upper()} {path}", "", operation["description"], "")
                yield from _table(("parameter", "in", "type", "default", "meaning"), rows)


def _description() -> dict[str, Any]:
    nothing: Any = None  # what answers is not asked, only what could be
    return create_app(nothing, nothing, nothing, settings.load(encoder="hash")).openapi()


def _routes() -> Iterator[RouteContext]:
    for module in pkgutil.iter_modules(routes.__path__):
        found = importlib.import_module(f"{routes.__name__}.{module.name}")
        if router := getattr(found, "router", None):  # pages below the language have none
            yield from iter_route_contexts(router.routes)


def _parameter(one: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    schema = one.get("schema", {})
    default = "required" if one.get("required") else _default(schema.get("default"))
    return f"`{one['name']}`", one["in"], _type(schema), default, one.get("description", "")


def _type(schema: Mapping[str, Any]) -> str:
    options = [one for one in schema.get("anyOf", (schema,)) if one.get("type") != "null"]
    words = [one.get("format", one.get("type", "")) + _bounds(one) for one in options]
    return " or ".join(words).replace("array", "repeated")


def _bounds(schema: Mapping[str, Any]) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    return f", {low} to {high}" if low is not None and high is not None else ""


def errors() -> Iterator[str]:
    """List every code of a problem document with its HTTP status and exit code."""
    yield "Errors are problem documents (RFC 9457, `application/problem+json`) with a `code`."
    yield "Their `type` is `/problems/{code}`, a page that explains it."
    yield "The command line prints the same message to stderr, or the same document with `--json`."
    yield ""
    rows = [
        (f"`{kind.code}`", kind.title, _status(cls, kind), str(kind.exit_code), ", ".join(kind.members))
        for cls, kind in problems.TABLE.items()
    ]
    yield from _table(("code", "means", "HTTP status", "exit code", "further members"), rows)
    yield from ("", "Codes of a status that no error of the library stands behind:", "")
    plain = ((f"`{code}`", str(number)) for number, code in problems.HTTP_CODES.items())
    yield from _table(("code", "HTTP status"), plain)


def _status(cls: type[Exception], kind: problems.Kind) -> str:
    if cls is TooExpensive:
        return f"{kind.status}; 413 for {' and '.join(problems.TOO_LARGE_LIMITS)}"
    return str(kind.status)


def ontology_page() -> Iterator[str]:
    """List every term of our own, and the competency questions."""
    schema = Graph().parse(ontology.graphs()["ontology"])
    yield f"Version {ontology.VERSION}; `clu:` is `{namespaces.CLU}`."
    for title, members in (
        ("Classes", terms.CLASSES),
        ("Properties", terms.PROPERTIES),
        ("Individuals", terms.INDIVIDUALS),
    ):
        yield from ("", f"## {title}", "")
        rows = (_term(schema, URIRef(iri)) for iri in sorted(members, key=str.casefold))
        yield from _table(("term", "Deutsch", "English", "where", "meaning"), rows)
    yield from ("", "## Competency questions", "")
    lines = ((f"`{path.name}`", *_question(path)) for path in ontology.queries())
    yield from _table(("file", "Deutsch", "English"), lines)


def _term(schema: Graph, term: URIRef) -> tuple[str, ...]:
    def said(predicate: URIRef, language: str) -> str:
        return next(str(one) for one in schema.objects(term, predicate) if one.language == language)

    place = "; ".join(filter(None, [
        _values(schema, term, RDFS.subClassOf, "below"),
        _values(schema, term, RDFS.domain, "of") or _values(schema, term, SDO.domainIncludes, "of"),
        _values(schema, term, RDFS.range, "to") or _values(schema, term, SDO.rangeIncludes, "to"),
    ]))  # fmt: skip
    return (
        f"`{_short(term)}`",
        said(RDFS.label, "de"),
        said(RDFS.label, "en"),
        place or _values(schema, term, RDF.type, "a"),
        said(SKOS.definition, "en"),
    )


def _values(schema: Graph, term: URIRef, predicate: URIRef, word: str) -> str:
    found = sorted(_short(one) for one in schema.objects(term, predicate) if isinstance(one, URIRef))
    found = [name for name in found if not name.startswith("owl:") and name != "rdfs:Resource"]
    return f"{word} {', '.join(found)}" if found else ""


def _short(iri: URIRef) -> str:
    match = [(start, name) for name, start in namespaces.PREFIXES.items() if iri.startswith(start)]
    start, name = max(match, default=("", ""))
    return f"{name}:{iri.removeprefix(start)}" if name else f"<{iri}>"


def _question(path: Path) -> tuple[str, str]:
    german, english = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(" | ")
    return german, english


def _page(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", NOTE, "", *lines]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in row) + " |"


def _first(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
