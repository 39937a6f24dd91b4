// Stores what is typed into a form of the admin in this browser, for each curator and address, until it
// is saved, so that a closed tab or an expired log-in loses nothing.
const PREFIX = "words:";
const MAX_FORMS = 50; // forms stored at once; the oldest is removed first
const DELAY = 400; // ms after the last key

const texts = document.getElementById("desk-texts").dataset;
const form = document.querySelector(
  "#content-main form[id$=_form]:is(:has([name=base]), #question_form, #role_form)," +
    "#content-main form[data-keep-words]",
);
const address = `${PREFIX}${texts.user}:${location.pathname}`;

// Storage may be off or full: then nothing is stored, and the form works as usual.
const attempt = (action) => {
  try {
    return action();
  } catch {
    return null;
  }
};
const readStored = (key) => attempt(() => JSON.parse(localStorage.getItem(key)));
const removeStored = (key) => attempt(() => localStorage.removeItem(key));
const store = (key, words) =>
  attempt(() => {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), words }));
    const keys = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    if (keys.length <= MAX_FORMS) return;
    keys.sort((a, b) => (readStored(a)?.at ?? 0) - (readStored(b)?.at ?? 0));
    keys.slice(0, keys.length - MAX_FORMS).forEach(removeStored);
  });

// A tab remembers which form it sent; the next page shows whether that was saved.
const SENT_KEY = "words-sent";
const forgetWhatWasSaved = () =>
  attempt(() => {
    const sent = sessionStorage.getItem(SENT_KEY);
    if (sent && document.querySelector(".messagelist .success")) removeStored(sent);
    if (sent && !document.querySelector("#login-form")) sessionStorage.removeItem(SENT_KEY);
  });

// A row of an inline is known by its id, since its number changes when others come and go; a new
// row by its place among the new ones.
const ROW = /^(.+)-(\d+)-(.+)$/;
const keyOf = (control) => {
  const [, prefix, number, name] = ROW.exec(control.name) ?? [];
  if (!prefix) return control.name;
  const id = form.elements[`${prefix}-${number}-id`]?.value;
  const first = form.elements[`${prefix}-INITIAL_FORMS`]?.value ?? 0;
  return id ? `${prefix}/${id}/${name}` : `${prefix}/+${number - first}/${name}`;
};
const SKIPPED_TYPES = ["hidden", "password", "file", "submit", "button", "image", "reset"];
const controls = () =>
  [...form.elements].filter(
    (control) => control.name && !SKIPPED_TYPES.includes(control.type) && !control.closest(".empty-form"),
  );

const isTicked = (control) => control.type === "checkbox" || control.type === "radio";
const chosen = (select, which) =>
  [...select.options].filter((option) => option[which]).map(({ value, text }) => [value, text]);
const valueOf = (control) => {
  if (isTicked(control)) return control.checked;
  return control.options ? chosen(control, "selected") : control.value;
};
const initialValue = (control) => {
  if (isTicked(control)) return control.defaultChecked;
  if (!control.options) return control.defaultValue;
  const first = chosen(control, "defaultSelected");
  if (first.length || control.multiple || control.matches(".admin-autocomplete")) return first;
  // What a browser selects in a simple list when the page names none.
  return [...control.options].slice(0, 1).map(({ value, text }) => [value, text]);
};
const isEqual = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const storedKey = (control) =>
  control.type === "radio" ? `${keyOf(control)}=${control.value}` : keyOf(control);

const setValue = (control, value) => {
  if (isEqual(valueOf(control), value)) return;
  if (isTicked(control)) control.checked = value;
  else if (control.options) {
    const values = value.map(([key]) => key);
    // An autocompleted list holds only what was chosen before.
    for (const [key, text] of value) {
      if (![...control.options].some((option) => option.value === key)) control.add(new Option(text, key));
    }
    for (const option of control.options) option.selected = values.includes(option.value);
  } else control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
};

let timer;
let discarded = false;
// A form with errors already shows what was typed, so its initial values are not the saved ones.
const hasErrors = () => document.querySelector(".errornote, .gate, .conflict") !== null;

const storeNow = () => {
  clearTimeout(timer);
  timer = null;
  if (discarded) return;
  const stored = hasErrors() ? (readStored(address)?.words ?? {}) : {};
  const words = {};
  for (const control of controls()) {
    const key = storedKey(control);
    const value = valueOf(control);
    if (key in stored || !isEqual(value, initialValue(control))) words[key] = value;
  }
  if (!Object.keys(words).length) return removeStored(address);
  // The version that the form was opened with: saving later must not hide what others saved since.
  if (form.elements.base) words.base = form.elements.base.value;
  store(address, words);
};
const storeSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(storeNow, DELAY);
};
const storeIfDue = () => {
  if (timer) storeNow();
};

const addRows = (words) => {
  const wanted = {};
  for (const key of Object.keys(words)) {
    const [, prefix, number] = /^(.+)\/\+(\d+)\//.exec(key) ?? [];
    if (prefix) wanted[prefix] = Math.max(wanted[prefix] ?? 0, Number(number) + 1);
  }
  for (const [prefix, count] of Object.entries(wanted)) {
    const total = form.elements[`${prefix}-TOTAL_FORMS`];
    const button = document.querySelector(`#${CSS.escape(prefix)}-group .add-row a`);
    const missing = count + Number(form.elements[`${prefix}-INITIAL_FORMS`]?.value) - Number(total?.value);
    for (let row = 0; button && row < missing; row += 1) button.click();
  }
};

const restore = () => {
  const stored = readStored(address);
  if (!stored || hasErrors()) return;
  addRows(stored.words);
  let changed = false;
  for (const control of controls()) {
    const key = storedKey(control);
    if (!(key in stored.words) || isEqual(stored.words[key], valueOf(control))) continue;
    setValue(control, stored.words[key]);
    changed = true;
  }
  if (!changed) return removeStored(address);
  if (form.elements.base) form.elements.base.value = stored.words.base;
  form.dispatchEvent(new CustomEvent("words:back", { bubbles: true }));
  showNotice(stored);
};

const showNotice = ({ at }) => {
  const notice = document.createElement("div");
  notice.className = "kept-words";
  notice.setAttribute("role", "status");
  form.before(notice);
  const time = new Date(at).toLocaleString(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = texts.discard;
  button.addEventListener("click", () => {
    discarded = true;
    removeStored(address);
    form.reset(); // or a browser that keeps fields over a reload would keep these
    location.reload();
  });
  notice.append(texts.unsaved.replace("{time}", time), " ", button);
};

const bind = () => {
  restore();
  for (const event of ["input", "change", "click"]) form.addEventListener(event, storeSoon);
  // The autocompletion reports its changes through jQuery only.
  window.django?.jQuery?.(form).on("change", storeSoon);
  form.addEventListener("submit", () => {
    storeNow();
    attempt(() => sessionStorage.setItem(SENT_KEY, address));
  });
  addEventListener("pagehide", storeIfDue);
  document.addEventListener("visibilitychange", storeIfDue);
};

forgetWhatWasSaved();
// Once the admin's own scripts have built their rows and widgets.
if (form && !document.body.classList.contains("popup")) {
  if (window.django?.jQuery) django.jQuery(bind);
  else bind();
}
