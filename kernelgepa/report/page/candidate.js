// Everything known of one candidate.

const STAGES = ["refused before compiling", "does not compile", "cannot be placed", "trapped while running", "wrong values", "correct"];

function candidateView(task, id, pick) {
  const c = task.candidates[id];
  const sections = [
    why(task, c, pick),
    ["Difference from its parent", c.parents.length ? difference(task, c) : el("p", { class: "note" }, "This is what the run began with.")],
    [["Verdict ", tag(task.tag), el("span", { class: "soft small" }, " where a column does not say otherwise")], verdict(task, c)],
  ];
  const [first, ...rest] = sections;
  return [
    heading(task, id, c),
    first,
    rest.map(([title, body]) => el("section", {}, el("h4", {}, title), body)),
    told(task, c),
    c.answer && later("What the model answered", () => el("pre", { class: "text" }, c.answer)),
    Object.entries(c.components).map(([name, place]) =>
      later(`Whole text of ${name}`, () => source(name, task.texts[place]), !c.parents.length)),
  ];
}

function heading(task, id, c) {
  const parent = task.candidates[c.parents[0]];
  const ratio = parent && sharedRatio(parent, c);
  return el("header", {},
    el("h3", { id: "chosen", tabindex: -1 }, c.step ? `Step ${c.step}` : "The seed", " ", el("code", { class: "id" }, id)),
    el("p", { class: "chips" }, chip(c.outcome),
      c.speed !== null && el("span", { class: "fact" }, el("b", {}, times(c.speed)), task.first ? " over the first correct kernel" : " over the seed", tag(task.tag)),
      ratio && el("span", { class: "fact" }, el("b", {}, times(ratio)), " over its parent", tag(task.tag)),
      c.judged < task.workloads.length && el("span", { class: "fact" }, `judged on ${c.judged} of ${task.workloads.length} workloads`, tag("counted")),
      id in task.confirmed && el("span", { class: "fact" }, task.confirmed[id] ? "correct once more on fresh inputs" : "wrong on fresh inputs: withdrawn")));
}

// Geometric mean over the workloads both have.
function sharedRatio(parent, c) {
  const before = new Map(parent.verdict.workloads.filter((w) => w.cost).map((w) => [w.workload, w.cost.value]));
  const logs = c.verdict.workloads.filter((w) => w.cost && w.cost.value > 0 && before.get(w.workload) > 0)
    .map((w) => Math.log(before.get(w.workload) / w.cost.value));
  return logs.length ? Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length) : null;
}

function why(task, c, pick) {
  const link = (id) => (id in task.candidates
    ? el("button", { type: "button", class: "link", on: { click: () => pick(id) } }, task.candidates[id].step ? `step ${task.candidates[id].step}` : "the seed")
    : short(id));
  const kids = Object.entries(task.candidates).filter(([, k]) => k.parents.includes(task_id(task, c))).map(([id]) => id);
  const join = (ids) => ids.map((id, i) => [i ? ", " : "", link(id)]);
  const rows = [
    ["reason", c.note || "–"],
    ["made by", el("code", {}, c.origin)],
    c.parents.length && ["from", join(c.parents)],
    c.kind !== "mutate" && c.kind !== "seed" && ["kind", c.kind],
    kids.length && ["led to", kids.length > 12 ? [join(kids.slice(0, 12)), ` and ${kids.length - 12} more`] : join(kids)],
    c.citations.length && ["manual sections", el("ul", { class: "cites" }, c.citations.map(cite))],
    c.minibatch.length && ["tried first on", c.minibatch.join(", ")],
    c.usage && ["model", usage(c.usage)],
    ["judged in", [`${c.verdict.seconds.toFixed(2)} s `, tag("measured")]],
  ].filter(Boolean);
  return el("dl", { class: "pairs why" }, rows.map(([k, v]) => el("div", {}, el("dt", {}, k), el("dd", {}, v))));
}

// A section of the handbook can be opened.
function cite(s) {
  if (!s.title) return el("li", {}, s.name);
  return el("li", {}, el("details", {}, el("summary", {}, s.title, el("span", { class: "soft" }, ` ${s.name}; ${s.source}`)), el("pre", { class: "text" }, s.text.trim())));
}

const task_id = (task, c) => Object.keys(task.candidates).find((id) => task.candidates[id] === c);

