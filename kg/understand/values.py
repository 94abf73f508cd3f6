"""What a question asks of the things it finds: properties and numbers, as lines of a query."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from kg.understand.lexicon import COUNTS, literal
from kg.understand.parts import Asked
from kg.understand.plan import OFFERS, ROLE, Pattern
from ontology.namespaces import CLU, DCTERMS, ORG, PROV, SCHEMA, SKOS

_LABEL: Final = SKOS + "prefLabel"
_COLUMNS: Final = {
    CLU + "hasFrequency": "rhythm",
    CLU + "targetGroup": "audience",
    CLU + "governanceLevel": "level",
    CLU + "organisationType": "type",
    CLU + "status": "stand",
    CLU + "place": "place",
    CLU + "closes": "closes",
    DCTERMS + "issued": "issued",
    SCHEMA + "foundingDate": "founded",
    ORG + "purpose": "aim",
    ORG + "role": "role",
}
NUMBER: Final = ("number", "upTo", "accuracy", "unit", "period", "origin")
"""Columns of a number, in this order; with a figure behind if there are several numbers."""


class Values:
    """Writes the lines for what is asked of each thing, and keeps which columns they fill."""

    def __init__(
        self, pattern: Pattern, names: Sequence[str], short: Callable[[str], str], language: str
    ) -> None:
        self.pattern, self.names, self.short, self.language = pattern, names, short, language
        self.things: list[str] = []
        self.values: list[str] = []

    def asked(self, at: int, one: Asked, number: int, *, is_needed: bool) -> Iterator[str]:
        """Yield the lines for a property that is asked of the thing at a position."""
        if one.relation in COUNTS or one.units or one.relation in (SCHEMA + "value", CLU + "hasQuantity"):
            lines = list(self._number(at, one, number))
        elif one.relation == ROLE:
            lines = list(self._role(at))
        elif one.relation in (DCTERMS + "temporal", DCTERMS + "provenance"):
            lines = []
        else:
            lines = list(self._value(at, one))
        if lines:
            yield from lines if is_needed else ["OPTIONAL {", *(f"  {line}" for line in lines), "}"]

    def _value(self, at: int, one: Asked) -> Iterator[str]:
        column, name = _COLUMNS.get(one.relation, "value"), self.names[at]
        if one.relation == CLU + "place":
            yield f"?{name} {self.short(one.relation)} ?{column} . FILTER(ISIRI(?{column}))"
            self.things.append(column)
            return
        labelled = one.relation.startswith(CLU) and one.relation != CLU + "closes"
        path = self.short(one.relation) + (f"/{self.short(_LABEL)}" if labelled else "")
        tags = f'"{self.language}"' if labelled else f'"", "{self.language}"'
        is_text = labelled or one.relation == ORG + "purpose"
        yield f"?{name} {path} ?{column} ." + (f" FILTER(LANG(?{column}) IN ({tags}))" if is_text else "")
        self.values.append(column)

    def _role(self, at: int) -> Iterator[str]:
        agent = next((spot for spot, node in enumerate(self.pattern.nodes) if "agent" in node.kinds), at)
        other = next((spot for spot in range(len(self.pattern.nodes)) if spot != agent), None)
        name = self.names[agent]
        where = [f"?association {self.short(PROV + 'agent')}|{self.short(ORG + 'member')} ?{name} ."]
        if other is not None:
            paths = f"{self.short(PROV + 'qualifiedAssociation')}|^{self.short(ORG + 'organization')}"
            where.append(f"?{self.names[other]} {paths} ?association .")
        yield from where
        roles = f"({self.short(PROV + 'hadRole')}|{self.short(ORG + 'role')})/{self.short(_LABEL)}"
        yield f'?association {roles} ?role . FILTER(LANG(?role) = "{self.language}")'
        self.values.append("role")

    def _number(self, at: int, one: Asked, number: int) -> Iterator[str]:
        tail = str(number + 1) if number else ""
        name, node = self.names[at], self.pattern.nodes[at]
        if "statistic" in node.kinds:
            figure = name
        else:
            figure = f"figure{tail}"
            path = self.short(CLU + "hasQuantity" if one.relation == SCHEMA + "value" else one.relation)
            if "agent" in node.kinds and not node.kinds - {"agent"}:
                path = f"({self.short(OFFERS)}|{self.short(CLU + 'umbrellaOf')})?/{path}"
            yield f"?{name} {path} ?{figure} ."
        columns = {column: column + tail for column in NUMBER}
        yield f"?{figure} {self.short(SCHEMA + 'unitText')} ?{columns['unit']} ."
        for forms in one.units:
            tests = " || ".join(
                f"CONTAINS(LCASE(STR(?{columns['unit']})), {literal(form)})" for form in forms
            )
            yield f"FILTER({tests})"
        yield f"?{figure} {self.short(CLU + 'qualifier')}/{self.short(_LABEL)} ?{columns['accuracy']} ."
        yield f"OPTIONAL {{ ?{figure} {self.short(SCHEMA + 'value')} ?exact{tail} }}"
        yield f"OPTIONAL {{ ?{figure} {self.short(SCHEMA + 'minValue')} ?least{tail} }}"
        yield f"OPTIONAL {{ ?{figure} {self.short(SCHEMA + 'maxValue')} ?{columns['upTo']} }}"
        yield f"BIND(COALESCE(?exact{tail}, ?least{tail}) AS ?{columns['number']})"
        for column, relation in (("period", "temporal"), ("origin", "provenance")):
            yield (
                f"OPTIONAL {{ ?{figure} {self.short(DCTERMS + relation)} ?{columns[column]} "
                f"{self._said(columns[column])} }}"
            )
        yield f'FILTER(LANG(?{columns["accuracy"]}) = "{self.language}")'
        self.values += columns.values()

    def _said(self, column: str) -> str:
        return f'FILTER(LANG(?{column}) IN ("", "{self.language}"))'
