// The search field: what is found shows while one types, as a combobox. Without this it is a plain form.

const WAIT = 120; // ms without a key

const field = document.getElementById("search-words");
const { form } = field;
const popup = document.createElement("div");
popup.className = "suggestions";
popup.hidden = true;
form.append(popup);
for (const [name, value] of Object.entries({
  role: "combobox",
  "aria-autocomplete": "list",
  "aria-expanded": "false",
  "aria-keyshortcuts": "/",
}))
  field.setAttribute(name, value);

const options = () => [...popup.querySelectorAll("[role=option]")];
const selected = () => popup.querySelector("[aria-selected=true]");
// A text that stays the same would not be told again.
function say(text) {
  const announcement = document.getElementById("announcement");
  announcement.textContent = "";
  setTimeout(() => (announcement.textContent = text), 50);
}

let timer, request;

function forget() {
  clearTimeout(timer);
  request?.abort();
}

function close() {
  forget();
  popup.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-controls");
  select(null);
}

function show(html) {
  popup.innerHTML = html;
  options().forEach((option, number) => (option.id = `suggestion-${number}`));
  popup.hidden = false;
  const hasOptions = options().length > 0;
  field.setAttribute("aria-expanded", String(hasOptions));
  if (hasOptions) field.setAttribute("aria-controls", "suggestions");
  field.removeAttribute("aria-activedescendant");
  say(popup.querySelector("[data-status]").dataset.status);
}

async function suggest() {
  forget();
  const words = field.value.trim();
  if (!words) return close();
  request = new AbortController();
  const { signal } = request;
  try {
    const answer = await fetch(`${field.dataset.suggestions}?${new URLSearchParams({ q: words })}`, {
      signal,
    });
    const html = await answer.text();
    if (signal.aborted) return;
    if (answer.ok) show(html);
    else close();
  } catch {
    if (!signal.aborted) close(); // Enter still searches
  }
}

function select(option) {
  selected()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

// One step further than the last option is the field itself.
function move(by) {
  if (popup.hidden) return suggest();
  const places = [...options(), null];
  select(places.at((places.indexOf(selected()) + by) % places.length));
}

field.addEventListener("input", ({ isComposing }) => {
  forget();
  if (!isComposing) timer = setTimeout(suggest, WAIT);
});
field.addEventListener("compositionend", () => {
  forget();
  timer = setTimeout(suggest, WAIT);
});

const keys = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => selected().click(),
  Escape: () => {
    if (!popup.hidden) close();
    else if (field.value) field.value = "";
    else leave();
  },
  Tab: leave,
};

field.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && !selected()) return forget();
  if (event.key === "Tab" && !form.matches(".called")) return;
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

popup.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
addEventListener("pageshow", close);

// Called by its key from anywhere on the page. The reader goes back to where it was called.

let place;

addEventListener("open-search", () => {
  place = document.activeElement;
  const isInSight = field.checkVisibility() && field.getBoundingClientRect().bottom > 0;
  if (!isInSight && form.matches(".site-search")) form.classList.add("called");
  field.focus({ preventScroll: isInSight || form.matches(".called") });
  field.select();
});

function leave() {
  const back = place;
  field.blur();
  back?.focus({ preventScroll: true });
}

field.addEventListener("blur", () => {
  close();
  form.classList.remove("called");
  place = undefined;
});
