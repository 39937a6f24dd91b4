// Shows the Markdown of a text area as the site will, by the site's own renderer.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-show-preview]");
  if (!button) return;
  const field = button.closest("[data-markdown-preview]");
  const preview = field.querySelector(".markdown-preview");
  const body = new FormData();
  body.set("text", field.querySelector("textarea").value);
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  const response = await fetch(field.dataset.markdownPreview, { method: "POST", body }).catch(() => null);
  preview.hidden = false;
  if (response?.ok && !response.redirected) preview.innerHTML = await response.text();
  else preview.textContent = field.dataset.previewFailed;
});

const showButtons = () => {
  for (const button of document.querySelectorAll("[data-show-preview][hidden]")) button.hidden = false;
};
addEventListener("DOMContentLoaded", showButtons);
document.addEventListener("formset:added", showButtons);
