// Building blocks. All text enters the page through textContent or attributes, never as markup.

const byId = (id) => document.getElementById(id);

function put(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    } else if (name === "class") {
      node.setAttribute("class", value);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat(4)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

const el = (name, attributes, ...children) =>
  put(document.createElement(name), attributes, children);

const svg = (name, attributes, ...children) =>
  put(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

const tag = (name) => el("span", { class: `tag ${name}` }, name);

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

// A number as people read it; words such as "nan" come through as they are.
function plain(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) || Math.abs(value) >= 100 ? whole.format(value) : fine.format(value);
}

const times = (value) =>
  typeof value === "number"
    ? `${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: value < 0.01 ? 4 : 2 })}×`
    : "–";

const percent = (share) => `${(100 * share).toFixed(1)}%`;
const short = (id) => id.slice(0, 8);
const slug = (outcome) => outcome.replaceAll(" ", "-");

// A mark for an outcome: the shape says it without the colour. `r` is its radius.
function mark(outcome, r) {
  const shape = {
    seed: () => svg("rect", { x: -r, y: -r, width: 2 * r, height: 2 * r, rx: r / 3 }),
    accepted: () => svg("circle", { r }),
    "no gain": () => svg("circle", { r: r * 0.85, class: "hollow" }),
    compare: () => svg("path", { d: `M${-r} ${-r}L${r} ${r}M${r} ${-r}L${-r} ${r}`, class: "stroke" }),
    run: () => svg("path", { d: `M0 ${-r * 1.1}L${r * 1.1} ${r}H${-r * 1.1}Z` }),
    build: () => svg("rect", { x: -r * 0.8, y: -r * 0.8, width: 1.6 * r, height: 1.6 * r, class: "hollow" }),
    compile: () => svg("path", { d: `M0 ${-r * 1.2}L${r * 1.2} 0L0 ${r * 1.2}L${-r * 1.2} 0Z` }),
    refused: () => svg("path", { d: `M0 ${r * 1.1}L${r * 1.1} ${-r}H${-r * 1.1}Z`, class: "hollow" }),
    seen: () => svg("path", { d: `M${-r} 0H${r}`, class: "stroke" }),
    none: () => svg("path", { d: `M0 ${-r}V${r}`, class: "stroke" }),
  }[outcome];
  return svg("g", { class: `mark ${slug(outcome)}` }, shape());
}

const icon = (outcome) =>
  svg("svg", { class: "icon", width: 14, height: 14, viewBox: "-7 -7 14 14", "aria-hidden": "true" }, mark(outcome, 5));

const words = (outcome) => page.outcomes[outcome] || outcome;

const chip = (outcome) => el("span", { class: `chip ${slug(outcome)}` }, icon(outcome), words(outcome));

// A table. A column is {title, tag, right, wide, cell(row)}; a row may have a className. Where most
// columns have the tag `of`, it is said once, by the caller, and only the others say theirs.
// `below(row)` is a line of text under a row.
function table(columns, rows, attributes) {
  const head = columns.map((c) =>
    el("th", { scope: "col", class: c.right ? "right" : null }, c.title, c.tag && c.tag !== attributes.of && [" ", tag(c.tag)]));
  const body = rows.map((row) => {
    const more = attributes.below ? attributes.below(row) : "";
    const first = el("tr", { class: [row.className, more && "above"].filter(Boolean).join(" ") || null }, columns.map((c) => {
      const cell = c.cell(row);
      const extra = c.title_of ? { title: c.title_of(row) } : {};
      return el("td", { class: [c.right && "right", c.wide && "wide"].filter(Boolean).join(" ") || null, ...extra }, cell);
    }));
    return more ? [first, el("tr", { class: "below" }, el("td", { colspan: columns.length }, more))] : [first];
  });
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": attributes.label },
    el("table", { class: "list" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)));
}

// The tip beside what is pointed at or has the focus.
const tip = {
  show(target, lines) {
    const box = byId("tip");
    box.replaceChildren(...lines.filter(Boolean).map((line, i) => el(i ? "div" : "strong", {}, line)));
    box.hidden = false;
    const at = target.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left + at.width / 2 - box.offsetWidth / 2, innerWidth - box.offsetWidth - 8));
    const above = at.top - box.offsetHeight - 10;
    box.style.left = `${left}px`;
    box.style.top = `${above > 4 ? above : at.bottom + 10}px`;
  },
  hide() {
    byId("tip").hidden = true;
  },
};

// One stop for the tab key; arrows, Home and End move among the items.
function roving(items, first, keys) {
  if (!items.length) return;
  const at = Math.max(0, items.indexOf(first));
  items.forEach((item, i) => item.setAttribute("tabindex", i === at ? "0" : "-1"));
  const go = (from, to) => {
    const next = items[Math.max(0, Math.min(items.length - 1, to))];
    items[from].setAttribute("tabindex", "-1");
    items.forEach((item) => item.setAttribute("tabindex", item === next ? "0" : "-1"));
    next.focus();
  };
  const moves = { [keys.back]: -1, [keys.on]: 1, PageUp: -10, PageDown: 10 };
  items.forEach((item, i) => item.addEventListener("keydown", (event) => {
    if (event.key in moves) go(i, i + moves[event.key]);
    else if (event.key === "Home") go(i, 0);
    else if (event.key === "End") go(i, items.length - 1);
    else return;
    event.preventDefault();
  }));
}

// Draws again when the width of `host` changes.
function fitted(host, draw) {
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (!host.isConnected) return observer.disconnect();
    if (host.clientWidth && host.clientWidth !== width) {
      width = host.clientWidth;
      tip.hide();
      draw(width);
    }
  });
  observer.observe(host);
}

async function unpack(id) {
  const raw = Uint8Array.from(atob(byId(id).textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

let page = { tasks: [], outcomes: {}, course: [], tag: "unverified" };
