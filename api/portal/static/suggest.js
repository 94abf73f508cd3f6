// The search field as a combobox (WAI-ARIA 1.2, listbox popup). Without it the field is a plain one.
const WAIT_MS = 150;

function combobox(input) {
  const { suggest, label, count } = input.dataset;
  const list = Object.assign(document.createElement("ul"), { id: `${input.id}-list`, className: "suggested", hidden: true });
  const status = Object.assign(document.createElement("span"), { className: "hidden" });
  let timer, request, active = -1;

  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  status.setAttribute("role", "status");
  input.parentElement.append(list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
    input.setAttribute(name, value);
  }

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    status.textContent = "";
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function choose(at) {
    active = at;
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", index === at));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[at].id);
  }

  function go(option) {
    const { pathname, search, hash } = new URL(option.dataset.address, location.href);
    location.assign(pathname + search + hash);
  }

  function show([, names, kinds, addresses]) {
    list.replaceChildren(...names.map((name, index) => {
      const option = Object.assign(document.createElement("li"), { id: `${list.id}-${index}`, textContent: name });
      option.setAttribute("role", "option");
      option.append(" ", Object.assign(document.createElement("small"), { textContent: kinds[index] }));
      option.dataset.address = addresses[index];
      return option;
    }));
    choose(-1);
    list.hidden = !names.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = count.replace("{number}", names.length);
  }

  async function ask() {
    request?.abort();
    const text = input.value.trim();
    if (text.length < 2) return close();
    request = new AbortController();
    try {
      const answer = await fetch(`${suggest}&q=${encodeURIComponent(text)}`, { signal: request.signal });
      if (answer.ok && document.activeElement === input) show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option) go(option);
  });
  input.addEventListener("keydown", (event) => {
    const { key } = event, last = list.children.length - 1;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return ask();
      const step = key === "ArrowDown" ? 1 : -1;
      choose(active + step > last ? -1 : active + step < -1 ? last : active + step);
    } else if (key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (key === "Enter" && active >= 0) {
      event.preventDefault();
      go(list.children[active]);
    }
  });
}

document.querySelectorAll("input[data-suggest]").forEach(combobox);
