// Brings what marks and the shelf need: to learners at once, to others with the first thing that they do.

const { kit } = document.getElementById("marks").dataset;
let isReady = false;
let coming;

async function fetched() {
  const response = await fetch(kit);
  if (!response.ok) throw new Error(response.statusText);
  const parts = document.createRange().createContextualFragment(await response.text());
  const scripts = [...parts.querySelectorAll("script")];
  for (const script of scripts) script.async = false; // each listens to those that come after it
  const last = scripts.at(-1);
  const loaded = new Promise((resolve, reject) => {
    last.onload = resolve;
    last.onerror = reject;
  });
  document.head.append(parts);
  await loaded;
  isReady = true;
}

const bring = () => (coming ??= fetched().catch(() => (coming = undefined)));
if (document.querySelector(".learner, .question.single")) bring();
for (const name of ["pointerover", "keydown", "click"]) addEventListener(name, bring);

// A key or a click that comes before the scripts waits for them; a link without them leads where it says.
addEventListener("rate", async (event) => {
  if (isReady) return;
  event.stopImmediatePropagation();
  await bring();
  if (isReady) dispatchEvent(new CustomEvent("rate", { detail: event.detail }));
});
addEventListener("click", async (event) => {
  const pressed = event.target.closest("[data-bookmark], [data-note], [data-mark], .ratings button");
  if (!pressed || isReady || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await bring();
  if (isReady) pressed.click();
  else if (pressed.href) location.assign(pressed.href);
});
