// Brings what the shelf needs: to learners at once, to others with the first thing that they do.

const { content } = document.getElementById("shelf");
const script = content.querySelector("script");
let isAwaited = true;

const bring = () => document.head.append(content);
if (/(^|; )learner=1/.test(document.cookie)) bring();
for (const name of ["pointerover", "keydown", "click"]) addEventListener(name, bring, { once: true });
for (const name of ["load", "error"]) script.addEventListener(name, () => (isAwaited = false));

// A click that comes before the script waits for it.
addEventListener("click", (event) => {
  const link = event.target.closest("[data-bookmark], [data-note]");
  if (!link || !isAwaited || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  for (const name of ["load", "error"]) script.addEventListener(name, () => link.click(), { once: true });
});
