// Best so far over the steps, with every step as a mark.

const TICKS = [1, 2, 5];
const LANE_HEIGHT = 15; // below the plot, a lane for each outcome that has no number

function logTicks(low, high) {
  const found = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
    for (const t of TICKS) {
      const value = t * 10 ** e;
      if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
    }
  }
  return found.length > 7 ? found.filter((v) => Math.abs(Math.log10(v) % 1) < 1e-9) : found;
}

function evenTicks(low, high, most) {
  const rough = (high - low) / most || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((t) => t * unit).find((t) => t >= rough);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-6; v += step) found.push(Number(v.toPrecision(12)));
  return found;
}

// The scale of speedups: logarithmic where they differ much.
function speedScale(values, from, to) {
  const known = values.filter((v) => typeof v === "number" && v > 0);
  let low = Math.min(...known, 1);
  let high = Math.max(...known, 1);
  if (high / low < 1.05) [low, high] = [low * 0.9, high * 1.1];
  const log = high / low >= 4;
  if (log) [low, high] = [low / 1.15, high * 1.25];
  else [low, high] = [Math.max(0, low - (high - low) * 0.1), high + (high - low) * 0.12];
  const share = log
    ? (v) => Math.log(v / low) / Math.log(high / low)
    : (v) => (v - low) / (high - low);
  return {
    log,
    at: (v) => from + share(v) * (to - from),
    ticks: log ? logTicks(low, high) : evenTicks(low, high, 5),
  };
}

const tickText = (v) => `${v >= 1000 ? whole.format(v) : Number(v.toPrecision(3))}×`;

// `points`: {step, outcome, y, best, better, name, lines, label}; y is null where there is no number.
function stepChart(host, points, options) {
  const box = el("div", { class: "plot" });
  host.append(box);
  fitted(box, (width) => box.replaceChildren(drawSteps(points, options, width)));
}

function drawSteps(points, options, W) {
  const narrow = W < 560;
  const nameless = Object.keys(page.outcomes).filter((o) => points.some((p) => p.outcome === o && typeof p.y !== "number"));
  const H = (narrow ? 200 : 270) + 100 + nameless.length * LANE_HEIGHT;
  const edge = { left: 52, right: 18, top: 54, bottom: 46 + nameless.length * LANE_HEIGHT };
  const last = Math.max(1, points[points.length - 1].step);
  const x = (step) => edge.left + (step / last) * (W - edge.left - edge.right);
  const base = H - edge.bottom;
  const scale = speedScale(points.flatMap((p) => [p.y, p.best]), base, edge.top);
  const strip = (outcome) => base + 16 + nameless.indexOf(outcome) * LANE_HEIGHT;
  const root = svg("svg", { width: W, height: H, viewBox: `0 0 ${W} ${H}`, role: "group", "aria-label": options.label });
  root.append(...axes(scale, x, last, { W, H, edge, base, strip, nameless, tag: options.tag, narrow }));
  root.append(...bestLine(points, x, scale, base));
  root.append(...notes(points, x, scale, { W, edge, top: edge.top }));
  const many = points.length > 150;
  const marks = points.map((p) => {
    const place = [x(p.step), typeof p.y === "number" ? scale.at(p.y) : strip(p.outcome)];
    const r = p.better || p.outcome === "seed" ? 5.5 : many ? 3 : 4.5;
    const group = svg("g", {
      class: `point ${p.better ? "better" : ""}`, transform: `translate(${place[0]} ${place[1]})`,
      role: "button", "aria-label": p.lines.filter(Boolean).join(", "), "data-step": p.step,
      on: {
        mouseenter: (e) => tip.show(e.currentTarget, p.lines),
        mouseleave: tip.hide, blur: tip.hide,
        focus: (e) => tip.show(e.currentTarget, p.lines),
        click: () => options.pick(p),
        keydown: (e) => {
          if (e.key === "Enter" || e.key === " ") { e.preventDefault(); options.pick(p); }
        },
      },
    }, svg("circle", { r: Math.max(r + 3, many ? 4 : 9), class: "hit" }), mark(p.outcome, r));
    return group;
  });
  // What counts is drawn last, so that it lies on top.
  root.append(...marks.filter((_, i) => !points[i].better), ...marks.filter((_, i) => points[i].better));
  roving(marks, marks[points.findLastIndex((p) => p.better)] || marks[0], { back: "ArrowLeft", on: "ArrowRight" });
  return root;
}

