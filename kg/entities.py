"""One thing and what is said of it, each statement with the sentence that proves it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg import kinds, quotable
from kg.answers import Evidence
from kg.base import Snapshot
from kg.errors import NotFound
from kg.graph import Graph
from kg.index.stored import StoredDocument
from kg.nquads import iri as term
from kg.types import Iri, Level, Span
from ontology.namespaces import BIBO, CLU, DCTERMS, OA, PREFIXES, RDF, RDFS, SCHEMA, SKOS

_LABELS = (SKOS + "prefLabel", RDFS + "label")
_ALIASES = (SKOS + "altLabel",)
_DESCRIPTIONS = (SKOS + "definition", DCTERMS + "description", RDFS + "comment", SCHEMA + "description")
_MENTIONS_SHOWN = 10
STATEMENTS_SHOWN = 200
"""Most statements that a description has."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the graph says of an entity: `value` is an IRI or a literal's text in `language`, if any."""

    predicate: Iri
    predicate_label: str
    value: str
    value_label: str
    inverse: bool
    status: str | None
    evidence: tuple[Evidence, ...]
    language: str = ""


@dataclass(frozen=True, slots=True)
class EntityPage:
    """What a page about an entity needs."""

    iri: Iri
    label: Mapping[str, str]
    kind: str | None
    types: tuple[Iri, ...]
    aliases: tuple[str, ...]
    description: Mapping[str, str]
    statements: tuple[Statement, ...]
    mentioned_in: tuple[Evidence, ...]


def resolve(snapshot: Snapshot, name: str, level: Level) -> Iri:
    """Return the IRI that an IRI, a CURIE, `type/slug` or a slug stands for.

    Raises:
        NotFound: Nothing at this level has that name.
    """
    graph = snapshot.graph(level)
    for candidate in _candidates(snapshot, name):
        if _exists(graph, candidate):
            return _kept(snapshot, level, candidate)
    raise NotFound(name)


def describe(snapshot: Snapshot, name: Iri, level: Level) -> EntityPage:
    """Return what is known of an entity at `level`.

    Raises:
        NotFound: Nothing is.
    """
    graph = snapshot.graph(level)
    stated = f"{term(name)} ?p ?o {_not_derived(snapshot, f'{term(name)} ?p ?o')}"
    rows = _select(graph, f"SELECT ?p ?o (LANG(?o) AS ?language) WHERE {{ {stated} }} ORDER BY ?p ?o")
    if not rows:
        raise NotFound(name)
    types = tuple(Iri(row["o"]) for row in rows if row["p"] == RDF + "type")
    return EntityPage(
        iri=name,
        label=_by_language(rows, _LABELS),
        kind=kind_of(snapshot, name, level) or ("document" if BIBO + "Document" in types else None),
        types=types,
        aliases=tuple(dict.fromkeys(row["o"] for row in rows if row["p"] in _ALIASES)),
        description=_by_language(rows, _DESCRIPTIONS),
        statements=_statements(snapshot, name, level, rows),
        mentioned_in=mentioned_in(snapshot, name, level),
    )


def document(snapshot: Snapshot, name: Iri, level: Level) -> StoredDocument:
    """Return a document with its text; what of it may be shown is the caller's to decide.

    Raises:
        NotFound: There is none at this level.
    """
    identifier = name.removeprefix(snapshot.namer.document(""))
    found = snapshot.lexical(level).document(identifier)
    if found is None:
        raise NotFound(name)
    return found


def language_of(snapshot: Snapshot, name: Iri, level: Level) -> str | None:
    """Return the language of a document, None for what is none; asked for once per version."""
    known: dict[Iri, str | None] = snapshot.memo.setdefault(  # type: ignore[assignment]
        ("language of", snapshot.store(level)), {}
    )
    if name not in known:
        identifier = name.removeprefix(snapshot.namer.document(""))
        stored = snapshot.lexical(level).documents([identifier], text=False).get(identifier)
        known[name] = stored.document.language if stored else None
    return known[name]


def stats(snapshot: Snapshot, level: Level) -> dict[str, int]:
    """Return how much a version holds at a level: documents, chunks, triples and entities of each kind."""
    counted = Counter(all_kinds(snapshot, level).values())
    catalogue = snapshot.catalogue
    return {
        "documents": len(catalogue.visible_ids(level)),
        "chunks": snapshot.lexical(level).count(),
        "triples": snapshot.manifest.triples[snapshot.store(level)],
        **{name: counted[name] for name in kinds.ROOTS},
    }


