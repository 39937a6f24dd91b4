// The filter of a role that leaves what its learner does not know yet. It hides questions of the page. Of a
// role that comes in parts, a page of practice has them all together, to which a link leads.

const { unknown } = document.getElementById("ratings").dataset;
const questions = () => [...document.querySelectorAll("#questions .question")];
const isKnown = ({ dataset }) => dataset.marked === "3";
const button = document.createElement("button");
const link = document.createElement("a");
const count = document.createElement("span");
button.type = "button";
button.className = "choice unknown";
button.ariaPressed = "false";
link.className = "to-unknown";
count.className = "count";

const isOn = () => button.ariaPressed === "true";

function apply() {
  const shown = questions().filter((question) => {
    question.hidden = isOn() && isKnown(question);
    return !question.hidden;
  });
  for (const part of document.querySelectorAll("#count b, .shown-line b, #sheet-end .button"))
    part.textContent = part.textContent.replace(/\d+/, shown.length);
  for (const link of document.querySelectorAll("#outline-list a[href^='#q-']"))
    link.classList.toggle("absent", !!questionOf(link)?.hidden);
}

const questionOf = ({ hash }) => document.getElementById(decodeURIComponent(hash.slice(1)));

function turn(isNowOn) {
  button.ariaPressed = String(isNowOn);
  apply();
}

let inParts; // that page's address, and how many questions the role has

addEventListener("marks-told", ({ detail }) => (inParts ??= detail.unknown));

function show(marks) {
  const place = document.querySelector("#filters #count");
  const control = inParts ? link : button;
  const ofRole = Object.values(marks);
  if (!place || (document.getElementById("parts") && !inParts)) return;
  if (!control.isConnected && !ofRole.some(Boolean)) return;
  if (inParts) link.href = inParts.address;
  count.textContent = inParts
    ? inParts.total - ofRole.filter((mark) => mark === 3).length
    : questions().filter((question) => !isKnown(question)).length;
  if (control.isConnected) return;
  control.append(unknown, " ", count);
  place.before(control);
}

button.addEventListener("click", () => turn(!isOn()));
addEventListener("marks-shown", ({ detail }) => {
  show(detail);
  if (isOn()) apply();
});
addEventListener("click", ({ target }) => {
  const link = target.closest("#outline-list a[href^='#q-']");
  if (target.closest("[data-clear]") || (link && questionOf(link)?.hidden)) turn(false);
});
