"""Numbers of the graph as their sources give them: with unit and qualifier."""

from collections.abc import Iterable, Mapping
from typing import Final, get_args

from kg.base import Snapshot
from kg.nquads import iri as term
from kg.types import Iri, Level, Qualifier, Quantity
from ontology.namespaces import CLU, RDF, SCHEMA

_QUALIFIERS: Final[Mapping[str, Qualifier]] = {name: name for name in get_args(Qualifier)}


def read(snapshot: Snapshot, names: Iterable[Iri], level: Level, language: str) -> dict[Iri, Quantity]:
    """Return those of the names that are quantities; the unit in `language` where a source has it."""
    values = " ".join(term(name) for name in names)
    query = f"""SELECT ?q ?value ?least ?most ?code ?how ?unit (LANG(?unit) AS ?language) WHERE {{
      VALUES ?q {{ {values} }} ?q <{RDF}type> <{CLU}Quantity>
      OPTIONAL {{ ?q <{SCHEMA}value> ?value }} OPTIONAL {{ ?q <{SCHEMA}minValue> ?least }}
      OPTIONAL {{ ?q <{SCHEMA}maxValue> ?most }} OPTIONAL {{ ?q <{SCHEMA}unitCode> ?code }}
      OPTIONAL {{ ?q <{CLU}qualifier> ?how }} OPTIONAL {{ ?q <{SCHEMA}unitText> ?unit }}
    }} ORDER BY ?q ?unit"""
    found: dict[Iri, Quantity] = {}
    for row in snapshot.graph(level).select(query) if values else ():
        name = Iri(row["q"])
        if name not in found or row.get("language") == language:
            quantity = _quantity(row)
            found |= {name: quantity} if quantity else {}
    return found


def _quantity(row: Mapping[str, str]) -> Quantity | None:
    """Return what a row says; a bound alone is the value, with a qualifier that says which bound."""
    least, most = row.get("least"), row.get("most")
    value = row.get("value") or least or most
    if value is None:
        return None
    said = _QUALIFIERS.get(row.get("how", "").rpartition("/")[2])
    bound: Qualifier = "exact" if "value" in row or (least and most) else "at-least" if least else "up-to"
    is_range = "value" not in row and bool(least and most)
    return Quantity(value, row.get("unit", ""), said or bound, most if is_range else None, row.get("code"))
