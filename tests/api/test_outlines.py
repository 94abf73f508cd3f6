"""The shapes of the map: our own tiles, and outlines that an operator brings."""

import gzip
import math
import re
from pathlib import Path
from typing import Any

import pytest
from districts import feature, write

import ontology
from api.portal import outlines
from kg.errors import QueryError


@pytest.fixture(scope="module")
def centres() -> dict[str, tuple[float, float]]:
    """Code of each district -> latitude and longitude, from our vocabulary."""
    text = (Path(ontology.__file__).parent / "vocab" / "place.ttl").read_text(encoding="utf-8")
    found = {}
    for block in text.split("\n\n"):
        code = re.search(r'clu:ags "(\d{5})"', block)
        if "clu:District" in block and code:
            latitude, longitude = re.findall(r"wgs:(?:lat|long) ([\d.]+)", block)
            found[code[1]] = (float(latitude), float(longitude))
    return found


def ranks(values: list[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) - 1) / 2 for value in values]


def correlation(one: list[float], other: list[float]) -> float:
    """Spearman's, with ties."""
    pairs = [(a - 26, b - 26) for a, b in zip(ranks(one), ranks(other), strict=True)]
    product = sum(a * b for a, b in pairs)
    return product / math.sqrt(sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs))


def test_every_district_has_one_tile_and_no_two_overlap(centres: dict[str, tuple[float, float]]) -> None:
    tiles = outlines.tiles()

    assert len(tiles) == 53
    assert tiles.keys() == centres.keys()
    for of in ("code", "name"):
        assert len({getattr(tile, of) for tile in tiles.values()}) == 53
    assert len({(tile.column, tile.row) for tile in tiles.values()}) == 53


def test_tiles_lie_about_where_the_districts_do(centres: dict[str, tuple[float, float]]) -> None:
    tiles = [outlines.tiles()[ags] for ags in centres]

    assert correlation([tile.column for tile in tiles], [east for _, east in centres.values()]) > 0.95
    assert correlation([tile.row for tile in tiles], [-north for north, _ in centres.values()]) > 0.95


@pytest.mark.parametrize(
    ("north", "south"),
    [("MI", "BI"), ("ST", "MS"), ("HX", "SI"), ("KLE", "AC"), ("DU", "D"), ("D", "NE"), ("LEV", "K"),
     ("K", "BN"), ("RE", "HER"), ("HER", "BO"), ("BOR", "WES"), ("HSK", "SI")],
)  # fmt: skip
def test_the_north_is_above_the_south(north: str, south: str) -> None:
    tiles = {tile.code: tile for tile in outlines.tiles().values()}

    assert tiles[north].row < tiles[south].row


@pytest.mark.parametrize(
    ("west", "east"),
    [("AC", "DN"), ("DN", "K"), ("KLE", "WES"), ("DU", "E"), ("E", "DO"), ("DO", "SO"), ("PB", "HX"),
     ("BOR", "COE"), ("MS", "WAF"), ("GT", "BI"), ("BI", "LIP"), ("MG", "NE")],
)  # fmt: skip
def test_the_west_is_left_of_the_east(west: str, east: str) -> None:
    tiles = {tile.code: tile for tile in outlines.tiles().values()}

    assert tiles[west].column < tiles[east].column


# Outlines of an operator


