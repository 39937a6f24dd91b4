// Reading: recall mode, an outline that follows the reading place, and a sign where something scrolls.

const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);

// Recall mode. The links lead to an address that does the same without script.

const isHidden = () => root.dataset.answers === "hidden";

function showMode() {
  for (const link of all(".mode a")) {
    if ((link.dataset.mode === "recall") === isHidden()) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const field = byId("answers");
  if (field) field.value = isHidden() ? "hidden" : "";
  const other = document.querySelector(`.mode [data-mode=${isHidden() ? "read" : "recall"}]`);
  for (const link of all("[data-mode=other]")) if (other) link.textContent = other.textContent;
}

function openAnswers(isOpen) {
  for (const answer of all(".answer, .rest")) answer.open = isOpen;
}

function setMode(hidden) {
  const place = all(".question").find((question) => question.getBoundingClientRect().bottom > barEnd());
  const top = place?.getBoundingClientRect().top;
  root.dataset.answers = hidden ? "hidden" : "shown";
  try {
    localStorage.setItem("answers", root.dataset.answers);
  } catch {
    /* private mode */
  }
  openAnswers(!hidden);
  // The question that was being read stays where it was.
  if (place && top < innerHeight) scrollBy({ top: place.getBoundingClientRect().top - top });
  const address = new URL(location.href);
  if (hidden) address.searchParams.set("answers", "hidden");
  else address.searchParams.delete("answers");
  history.replaceState(history.state, "", address);
  showMode();
}

addEventListener("click", (event) => {
  const link = event.target.closest("[data-mode]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  setMode(link.dataset.mode === "other" ? !isHidden() : link.dataset.mode === "recall");
});
addEventListener("click", ({ target }) => {
  if (target.closest("[data-print]")) print();
});
addEventListener("toggle-answers", () => setMode(!isHidden()));

// In recall, an answer begins with the short one again.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!isHidden() || target.open || !target.matches(".answer")) return;
    const rest = target.querySelector(".rest");
    if (rest) rest.open = false;
  },
  true,
);

// One key for the answer being read: the short one, then the rest, then neither.
addEventListener("next-answer", () => {
  const focused = document.activeElement.closest(".question");
  const isRead = (question) => question.getBoundingClientRect().bottom > innerHeight / 3;
  const answer = (focused || all(".question").find(isRead))?.querySelector(".answer");
  if (!answer) return;
  const rest = answer.querySelector(".rest");
  if (!answer.open) answer.open = true;
  else if (rest && !rest.open) rest.open = true;
  else answer.open = false;
  answer.querySelector("summary").focus({ preventScroll: true });
});

// From question to question. Where the page has a bar, the place to read begins below it.

function barEnd() {
  const bar = byId("filters");
  return bar && getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
}

addEventListener("step", ({ detail: by }) => {
  const questions = all("#questions .question:not([hidden])");
  const tops = questions.map((question) => {
    const margin = Number.parseFloat(getComputedStyle(question).scrollMarginTop) || 0;
    return Math.round(question.getBoundingClientRect().top - margin);
  });
  const padding = Math.ceil(Number.parseFloat(getComputedStyle(root).scrollPaddingTop)) || 0;
  const next =
    by > 0 ? tops.findIndex((top) => top > padding + 1) : tops.findLastIndex((top) => top < padding - 1);
  questions[next]?.scrollIntoView();
  questions[next]?.querySelector(".number").focus({ preventScroll: true });
});

// The outline. Pages of one question have the current entry from the server.

const targets = new Map();
let observer;

function follow() {
  observer?.disconnect();
  targets.clear();
  // A thin band, a quarter down the window, is where one reads.
  observer = new IntersectionObserver(mark, { rootMargin: "-22% 0px -74%" });
  for (const link of all("#outline-list a")) {
    if (!link.getAttribute("href").startsWith("#")) continue;
    const target = byId(decodeURIComponent(link.hash.slice(1)));
    if (!target || target.id === "questions") continue;
    const part = target.closest("section") || target;
    targets.set(part, link);
    observer.observe(part);
  }
}

const inSight = new Set();