def kind_of(snapshot: Snapshot, name: Iri, level: Level) -> str | None:
    """Return the kind of an entity, None for what is not one of ours."""
    return all_kinds(snapshot, level).get(name)


def all_kinds(snapshot: Snapshot, level: Level) -> Mapping[Iri, str]:
    """Return entity -> kind, computed once per version and level."""
    key = ("kinds", snapshot.store(level))
    if key not in snapshot.memo:
        snapshot.memo[key] = kinds.of_entities(snapshot.graph(level))
    return snapshot.memo[key]  # type: ignore[return-value]


def labels(snapshot: Snapshot, names: Iterable[str], level: Level, language: str = "de") -> dict[str, str]:
    """Return a label for each name, in `language` where there is one; what has none keeps its last part."""
    return {name: text for name, (text, _) in labelled(snapshot, names, level, language).items()}


def labelled(
    snapshot: Snapshot, names: Iterable[str], level: Level, language: str = "de"
) -> dict[str, tuple[str, str]]:
    """Return the label of each name as `labels` does, with its language; empty where none is known."""
    key = ("label of", snapshot.store(level), language)
    known: dict[str, tuple[str, str]] = snapshot.memo.setdefault(key, {})  # type: ignore[assignment]
    wanted = list(dict.fromkeys(names))
    missing = [name for name in wanted if name not in known]
    if missing:
        known |= _read_labels(snapshot, missing, level, language)
    return {name: known[name] for name in wanted}


def _read_labels(
    snapshot: Snapshot, names: Sequence[str], level: Level, language: str
) -> dict[str, tuple[str, str]]:
    values = " ".join(term(Iri(name)) for name in names)
    predicates = " ".join(f"<{name}>" for name in _LABELS)
    query = (
        "SELECT ?s ?p ?o (LANG(?o) AS ?language) WHERE { "
        f"VALUES ?s {{ {values} }} VALUES ?p {{ {predicates} }} ?s ?p ?o }} ORDER BY ?s ?o"
    )
    best: dict[str, tuple[int, str, str]] = {}
    for row in _select(snapshot.graph(level), query):
        rank = 2 * (row.get("language", "") not in (language, "")) + (row["p"] != SKOS + "prefLabel")
        if row["s"] not in best or rank < best[row["s"]][0]:
            best[row["s"]] = (rank, row["o"], row.get("language", ""))
    return {name: best[name][1:] if name in best else (_tail(name), "") for name in names}


def mentioned_in(snapshot: Snapshot, name: Iri, level: Level) -> tuple[Evidence, ...]:
    """Return passages that name an entity, one for each of ten documents at most."""
    graph, mentions = snapshot.graph(level), f"?c <{CLU}mentions> {term(name)} ; <{DCTERMS}isPartOf> ?d"
    # in two steps: of what is named in ten thousand passages the first ends after ten documents
    some = _select(graph, f"SELECT DISTINCT ?d WHERE {{ {mentions} }} LIMIT {_MENTIONS_SHOWN}")
    documents = " ".join(term(Iri(row["d"])) for row in some)
    query = (
        f"SELECT ?d (MIN(?c) AS ?chunk) WHERE {{ VALUES ?d {{ {documents} }} {mentions} }} "
        "GROUP BY ?d ORDER BY ?d"
    )
    found = []
    for row in _select(graph, query) if some else ():
        identifier = row["d"].removeprefix(snapshot.namer.document(""))
        _, start, end = row["chunk"].rsplit("-", 2)
        quote = _quote(snapshot, identifier, level, (int(start), int(end)), name)
        found += [quote] if quote else []
    return tuple(found)


def spans(snapshot: Snapshot, identifier: str, level: Level) -> dict[Iri, list[tuple[int, int]]]:
    """Return entity -> offsets of its mentions in one document, computed once per version."""
    key = ("spans", snapshot.store(level), identifier)
    if key not in snapshot.memo:
        query = (
            f"SELECT ?e ?start ?end WHERE {{ GRAPH {term(snapshot.namer.annotation_graph(identifier))} {{ "
            f"?a <{OA}motivatedBy> <{OA}linking> ; <{OA}hasBody> ?e ; <{OA}hasTarget>/<{OA}hasSelector> ?s . "
            f"?s <{OA}start> ?start ; <{OA}end> ?end }} }} ORDER BY ?start"
        )
        found: dict[Iri, list[tuple[int, int]]] = {}
        for row in _select(snapshot.graph(level), query):
            found.setdefault(Iri(row["e"]), []).append((int(row["start"]), int(row["end"])))
        snapshot.memo[key] = found
    return snapshot.memo[key]  # type: ignore[return-value]


