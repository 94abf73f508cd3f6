"""The component and the frame in a real browser, on another origin whose policy allows nothing else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from support import barriers, serving

from api import settings as configuration
from api import wiring
from api.portal import embed

pytestmark = pytest.mark.browser

RHEINOPTIK = "https://w3id.org/cluster-nrw/id/organisation/rheinoptik"
QUESTION = "Recycling von Altglas"
ELEMENTS = ("cluster-search", "cluster-experts", "cluster-card")
HEAD = '<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>Host</title>{head}</head>'
BODY = """<body><main><h1>Host</h1><h2>Embedded</h2>
<cluster-search query="{question}" limit="3"><a href="{address}/{lang}/">fallback</a></cluster-search>
<cluster-experts query="{question}" limit="2" fixed><a href="{address}/{lang}/">fallback</a></cluster-experts>
<cluster-card iri="{iri}"><a href="{address}/{lang}/">fallback</a></cluster-card>
<p id="below">What stands below must not move.</p></main></body></html>"""
SCRIPT = (
    '<script type="module" src="{address}{path}" integrity="{integrity}" crossorigin="anonymous"></script>'
)
FRAME = """<body><main><h1>Host</h1>
<iframe src="{address}/embed/search?lang=de&amp;q=Altglas" title="Suche" width="600" height="120"></iframe>
</main></body></html>"""
OBSERVER = """
window.seen = { shift: 0, blocked: [], answered: [] };
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) seen.shift += one.value;
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("securitypolicyviolation", (event) => seen.blocked.push(event.violatedDirective));
document.addEventListener("cluster-results", (event) => seen.answered.push(event.target.localName));
customElements.whenDefined("cluster-card").then(() =>
  requestAnimationFrame(() => (seen.rendered = performance.now())));
