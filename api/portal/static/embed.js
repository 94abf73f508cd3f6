// Gives each example of /embed a button that copies it; without this script it can be marked and copied.
const label = document.documentElement.lang === "en" ? ["Copy", "Copied"] : ["Kopieren", "Kopiert"];

for (const code of navigator.clipboard ? document.querySelectorAll("pre") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = label[0];
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = label[1];
    setTimeout(() => (button.textContent = label[0]), 2000);
  });
  const frame = document.createElement("div");
  frame.className = "copy";
  code.replaceWith(frame);
  frame.append(code, button);
}
