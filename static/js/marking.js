// Marking where one reads: a button or a key sets a mark, and it can be undone. In recall, the points of a
// good answer are ticked first, which proposes one.

const template = document.getElementById("ratings");
const words = template.dataset;
const announcement = document.getElementById("announcement");
const emit = (name, detail) => dispatchEvent(new CustomEvent(name, { detail }));
const isRecall = () => document.documentElement.dataset.answers === "hidden";
const slugOf = (question) => question.id.slice(2);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const wordOf = (part, rating) => part.querySelector(`[value="${rating}"] b`).textContent;

function say(text) {
  announcement.textContent = "";
  setTimeout(() => (announcement.textContent = text), 50); // else the same text would not be told again
}

// The buttons of a question: under its points in recall, and else below its answer

function judge(question) {
  const points = isRecall() && question.querySelector(".gloss");
  let part = question.querySelector(".judge");
  if (part && (!points || points.contains(part))) return part;
  part ??= template.content.cloneNode(true).firstElementChild;
  if (points) addChecklist(points, part);
  else question.querySelector(".spread").append(part);
  if (question.dataset.marked && !part.dataset.told) emit("mark-ask", slugOf(question));
  return part;
}

function addChecklist(points, part) {
  const tally = document.createElement("span");
  tally.className = "tally";
  points.querySelector(".note-head").append(`. ${words.tick} `, tally);
  points.append(part);
  showTally(points);
  propose(points, part); // some may have been ticked already
}

const isRevealed = (question) =>
  question.querySelector(".answer")?.open && question.querySelector(".rest")?.open !== false;

function reveal(question) {
  if (question && isRecall() && isRevealed(question)) judge(question);
}

document.addEventListener("toggle", ({ target }) => reveal(target.closest?.(".question")), true);

// What was said

function ticks(points) {
  const boxes = [...(points?.querySelectorAll(".point input") ?? [])];
  return { said: boxes.filter(({ checked }) => checked).length, points: boxes.length };
}

const showTally = (points) => (points.querySelector(".tally").textContent = fill(words.tally, ticks(points)));

function propose(points, part) {
  const { said, points: all } = ticks(points);
  const rating = said && (said > (all * 2) / 3 ? 3 : said > all / 3 ? 2 : 1);
  for (const button of part.querySelectorAll("[value]"))
    button.classList.toggle("suggested", Number(button.value) === rating);
  const proposal = rating && fill(words.proposes, { said, points: all, mark: wordOf(part, rating) });
  part.querySelector(".label").textContent = proposal || part.dataset.told || words.stays;
}

addEventListener("change", ({ target }) => {
  const points = target.matches(".point input") && target.closest(".gloss");
  const part = points && points.querySelector(".judge");
  if (!part) return;
  showTally(points);
  propose(points, part);
});

// A mark and its undo

let last; // what can be undone by a key

function set(question, rating) {
  const { said, points } = ticks(question.querySelector(".gloss"));
  emit("mark", { slug: slugOf(question), rating, ...(said && { said, points }) });
}

function undo({ slug, key }) {
  emit("mark-undo", { slug, key });
  last = undefined;
}

function partOf({ slug, key }) {
  const question = document.getElementById(`q-${slug}`);
  const part = question && judge(question);
  return part && (!key || part.dataset.key === key) ? part : undefined;
}

function show(part, isSet, focused) {
  const line = part.querySelector(".marked");
  const buttons = part.querySelector(".ratings");
  const hadFocus = part.contains(document.activeElement);
  line.hidden = !isSet;
  buttons.hidden = part.querySelector(".label").hidden = isSet;
  // Focus stays on what has taken the place of the button that was pressed.
  if (hadFocus) (isSet ? line.querySelector("button") : (focused ?? buttons.firstElementChild)).focus();
}

function tell(part, text) {
  part.querySelector(".back").textContent = text;
  say(`${part.querySelector(".mark-word").textContent}. ${text}`);
}

addEventListener("mark-set", ({ detail }) => {
  const part = partOf({ slug: detail.slug });
  if (!part) return;
  last = detail;
  part.dataset.key = detail.key;
  const button = part.querySelector(`[value="${detail.rating}"]`);
  const drawn = [...button.querySelectorAll(".mark, b")].map((node) => node.cloneNode(true));
  part.querySelector(".mark-word").replaceChildren(...drawn);
  part.querySelector(".back").textContent = "";
  show(part, true);
});

addEventListener("mark-known", ({ detail }) => {
  const part = partOf(detail);
  if (part && !detail.isUndone && detail.back) tell(part, detail.back);
});

addEventListener("mark-kept", ({ detail }) => {
  const part = partOf(detail);
  if (part) tell(part, words.kept);
});

// Undone, or refused by the server, which says why
function takeBack({ detail }) {
  const part = partOf(detail);
  if (!part) return;
  show(part, false);
  const { error } = detail;
  const label = part.querySelector(".label");
  label.classList.toggle("field-wrong", !!error);
  if (error) label.textContent = error;
  say(error || words.undone);
}
addEventListener("mark-undo", takeBack);
addEventListener("mark-dropped", takeBack);

addEventListener("marks-told", ({ detail: { told, waits, question } }) => {
  const part = told && partOf({ slug: question });
  if (!part) return;
  part.dataset.told = told;
  if (!part.querySelector(".suggested")) part.querySelector(".label").textContent = told;
  for (const button of part.querySelectorAll("[value]"))
    button.querySelector("small").textContent = waits[button.value];
});

// Buttons and keys

addEventListener("click", ({ target }) => {
  const question = target.closest(".question");
  const button = question && target.closest("button");
  if (!button) return;
  if (button.closest(".ratings")) set(question, Number(button.value));
  else if (button.matches("[data-undo]")) undo({ slug: slugOf(question), key: judge(question).dataset.key });
  else if (button.matches("[data-mark]")) focusOn(judge(question));
});

function focusOn(part) {
  [...part.querySelectorAll("button")].find((button) => button.checkVisibility())?.focus();
}

// The question that has the focus, or the one that is being read
addEventListener("rate", ({ detail: key }) => {
  if (key === "u" && last) undo(last);
  const shown = [...document.querySelectorAll(".question:not([hidden])")];
  const isRead = (question) => question.getBoundingClientRect().bottom > innerHeight / 3;
  const question = document.activeElement.closest(".question") || shown.find(isRead);
  if (key < 4 && question && isRevealed(question)) set(question, Number(key));
});

// Answers that were revealed before this script was there
document.querySelectorAll(".question").forEach(reveal);
