// The order of a role's questions, steps and tips: buttons, a number, or a drag by the handle move
// a row, and all positions of its list are numbered again, so that one save carries the whole order.
"use strict";
{
  const ROW = "tr.form-row:not(.empty-form), .inline-related:not(.tabular, .empty-form)";
  const EDGE = 72; // px from the window's edge where a drag begins to scroll
  let texts;
  let live;

  const rowsOf = (list) => [...list.querySelectorAll(ROW)];
  const listOf = (row) => row.closest(".inline-group");
  const control = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const isDeleted = (row) => control(row, "DELETE")?.checked ?? false;
  // Django ignores a new row that is empty, unless it has a number.
  const isBlank = (row) =>
    !row.classList.contains("has_original") &&
    [...row.querySelectorAll("input:not([type=hidden]), select, textarea")].every(
      (field) => !field.name || field.name.endsWith("-position") || !field.value,
    );
  const remainingRows = (list) => rowsOf(list).filter((row) => !isDeleted(row));
  const numberOf = (row) => Number(control(row, "position").value || Infinity);

  const labelOf = (row) => {
    const original = row.querySelector(".has_original .inline_label, td.original > p")?.textContent;
    const field = row.querySelector("select, textarea, input[type=text]");
    const shown = row.querySelector("td.field-role")?.textContent;
    const typed = field?.options ? field.selectedOptions[0]?.text : field?.value;
    return (original || typed || shown || texts.newRow).trim().split("\n")[0].slice(0, 100);
  };
  const label = (row) => {
    for (const button of row.querySelectorAll("[data-move]")) {
      button.setAttribute("aria-label", `${button.textContent}: ${labelOf(row)}`);
    }
  };

  const renumber = (list) => {
    let number = 0;
    for (const row of remainingRows(list)) {
      if (isBlank(row)) continue;
      number += 1;
      const position = control(row, "position");
      if (position.value !== String(number)) position.value = number;
    }
    list.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // The errors of a row are in a row of their own before it.
  const withErrors = (row) => {
    const errors = row.previousElementSibling;
    return errors?.matches(".row-form-errors") ? [errors, row] : [row];
  };

  const moveTo = (row, place, other) => {
    const active = document.activeElement;
    if (place === "before") withErrors(other)[0].before(...withErrors(row));
    else other.after(...withErrors(row));
    if (row.contains(active)) active.focus({ preventScroll: true });
    renumber(listOf(row));
    const rows = remainingRows(listOf(row));
    live.textContent = texts.moved.replace("{place}", rows.indexOf(row) + 1).replace("{count}", rows.length);
    row.scrollIntoView({ block: "nearest" });
  };

  const step = (row, by) => {
    const rows = remainingRows(listOf(row));
    const other = rows[rows.indexOf(row) + by];
    if (other) moveTo(row, by < 0 ? "before" : "after", other);
  };

  // Where the typed number puts the row among the others, whose numbers may have gaps.
  const goToNumber = (row) => {
    const others = remainingRows(listOf(row));
    const here = others.indexOf(row);
    const number = numberOf(row);
    const above = others.slice(0, here).find((other) => numberOf(other) >= number);
    const below = others.slice(here + 1).findLast((other) => numberOf(other) <= number);
    if (above) moveTo(row, "before", above);
    else if (below) moveTo(row, "after", below);
    else renumber(listOf(row));
  };

  // After errors, or with words brought back, the numbers are right and the rows are not.
  const sort = (list) => {
    const rows = rowsOf(list);
    const sorted = rows.toSorted((a, b) => numberOf(a) - numberOf(b) || 0);
    if (sorted.every((row, index) => row === rows[index])) return;
    const end = document.createComment("");
    rows.at(-1).after(end);
    end.before(...sorted.flatMap(withErrors));
    end.remove();
  };

  const drag = (handle, { pointerId, clientX, clientY }) => {
    const row = handle.closest(ROW);
    const list = listOf(row);
    const at = { x: clientX, y: clientY };
    let frame;
    let target = null;
    const mark = (other, place) => {
      if (target?.other === other && target?.place === place) return;
      target?.other.removeAttribute("data-drop");
      target = other && other !== row ? { other, place } : null;
      if (target) other.dataset.drop = place;
    };
    const update = () => {
      if (at.y < EDGE) scrollBy(0, (at.y - EDGE) / 3);
      if (at.y > innerHeight - EDGE) scrollBy(0, (at.y - innerHeight + EDGE) / 3);
      const other = document.elementFromPoint(at.x, at.y)?.closest(ROW);
      if (other && listOf(other) === list) {
        const box = other.getBoundingClientRect();
        mark(other, at.y < box.top + box.height / 2 ? "before" : "after");
      }
      frame = requestAnimationFrame(update);
    };
    const follow = (event) => {
      at.x = event.clientX;
      at.y = event.clientY;
    };
    const end = (event) => {
      cancelAnimationFrame(frame);
      finished.abort();
      const chosen = target;
      mark(null);
      row.removeAttribute("data-dragged");
      if (event.type === "pointerup" && chosen) moveTo(row, chosen.place, chosen.other);
    };
    const finished = new AbortController();
    const { signal } = finished;
    handle.setPointerCapture(pointerId);
    row.dataset.dragged = "";
    handle.addEventListener("pointermove", follow, { signal });
    for (const type of ["pointerup", "pointercancel"]) handle.addEventListener(type, end, { signal });
    addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Escape") end(event);
      },
      { signal },
    );
    update();
  };

  const toolsTemplate = () => {
    const template = document.createElement("template");
    template.innerHTML =
      '<span class="order-tools"><button type="button" class="button" data-move="-1"></button>' +
      '<button type="button" class="button" data-move="1"></button>' +
      '<span class="order-handle" aria-hidden="true">⠿</span></span>';
    const [up, down, handle] = template.content.firstChild.children;
    up.textContent = texts.up;
    down.textContent = texts.down;
    handle.title = texts.drag;
    return template;
  };

  const start = () => {
    const form = document.querySelector("#role_form, #category_form");
    if (!form) return; // the list of roles has the same media
    texts = document.getElementById("desk-texts").dataset;
    const lists = new Set([...document.querySelectorAll('[name$="-position"]')].map(listOf));
    const template = toolsTemplate();
    const addTools = (row) => {
      const position = control(row, "position");
      if (!position || row.querySelector(".order-tools")) return;
      position.after(template.content.cloneNode(true));
      label(row);
    };
    live = document.createElement("p");
    live.setAttribute("role", "status");
    live.className = "visually-hidden";
    document.getElementById("content-main").append(live);

    for (const list of lists) {
      sort(list);
      rowsOf(list).forEach(addTools);
      list.addEventListener("click", ({ target }) => {
        if (target.dataset.move) step(target.closest(ROW), Number(target.dataset.move));
      });
      list.addEventListener("pointerdown", (event) => {
        if (!event.target.matches(".order-handle") || event.button !== 0) return;
        event.preventDefault();
        drag(event.target, event);
      });
      list.addEventListener("change", ({ target, isTrusted }) => {
        if (isTrusted && target.name?.endsWith("-position")) goToNumber(target.closest(ROW));
        if (isTrusted && target.name?.endsWith("-DELETE")) renumber(list);
      });
      // The autocompletion reports its changes through jQuery only.
      django.jQuery(list).on("change", ({ target }) => {
        const row = target.closest(ROW);
        if (!row || row.matches(".has_original")) return;
        label(row);
        if (!control(row, "position").value) renumber(list);
      });
    }
    form.addEventListener("words:back", () => lists.forEach(sort));
    document.addEventListener("formset:added", ({ target }) => addTools(target));
  };

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
}
