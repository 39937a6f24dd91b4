// The address of a question in a role of several parts may name no part, or one that it has left. It is
// looked for in the others.

async function findPart() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (!id.startsWith("q-") || document.getElementById(id)) return;
  for (const link of document.querySelectorAll("#parts a:not([aria-current])")) {
    const response = await fetch(link.href);
    if (!response.ok) continue;
    const part = new DOMParser().parseFromString(await response.text(), "text/html");
    if (part.getElementById(id)) return location.replace(link.href + location.hash);
  }
}

findPart().catch(() => {}); // offline: the parts are listed above the questions
addEventListener("hashchange", () => findPart().catch(() => {}));
