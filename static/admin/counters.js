// Counts, under a field, the words or characters that it holds beside those that it should hold: in words,
// and for words on a scale whose strong part is what is wanted.
"use strict";
{
  const counted = "[data-words], [data-characters]";
  const WIDTH = 200; // px of the scale
  const SVG = "http://www.w3.org/2000/svg";

  const wanted = (field) => (field.dataset.words ?? field.dataset.characters).split("-").map(Number);
  const along = (field, number) => Math.min(1, number / (wanted(field)[1] * 1.4)) * WIDTH;

  const count = (field) => {
    const text = field.value.trim();
    const words = text.split(/\s+/).filter(Boolean).length;
    const characters = [...text].length;
    const number = "words" in field.dataset ? words : characters;
    const [least, most] = wanted(field);
    const output = document.querySelector(`output[for="${field.id}"]`);
    const values = { number, words, characters: characters.toLocaleString("en") };
    output.textContent = output.dataset.text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
    output.classList.toggle("out-of-range", number > 0 && (number < least || number > most));
    output.parentElement.querySelector(".now")?.setAttribute("d", `M${along(field, number)} 0v12`);
  };

  const scale = (field) => {
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of [
      ["width", WIDTH],
      ["height", 12],
      ["aria-hidden", "true"],
    ]) {
      svg.setAttribute(name, value);
    }
    const [from, to] = wanted(field).map((number) => along(field, number));
    const lines = { scale: `M0 10.5h${WIDTH}`, good: `M${from} 10.5H${to}`, now: "M0 0v12" };
    for (const [name, line] of Object.entries(lines)) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      path.setAttribute("d", line);
      svg.append(path);
    }
    return svg;
  };

  const bind = (root) => {
    for (const field of root.querySelectorAll(counted)) {
      if (field.closest(".empty-form") || document.querySelector(`output[for="${field.id}"]`)) continue;
      const line = document.createElement("p");
      line.className = "count";
      const output = document.createElement("output");
      output.htmlFor = field.id;
      output.className = "counter";
      output.dataset.text = field.dataset.count;
      if ("words" in field.dataset) line.append(scale(field));
      line.append(output);
      const markdown = field.closest(".markdown-field");
      if (markdown) markdown.querySelector(".markdown-tools").before(line);
      else field.closest(".form-row").querySelector(".help").append(line);
      count(field);
    }
  };

  document.addEventListener("input", ({ target }) => target.matches(counted) && count(target));
  document.addEventListener("formset:added", ({ target }) => bind(target));
  const start = () => bind(document);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
}
