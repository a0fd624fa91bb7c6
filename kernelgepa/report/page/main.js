// What is shown follows the address: #/TASK or #/TASK/CANDIDATE.

const several = document.body.classList.contains("several");
const loaded = new Map();
let current = { place: null, view: null, key: null };

function address() {
  const [, place, key] = location.hash.split("/");
  const number = Number(place);
  const known = place !== undefined && place !== "" && Number.isInteger(number) && number >= 0 && number < page.tasks.length;
  return { place: known ? number : several ? null : 0, key: key ? decodeURIComponent(key) : "" };
}

async function load(place) {
  if (!loaded.has(place)) loaded.set(place, await unpack(`part-${place}`));
  return loaded.get(place);
}

async function route(event) {
  if (location.hash === "#main") return;
  const { place, key } = address();
  document.body.dataset.view = place === null ? "run" : "task";
  const host = byId("task");
  host.hidden = place === null;
  tip.hide();
  if (place === null) {
    document.title = document.title.replace(/^.*: /, "");
    current = { place: null, view: null, key: null };
    if (event) byId("main").focus({ preventScroll: true });
    return;
  }
  const moved = current.place !== place;
  if (moved) {
    const task = await load(place);
    if (address().place !== place) return;
    const view = taskView(task, several, (id) => { location.hash = `#/${place}/${encodeURIComponent(id)}`; if (current.key === id) reveal(); });
    host.replaceChildren(...(several ? [crumbs(place)] : []), ...view.nodes);
    current = { place, view, key: null };
    if (several && event) { scrollTo(0, 0); byId("task-name").focus({ preventScroll: true }); }
  }
  const wanted = key || current.view.best;
  if (wanted !== current.key && current.view.show(wanted)) current.key = wanted;
  if (key && event) reveal();
}

// The candidate comes into view and gets the focus.
function reveal() {
  const title = byId("chosen");
  title.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  title.closest(".card").scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function crumbs(place) {
  const link = (to, text) => (to >= 0 && to < page.tasks.length ? el("a", { href: `#/${to}` }, text(page.tasks[to])) : null);
  return el("nav", { class: "crumbs", "aria-label": "tasks" }, el("a", { href: "#/" }, "← All tasks"),
    el("span", { class: "grow" }), link(place - 1, (n) => `‹ ${n}`), link(place + 1, (n) => `${n} ›`));
}

function themes() {
  const names = { auto: "auto", light: "light", dark: "dark" };
  const order = Object.keys(names);
  const button = byId("theme");
  let at = "auto";
  try { at = localStorage.getItem("kernelgepa-theme") || "auto"; } catch { /* a page without storage */ }
  const show = () => {
    if (!(at in names)) at = "auto";
    if (at === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = at;
    button.textContent = `Theme: ${names[at]}`;
  };
  button.addEventListener("click", () => {
    at = order[(order.indexOf(at) + 1) % order.length];
    try { localStorage.setItem("kernelgepa-theme", at); } catch { /* a page without storage */ }
    show();
  });
  button.hidden = false;
  show();
}

// The list of tasks: order by any column, search by any word.
function taskTable() {
  const list = byId("tasks");
  if (!list) return;
  const body = list.tBodies[0];
  const rows = [...body.rows];
  const sort = (column, down) => {
    const value = (row) => {
      const raw = row.cells[column].dataset.value;
      return raw !== "" && !Number.isNaN(Number(raw)) ? Number(raw) : raw.toLowerCase();
    };
    const numbers = rows.every((r) => typeof value(r) === "number");
    const key = numbers ? value : (r) => String(value(r));
    rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (down ? -1 : 1));
    body.append(...rows);
    [...list.tHead.rows[0].cells].forEach((c, i) => c.setAttribute("aria-sort", i === column ? (down ? "descending" : "ascending") : "none"));
  };
  [...list.tHead.rows[0].cells].forEach((cell, i) => {
    const button = el("button", { type: "button", class: "sort", on: { click: () => sort(i, cell.getAttribute("aria-sort") !== "descending") } }, ...cell.childNodes);
    cell.replaceChildren(button);
  });
  const search = byId("task-search");
  const count = byId("task-count");
  const filter = () => {
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !wanted.every((w) => row.textContent.toLowerCase().includes(w));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${rows.length}`;
  };
  search.addEventListener("input", filter);
  filter();
  sort(1, true);
}

function runCourse() {
  if (!page.course.length) return;
  byId("run-course").hidden = false;
  const points = page.course.map((p) => ({
    ...p, y: p.better || p.outcome === "seed" ? p.best : null, name: "",
    lines: p.step
      ? [`Step ${p.step}: ${p.task}`, words(p.outcome), p.note, p.better && p.to && `${times(p.from)} → ${times(p.to)}; all tasks ${times(p.best)} (${page.tag})`]
      : ["The seeds"],
  }));
  const host = byId("course");
  host.append(el("p", { class: "note" }, "Geometric mean of the best so far of every task. Marks on the line are edits that made a task's best better."), legend(points));
  stepChart(host, points, {
    tag: page.tag, label: "geometric mean of the best so far by step",
    pick: (p) => { if (p.task !== undefined) location.hash = `#/${page.tasks.indexOf(p.task)}${p.outcome === "none" || p.outcome === "seen" ? `/step-${p.step}` : `/${p.id}`}`; },
  });
}

async function begin() {
  themes();
  if (typeof DecompressionStream === "undefined") {
    byId("problem").textContent = "This browser is too old for charts, lineage and candidates: they need one of 2023 or later.";
    byId("problem").hidden = false;
    return;
  }
  page = await unpack("whole");
  for (const node of document.querySelectorAll(".js")) node.hidden = false;
  taskTable();
  runCourse();
  byId("skip").addEventListener("click", (event) => { event.preventDefault(); byId("main").focus(); });
  addEventListener("hashchange", route);
  addEventListener("scroll", tip.hide, { passive: true });
  addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hide(); });
  await route(null);
  document.body.dataset.ready = "yes";
}

begin().catch((error) => {
  byId("problem").textContent = `A part of this report cannot be shown: ${error.message}`;
  byId("problem").hidden = false;
  throw error;
});
