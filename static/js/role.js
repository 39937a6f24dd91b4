// The role page: the filter's manners, recall mode, and an outline that follows the reading place.

const root = document.documentElement;
const all = (selector) => [...document.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);

// Recall mode. The links lead to an address that does the same without script.

const isHidden = () => root.dataset.answers === "hidden";

function showMode() {
  for (const link of all("#mode a")) {
    if ((link.dataset.mode === "recall") === isHidden()) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const field = byId("answers");
  if (field) field.value = isHidden() ? "hidden" : "";
  const other = document.querySelector(`#mode [data-mode=${isHidden() ? "read" : "recall"}]`);
  for (const link of all("[data-mode=other]")) if (other) link.textContent = other.textContent;
}

function setMode(hidden) {
  const place = all(".question").find((question) => question.getBoundingClientRect().bottom > 120);
  const top = place?.getBoundingClientRect().top;
  root.dataset.answers = hidden ? "hidden" : "shown";
  try {
    localStorage.setItem("answers", root.dataset.answers);
  } catch {
    /* private mode */
  }
  for (const answer of all(".answer, .rest")) answer.open = !hidden;
  // The question that was being read stays where it was.
  if (place && top < innerHeight)
    scrollBy({ top: place.getBoundingClientRect().top - top, behavior: "instant" });
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
addEventListener("toggle-answers", () => setMode(!isHidden()));

// In recall, an answer that is shown again begins with the short one again.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!isHidden() || target.open || !target.matches(".answer")) return;
    const rest = target.querySelector(".rest");
    if (rest) rest.open = false;
  },
  true,
);

// One key for the answer that is being read: the short one, then the rest, then neither.
addEventListener("next-answer", () => {
  const focused = document.activeElement.closest(".question");
  const question =
    focused || all(".question").find((each) => each.getBoundingClientRect().bottom > innerHeight / 3);
  const answer = question?.querySelector(".answer");
  if (!answer) return;
  const rest = answer.querySelector(".rest");
  if (!answer.open) answer.open = true;
  else if (rest && !rest.open) rest.open = true;
  else answer.open = false;
  answer.querySelector("summary").focus({ preventScroll: true });
});

// The filter. htmx does the work; these are its manners.

const isHere = (path) => new URL(path, location.href).href === location.href.split("#")[0];

document.addEventListener("htmx:before:history:update", (event) => {
  const { sourceElement, history: action } = event.detail;
  // Going back fetches the page again, and its header would push the address a second time; so
  // would a change that leads to where we are.
  if (sourceElement === document.body || isHere(action.path)) event.preventDefault();
});
document.addEventListener("htmx:after:swap", (event) => {
  const list = byId("questions");
  const bar = byId("filters");
  if (event.target === bar && list.getBoundingClientRect().top < bar.getBoundingClientRect().bottom - 4) {
    list.scrollIntoView({ behavior: "instant" });
  }
  // The filter asks for hidden answers itself; an address from before recall mode does not.
  if (isHidden() && event.target !== bar) for (const answer of all(".answer, .rest")) answer.open = false;
  showMode();
  follow();
});

// The outline.

let observer;
const inSight = new Set();

function follow() {
  observer?.disconnect();
  inSight.clear();
  // A thin band, a quarter down the window, is where one reads.
  observer = new IntersectionObserver(mark, { rootMargin: "-22% 0px -74%" });
  for (const link of all("#outline a")) {
    const target = byId(link.hash.slice(1));
    if (target) observer.observe(target.closest("section") || target);
  }
}

function mark(entries) {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inSight.add(target);
    else inSight.delete(target);
  }
  const [here] = inSight;
  if (!here) return;
  const ids = new Set([here.id, here.querySelector("h2")?.id]);
  for (const link of all("#outline a")) {
    if (!ids.has(decodeURIComponent(link.hash.slice(1)))) link.removeAttribute("aria-current");
    else if (!link.hasAttribute("aria-current")) {
      link.setAttribute("aria-current", "true");
      keepInView(link);
    }
  }
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

byId("main").addEventListener("click", (event) => {
  const sheet = event.target.closest("#outline a")?.closest("#outline");
  if (sheet?.matches(":popover-open")) sheet.hidePopover();
});

if (new URLSearchParams(location.search).get("answers") === "hidden") root.dataset.answers = "hidden";
showMode();
follow();
