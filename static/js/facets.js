// The search page: a choice applies at once, but in a sheet, whose button applies all of them.

const form = document.getElementById("search");
const facets = document.getElementById("facets");

facets?.addEventListener("change", ({ target }) => {
  if (facets.matches(":popover-open")) return;
  sessionStorage.setItem("facet", target.id);
  form.requestSubmit();
});

// Going on from the box that was ticked
const last = sessionStorage.getItem("facet");
sessionStorage.removeItem("facet");
document.getElementById(last)?.focus({ preventScroll: true });

// Back brings the page as it was left, its boxes too; what it shows is what its address says.
addEventListener("pageshow", () => form.reset());
