"""The shapes of the map: our own tiles, or outlines of the districts that an operator has as GeoJSON.

Outlines are moved into a frame `WIDTH` wide, put on whole units, cut where three districts meet, and each
piece is simplified once (Douglas and Peucker 1973), so that neighbours keep one border.
"""

import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from kg.errors import QueryError

TILES: Final = Path(__file__).with_name("tiles.csv")
WIDTH: Final = 1000
SIDE: Final = 100
"""Of a tile, its gap included."""

LARGEST: Final = 50_000_000
"""Most bytes of a file of outlines."""

MOST_POINTS: Final = 4000
"""Of all outlines together, so that the page stays small."""

_GAP = 6
_CODES = ("AGS", "ARS", "RS", "AGS_0", "ARS_0", "RS_0", "KN", "KREIS_AGS", "SCHLUESSEL")
"""Properties, in any case, that hold the official code."""

_TOLERANCES = (0.7, 1.0, 1.5, 2.5, 4.0, 7.0, 12.0)
"""In units of the frame; the first that leaves few enough points."""

_SHORTENED = {4, 7, 11}
"""Lengths of a code that was taken for a number and lost its first 0."""

_STATE = "05"

_Point = tuple[float, float]
_Ring = Sequence[_Point]


@dataclass(frozen=True, slots=True)
class Tile:
    """A district's place in our grid, and its short names."""

    ags: str
    column: int
    row: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn for a district: a path, and where its number stands."""

    path: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The shapes by code of the district, and the size of the frame."""

    shapes: Mapping[str, Shape]
    width: int
    height: int
    is_grid: bool


@cache
def tiles() -> Mapping[str, Tile]:
    """Return our grid, by code of the district."""
    with TILES.open(encoding="utf-8", newline="") as file:
        return {
            row["ags"]: Tile(row["ags"], int(row["column"]), int(row["row"]), row["code"], row["name"])
            for row in csv.DictReader(file)
        }