function mark(entries) {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inSight.add(target);
    else inSight.delete(target);
  }
  const here = targets.get([...targets.keys()].find((part) => inSight.has(part)));
  if (!here || here.hasAttribute("aria-current")) return;
  for (const link of all("#outline-list [aria-current]")) link.removeAttribute("aria-current");
  here.setAttribute("aria-current", "true");
  keepInView(here);
}

// Scrolls the outline alone, never the page.
function keepInView(link) {
  const outline = byId("outline");
  const box = link.getBoundingClientRect();
  const frame = outline.getBoundingClientRect();
  if (box.top < frame.top + 40 || box.bottom > frame.bottom - 40) {
    outline.scrollTop += box.top - frame.top - frame.height / 2;
  }
}

byId("outline")?.addEventListener("toggle", ({ newState }) => {
  const current = document.querySelector("#outline-list [aria-current]");
  if (newState === "open" && current) keepInView(current);
});
byId("outline")?.addEventListener("click", ({ target }) => {
  const sheet = byId("outline");
  if (target.closest("a") && sheet.matches(":popover-open")) sheet.hidePopover();
});

// What does not fit says so, has a name and is a tab stop.

const names = byId("scrolling").dataset;
const sized = new ResizeObserver((entries) => {
  // All is measured before anything is changed: the page is laid out once.
  const overflows = entries.map(({ target }) => target.scrollWidth > target.clientWidth + 1);
  entries.forEach(({ target }, index) => showOverflow(target, overflows[index]));
});

function showOverflow(part, overflows) {
  if (overflows === part.classList.contains("overflows")) return;
  part.classList.toggle("overflows", overflows);
  if (overflows) {
    part.tabIndex = 0;
    part.setAttribute("role", "region");
    part.setAttribute("aria-label", names[kindOf(part)]);
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) part.removeAttribute(name);
  }
  const frame = part.closest(".code-block") || part;
  const sign = frame.nextElementSibling;
  if (sign?.matches(".slide")) sign.hidden = !overflows;
  else if (overflows) frame.after(slide());
}

function kindOf(part) {
  if (part.matches(".code")) return "code";
  return part.matches(".formula") ? "formula" : "table";
}

function slide() {
  const sign = document.createElement("p");
  sign.className = "slide";
  sign.ariaHidden = "true";
  sign.textContent = names.slide;
  return sign;
}

function atEnd({ target }) {
  if (!target.matches?.(".overflows")) return;
  const left = Math.abs(target.scrollLeft) + target.clientWidth;
  target.classList.toggle("at-end", left >= target.scrollWidth - 2);
}
document.addEventListener("scroll", atEnd, { capture: true, passive: true });

function watchWidths() {
  for (const part of all(".scroll, .code, .formula")) sized.observe(part);
}

// Questions out of sight are drawn in idle time; see before-paint.js.

const drawAll = () => root.classList.remove("from-top");

addEventListener("hashchange", () => {
  if (!root.matches(".from-top")) return;
  drawAll();
  document.querySelector(":target")?.scrollIntoView();
});

function drawNext(deadline) {
  const waiting = document.querySelectorAll(".from-top .question:nth-child(n + 3):not(.drawn)");
  for (const question of waiting) {
    question.classList.add("drawn");
    void question.offsetHeight; // laid out within this turn
    if (deadline.timeRemaining() < 8) return requestIdleCallback(drawNext);
  }
  drawAll();
}

for (const name of ["click", "keydown", "beforeprint"])
  addEventListener(name, drawAll, { capture: true, once: true });
if (globalThis.requestIdleCallback) addEventListener("load", () => requestIdleCallback(drawNext));
else addEventListener("load", drawAll);

// The parts that the filter brings

document.addEventListener("htmx:after:swap", ({ target }) => {
  // The filter asks for hidden answers itself; an address from before recall mode does not.
  if (isHidden() && target !== byId("filters")) openAnswers(false);
  showMode();
  follow();
  watchWidths();
});

if (new URLSearchParams(location.search).get("answers") === "hidden") root.dataset.answers = "hidden";
showMode();
follow();
watchWidths();
