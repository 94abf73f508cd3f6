"""The map and the matrix of topics over HTTP: numbers, links, files, and what is refused."""

import csv
import gzip
import io
import re
from pathlib import Path

import pytest
from districts import feature, write
from fastapi.testclient import TestClient
from support import Page, client_of

from api import settings as configuration
from api.portal import brand, outlines, pages, shades, sheet
from kg.encoder import Encoder
from kg.errors import QueryError
from kg.graph_pool import Pool

BASE = "https://w3id.org/cluster-nrw/id/"


def read(client: TestClient, address: str, **parameters: str) -> Page:
    answer = client.get(address, params=parameters or None)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def said(page: Page) -> dict[str, str]:
    """What the districts of the map say -> where they lead."""
    return {
        str(link["aria-label"]): str(link["href"])
        for link in page.all("a")
        if re.search(r": \d", link.get("aria-label") or "")
    }


def rows(client: TestClient, address: str, **parameters: str) -> list[list[str]]:
    answer = client.get(address, params=parameters or None)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    delimiter = ";" if address.startswith("/de/") else ","
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=delimiter))


# The map


@pytest.mark.parametrize(
    ("language", "koeln", "kleve"),
    [("de", "Köln, kreisfreie Stadt: 1\xa0Organisation", "Kreis Kleve: 0\xa0Organisationen"),
     ("en", "Cologne, independent city: 1\xa0organisation", "Kleve District: 0\xa0organisations")],
)  # fmt: skip
def test_every_district_says_what_is_in_it(client: TestClient, language: str, koeln: str, kleve: str) -> None:
    found = said(read(client, f"/{language}/map"))

    assert len(found) == 53
    assert {koeln, kleve} <= found.keys()


def test_a_district_leads_to_what_is_there(client: TestClient) -> None:
    found = said(read(client, "/de/map"))
    essen = client.get(found["Essen, kreisfreie Stadt: 1\xa0Organisation"])
    empty = client.get(found["Kreis Kleve: 0\xa0Organisationen"])

    assert "Glashütte Nordlicht GmbH" in essen.text
    assert "<h1>Kreis Kleve</h1>" in empty.text


def test_what_has_no_place_is_said(client: TestClient) -> None:
    text = client.get("/de/map").text

    assert "3\xa0Organisationen auf der Karte" in text
    assert "1 ohne Ort" in text


def test_topic_and_cluster_narrow_the_map_and_stay_in_its_links(client: TestClient) -> None:
    page = read(client, "/de/map", cluster="netzwerk-uferglas", topic="")
    counted = {label: href for label, href in said(page).items() if "1\xa0" in label}

    assert {label.partition(",")[0] for label in counted} == {"Köln", "Essen"}
    assert all("cluster=netzwerk-uferglas" in href for href in counted.values())
    assert "Cluster: Netzwerk Uferglas" in client.get("/de/map?cluster=netzwerk-uferglas").text
    tabs = [link["href"] for link in page.all("a") if "what=projects" in (link["href"] or "")]
    assert tabs == ["/de/map?what=projects&cluster=netzwerk-uferglas"]
    assert [one["value"] for one in page.all("option") if "selected" in one] == [
        f"{BASE}organisation/netzwerk-uferglas"
    ]


@pytest.mark.parametrize("name", ["what", "sort", "topic", "cluster"])
def test_what_the_map_does_not_know_is_refused(client: TestClient, name: str) -> None:
    for ending in ("", ".csv"):
        assert client.get(f"/de/map{ending}", params={name: "\"><script>'"}).status_code == 422


def test_the_table_says_the_same_as_the_map_in_the_order_asked_for(client: TestClient) -> None:
    by_count = rows(client, "/de/map.csv")
    by_name = rows(client, "/en/map.csv", sort="name")

    assert by_count[0] == ["AGS", "Kreis oder Stadt", "Organisationen", "Anteil", "IRI"]
    assert [row[1:4] for row in by_count[1:4]] == [
        ["Essen", "1", "0.3333"], ["Köln", "1", "0.3333"], ["Städteregion Aachen", "1", "0.3333"]
    ]  # fmt: skip
    assert by_count[-2:] == [["", "in keinem Kreis", "0", "", ""], ["", "ohne Ort", "1", "", ""]]
    names = [row[1] for row in by_name[1:-2]]
    assert names == sorted(names, key=str.casefold)
    assert {row[0] for row in by_name[1:-2]} == outlines.tiles().keys()


def test_the_map_is_light(client: TestClient) -> None:
    assert len(gzip.compress(client.get("/de/map").content, 5)) < 20_000


def test_outlines_of_the_operator_replace_the_tiles(
    data_folder: Path, encoder: Encoder, pool: Pool, tmp_path: Path
) -> None:
    path = write(tmp_path, [feature(ags, wave=120) for ags in outlines.tiles()])
    given = {"data": data_folder, "encoder": "hash", "portal_map": path}
    settings = configuration.load(**given, portal_map_credit="© Vermesser <b>")
    with client_of(settings, encoder, pool) as client:
        answer = client.get("/de/map")

    page = Page(answer.text)
    assert "outlines" in page.values("class")
    assert len(said(page)) == 53
    assert "© Vermesser &lt;b&gt;" in answer.text
    assert len(gzip.compress(answer.content, 5)) < 60_000