def _candidates(snapshot: Snapshot, name: str) -> list[Iri]:
    if "://" in name:
        return [Iri(name)]
    prefix, colon, local = name.partition(":")
    found = [Iri(PREFIXES[prefix] + local)] if colon and prefix in PREFIXES else []
    if "/" in name:
        return [*found, Iri(snapshot.namer.base + name)]
    return [*found, *(snapshot.namer.thing(kind, name) for kind in (*kinds.ROOTS, "document", "programme"))]


def _kept(snapshot: Snapshot, level: Level, name: Iri) -> Iri:
    """Return the IRI that a merged one went into, else the same; only our own graphs say so."""
    merges = snapshot.namer.graph("merges")
    query = (
        f"SELECT ?kept WHERE {{ GRAPH ?g {{ {term(name)} <{DCTERMS}isReplacedBy> ?kept }} "
        f'FILTER(STRSTARTS(STR(?g), "{merges}")) }} ORDER BY DESC(?g) LIMIT 1'
    )
    rows = _select(snapshot.graph(level), query)
    return Iri(rows[0]["kept"]) if rows else name


def _exists(graph: Graph, name: Iri) -> bool:
    try:
        return graph.ask(f"ASK {{ {term(name)} ?p ?o }}")
    except ValueError:
        return False


def _select(graph: Graph, query: str) -> list[dict[str, str]]:
    return graph.select(query)


