// What a learner keeps where one reads: bookmarks, notes, ticked steps. The page itself has none of them:
// they come with a learner's marks. Without this script, its links lead to pages that do the same.

const { content: template, dataset: words } = document.getElementById("note-form");
const marks = new URL(document.getElementById("marks").dataset.address, location);
const announcement = document.getElementById("announcement");
const json = { Accept: "application/json" };
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const drafts = new Map(); // by slug: what is being written, which the filter must not take away
let kept = { bookmarked: [], notes: {}, steps: [] };
let token;

const all = (selector) => [...document.querySelectorAll(selector)];
const slugOf = (link) => decodeURIComponent(link.pathname.split("/").at(-2));
const foot = (link) => link.closest(".answer-foot, .page-foot");

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// Sending

// One act at a time, in all tabs: the first of all makes the learner whose the others are.
const alone = (work) => (navigator.locks ? navigator.locks.request("marks", work) : work());

async function post(address, values, isSecondTime = false) {
  token ??= (await (await fetch(new URL("../token", marks), { headers: json })).json()).token;
  const response = await fetch(address, {
    method: "POST",
    headers: { ...json, "X-CSRFToken": token },
    body: new URLSearchParams({ ...values, time_zone: timeZone }),
    redirect: "error",
  });
  if (response.status !== 403 || isSecondTime) return response;
  token = undefined; // it was of a cookie that has gone
  return post(address, values, true);
}

/** The answer; one that failed has an `error`, which is shown below what was used. */
async function send(address, values, place) {
  place.parentElement.querySelector(".not-kept")?.remove();
  let answer;
  try {
    const response = await alone(() => post(address, values));
    answer = await response.json();
  } catch {
    answer = { error: words.failure };
  }
  if (answer.error) {
    const line = element("p", "field-wrong not-kept", answer.error);
    line.role = "alert";
    place.after(line);
  }
  return answer;
}

// Bookmarks

async function bookmark(link) {
  const slug = slugOf(link);
  const isKept = kept.bookmarked.includes(slug);
  const answer = await send(`${link.pathname}bookmark/`, { bookmarked: isKept ? 0 : 1 }, foot(link));
  if (answer.error) return;
  kept.bookmarked = kept.bookmarked.filter((other) => other !== slug);
  if (answer.bookmarked) kept.bookmarked.push(slug);
  show();
  announcement.textContent = answer.bookmarked ? words.bookmarked : words.removed;
}

function showBookmark(link) {
  link.dataset.label ??= link.textContent;
  const isKept = kept.bookmarked.includes(slugOf(link));
  link.textContent = isKept ? words.bookmarked : link.dataset.label;
  link.classList.toggle("is-kept", isKept);
}

// Notes

function write(link) {
  const slug = slugOf(link);
  const open = foot(link).parentElement.querySelector(".note-form");
  if (open) return open.text.focus();
  const form = template.cloneNode(true).querySelector("form");
  form.action = `${link.pathname}note/`;
  form.dataset.slug = slug;
  form.dataset.before = kept.notes[slug] ?? "";
  form.text.value = drafts.get(slug) ?? form.dataset.before;
  foot(link).after(form);
  form.text.focus();
}

async function save(form) {
  const { slug, before } = form.dataset;
  const answer = await send(form.action, { text: form.text.value, before }, form.querySelector("label"));
  if (answer.error) return answer.text === undefined || showOther(form, answer.text);
  kept.notes[slug] = answer.text;
  close(form);
  show();
  announcement.textContent = words.saved;
}

function showOther(form, text) {
  form.dataset.before = text;
  const other = form.querySelector(".own-note");
  other.hidden = false;
  other.textContent = text;
}

function close(form) {
  const { slug } = form.dataset;
  drafts.delete(slug);
  form.remove();
  all("[data-note]")
    .find((link) => slugOf(link) === slug)
    ?.focus();
}

function showNote(link) {
  const text = kept.notes[slugOf(link)];
  const answer = link.closest(".spread") ?? document.querySelector(".single .spread");
  answer.querySelector(".own-note.shown")?.remove();
  if (!text) return;
  const note = element("div", "own-note shown", text);
  note.prepend(element("p", "label", words.own));
  (answer.querySelector(".answer-foot") ?? answer.lastElementChild).before(note);
}

// Steps

async function tick(box) {
  const { step } = box.closest("[data-step]").dataset;
  const { pathname } = document.querySelector("[data-path]");
  const answer = await send(pathname, { [box.checked ? "done" : "before"]: step }, box.closest("p"));
  if (answer.error) box.checked = !box.checked;
  else kept.steps = answer.steps;
  showSteps();
}

function showSteps() {
  document.querySelector(".path")?.classList.toggle("walked", kept.steps.length > 0);
  for (const step of all("[data-step]")) {
    const isDone = kept.steps.includes(step.dataset.step);
    step.classList.toggle("done", isDone);
    step.querySelector("input").checked = isDone;
  }
}

function show() {
  all("[data-bookmark]").forEach(showBookmark);
  all("[data-note]").forEach(showNote);
  showSteps();
}

addEventListener("marks-told", ({ detail: { bookmarked, notes, steps } }) => {
  if (!bookmarked) return;
  kept = { ...kept, bookmarked, notes, steps: steps ?? kept.steps };
  show();
});
addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-cancel]")) return close(target.closest("form"));
  const link = target.closest("[data-bookmark], [data-note]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if ("bookmark" in link.dataset) bookmark(link);
  else write(link);
});
addEventListener("submit", (event) => {
  if (!event.target.matches(".note-form")) return;
  event.preventDefault();
  save(event.target);
});
addEventListener("input", ({ target }) => {
  const form = target.closest(".note-form");
  if (form) drafts.set(form.dataset.slug, form.text.value);
});
addEventListener("change", ({ target }) => {
  if (target.closest("[data-step]")) tick(target);
});
document.addEventListener("htmx:after:swap", show);
// Steps that were ticked before this script was there
all("[data-step] input:checked").forEach(tick);
