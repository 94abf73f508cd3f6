// Says that an answer is on its way, so that nobody sends a form twice, and that a text is too long.
for (const form of document.querySelectorAll("form[data-waiting]")) {
  const status = form.querySelector(".waiting");
  form.addEventListener("submit", (event) => {
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    else show(form, status, true);
  });
  addEventListener("pageshow", () => show(form, status, false)); // also when the page comes back from the cache
  const field = form.querySelector("textarea[data-most]");
  field?.addEventListener("input", () => {
    field.setCustomValidity(field.value.length > Number(field.dataset.most) ? field.dataset.long : "");
  });
}

function show(form, status, isBusy) {
  form.setAttribute("aria-busy", String(isBusy));
  status.textContent = isBusy ? form.dataset.waiting : "";
}
