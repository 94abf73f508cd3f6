"""Write `ontology/vocab/place.ttl` from a folder of tables; see docs/places.md for their form and origin."""

import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.ids import slug

TARGET = Path(__file__).parent.parent / "ontology" / "vocab" / "place.ttl"

HEAD = """\
# Written by docs/places.py; do not edit by hand.
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix schema: <https://schema.org/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix place: <https://w3id.org/cluster-nrw/id/place/> .

<https://w3id.org/cluster-nrw/id/scheme/place> a skos:ConceptScheme ;
    rdfs:label "Orte in Nordrhein-Westfalen"@de, "Places in North Rhine-Westphalia"@en ;
    skos:prefLabel "Orte in Nordrhein-Westfalen"@de, "Places in North Rhine-Westphalia"@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    dcterms:rights "© GeoBasis-DE / BKG 2013 (Daten verändert); GeoNames, CC BY 4.0; lobid, CC0 1.0"@de,
        "© GeoBasis-DE / BKG 2013 (data changed); GeoNames, CC BY 4.0; lobid, CC0 1.0"@en ;
    dcterms:source <https://github.com/hbz/nwbib>, <https://github.com/hbz/lobid-organisations>,
        <https://www.geonames.org/>, <https://ec.europa.eu/eurostat/web/nuts> .
"""

REGIONS = {
    "Düsseldorf": ("051", "DEA1"), "Köln": ("053", "DEA2"), "Münster": ("055", "DEA3"),
    "Detmold": ("057", "DEA4"), "Arnsberg": ("059", "DEA5"),
}  # fmt: skip
"""Regierungsbezirk -> its part of the AGS and its NUTS 2 code."""

ENGLISH = {
    "Köln": "Cologne",
    "Märkischer Kreis": "Märkischer Kreis",
    "Rhein-Kreis Neuss": "Rhein-Kreis Neuss",
    "Rheinisch-Bergischer Kreis": "Rheinisch-Bergischer Kreis",
    "Städteregion Aachen": "Aachen City Region",
    "Ennepe-Ruhr-Kreis": "Ennepe-Ruhr District",
    "Hochsauerlandkreis": "Hochsauerland District",
    "Oberbergischer Kreis": "Oberberg District",
    "Rhein-Erft-Kreis": "Rhein-Erft District",
    "Rhein-Sieg-Kreis": "Rhein-Sieg District",
}
"""English names that do not follow from the German one; a town without one keeps its own."""

GERMAN_ALIASES = {
    "Bonn": ("Bundesstadt Bonn",),
    "Fröndenberg/Ruhr": ("Fröndenberg",),
    "Haltern am See": ("Haltern",),
    "Hamm": ("Hamm (Westf.)", "Hamm/Westfalen"),
    "Münster": ("Münster (Westf.)", "Münster/Westfalen"),
    "Mülheim an der Ruhr": ("Mülheim (Ruhr)", "Mülheim/Ruhr", "Mülheim a. d. Ruhr"),
    "Rhein-Kreis Neuss": ("Kreis Neuss",),
}
ENGLISH_ALIASES = {
    "Aachen": ("Aix-la-Chapelle",),
    "Hochsauerlandkreis": ("High Sauerland District",),
    "Oberbergischer Kreis": ("Oberbergischer Kreis",),
    "Rhein-Erft-Kreis": ("Rhine-Erft District",),
    "Rhein-Sieg-Kreis": ("Rhine-Sieg District",),
    "Rhein-Kreis Neuss": ("Rhine District of Neuss",),
    "Städteregion Aachen": ("Städteregion Aachen", "Aachen Region"),
}
WRITTEN_OUT = {"Westf.": "Westfalen", "Rhld.": "Rheinland"}
"""What the bracket behind a name stands for; people write it with a slash or leave it out."""

NEVER_ALONE = frozenset(("Halle", "Wetter"))
"""Names that without their bracket mean something else first."""

_BRACKET = re.compile(r"(?P<name>.+) \((?P<region>.+)\)$")


@dataclass(frozen=True, slots=True)
class Place:
    """One concept: `codes` are its AGS, shortest first; `parent` is the IRI's last part."""

    name: str
    english: str
    classes: tuple[str, ...]
    codes: tuple[str, ...]
    nuts: str
    point: tuple[float, float]
    parent: str | None
    aliases: tuple[tuple[str, str], ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()

    def turtle(self) -> str:
        """Return the concept in Turtle."""
        lat, long = (round(degrees, 5) for degrees in self.point)
        scheme = "<https://w3id.org/cluster-nrw/id/scheme/place>"
        labels = f"{_text(self.name)}@de, {_text(self.english)}@en"
        aliases = ", ".join(f"{_text(form)}@{language}" for form, language in self.aliases)
        hidden = ", ".join(f"{_text(form)}@{language}" for form, language in self.hidden)
        codes = ", ".join(map(_text, self.codes))
        lines = [
            f"place:{slug(self.name)} a skos:Concept, {', '.join(self.classes)}",
            f"skos:inScheme {scheme}",
            f"skos:prefLabel {labels}",
            f"rdfs:label {labels}",
            *([f"skos:altLabel {aliases}"] if aliases else []),
            *([f"skos:hiddenLabel {hidden}"] if hidden else []),
            f"skos:notation {codes}",
            f"clu:ags {codes}",
            f"clu:nuts {_text(self.nuts)}",
            f"wgs:lat {lat} ; wgs:long {long}",
            f'geo:hasGeometry [ geo:asWKT "POINT({long} {lat})"^^geo:wktLiteral ]',
            f"skos:broader place:{self.parent}" if self.parent else f"skos:topConceptOf {scheme}",
        ]
        return " ;\n    ".join(lines) + " .\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def places(folder: Path) -> Iterator[Place]:
    """Yield the state, its regions, districts and municipalities, each level in the order of the codes."""
    districts, towns = _rows(folder / "nrw_kreise.csv"), _rows(folder / "nrw_municipalities.csv")
    centres = _centres(folder / "nrw_kreise.geojson")
    yield _state(centres)
    for region in REGIONS:
        mine = [centres[row["ags"]] for row in districts if row["regierungsbezirk"] == region]
        yield _region(region, _middle(mine))
    yield from (_district(row) for row in districts if row["typ"] != "kreisfreie Stadt")
    yield from (_town(row, districts) for row in towns)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["ags"])