@cache
def grid() -> Drawing:
    """Return the map as tiles."""
    side, shapes = SIDE - _GAP, {}
    for ags, tile in tiles().items():
        x, y = tile.column * SIDE + _GAP // 2, tile.row * SIDE + _GAP // 2
        shapes[ags] = Shape(f"M{x} {y}h{side}v{side}h-{side}z", x + side // 2, y + side // 2)
    columns, rows = (max(getattr(tile, way) for tile in tiles().values()) for way in ("column", "row"))
    return Drawing(shapes, (columns + 1) * SIDE, (rows + 1) * SIDE, is_grid=True)


def of(path: Path | None) -> Drawing:
    """Return the map of a file of outlines, else the tiles.

    Raises:
        QueryError: The file cannot be used; the message says why.
    """
    return grid() if path is None else _read(path)


@cache
def _read(path: Path) -> Drawing:
    found = _districts(path, _features(path))
    if missing := [f"{tile.name} ({ags})" for ags, tile in tiles().items() if ags not in found]:
        raise _fault(path, f"it has no outline of {', '.join(missing)}")
    try:
        return _drawn(found)
    except ValueError as error:
        raise _fault(path, str(error)) from error


def _features(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        if (size := path.stat().st_size) > LARGEST:
            raise _fault(path, f"it has {size} bytes, at most {LARGEST} are read; simplify it first")
        held = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _fault(path, f"it is no GeoJSON that can be read: {error}") from error
    features = held.get("features") if isinstance(held, dict) else None
    if not isinstance(features, list):
        raise _fault(path, "it is no FeatureCollection")
    return features


def _districts(path: Path, features: Sequence[Mapping[str, Any]]) -> dict[str, list[_Ring]]:
    """Return the rings of each district of the state; several features of one are put together."""
    found: dict[str, list[_Ring]] = defaultdict(list)
    for number, feature in enumerate(features, start=1):
        try:
            code = _code(feature.get("properties") or {})
            if code.startswith(_STATE):
                found[code[:5]] += _rings(feature["geometry"])
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise _fault(path, f"feature {number} is neither Polygon nor MultiPolygon ({error})") from error
    if not found:
        raise _fault(path, f"no feature has a code that begins with {_STATE} in {', '.join(_CODES)}")
    return found


def _code(properties: Mapping[str, Any]) -> str:
    known = {name.upper(): value for name, value in properties.items()}
    code = next((str(known[name]) for name in _CODES if known.get(name)), "")
    return f"0{code}" if len(code) in _SHORTENED else code


def _rings(geometry: Mapping[str, Any]) -> Iterator[_Ring]:
    polygons = {"Polygon": lambda held: [held], "MultiPolygon": list}[geometry["type"]](
        geometry["coordinates"]
    )
    for polygon in polygons:
        for ring in polygon:
            points = [(float(point[0]), float(point[1])) for point in ring]
            if not all(math.isfinite(value) for point in points for value in point):
                raise ValueError("a coordinate is no number")
            yield points


def _drawn(districts: Mapping[str, Sequence[_Ring]]) -> Drawing:
    points = [point for rings in districts.values() for ring in rings for point in ring]
    west, south, east, north = _bounds(points)
    squeeze = 1.0
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        squeeze = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * squeeze, 1e-9)
    placed = {
        ags: [[((x - west) * squeeze * scale, (north - y) * scale) for x, y in ring] for ring in rings]
        for ags, rings in districts.items()
    }
    shapes = {ags: Shape(_path(rings), *_middle(rings[0])) for ags, rings in simplified(placed).items()}
    return Drawing(shapes, WIDTH, math.ceil((north - south) * scale), is_grid=False)


def _bounds(points: Sequence[_Point]) -> tuple[float, float, float, float]:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _path(rings: Iterable[_Ring]) -> str:
    """Return rings as a path of whole units, each point relative to the one before."""
    parts = []
    for ring in rings:
        steps = (f"{x - before_x:.0f} {y - before_y:.0f}" for (before_x, before_y), (x, y) in pairwise(ring))
        parts.append(f"M{ring[0][0]:.0f} {ring[0][1]:.0f}l{' '.join(steps)}z")
    return "".join(parts)


def _middle(ring: _Ring) -> tuple[int, int]:
    """Return where a number fits: of the level stretches inside a ring, the middle farthest from it."""
    _, top, _, bottom = _bounds(ring)
    best = (-1.0, *ring[0])
    for part in range(3, 18):
        y = top + (bottom - top) * part / 20 + 0.01
        crossed = sorted(
            x + (y - y_start) / (end_y - y_start) * (end_x - x)
            for (x, y_start), (end_x, end_y) in pairwise([*ring, ring[0]])
            if (y_start > y) != (end_y > y)
        )
        for left, right in zip(crossed[::2], crossed[1::2], strict=False):
            x = (left + right) / 2
            room = min((right - left) / 2, *(math.dist((x, y), point) for point in ring))
            best = max(best, (room, x, y))
    return round(best[1]), round(best[2])


def _area(ring: _Ring) -> float:
    return abs(sum(x * end_y - end_x * y for (x, y), (end_x, end_y) in pairwise([*ring, ring[0]]))) / 2


# Simplifying


def simplified(districts: Mapping[str, Sequence[_Ring]]) -> dict[str, list[_Ring]]:
    """Return the rings on whole units with no more than `MOST_POINTS` points, neighbours with one border.

    Raises:
        ValueError: They cannot be simplified so far.
    """
    snapped = {ags: [_snapped(ring) for ring in rings] for ags, rings in districts.items()}
    corners = _corners(ring for rings in snapped.values() for ring in rings)
    for tolerance in _TOLERANCES:
        done: dict[tuple[_Point, ...], _Ring] = {}
        found = {
            ags: _kept([_simple(ring, corners, tolerance, done) for ring in rings if len(ring) > 2])
            for ags, rings in snapped.items()
        }
        if sum(len(ring) for rings in found.values() for ring in rings) <= MOST_POINTS:
            return found
    raise ValueError(f"its borders cannot be simplified to {MOST_POINTS} points")


def _kept(rings: Sequence[_Ring]) -> list[_Ring]:
    """Return the rings that can be seen, the largest first and in any case."""
    ordered = sorted(rings, key=_area, reverse=True)
    if not ordered or not _area(ordered[0]):
        raise ValueError("a district has no area")
    return ordered[:1] + [ring for ring in ordered[1:] if _area(ring) >= 2]


def _snapped(ring: _Ring) -> _Ring:
    """Return a ring on whole units, without its last point, which is the first again, and repeated ones."""
    points = [(float(round(x)), float(round(y))) for x, y in ring]
    kept = [point for at, point in enumerate(points) if point != points[at - 1]]
    return kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept


def _corners(rings: Iterable[_Ring]) -> frozenset[_Point]:
    """Return the points where more than two borders meet."""
    near: dict[_Point, set[_Point]] = defaultdict(set)
    for ring in rings:
        for at, point in enumerate(ring):
            near[point] |= {ring[at - 1], ring[(at + 1) % len(ring)]}
    return frozenset(point for point, others in near.items() if len(others) > 2)


def _simple(
    ring: _Ring, corners: frozenset[_Point], tolerance: float, done: dict[tuple[_Point, ...], _Ring]
) -> _Ring:
    """Return a ring of simplified pieces; `done` has those of the neighbours."""
    cuts = [at for at, point in enumerate(ring) if point in corners] or [ring.index(min(ring))]
    turned = [*ring[cuts[0] :], *ring[: cuts[0] + 1]]
    ends = [*(cut - cuts[0] for cut in cuts), len(ring)]
    found: list[_Point] = []
    for start, end in pairwise(ends):
        piece = tuple(turned[start : end + 1])
        key = min(piece, piece[::-1])
        if key not in done:
            done[key] = _thinned(key, tolerance)
        found += (done[key] if key == piece else done[key][::-1])[:-1]
    return found


def _thinned(line: _Ring, tolerance: float) -> _Ring:
    """Return the points of a line without those nearer than `tolerance` to the line that is left."""
    kept, ahead = {0, len(line) - 1}, [(0, len(line) - 1)]
    if line[0] == line[-1]:  # a closed line: cut where it is farthest from its start
        far = max(range(len(line)), key=lambda at: math.dist(line[0], line[at]))
        kept, ahead = {*kept, far}, [(0, far), (far, len(line) - 1)]
    while ahead:
        start, end = ahead.pop()
        inside = range(start + 1, end)
        far = max(inside, key=lambda at: _distance(line[at], line[start], line[end]), default=start)
        if far > start and _distance(line[far], line[start], line[end]) > tolerance:
            kept.add(far)
            ahead += [(start, far), (far, end)]
    return [line[at] for at in sorted(kept)]


def _distance(point: _Point, start: _Point, end: _Point) -> float:
    """Return how far a point is from the line through two others, or from both where they are one."""
    length = math.dist(start, end)
    if not length:
        return math.dist(point, start)
    (x, y), (x0, y0), (x1, y1) = point, start, end
    return abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length


def _fault(path: Path, detail: str) -> QueryError:
    return QueryError(f"KG_PORTAL_MAP={str(path)!r} cannot be used: {detail}.")
