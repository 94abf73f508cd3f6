// <cluster-search>, <cluster-experts> and <cluster-card>: the cluster knowledge graph on pages of others.
// It asks only the service it was loaded from, without cookies, and puts what it gets on the page as text.
const HERE = new URL("/", import.meta.url);
const PATIENCE_MS = 30_000;
const FILTERS = ["cluster", "topic", "place", "kind"];
const TEXTS = {
  de: {
    search: "Suchen",
    "cluster-search": "Wonach suchen Sie?",
    "cluster-experts": "Wofür suchen Sie Fachleute?",
    waiting: "Wird gesucht …",
    none: "Dazu wurde nichts gefunden.",
    results: (n, least) => (n === 1 ? "1 Treffer" : `${least ? "mindestens " : ""}${n.toLocaleString("de")} Treffer`),
    experts: (n) => (n === 1 ? "1 Organisation" : `${n} Organisationen`),
    failed: "Das ist gerade nicht zu erreichen.",
    refused: "Das lässt sich so nicht beantworten.",
    home: "Zum Portal",
    portal: "Alles dazu im Portal",
    original: "Original",
    website: "Website",
    page: "Seite",
    topics: "Themen",
    said: "Steht in",
    document: "Dokument",
    organisation: "Organisation",
    person: "Person",
    project: "Projekt",
    event: "Veranstaltung",
    funding: "Förderung",
    instrument: "Instrument",
    topic: "Thema",
    place: "Ort",
  },
  en: {
    search: "Search",
    "cluster-search": "What are you looking for?",
    "cluster-experts": "What do you need experts for?",
    waiting: "Searching …",
    none: "Nothing was found for this.",
    results: (n, least) => (n === 1 ? "1 result" : `${least ? "at least " : ""}${n.toLocaleString("en")} results`),
    experts: (n) => (n === 1 ? "1 organisation" : `${n} organisations`),
    failed: "This cannot be reached right now.",
    refused: "This cannot be answered as it stands.",
    home: "To the portal",
    portal: "All of it in the portal",
    original: "Original",
    website: "Website",
    page: "Page",
    topics: "Topics",
    said: "Stated in",
    document: "Document",
    organisation: "Organisation",
    person: "Person",
    project: "Project",
    event: "Event",
    funding: "Funding",
    instrument: "Instrument",
    topic: "Topic",
    place: "Place",
  },
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host {
  --ink: #1a2127; --soft: #54606b; --line: #dbe0e5; --edge: #7a8691; --paper: #fff; --link: #0b4a6f; --marked: #fdf0b8;
  display: block; container-type: inline-size;
}
@supports (color: light-dark(#000, #fff)) {
  :host {
    --ink: light-dark(#1a2127, #e4e8ec); --soft: light-dark(#54606b, #a9b4bf); --line: light-dark(#dbe0e5, #364049);
    --edge: light-dark(#7a8691, #7d8995); --paper: light-dark(#fff, #14181c); --link: light-dark(#0b4a6f, #8cc8f0);
    --marked: light-dark(#fdf0b8, #5a4a0c);
  }
}
:host([hidden]) { display: none; }
*, ::before, ::after { box-sizing: border-box; }
.panel {
  --accent: var(--cluster-accent, var(--link));
  --round: var(--cluster-radius, 0.4rem);
  --row: 11.5rem;
  display: flex; flex-direction: column; padding: 1rem;
  font: 1rem/1.5 var(--cluster-font, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  color: var(--cluster-ink, var(--ink)); background: var(--cluster-paper, var(--paper));
  border: 1px solid var(--line); border-radius: var(--round); overflow-wrap: break-word;
}
.card { min-height: 23rem; }
a { color: var(--accent); text-underline-offset: 0.18em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
label { display: block; font-weight: 600; margin-bottom: 0.3rem; }
.row { display: flex; gap: 0.5rem; }
input, button { font: inherit; padding: 0.45rem 0.75rem; border-radius: var(--round); min-height: 2.5rem; }
input { flex: 1; min-width: 0; color: inherit; background: transparent; border: 1px solid var(--edge); }
button { font-weight: 600; cursor: pointer; color: var(--cluster-paper, var(--paper)); background: var(--accent); border: 1px solid var(--accent); }
[role="status"] { margin: 0.6rem 0 0; min-height: 1.5em; color: var(--soft); font-size: 0.875rem; }
ol { list-style: none; margin: 0; padding: 0; display: flex; flex-direction: column; min-height: calc(var(--rows, 0) * var(--row)); }
li { padding: 0.75rem 0; border-top: 1px solid var(--line); max-height: var(--row); overflow: hidden; flex: none; }
.title { font-size: 1.0625rem; line-height: 1.35; margin: 0; }
.title a, .quote, p.text { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; line-clamp: 3; overflow: hidden; }
.title a { -webkit-line-clamp: 2; line-clamp: 2; text-decoration: none; padding: 2px; margin: -2px; }
.title a:focus-visible { outline-offset: -2px; }
.title a:hover { text-decoration: underline; }
.quote { margin: 0.35rem 0; padding-left: 0.75rem; border-left: 3px solid var(--line); }
.text { margin: 0.35rem 0; }
.facts, .kind { margin: 0.2rem 0 0; color: var(--soft); font-size: 0.875rem; }
.facts { display: flex; gap: 0 0.9em; white-space: nowrap; }
.facts > span { overflow: hidden; text-overflow: ellipsis; padding: 2px 0; flex: 0 1 auto; }
.facts a:focus-visible { outline-offset: -2px; }
.card .facts { white-space: normal; }
.card .facts > span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; line-clamp: 2; }
@container (min-width: 36rem) { .card { min-height: 17rem; } }
.more { margin: auto 0 0; padding-top: 0.75rem; font-size: 0.875rem; min-height: 2.2rem; }
.more a { display: inline-block; padding: 0.1rem 0; }
mark { color: inherit; background: var(--marked); border-radius: 0.15em; }
@container (max-width: 22rem) { .row { flex-direction: column; } }
@container (min-width: 36rem) {
  .panel { --row: 8.75rem; }
  li .quote { -webkit-line-clamp: 2; line-clamp: 2; }
  li .title a { -webkit-line-clamp: 1; line-clamp: 1; }
}
@media (forced-colors: active) { mark { outline: 1px solid; } }
`);

/** Build an element; what it holds are elements and texts, never markup. */
function h(name, given = {}, ...held) {
  const built = document.createElement(name);
  for (const [key, value] of Object.entries(given)) if (value != null) built.setAttribute(key, value);
  built.append(...held.filter((one) => one != null));
  return built;
}

/** Link to an address of the web; to any other there is only the text. */
function link(address, text, given = {}) {
  return /^https?:\/\//i.test(address ?? "") ? h("a", { href: address, rel: "noopener", ...given }, text) : text;
}

function entry(language, iri, start, end) {
  const address = new URL(`${language}/entity`, HERE);
  address.searchParams.set("iri", iri);
  if (end > start) {
    address.searchParams.set("start", start);
    address.searchParams.set("end", end);
    address.hash = "passage";
  }
  return address.href;
}

/** Show a quote with the words of the question marked; places are counted in code points. */
function quote(said, language) {
  if (!said.quote) return null;
  const letters = [...said.quote];
  const shown = h("blockquote", { class: "quote", part: "quote", lang: language });
  let last = 0;
  for (const [start, end] of (said.marks ?? []).map((span) => span.map((place) => place - said.start))) {
    shown.append(letters.slice(last, start).join(""), h("mark", {}, letters.slice(start, end).join("")));
    last = end;
  }
  shown.append(letters.slice(last).join(""));
  return shown;
}

/** What the elements share: language, one question at a time, and a calm word when there is no answer. */
class Panel extends HTMLElement {
  static observedAttributes = ["lang", "query", "limit", "iri", "heading-level", "fixed", ...FILTERS];
  #asked = null;
  #drawing = false;

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.draw();
  }

  disconnectedCallback() {
    this.#asked?.abort();
  }

  attributeChangedCallback() {
    if (!this.shadowRoot || !this.isConnected || this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      if (this.isConnected) this.draw();
    });
  }

  get language() {
    return /^en\b/i.test(this.closest("[lang]")?.lang ?? "") ? "en" : "de";
  }

  get heading() {
    const level = Number.parseInt(this.getAttribute("heading-level"), 10);
    return `h${level >= 2 && level <= 6 ? level : 3}`;
  }

  get limit() {
    const limit = Number.parseInt(this.getAttribute("limit"), 10);
    return limit >= 1 && limit <= 20 ? limit : 5;
  }

  show(...parts) {
    this.texts = TEXTS[this.language];
    this.status = h("p", { role: "status", part: "status" });
    this.body = h("div", { part: "body" });
    this.more = h("p", { class: "more", part: "more" });
    const panel = h("div", { class: "panel", part: "panel", lang: this.language });
    panel.append(...parts, this.status, this.body, this.more);
    this.shadowRoot.replaceChildren(panel);
    return panel;
  }

  /** Ask the service; a later question takes the place of an earlier one. Null when there is no answer. */
  async ask(path, pairs) {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    const late = setTimeout(() => asked.abort(), PATIENCE_MS);
    const address = new URL(`api/${path}?${new URLSearchParams(pairs)}`, HERE);
    this.status.textContent = this.texts.waiting;
    try {
      const answer = await fetch(address, { signal: asked.signal, credentials: "omit", referrerPolicy: "no-referrer" });
      const found = await answer.json();
      if (asked !== this.#asked) return null;
      if (answer.ok) return found;
      console.warn(`${this.localName}: ${found.detail}`, found);
      this.status.textContent = answer.status < 500 ? this.texts.refused : this.texts.failed;
    } catch {
      if (asked === this.#asked && this.isConnected) this.status.textContent = this.texts.failed;
    } finally {
      clearTimeout(late);
    }
    return null;
  }

  tell(detail) {
    this.dispatchEvent(new CustomEvent("cluster-results", { bubbles: true, composed: true, detail }));
  }
}

/** A field and the list of what was found; `query` asks at once, `fixed` leaves the field out. */
class Finder extends Panel {
  draw() {
    const texts = TEXTS[this.language];
    const query = this.getAttribute("query") ?? "";
    const field = h("input", { id: "q", type: "search", maxlength: 2000, part: "input", autocomplete: "off", value: query });
    const label = h("label", { for: "q", part: "label" }, texts[this.localName]);
    const button = h("button", { part: "button" }, texts.search);
    const form = h("form", { role: "search", part: "form" }, label, h("div", { class: "row" }, field, button));
    form.setAttribute("aria-label", texts[this.localName]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.find(field.value.trim());
    });
    this.show(...(this.hasAttribute("fixed") ? [] : [form]));
    this.list = h("ol", { part: "list" });
    this.body.append(this.list);
    this.portal("");
    if (query.trim()) this.find(query.trim());
  }

  portal(query) {
    const address = new URL(`${this.language}/?${new URLSearchParams([["q", query], ...this.filters(FILTERS)])}`, HERE);
    this.more.replaceChildren(link(address.href, query ? this.texts.portal : this.texts.home));
  }

  filters(names) {
    const values = (name) => (this.getAttribute(name) ?? "").split(",").map((value) => value.trim());
    return names.flatMap((name) => values(name).filter(Boolean).map((value) => [name, value]));
  }

  async find(query) {
    if (!query) return;
    this.list.replaceChildren();
    this.list.style.setProperty("--rows", this.limit);
    this.portal(query);
    const found = await this.ask(this.path, [["q", query], ["limit", this.limit], ...this.filters(this.taken)]);
    const items = found?.[this.field] ?? [];
    if (!items.length) this.list.style.removeProperty("--rows");
    if (!found) return;
    this.list.replaceChildren(...items.map((item) => h("li", { part: "item" }, ...this.item(item))));
    this.status.textContent = items.length ? this.count(found) : this.texts.none;
    this.tell({ query, shown: items.length, total: found.total ?? items.length });
  }

  headed(address, text, language) {
    return h(this.heading, { class: "title", part: "title", lang: language }, link(address, text));
  }
}

class Search extends Finder {
  path = "search";
  field = "hits";
  taken = FILTERS;

  count(found) {
    return this.texts.results(found.total, found.total_is_lower_bound);
  }

  item(hit) {
    const span = hit.iri === hit.document && hit.quote ? [hit.start, hit.end] : [];
    const facts = [this.texts[hit.kind] ?? hit.kind, hit.page && `${this.texts.page} ${hit.page}`];
    const original = hit.url && link(hit.url, this.texts.original);
    return [
      this.headed(entry(this.language, hit.iri, ...span), hit.title, hit.language),
      quote(hit, hit.language),
      h("p", { class: "facts", part: "facts" }, ...[...facts, original].filter(Boolean).map((fact) => h("span", {}, fact))),
    ];
  }
}

class Experts extends Finder {
  path = "experts";
  field = "experts";
  taken = FILTERS.filter((name) => name !== "topic");

  count(found) {
    return this.texts.experts(found.experts.length);
  }

  item(expert) {
    const proof = expert.evidence.find((one) => one.quote);
    const source = proof && link(entry(this.language, proof.document, proof.start, proof.end), proof.title);
    return [
      this.headed(entry(this.language, expert.iri), expert.label),
      proof ? quote(proof) : this.language === "de" ? h("p", { class: "text" }, expert.why) : null,
      proof && h("p", { class: "facts", part: "facts" }, h("span", {}, `${this.texts.said}: `, source)),
    ];
  }
}

class Card extends Panel {
  async draw() {
    const iri = this.getAttribute("iri");
    this.show().classList.add("card");
    if (!iri) return void (this.status.textContent = this.texts.refused);
    this.more.append(link(entry(this.language, iri), this.texts.portal));
    const found = await this.ask("entities", [["iri", iri]]);
    if (!found) return;
    this.status.textContent = "";
    this.status.hidden = true;
    this.body.replaceChildren(...this.parts(found).filter(Boolean));
    this.tell({ iri, shown: 1, total: 1 });
  }

  parts(found) {
    const [name, description] = [found.label, found.description].map((texts) => this.spoken(texts));
    const valued = (end) => found.statements.filter((one) => !one.inverse && one.predicate.endsWith(end));
    const topics = valued("ns#coversTopic").slice(0, 5).map((one) => one.value_label);
    const website = valued("/homepage")[0]?.value;
    const proof = found.mentioned_in.find((one) => one.quote);
    return [
      h("p", { class: "kind", part: "kind" }, this.texts[found.kind] ?? ""),
      h(this.heading, { class: "title", part: "title", lang: name.language }, link(entry(this.language, found.iri), name.text ?? valued("dc/terms/title")[0]?.value ?? found.iri)),
      description.text && h("p", { class: "text", part: "text", lang: description.language }, description.text),
      proof && quote(proof),
      proof && h("p", { class: "facts" }, h("span", {}, `${this.texts.said}: `, link(entry(this.language, proof.document, proof.start, proof.end), proof.title))),
      topics.length && h("p", { class: "facts" }, h("span", {}, `${this.texts.topics}: `, h("span", { lang: "de" }, topics.join(", ")))),
      website && h("p", { class: "facts" }, h("span", {}, `${this.texts.website}: `, link(website, website.replace(/^https?:\/\/|\/$/g, "")))),
    ].map((part) => part || null);
  }

  /** Choose the language of the page, else another one; `und` is none. */
  spoken(texts) {
    const language = [this.language, "de", "en"].find((one) => texts[one]) ?? Object.keys(texts)[0];
    return { text: texts[language], language: language === "und" ? null : language };
  }
}

/** Give frames of the service on this page the height that they ask for. */
addEventListener("message", ({ data, origin, source }) => {
  if (origin !== HERE.origin || !Number.isFinite(data?.clusterHeight)) return;
  for (const frame of document.querySelectorAll("iframe"))
    if (frame.contentWindow === source) frame.height = Math.min(Math.max(Math.ceil(data.clusterHeight), 100), 10_000);
});

for (const [name, element] of Object.entries({ search: Search, experts: Experts, card: Card }))
  if (!customElements.get(`cluster-${name}`)) customElements.define(`cluster-${name}`, element);
