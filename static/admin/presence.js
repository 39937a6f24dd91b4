// Signs of life of an open form, so that colleagues see who has it open; the answers say who else has.
const region = document.getElementById("presence");
const token = document.querySelector("#content-main [name=csrfmiddlewaretoken]").value;
let { seen } = region.dataset;

const send = (values, options) => {
  const body = new FormData();
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, ...values })) {
    body.set(name, value);
  }
  // Logged out meanwhile, the log-in page is no answer.
  return fetch(region.dataset.address, { method: "POST", body, redirect: "error", ...options });
};

const sign = async () => {
  if (document.hidden) return;
  try {
    const response = await send({});
    if (!response.ok) return;
    const answer = await response.json();
    seen = answer.seen;
    if (region.textContent !== answer.note) region.textContent = answer.note;
  } catch {
    /* the next one may get through */
  }
};

setInterval(sign, region.dataset.every * 1000);
document.addEventListener("visibilitychange", sign);
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) sign();
});
// With the moment of this page's last sign: one of a later page, after a reload for example, stays.
addEventListener("pagehide", () => {
  if (seen) send({ leave: "1", seen }, { keepalive: true }).catch(() => {});
});
