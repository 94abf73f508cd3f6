// Puts Yasqe in the place of the text field of /sparql; without this script the form works as it stands.
/* global Yasqe */
const LONGEST = 6000; // characters of an address that every server and proxy takes

const form = document.querySelector("form.query");
const field = form.elements.query;
const language = document.documentElement.lang === "en" ? 1 : 0;
const loading = fetch("/sparql/terms")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
  .catch(() => ({ prefixes: {}, classes: [], relations: [] }));

complete();
const editor = open();
markFault();
form.addEventListener("submit", send);
document.querySelector("a.share")?.addEventListener("click", copy);

/** Let Yasqe complete from our own data; what it brings would ask other servers. */
function complete() {
  const known = Yasqe.Autocompleters;
  const labels = new Map();
  const offer = (kind) => ({
    persistenceId: null,
    preProcessToken: (_, token) => token,
    postProcessSuggestion: (_, token, name) => name,
    postprocessHints: (_, hints) => hints.map((hint) => ({ ...hint, displayText: labels.get(hint.text) })),
    get: async (_, token) => {
      const terms = (await loading)[kind];
      const typed = (token?.string ?? "").trim().toLowerCase();
      const found = terms.filter((term) =>
        [term.name, `<${term.iri}`, ...term.labels].some((text) => text.toLowerCase().includes(typed)),
      );
      for (const term of found) labels.set(nameOf(term), `${nameOf(term)} – ${term.labels[language]} (${term.count})`);
      return found.slice(0, 100).map(nameOf);
    },
  });
  Object.assign(known.class, offer("classes"));
  Object.assign(known.property, offer("relations"));
  Object.assign(known.prefixes, {
    persistenceId: null,
    get: async (_, token) => {
      const typed = token ? (token.autocompletionString ?? token.string) : "";
      const all = Object.entries((await loading).prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`);
      return all.filter((line) => line.startsWith(typed)).sort();
    },
  });
}

function nameOf(term) {
  return term.name === term.iri ? `<${term.iri}>` : term.name;
}

/** Show the editor instead of the field and keep both the same; it stores nothing and sends nothing. */
function open() {
  const run = () => form.requestSubmit();
  const leave = (_, list) => {
    list.close();
    return Yasqe.Pass;
  };
  const place = document.createElement("div");
  field.before(place);
  field.hidden = true;
  const opened = new Yasqe(place, {
    value: field.value,
    persistenceId: null,
    createShareableLink: null,
    consumeShareLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: null,
    hintConfig: { extraKeys: { Tab: leave } },
    extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run, "Ctrl-S": false, Tab: false, "Shift-Tab": false },
  });
  const check = opened.checkSyntax.bind(opened);
  opened.checkSyntax = () => {
    check();
    if (lacksPrefix(opened)) opened.clearGutter("gutterErrorBar");
  };
  opened.checkSyntax();
  opened.showNotification = () => {}; // in English only; the help below the field says the same
  opened.on("changes", () => {
    field.value = opened.getValue();
  });
  const input = opened.getInputField();
  input.setAttribute("aria-labelledby", "query-label");
  input.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
  document.getElementById("query-label").addEventListener("click", () => opened.focus());
  return opened;
}

/** Tell whether all that Yasqe objects to is a prefix that the service declares by itself. */
function lacksPrefix(opened) {
  for (let line = 0; line < opened.lineCount(); line += 1) {
    const { state } = opened.getTokenAt({ line, ch: opened.getLine(line).length }, true);
    if (!state.OK) return Boolean(state.errorMsg?.startsWith("Prefix "));
  }
  return false;
}

/** Mark the place of the fault that the server found, and put the cursor there. */
function markFault() {
  const line = Number(form.dataset.line ?? 0) - 1;
  if (line < 0 || line >= editor.lineCount()) return;
  const before = [...editor.getLine(line)].slice(0, Number(form.dataset.column) - 1).join("");
  const end = Math.max(before.length, 1);
  const width = String.fromCodePoint(editor.getLine(line).codePointAt(before.length) ?? 32).length;
  const isInside = before.length < editor.getLine(line).length;
  const from = { line, ch: isInside ? before.length : end - 1 };
  editor.markText(from, { line, ch: from.ch + width }, { className: "fault-here" });
  editor.getInputField().setAttribute("aria-invalid", "true");
  editor.setCursor({ line, ch: before.length });
  editor.focus();
}

/** Send a query that is too long for an address in the body; the other fields stay in the address. */
function send() {
  if (encodeURIComponent(field.value).length <= LONGEST) return;
  const others = [...new FormData(form)].filter(([name]) => name !== "query");
  form.action = `/sparql?${new URLSearchParams(others)}#result`;
  form.method = "post";
}

/** Copy the address instead of following it, where the browser allows that. */
async function copy(event) {
  const link = event.currentTarget;
  if (event.ctrlKey || event.metaKey || event.shiftKey || !navigator.clipboard) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
    document.querySelector(".found [role=status]").textContent = link.dataset.copied;
  } catch {
    location.assign(link.href);
  }
}
