"""How the command line speaks: results on stdout; messages, progress and events on stderr."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

Progress = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Terminal:
    """One command's output. With `is_json`, stdout is one JSON document and nothing else."""

    is_json: bool
    is_events: bool

    def result(self, value: object, lines: Sequence[str]) -> None:
        """Print what was asked for: `value` for programs, `lines` for people."""
        click.echo(_dump(value) if self.is_json else "\n".join(lines))

    def message(self, text: str) -> None:
        """Tell people something that is not the result."""
        if self.is_events:
            self.event({"event": "message", "text": text})
        else:
            click.echo(text, err=True)

    def event(self, value: Mapping[str, Any]) -> None:
        """Write one line of JSON to stderr if events were asked for."""
        if self.is_events:
            click.echo(_dump(value), err=True)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Yield what shows progress: events, a bar on a terminal, else nothing."""
        if self.is_events:
            yield lambda value: self.event({"event": "progress", **value})
        elif sys.stderr.isatty() and not self.is_json:
            with _bar() as show:
                yield show
        else:
            yield lambda _: None


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(value: Mapping[str, Any]) -> None:
            text = " ".join(str(value[name]) for name in ("phase", "item") if value.get(name))
            bar.update(task, description=text[:60], completed=value.get("done", 0), total=value.get("total"))

        yield show


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple | frozenset | set) else str(value)


def report(value: Mapping[str, Any]) -> list[str]:
    """Return an ingest's Report for people: the counts, then every input that stayed out."""
    counts = ("added", "changed", "unchanged", "moved", "removed", "vanished")
    said = ", ".join(f"{value[name]} {name}" for name in counts if value.get(name)) or "nothing to do"
    rejected = [
        f"  rejected {item['source']}: {item['code']}, {item['detail']}" for item in value["rejected"]
    ]
    documents = [
        (item["title"], item["language"], str(item["chunks"]), str(item["mentions"]), str(item["linked"]))
        for item in value["documents"]
    ]
    head = [("title", "language", "chunks", "mentions", "linked")] if documents else []
    withheld = {"persons left out": "persons_left_out", "contacts masked": "contacts_masked"}
    said += "".join(f", {value[name]} {words}" for words, name in withheld.items() if value.get(name))
    summary = f"Version {value['version']}: {said} ({value['took_ms'] / 1000:.1f} s)"
    return [*table([*head, *documents], widest=70), summary, *_erased(value.get("erased")), *rejected]


def _erased(value: Mapping[str, Any] | None) -> list[str]:
    if not value:
        return []
    where = f"{value['files']} files, {value['bytes'] / 1e6:.1f} MB, and what they pack"
    said = f"{value['documents']} erased: looked for {value['pieces']} pieces of their text in {where}"
    return [f"{said}; none found. Backups elsewhere still hold them."]


def results(value: Mapping[str, Any]) -> list[str]:
    """Return a search's answer for people: title, quote, and where it is from."""
    more = "at least " if value["total_is_lower_bound"] else ""
    lines = [f"{more}{value['total']} found, version {value['version']}, {value['took_ms']:.0f} ms"]
    lines += ["Nothing seems to answer this; --all shows what is near."] if value["abstained"] else []
    for hit in value["hits"]:
        page = f", page {hit['page']}" if hit["page"] else ""
        lines += ["", f"{hit['rank']}. {hit['title']} ({hit['kind']}, {hit['language']}, {hit['score']:.3f})"]
        lines += _quoted(hit["quote"])
        lines += [f"   {hit['url'] or hit['document'] or hit['iri']}{page}"]
        lines += [f"   = {copy['url'] or copy['iri']} ({copy['source']})" for copy in hit["duplicates"]]
    return lines


def answer(value: Mapping[str, Any]) -> list[str]:
    """Return an answer for people: the sentence, the things, what proves it, and the query."""
    lines = [value["answer"] or value["help"]]
    lines += [f"   {one['label']} ({one['kind']}) {one['iri']}" for one in value["entities"]]
    for proof in value["evidence"]:
        page = f", page {proof['page']}" if proof["page"] else ""
        status = f" [{proof['status']}]" if proof["status"] else ""
        lines += [f"   {proof['title']}{page}{status}", *_quoted(proof["quote"])]
    return [*lines, "", *(value["sparql"] or "").splitlines()] if value["sparql"] else lines


