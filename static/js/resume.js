// Where a learner goes on: from a role, and from home, whose rulers show what is marked.

const ratings = document.getElementById("ratings").content;

function showWays(ways) {
  const place = document.querySelector(".opening, #role-head");
  place.querySelector(".going-on")?.remove();
  const list = document.createElement("ul");
  list.className = "going-on";
  for (const { address, text, note } of ways) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = address;
    link.textContent = text;
    const beside = document.createElement("span");
    beside.textContent = note;
    item.append(link, " ", beside);
    list.append(item);
  }
  const facts = place.querySelector(".facts");
  if (facts) facts.before(list);
  else place.append(list);
}

// Home: the marks hang under the strokes of a role, what is known first.

const THICKNESS = { 3: 6, 2: 3.5, 1: 1.5 }; // px

function drawUnder(ruler, counts) {
  ruler.querySelector(".marks")?.remove();
  const [stroke, gap] = ruler.querySelector("path").getAttribute("stroke-dasharray").split(" ");
  const pitch = Number(stroke) + Number(gap);
  let x = 0;
  let path = "";
  for (const [rating, thickness] of Object.entries(THICKNESS).reverse()) {
    const width = pitch * counts[rating - 1];
    if (width) path += `M${x} 16h${width}v${thickness}h${-width}z`;
    x += width;
  }
  const drawing = document.createElementNS(ruler.namespaceURI, "path");
  drawing.setAttribute("class", "marks");
  drawing.setAttribute("d", path);
  ruler.append(drawing);
  ruler.setAttribute("viewBox", `0 0 ${ruler.viewBox.baseVal.width} 22`);
  ruler.classList.add("learner");
}

function showRoles(roles) {
  for (const entry of document.querySelectorAll(".entry")) {
    const { counts, told } = roles[decodeURIComponent(entry.pathname.split("/").at(-2))] ?? {};
    if (!counts) continue;
    drawUnder(entry.querySelector(".split-mini"), counts);
    const words = entry.querySelector(".count > .hidden-visually");
    words.dataset.words ??= words.textContent;
    words.textContent = words.dataset.words + told;
  }
}

function explain(line) {
  if (line.querySelector(".mark-key")) return;
  const key = document.createElement("span");
  key.className = "mark-key";
  for (const button of ratings.querySelectorAll("[value]")) {
    const mark = document.createElement("span");
    mark.className = "mark-word";
    const [name, drawing] = ["b", ".mark"].map((part) => button.querySelector(part).cloneNode(true));
    mark.append(drawing, name.textContent);
    key.append(mark);
  }
  line.append(key);
}

let told;

function show() {
  if (told?.ways) showWays(told.ways);
  if (!told?.roles) return;
  showRoles(told.roles);
  if (Object.keys(told.roles).length) explain(document.querySelector(".key-line"));
}

addEventListener("marks-told", ({ detail }) => {
  if (!detail.ways) return;
  told = detail;
  show();
});
document.addEventListener("htmx:after:swap", show); // the head of a part comes anew
