// What htmx leaves to us: where the focus goes, and answers that are no result page.
const answer = () => document.getElementById("answer");

addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!ctx.text.includes('id="answer"')) {
    event.preventDefault();
    location.assign(ctx.request.action);
  }
});

addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target === answer() || event.detail.ctx.target?.id === "answer") {
    answer().querySelector("h1").focus({ preventScroll: true });
    if (answer().getBoundingClientRect().top < 0) scrollTo(0, 0);
  }
});

addEventListener("htmx:error", (event) => {
  const action = event.detail.ctx?.request?.action;
  if (action) location.assign(action);
});
