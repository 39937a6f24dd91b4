// Shows a learner's marks, on the numbers of questions and in the outline. The page itself has none: they
// come as a small answer of their own, of which other scripts hear as `marks-told`.

const { address, of } = document.getElementById("marks").dataset;
const ratings = document.getElementById("ratings").content;
const before = {}; // by the key of a mark: what it took the place of
const here = {}; // by slug: set on this page, perhaps after the answer below was made
let told = {};

const markOf = (slug) => (slug in here ? here[slug] : told.marks?.[slug]);
const slugOf = ({ hash, pathname }) =>
  decodeURIComponent(hash.startsWith("#q-") ? hash.slice(3) : pathname.split("/").at(-2));

function draw(link, mark) {
  for (const part of link.querySelectorAll(".mark, .mark-name")) part.remove();
  if (link.ariaLabel) link.ariaLabel = link.dataset.label ??= link.ariaLabel;
  if (!mark) return;
  const button = ratings.querySelector(`[value="${mark}"]`);
  const name = document.createElement("span");
  name.className = "mark-name hidden-visually";
  name.textContent = button.querySelector("b").textContent;
  link.append(button.querySelector(".mark").cloneNode(true), " ", name);
  if (link.ariaLabel) link.ariaLabel += `, ${name.textContent}`;
}

function show() {
  for (const link of document.querySelectorAll(".number[href], #outline-list a:not(.major), .found h2 a"))
    draw(link, markOf(slugOf(link)));
  for (const question of document.querySelectorAll(".question"))
    question.dataset.marked = markOf(question.id.slice(2)) || "";
  dispatchEvent(new CustomEvent("marks-shown", { detail: { ...told.marks, ...here } }));
}

async function ask(query) {
  const response = await fetch(`${address}?${query}`, { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const detail = await response.json();
  if (query === of) told = detail;
  dispatchEvent(new CustomEvent("marks-told", { detail }));
  show();
}

const askOfPage = () => document.documentElement.matches(".learner") && ask(of).catch(() => {});

function set(slug, mark) {
  here[slug] = mark;
  show();
}

addEventListener("mark-set", ({ detail: { slug, key, rating } }) => {
  before[key] = markOf(slug);
  set(slug, rating);
});
addEventListener("mark-known", ({ detail: { slug, mark } }) => set(slug, mark));
addEventListener("mark-kept", ({ detail: { slug, rating } }) => rating && set(slug, rating));
for (const name of ["mark-undo", "mark-dropped"])
  addEventListener(name, ({ detail: { slug, key } }) => set(slug, before[key]));
addEventListener("mark-ask", ({ detail: slug }) =>
  ask(new URLSearchParams({ question: slug })).catch(() => {}),
);

// What shows the marks must not be drawn before its style is there.
for (const style of document.querySelectorAll("[data-awaited]"))
  if (!style.sheet) await new Promise((resolve) => (style.onload = style.onerror = resolve));
document.addEventListener("htmx:after:swap", show);
addEventListener("pageshow", ({ persisted }) => persisted && askOfPage());
askOfPage();
