// What a learner does where one reads, on its way: marks, and acts of the shelf. Each is kept in the browser
// until the server has it, and counts once, however often it is sent: a mark by its key, an act of the shelf
// because it says how things shall be. A `mark`, a `mark-undo` or a `shelf` comes in. Out goes what became
// of it: `mark-set` and `shelf-set` at once, then one that ends in `-known`, `-kept` or `-dropped`.

const { address, forget } = document.getElementById("marks").dataset;
const PREFIX = "unsent ";
const LATE = 60_000; // ms: earlier than this, the server's own clock is the better one
const LONG = 30_000; // bytes: what outlives its page may not be much longer
const json = { Accept: "application/json" };
const memory = new Map(); // for a browser that keeps nothing
let token;

const emit = (name, detail) => dispatchEvent(new CustomEvent(name, { detail }));
const nameOf = ({ kind, key }) => `${PREFIX}${kind} ${key}`;

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
    localStorage.setItem(nameOf(entry), JSON.stringify(entry));
  } catch {
    memory.set(entry.key, entry);
  }
}

function drop(entry) {
  memory.delete(entry.key);
  try {
    localStorage.removeItem(nameOf(entry));
  } catch {
    /* private mode */
  }
}

function unsent() {
  const entries = [...memory.values()];
  try {
    for (const [name, text] of Object.entries(localStorage))
      if (name.startsWith(PREFIX)) entries.push({ kind: "mark", ...JSON.parse(text) });
  } catch {
    /* private mode */
  }
  return entries.sort((one, other) => one.at - other.at);
}

// One tab at a time: the first act of all makes the learner whose the others are.
const alone = (work) => (navigator.locks ? navigator.locks.request("marks", work) : work());

async function post(path, values, isSecondTime = false) {
  if (!token) {
    const response = await fetch(new URL("../token", new URL(address, location)), { headers: json });
    if (!response.ok) return response;
    ({ token } = await response.json());
  }
  const body = new URLSearchParams(values);
  const response = await fetch(path, {
    method: "POST",
    headers: { ...json, "X-CSRFToken": token },
    body,
    redirect: "error",
    keepalive: String(body).length < LONG,
  });
  if (response.status !== 403 || isSecondTime) return response;
  token = undefined; // it was of a cookie that has gone
  return post(path, values, true);
}

function request({ kind, key, at, slug, voids, path, values, rating, said, points }) {
  if (voids) return post(`${address}undo/`, { key: voids });
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  if (kind === "shelf") return post(path, { ...values, time_zone });
  const ticks = said ? { said, points } : {};
  const moment = Date.now() - at > LATE ? { at: new Date(at).toISOString() } : {};
  return post(address, { question: slug, time_zone, rating, key, ...ticks, ...moment });
}

// Words are not given up while there is a question to show them at: its note stays until the server has it.
const staysAfter = ({ act }, status) => act === "note" && ![404, 410].includes(status);

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
  if (response.ok || !staysAfter(entry, response.status)) drop(entry);
  const { kind, voids, key } = entry;
  const name = `${kind}-${response.ok ? "known" : "dropped"}`;
  const detail = { ...entry, ...answer, key: voids || key, isUndone: !!voids };
  emit(name, detail);
  tabs?.postMessage({ name, detail });
  return true;
}

const tellOfWaiting = () => unsent().forEach((entry) => emit(`${entry.kind}-kept`, entry));

async function deliverAll() {
  for (const entry of unsent()) if (!(await deliver(entry))) return tellOfWaiting();
}

const flush = () => alone(deliverAll);

function take(entry) {
  keep(entry);
  emit(`${entry.kind}-set`, entry);
  flush();
}

const entryOf = (kind, detail) => ({ kind, ...detail, key: newKey(), at: Date.now() });

addEventListener("mark", ({ detail }) => take(entryOf("mark", detail)));
addEventListener("shelf", ({ detail }) => take(entryOf("shelf", detail)));

addEventListener("mark-undo", ({ detail: { slug, key } }) => {
  alone(async () => {
    const waiting = unsent().find((entry) => entry.key === key);
    if (waiting) {
      drop(waiting);
      return emit("mark-dropped", { slug, key, isUndone: true });
    }
    keep(entryOf("mark", { slug, voids: key }));
    await deliverAll();
  });
});

// The words of a note were given up, or are about to come in another version.
addEventListener("shelf-withdraw", ({ detail: slug }) => {
  for (const entry of unsent()) if (entry.act === "note" && entry.slug === slug) drop(entry);
});

addEventListener("online", flush);
if (forget) unsent().forEach(drop);
else if (unsent().length) flush();
emit("outbox-ready");