function usage(u) {
  const price = u.usd === null ? "price not known" : `$${u.usd.toFixed(4)}`;
  return [`${u.calls} calls, ${plain(u.tokens_in)} + ${plain(u.tokens_out)} tokens, ${price}${u.cached ? ", kept answer" : ""} `,
    tag(u.estimated || u.usd === null ? "unverified" : "counted")];
}

function verdict(task, c) {
  const found = c.verdict;
  const parent = task.candidates[c.parents[0]];
  const before = new Map(parent ? parent.verdict.workloads.filter((w) => w.cost).map((w) => [w.workload, w.cost.value]) : []);
  const profiled = found.workloads.filter((w) => w.profile);
  const columns = [
    { title: "workload", cell: (w) => w.workload },
    { title: "result", cell: (w) => (w.stage === 5 ? "correct" : `${STAGES[w.stage]}${w.stage === 4 ? `, ${percent(w.share)} match` : ""}`) },
    { title: task.unit || "cost", tag: task.tag, right: true, cell: (w) => (w.cost ? plain(w.cost.value) : "–"), title_of: (w) => (w.cost ? w.cost.tag : "") },
    { title: task.first ? "over the first" : "over the seed", tag: task.tag, right: true, cell: (w) => (w.cost && task.base[w.workload] ? times(task.base[w.workload] / w.cost.value) : "–") },
    parent && { title: "over its parent", tag: task.tag, right: true, cell: (w) => (w.cost && before.has(w.workload) ? times(before.get(w.workload) / w.cost.value) : "–") },
    profiled.length && { title: "vector use", tag: profiled[0].profile.tag, right: true, cell: (w) => (w.profile ? percent(w.profile.utilisation) : "–") },
    profiled.length && { title: "MAC use", tag: profiled[0].profile.tag, right: true, cell: (w) => (w.profile && w.profile.macs ? percent(w.profile.mac_efficiency) : "–") },
    profiled.length && { title: "bytes moved", tag: "counted", right: true, cell: (w) => (w.profile ? plain(w.profile.bytes_loaded + w.profile.bytes_stored) : "–") },
    profiled.length && { title: "ports need", tag: profiled[0].profile.tag, right: true, cell: (w) => (w.profile ? plain(w.profile.port_limit_cycles) : "–") },
  ].filter(Boolean);
  return el("div", {},
    diagnostics(found.diagnostics),
    found.policy !== "strict" && el("p", { class: "note" }, "Judged with NPUEval's own tolerances."),
    labels(found.workloads),
    table(columns, found.workloads, { label: "workloads", of: task.tag }),
    found.workloads.map((w) => trouble(w)),
    profiled.length ? profiles(profiled) : null,
    found.workloads.filter((w) => w.time_profile).map((w) => spent(w.time_profile, w.workload)));
}

// What every figure of a verdict must be read with: shrunk, degenerate, specialised.
function labels(workloads) {
  const said = new Map();
  for (const w of workloads) for (const label of w.labels || []) said.set(label, [...(said.get(label) || []), w.workload]);
  return [...said].map(([label, where]) => el("p", { class: "note" }, where.length === workloads.length ? label : `${where.join(", ")}: ${label}`));
}

// Where a measured kernel's time goes.
function spent(p, name) {
  const why = [p.reason, p.note].filter(Boolean).join("; ");
  const columns = [
    { title: "where", cell: (r) => el("code", {}, r.name) },
    { title: "calls", tag: p.tag, right: true, cell: (r) => (r.calls ? plain(r.calls) : "–") },
    { title: "µs of a call", tag: p.tag, right: true, cell: (r) => plain(1e6 * r.seconds) },
    { title: "share", tag: p.tag, right: true, cell: (r) => percent(r.share) },
  ];
  return el("div", { class: "loops" },
    el("p", { class: "head" }, el("h5", {}, "Where the time goes"), tag(p.tag), el("span", {}, ` of ${name}, by ${p.tool || "no tool"}${why ? `: ${why}` : ""}`)),
    p.rows.length ? table(columns, p.rows, { label: "where the time goes" }) : null);
}

function diagnostics(list) {
  if (!list.length) return null;
  return el("ul", { class: "diagnostics" }, list.map((d) => el("li", { class: d.severity },
    el("b", {}, d.severity), d.line !== null && ` line ${d.line}`, `: ${d.message}`,
    d.source && el("pre", {}, d.source))));
}