def _state(centres: dict[str, tuple[float, float, float]]) -> Place:
    return Place(
        name="Nordrhein-Westfalen",
        english="North Rhine-Westphalia",
        classes=("schema:AdministrativeArea",),
        codes=("05",),
        nuts="DEA",
        point=_middle(list(centres.values())),
        parent=None,
        aliases=(("NRW", "de"), ("NRW", "en"), ("Land Nordrhein-Westfalen", "de")),
        hidden=(("nordrhein-westfälisch", "de"), ("North Rhine-Westphalian", "en")),
    )


def _region(name: str, point: tuple[float, float]) -> Place:
    code, nuts = REGIONS[name]
    english = ENGLISH.get(name, name)
    return Place(
        name=f"Regierungsbezirk {name}",
        english=f"{english} Government Region",
        classes=("clu:GovernmentRegion",),
        codes=(code,),
        nuts=nuts,
        point=point,
        parent="nordrhein-westfalen",
        aliases=(
            (f"RB {name}", "de"), (f"Reg.-Bez. {name}", "de"), (f"Regierungsbezirk {name}", "en"),
            (f"administrative region of {english}", "en"),
        ),
    )  # fmt: skip


def _district(row: dict[str, str]) -> Place:
    name = row["name"]
    bare = name.removeprefix("Kreis ")
    aliases = _listed(name)
    if bare != name:
        aliases = [(f"Landkreis {bare}", "de"), (name, "en"), (f"District of {bare}", "en"), *aliases]
    return Place(
        name=name,
        english=ENGLISH.get(name, f"{bare} District"),
        classes=("clu:District",),
        codes=(row["ags"],),
        nuts=row["nuts3"],
        point=(float(row["lat"]), float(row["lon"])),
        parent=f"regierungsbezirk-{slug(row['regierungsbezirk'])}",
        aliases=tuple(aliases),
    )


def _town(row: dict[str, str], districts: Sequence[dict[str, str]]) -> Place:
    """Return a municipality; a kreisfreie Stadt is its own district and lies in the region at once."""
    name, district = row["name"], next(d for d in districts if d["ags"] == row["kreis_ags"])
    is_free = district["typ"] == "kreisfreie Stadt"
    bracket = _BRACKET.match(name)
    aliases = _listed(name)
    if bracket:
        region = WRITTEN_OUT.get(bracket["region"], bracket["region"])
        aliases.append((f"{bracket['name']}/{region}", "de"))
        if bracket["name"] not in NEVER_ALONE:
            aliases += [(bracket["name"], "de"), (bracket["name"], "en")]
    return Place(
        name=name,
        english=ENGLISH.get(name, name),
        classes=("clu:Municipality", "clu:District") if is_free else ("clu:Municipality",),
        codes=(row["kreis_ags"], row["ags"]) if is_free else (row["ags"],),
        nuts=row["nuts3"],
        point=(float(row["lat"]), float(row["lon"])),
        parent=f"regierungsbezirk-{slug(row['regierungsbezirk'])}" if is_free else slug(row["kreis_name"]),
        aliases=tuple(aliases),
    )


def _listed(name: str) -> list[tuple[str, str]]:
    found = [(form, "de") for form in GERMAN_ALIASES.get(name, ())]
    return found + [(form, "en") for form in ENGLISH_ALIASES.get(name, ())]


def _centres(path: Path) -> dict[str, tuple[float, float, float]]:
    """Return AGS -> (area, latitude, longitude) of each district's outline; the area only weighs."""
    found = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        rings = [ring for polygon in polygons for ring in polygon]
        found[feature["properties"]["ags"]] = _balance([_ring(ring) for ring in rings])
    return found


def _ring(points: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Return the signed area of a ring and its centroid (shoelace formula)."""
    area = lat = long = 0.0
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        area, long, lat = area + cross / 2, long + (x1 + x2) * cross / 6, lat + (y1 + y2) * cross / 6
    return area, lat / area, long / area


def _balance(parts: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    area = sum(part[0] for part in parts)
    lat, long = (sum(part[0] * part[axis] for part in parts) / area for axis in (1, 2))
    return abs(area), lat, long


def _middle(parts: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    return _balance(parts)[1:]


def main(folder: str, target: Path = TARGET) -> None:
    """Write the vocabulary from the tables in `folder`."""
    found = list(places(Path(folder)))
    names = [slug(place.name) for place in found]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise SystemExit(f"two places would share an IRI: {', '.join(twice)}. Give one another name.")
    target.write_text("\n".join([HEAD, *(place.turtle() for place in found)]), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python docs/places.py FOLDER, which holds nrw_kreise.csv and the others")
    main(sys.argv[1])
