"""Experts per topic, computed ahead: for each topic which organisations know it, how well, and why.

    strength = 1 - exp(-(grounds + passages))
    grounds  = sum of the weights of what the graph says (kg.grounds)
    passages = sum of votes of the passages on the topic / sqrt(n + 8)

A passage votes for the organisations it speaks for (Macdonald and Ounis 2006): 1 for the one its document
is about, 0.5 for the publisher, 0.8 / k for each of k names in it. `n` is how many passages speak for the
organisation at all: the root between no normalisation and a full one (Balog et al. 2009, model 2), taken of
a power of two, so that one more document rarely moves all topics of an organisation.

The result of one level is the graph `rankings` of its store. It holds one clu:Expertise for each pair,
`clu:passageCount` of organisations, and clu:Closeness for pairs of clusters (kg.closeness). It is not
merged into the default graph: computed figures prove nothing and nothing follows from them.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg import closeness, grounds, kinds, touched
from kg.graph import Graph
from kg.grounds import Ground, blocks, is_iri
from kg.ids import Namer, digest
from kg.nquads import iri, literal, quad
from kg.touched import ABOUT, MENTIONS, PART, PUBLISHER, Touched
from kg.types import Iri, NQuad
from ontology.namespaces import CLU, DCTERMS, OA, PROV, RDF, XSD

METHOD: Final = "grounds+passages/1"
"""Stands at every figure; counted up when the formula changes."""

BEST: Final = 100
"""Most organisations kept for one topic."""

IS_ABOUT, PUBLISHES, NAMES = 1.0, 0.5, 0.8
"""Votes of a passage for the organisation its document is about, its publisher, and those it names."""

SMOOTHING: Final = 8
"""Passages added to those of an organisation: a single one must not look like a specialism."""

_PROOFS = 3
"""Most passages that a figure names as its evidence."""

_ORGANISATIONS = " ".join(f"<{name}>" for name in kinds.ROOTS["organisation"])
_LEAST = 0.03
"""Weaker figures are not kept: one name among many in one passage."""

_TOPICS = 50
"""Topics whose passages are read at a time."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a derivation did: topics ranked again of how many, organisations whose passages were counted."""

    topics: int
    of_topics: int
    organisations: int


@dataclass(frozen=True, slots=True)
class _Vote:
    """What the passages of one document give to an organisation; `first` is one, `sought` named in it."""

    weight: float
    document: Iri
    first: Iri
    sought: Iri
    issued: str


_Votes = Mapping[tuple[Iri, Iri], Sequence[_Vote]]
"""(topic, organisation) -> votes."""


def normaliser(passages: int) -> float:
    """Return by what votes are divided for an organisation that so many passages speak for."""
    return math.sqrt(2 ** int(math.log2(passages + SMOOTHING)))


def derive(graph: Graph, namer: Namer, changed: Touched | None = None) -> Counts:
    """Make the graph `rankings` hold what follows from the store; `changed` limits the work to that.

    The result is the same as with None, which computes all anew. What follows about classes must be there.
    """
    topics, organisations = kinds.topics(graph), _organisations(graph)
    if changed is None or changed.is_much:
        counted, wanted = organisations, set(topics)
        graph.replace({namer.graph("rankings"): []})
    elif not changed:
        return Counts(0, len(topics), 0)
    else:
        wanted, counted = changed.resolve(graph)
        counted &= organisations | set(_sizes(graph, namer))
    wanted |= _recount(graph, namer, counted, organisations)
    wanted = {name for name in wanted if is_iri(name)}
    _rank(graph, namer, wanted, topics, organisations)
    closeness.derive(graph, namer)
    return Counts(len(wanted & topics), len(topics), len(counted))


def _recount(graph: Graph, namer: Namer, counted: set[Iri], organisations: set[Iri]) -> set[Iri]:
    """Bring the numbers of passages up to date; return the topics for which that makes a difference."""
    before, now = _sizes(graph, namer), _count(graph, counted & organisations)
    target = namer.graph("rankings")
    lines = {
        name: [_number(name, now[name], target)] if now.get(name) else []
        for name in counted
        if now.get(name, 0) != before.get(name, 0)
    }
    graph.replace_subjects(target, lines)
    moved = {name for name in lines if normaliser(before.get(name, 0)) != normaliser(now.get(name, 0))}
    return touched.topics_of(graph, moved)


def _number(name: Iri, passages: int, target: Iri) -> NQuad:
    return quad(name, CLU + "passageCount", literal(str(passages), datatype=XSD + "integer"), target)


