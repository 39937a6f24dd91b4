// Narrows the list of roles to those whose names have the words that are typed. Without script the form
// searches the site.

const form = document.getElementById("narrow");
const field = form.querySelector("input");
const status = form.querySelector("[role=status]");
const fold = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\p{M}-]/gu, "")
    .toLowerCase();
const joined = (text) => fold(text).replace(/\s/g, "");

const sections = [...document.querySelectorAll(".chapters .contents")].map((section) => ({
  section,
  entries: [...section.querySelectorAll("li")].map((item) => ({
    item,
    name: joined(item.querySelector(".name").textContent),
  })),
}));

function narrow() {
  const words = fold(field.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { section, entries } of sections) {
    let inSection = 0;
    for (const { item, name } of entries) {
      item.hidden = !words.every((word) => name.includes(word));
      if (!item.hidden) inSection += 1;
    }
    section.hidden = !inSection;
    found += inSection;
  }
  status.textContent = words.length ? told(found) : "";
}

function told(found) {
  const { one, many, none } = status.dataset;
  return found > 1 ? many.replace("%s", found) : found ? one : none;
}

field.addEventListener("input", narrow);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !field.value) return;
  event.preventDefault();
  event.stopPropagation(); // the field stays in use
  field.value = "";
  narrow();
});
// Enter goes to the role where there is but one, and otherwise shows what there is.
form.addEventListener("submit", (event) => {
  const shown = sections.flatMap(({ entries }) => entries.filter(({ item }) => !item.hidden));
  if (!shown.length) return; // the search may know more
  event.preventDefault();
  if (shown.length === 1) shown[0].item.querySelector("a").click();
});
addEventListener("pageshow", narrow); // Back brings what was typed, too
