"""Addresses, feeds and sitemaps to Sources: what is listed, what is new, what is gone."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.web.fetch import Fetcher
from ingest.web.harvest import Harvest, Terms
from ingest.web.listing import is_listing, read
from ingest.web.manners import Manners
from kg.errors import SourceError
from kg.ids import digest
from kg.journal import Journal
from kg.registry import Registry
from kg.types import Rejection, Source
from tests.ingest import web_server
from tests.ingest.web_server import Site

MANNERS = Manners(every_s=0.0, is_private_allowed=True, timeout_s=2.0, backoff_s=0.0, limit_bytes=200_000)


@pytest.fixture
def site() -> Iterator[Site]:
    with web_server.serve() as site:
        yield site


@dataclass
class Outcome:
    sources: list[Source]
    rejected: list[Rejection]
    gone: set[str]

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.rejected]

    def paths(self, site: Site) -> list[str]:
        return [one.location.removeprefix(site.url) for one in self.sources]


class Run:
    """Harvests into one journal; everything that comes is taken in at once."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal.db")
        self.registry = Registry(self.journal)

    def __call__(self, *roots: str, said: str = "", takes: bool = True, **terms: object) -> Outcome:
        given = Terms("presse", said, {}, **terms)  # type: ignore[arg-type]
        fetcher = Fetcher(MANNERS, sleep=lambda _: None)
        harvest = Harvest(roots, given, self.registry, fetcher, self.journal.input_digest)
        found = list(harvest)
        sources = [one for one in found if isinstance(one, Source)]
        inputs = [
            (one.name, one.location, digest(one.data + said.encode()))
            for one in sources
            if not one.is_unchanged
        ]
        if takes:
            self.journal.commit(inputs=inputs)
        return Outcome(sources, [one for one in found if isinstance(one, Rejection)], harvest.gone)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    run.journal.close()


def urlset(site: Site, *paths: str) -> str:
    entries = "".join(f"<url><loc>{path if '://' in path else site.url + path}</loc></url>" for path in paths)
    return (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    )


def index(site: Site, *paths: str) -> str:
    entries = "".join(f"<sitemap><loc>{site.url}{path}</loc></sitemap>" for path in paths)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Presse</title><link>/</link>
