// Imports: files are sent with their progress, and each choice is kept as it is made.
const asJson = { Accept: "application/json" };

// Sending and reading

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// What the page says of a request: to the eye at once, to a screen reader every few seconds.
const SPOKEN_EVERY = 4000; // ms
const reporter = (region) => {
  const [bar, text, spoken] = region.children;
  let last = 0;
  region.hidden = false;
  return {
    show(words, part) {
      if (part === undefined) bar.removeAttribute("value");
      else bar.value = part;
      text.textContent = words;
      if (Date.now() - last < SPOKEN_EVERY) return;
      last = Date.now();
      spoken.textContent = words;
    },
    fail(words) {
      bar.value = 0;
      text.textContent = words;
      spoken.textContent = words;
    },
    texts: region.dataset,
  };
};

const follow = async (report, key, state) => {
  while (!state.done) {
    await sleep(700);
    try {
      const address = report.texts.progress.replace("/key/", `/${key}/`);
      const answer = await fetch(address, { redirect: "error" });
      const { text, done, total } = await answer.json();
      if (!state.done && text) report.show(text, total ? (100 * done) / total : undefined);
    } catch {
      /* The next one may get through. */
    }
  }
};

const send = (form, report, state) =>
  new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", location.href);
    request.setRequestHeader("Accept", asJson.Accept);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = Math.floor((100 * loaded) / total);
      report.show(report.texts.sending.replace("{percent}", Math.floor(percent / 10) * 10), percent);
    });
    request.upload.addEventListener("load", () => {
      report.show(report.texts.reading);
      follow(report, form.elements.key.value, state);
    });
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", fail);
    request.send(new FormData(form));
  });

// The page as it answers what cannot be read; what was pasted is in it.
const replacePage = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) return false;
  document.querySelector("main").replaceWith(main);
  main.querySelectorAll("form[data-reads]").forEach(bind);
  main.querySelector(".messagelist")?.scrollIntoView();
  main.focus();
  return true;
};

const read = async (form, region, button) => {
  const report = reporter(region);
  const files = [...(form.elements.files?.files ?? [])];
  const most = Number(form.dataset.reads);
  if (files.reduce((sum, file) => sum + file.size, 0) > most) {
    report.fail(report.texts.tooLarge.replace("{most}", most / 1e6));
    return;
  }
  const state = { done: false };
  button.disabled = true;
  try {
    const request = await send(form, report, state);
    state.done = true;
    if (request.getResponseHeader("Content-Type")?.startsWith("application/json")) {
      location.assign(JSON.parse(request.responseText).url);
      return;
    }
    if (!replacePage(request.responseText)) report.fail(request.responseText || report.texts.failed);
  } catch {
    report.fail(report.texts.failed);
  } finally {
    state.done = true;
    button.disabled = false;
  }
};

const bind = (form) => {
  const region = form.querySelector(".reading");
  const drop = form.querySelector(".drop");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read(form, region, form.querySelector("button"));
  });
  drop?.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop?.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop?.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) form.elements.files.files = event.dataTransfer.files;
  });
};
document.querySelectorAll("form[data-reads]").forEach(bind);

// Choosing

const choose = document.getElementById("choose");
const summary = document.querySelector("[data-summary]");
const apply = document.querySelector("[data-apply]");
let last = Promise.resolve();
let waiting = 0; // choices that are not kept yet

const keep = async () => {
  try {
    const options = { method: "POST", headers: asJson, redirect: "error", body: new FormData(choose) };
    const answer = await fetch(choose.action, options);
    if (!answer.ok) throw new Error(answer.status);
    const { version, taken, text } = await answer.json();
    choose.elements.version.value = version;
    summary.textContent = text;
    apply.textContent = apply.textContent.trim().replace(/\d+/, taken);
  } catch {
    summary.textContent = choose.dataset.failed;
  } finally {
    waiting -= 1;
  }
};

document.addEventListener("change", ({ target }) => {
  if (!choose || target.form !== choose) return;
  target.closest(".items > li")?.classList.toggle("out", target.value === "out" || target.checked === false);
  waiting += 1;
  last = last.then(keep); // one after the other: each begins with the version that the one before left
});

// A button waits for what was chosen last, and goes with the version that it left.
choose?.addEventListener("submit", async (event) => {
  if (!waiting) return;
  event.preventDefault();
  await last;
  choose.requestSubmit(event.submitter ?? undefined);
});
