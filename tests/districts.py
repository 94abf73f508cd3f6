"""Outlines of districts for tests: where our tiles are, with wavy borders."""

import itertools
import json
import math
from pathlib import Path
from typing import Any

from api.portal import outlines

Feature = dict[str, Any]


def feature(ags: str, *, at: str = "AGS", code: object = None, wave: int = 40) -> Feature:
    """A district where its tile is, its borders wavy, in degrees."""
    tile = outlines.tiles()[ags]
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    ring = []
    for (x, y), (end_x, end_y) in itertools.pairwise(corners):
        for step in range(wave):
            part = step / wave
            across = tile.column + x + (end_x - x) * part
            down = tile.row + y + (end_y - y) * part
            bend = 0.05 * math.sin(math.pi * 6 * (across + down))
            ring.append([6 + 0.3 * (across + bend), 52.5 - 0.2 * (down + bend)])
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {"type": "Feature", "properties": {at: code or ags}, "geometry": geometry}


def write(folder: Path, features: list[Feature], **more: object) -> Path:
    path = folder / "kreise.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return path
