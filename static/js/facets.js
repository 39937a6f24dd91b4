// The search page: a choice applies at once, but in a sheet, whose button applies all of them.

const form = document.getElementById("search");
const facets = document.getElementById("facets");

facets?.addEventListener("change", ({ target }) => {
  if (facets.matches(":popover-open")) return;
  try {
    sessionStorage.setItem("facet", target.id);
  } catch {
    /* private mode */
  }
  form.requestSubmit();
});

// Going on from the box that was ticked
try {
  document.getElementById(sessionStorage.getItem("facet"))?.focus();
  sessionStorage.removeItem("facet");
} catch {
  /* private mode */
}

// Back brings the page as it was left, its boxes too; what it shows is what its address says.
addEventListener("pageshow", ({ persisted }) => {
  const [visit] = performance.getEntriesByType("navigation");
  if (persisted || visit?.type === "back_forward") form.reset();
});
