// A task: its steps, its frontier, its lineage, and the candidate that is looked at.

function stepLines(task, s, c) {
  return [
    s.step ? `Step ${s.step}: ${words(s.outcome)}` : "The seed",
    c && c.speed !== null && `${times(c.speed)} (${task.tag})${c.judged < task.workloads.length ? `, on ${c.judged} of ${task.workloads.length} workloads` : ""}`,
    (c && c.note) || s.note || s.failure,
    s.better && "best so far",
  ];
}

function taskPoints(task) {
  return task.steps.map((s) => {
    const c = s.id && s.outcome !== "seen" ? task.candidates[s.id] : null;
    return { ...s, y: c ? c.speed : null, name: s.note, key: c ? s.id : `step-${s.step}`, lines: stepLines(task, s, c) };
  });
}

function edits(points, task, pick) {
  const found = points.filter((p) => p.better);
  if (!found.length) return null;
  const list = el("ol", { class: "edits", "aria-label": "edits that made the best better" }, found.map((p, i) => {
    const before = i ? found[i - 1].best : points[0].best;
    return el("li", {}, el("button", { type: "button", on: { click: () => pick(p.key) } },
      el("span", { class: "step" }, `#${p.step}`), el("span", { class: "speed" }, times(p.best)),
      el("span", { class: "why" }, p.name || p.origin),
      before ? el("span", { class: "soft" }, `${times(p.best / before)} more`) : null));
  }));
  return el("div", {}, el("h4", {}, "Edits that made the best better ", tag(task.tag)), list);
}

// The list of all steps, for search; the lineage has those that made a candidate.
function stepList(task, points, pick) {
  const list = el("ul", { class: "tree steps", "aria-label": "all steps" });
  const search = el("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const kinds = [...new Set(points.map((p) => p.outcome))];
  const kind = el("select", {}, el("option", { value: "" }, "any outcome"), kinds.map((o) => el("option", { value: o }, words(o))));
  const count = el("output");
  let chosen = null;
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const shown = points.filter((p) => (!kind.value || p.outcome === kind.value) &&
      (!wanted || [p.note, p.failure, p.origin, p.id, `#${p.step}`].some((t) => t && t.toLowerCase().includes(wanted))));
    const items = shown.map((p) => el("li", { class: `node ${slug(p.outcome)}`, role: "button", "data-id": p.key, "aria-pressed": String(p.key === chosen), on: pressed(() => pick(p.key)) },
      el("span", { class: "lanes" }, icon(p.outcome)), el("span", { class: "step" }, p.step ? `#${p.step}` : "seed"),
      el("span", { class: "speed" }, times(p.y)), el("span", { class: "why" }, p.note || p.failure || words(p.outcome))));
    list.replaceChildren(...items.map((item) => item));
    roving(items, items.find((i) => i.dataset.id === chosen) || items[0], { back: "ArrowUp", on: "ArrowDown" });
    count.textContent = `${shown.length} of ${points.length}`;
  };
  search.addEventListener("input", draw);
  kind.addEventListener("change", draw);
  draw();
  const host = el("div", {}, el("p", { class: "tools" }, el("label", {}, "Search ", search), el("label", {}, el("span", { class: "unseen" }, "outcome"), kind), count), list);
  host.choose = (key) => {
    chosen = key;
    for (const item of list.children) item.setAttribute("aria-pressed", String(item.dataset.id === key));
    bring(list, [...list.children].find((item) => item.dataset.id === key));
  };
  return host;
}

function lostStep(task, point) {
  return [
    el("header", {}, el("h3", { id: "chosen", tabindex: -1 }, `Step ${point.step}`), el("p", { class: "chips" }, chip(point.outcome))),
    el("dl", { class: "pairs why" }, [
      ["what came of it", point.failure || words(point.outcome)], ["note", point.note || "–"], ["made by", el("code", {}, point.origin)],
      point.outcome === "seen" && ["the same as", `candidate ${short(point.id)}`],
    ].filter(Boolean).map(([k, v]) => el("div", {}, el("dt", {}, k), el("dd", {}, v)))),
    point.answer && later("What the model answered", () => el("pre", { class: "text" }, point.answer), true),
  ];
}

function tabs(entries) {
  const buttons = entries.map(([name], i) => el("button", { type: "button", role: "tab", id: `tab-${i}`, "aria-controls": `panel-${i}` }, name));
  const panels = entries.map(([, body], i) => el("div", { role: "tabpanel", id: `panel-${i}`, "aria-labelledby": `tab-${i}` }, body));
  const show = (k) => {
    buttons.forEach((b, i) => b.setAttribute("aria-selected", String(i === k)));
    panels.forEach((p, i) => { p.hidden = i !== k; });
  };
  buttons.forEach((b, i) => { b.addEventListener("click", () => show(i)); b.addEventListener("focus", () => show(i)); });
  roving(buttons, buttons[0], { back: "ArrowLeft", on: "ArrowRight" });
  show(0);
  return el("div", { class: "tabs" }, el("div", { role: "tablist", class: "tablist" }, buttons), panels);
}

function taskView(task, several, go) {
  const points = taskPoints(task);
  const pick = (key) => go(key);
  const grown = tree(task, pick);
  const listed = stepList(task, points, pick);
  const detail = el("article", { class: "candidate", "aria-label": "candidate" });
  const chart = el("div");
  stepChart(chart, points, { tag: task.tag, label: `speedup by step of ${task.name}`, pick: (p) => pick(p.key) });
  const top = !Object.keys(task.base).length
    ? "No kernel accepted here has a cost, so there are no speedups. "
    : task.first
    ? "The seed is not correct, so speedups are over the first correct kernel. "
    : "Speedups are over the seed, as geometric means over workloads. ";
  const nodes = [
    several && el("h2", { class: "task-name", tabindex: -1, id: "task-name" }, task.name),
    el("section", { class: "card" }, el("h2", {}, "Best so far"), el("p", { class: "note" }, top, "Choose a mark to see its candidate."), legend(points), chart, edits(points, task, pick)),
    el("section", { class: "card" }, el("h2", {}, "Frontier"), frontier(task, pick)),
    el("section", { class: "split", id: "candidates" },
      el("nav", { class: "card side", "aria-label": "candidates" }, el("h2", {}, "Candidates"), tabs([["Lineage", grown], ["All steps", listed]])),
      el("div", { class: "card" }, detail)),
  ].filter(Boolean);
  const show = (key) => {
    const point = points.find((p) => p.key === key);
    const shown = key in task.candidates ? candidateView(task, key, pick) : point ? lostStep(task, point) : null;
    if (!shown) return false;
    detail.replaceChildren(...shown.flat(4).filter(Boolean));
    grown.choose(key);
    listed.choose(key);
    return true;
  };
  return { nodes, show, best: task.best };
}