def test_outlines_that_cannot_be_used_stop_the_start(
    data_folder: Path, encoder: Encoder, pool: Pool, tmp_path: Path
) -> None:
    path = write(tmp_path, [feature("05111")])
    settings = configuration.load(data=data_folder, encoder="hash", portal_map=path)

    with (
        pytest.raises(QueryError, match=r"no outline of Steinfurt \(05566\)"),
        client_of(settings, encoder, pool),
    ):
        pass


# Topics and bridges


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_cell_leads_to_as_many_as_it_says(client: TestClient, language: str) -> None:
    cells = [
        link for link in read(client, f"/{language}/topics").all("a") if "&topic=" in (link["href"] or "")
    ]

    assert cells
    for link in cells:
        found = client.get(f"/api/search?{(link['href'] or '').partition('?')[2]}").json()
        assert str(link["aria-label"]).endswith(f": {found['total']}")


def test_a_field_shows_its_narrower_topics(client: TestClient) -> None:
    page = read(client, "/de/topics")
    fields = [link["href"] or "" for link in page.all("a") if "broad=" in (link["href"] or "")]
    narrower = client.get(fields[0])

    assert fields
    assert narrower.status_code == 200
    assert 'href="/de/topics"' in narrower.text


@pytest.mark.parametrize("broad", ["nope", "ionenfallen", f"{BASE}organisation/rheinoptik", "\"><script>'"])
def test_what_has_nothing_narrower_is_refused(client: TestClient, broad: str) -> None:
    assert client.get("/de/topics", params={"broad": broad}).status_code == 422


def test_the_file_of_the_matrix_has_its_numbers(client: TestClient) -> None:
    head, *body = rows(client, "/de/topics.csv")

    assert head[0] == "Cluster"
    assert "Forum Leuchtdiode" in {row[0] for row in body}
    assert all(len(row) == len(head) for row in body)
    cells = [link for link in read(client, "/de/topics").all("a") if "&topic=" in (link["href"] or "")]
    assert len(cells) == sum(value != "0" for row in body for value in row[1:])


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("path", ["map", "map?what=events", "topics"])
def test_the_pages_are_well_formed_and_keep_to_the_policy(
    client: TestClient, language: str, path: str
) -> None:
    page = read(client, f"/{language}/{path}")

    assert len(page.all("h1")) == 1
    identifiers = page.values("id")
    assert len(identifiers) == len(set(identifiers))
    assert not page.all("style")
    assert not [
        name for _, attributes in page.tags for name in attributes if name[:2] == "on" or name == "style"
    ]


# Shades and files


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], []), ([0, 0], []), ([3, 0, 3], [3]), ([1, 2, 3, 4, 9], [1, 2, 3, 4, 9]),
     (list(range(1, 11)), [2, 4, 6, 8, 10]), ([1] * 90 + [2, 3, 4, 5, 6, 70], [1, 70])],
)  # fmt: skip
def test_classes_hold_about_equally_many_values(values: list[int], expected: list[int]) -> None:
    ends = shades.limits(values)

    assert ends == expected
    assert all(shades.shade(value, ends) == 0 for value in values if not value)
    assert all(1 <= shades.shade(value, ends) <= 5 for value in values if value)


def test_the_legend_says_the_limits() -> None:
    found = shades.legend([1, 3, 1200], "de")

    assert [one["label"] for one in found] == ["1", "2–3", "4–1.200"]
    assert found[-1]["shade"] == shades.CLASSES


@pytest.mark.parametrize("accent", ["#0b4a6f", "#c8102e", "#ffff00", "#000000", "#ffffff", "#777777"])
def test_numbers_can_be_read_on_every_shade_of_any_colour(accent: str) -> None:
    dark = "@media (prefers-color-scheme: dark)"
    tokens, shares = (_style(name).partition(dark) for name in ("portal.css", "shades.css"))
    for scheme, said in zip((0, 2), brand.style(accent).split("@media"), strict=True):
        ink, paper = (re.search(rf"--{name}: (#\w+)", tokens[scheme])[1] for name in ("ink", "paper"))
        colour = re.search(r"--accent:(#\w+)", said)[1]
        for share in map(int, re.findall(r"--s\d: (\d+)%", shares[scheme])):
            assert brand.contrast(_mixed(colour, paper, share / 100), ink) >= 4.5
        assert brand.contrast(colour, paper) >= 4.5


def _style(name: str) -> str:
    return (pages.STATIC / name).read_text(encoding="utf-8")


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes(round(a * share + b * (1 - share)) for a, b in pairs).hex()


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    assert sheet.text([["=1+1", "-a", "b", -1]], "en") == "\ufeff'=1+1,'-a,b,-1\r\n"
    assert sheet.text([["a;b", 1]], "de") == '\ufeff"a;b";1\r\n'
