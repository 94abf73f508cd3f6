"""What follows about a thing, each derived statement with the rule and the statements behind it."""

from collections.abc import Iterable
from dataclasses import dataclass

from kg import axioms, entities, inference
from kg.axioms import Axioms
from kg.base import Snapshot
from kg.types import Iri, Level

_MOST = 50


@dataclass(frozen=True, slots=True)
class Because:
    """A statement as it stands in the graph."""

    subject: Iri
    predicate: Iri
    value: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived statement; `rules` are names of the OWL 2 RL profile, `because` what sources state."""

    predicate: Iri
    predicate_label: str
    value: Iri
    value_label: str
    rules: tuple[str, ...]
    because: tuple[Because, ...]


def derived(snapshot: Snapshot, name: Iri, level: Level) -> tuple[Derived, ...]:
    """Return the first 50 derived statements that start at a thing, in the order of their predicates."""
    graph, target = snapshot.graph(level), snapshot.namer.graph("inferred")
    found = inference.inferred(graph, target, name)[:_MOST]
    labels = entities.labels(snapshot, [term for _, *terms in found for term in terms], level)
    proofs = [inference.explain(graph, target, _axioms(snapshot, level), one) for one in found]
    return tuple(
        Derived(
            predicate, labels[predicate], value, labels[value],
            rules=tuple(dict.fromkeys(step.rule for step in steps)),
            because=tuple(_stated(steps)),
        )
        for (_, predicate, value), steps in zip(found, proofs, strict=True)
    )  # fmt: skip


def _stated(steps: Iterable[inference.Inference]) -> list[Because]:
    """Return the premises that no step derives, each once."""
    steps = list(steps)
    results = {step.statement for step in steps}
    premises = dict.fromkeys(one for step in steps for one in step.premises if one not in results)
    return [Because(*one) for one in premises]


def _axioms(snapshot: Snapshot, level: Level) -> Axioms:
    key = ("axioms", snapshot.store(level))
    if key not in snapshot.memo:
        snapshot.memo[key] = axioms.read(snapshot.graph(level), snapshot.namer)
    return snapshot.memo[key]  # type: ignore[return-value]