def _by_language(rows: Sequence[Mapping[str, str]], predicates: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for predicate in predicates:
        for row in rows:
            if row["p"] == predicate:
                found.setdefault(row.get("language", "") or "und", row["o"])
    return found


def _statements(
    snapshot: Snapshot, name: Iri, level: Level, rows: Sequence[Mapping[str, str]]
) -> tuple[Statement, ...]:
    hidden = {RDF + "type", *_LABELS, *_ALIASES, *_DESCRIPTIONS, CLU + "mentions", SKOS + "hiddenLabel"}
    forward = [(row["p"], row["o"], False) for row in rows if row["p"] not in hidden]
    query = (
        f"SELECT ?p ?s WHERE {{ ?s ?p {term(name)} FILTER(?p NOT IN (<{CLU}mentions>, <{RDF}subject>, "
        f"<{RDF}object>, <{RDF}type>, <{OA}hasBody>)) {_not_derived(snapshot, f'?s ?p {term(name)}')} }} "
        f"ORDER BY ?p ?s LIMIT {STATEMENTS_SHOWN}"
    )
    backward = [(row["p"], row["s"], True) for row in _select(snapshot.graph(level), query)]
    triples = list(dict.fromkeys([*forward, *backward]))[:STATEMENTS_SHOWN]
    links = [value for _, value, _ in triples if "://" in value]
    names = labels(snapshot, [*(predicate for predicate, _, _ in triples), *filter(_is_iri, links)], level)
    proofs = _claims(snapshot, name, level)
    spoken = {(row["p"], row["o"]): row.get("language", "") for row in rows}
    return tuple(
        Statement(
            Iri(predicate), names[predicate], value, names.get(value, value), inverse,
            *proofs.get((predicate, value), (None, ())), "" if inverse else spoken[predicate, value],
        )
        for predicate, value, inverse in triples
    )  # fmt: skip


def _not_derived(snapshot: Snapshot, pattern: str) -> str:
    """Return the filter for what sources state; what follows from it is `kg.reasons`' to show."""
    return f"FILTER NOT EXISTS {{ GRAPH {term(snapshot.namer.graph('inferred'))} {{ {pattern} }} }}"


def _is_iri(value: str) -> bool:
    try:
        return bool(term(Iri(value)))
    except ValueError:
        return False


def _claims(
    snapshot: Snapshot, name: Iri, level: Level
) -> dict[tuple[str, str], tuple[str | None, tuple[Evidence, ...]]]:
    """Return (predicate, other end) -> (status, evidence) of every claim about an entity."""
    query = f"""SELECT ?c ?s ?p ?o ?status ?review ?source ?line ?title ?proof WHERE {{
      {{ BIND({term(name)} AS ?s) ?c <{RDF}subject> {term(name)} ; <{RDF}object> ?o }}
      UNION {{ BIND({term(name)} AS ?o) ?c <{RDF}object> {term(name)} ; <{RDF}subject> ?s }}
      ?c <{RDF}predicate> ?p
      OPTIONAL {{ ?c <{CLU}status> ?status }} OPTIONAL {{ ?c <{CLU}reviewState> ?review }}
      OPTIONAL {{ ?c <{DCTERMS}source> ?source OPTIONAL {{ ?source <{DCTERMS}title> ?title }} }}
      OPTIONAL {{ ?c <{CLU}line> ?line }} OPTIONAL {{ ?c <{CLU}evidence> ?proof }}
    }} ORDER BY ?c ?source ?proof"""
    found: dict[tuple[str, str], tuple[str | None, tuple[Evidence, ...]]] = {}
    for row in _select(snapshot.graph(level), query):
        other = row["o"] if row["s"] == name else row["s"]
        proof = proof_of(snapshot, level, row)
        if proof is not None:
            status, before = found.get((row["p"], other), (proof.status, ()))
            found[row["p"], other] = (status, before if proof in before else (*before, proof))
    return found


def proof_of(snapshot: Snapshot, level: Level, row: Mapping[str, str]) -> Evidence | None:
    """Return the evidence of a claim; None if this annotation is in another of its documents."""
    status = _tail(row["status"]) if "status" in row else None
    review = _tail(row["review"]) if "review" in row else None
    claim = Iri(row["c"]) if "c" in row else None
    source = Iri(row.get("source", ""))
    title = row.get("title") or (f"{_tail(source)}, line {row['line']}" if "line" in row else _tail(source))
    if "proof" not in row:
        return Evidence(source, title, "", 0, 0, None, None, status, review, claim)
    identifier = source.removeprefix(snapshot.namer.document(""))
    start, end = proofs(snapshot, identifier, level).get(Iri(row["proof"]), (0, 0))
    stored = snapshot.lexical(level).document(identifier)
    if stored is None or not end:
        kept = _kept_quote(snapshot, level, row["proof"])
        return Evidence(source, title, kept, 0, 0, None, None, status, review, claim) if kept else None
    known = stored.document
    may_be_shown = quotable.shown(snapshot, stored, level).holds(start, end)
    quote = known.text[start:end] if may_be_shown else ""
    return Evidence(source, title, quote, start, end, known.page(start), known.url, status, review, claim)


def _kept_quote(snapshot: Snapshot, level: Level, proof: str) -> str:
    """Return the quote of a confirmed claim that its document no longer holds."""
    start = snapshot.namer.annotation_graph("curated")
    chain = f"<{OA}hasTarget>/<{OA}hasSelector>/<{OA}exact>"
    query = (
        f"SELECT ?exact WHERE {{ GRAPH ?g {{ {term(Iri(proof))} {chain} ?exact }} "
        f"FILTER(STRSTARTS(STR(?g), '{start}')) }} LIMIT 1"
    )
    return "".join(row["exact"] for row in _select(snapshot.graph(level), query))


def proofs(snapshot: Snapshot, identifier: str, level: Level) -> dict[Iri, tuple[int, int]]:
    """Return annotation -> offsets of the sentences that prove claims in one document, once per version.

    An annotation's name holds them; what it quotes may be less.
    """
    key = ("proofs", snapshot.store(level), identifier)
    if key not in snapshot.memo:
        query = (
            f"SELECT ?a WHERE {{ GRAPH {term(snapshot.namer.annotation_graph(identifier))} "
            f"{{ ?a <{OA}motivatedBy> <{OA}describing> }} }}"
        )
        names = [Iri(row["a"]) for row in _select(snapshot.graph(level), query)]
        parts = {name: name.rsplit("-", 3) for name in names}
        snapshot.memo[key] = {name: (int(part[1]), int(part[2])) for name, part in parts.items()}
    return snapshot.memo[key]  # type: ignore[return-value]


def _quote(
    snapshot: Snapshot, identifier: str, level: Level, chunk: tuple[int, int], name: Iri
) -> Evidence | None:
    stored = snapshot.lexical(level).document(identifier)
    places = spans(snapshot, identifier, level).get(name, [])
    inside = [place for place in places if chunk[0] <= place[0] < chunk[1]]
    if stored is None or not inside or stored.document.text_access == "metadata":
        return None
    source, shown = stored.document, quotable.shown(snapshot, stored, level)
    found = shown.around((chunk[0], source.text[slice(*chunk)]), inside[0][0])
    if found is None:  # another sentence that names it, or where it stands
        found = next((one for at, _ in places if (one := shown.around((0, source.text), at))), None)
    span = found or Span(inside[0][0], inside[0][0])
    quote, page = source.text[span.start : span.end], source.page(span.start)
    return Evidence(source.iri, source.title, quote, span.start, span.end, page, source.url)


def _tail(name: str) -> str:
    return name.rstrip("/").replace("#", "/").rpartition("/")[2]