def experts(value: Mapping[str, Any]) -> list[str]:
    """Return experts for people: why, with the passages that say so."""
    lines = [f"{len(value['experts'])} found, version {value['version']}, {value['took_ms']:.0f} ms"]
    lines += ["Nothing seems to answer this; --all shows who is near."] if value["abstained"] else []
    for number, expert in enumerate(value["experts"], 1):
        lines += ["", f"{number}. {expert['label']} ({expert['kind']})", f"   {expert['why']}"]
        lines += [f"   {expert['contact']}"] if expert["contact"] else []
        for proof in expert["evidence"]:
            lines += [*_quoted(proof["quote"]), f"   {proof['title']}: {proof['url'] or proof['document']}"]
    return lines


def matches(value: Mapping[str, Any]) -> list[str]:
    """Return partners for people: the paths to each, what speaks against it, and open calls."""
    lines = [f"{len(value['partners'])} found, version {value['version']}, {value['took_ms']:.0f} ms"]
    lines += ["Nothing seems to meet this need; --all shows who is near."] if value["abstained"] else []
    for number, one in enumerate(value["partners"], 1):
        lines += ["", f"{number}. {one['label']} ({one['score']:.3f})"]
        for reason in one["reasons"]:
            lines += [f"   {reason['need']} -> {reason['capability']} ({reason['kind']})"]
            lines += [f"     {' -> '.join(reason['path'])}"]
        lines += [f"   - {said}" for said in one["against"]]
        lines += [f"   {one['contact']}"] if one["contact"] else []
        for proof in one["evidence"][:1]:
            lines += [*_quoted(proof["quote"]), f"   {proof['title']}: {proof['url'] or proof['document']}"]
    for call in value["calls"]:
        lines += ["", f"{call['title']} (until {call['deadline']})", f"   {call['url'] or call['iri']}"]
    return lines


def claims(value: Mapping[str, Any]) -> list[str]:
    """Return claims for people: what each says, the sentence that says so, and how to name it."""
    lines = [f"{len(value['claims'])} claims, version {value['version']}"]
    for one in value["claims"]:
        said = f"{one['subject_label']} · {one['predicate_label']} · {one['value_label']}"
        sure = f", {one['confidence']:.2f}" if one["confidence"] is not None else ""
        lines += ["", f"{said} ({one['status']}{sure}, {one['method']})", *_quoted(one["quote"])]
        lines += [f"   {one['iri']}"]
        if one["reviewed_by"]:
            gone = "; the quote is no longer in the document" if one["quote_gone"] else ""
            lines += [f"   {one['review']} by {one['reviewed_by']}, {one['reviewed_at']}{gone}"]
    return lines


def reports(value: Mapping[str, Any]) -> list[str]:
    """Return what readers reported for people; their words are quoted, line by line."""
    lines = [f"{value['count']} reports"]
    for one in value["reports"]:
        said = " ".join(part for part in (one["iri"], one["predicate"]) if part)
        lines += ["", f"{one['id']}: {one['fault']}, {one['at']}", f"   {said}", *_quoted(one["text"])]
        lines += [f"   contact: {one['contact']}"] if one["contact"] else []
    return lines


def merges(value: Mapping[str, Any]) -> list[str]:
    """Return merges for people: which two things, what speaks for it, and how to name it."""
    lines = [f"{len(value['merges'])} merges, version {value['version']}"]
    for one in value["merges"]:
        lines += ["", f"{one['keeps_label']} = {one['replaces_label']} ({one['score']:.2f}, {one['method']})"]
        lines += [f"   {one['keeps']}", f"   {one['replaces']}", f"   {one['iri']}"]
        if one["reviewed_by"]:
            lines += [f"   {one['state']} by {one['reviewed_by']}, {one['reviewed_at']}"]
    return lines


def _quoted(quote: str | None) -> list[str]:
    return [f"   | {line}" for line in quote.splitlines()] if quote else []


def solutions(body: bytes) -> list[str]:
    """Return a SPARQL result (JSON) for people: aligned columns, or true or false."""
    value = json.loads(body)
    if "boolean" in value:
        return [str(value["boolean"]).lower()]
    names = value["head"]["vars"]
    rows = [
        tuple(row[name]["value"].replace("\n", " ") if name in row else "" for name in names)
        for row in value["results"]["bindings"]
    ]
    return table([tuple(names), *rows], widest=120)


def table(rows: Sequence[Sequence[str]], *, widest: int) -> list[str]:
    """Return rows with aligned columns; a cell wider than `widest` pushes its row out, nothing is cut."""
    widths = [min(widest, max(map(len, column))) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
