// Brings what marks and the shelf need: to learners at once, to others with the first thing that they do.

const { content } = document.getElementById("marks");
const last = content.lastElementChild; // the script that runs after all others
let isAwaited = true;

const bring = () => document.head.append(content);
if (document.querySelector(".learner, .judge")) bring();
for (const name of ["pointerover", "keydown", "click"]) addEventListener(name, bring, { once: true });
for (const name of ["load", "error"]) last.addEventListener(name, () => (isAwaited = false));

// A click that comes before the scripts waits for them.
addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-bookmark], [data-note], [data-mark]");
  if (!pressed || !isAwaited || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  for (const name of ["load", "error"]) last.addEventListener(name, () => pressed.click(), { once: true });
});
