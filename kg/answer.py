"""Answers: from the graph where all of a question is understood, else the best sentences, else none.

A question that the graph does not answer is left to the passages, more strictly than a search is: a sentence
counts as an answer only if the signs speak for it by a margin (docs/answers.md).
"""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Final, Literal

from kg import abstain, candidates, entities, marks, search
from kg.answers import Evidence
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.nquads import iri as term
from kg.text import detect_language, normalise
from kg.types import Iri, Level, Query
from kg.understand import lexicon as lexicons
from kg.understand import say, solve, words
from kg.understand.read import Reading
from ontology.namespaces import CLU, DCTERMS, RDF

MARGIN: Final = 1.0
"""By how much the signs must speak for a sentence to be an answer; docs/answers.md has the measurement."""

_HELD: Final = 0.75
"""Share of the words of a question without unknown ones that the sentences must hold."""

_NAMED: Final = re.compile(
    r"\b(?:wie hei(?:ß|ss)|wie viel|wie hoch|name|called|how (?:many|much|high|large))", re.IGNORECASE
)
"""What asks for a name or a number: nothing tells which of those in a sentence it is."""

_SENTENCES: Final = 3
_COUNTING: Final = frozenset((*lexicons.COUNTS, CLU + "hasQuantity"))
_PROVED: Final = 60
"""Most things whose claims are looked up."""

