// Buttons that copy a question's address or a block of code.

const announcement = document.getElementById("announcement");
const template = document.getElementById("copy-code");

async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  const before = button.innerHTML;
  button.textContent = announcement.textContent = announcement.dataset.copied;
  setTimeout(() => {
    button.innerHTML = before;
    announcement.textContent = "";
  }, 2000);
}

addEventListener("click", ({ target }) => {
  const link = target.closest("[data-copy]");
  if (link) {
    const anchor = link.closest(".question")?.querySelector(".number").hash || "";
    copy(location.origin + location.pathname + anchor, link);
  }
  const code = target.closest("[data-copy-code]");
  if (code) copy(code.parentElement.querySelector("code").textContent, code);
});

function offer() {
  for (const block of document.querySelectorAll(".prose > .code")) {
    const frame = document.createElement("div");
    frame.className = "code-block";
    block.replaceWith(frame);
    frame.append(block, template.content.cloneNode(true));
  }
}

if (navigator.clipboard) {
  offer();
  document.addEventListener("htmx:after:swap", offer);
} else {
  // Browsers lend the clipboard to secure pages only.
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = true;
}