def _rank(
    graph: Graph, namer: Namer, wanted: set[Iri], topics: frozenset[Iri], organisations: set[Iri]
) -> None:
    target, sizes = namer.graph("rankings"), _sizes(graph, namer)
    for block in blocks(wanted, _TOPICS):
        known = [name for name in block if name in topics]
        said: dict[tuple[Iri, Iri], list[Ground]] = defaultdict(list)
        for ground in grounds.read(graph, namer, known):
            if ground.actor in organisations:
                said[ground.topic, ground.actor].append(ground)
        votes = _votes(graph, known, organisations)
        best = _best(said, votes, sizes)
        proofs = _proofs(graph, namer, [vote for pair in best for vote in _strongest(votes.get(pair, ()))])
        lines: dict[Iri, list[NQuad]] = {name: [] for name in _nodes(graph, target, block)}
        for (topic, actor), strength in best.items():
            name = namer.thing("expertise", digest(f"{actor}\0{topic}".encode())[:16])
            pair = said.get((topic, actor), ()), votes.get((topic, actor), ())
            lines[name] = [
                quad(name, predicate, value, target)
                for predicate, value in _described(actor, topic, strength, *pair, proofs)
            ]
        graph.replace_subjects(target, lines)


def _best(
    said: Mapping[tuple[Iri, Iri], Sequence[Ground]], votes: _Votes, sizes: Mapping[Iri, int]
) -> dict[tuple[Iri, Iri], float]:
    """Return the strength of the best organisations of each topic."""
    by_topic: dict[Iri, list[tuple[float, Iri]]] = defaultdict(list)
    for topic, actor in {**said, **votes}:
        things: dict[Iri, float] = defaultdict(float)
        for ground in said.get((topic, actor), ()):
            things[ground.thing] = max(things[ground.thing], ground.weight)
        heard = math.fsum(vote.weight for vote in votes.get((topic, actor), ()))
        mass = math.fsum(things.values()) + heard / normaliser(sizes.get(actor, 0))
        by_topic[topic].append((-round(1 - math.exp(-mass), 4), actor))
    return {
        (topic, actor): -minus
        for topic, found in by_topic.items()
        for minus, actor in sorted(found)[:BEST]
        if -minus >= _LEAST
    }


def _described(
    actor: Iri,
    topic: Iri,
    strength: float,
    said: Sequence[Ground],
    votes: Sequence[_Vote],
    proofs: Mapping[_Vote, Iri],
) -> Iterator[tuple[str, str]]:
    """Yield predicate and term of what is said of one figure."""
    strongest = _strongest(votes)
    dated = max((vote.issued for vote in votes if len(vote.issued) == len("2026-01-01")), default="")
    yield RDF + "type", iri(CLU + "Expertise")
    yield CLU + "expertiseOf", iri(actor)
    yield CLU + "expertiseTopic", iri(topic)
    yield CLU + "strength", literal(f"{strength:.4f}", datatype=XSD + "decimal")
    yield CLU + "method", literal(METHOD)
    if dated:
        yield CLU + "asOf", literal(dated, datatype=XSD + "date")
    for source in dict.fromkeys(name for ground in said for name in ground.sources):
        yield PROV + "wasDerivedFrom", iri(source)
    for vote in strongest:
        yield PROV + "wasDerivedFrom", iri(vote.document)
    for proof in dict.fromkeys(name for ground in said for name in ground.proofs):
        yield CLU + "evidence", iri(proof)
    for vote in strongest:
        if vote in proofs:
            yield CLU + "evidence", iri(proofs[vote])


def _strongest(votes: Sequence[_Vote]) -> list[_Vote]:
    return sorted(votes, key=lambda vote: (-vote.weight, vote.document))[:_PROOFS]


# What passages say


def _votes(graph: Graph, topics: Sequence[Iri], organisations: set[Iri]) -> _Votes:
    """Return the votes for organisations, one for each document."""
    found: dict[tuple[Iri, Iri, Iri], _Vote] = {}
    for weight, row in (*_naming(graph, topics), *_owning(graph, topics)):
        topic, actor, document = Iri(row["t"]), Iri(row["e"]), Iri(row["d"])
        if actor not in organisations:
            continue
        sought = topic if "p" in row else actor
        vote = _Vote(weight, document, Iri(row["first"]), sought, row.get("issued", ""))
        before = found.get((topic, actor, document))
        if before is None or vote.weight > before.weight:
            found[topic, actor, document] = vote
    grouped: dict[tuple[Iri, Iri], list[_Vote]] = defaultdict(list)
    for topic, actor, document in sorted(found):
        grouped[topic, actor].append(found[topic, actor, document])
    return grouped


def _naming(graph: Graph, topics: Sequence[Iri]) -> Iterator[tuple[float, Mapping[str, str]]]:
    """Yield the weight of the passages of a document that name a topic and an organisation, and both.

    Whoever has several of the classes comes once for each.
    """
    names = " ".join(iri(name) for name in topics)
    passages = (
        f"SELECT ?t ?c (COUNT(?x) AS ?k) WHERE {{ VALUES ?t {{ {names} }} "
        f"?c <{MENTIONS}> ?t ; a <{CLU}Chunk> ; <{MENTIONS}> ?x }} GROUP BY ?t ?c"
    )
    query = (
        "SELECT ?t ?e ?d (SUM(1.0 / ?k) AS ?w) (MIN(?c) AS ?first) (MIN(?date) AS ?issued) WHERE { "
        f"{{ {passages} }} ?c <{MENTIONS}> ?e ; <{PART}> ?d . VALUES ?o {{ {_ORGANISATIONS} }} ?e a ?o "
        f"OPTIONAL {{ ?d <{DCTERMS}issued> ?date }} }} GROUP BY ?t ?e ?d ?o"
    )
    for row in graph.select(query) if topics else ():
        yield NAMES * float(row["w"]), row


