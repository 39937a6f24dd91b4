// Mends what the admin's autocompletion makes: a field to type in is called what its list is called,
// and the button that clears a list of choices is, as a child of that list, an item of it.
const name = (select, field) => {
  const label = select?.labels?.[0]?.textContent.trim().replace(/:$/, "");
  if (field && label) field.setAttribute("aria-label", label);
};
const mend = () => {
  for (const field of document.querySelectorAll(".select2-selection .select2-search__field")) {
    name(field.closest(".select2-container").previousElementSibling, field);
  }
  for (const button of document.querySelectorAll("ul > .select2-selection__clear"))
    button.setAttribute("role", "listitem");
};
const jQuery = window.django?.jQuery;
jQuery?.(mend);
jQuery?.(document).on("change", ".admin-autocomplete", mend);
jQuery?.(document).on("select2:open", ({ target }) => {
  name(
    target,
    document.querySelector(
      ".select2-container--open .select2-search--dropdown .select2-search__field",
    ),
  );
});
document.addEventListener("formset:added", mend);