function trouble(w) {
  if (!w.diagnostics.length && !w.mismatches.length) return null;
  return el("div", { class: "trouble" }, el("h5", {}, w.workload), diagnostics(w.diagnostics),
    w.mismatches.map((m) => el("div", {},
      el("p", {}, el("code", {}, m.output), `: ${plain(m.matching)} of ${plain(m.total)} elements match, the first wrong one is [${m.first}]${m.pattern ? `; ${m.pattern}` : ""}; greatest error ${plain(m.max_abs_error)} absolute, ${plain(m.max_rel_error)} relative `, tag("counted")),
      m.worst.length ? table([
        { title: "element", cell: (r) => `[${r[0]}]`, right: true },
        { title: "expected", tag: "counted", right: true, cell: (r) => exact(r[1]) },
        { title: "got", tag: "counted", right: true, cell: (r) => exact(r[2]) },
      ], m.worst, { label: "worst elements" }) : null)));
}

// All digits of a whole number, nine of others.
const exact = (v) => (typeof v !== "number" ? String(v) : Number.isSafeInteger(v) ? String(v) : String(Number(v.toPrecision(9))));

function profiles(list) {
  const host = el("div");
  const show = (w) => host.replaceChildren(loops(w.profile, w.workload));
  const widest = list.reduce((a, b) => (b.profile.cycles > a.profile.cycles ? b : a));
  show(widest);
  const choice = el("select", { on: { change: (e) => show(list[Number(e.target.value)]) } },
    list.map((w, i) => el("option", { value: i, selected: w === widest }, w.workload)));
  return el("div", { class: "loops" },
    el("p", { class: "head" }, el("h5", {}, "Loops"), tag(list[0].profile.tag), list.length > 1 ? el("label", {}, "of workload ", choice) : el("span", {}, ` of ${list[0].workload}`)), host);
}

const slot = (l) => Object.entries(l.resource_bound).reduce((a, b) => (b[1] > a[1] ? b : a), ["–", 0]);

function loops(p, name) {
  const calls = Object.entries(p.library_calls);
  const facts = el("p", { class: "note" }, `${plain(p.cycles)} cycles, stack ${plain(p.stack_bytes)} bytes, ${p.spills} spills `, tag(p.tag),
    calls.length ? [`; library calls: ${calls.map(([n, k]) => `${plain(k)} ${n}`).join(", ")} `, tag("counted"), ` taking ${plain(p.library_cycles)} cycles `, tag(p.tag)] : "");
  if (!p.loops.length) return el("div", {}, facts, el("p", { class: "note" }, "No loops."));
  const rows = [...p.loops].sort((a, b) => b.cycles - a.cycles);
  return el("div", {}, facts, table([
    { title: "line", right: true, cell: (l) => (l.line === null ? "?" : l.line) },
    { title: "depth", tag: "static", right: true, cell: (l) => l.depth },
    { title: "trips", tag: "counted", right: true, cell: (l) => plain(l.trips) },
    { title: "cycles", tag: p.tag, right: true, cell: (l) => plain(l.cycles) },
    { title: "share", tag: p.tag, right: true, cell: (l) => (p.cycles ? percent(l.cycles / p.cycles) : "–") },
    { title: "II", tag: p.tag, right: true, cell: (l) => (l.ii === null ? "–" : l.ii) },
    { title: "length", tag: p.tag, right: true, cell: (l) => l.length },
    { title: "busiest slot", tag: p.tag, right: true, cell: (l) => (slot(l)[1] ? `${slot(l)[0]} ${slot(l)[1]}` : "–") },
    { title: "recurrence", tag: p.tag, right: true, cell: (l) => l.recurrence_bound },
  ], rows, { label: `loops of ${name}`, of: p.tag, below: loopNotes }));
}

function loopNotes(l) {
  const bound = l.recurrence_bound > slot(l)[1] && l.recurrence_chain.length;
  return [
    ...Object.entries(l.library_calls).map(([n, k]) => `calls ${k} ${n}`),
    l.subword_stores && `sub-word stores: ${l.subword_stores}`,
    l.spills && `spills: ${l.spills}`,
    !l.hardware_loop && "not a hardware loop",
    l.ii === null && `not pipelined: ${l.reason || "not innermost"}`,
    bound && `chain: ${l.recurrence_chain.join(" → ")}`,
  ].filter(Boolean).join("; ");
}

function told(task, c) {
  if (!c.told.length) return null;
  const titles = ["Feedback its proposer was given", "Feedback on the second parent"];
  return c.told.map((place, i) => later(titles[i] || "Feedback", () => el("pre", { class: "text" }, task.texts[place])));
}
