// Counts, in the help under a field, the words or characters that it holds beside those that it should hold.
"use strict";
{
  const counted = "[data-words], [data-characters]";

  const count = (field) => {
    const text = field.value.trim();
    const isWords = "words" in field.dataset;
    const number = isWords ? text.split(/\s+/).filter(Boolean).length : [...text].length;
    const [least, most] = (isWords ? field.dataset.words : field.dataset.characters)
      .split("-")
      .map(Number);
    const output = document.querySelector(`output[for="${field.id}"]`);
    output.textContent = output.dataset.text.replace("{number}", number);
    output.classList.toggle("out-of-range", number > 0 && (number < least || number > most));
  };

  const bind = () => {
    for (const field of document.querySelectorAll(counted)) {
      const output = document.createElement("output");
      output.htmlFor = field.id;
      output.className = "counter";
      output.dataset.text = field.dataset.count;
      field.closest(".form-row").querySelector(".help").append(output);
      count(field);
    }
  };

  document.addEventListener("input", ({ target }) => target.matches(counted) && count(target));
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", bind);
  else bind();
}
