/**
 * What a page of pairs does: filters, and a larger view of one pair. It reads what the page says of each pair in
 * attributes, and writes no HTML.
 */
export const PAGE_SCRIPT = `
"use strict";
const form = document.querySelector(".filters");
const cards = [...document.querySelectorAll(".card")];
const status = document.querySelector(".count");
const none = document.querySelector(".none");
const dialog = document.querySelector("dialog");
const title = dialog.querySelector("h2");
const body = dialog.querySelector(".viewer-body");

const facts = new Map(cards.map((card) => [card, {
  text: card.dataset.text,
  tokens: card.dataset.tokens === "" ? null : Number(card.dataset.tokens),
  state: card.dataset.state.split(" "),
  labels: JSON.parse(card.dataset.labels),
}]));
const shown = () => cards.filter((card) => !card.parentElement.hidden);

function matches({ text, tokens, state, labels }) {
  const { search, least, most, state: wanted } = form.elements;
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) return false;
  if (wanted.value !== "" && !state.includes(wanted.value)) return false;
  if (least !== undefined) {
    if (least.value !== "" && !(tokens >= Number(least.value))) return false;
    if (most.value !== "" && !(tokens !== null && tokens <= Number(most.value))) return false;
  }
  return [...form.querySelectorAll("select[data-column]")].every(
    (select) => select.value === "" || labels[select.dataset.column] === select.selectedOptions[0].textContent,
  );
}

function apply() {
  for (const [card, fact] of facts) card.parentElement.hidden = !matches(fact);
  const count = shown().length;
  status.textContent = count === cards.length
    ? cards.length + " pairs" : count + " of " + cards.length + " pairs";
  none.hidden = count > 0;
  document.body.classList.toggle("no-boxes", form.elements.boxes?.checked === false);
}

let current;
function view(card) {
  current = card;
  const place = shown().indexOf(card);
  title.textContent = card.querySelector("h3").textContent.trim() + " (" + (place + 1) + " of " + shown().length + ")";
  const parts = [...card.children].slice(1).map((part) => part.cloneNode(true));
  for (const details of parts.filter((part) => part.matches("details"))) details.open = true;
  body.replaceChildren(...parts);
  body.scrollTop = 0;
}
function open(card) {
  view(card);
  dialog.showModal();
  body.focus();
}
function go(step) {
  const all = shown();
  view(all[(all.indexOf(current) + step + all.length) % all.length]);
}

form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(apply));
none.querySelector("button").addEventListener("click", () => {
  form.reset();
  form.elements.search.focus();
});
for (const card of cards) {
  card.querySelector(".enlarge").addEventListener("click", () => open(card));
  for (const pictures of card.querySelectorAll(".pictures")) {
    pictures.addEventListener("click", () => open(card));
  }
}
// to the pair that one is mixed with, filtered out or not
document.addEventListener("click", (event) => {
  const link = event.target.closest(".mixed a");
  if (link === null) return;
  const item = document.getElementById(link.hash.slice(1));
  if (item.hidden) {
    form.reset();
    apply();
  }
  if (dialog.open) {
    event.preventDefault();
    view(item.querySelector(".card"));
  }
});
dialog.addEventListener("click", (event) => {
  const { go: step, close } = event.target.dataset;
  if (step !== undefined) go(Number(step));
  if (close !== undefined || event.target === dialog) dialog.close();
});
dialog.addEventListener("close", () => current.querySelector(".enlarge").focus());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (dialog.open) {
    if (event.key === "ArrowLeft") go(-1);
    if (event.key === "ArrowRight") go(1);
  } else if (event.key === "/" && !event.target.matches("input, select")) {
    event.preventDefault();
    form.elements.search.focus();
  }
});
// a browser may keep what was typed when a page is loaded again
apply();
`;
