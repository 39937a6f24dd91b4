// Shows the Markdown of a text area as the site will, with the site's own renderer: beside the field
// while it is typed, or, on a narrow screen, below it when a button is pressed.
"use strict";
{
  const DELAY = 300;
  const fields = new WeakMap(); // by field: its timer, its request, and the text that was shown last

  const parts = (field) => ({
    textarea: field.querySelector("textarea"),
    preview: field.querySelector(".markdown-preview"),
    button: field.querySelector("[data-show-preview]"),
    status: field.querySelector("[role=status]"),
  });

  const prose = (field) => {
    const { preview } = parts(field);
    if (!preview.shadowRoot) {
      preview.attachShadow({ mode: "open" }).append(field.querySelector("template").content.cloneNode(true));
    }
    return preview.shadowRoot.querySelector(".prose");
  };

  const setState = (field, state) => {
    const { preview, status } = parts(field);
    preview.dataset.state = status.dataset.state = state;
    const text = status.dataset[state] ?? "";
    if (status.textContent !== text) status.textContent = text;
  };

  const fetchHtml = async (field, text, signal) => {
    const body = new FormData();
    body.set("text", text);
    body.set("csrfmiddlewaretoken", field.closest("form").elements.csrfmiddlewaretoken.value);
    const response = await fetch(field.dataset.markdownPreview, { method: "POST", body, signal });
    if (!response.ok || response.redirected) throw new Error(response.status);
    return response.text();
  };

  const show = async (field) => {
    const memory = fields.get(field);
    const text = parts(field).textarea.value;
    if (memory.shown === text) return setState(field, text.trim() ? "fresh" : "empty");
    memory.request?.abort();
    const request = (memory.request = new AbortController());
    try {
      const html = text.trim() ? await fetchHtml(field, text, request.signal) : "";
      if (request.signal.aborted) return;
      prose(field).innerHTML = html;
      memory.shown = text;
      setState(field, html ? "fresh" : "empty");
    } catch {
      if (!request.signal.aborted) setState(field, "failed");
    }
  };

  const isShown = (field) => parts(field).preview.checkVisibility();

  const showSoon = (field) => {
    const memory = fields.get(field);
    clearTimeout(memory.timer);
    if (!isShown(field)) return;
    if (memory.shown !== undefined) setState(field, "stale");
    memory.timer = setTimeout(() => show(field), DELAY);
  };

  // A role has many fields: each is rendered when it comes into sight, and when it widens.
  const inSight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && target.checkVisibility()) show(target.closest(".markdown-field"));
    }
  });

  const bind = (root) => {
    for (const field of root.querySelectorAll(".markdown-field")) {
      if (fields.has(field) || field.closest(".empty-form")) continue;
      fields.set(field, {});
      parts(field).button.hidden = false;
      inSight.observe(parts(field).preview);
    }
  };

  document.addEventListener("input", ({ target }) => {
    const field = target.closest?.(".markdown-field");
    if (field) showSoon(field);
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-show-preview]");
    if (!button) return;
    const field = button.closest(".markdown-field");
    const { preview } = parts(field);
    preview.hidden = !preview.hidden;
    button.setAttribute("aria-expanded", String(!preview.hidden));
    if (!preview.hidden) show(field);
  });
  const start = () => bind(document);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("formset:added", ({ target }) => bind(target));
}
