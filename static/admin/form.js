// A form of the desk: Ctrl+S saves and stays, the first error has the focus, similar questions follow the title, and
// the bar says what is not saved yet.
const form = document.querySelector("#content-main form[id$=_form]");
const bar = document.querySelector(".bar");

// What is wrong is seen at once, however long the form is.
const wrong = document.querySelector(
  ".bar .errorlist + label + textarea, [aria-invalid=true]:not([type=hidden])",
);
const opener = wrong?.closest("details");
if (opener) opener.open = true;
wrong?.focus();

addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  form?.requestSubmit(form.querySelector("button[name=_continue]") ?? undefined);
});

// An open menu closes with Escape or a click elsewhere; two are never open together.
const menus = [...document.querySelectorAll(".bar .more, .account")];
const closeAllBut = (kept) => menus.forEach((menu) => menu !== kept && (menu.open = false));
addEventListener("keydown", ({ key, target }) => {
  if (key !== "Escape") return;
  const menu = target.closest?.(".bar .more, .account");
  closeAllBut();
  menu?.querySelector("summary").focus();
});
addEventListener("click", ({ target }) => closeAllBut(target.closest?.(".bar .more, .account")));

// One line, however it is typed; the field shows all of it.
const grow = (field) => {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight + 2}px`;
};
const growing = () => document.querySelectorAll("textarea.grows");
growing().forEach(grow);
document.addEventListener("formset:added", () => growing().forEach(grow));
document.addEventListener("input", ({ target }) => target.matches(".grows") && grow(target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches(".one-line") || event.isComposing) return;
  event.preventDefault(); // and nothing is saved: Ctrl+S does that
});

// Similar questions, while the title is typed.
const similar = document.querySelector("[data-similar]");
if (similar) {
  const title = similar.parentElement.querySelector("textarea");
  let timer;
  let request;
  const show = async () => {
    request?.abort();
    request = new AbortController();
    const query = new URLSearchParams({ text: title.value.trim(), pk: similar.dataset.pk });
    try {
      const answer = await fetch(`${similar.dataset.similar}?${query}`, { signal: request.signal });
      if (answer.ok && !answer.redirected) similar.innerHTML = await answer.text();
    } catch {
      // The next key tries again.
    }
  };
  title.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 350);
  });
}

// What is not saved yet, by the labels of the fields.
const state = bar?.querySelector(".state[role=status]");
if (state && form) {
  const texts = document.getElementById("desk-texts").dataset;
  const labelOf = (field) =>
    field.labels?.[0]?.textContent.trim().replace(/:$/, "") ||
    field.closest(".inline-group")?.querySelector("h2")?.textContent.trim();
  const changed = new Set();
  form.addEventListener("input", ({ target }) => {
    const label = labelOf(target);
    if (label) changed.add(label);
    const names = [...changed].slice(0, 3).join(", ") + (changed.size > 3 ? ", …" : "");
    state.textContent = texts.notSaved.replace("{fields}", names);
  });
}
