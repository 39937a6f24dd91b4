// Marks on their way: each is kept in the browser until the server has it. Its key makes it count once,
// however often it is sent. A `mark` or a `mark-undo` comes in; out go `mark-set`, and what became of it:
// `mark-known`, `mark-kept` or `mark-dropped`.

const { address } = document.getElementById("marks").dataset;
const PREFIX = "unsent mark ";
const LATE = 60_000; // ms: earlier than this, the server's own clock is the better one
const json = { Accept: "application/json", "Content-Type": "application/json" };
const memory = new Map(); // for a browser that keeps nothing
let token;

const emit = (name, detail) => dispatchEvent(new CustomEvent(name, { detail }));

// One tab sends what waits in all of them, and tells the others what became of it.
const tabs = globalThis.BroadcastChannel && new BroadcastChannel("marks");
tabs?.addEventListener("message", ({ data: { name, detail } }) => emit(name, detail));

function newKey() {
  const bytes = () => [...crypto.getRandomValues(new Uint8Array(16))];
  // Only secure contexts have the first.
  return crypto.randomUUID?.() ?? bytes().reduce((hex, byte) => hex + (256 + byte).toString(16).slice(1), "");
}

function keep(entry) {
  try {
    localStorage.setItem(PREFIX + entry.key, JSON.stringify(entry));
  } catch {
    memory.set(entry.key, entry);
  }
}

function drop({ key }) {
  memory.delete(key);
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    /* private mode */
  }
}

function unsent() {
  const entries = [...memory.values()];
  try {
    for (const [name, text] of Object.entries(localStorage))
      if (name.startsWith(PREFIX)) entries.push(JSON.parse(text));
  } catch {
    /* private mode */
  }
  return entries.sort((one, other) => one.at - other.at);
}

// One tab at a time: the first mark of all makes the learner whose the others are.
const alone = (work) => (navigator.locks ? navigator.locks.request("marks", work) : work());

async function post(path, values, isSecondTime = false) {
  if (!token) {
    const response = await fetch(new URL("../token", new URL(address, location)), { headers: json });
    if (!response.ok) return response;
    ({ token } = await response.json());
  }
  const response = await fetch(address + path, {
    method: "POST",
    headers: { ...json, "X-CSRFToken": token },
    body: JSON.stringify(values),
    redirect: "error",
    keepalive: true,
  });
  if (response.status !== 403 || isSecondTime) return response;
  token = undefined; // it was of a cookie that has gone
  return post(path, values, true);
}

function request({ voids, at, slug, ...values }) {
  if (voids) return post("undo/", { key: voids });
  const moment = Date.now() - at > LATE ? { at: new Date(at).toISOString() } : {};
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return post("", { question: slug, time_zone: timeZone, ...values, ...moment });
}

/** Whether the server has decided on it. */
async function deliver(entry) {
  let response, answer;
  try {
    response = await request(entry);
    answer = await response.json();
  } catch {
    if (!response || response.ok) return false; // no network, or one that answers in the site's place
    answer = { error: document.getElementById("ratings")?.dataset.failure };
  }
  if (response.status >= 500 || response.status === 429) return false; // 429: from a proxy, for many at once
  drop(entry);
  const { slug, voids, key } = entry;
  const name = response.ok ? "mark-known" : "mark-dropped";
  const detail = { ...answer, slug, key: voids || key, isUndone: !!voids };
  emit(name, detail);
  tabs?.postMessage({ name, detail });
  return true;
}

async function deliverAll() {
  for (const entry of unsent()) {
    if (await deliver(entry)) continue;
    return unsent().forEach((waiting) => emit("mark-kept", waiting));
  }
}

const flush = () => alone(deliverAll);

addEventListener("mark", ({ detail }) => {
  const entry = { ...detail, key: newKey(), at: Date.now() };
  keep(entry);
  emit("mark-set", entry);
  flush();
});

addEventListener("mark-undo", ({ detail: { slug, key } }) => {
  alone(async () => {
    const waiting = unsent().find((entry) => entry.key === key);
    if (waiting) {
      drop(waiting);
      return emit("mark-dropped", { slug, key, isUndone: true });
    }
    keep({ slug, voids: key, key: newKey(), at: Date.now() });
    await deliverAll();
  });
});

addEventListener("online", flush);
if (unsent().length) flush();
