"""What is not public is found with the right key, and in no other way."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from support import client_of

from api.settings import Settings
from ingest.worker import WriterConfig, run_job
from kg.encoder import Encoder
from kg.graph_pool import Pool
from kg.keys import Keys, Scope

SECRETS = {"public": "Offenkundig", "partner": "Halbgeheim", "internal": "Ganzgeheim"}
PROFILE = (
    "name,kind,place,offers,description_de\n{0} GmbH,organisation,Köln,Beratung zu {0},Die {0} GmbH berät.\n"
)
COUNT = "SELECT (COUNT(*) AS ?n) WHERE {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), '{0}')) }}"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one document and one organisation of each level."""
    data = tmp_path_factory.mktemp("levels")
    for level, word in SECRETS.items():
        folder = tmp_path_factory.mktemp(level)
        text = f"# {word}\n\nDas Vorhaben {word} sammelt Altglas. Die {word} GmbH liefert Scherben.\n"
        (folder / "a.md").write_text(text, encoding="utf-8")
        (folder / "p.csv").write_text(PROFILE.format(word), encoding="utf-8")
        arguments = {"paths": [str(folder)], "source": level, "visibility": level, "text": "full"}
        assert run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None).added == 2
    return data


@pytest.fixture(scope="module")
def client(data: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    with client_of(Settings(data=data, encoder="hash"), encoder, pool) as client:
        yield client


@pytest.fixture(scope="module")
def tokens(data: Path) -> dict[str, str]:
    """A key for each level."""
    scopes: dict[str, Scope] = {"public": "ingest", "partner": "read:partner", "internal": "read:internal"}
    keys = Keys(data)
    made = {level: keys.create([scope])[1] for level, scope in scopes.items()}
    keys.close()
    return made


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def iris(data: Path, word: str) -> list[str]:
    from kg.base import Library
    from kg.ids import Namer

    library = Library(data, namer=Namer())
    rows = (
        library.current()
        .graph("internal")
        .select(
            f"SELECT DISTINCT ?s WHERE {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), '{word}')) FILTER(isIRI(?s)) }}"
        )
    )
    library.close()
    return [row["s"] for row in rows]


SEEN = {
    None: {"public"},
    "public": {"public"},
    "partner": {"public", "partner"},
    "internal": {"public", "partner", "internal"},
}


@pytest.mark.parametrize("holder", SEEN)
@pytest.mark.parametrize("level", SECRETS)
def test_each_reading_route_shows_a_caller_what_their_key_covers(
    client: TestClient, data: Path, tokens: dict[str, str], holder: str | None, level: str
) -> None:
    headers = bearer(tokens[holder]) if holder else {}
    word, is_seen = SECRETS[level], level in SEEN[holder]
    routes = [
        ("/api/search", {"q": word}),
        ("/api/search", {"source": level}),
        ("/api/search", {"q": "Altglas"}),
        ("/api/experts", {"q": f"Beratung zu {word}"}),
        ("/sparql", {"query": COUNT.format(word)}),
        (
            "/sparql",
            {"query": f"SELECT ?o {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(CONTAINS(STR(?o), '{word}')) }}"},
        ),
        ("/de/", {"q": word}),
        ("/en/", {"q": "Altglas"}),
    ]
    for path, parameters in routes:
        answer = client.get(path, params=parameters, headers=headers)
        shown = answer.text.replace(f'value="{word}"', "")
        if path == "/api/search" and "source" in parameters:
            assert is_seen == (word in answer.text) == (answer.json().get("total", 0) > 0)
        elif "COUNT" in parameters.get("query", ""):
            count = int(answer.json()["results"]["bindings"][0]["n"]["value"])
            assert is_seen == bool(count)
        elif path.startswith("/api"):
            found = answer.json()
            found.pop("query")
            assert is_seen == (word in json.dumps(found, ensure_ascii=False)), (path, parameters)
        elif path == "/sparql":
            assert is_seen == bool(answer.json()["results"]["bindings"])
        else:
            assert is_seen == (f"{word} sammelt" in shown or f"{word} GmbH" in shown), path


@pytest.mark.parametrize("holder", SEEN)
@pytest.mark.parametrize("level", SECRETS)
def test_a_thing_that_is_not_for_the_caller_is_not_found(
    client: TestClient, data: Path, tokens: dict[str, str], holder: str | None, level: str
) -> None:
    headers = bearer(tokens[holder]) if holder else {}
    things = [iri for iri in iris(data, SECRETS[level]) if "/document/" in iri or "/organisation/" in iri]
    assert len(things) > 1
    for iri in things:
        for path in (
            "/api/entities",
            "/de/entity",
            "/en/entity",
            *(["/api/documents"] * ("/document/" in iri)),
        ):
            answer = client.get(path, params={"iri": iri, "text": "true"}, headers=headers)
            if level in SEEN[holder]:
                assert answer.status_code in (200, 404)
                assert answer.status_code == 200 or "/chunk" in iri or path != "/api/documents"
            else:
                assert answer.status_code == 404, (path, iri)
                assert "sammelt" not in answer.text


def test_an_answer_to_a_key_is_its_holders_alone(client: TestClient, tokens: dict[str, str]) -> None:
    parameters = {"q": "Altglas"}
    public = client.get("/api/search", params=parameters)
    tag = public.headers["ETag"]

    for level in ("partner", "internal"):
        headers = bearer(tokens[level]) | {"If-None-Match": tag}
        answer = client.get("/api/search", params=parameters, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("private")
        assert "Authorization" in answer.headers["Vary"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        tag = answer.headers["ETag"]
    assert "private" not in public.headers["Cache-Control"]
    assert public.headers["Access-Control-Allow-Origin"] == "*"
    same = client.get(
        "/api/search", params=parameters, headers=bearer(tokens["internal"]) | {"If-None-Match": tag}
    )
    assert same.status_code == 304
    assert "Authorization" in same.headers["Vary"]


@pytest.mark.parametrize("path", ["/api/search?q=Glas", "/sparql?query=ASK{}", "/healthz", "/ns", "/de/"])
@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "kg_00000000_x", "Bearer kg_00000000_" + "A" * 43,
     "Bearer " + "A" * 5000, "Bearer kg_00000000_" + "A" * 42 + "\xe4"],
)  # fmt: skip
def test_what_is_no_key_is_refused_everywhere(
    client: TestClient, tokens: dict[str, str], path: str, value: str
) -> None:
    answer = client.get(path, headers={"Authorization": value.encode("latin-1")})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthorised"
    assert answer.headers["Cache-Control"].startswith("private")


def log_in(client: TestClient, token: str):
    form = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/de/login").text)
    assert form
    return client.post("/de/login", data={"key": token, "csrf": form[1]}, follow_redirects=False)


@pytest.fixture
def visitor(client: TestClient) -> Iterator[TestClient]:
    """The client as a browser, which keeps cookies until the test ends."""
    yield client
    client.cookies.clear()


def test_a_key_opens_pages_to_its_holder_until_it_is_revoked(visitor: TestClient, data: Path) -> None:
    keys = Keys(data)
    made, token = keys.create(["read:partner"], name="Redaktion Filz")
    asked = {"q": SECRETS["partner"]}
    sentence = f"<mark>{SECRETS['partner']}</mark> sammelt"
    public = visitor.get("/de/", params=asked)
    assert sentence not in public.text

    answer = log_in(visitor, token)

    assert answer.status_code == 303
    cookie = answer.headers.get_list("set-cookie")[0]
    assert cookie.startswith(f"kg_key={token};")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    held = {"If-None-Match": public.headers["ETag"]}
    found = visitor.get("/de/", params=asked, headers=held)
    assert found.status_code == 200
    assert sentence in found.text
    assert "Redaktion Filz · Partner" in found.text
    assert found.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in found.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in found.headers
    keys.revoke(made.id)
    keys.close()
    assert sentence not in visitor.get("/de/", params=asked).text


def test_the_cookie_counts_on_pages_only(visitor: TestClient, data: Path) -> None:
    keys = Keys(data)
    log_in(visitor, keys.create(["curate", "read:internal"])[1])
    keys.close()

    assert visitor.get("/de/review").status_code == 200
    assert visitor.get("/api/claims").status_code == 401
    count = visitor.get("/sparql", params={"query": COUNT.format(SECRETS["internal"])}).json()
    assert count["results"]["bindings"][0]["n"]["value"] == "0"
    assert visitor.get("/api/search", params={"source": "internal"}).status_code == 422


@pytest.mark.parametrize(
    ("address", "is_secure"), [("https://kg.example.org/", True), ("http://kg.example.org/", False)]
)
def test_behind_https_the_cookie_travels_by_https_alone(
    data: Path, encoder: Encoder, pool: Pool, tokens: dict[str, str], address: str, is_secure: bool
) -> None:
    with client_of(Settings(data=data, encoder="hash", address=address), encoder, pool) as client:
        form = client.get("/de/login").headers["set-cookie"]

    assert ("Secure" in form) is is_secure


def test_two_keys_at_once_are_refused(client: TestClient, tokens: dict[str, str]) -> None:
    both = [("Authorization", f"Bearer {tokens[level]}") for level in ("partner", "internal")]

    assert client.get("/healthz", headers=both).status_code == 401


def test_a_key_that_is_revoked_or_expired_opens_nothing(client: TestClient, data: Path) -> None:
    keys = Keys(data)
    made, revoked = keys.create(["admin"])
    _, expired = keys.create(["admin"], expires=datetime.now(UTC) + timedelta(milliseconds=1))
    assert client.get("/healthz", headers=bearer(revoked)).status_code == 200
    keys.revoke(made.id)
    keys.close()

    for token, word in ((revoked, "revoked"), (expired, "expired")):
        answer = client.get("/api/search?q=Altglas", headers=bearer(token))
        assert answer.status_code == 401
        assert word in answer.json()["detail"]


def test_a_key_in_the_address_is_no_key(client: TestClient, tokens: dict[str, str]) -> None:
    for name in ("key", "token", "access_token", "api_key"):
        answer = client.get("/api/search", params={"q": SECRETS["internal"], name: tokens["internal"]})
        assert "Scherben" not in answer.text or SECRETS["internal"] not in json.dumps(answer.json()["hits"])


def test_no_key_gets_into_the_log(
    client: TestClient, tokens: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    from api.logs import _Json

    with caplog.at_level(logging.DEBUG):
        client.get("/api/search?q=x", headers=bearer(tokens["internal"]))
        client.get("/api/search?q=x", headers=bearer(tokens["internal"] + "x"))
    lines = "\n".join(_Json().format(record) for record in caplog.records if record.name.startswith("api"))

    assert "request" in lines
    assert tokens["internal"] not in lines
    assert tokens["internal"].rpartition("_")[2] not in lines


def test_the_description_names_the_key(client: TestClient) -> None:
    described = client.get("/openapi.json").json()

    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert described["security"] == [{}, {"key": []}]
    assert described["paths"]["/api/documents"]["post"]["security"] == [{"key": []}]


def test_the_command_line_makes_lists_and_revokes_keys(kg, tmp_path: Path) -> None:
    variables = {"KG_DATA": str(tmp_path / "data")}
    made = kg("key", "create", "--scope", "ingest", "--scope", "curate", "--name", "Max", "--expires", "30",
              "--json", **variables)  # fmt: skip
    token, identifier = json.loads(made.stdout)["key"], json.loads(made.stdout)["id"]
    listed = kg("key", "list", "--json", **variables)
    ended = kg("key", "revoke", identifier, "--json", **variables)
    unknown = kg("key", "revoke", "nobody", **variables)
    wrong = [
        kg("key", "create", *arguments, **variables).returncode
        for arguments in (
            [], ["--scope", "all"], ["--scope", "ingest", "--expires", "soon"],
            ["--scope", "ingest", "--expires", "0"],
        )
    ]  # fmt: skip
    past = kg("key", "create", "--scope", "ingest", "--expires", "2020-01-01", **variables)

    assert made.returncode == 0, made.stderr
    assert token.startswith(f"kg_{identifier}_")
    assert "cannot be shown again" in made.stderr
    [row] = json.loads(listed.stdout)["keys"]
    assert (row["name"], row["scopes"], row["state"]) == ("Max", ["ingest", "curate"], "valid")
    assert token.rpartition("_")[2] not in listed.stdout
    assert json.loads(ended.stdout)["state"] == "revoked"
    assert "revoked" in kg("key", "list", **variables).stdout
    assert unknown.returncode == 4
    assert wrong == [2, 2, 2, 2]
    assert past.returncode == 4
