"""What tests of several folders share."""

import os
from html.parser import HTMLParser
from typing import NoReturn

import pytest

VOID = {"meta", "link", "input", "br", "img"}


def lacking(reason: str) -> NoReturn:
    """Skip with a reason; fail where nothing may be missing."""
    if os.environ.get("KG_REQUIRE_ALL") == "1":  # noqa: TID251
        pytest.fail(reason)
    pytest.skip(reason)  # said in the summary (-ra): what is missing and what to do


class Page(HTMLParser):
    """Reads a page and fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of this name."""
        return [attributes for name, attributes in self.tags if name == tag]

    def values(self, attribute: str) -> list[str]:
        """Return every value of an attribute."""
        return [str(attributes[attribute]) for _, attributes in self.tags if attribute in attributes]
