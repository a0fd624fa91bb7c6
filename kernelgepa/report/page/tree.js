// Lineage. The line that leads to the best runs straight down; what else was tried branches off.

const LANE = 16;
const ROW = 30;
const FOLDED = 5; // this many children without gain are folded into one row

// Rows from top to bottom: {id, lane, through: lanes that pass, elbow, more, down} or {folded, ...}.
function lineage(task, open) {
  const children = new Map();
  for (const [id, c] of Object.entries(task.candidates)) {
    const parent = c.parents.find((p) => p in task.candidates);
    if (parent !== undefined && id !== task.seed) {
      if (!children.has(parent)) children.set(parent, []);
      children.get(parent).push(id);
    }
  }
  const line = new Set(task.line);
  const size = sizes(task, children);
  const rows = [];
  const stack = [{ id: task.seed, lane: 0, through: [], elbow: false, more: false, level: 1 }];
  while (stack.length) {
    const at = stack.pop();
    rows.push(at);
    if (at.folded) continue;
    const own = (children.get(at.id) || []).sort((a, b) => task.candidates[a].step - task.candidates[b].step);
    const heirs = own.filter((id) => task.candidates[id].outcome === "accepted");
    const main = heirs.find((id) => line.has(id)) || heirs.reduce((a, b) => (a && size.get(a) >= size.get(b) ? a : b), null);
    const sides = own.filter((id) => id !== main);
    const idle = sides.filter((id) => !children.has(id) && task.candidates[id].outcome !== "accepted");
    const fold = idle.length >= FOLDED && !open.has(at.id);
    const branches = (fold ? sides.filter((id) => !idle.includes(id)) : sides).map((id) => ({ id }));
    if (fold) branches.push({ id: `${at.id}+`, folded: idle, parent: at.id });
    at.down = own.length > 0;
    const level = at.level + 1;
    if (main) stack.push({ id: main, lane: at.lane, through: at.through, elbow: false, more: false, level });
    branches.reverse().forEach((b, i) => {
      const more = i > 0 || Boolean(main);
      stack.push({ ...b, lane: at.lane + 1, elbow: true, more, level,
        through: more ? [...at.through, at.lane] : at.through, above: at.through });
    });
  }
  return rows;
}

function sizes(task, children) {
  const size = new Map();
  const order = Object.keys(task.candidates).sort((a, b) => task.candidates[b].step - task.candidates[a].step);
  for (const id of order) {
    size.set(id, 1 + (children.get(id) || []).reduce((sum, c) => sum + (size.get(c) || 1), 0));
  }
  return size;
}

function lanes(row, outcome) {
  const gap = row.lane > 10 ? 8 : LANE;
  const at = (lane) => lane * gap + 9;
  const width = at(row.lane) + 9;
  const lines = [];
  const mid = ROW / 2;
  for (const lane of row.elbow ? row.above : row.through) lines.push(`M${at(lane)} 0V${ROW}`);
  if (row.elbow) {
    const from = at(row.lane - 1);
    lines.push(`M${from} 0V${row.more ? ROW : mid - 6}`, `M${from} ${mid - 6}Q${from} ${mid} ${from + 6} ${mid}H${at(row.lane)}`);
  } else if (row.level > 1) {
    lines.push(`M${at(row.lane)} 0V${mid}`);
  }
  if (row.down) lines.push(`M${at(row.lane)} ${mid}V${ROW}`);
  return svg("svg", { class: "lanes", width, height: ROW, "aria-hidden": "true" },
    svg("path", { class: "lane", d: lines.join("") }),
    outcome && svg("g", { transform: `translate(${at(row.lane)} ${mid})` }, svg("circle", { r: 7, class: "halo" }), mark(outcome, 4.5)));
}

function tree(task, pick) {
  const open = new Set();
  const host = el("ul", { class: "tree", role: "tree", "aria-label": "lineage of the candidates" });
  const draw = (focus) => {
    const rows = lineage(task, open);
    const items = rows.map((row) => (row.folded ? foldedRow(task, row, () => { open.add(row.parent); draw(row.folded[0]); }) : treeRow(task, row, pick)));
    host.replaceChildren(...items);
    const current = items.find((i) => i.getAttribute("aria-selected") === "true");
    roving(items, items.find((i) => i.dataset.id === focus) || current || items[0], { back: "ArrowUp", on: "ArrowDown" });
    if (focus) (items.find((i) => i.dataset.id === focus) || items[0]).focus();
  };
  draw(null);
  host.choose = (id) => {
    const c = task.candidates[id];
    const parent = c && c.parents[0];
    if (c && ![...host.children].some((i) => i.dataset.id === id) && parent) { open.add(parent); draw(null); }
    for (const item of host.children) item.setAttribute("aria-selected", String(item.dataset.id === id));
    bring(host, [...host.children].find((item) => item.dataset.id === id));
  };
  return host;
}

// Scrolls a list, and nothing else, so that an item of it can be seen.
function bring(list, item) {
  if (!item || !list.clientHeight) return;
  const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) list.scrollTop += inner.top - outer.top - outer.height / 2;
}

function pressed(act) {
  return {
    click: act,
    keydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); act(); } },
  };
}

function treeRow(task, row, pick) {
  const c = task.candidates[row.id];
  const others = c.parents.slice(1).filter((p) => p in task.candidates).map((p) => `step ${task.candidates[p].step}`);
  const said = [c.step ? `step ${c.step}` : "seed", words(c.outcome), c.speed && `${times(c.speed)} ${task.tag}`, c.note].filter(Boolean).join(", ");
  return el("li", {
    role: "treeitem", "aria-level": row.level, "aria-selected": "false", "aria-label": said, "data-id": row.id,
    class: `node ${slug(c.outcome)} ${task.line.includes(row.id) ? "line" : ""} ${row.id === task.best ? "chosen" : ""}`,
    title: said, on: pressed(() => pick(row.id)),
  }, lanes(row, c.outcome),
  el("span", { class: "step" }, c.step ? `#${c.step}` : "seed"),
  el("span", { class: "speed" }, c.speed === null ? "–" : times(c.speed)),
  el("span", { class: "why" }, c.note || (c.step ? c.origin : "what the run began with"), others.length ? ` (and ${others.join(", ")})` : "",
    row.id === task.best && el("span", { class: "star" }, " best")));
}

function foldedRow(task, row, unfold) {
  const counts = new Map();
  for (const id of row.folded) {
    const o = task.candidates[id].outcome;
    counts.set(o, (counts.get(o) || 0) + 1);
  }
  const text = [...counts].map(([o, n]) => `${n} ${words(o)}`).join(", ");
  return el("li", { role: "treeitem", "aria-level": row.level, "aria-expanded": "false", class: "node folded", "data-id": row.id,
    title: `show ${row.folded.length} more`, on: pressed(unfold) },
  lanes(row, null), el("span", { class: "why" }, `+ ${row.folded.length} more: ${text}`));
}
