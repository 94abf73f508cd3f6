"""An operator's name, logo and colour; the colour is made dark or light enough to be read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.settings import Settings

MEDIA_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}

_PAPER: Final = {"light": "#ffffff", "shade": "#f4f6f8", "dark": "#14181c", "raised": "#1d2329"}
_CONTRAST: Final = 4.5
"""Between text and what it stands on (WCAG 2.2, 1.4.3)."""

_STEP: Final = 0.02


@dataclass(frozen=True, slots=True)
class Brand:
    """What an operator set; None is our own."""

    name: str | None = None
    logo: Path | None = None
    accent: str | None = None


def of(settings: Settings) -> Brand:
    """Return what the settings say."""
    return Brand(settings.portal_name, settings.portal_logo, settings.portal_accent)


def style(accent: str) -> str:
    """Return the style sheet that puts a colour, such as `#0b4a6f`, in the place of ours."""
    light = _readable(accent, _PAPER["shade"], "#000000")
    dark = _readable(accent, _PAPER["raised"], "#ffffff")
    button = _readable(accent, "#ffffff", "#000000")
    pressed = _mixed(button, "#000000", 0.2)
    shared = f"--button:{button};--pressed:{pressed}"
    return (
        f":root{{--accent:{light};{shared}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{dark};{shared}}}}}\n"
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _readable(colour: str, paper: str, towards: str) -> str:
    """Return the colour, moved only as far `towards` black or white as reading it needs."""
    share, found = 0.0, colour
    while contrast(found, paper) < _CONTRAST and share < 1:
        share += _STEP
        found = _mixed(colour, towards, min(share, 1.0))
    return found


def _mixed(one: str, other: str, share: float) -> str:
    channels = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in channels)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _channels(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