function axes(scale, x, last, at) {
  const made = [];
  for (const v of scale.ticks) {
    const y = scale.at(v);
    made.push(svg("line", { class: v === 1 ? "grid one" : "grid", x1: at.edge.left, x2: at.W - at.edge.right, y1: y, y2: y }),
      svg("text", { class: "tick", x: at.edge.left - 8, y: y + 4, "text-anchor": "end" }, tickText(v)));
  }
  for (const outcome of at.nameless) {
    const y = at.strip(outcome);
    made.push(svg("line", { class: "grid dashed", x1: at.edge.left, x2: at.W - at.edge.right, y1: y, y2: y }),
      svg("g", { transform: `translate(${at.edge.left - 16} ${y})` }, mark(outcome, 4)));
  }
  for (const v of evenTicks(0, last, at.narrow ? 5 : 10)) {
    if (!Number.isInteger(v)) continue;
    made.push(svg("text", { class: "tick", x: x(v), y: at.H - 18, "text-anchor": "middle" }, v));
  }
  made.push(svg("text", { class: "axis", x: at.edge.left, y: 12 }, `speedup (${at.tag}${scale.log ? ", log scale" : ""})`),
    svg("text", { class: "axis", x: at.W - at.edge.right, y: at.H - 3, "text-anchor": "end" }, "step"));
  return made;
}

function bestLine(points, x, scale, base) {
  const known = points.filter((p) => typeof p.best === "number");
  if (!known.length) return [];
  let d = `M${x(known[0].step)} ${scale.at(known[0].best)}`;
  for (const p of known.slice(1)) d += `H${x(p.step)}V${scale.at(p.best)}`;
  const area = `${d}V${base}H${x(known[0].step)}Z`;
  return [svg("path", { class: "area", d: area }), svg("path", { class: "best", d })];
}

// The reason of each edit that made the best better, above the level it reached, where there is
// room: nothing else lies there.
function notes(points, x, scale, at) {
  const found = points.filter((p) => p.better && p.name);
  const end = at.W - at.edge.right;
  return found.flatMap((p, i) => {
    const until = i + 1 < found.length ? x(found[i + 1].step) : end;
    const lines = wrapped(p.name, Math.floor((until - x(p.step) - 10) / 6.2));
    const bottom = scale.at(p.y) - 10;
    return lines.map((text, k) => svg("text", { class: "edit", x: x(p.step) + 4, y: bottom - 15 * (lines.length - 1 - k), "aria-hidden": "true" }, text));
  });
}

// At most two lines of `room` letters; none where there is too little room.
function wrapped(text, room) {
  if (room < 9) return [];
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines[lines.length - 1] ? `${lines[lines.length - 1]} ${word}` : word;
    if (longer.length <= room || !lines[lines.length - 1]) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const cut = lines.length > 2 ? [lines[0], `${lines[1]} …`] : lines;
  return cut.map((line) => (line.length > room ? `${line.slice(0, room - 1)}…` : line));
}

function legend(points) {
  const counts = new Map();
  for (const p of points) counts.set(p.outcome, (counts.get(p.outcome) || 0) + 1);
  const shown = Object.keys(page.outcomes).filter((o) => counts.has(o));
  return el("ul", { class: "legend", "aria-label": "what the marks mean" },
    shown.map((o) => el("li", {}, icon(o), words(o), el("span", { class: "soft" }, ` ${counts.get(o)}`))), el("li", {}, tag("counted")));
}
