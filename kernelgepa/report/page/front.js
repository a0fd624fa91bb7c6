// The frontier of a task: a table, and every workload with all of the front on one scale.

const totalCost = (c) => {
  const found = c.verdict.workloads.map((w) => w.cost).filter(Boolean);
  if (!found.length) return null;
  const shares = found[0].unit.startsWith("%");  // which have a mean, and no sum
  return found.reduce((sum, cost) => sum + cost.value, 0) / (shares ? found.length : 1);
};

function workloadSpeeds(task, c) {
  const found = new Map();
  for (const w of c.verdict.workloads) {
    const base = task.base[w.workload];
    if (w.cost && typeof base === "number" && w.cost.value > 0) found.set(w.workload, base / w.cost.value);
  }
  return found;
}

function ledText(task, leads) {
  if (leads.length === task.workloads.length) return leads.length > 1 ? "all workloads" : "the workload";
  if (!leads.length) return "none alone: a trade-off";
  return leads.length > 4 ? `${leads.length} of ${task.workloads.length} workloads` : leads.join(", ");
}

function frontier(task, pick) {
  const rows = task.front.map((f) => ({ ...f, c: task.candidates[f.id] })).filter((f) => f.c)
    .sort((a, b) => (b.c.speed || 0) - (a.c.speed || 0));
  const listed = table([
    { title: "candidate", cell: (f) => el("button", { type: "button", class: "link", on: { click: () => pick(f.id) } }, short(f.id)) },
    { title: "step", right: true, cell: (f) => f.c.step },
    { title: task.unit || "cost", tag: task.tag, right: true, cell: (f) => plain(totalCost(f.c)) },
    { title: "speedup", tag: task.tag, right: true, cell: (f) => times(f.c.speed) },
    { title: "best on", cell: (f) => ledText(task, f.leads), wide: true },
    { title: "made by", cell: (f) => f.c.note || f.c.origin, wide: true },
  ], rows.map((f) => ({ ...f, className: f.id === task.best ? "chosen" : "" })), { label: "frontier" });
  const chart = el("div", { class: "plot" });
  fitted(chart, (width) => chart.replaceChildren(dots(task, rows, width, pick)));
  const note = el("p", { class: "note" },
    rows.length > 1
      ? `${rows.length} kernels (counted), none of them better than another on every axis. A filled mark leads on its workload.`
      : "One kernel is best on every workload.");
  return el("div", {}, note, listed, el("h4", {}, "Each workload ", tag(task.tag)), chart);
}

function dots(task, rows, W, pick) {
  const names = task.workloads;
  const longest = Math.max(...names.map((n) => n.length));
  const beside = W > 520;
  const left = beside ? Math.min(220, 16 + longest * 7.4) : 12;
  const step = beside ? 32 : 46;
  const top = 26;
  const H = top + names.length * step + 8;
  const all = rows.map((f) => workloadSpeeds(task, f.c));
  const scale = speedScale(all.flatMap((m) => [...m.values()]), left + 8, W - 70);
  const root = svg("svg", { width: W, height: H, viewBox: `0 0 ${W} ${H}`, role: "group", "aria-label": "speedup of the front by workload" });
  for (const v of scale.ticks) {
    root.append(svg("line", { class: v === 1 ? "grid one" : "grid", x1: scale.at(v), x2: scale.at(v), y1: top - 6, y2: H }),
      svg("text", { class: "tick", x: scale.at(v), y: 14, "text-anchor": "middle" }, tickText(v)));
  }
  names.forEach((name, i) => {
    const y = top + i * step + step * (beside ? 0.5 : 0.68);
    const room = Math.floor((beside ? left : W) / 7.2);
    const text = name.length > room ? `${name.slice(0, room - 1)}…` : name;
    root.append(svg("text", beside ? { class: "row", x: left - 8, y: y + 4, "text-anchor": "end" } : { class: "row", x: 4, y: y - 14 }, text));
    const found = rows.map((f, k) => ({ f, v: all[k].get(name) })).filter((d) => d.v !== undefined);
    if (!found.length) return;
    const values = found.map((d) => d.v);
    const most = Math.max(...values);
    root.append(svg("line", { class: "range", x1: scale.at(Math.min(...values, 1)), x2: scale.at(most), y1: y, y2: y }));
    for (const d of found.sort((a, b) => a.v - b.v)) {
      const leads = d.f.leads.includes(name);
      const lines = [`${name}: ${times(d.v)} (${task.tag})`, `candidate ${short(d.f.id)}, step ${d.f.c.step}`, d.f.c.note];
      root.append(svg("g", {
        class: `point dot ${leads ? "leads" : ""} ${d.f.id === task.best ? "chosen" : ""}`, transform: `translate(${scale.at(d.v)} ${y})`,
        on: { mouseenter: (e) => tip.show(e.currentTarget, lines), mouseleave: tip.hide, click: () => pick(d.f.id) },
      }, svg("circle", { r: 9, class: "hit" }), svg("circle", { r: leads ? 6 : 4.5, class: "disc" })));
    }
    root.append(svg("text", { class: "value", x: scale.at(most) + 12, y: y + 4 }, times(most)));
  });
  return root;
}
