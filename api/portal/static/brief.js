// Offers to print, and writes the address of the page with the name under which it was opened.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());

const here = document.getElementById("here");
if (here.textContent.startsWith("/")) here.textContent = location.origin + here.textContent;
