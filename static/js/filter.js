// The filter's manners. htmx fetches and swaps; without it the form works as any other.

const form = document.getElementById("filters");
const field = document.getElementById("words");
const failure = document.getElementById("filter-failure");

const isHere = (path) => new URL(path, location.href).href === location.href.split("#")[0];
const state = () => new FormData(form);

// Addresses. What is typed replaces its own address, so that Back leaves the words at once.

document.addEventListener("htmx:before:history:update", (event) => {
  const { sourceElement, history: action } = event.detail;
  // Going back fetches the page again, and its header would push the address a second time; so
  // would a change that leads to where we are.
  if (sourceElement === document.body || isHere(action.path)) event.preventDefault();
  else if (new URLSearchParams(location.search).has("q") && action.path.includes("q="))
    action.type = "replace";
});

// A request that fails takes nothing away. Back and forward are such requests, too.

let served = form && state(); // what the list shows
let servedAt = location.href;
let wanted, wantedAt; // what could not be shown

function setControls(values) {
  for (const box of form.querySelectorAll("[type=checkbox]")) {
    box.checked = values.getAll(box.name).includes(box.value);
  }
  if (document.activeElement !== field) field.value = values.get("q");
}

function fail({ target }) {
  if (!form) return;
  wanted = state();
  wantedAt = target === form ? "" : location.href;
  setControls(served);
  if (wantedAt) history.replaceState(history.state, "", servedAt);
  clearFailure();
  // A closed sheet is out of sight.
  const place = form.checkVisibility() ? document.getElementById("filter-errors") : failure;
  place.append(failure.querySelector("template").content.cloneNode(true));
}

const clearFailure = () => document.querySelector(".wrong-line")?.remove();

document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx.text.includes('id="questions"')) return;
  event.preventDefault();
  fail(event);
});
document.addEventListener("htmx:error", fail);

addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-try-again]")) {
    clearFailure();
    if (wantedAt) return location.assign(wantedAt);
    setControls(wanted);
    submit();
  }
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (target.closest("[data-clear]") && isPlain && form) {
    event.preventDefault();
    for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = false;
    field.value = "";
    submit();
    if (!form.matches(":popover-open")) field.focus({ preventScroll: true });
  }
  // The list of topics closes when left.
  const topics = document.getElementById("topic-choice");
  if (topics?.open && !topics.contains(target) && !form.matches(":popover-open")) topics.open = false;
});

addEventListener("keydown", ({ key }) => {
  const topics = document.getElementById("topic-choice");
  if (key !== "Escape" || !topics?.open) return;
  topics.open = false;
  topics.querySelector("summary").focus();
});

const submit = () => form.requestSubmit();

// Highlights mark what is found. A list names the words that count as found; what a word is, says
// questions/search/tokens.py.

const UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff";
const PART = `(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+(?:\\+\\+|#)?`;
const CHUNK = new RegExp(
  `[${UNSPACED}]|(?<!\\p{L})O\\((?:[^()\n]|\\([^()\n]*\\))+\\)|\\.?${PART}(?:[-./_'’&]${PART})*`,
  "gu",
);
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function wordsOf(chunk) {
  const parts = fold(chunk.replace(/\b([A-Z][A-Z0-9]+)s\b/g, "$1"))
    .replaceAll("++", "plusplus")
    .replaceAll("#", "sharp")
    .split(/[^\p{L}\p{N}]+/u);
  const joined = parts.join("");
  return [...parts, joined, `dot${joined}`, `order${joined.slice(1)}`];
}

function highlight() {
  if (!globalThis.CSS?.highlights) return;
  CSS.highlights.delete("found");
  const list = document.getElementById("questions");
  const phrases = (list.dataset.found?.split(" ") || []).map((phrase) => phrase.split("+").map(fold));
  if (!phrases.length) return;
  const found = new Highlight();
  const walker = document.createTreeWalker(list, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { currentNode: node } = walker;
    const chunks = [...node.data.matchAll(CHUNK)];
    const words = chunks.map((chunk) => wordsOf(chunk[0]));
    const isAt = (phrase, place) => phrase.every((word, next) => words[place + next]?.includes(word));
    for (const [place, chunk] of chunks.entries()) {
      const phrase = phrases.find((phrase) => isAt(phrase, place));
      if (!phrase) continue;
      const last = chunks[place + phrase.length - 1];
      const range = new Range();
      range.setStart(node, chunk.index);
      range.setEnd(node, last.index + last[0].length);
      found.add(range);
    }
  }
  CSS.highlights.set("found", found);
}

document.addEventListener("htmx:after:swap", (event) => {
  clearFailure();
  highlight();
  servedAt = location.href;
  if (!form?.isConnected || event.target !== form) return;
  served = state();
  // A list that changed above the reader begins at its first question.
  const list = document.getElementById("questions");
  if (list.getBoundingClientRect().top < 0) list.querySelector("li").scrollIntoView();
});

highlight();
