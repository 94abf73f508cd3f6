"""The door to the network, against a server that misbehaves and a resolver that lies."""

# ruff: noqa: S104, ARG002 - addresses are the subject, nothing is bound

import gzip
import time
from collections.abc import Callable, Iterator, Sequence
from email.utils import formatdate

import httpcore2
import pytest

from ingest.web import addresses
from ingest.web.fetch import Answer, Fetcher
from ingest.web.guard import Backend, is_allowed
from ingest.web.manners import Manners
from ingest.web.unpack import Unpacker
from kg.errors import SourceError
from tests.ingest import web_server
from tests.ingest.web_server import Site

PUBLIC = "93.184.215.14"


@pytest.fixture
def site() -> Iterator[Site]:
    with web_server.serve() as site:
        yield site


class Dialler(httpcore2.SyncBackend):
    """Notes what is dialled, and connects public addresses to the local server."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self.dialled: list[str] = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.dialled.append(host)
        return super().connect_tcp("127.0.0.1", self._port, timeout)


class Client:
    """A fetcher whose pauses are noted, not slept."""

    def __init__(
        self, resolve: Callable[[str, int], Sequence[str]] | None = None, port: int = 0, **given: object
    ) -> None:
        self.pauses: list[float] = []
        manners = Manners(**{"every_s": 0.0, "is_private_allowed": True, "timeout_s": 5.0} | given)  # type: ignore[arg-type]
        self.dialler = Dialler(port)
        backend = (
            Backend(is_private_allowed=manners.is_private_allowed, resolve=resolve, dialler=self.dialler)
            if resolve
            else None
        )
        self.fetcher = Fetcher(manners, backend=backend, sleep=self.pauses.append)

    def get(self, address: str, **given: object) -> Answer:
        return self.fetcher.get(address, **given)  # type: ignore[arg-type]

    def code(self, address: str, **given: object) -> str:
        with pytest.raises(SourceError) as caught:
            self.get(address, **given)
        assert caught.value.detail
        return caught.value.code


def test_a_page_costs_one_request_beside_robots_txt(site: Site) -> None:
    site.page("/a", "Text.")
    answer = Client(agent="cluster-kg (+mailto:a@b.example)").get(f"{site.url}/a#teil?x")

    assert (answer.status, answer.media_type) == (200, "text/html")
    assert site.asked() == ["/robots.txt", "/a"]
    sent = site.requests[-1][1]
    assert sent["user-agent"] == "cluster-kg (+mailto:a@b.example)"
    assert set(sent) == {"host", "user-agent", "accept", "accept-encoding", "connection"}


@pytest.mark.parametrize("play", [web_server.drip, web_server.drip_header])
def test_a_slow_server_is_given_up_in_time(site: Site, play: web_server.Play) -> None:
    site.pages["/a"] = play
    started = time.monotonic()

    assert Client(timeout_s=0.4, attempts=2).code(f"{site.url}/a") == "timeout"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("play", "code"),
    [
        (web_server.endless, "too-large"),
        (web_server.bomb, "too-large"),
        (web_server.short, "broken-answer"),
        (web_server.nonsense, "broken-answer"),
        ((200, {"Content-Length": "99999999"}, b""), "too-large"),
        ((200, {"Content-Encoding": "br"}, b"x"), "content-encoding"),
        ((200, {"Content-Encoding": "gzip"}, b"kein gzip"), "broken-gzip"),
        ((403, {}, b""), "http-error"),
        ((500, {}, b""), "server-error"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "unsupported-address"),
        ((302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""), "private-address"),
        ((302, {"Location": "http://a:b@127.0.0.1/"}, b""), "credentials"),
        ((302, {}, b""), "redirect-loop"),
        ((302, {"Location": "/a"}, b""), "redirect-loop"),
    ],
)  # fmt: skip
def test_what_misbehaves_is_refused_with_a_reason(site: Site, play: web_server.Play, code: str) -> None:
    site.pages["/a"] = play

    assert Client(limit_bytes=100_000).code(f"{site.url}/a") == code


def test_a_body_is_as_long_as_announced(site: Site) -> None:
    site.pages["/a"] = web_server.long

    assert Client().get(f"{site.url}/a").body == b"Genau zwanzig Byte!!"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_gzip_of_several_members_is_unpacked_whole(size: int) -> None:
    """However it is cut, with padding between the members, and never more than asked for."""
    data = gzip.compress(b"Eins") + b"\0\0" + gzip.compress(b"Zwei") + gzip.compress(b"Drei")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    unpacker, taken = Unpacker(), b""
    for piece in pieces:
        taken += unpacker.feed(piece, 100 - len(taken))

    assert (taken, unpacker.is_complete) == (b"EinsZweiDrei", True)
    assert Unpacker().feed(data, 6) == b"EinsZw"


@pytest.mark.parametrize(("cut", "expected"), [(-9, False), (9, False), (0, True)])
def test_gzip_that_ends_too_early_is_not_complete(cut: int, expected: bool) -> None:
    unpacker = Unpacker()
    unpacker.feed(gzip.compress(b"Eins" * 99)[:cut], 10_000)

    assert unpacker.is_complete is expected


def test_a_failing_server_is_asked_again_more_and_more_slowly(site: Site) -> None:
    answers = [500, 503, 200]
    site.pages["/a"] = lambda _: (answers.pop(0), {}, b"Text")
    client = Client()

    assert client.get(f"{site.url}/a").body == b"Text"
    assert client.pauses == [1.0, 2.0]
    assert site.asked() == ["/robots.txt", "/a", "/a", "/a"]


def test_retry_after_is_heeded_up_to_a_limit(site: Site) -> None:
    answers = [(429, {"Retry-After": "7"}), (200, {})]
    site.pages["/a"] = lambda _: (*answers.pop(0), b"Text")
    site.pages["/b"] = (429, {"Retry-After": "3600"}, b"")
    site.pages["/c"] = (503, {"Retry-After": formatdate(time.time() + 3600, usegmt=True)}, b"")
    client = Client()

    assert client.get(f"{site.url}/a").status == 200
    assert client.pauses == [7.0]
    assert [client.code(f"{site.url}/{name}") for name in "bc"] == ["try-later", "try-later"]
    assert client.pauses == [7.0]


@pytest.mark.parametrize("wish", ["9" * 400, "Thu, 01 Jan 2026 00:00:00 +99999999999999999999"])
def test_an_absurd_retry_after_ends_one_input_only(site: Site, wish: str) -> None:
    site.pages["/a"] = (503, {"Retry-After": wish}, b"")

    assert Client().code(f"{site.url}/a") in {"try-later", "server-error"}


def test_redirects_end_after_five(site: Site) -> None:
    for number in range(9):
        site.pages[f"/{number}"] = (302, {"Location": f"/{number + 1}"}, b"")
    site.page("/9", "Am Ziel.")

    assert Client().get(f"{site.url}/4").address.target == "/9"
    assert Client().code(f"{site.url}/0") == "too-many-redirects"


def test_only_permanent_redirects_change_the_lasting_address(site: Site) -> None:
    site.pages["/a"] = (301, {"Location": "/b"}, b"")
    site.pages["/b"] = (302, {"Location": "/c"}, b"")
    site.page("/c", "Text.")
    answer = Client().get(f"{site.url}/a")

    assert (answer.lasting.target, answer.address.target) == ("/b", "/c")


# robots.txt


def test_robots_txt_is_asked_once_and_heeded(site: Site) -> None:
    rules = b"User-agent: *\nDisallow: /geheim/*.pdf$\nAllow: /geheim/offen.pdf\nCrawl-delay: 5\n"
    site.pages["/robots.txt"] = (200, {}, rules)
    site.page("/a", "Text.")
    site.page("/geheim/offen.pdf", "Text.")
    client = Client()

    assert client.get(f"{site.url}/a").status == 200
    assert client.get(f"{site.url}/geheim/offen.pdf").status == 200
    assert client.code(f"{site.url}/geheim/b.pdf") == "robots-disallowed"
    assert site.asked() == ["/robots.txt", "/a", "/geheim/offen.pdf"]
    assert [round(pause) for pause in client.pauses] == [5, 5]


@pytest.mark.parametrize(
    ("robots", "code"),
    [((500, {}, b""), "robots-unavailable"), ((501, {}, b""), "robots-unavailable"),
     ((429, {}, b""), "robots-unavailable"), (web_server.drip_header, "robots-unavailable"),
     ((302, {"Location": "/robots.txt"}, b""), "robots-unavailable"), ((403, {}, b""), None),
     ((404, {}, b""), None), (web_server.endless, None), ((200, {}, b"\x00\xff\xfe<html>"), None)],
)  # fmt: skip
def test_robots_txt_that_fails_closes_the_site_and_one_that_is_missing_does_not(
    site: Site, robots: web_server.Play, code: str | None
) -> None:
    site.pages["/robots.txt"] = robots
    site.page("/a", "Text.")
    client = Client(timeout_s=0.5, attempts=2)

    if code is None:
        assert client.get(f"{site.url}/a").status == 200
    else:
        assert client.code(f"{site.url}/a") == code
        assert "/a" not in site.log


def test_a_host_is_asked_once_in_a_while(site: Site) -> None:
    for name in "ab":
        site.page(f"/{name}", "Text.")
    client = Client(every_s=2.0)
    for name in "ab":
        client.get(f"{site.url}/{name}")

    assert [round(pause, 1) for pause in client.pauses] == [2.0, 2.0]


# Where a connection may go

REFUSED = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "nonsense",
)  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_not_dialled(address: str) -> None:
    assert not is_allowed(address, is_private_allowed=False)


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:21f::1", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"]
)
def test_a_public_address_is_dialled(address: str) -> None:
    assert is_allowed(address, is_private_allowed=False)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("10.0.0.1", True), ("::1", True), ("fc00::1", True), ("169.254.169.254", False),
     ("0.0.0.0", False), ("224.0.0.1", False), ("fe80::1", False), ("::ffff:169.254.169.254", False)],
)  # fmt: skip
def test_private_networks_can_be_allowed_but_never_what_holds_credentials(
    address: str, expected: bool
) -> None:
    assert is_allowed(address, is_private_allowed=True) is expected


HOSTS = {
    "http://127.0.0.1/": "private-address",
    "http://localhost/": "private-address",
    "http://localhost./": "private-address",
    "http://LOCALHOST/": "private-address",
    "http://[::1]/": "private-address",
    "http://[::ffff:127.0.0.1]/": "private-address",
    "http://0.0.0.0/": "private-address",
    "http://2130706433/": "address-form",
    "http://127.1/": "address-form",
    "http://0177.0.0.1/": "address-form",
    "http://0x7f.0.0.1/": "address-form",
    "http://0x7f000001/": "address-form",
    "http://１２７.0.0.1/": "private-address",
    "http://[fe80::1%25eth0]/": "address-form",
    "http://user:secret@example.org/": "credentials",
    "http://example.org@127.0.0.1/": "credentials",
    "http://example.org\\@127.0.0.1/": "unsupported-address",
    "http://exa mple.org/": "unsupported-address",
    "http:///a": "unsupported-address",
    "http://example.org:99999/": "unsupported-address",
    "file:///etc/passwd": "unsupported-address",
    "ftp://example.org/": "unsupported-address",
    "gopher://127.0.0.1/": "unsupported-address",
}


@pytest.mark.parametrize(("address", "code"), HOSTS.items())
def test_no_way_of_writing_a_host_leads_inside(address: str, code: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "localhost" else [host]

    client = Client(resolve, is_private_allowed=False)

    assert client.code(address) == code
    assert client.dialler.dialled == []


def test_a_secret_in_an_address_is_not_repeated() -> None:
    with pytest.raises(SourceError) as caught:
        addresses.parse("https://user:geheim@example.org/a")

    assert "geheim" not in str(caught.value)


def test_a_name_that_turns_private_later_is_refused_then(site: Site) -> None:
    site.page("/a", "Text.")
    answers = [[PUBLIC], [PUBLIC], ["127.0.0.1"]]
    client = Client(lambda *_: answers.pop(0), site.server_port, is_private_allowed=False)

    assert client.get("http://rebind.example/a").status == 200
    assert client.code("http://rebind.example/b") == "private-address"
    assert client.dialler.dialled == [PUBLIC, PUBLIC]
    assert site.requests[0][1]["host"] == "rebind.example"


def test_one_private_answer_among_public_ones_is_enough_to_refuse(site: Site) -> None:
    client = Client(lambda *_: [PUBLIC, "10.0.0.1"], site.server_port, is_private_allowed=False)

    assert client.code("http://mixed.example/a") == "private-address"
    assert client.dialler.dialled == []


def test_a_redirect_inside_is_refused(site: Site) -> None:
    site.pages["/a"] = (302, {"Location": f"{site.url}/b"}, b"")
    names = {"public.example": [PUBLIC]}
    client = Client(lambda host, _: names.get(host, [host]), site.server_port, is_private_allowed=False)

    assert client.code("http://public.example/a") == "private-address"
    assert site.asked() == ["/robots.txt", "/a"]


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    assert Client(resolve).code("http://nowhere.example/") == "unreachable"


# Addresses


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTP://Example.ORG:80", "http://example.org/"),
        ("https://example.org.:443/a/#teil", "https://example.org/a/"),
        ("https://example.org/a?b=1&utm_source=x&UTM_medium=y#z", "https://example.org/a?b=1"),
        ("https://example.org/a?utm_source=x", "https://example.org/a"),
        ("https://example.org/a%20b/ü?q=ä&b=%C3%9F", "https://example.org/a%20b/%C3%BC?q=%C3%A4&b=%C3%9F"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[2606:2800::1]:8080/a", "http://[2606:2800::1]:8080/a"),
    ],
)
def test_an_address_has_one_form(written: str, canonical: str) -> None:
    assert str(addresses.parse(written)) == canonical
    assert str(addresses.parse(canonical)) == canonical


def test_the_site_of_a_feed_is_its_host_and_what_lies_below() -> None:
    feed = addresses.parse("https://www.netz.example/feed")
    names = ("www.netz.example", "netz.example", "presse.netz.example", "example", "andernetz.example")

    assert [addresses.is_same_site(feed, addresses.parse(f"https://{name}/")) for name in names] == [
        True, True, True, False, False,
    ]  # fmt: skip
