// A session: what was ticked proposes a rating, and what was written outlives a request that fails.

const card = document.querySelector(".card");
const { elements } = card;

// The first review brings the learner's time zone along.
elements.time_zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

// A rating is sent once, however often it is pressed.
card.addEventListener("submit", (event) => {
  if (card.dataset.sent) event.preventDefault();
  card.dataset.sent = "yes";
});
addEventListener("pageshow", () => delete card.dataset.sent);

// The focus goes on with what was shown, as the control that showed it is gone.
card.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.open) return;
    if (target.matches(".in-writing")) elements.words.focus();
    else if (target.matches(".answer")) target.querySelector(".compared").focus({ preventScroll: true });
  },
  true,
);

const checklist = card.querySelector(".checklist");
const proposal = card.querySelector(".proposal");

function propose() {
  const number = checklist.querySelectorAll(":checked").length;
  const total = Number(checklist.dataset.points);
  const share = number / total;
  const value = share > 2 / 3 ? 3 : share > 1 / 3 ? 2 : 1;
  let name = "";
  for (const button of card.querySelectorAll(".ratings button")) {
    const isProposed = number > 0 && Number(button.value) === value;
    button.classList.toggle("suggested", isProposed);
    if (isProposed) name = button.dataset.name;
  }
  const text = proposal.dataset.text.replace("%n", number).replace("%m", total).replace("%r", name);
  proposal.textContent = name ? text : "";
}
checklist?.addEventListener("change", propose);
if (checklist?.querySelector(":checked")) propose();

// What is being written, until another card is: for this tab alone.

function draft() {
  try {
    return JSON.parse(sessionStorage.getItem("words")) || {};
  } catch {
    return {};
  }
}

const { words } = elements;
words.addEventListener("input", () => {
  try {
    sessionStorage.setItem("words", JSON.stringify({ card: card.dataset.card, words: words.value }));
  } catch {
    /* private mode */
  }
});
if (!words.value && draft().card === card.dataset.card) {
  words.value = draft().words;
  words.closest("details").open = words.value !== "";
}