def numbers(path: str) -> list[tuple[int, int]]:
    """The points of a path."""
    found: list[tuple[int, int]] = []
    for ring in filter(None, path.split("M")):
        start, steps = ring.removesuffix("z").split("l")
        x, y = map(int, start.split())
        found.append((x, y))
        values = list(map(int, steps.split()))
        for dx, dy in zip(values[::2], values[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> outlines.Drawing:
    features = [feature(ags, wave=120) for ags in outlines.tiles()]
    return outlines.of(write(tmp_path_factory.mktemp("outlines"), features))


def test_outlines_are_drawn_in_their_frame_and_simplified(drawing: outlines.Drawing) -> None:
    points = [point for shape in drawing.shapes.values() for point in numbers(shape.path)]

    assert not drawing.is_grid
    assert drawing.shapes.keys() == outlines.tiles().keys()
    assert 53 * 4 < len(points) <= outlines.MOST_POINTS
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in points)
    assert 0.85 < drawing.height / drawing.width < 1.05  # 2.0 degrees by 3.0, narrowed by the latitude
    assert len(gzip.compress(" ".join(shape.path for shape in drawing.shapes.values()).encode())) < 30_000


def test_neighbours_keep_one_border(drawing: outlines.Drawing) -> None:
    muenster, warendorf = (set(numbers(drawing.shapes[ags].path)) for ags in ("05515", "05570"))
    border = muenster & warendorf

    east = max(x for x, _ in muenster)
    assert len(border) > 5
    assert all(point in warendorf for point in muenster if point[0] > east - 8)


def test_a_number_stands_inside_its_district(drawing: outlines.Drawing) -> None:
    for shape in drawing.shapes.values():
        xs, ys = zip(*numbers(shape.path), strict=True)
        assert min(xs) + 20 < shape.x < max(xs) - 20
        assert min(ys) + 20 < shape.y < max(ys) - 20


@pytest.mark.parametrize(
    ("at", "written"),
    [("ags", lambda ags: f"{ags}000"), ("ARS", lambda ags: f"{ags}0000000"), ("AGS", int),
     ("KN", lambda ags: int(f"{ags}000"))],
)  # fmt: skip
def test_the_usual_codes_are_understood(tmp_path: Path, at: str, written: Any) -> None:
    features = [feature(ags, at=at, code=written(ags), wave=4) for ags in outlines.tiles()]
    abroad = feature("05515", code="03404")

    assert outlines.of(write(tmp_path, [*features, abroad])).shapes.keys() == outlines.tiles().keys()


def test_metres_and_several_polygons_are_drawn_as_well(tmp_path: Path) -> None:
    features = [feature(ags) for ags in outlines.tiles()]
    for one in features:
        ring = [[x * 69_000, y * 111_000] for x, y in one["geometry"]["coordinates"][0]]
        one["geometry"] = {"type": "MultiPolygon", "coordinates": [[ring]]}

    drawing = outlines.of(write(tmp_path, features))
    assert 0.85 < drawing.height / drawing.width < 1.1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no GeoJSON that can be read"),
        ("[" * 100_000, "no GeoJSON that can be read"),
        ("[]", "no FeatureCollection"),
        ('{"features": []}', "no feature has a code that begins with 05"),
        ('{"features": [7]}', "feature 1 is neither"),
        ('{"features": [{"properties": {"AGS": "05111"}, "geometry": null}]}', "feature 1 is neither"),
        ('{"features": [{"properties": {"AGS": "05111"}, "geometry": {"type": "Point", "coordinates": []}}]}',
         "feature 1 is neither"),
        ('{"features": [{"properties": {"AGS": "05111"}, "geometry": {"type": "Polygon", '
         '"coordinates": [[[NaN, 1]]]}}]}', "a coordinate is no number"),
        ('{"features": [{"properties": {"AGS": "05111"}, "geometry": {"type": "Polygon", '
         '"coordinates": [[[1, 1]]]}}]}', "Kleve (05154)"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "bad.geojson"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(QueryError) as caught:
        outlines.of(path)
    assert str(caught.value).startswith(f"KG_PORTAL_MAP='{path}' cannot be used: ")
    assert said in str(caught.value)


def test_a_district_without_an_area_is_refused(tmp_path: Path) -> None:
    features = [feature(ags) for ags in outlines.tiles()]
    features[3]["geometry"]["coordinates"] = [[[7, 51], [7, 51], [7, 51]]]

    with pytest.raises(QueryError, match="a district has no area"):
        outlines.of(write(tmp_path, features))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "LARGEST", 10)

    with pytest.raises(QueryError, match="at most 10 are read"):
        outlines.of(write(tmp_path, [feature("05111")]))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="No such file"):
        outlines.of(tmp_path / "none.geojson")
