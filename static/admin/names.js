// Fixes the accessible names and roles of the admin's autocompletion: its search field gets the label of
// its list, and the button that clears a list of choices becomes an item of that list.
const setName = (select, field) => {
  const label = select?.labels?.[0]?.textContent.trim().replace(/:$/, "");
  if (field && label) field.setAttribute("aria-label", label);
};
const fixNames = () => {
  for (const field of document.querySelectorAll(".select2-selection .select2-search__field")) {
    setName(field.closest(".select2-container").previousElementSibling, field);
  }
  // A single choice is named by its value only, which may be none.
  for (const selection of document.querySelectorAll(".select2-selection--single")) {
    const select = selection.closest(".select2-container").previousElementSibling;
    const shown = selection.querySelector(".select2-selection__rendered");
    const chosen = select?.selectedOptions?.[0]?.text ?? "";
    setName(select, shown);
    setName(select, selection);
    if (chosen) selection.setAttribute("aria-label", `${selection.getAttribute("aria-label")}: ${chosen}`);
    selection.removeAttribute("aria-labelledby");
  }
  for (const button of document.querySelectorAll("ul > .select2-selection__clear")) {
    button.setAttribute("role", "listitem");
  }
};
const jQuery = window.django?.jQuery;
jQuery?.(fixNames);
jQuery?.(document).on("change", ".admin-autocomplete", fixNames);
jQuery?.(document).on("select2:open", ({ target }) => {
  setName(
    target,
    document.querySelector(".select2-container--open .select2-search--dropdown .select2-search__field"),
  );
});
document.addEventListener("formset:added", fixNames);
