// Buttons that copy a question's address or a block of code.

const announcement = document.getElementById("announcement");
const template = document.getElementById("copy-code");

async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  if (button.dataset.label) return; // it says so already
  button.dataset.label = button.innerHTML;
  button.textContent = announcement.textContent = announcement.dataset.copied;
  setTimeout(() => {
    button.innerHTML = button.dataset.label;
    delete button.dataset.label;
    announcement.textContent = "";
  }, 2000);
}

// Of a session of a shell only the commands are copied.
function codeOf(block) {
  const code = block.querySelector("code");
  const text = code.textContent;
  if (!code.matches(".language-console, .language-shell-session")) return text;
  const commands = text.split("\n").filter((line) => /^[$#] /.test(line));
  return commands.map((line) => line.slice(2)).join("\n");
}

addEventListener("click", ({ target }) => {
  const link = target.closest("[data-copy]");
  if (link) {
    const question = link.closest(".question");
    const part = question?.dataset.part ? `?part=${question.dataset.part}` : "";
    const anchor = question?.querySelector(".number")?.hash || "";
    const list = question?.closest("[data-address]")?.dataset.address;
    copy(location.origin + (list ?? location.pathname) + part + anchor, link);
  }
  const code = target.closest("[data-copy-code]");
  if (code) copy(codeOf(code.parentElement), code);
});

// Browsers lend the clipboard to secure pages only.
function offer() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  if (!navigator.clipboard) return;
  for (const block of document.querySelectorAll(".prose > .code")) {
    const frame = document.createElement("div");
    frame.className = "code-block";
    block.replaceWith(frame);
    frame.append(block, template.content.cloneNode(true));
  }
}

offer();
document.addEventListener("htmx:after:swap", offer);