"""


RESERVED = "".join(
    f"{name}{{display:block;min-height:{height}rem}}"
    for name, height in zip(ELEMENTS, (44, 28, 23), strict=True)
)


class Host(ThreadingHTTPServer):
    """Another site; it lets the service's script run and ask the service, nothing else.

    In English it has a style sheet of its own, which keeps the space; in German styles are forbidden.
    """

    service = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        asked, service, component = urlsplit(self.path), self.server.service, embed.newest()
        lang = parse_qs(asked.query).get("lang", ["de"])[0]
        script = SCRIPT.format(address=service, path=component.path, integrity=component.integrity)
        dark = '<meta name="color-scheme" content="light dark">'
        page = HEAD + (FRAME if asked.path == "/frame" else BODY)
        styled = '<link rel="stylesheet" href="/host.css">' if lang == "en" else ""
        text = page.format(
            lang=lang, head=dark + styled + script, question=QUESTION, address=service, iri=RHEINOPTIK
        )
        policy = f"default-src 'none'; script-src {service}; connect-src {service}; frame-src {service}"
        policy += "; style-src 'self'" if styled else ""
        is_style = asked.path == "/host.css"
        self.send_response(200)
        self.send_header("Content-Type", f"text/{'css' if is_style else 'html'}; charset=utf-8")
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write((RESERVED if is_style else text).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def host(data_folder, encoder, pool) -> Iterator[Host]:
    """The other site, beside a service whose frames it may show."""
    server = Host(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    chosen = configuration.load(data=data_folder, encoder="hash", embed_hosts=server.origin)
    library = wiring.library(chosen, encoder.id)
    with serving(wiring.app(chosen, library, encoder, pool)) as server.service:
        yield server
    server.shutdown()
    thread.join(10)
    server.server_close()
    library.close()


def rendered(page, address: str) -> None:
    """Open a page of the other site and wait until all three elements show what was found."""
    page.goto(address)
    for name in ("cluster-search li", "cluster-experts li", "cluster-card h3"):
        page.locator(name).first.wait_for()


@pytest.mark.parametrize(("language", "shown"), [("de", "Treffer"), ("en", "results")])
def test_the_elements_work_where_the_policy_allows_only_our_script_and_us(
    browser, host: Host, language: str, shown: str
) -> None:
    context = browser.new_context()
    context.add_init_script(OBSERVER)
    page, said, asked = context.new_page(), [], set()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.add("{0.scheme}://{0.netloc}".format(urlsplit(request.url))))
    rendered(page, f"{host.origin}/?lang={language}")
    seen = page.evaluate("() => seen")
    scripts = "() => performance.getEntriesByType('resource').filter((one) => one.initiatorType === 'script')"
    loaded = page.evaluate(f"({scripts})()[0].responseEnd")

    assert said == []
    assert seen["blocked"] == []
    assert asked <= {host.origin, host.service}
    assert set(seen["answered"]) == set(ELEMENTS)
    assert page.locator("cluster-search [role=status]").inner_text().endswith(shown)
    assert page.locator("cluster-card .kind").inner_text() == "Organisation"
    entry = str(page.locator("cluster-search h3 a").first.get_attribute("href"))
    assert entry.startswith(f"{host.service}/{language}/entity?iri=")
    assert page.locator("cluster-search mark").count() > 0
    assert page.locator("cluster-experts form").count() == 0
    assert seen["shift"] < (0.01 if language == "en" else 0.1)
    assert seen["rendered"] - loaded < 5_000
    context.close()


def test_a_question_is_asked_by_keyboard_and_an_attribute_asks_anew(browser, host: Host) -> None:
    context = browser.new_context()
    page = context.new_page()
    rendered(page, f"{host.origin}/?lang=de")
    page.locator("cluster-search input").fill("Glas")
    page.keyboard.press("Enter")
    page.locator("cluster-search .more a[href*='q=Glas']").wait_for()
    page.locator("cluster-search li").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    inside = "() => document.activeElement.shadowRoot.activeElement.closest('li') !== null"
    assert page.evaluate(inside)

    page.locator("cluster-search").evaluate("(element) => element.setAttribute('lang', 'en')")
    page.locator("cluster-search button", has_text="Search").wait_for()
    page.locator("cluster-card").evaluate("(element) => element.setAttribute('iri', 'urn:nobody')")
    refused = page.locator("cluster-card [role=status]", has_text="Das lässt sich so nicht beantworten.")
    refused.wait_for()
    context.close()


@pytest.mark.parametrize(
    ("language", "scheme", "frame"),
    [
        ("de", "light", "search?q=Altglas"),
        ("en", "light", "experts?q=Altglas"),
        ("de", "dark", f"card?iri={RHEINOPTIK}"),
    ],
)
def test_the_elements_the_frames_and_the_page_have_no_barrier(
    browser, host: Host, language: str, scheme: str, frame: str
) -> None:
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    rendered(page, f"{host.origin}/?lang={language}")
    panel = page.locator("cluster-search .panel")
    paper = panel.evaluate("(panel) => getComputedStyle(panel).backgroundColor")

    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 28)"}[scheme]
    assert not barriers(page)
    page.goto(f"{host.service}/embed/{frame}&lang={language}")
    assert not barriers(page)
    page.goto(f"{host.service}/{language}/embed")
    page.locator("cluster-card h3").wait_for()
    assert not barriers(page)
    context.close()


def test_without_javascript_a_link_leads_to_the_portal(browser, host: Host) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{host.origin}/?lang=de")

    assert page.get_by_role("link", name="fallback").count() == 3
    assert page.get_by_role("link", name="fallback").first.is_visible()
    page.get_by_role("link", name="fallback").first.click()
    assert page.url == f"{host.service}/de/"
    context.close()


def test_a_frame_shows_on_a_site_that_is_named_and_on_no_other(browser, host: Host) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{host.origin}/frame")
    inside = page.frame_locator("iframe")
    inside.locator(".hits li").first.wait_for()
    page.locator("iframe:not([height='120'])").wait_for()
    height = int(str(page.locator("iframe").get_attribute("height")))
    assert height == inside.locator("html").evaluate("(element) => element.offsetHeight")

    inside.locator("input[type=search]").fill("Glas")
    inside.locator("button").click()
    inside.locator("[role=status]", has_text="Glas").wait_for()
    assert page.url == f"{host.origin}/frame"
    inside.locator(".hits h2 a").first.click()
    page.wait_for_url(f"{host.service}/de/entity?*")

    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{host.origin.replace('127.0.0.1', 'localhost')}/frame")
    assert page.frames[1].locator(".hits").count() == 0
    assert any("frame-ancestors" in text for text in said)
    context.close()
