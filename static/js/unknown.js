// The filter of a role that leaves what its learner does not know yet. It hides questions of the page, so a
// role that comes in parts has none: what is to be learnt there is found under /practice/.

const { unknown } = document.getElementById("ratings").dataset;
const questions = () => [...document.querySelectorAll("#questions .question")];
const isKnown = ({ dataset }) => dataset.marked === "3";
const button = document.createElement("button");
const count = document.createElement("span");
button.type = "button";
button.className = "choice unknown";
button.ariaPressed = "false";
count.className = "count";
button.append(unknown, " ", count);

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

function show() {
  const place = document.querySelector("#filters #count");
  const isMarked = questions().some(({ dataset }) => dataset.marked);
  if (!place || document.getElementById("parts") || !(isMarked || button.isConnected)) return;
  count.textContent = questions().filter((question) => !isKnown(question)).length;
  if (!button.isConnected) place.before(button);
}

button.addEventListener("click", () => turn(!isOn()));
addEventListener("marks-shown", () => {
  show();
  if (isOn()) apply();
});
addEventListener("click", ({ target }) => {
  const link = target.closest("#outline-list a[href^='#q-']");
  if (target.closest("[data-clear]") || (link && questionOf(link)?.hidden)) turn(false);
});
