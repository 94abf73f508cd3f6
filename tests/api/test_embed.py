"""What other sites take over, over HTTP: the component, frames, oEmbed, and the page about them."""

import gzip
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from fastapi.testclient import TestClient
from support import Page, client_of

from api import settings as configuration
from api.portal import embed
from kg.errors import QueryError

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'"
RHEINOPTIK = "https://w3id.org/cluster-nrw/id/organisation/rheinoptik"
HERE = "http://testserver/"
HOSTS = "https://www.example.org, https://*.example.net:8443"


@pytest.fixture(scope="module")
def hosted(data_folder, encoder, pool) -> Iterator[TestClient]:
    """A service that some sites may show in a frame, behind a proxy."""
    chosen = configuration.load(
        data=data_folder, encoder="hash", embed_hosts=HOSTS, address="https://kg.example/"
    )
    with client_of(chosen, encoder, pool) as client:
        yield client


def ancestors(client: TestClient, path: str) -> str:
    return client.get(path).headers["Content-Security-Policy"].partition("frame-ancestors ")[2].split(";")[0]


# The component


def test_every_version_of_the_component_is_as_it_was_published() -> None:
    files = {path.parent.name: path for path in embed.COMPONENTS.glob(f"*/{embed.NAME}")}

    assert files.keys() == embed.components().keys()
    for version, component in embed.components().items():
        assert component.integrity == embed.integrity(files[version].read_bytes()), (
            f"{version} changed: put the new file below a new version, and its hash into versions.json"
        )


def test_the_component_is_small_and_never_makes_markup_of_what_it_gets() -> None:
    script = embed.newest().file.read_bytes()

    assert len(gzip.compress(script)) < 10_000
    assert not re.search(rb"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(", script)
    assert b"://" not in script.replace(rb"https?:\/\/", b"")


def test_a_version_stays_as_it_is_and_any_site_may_load_it(client: TestClient) -> None:
    answer = client.get(embed.newest().path)

    assert embed.integrity(answer.content) == embed.newest().integrity
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_newest_version_is_asked_for_again_soon(client: TestClient) -> None:
    answer = client.get("/embed/cluster-kg.js")

    assert embed.integrity(answer.content) == embed.newest().integrity
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_an_unknown_version_is_refused_with_those_that_are_known(client: TestClient) -> None:
    answer = client.get("/embed/0.0.9/cluster-kg.js")

    assert answer.status_code == 404
    assert embed.newest().version in answer.json()["detail"]


# Frames


@pytest.mark.parametrize(("language", "kind"), [("de", "Thema"), ("en", "Topic")])
def test_a_frame_shows_hits_in_its_language(client: TestClient, language: str, kind: str) -> None:
    answer = client.get("/embed/search", params={"lang": language, "q": "Altglas", "limit": 3})
    page = Page(answer.text)

    assert page.all("html") == [{"lang": language}]
    assert 0 < len(page.all("blockquote")) <= 3
    assert page.all("base") == [{"target": "_top"}]
    assert page.all("form")[0]["target"] == "_self"
    assert [field["value"] for field in page.all("input")] == ["Altglas", language, "3"]
    entry = next(link for link in page.values("href") if link.startswith(f"/{language}/entity?"))
    assert client.get(entry).status_code == 200


def test_a_frame_shows_experts_and_keeps_what_narrows_the_search(client: TestClient) -> None:
    answer = client.get("/embed/experts", params={"q": "Recycling von Altglas", "kind": "organisation"})
    page = Page(answer.text)

    assert any("/de/entity?iri=" in link for link in page.values("href"))
    assert {"type": "hidden", "name": "kind", "value": "organisation"} in page.all("input")


def test_a_frame_shows_the_card_of_an_entry(client: TestClient) -> None:
    page = client.get("/embed/card", params={"iri": RHEINOPTIK, "lang": "en"}).text

    assert f'<a href="/en/entity?iri={quote(RHEINOPTIK, safe="")}">Rheinoptik</a>' in page
    assert not Page(page).all("form")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/embed/card?iri=nobody", 404), ("/embed/search?q=Glas&topic=nothing-like-that", 422)],
)
def test_what_a_frame_cannot_answer_is_said_inside_it(hosted: TestClient, path: str, status: int) -> None:
    answer = hosted.get(path)

    assert answer.status_code == status
    assert "Das lässt sich so nicht beantworten." in answer.text
    assert ancestors(hosted, path).startswith("'self' https://")


@pytest.mark.parametrize("path", ["/embed/search", "/embed/experts", "/embed/card"])
def test_a_hostile_question_in_a_frame_stays_text(client: TestClient, path: str) -> None:
    page = Page(client.get(path, params={"q": HOSTILE, "iri": HOSTILE}).text)

    assert [script["src"] for script in page.all("script")] == [page.all("script")[0]["src"]]
    assert not page.all("img")