def _owning(graph: Graph, topics: Sequence[Iri]) -> Iterator[tuple[float, Mapping[str, str]]]:
    """Yield the weight of the passages on a topic of a document, for whom it is about and its publisher."""
    names = " ".join(iri(name) for name in topics)
    query = (
        "SELECT ?t ?e ?d ?p (COUNT(DISTINCT ?c) AS ?n) (MIN(?c) AS ?first) (MIN(?date) AS ?issued) WHERE { "
        f"VALUES ?t {{ {names} }} ?c <{MENTIONS}> ?t ; a <{CLU}Chunk> ; <{PART}> ?d . "
        f"VALUES ?p {{ <{ABOUT}> <{PUBLISHER}> }} ?d ?p ?e "
        f"OPTIONAL {{ ?d <{DCTERMS}issued> ?date }} }} GROUP BY ?t ?e ?d ?p"
    )
    for row in graph.select(query) if topics else ():
        yield (IS_ABOUT if row["p"] == ABOUT else PUBLISHES) * int(row["n"]), row


def _proofs(graph: Graph, namer: Namer, votes: Iterable[_Vote]) -> dict[_Vote, Iri]:
    """Return for each vote the annotation of a name in its passage."""
    wanted: dict[tuple[Iri, Iri], list[_Vote]] = defaultdict(list)
    for vote in dict.fromkeys(votes):
        identifier = vote.document.removeprefix(namer.document(""))
        wanted[namer.annotation_graph(identifier), vote.sought].append(vote)
    found: dict[_Vote, Iri] = {}
    pairs = sorted(wanted)
    for start in range(0, len(pairs), _PAIRS):
        values = " ".join(f"({iri(g)} {iri(e)})" for g, e in pairs[start : start + _PAIRS])
        about = f"VALUES (?g ?e) {{ {values} }} GRAPH ?g {{ ?a <{OA}hasBody> ?e }}"
        query = f"SELECT ?g ?e ?a WHERE {{ {about} }} ORDER BY ?a"
        for row in graph.select(query):
            for vote in wanted[Iri(row["g"]), Iri(row["e"])]:
                if _is_inside(row["a"], vote.first):
                    found.setdefault(vote, Iri(row["a"]))
    return found


_PAIRS = 300


def _is_inside(annotation: str, chunk: str) -> bool:
    """Tell from their names whether an annotation lies in a chunk."""
    start, end = (int(part) for part in chunk.rsplit("-", 2)[1:])
    return start <= int(annotation.rsplit("-", 3)[1]) < end


# What is there


def _organisations(graph: Graph) -> set[Iri]:
    classes = [name for name, kind in kinds.of_classes(graph).items() if kind == "organisation"]
    values = " ".join(iri(name) for name in classes)
    rows = graph.select(f"SELECT DISTINCT ?e WHERE {{ VALUES ?c {{ {values} }} ?e a ?c }}")
    return {Iri(row["e"]) for row in rows if is_iri(row["e"])}


def _sizes(graph: Graph, namer: Namer) -> dict[Iri, int]:
    """Return the stored number of passages that speak for each organisation."""
    query = f"SELECT ?e ?n WHERE {{ GRAPH <{namer.graph('rankings')}> {{ ?e <{CLU}passageCount> ?n }} }}"
    return {Iri(row["e"]): int(row["n"]) for row in graph.select(query)}


def _count(graph: Graph, organisations: Iterable[Iri]) -> dict[Iri, int]:
    """Count passages that name each organisation and those of documents about it or by it."""
    found: dict[Iri, int] = defaultdict(int)
    chunk = f"?c a <{CLU}Chunk>"
    for block in blocks(organisations):
        names = f"VALUES ?e {{ {' '.join(iri(name) for name in block)} }}"
        shapes = (
            f"{names} ?c <{MENTIONS}> ?e . {chunk}",
            f"{names} ?d <{ABOUT}>|<{PUBLISHER}> ?e . ?c <{PART}> ?d . {chunk}",
        )
        for shape in shapes:
            for row in graph.select(f"SELECT ?e (COUNT(?c) AS ?n) WHERE {{ {shape} }} GROUP BY ?e"):
                found[Iri(row["e"])] += int(row["n"])
    return found


def _nodes(graph: Graph, target: Iri, topics: Sequence[Iri]) -> list[Iri]:
    """Return the figures that the graph holds for topics."""
    names = " ".join(iri(name) for name in topics)
    query = (
        f"SELECT ?x WHERE {{ VALUES ?t {{ {names} }} GRAPH <{target}> {{ ?x <{CLU}expertiseTopic> ?t }} }}"
    )
    return [Iri(row["x"]) for row in graph.select(query)]