_NEXT: Final = re.compile(r"[?!]\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Thing:
    """A member of an answer set; `score` in [0, 1]."""

    iri: Iri
    label: str
    kind: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question at one version.

    `entities` is the answer set. `help` says to one who gets no answer what was not understood.
    """

    query: str
    version: int
    took_ms: float
    language: str
    answer: str | None
    abstained: bool
    entities: tuple[Thing, ...]
    evidence: tuple[Evidence, ...]
    method: Literal["sparql", "extractive", "llm"]
    sparql: str | None = None
    help: str | None = None


@dataclass(slots=True)
class _Asking:
    snapshot: Snapshot
    level: Level
    text: str
    language: str
    limit: int
    started: float = field(default_factory=time.perf_counter)


def answer(snapshot: Snapshot, encoder: Encoder, level: Level, text: str, *, limit: int = 20) -> Answer:
    """Answer a normalised question with what `level` may see; `limit` is the most pieces of evidence."""
    asking = _Asking(snapshot, level, text, words.language(text), limit)
    parts = [part for part in _NEXT.split(text) if words.content(words.tokens(part))]
    if len(parts) > 1:
        return _refusal(asking, _one_at_a_time(parts, asking.language))
    reading, found = solve.solve(snapshot, level, text, asking.language)
    if found is not None and (found.rows or found.later):
        return _from_graph(asking, found)
    defined = _defined(asking, reading)
    if defined is not None:
        return defined
    quoted = _from_passages(asking, encoder, reading) if found is None else None
    if quoted is not None:
        return quoted
    return _refusal(asking, _help(asking, reading, found), found.query.text if found else None)


def _from_graph(asking: _Asking, found: solve.Solution) -> Answer:
    """Return what the graph says; what is planned only is told, but no member of the answer."""
    rows = found.rows or found.later
    names = solve.values(rows, found.query.things)
    labels = entities.labels(asking.snapshot, names, asking.level, asking.language) if names else {}
    members = solve.values(found.rows, found.query.things)
    proofs = _proofs(asking, found, names)
    return _make(
        asking,
        answer=say.sentence(found, labels, asking.language),
        entities=tuple(Thing(Iri(name), labels[name], _kind(asking, name)) for name in members),
        evidence=proofs[: asking.limit],
        sparql=found.query.text,
    )


def _defined(asking: _Asking, reading: Reading) -> Answer | None:
    query = solve.definition(reading, asking.snapshot.namer.base, asking.language)
    rows = asking.snapshot.graph(asking.level).select(query.text) if query else []
    if query is None or not rows:
        return None
    names = solve.values(rows, query.things)
    labels = entities.labels(asking.snapshot, names, asking.level, asking.language)
    return _make(
        asking,
        answer=say.listed(query, rows, labels, asking.language),
        entities=tuple(Thing(Iri(name), labels[name], _kind(asking, name)) for name in names),
        evidence=entities.mentioned_in(asking.snapshot, Iri(names[0]), asking.level)[: asking.limit],
        sparql=query.text,
    )


def _make(
    asking: _Asking,
    *,
    answer: str | None,
    entities: tuple[Thing, ...] = (),
    evidence: Sequence[Evidence] = (),
    sparql: str | None = None,
) -> Answer:
    took_ms = round((time.perf_counter() - asking.started) * 1000, 2)
    return Answer(
        asking.text, asking.snapshot.version, took_ms, asking.language, answer, answer is None, entities,
        tuple(evidence), "sparql" if sparql else "extractive", sparql,
    )  # fmt: skip


def _kind(asking: _Asking, name: str) -> str:
    """Return the kind of a thing: one of those that search knows, else the type in its address."""
    known = entities.kind_of(asking.snapshot, Iri(name), asking.level)
    kind = name.removeprefix(asking.snapshot.namer.base).partition("/")[0]
    return known or (kind if re.fullmatch("[a-z-]+", kind) else "thing")


# ---- evidence


def _proofs(asking: _Asking, found: solve.Solution, names: Sequence[str]) -> list[Evidence]:
    """Return the passages that state what was found, in the order of the rows."""
    fixed = [one for node in found.pattern.nodes for one in node.entities]
    others = [one for one in found.involved if one not in set(names)]
    known = {*names, *fixed, *others} | found.concepts
    used = {*found.pattern.relations(), Iri(CLU + "offersInstrument")}
    proved: dict[str, list[Evidence]] = {}
    for row in _claims(asking, [*names[:_PROVED], *others[:_PROVED], *fixed]):
        is_number = row["p"] in _COUNTING and any(one.startswith(CLU) for one in used)
        if (row["p"] in used and {row["s"], row["o"]} <= known) or (is_number and _asks_number(found)):
            proof = entities.proof_of(asking.snapshot, asking.level, row)
            if proof is not None:
                proved.setdefault(row["s"] if row["s"] in names else row["o"], []).append(proof)
    ordered = [proof for name in [*names, *others, *fixed] for proof in proved.get(name, ())]
    ordered += [proof for name in names[:_PROVED] for proof in _stated(asking, name)]
    if not ordered:
        ordered = [
            proof
            for name in names[:5]
            for proof in entities.mentioned_in(asking.snapshot, Iri(name), asking.level)[:1]
        ]
    return list(dict.fromkeys(ordered))


def _asks_number(found: solve.Solution) -> bool:
    return any(column.startswith("number") for column in found.query.values)


def _claims(asking: _Asking, names: Iterable[str]) -> list[dict[str, str]]:
    values = " ".join(term(Iri(name)) for name in dict.fromkeys(names))
    query = f"""SELECT DISTINCT ?s ?p ?o ?status ?review ?source ?line ?title ?proof WHERE {{
      VALUES ?thing {{ {values} }} {{ ?c <{RDF}subject> ?thing }} UNION {{ ?c <{RDF}object> ?thing }}
      ?c <{RDF}subject> ?s ; <{RDF}predicate> ?p ; <{RDF}object> ?o
      OPTIONAL {{ ?c <{CLU}status> ?status }} OPTIONAL {{ ?c <{CLU}reviewState> ?review }}
      OPTIONAL {{ ?c <{DCTERMS}source> ?source OPTIONAL {{ ?source <{DCTERMS}title> ?title }} }}
      OPTIONAL {{ ?c <{CLU}line> ?line }} OPTIONAL {{ ?c <{CLU}evidence> ?proof }}
    }} ORDER BY DESC(BOUND(?proof)) ?s ?p ?o ?source ?line"""
    rows = asking.snapshot.graph(asking.level).select(query) if values else []
    return [_with_line(row) for row in rows]


def _with_line(row: dict[str, str]) -> dict[str, str]:
    """Let the title of a curated statement's document say the line."""
    if "title" in row and "line" in row and "proof" not in row:
        return row | {"title": f"{row['title']}, line {row['line']}"}
    return row


def _stated(asking: _Asking, name: str) -> list[Evidence]:
    """Return where a statistic stands: it names document and line itself."""
    query = (
        f"SELECT ?source ?line ?title WHERE {{ {term(Iri(name))} a <{CLU}Statistic> ; "
        f"<{DCTERMS}source> ?source ; <{CLU}line> ?line OPTIONAL {{ ?source <{DCTERMS}title> ?title }} }}"
    )
    rows = [_with_line(row) for row in asking.snapshot.graph(asking.level).select(query)]
    proofs = (entities.proof_of(asking.snapshot, asking.level, row) for row in rows)
    return [proof for proof in proofs if proof is not None]


# ---- passages


def _from_passages(asking: _Asking, encoder: Encoder, reading: Reading) -> Answer | None:
    """Return the best sentences that may be shown, None where they do not clearly answer.

    They must hold every word that the graph has no name for: what is asked is asked of that.
    """
    if not abstain.is_judged(encoder) or not words.content(words.tokens(asking.text)):
        return None
    query = Query(asking.text, _SENTENCES, 0, asking.level, abstain=True)
    found = candidates.find(asking.snapshot, encoder, query)
    if not len(found) or not abstain.is_answered(asking.snapshot, encoder, query, found, margin=MARGIN):
        return None
    hits = search.find(asking.snapshot, encoder, query).hits
    quotes = [
        Evidence(hit.document, hit.title, hit.quote, hit.start or 0, hit.end or 0, hit.page, hit.url)
        for hit in hits
        if hit.document is not None and hit.quote
    ]
    said = normalise(" ".join(proof.quote for proof in quotes))
    wanted = [reading.tokens[at].text for at in reading.left]
    if not quotes or _NAMED.search(asking.text) or marks.share(wanted, said) < bool(wanted):
        return None
    if not wanted and marks.share(marks.content_words(asking.text), said) < _HELD:
        return None
    return _make(asking, answer=quotes[0].quote, evidence=quotes[: asking.limit])


# ---- no answer


def _refusal(asking: _Asking, text: str, sparql: str | None = None) -> Answer:
    made = _make(asking, answer=None, sparql=sparql)
    return replace(made, help=text)


def _one_at_a_time(parts: Sequence[str], language: str) -> str:
    if language == "en":
        return f"These are {len(parts)} questions. Ask one at a time."
    return f"Das sind {len(parts)} Fragen. Bitte einzeln stellen."


def _help(asking: _Asking, reading: Reading, found: solve.Solution | None) -> str:
    """Return what a person may do next."""
    is_english = asking.language == "en"
    if found is not None:
        return (
            "The question is understood, but the data state nothing of this."
            if is_english
            else "Die Frage ist verstanden, aber die Daten sagen dazu nichts."
        )
    unknown = [reading.tokens[at].text for at in reading.left]
    if unknown and detect_language(asking.text, asking.language) not in ("de", "en"):
        return "Fragen bitte auf Deutsch oder Englisch. Please ask in German or English."
    near = _near(asking, unknown)
    said = (
        [("Not found here: " if is_english else "Hier nicht bekannt: ") + ", ".join(unknown[:10]) + "."]
        if unknown
        else []
    )
    if near:
        said.append(("Did you mean " if is_english else "Gemeint vielleicht: ") + ", ".join(near) + "?")
    said.append(
        "No statement in the data answers this; a search shows what is near."
        if is_english
        else "Keine Aussage in den Daten beantwortet das; eine Suche zeigt, was in der Nähe liegt."
    )
    return " ".join(said)


def _near(asking: _Asking, unknown: Sequence[str]) -> list[str]:
    """Return known words that look like unknown ones."""
    lexicon = lexicons.load(asking.snapshot, asking.level)
    forms: Mapping[str, set[str]] = lexicon.held
    found: list[str] = []
    for word in unknown[:10]:
        stems = get_close_matches(words.stem(word), forms, 1, 0.8) if 4 < len(word) <= 40 else []
        found += [min(forms[stem]) for stem in stems]
    return list(dict.fromkeys(found))