@pytest.mark.parametrize("path", ["/embed/search", "/embed/experts", f"/embed/card?iri={RHEINOPTIK}"])
def test_only_frames_may_be_shown_and_only_by_the_sites_that_are_named(
    client: TestClient, hosted: TestClient, path: str
) -> None:
    assert ancestors(client, path) == "'self'"
    assert ancestors(hosted, path) == "'self' https://www.example.org https://*.example.net:8443"
    for other in ("/de/", "/de/embed", "/sparql", "/api/search?q=Glas", embed.newest().path, "/nowhere"):
        assert ancestors(hosted, other) == "'none'"
    assert "X-Frame-Options" not in hosted.get(path).headers


@pytest.mark.parametrize("value", ["www.example.org", "https://a.example/x", "https://a.example;", "'none'"])
def test_a_host_that_is_no_origin_is_refused(value: str) -> None:
    with pytest.raises(QueryError, match="KG_EMBED_HOSTS"):
        configuration.load(embed_hosts=value)


# oEmbed


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("de/?q=Glas+%26+Licht&kind=document&limit=3", "embed/search?lang=de&q=Glas+%26+Licht&kind=document"),
        ("en/", "embed/search?lang=en"),
        (f"en/entity?iri={RHEINOPTIK}", f"embed/card?lang=en&iri={quote(RHEINOPTIK, safe='')}"),
        ("doc/organisation/rheinoptik", f"embed/card?lang=de&iri={quote(RHEINOPTIK, safe='')}"),
        ("embed/experts?q=Glas&lang=en", "embed/experts?lang=en&q=Glas"),
    ],
)
def test_oembed_gives_the_frame_of_an_address(client: TestClient, path: str, expected: str) -> None:
    answer = client.get("/oembed", params={"url": HERE + path, "format": "json"})
    body = answer.json()
    frame = Page(body["html"]).all("iframe")[0]

    assert (body["version"], body["type"], body["provider_url"]) == ("1.0", "rich", HERE)
    assert frame["src"] == HERE + expected
    assert (frame["width"], frame["height"]) == (str(body["width"]), str(body["height"]))
    assert client.get(HERE + expected).status_code == 200


def test_oembed_stays_within_the_room_there_is(client: TestClient) -> None:
    url = {"url": HERE + "de/?q=Glas"}

    small = client.get("/oembed", params=url | {"maxwidth": 300, "maxheight": 200}).json()
    large = client.get("/oembed", params=url | {"maxwidth": 3000, "maxheight": 2000}).json()
    assert (small["width"], small["height"]) == (300, 200)
    assert (large["width"], large["height"]) == (embed.WIDTH, embed.HEIGHTS["search"])


@pytest.mark.parametrize(
    "url", ["http://elsewhere.example/de/", HERE + "sparql", HERE + "//[", HERE + "de/entity", "nonsense"]
)
def test_oembed_knows_no_other_address(client: TestClient, url: str) -> None:
    assert client.get("/oembed", params={"url": url}).status_code == 404


def test_oembed_has_no_other_format(client: TestClient) -> None:
    assert client.get("/oembed", params={"url": HERE + "de/", "format": "xml"}).status_code == 501


def test_a_hostile_address_stays_text_in_the_frame(client: TestClient) -> None:
    url = f"{HERE}de/?q={quote(HOSTILE)}"
    frame = Page(client.get("/oembed", params={"url": url}).json()["html"])

    assert [tag for tag, _ in frame.tags] == ["iframe"]
    assert parse_qs(urlsplit(str(frame.all("iframe")[0]["src"])).query)["q"] == [HOSTILE]


@pytest.mark.parametrize(
    "path", ["/de/?q=Glas", f"/en/entity?iri={RHEINOPTIK}", "/doc/organisation/rheinoptik"]
)
def test_a_page_says_where_its_oembed_is(client: TestClient, hosted: TestClient, path: str) -> None:
    for asked, base in ((client, HERE), (hosted, "https://kg.example/")):
        links = Page(asked.get(path).text).all("link")
        found = next(str(one["href"]) for one in links if one.get("type") == "application/json+oembed")

        assert found.startswith(f"{base}oembed?url=")
        assert asked.get("/" + found.removeprefix(base)).json()["type"] == "rich"


# How to use them


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_has_everything_to_copy_with_the_real_address_and_hash(
    hosted: TestClient, language: str
) -> None:
    text = hosted.get(f"/{language}/embed").text
    page, component = Page(text), embed.newest()

    assert len(page.all("h1")) == 1
    assert f"https://kg.example{component.path}" in text
    assert text.count(component.integrity.replace("+", "&#43;")) + text.count(component.integrity) >= 4
    assert "script-src https://kg.example; connect-src https://kg.example" in text
    assert "https://www.example.org, https://*.example.net:8443" in text
    assert all(name in text for name in ("TYPO3", "WordPress", "Drupal", "cluster-card", "/mcp"))
    assert {
        "type": "module",
        "src": component.path,
        "integrity": component.integrity,
        "crossorigin": "anonymous",
    } in page.all("script")
