// What a learner keeps where one reads: bookmarks, notes, ticked steps. The page itself has none of them:
// they come with a learner's marks, and go through the outbox. Without this script, its links lead to pages
// that do the same.

const { content: template, dataset: words } = document.getElementById("note-form");
const { kept: waits } = document.getElementById("ratings").dataset;
const announcement = document.getElementById("announcement");
const emit = (name, detail) => dispatchEvent(new CustomEvent(name, { detail }));
const drafts = new Map(); // by path: what is being written, which the filter must not take away
const here = new Map(); // by path: how things are since an act that is perhaps newer than the answer below
let told = { bookmarked: [], notes: {}, steps: [] };

const all = (selector) => [...document.querySelectorAll(selector)];
const slugOf = (link) => decodeURIComponent(link.pathname.split("/").at(-2));

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// Each control is known by its path: where its act is sent, and of a path's steps, which one.

function pathOf(control) {
  const { step, note } = control.dataset;
  if (step) return `${document.querySelector("[data-path]").pathname}#${step}`;
  return `${control.pathname}${note === undefined ? "bookmark" : "note"}/`;
}

const controlOf = (path) =>
  all("[data-bookmark], [data-note], [data-step]").find((control) => pathOf(control) === path);
const footOf = (control) =>
  control.closest(".answer-foot, .page-foot") ?? control.querySelector(".answer-foot");

const act = (name, control, now, values) =>
  emit("shelf", { act: name, slug: control.pathname && slugOf(control), path: pathOf(control), now, values });

const isBookmarked = (link) => here.get(pathOf(link)) ?? told.bookmarked.includes(slugOf(link));
const noteOf = (link) => here.get(pathOf(link)) ?? told.notes[slugOf(link)] ?? "";
const isDone = (step) => here.get(pathOf(step)) ?? told.steps.includes(step.dataset.step);

// What became of it

function tell({ path }, text, isWrong) {
  const control = controlOf(path);
  if (!control) return;
  const foot = footOf(control);
  foot.parentElement.querySelector(".not-kept")?.remove();
  if (!text) return;
  const line = element("p", `not-kept ${isWrong ? "field-wrong" : "label"}`, text);
  if (isWrong) line.role = "alert";
  foot.after(line);
}

const wordsFor = ({ act: name, now }) =>
  ({ note: words.saved, bookmark: now ? words.bookmarked : words.removed })[name] ?? "";

addEventListener("shelf-set", ({ detail }) => {
  here.set(detail.path, detail.now);
  tell(detail);
  show();
});
addEventListener("shelf-known", ({ detail }) => {
  here.set(detail.path, detail.text ?? detail.now);
  tell(detail);
  show();
  announcement.textContent = wordsFor(detail);
});
addEventListener("shelf-kept", ({ detail }) => {
  here.set(detail.path, detail.now);
  show();
  tell(detail, waits);
  announcement.textContent = waits;
});
addEventListener("shelf-dropped", ({ detail }) => {
  here.delete(detail.path);
  if (detail.act === "note") reopen(detail);
  show();
  tell(detail, detail.error, true);
});

// Bookmarks

function bookmark(link) {
  const now = !isBookmarked(link);
  act("bookmark", link, now, { bookmarked: now ? 1 : 0 });
}

function showBookmark(link) {
  link.dataset.label ??= link.textContent;
  link.textContent = isBookmarked(link) ? words.bookmarked : link.dataset.label;
  link.classList.toggle("is-kept", isBookmarked(link));
}

// Notes

const formOf = (link) => footOf(link).parentElement.querySelector(".note-form");

function open(link) {
  const form = template.cloneNode(true).querySelector("form");
  form.dataset.path = pathOf(link);
  form.dataset.before = noteOf(link);
  form.text.value = drafts.get(form.dataset.path) ?? form.dataset.before;
  footOf(link).after(form);
  return form;
}

function save(form) {
  const { path, before } = form.dataset;
  const link = controlOf(path);
  const text = form.text.value;
  close(form);
  act("note", link, text, { text, before });
}

/** With the words that the server did not take, and beside them those that another device has written. */
function reopen({ path, text, values }) {
  const link = controlOf(path);
  if (!link) return;
  const hadFocus = document.activeElement === link;
  if (text !== undefined) told.notes[slugOf(link)] = text;
  let form = formOf(link);
  if (!form) {
    form = open(link);
    form.text.value = values.text;
  }
  form.dataset.before = text ?? values.before;
  form.dataset.refused = "yes";
  const other = form.querySelector(".own-note");
  other.parentElement.hidden = !text;
  other.textContent = text;
  if (hadFocus) form.text.focus();
}

function close(form) {
  const { path, refused } = form.dataset;
  const link = controlOf(path);
  if (refused) emit("shelf-withdraw", slugOf(link)); // given up, or about to come in other words
  tell({ path });
  drafts.delete(path);
  form.remove();
  link.focus();
}

function showNote(link) {
  const text = noteOf(link);
  const answer = link.closest(".spread") ?? document.querySelector(".single .spread");
  answer.querySelector(".own-note.shown")?.remove();
  if (!text) return;
  const note = element("div", "own-note shown", text);
  note.prepend(element("p", "label", words.own));
  (answer.querySelector(".answer-foot") ?? answer.lastElementChild).before(note);
}

// Steps

function showSteps() {
  const steps = all("[data-step]");
  document.querySelector(".path")?.classList.toggle("walked", steps.some(isDone));
  for (const step of steps) {
    step.classList.toggle("done", isDone(step));
    step.querySelector("input").checked = isDone(step);
  }
}

function tick(box) {
  const step = box.closest("[data-step]");
  act("step", step, box.checked, { [box.checked ? "done" : "before"]: step.dataset.step });
}

function show() {
  all("[data-bookmark]").forEach(showBookmark);
  all("[data-note]").forEach(showNote);
  showSteps();
}

addEventListener("marks-told", ({ detail: { bookmarked, notes, steps } }) => {
  if (!bookmarked) return;
  told = { bookmarked, notes, steps: steps ?? told.steps };
  show();
});
addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-cancel]")) {
    close(target.closest("form"));
    return show();
  }
  const link = target.closest("[data-bookmark], [data-note]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if ("bookmark" in link.dataset) bookmark(link);
  else (formOf(link) ?? open(link)).text.focus();
});
addEventListener("submit", (event) => {
  if (!event.target.matches(".note-form")) return;
  event.preventDefault();
  save(event.target);
});
addEventListener("input", ({ target }) => {
  const form = target.closest(".note-form");
  if (form) drafts.set(form.dataset.path, form.text.value);
});
addEventListener("change", ({ target }) => {
  if (target.closest("[data-step]")) tick(target);
});
document.addEventListener("htmx:after:swap", show);
// Steps that were ticked before these scripts were there
addEventListener("outbox-ready", () => all("[data-step] input:checked").forEach(tick));
