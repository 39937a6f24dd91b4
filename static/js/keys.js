// One-key commands, and the help that lists them.

const help = document.getElementById("keys");
const use = help.querySelector("[data-use-keys]");
const stored = () => {
  try {
    return localStorage.getItem("keys");
  } catch {
    return null;
  }
};

for (const row of help.querySelectorAll("[data-needs]"))
  row.hidden = !document.querySelector(row.dataset.needs);
use.checked = stored() !== "off";
use.addEventListener("change", () => {
  try {
    localStorage.setItem("keys", use.checked ? "on" : "off");
  } catch {
    /* private mode */
  }
});
addEventListener("click", (event) => {
  if (event.target.closest("[data-show-keys]") || event.target === help)
    help[help.open ? "close" : "showModal"]();
});

const commands = {
  "?": () => help.showModal(),
  "/": () => dispatchEvent(new Event("open-search")),
  f: () => {
    const field = document.getElementById("words");
    field?.focus();
    field?.select();
  },
  r: () => {
    if (document.querySelector(".question")) dispatchEvent(new Event("toggle-answers"));
  },
  o: () => dispatchEvent(new Event("next-answer")),
  j: () => step(1),
  k: () => step(-1),
};
for (const key of "1234u") commands[key] = () => dispatchEvent(new CustomEvent("rate", { detail: key }));

function step(by) {
  const neighbour = document.querySelector(`.neighbours [rel=${by > 0 ? "next" : "prev"}]`);
  if (neighbour) neighbour.click();
  else dispatchEvent(new CustomEvent("step", { detail: by }));
}

// What names its own key is pressed by it while it is in sight. Where a control has the focus, Space is its own.
function named({ key, repeat, target }) {
  if (repeat || (key === " " && target.closest("a, button, summary, input"))) return;
  const found = [...document.querySelectorAll("[data-key]")].find(
    (control) => control.dataset.key === key && control.checkVisibility(),
  );
  return found && (() => found.click());
}

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
  if (typing && event.key === "Escape" && !event.defaultPrevented) event.target.blur();
  const command = named(event) ?? (Object.hasOwn(commands, event.key) ? commands[event.key] : undefined);
  if (!command || typing || !use.checked || help.open) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  command();
});