<item><title>Neue Schmelze &amp;amp; &lt;b&gt;Glas&lt;/b&gt;</title><link>{url}/a</link>
<guid isPermaLink="false">7</guid>
<pubDate>Mon, 02 Mar 2026 23:30:00 +0100</pubDate></item>
<item><title>Laser</title><link>/b?utm_source=rss</link></item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Presse</title>
<entry><id>tag:x,2026:1</id><title type="html">Glas</title><published>2026-03-02T10:00:00Z</published>
<link rel="enclosure" href="/bild.png"/><link href="/a"/></entry></feed>"""


def test_a_page_comes_in_under_its_canonical_address(site: Site, run: Run) -> None:
    site.page("/a?x=1", "Text.")
    found = run(f"{site.url}/a?x=1&utm_campaign=y#z")

    assert found.paths(site) == ["/a?x=1"]
    assert (found.sources[0].media_type, found.sources[0].url) == ("text/html", f"{site.url}/a?x=1")
    assert found.sources[0].issued is None
    assert site.asked() == ["/robots.txt", "/a?x=1"]


CANONICAL = {
    '<link rel="canonical" href="/a">': "/a",
    "<link href='/a' rel=canonical>": "/a",
    '<link rel="canonical" href="https://elsewhere.example/a">': "/a?print=1",
    '<link rel="canonical" href="/">': "/a?print=1",
    '<link rel="canonical" href="javascript:alert(1)">': "/a?print=1",
    '<link rel="stylesheet" href="/style.css">': "/a?print=1",
}


@pytest.mark.parametrize(("link", "expected"), CANONICAL.items())
def test_a_declared_address_counts_on_the_same_host_only(
    site: Site, run: Run, link: str, expected: str
) -> None:
    site.pages["/a?print=1"] = (
        200,
        {"Content-Type": "text/html"},
        f"<html><head>{link}</head>Text.".encode(),
    )

    assert run(f"{site.url}/a?print=1").paths(site) == [expected]


def test_pages_that_declare_the_same_address_stay_apart(site: Site, run: Run) -> None:
    for name in "ab":
        text = f'<html><head><link rel="canonical" href="/alle"></head>Text {name}.'
        site.pages[f"/{name}"] = (200, {"Content-Type": "text/html"}, text.encode())

    assert run(f"{site.url}/a", f"{site.url}/b").paths(site) == ["/alle", "/b"]
    assert run(f"{site.url}/b", f"{site.url}/a").paths(site) == ["/b", "/alle"]


def test_an_rss_feed_gives_its_entries_with_title_and_date(site: Site, run: Run) -> None:
    site.xml("/feed", RSS.format(url=site.url))
    site.page("/a", "Glas.")
    site.page("/b", "Laser.")
    found = run(f"{site.url}/feed")

    assert found.paths(site) == ["/a", "/b"]
    assert [(one.title, one.issued) for one in found.sources] == [
        ("Neue Schmelze & Glas", "2026-03-02"),
        ("Laser", None),
    ]
    assert site.asked() == ["/robots.txt", "/feed", "/a", "/b"]


def test_an_atom_feed_gives_its_entries_and_no_enclosures(site: Site, run: Run) -> None:
    site.xml("/feed", ATOM)
    site.page("/a", "Glas.")
    found = run(f"{site.url}/feed")

    assert [(one.title, one.issued) for one in found.sources] == [("Glas", "2026-03-02")]
    assert site.asked() == ["/robots.txt", "/feed", "/a"]


def test_an_entry_of_a_feed_keeps_its_identity_when_its_address_changes(site: Site, run: Run) -> None:
    site.xml("/feed", ATOM)
    site.page("/a", "Glas.")
    run(f"{site.url}/feed")
    site.xml("/feed", ATOM.replace('"/a"', '"/neu/a"'))
    site.page("/neu/a", "Glas.")
    found = run(f"{site.url}/feed")

    assert found.paths(site) == ["/a"]
    assert found.sources[0].url == f"{site.url}/neu/a"


def test_the_title_of_a_feed_is_kept_with_masked_contacts(site: Site, run: Run) -> None:
    site.xml("/feed", RSS.replace("{url}", site.url).replace("Laser", "Laser, Tel. 0221 4711 0815"))
    for name in "ab":
        site.page(f"/{name}", "Glas.")
    run(f"{site.url}/feed")
    visit = run.registry.visit("presse", f"{site.url}/feed")

    assert visit is not None
    assert visit.listing is not None
    titles = [entry[1] for entry in visit.listing["entries"]]
    assert "Laser" in titles[1]
    assert "4711" not in titles[1]


def test_a_sitemap_index_is_followed_once_also_when_packed_or_naming_itself(site: Site, run: Run) -> None:
    site.xml("/sitemap.xml", index(site, "/eins.xml.gz", "/sitemap.xml", "/eins.xml.gz", "/zwei.xml"))
    site.xml("/eins.xml.gz", gzip.compress(urlset(site, "/a", "/b").encode()))
    site.xml("/zwei.xml", index(site, "/sitemap.xml", "/drei.xml"))
    site.xml("/drei.xml", urlset(site, "/b", "/c"))
    for name in "abc":
        site.page(f"/{name}", f"Text {name}.")
    found = run(f"{site.url}/sitemap.xml")

    assert found.paths(site) == ["/a", "/b", "/c"]
    assert found.rejected == []
    assert site.asked() == [
        "/robots.txt",
        "/sitemap.xml",
        "/eins.xml.gz",
        "/zwei.xml",
        "/drei.xml",
        "/a",
        "/b",
        "/c",
    ]


def test_nothing_is_asked_but_what_was_ordered(site: Site, run: Run) -> None:
    body = (
        '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed">'
        '<link rel="stylesheet" href="/s.css"><script src="/s.js"></script><link rel="next" href="/c"></head>'
        '<body><article><img src="/bild.png"><iframe src="/rahmen"></iframe><a href="/b">b</a>Text.</article>'
        '<meta http-equiv="refresh" content="0;url=/d"></body></html>'
    )
    site.pages["/a"] = (200, {"Content-Type": "text/html"}, body.encode())
    site.xml("/sitemap.xml", urlset(site, "/a"))

    assert len(run(f"{site.url}/sitemap.xml").sources) == 1
    assert site.asked() == ["/robots.txt", "/sitemap.xml", "/a"]


def test_what_is_on_another_host_needs_leave(site: Site, run: Run) -> None:
    site.xml("/feed", urlset(site, "/a", "http://other.example/x", "http://other.example/y"))
    site.pages["/a"] = (302, {"Location": f"http://localhost:{site.server_port}/b"}, b"")
    site.page("/b", "Text.")
    found = run(f"{site.url}/feed")

    assert found.codes == ["other-host", "other-host"]
    assert "`--allow localhost`" in found.rejected[0].detail
    assert found.rejected[1].detail.startswith("lists 2 on another host, other.example.")
    assert "/b" not in site.log
    assert run(f"{site.url}/feed", hosts=("localhost",)).paths(site) == ["/a"]


# What is new


VALIDATORS = [
    ({"ETag": '"7"'}, "if-none-match"),
    ({"Last-Modified": "Mon, 02 Mar 2026 10:00:00 GMT"}, "if-modified-since"),
]


@pytest.mark.parametrize(("said", "asked"), VALIDATORS)
def test_an_unchanged_entry_costs_one_request_and_no_body(
    site: Site, run: Run, said: dict[str, str], asked: str
) -> None:
    def page(handler: web_server.Handler) -> web_server.Answer:
        if handler.headers.get(asked) == next(iter(said.values())):
            return 304, said, b""
        return 200, said | {"Content-Type": "text/html"}, b"<html>Text."

    site.pages |= {"/a": page, "/sitemap.xml": (200, said, urlset(site, "/a").encode())}
    listing = site.pages["/sitemap.xml"]
    site.pages["/sitemap.xml"] = lambda handler: (304, said, b"") if handler.headers.get(asked) else listing
    run(f"{site.url}/sitemap.xml")
    site.asked()
    again = run(f"{site.url}/sitemap.xml")

    assert [(one.is_unchanged, one.data, one.media_type) for one in again.sources] == [
        (True, b"", "text/html")
    ]
    assert again.gone == set()
    assert site.asked() == ["/robots.txt", "/sitemap.xml", "/a"]


def test_what_was_not_taken_in_or_is_said_otherwise_is_read_again(site: Site, run: Run) -> None:
    site.pages["/a"] = lambda handler: (
        (304, {}, b"") if handler.headers.get("if-none-match") else (200, {"ETag": '"1"'}, b"<html>Text.")
    )
    address = f"{site.url}/a"

    assert [run(address, takes=takes).sources[0].is_unchanged for takes in (False, True, True)] == [
        False,
        False,
        True,
    ]
    assert not run(address, said="internal").sources[0].is_unchanged


# What cannot be used


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"Content-Type": "text/html"}, b"\x89PNG\r\n\x1a\n0000", "unsupported-media-type"),
        ({"Content-Type": "application/pdf"}, b"<!doctype html><html>Nicht da.", "text/html"),
        ({"Content-Type": "text/html"}, b"%PDF-1.7 ...", "application/pdf"),
        ({"Content-Type": "application/octet-stream"}, b"\x00\x01\x02", "unsupported-media-type"),
        ({"Content-Type": "text/plain"}, b"Nur Text.", "text/plain"),
        ({}, b" \n", "empty"),
        ({}, gzip.compress(bytes(5_000_000), mtime=0), "too-large"),
        ({}, gzip.compress(b"Text" * 99, mtime=0)[:-9], "broken-gzip"),
        ({"Content-Type": "text/html; charset=iso-8859-1"}, "<p>Köln grüßt.".encode("latin-1"), "text/html"),
    ],
)  # fmt: skip
def test_the_content_decides_what_it_is(
    site: Site, run: Run, headers: dict[str, str], body: bytes, expected: str
) -> None:
    site.pages["/a"] = (200, headers, body)
    found = run(f"{site.url}/a")

    assert [one.media_type for one in found.sources] + found.codes == [expected]
    if b"K\xf6ln" in body:
        assert found.sources[0].data.decode() == "<p>Köln grüßt."


BOMB = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
XXE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">'
REMOTE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "{url}/geheim">'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (BOMB + "]><rss><channel><item><link>&j;</link></item></channel></rss>", "broken-listing"),
        (BOMB + ']><rss><channel a="&j;"/></rss>', "broken-listing"),
        (XXE + "]><rss><channel><item><link>&x;</link></item></channel></rss>", "xml-entities"),
        (REMOTE + "]><rss><channel><item><link>&x;</link></item></channel></rss>", "xml-entities"),
        ("<rss><channel><item>", "broken-listing"),
        ("<rss \x00 <<<", "broken-listing"),
        ("<rss>" + "<a>" * 5000, "broken-listing"),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "empty-listing"),
    ],
)  # fmt: skip
def test_a_bad_feed_is_one_line_and_asks_nothing(site: Site, run: Run, body: str, code: str) -> None:
    site.xml("/feed", body.replace("{url}", site.url))
    found = run(f"{site.url}/feed")

    assert (found.codes, found.sources, found.gone) == ([code], [], set())
    assert found.rejected[0].source == f"{site.url}/feed"
    assert site.asked() == ["/robots.txt", "/feed"]


def test_one_bad_entry_does_not_end_a_harvest(site: Site, run: Run) -> None:
    site.xml("/sitemap.xml", urlset(site, "/fehlt", "http://2130706433/", "/kaputt", "/langsam", "/gut"))
    site.pages |= {"/kaputt": (500, {}, b""), "/langsam": web_server.drip}
    site.page("/gut", "Text.")
    found = run(f"{site.url}/sitemap.xml", f"{site.url}/auch-weg")

    assert found.paths(site) == ["/gut"]
    assert found.codes == ["not-found", "address-form", "server-error", "timeout", "not-found"]


def test_a_long_sitemap_is_cut_and_says_so(site: Site, run: Run) -> None:
    site.xml("/sitemap.xml", urlset(site, "/a", "/b", "/c"))
    for name in "abc":
        site.page(f"/{name}", f"Text {name}.")
    run(f"{site.url}/sitemap.xml")
    found = run(f"{site.url}/sitemap.xml", max_addresses=2)

    assert (found.codes, found.paths(site), found.gone) == (["too-many-addresses"], ["/a", "/b"], set())


# What is gone


def test_an_address_is_gone_when_it_is_missing_twice_or_said_to_be_gone(site: Site, run: Run) -> None:
    address = f"{site.url}/a"
    site.page("/a", "Text.")
    run(address)
    site.pages["/a"] = (404, {}, b"")
    first, second, third = run(address), run(address), run(address)
    site.page("/a", "Wieder da.")
    back = run(address)
    site.pages["/a"] = (410, {}, b"")

    assert (first.codes, first.gone) == (["not-found"], set())
    assert (second.codes, second.gone) == ([], {address})
    assert (third.codes, third.gone) == ([], {address})
    assert (back.paths(site), back.gone) == (["/a"], set())
    assert run(address).gone == {address}


def test_what_a_sitemap_no_longer_lists_is_gone(site: Site, run: Run) -> None:
    for name in "abc":
        site.page(f"/{name}", f"Text {name}.")
    site.xml("/sitemap.xml", urlset(site, "/a", "/b", "/c"))
    run(f"{site.url}/sitemap.xml")
    site.xml("/sitemap.xml", urlset(site, "/a", "/c"))

    assert run(f"{site.url}/sitemap.xml").gone == {f"{site.url}/b"}


def test_what_drops_out_of_a_feed_is_not_gone(site: Site, run: Run) -> None:
    site.xml("/feed", RSS.format(url=site.url))
    for name in "ab":
        site.page(f"/{name}", f"Text {name}.")
    run(f"{site.url}/feed")
    site.xml("/feed", ATOM)

    assert run(f"{site.url}/feed").gone == set()


FAILURES = [
    (500, {}, b""),
    (404, {}, b""),
    (200, {}, b"<urlset>"),
    (200, {}, b"<html>Wartung"),
    web_server.nonsense,
]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_harvest_takes_nothing_away(site: Site, run: Run, failure: web_server.Play) -> None:
    for name in "ab":
        site.page(f"/{name}", f"Text {name}.")
    site.xml("/index.xml", index(site, "/eins.xml", "/zwei.xml"))
    site.xml("/eins.xml", urlset(site, "/a"))
    site.xml("/zwei.xml", urlset(site, "/b"))
    run(f"{site.url}/index.xml")
    whole = site.pages["/index.xml"]
    site.pages["/zwei.xml"] = failure
    partly = run(f"{site.url}/index.xml")
    site.pages["/index.xml"] = failure

    assert (partly.paths(site), partly.gone, len(partly.codes)) == (["/a"], set(), 1)
    broken = run(f"{site.url}/index.xml")
    assert (broken.sources, broken.gone, len(broken.codes)) == ([], set(), 1)
    site.pages["/index.xml"] = whole
    site.pages["/a"] = (503, {}, b"")
    assert run(f"{site.url}/index.xml").gone == set()


def test_rdf_and_pages_are_no_listings() -> None:
    rdf = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'

    assert not is_listing(rdf)
    assert is_listing(rdf.replace(b"/>", b' xmlns="http://purl.org/rss/1.0/"/>'))
    assert not is_listing(b"<!doctype html><html><body><rss></rss>")
    assert is_listing(b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- <html> --><?x y?><feed>')


def test_html_entities_in_a_feed_are_not_well_formed() -> None:
    with pytest.raises(SourceError, match="not well-formed"):
        read("https://a.example/feed", b"<rss><channel><title>a&nbsp;b</title></channel></rss>")
