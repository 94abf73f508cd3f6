"""Imprint, privacy and accessibility: the operator's text, or ours with gaps; then what the service does."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from api.portal.texts import LANGUAGES, Language, load
from api.settings import Settings

Name = Literal["imprint", "privacy", "accessibility"]

_OURS: Final = Path(__file__).parent / "legal"
_BYTES: Final = 200_000
"""Of an operator's page more is not read."""

_GAP: Final = re.compile(r"\[\[(.+?)\]\]")
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]<>()#+.!|~-])")


def view(settings: Settings, name: Name, language: Language) -> dict[str, object]:
    """Return what the template needs; `is_draft` where the operator has put nothing in the place of ours."""
    given = _given(settings.portal_pages, name, language)
    spoken, text = given or (language, _filled(_ours(name, language), settings, language))
    title, body = _rendered(text)
    return {
        "title": title,
        "body": body if given else _marked(body),
        "spoken": spoken,
        "service": _service(settings, name, language),
        "is_draft": given is None,
    }


def _given(folder: Path | None, name: Name, language: Language) -> tuple[Language, str] | None:
    """Return the operator's text and its language: the wanted one, else the other."""
    for spoken in sorted(LANGUAGES, key=lambda one: one != language):
        path = folder / f"{name}.{spoken}.md" if folder else None
        if path and path.is_file():
            with path.open("rb") as file:
                return spoken, file.read(_BYTES).decode("utf-8-sig", "replace")
    return None


def _service(settings: Settings, name: Name, language: Language) -> str | None:
    if name == "imprint":
        return None
    model = "model_set" if settings.model else "model_none"
    text = _ours(f"{name}-service", language).replace("{model}", load("legal")[language][model])
    return _marked(_rendered(text)[1])


@cache
def _ours(name: str, language: Language) -> str:
    return (_OURS / f"{name}.{language}.md").read_text(encoding="utf-8")


def _filled(text: str, settings: Settings, language: Language) -> str:
    """Put what the settings say of the operator into our text; what they do not say is a gap."""
    texts, known = load("legal")[language], settings.operator
    values: Mapping[str, str | None] = {"publisher": known.publisher, "contact": known.contact}
    for field, value in values.items():
        shown = _SIGNS.sub(r"\\\1", value) if value else f"[[{texts[f'gap_{field}']}]]"
        text = text.replace(f"{{{field}}}", shown)
    return text


def _rendered(text: str) -> tuple[str | None, str]:
    """Return the title that a text begins with, if any, and the rest as HTML without a title."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False}).enable("table")
    tokens, title = parser.parse(text), None
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        title, tokens = tokens[1].content, tokens[3:]
    for token in tokens:
        _lower(token)
    return title, str(parser.renderer.render(tokens, parser.options, {}))


def _lower(token: Token) -> None:
    """Make a further title a heading: a page has one title."""
    if token.tag == "h1":
        token.tag = "h2"


def _marked(html: str) -> str:
    return _GAP.sub(r'<mark class="gap">[\1]</mark>', html)
