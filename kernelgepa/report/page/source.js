// Differences and sources.

const code = (text) => el("code", {}, text === "" ? "\u00a0" : text);

// The part of a line that changed, where its beginning and end did not.
function changed(text, other) {
  const short_ = Math.min(text.length, other.length);
  let first = 0;
  while (first < short_ && text[first] === other[first]) first++;
  let last = 0;
  while (last < short_ - first && text[text.length - 1 - last] === other[other.length - 1 - last]) last++;
  const end = text.length - last;
  if (first + last < text.length * 0.3 || first === end) return code(text);
  return el("code", {}, text.slice(0, first), el("mark", {}, text.slice(first, end)), text.slice(end));
}

function diffRow(kind, old, now, shown) {
  const sign = { equal: " ", del: "-", ins: "+" }[kind];
  return el("tr", { class: kind }, el("td", { class: "no" }, old), el("td", { class: "no" }, now),
    el("td", { class: "sign" }, sign), el("td", { class: "text" }, shown));
}

function diffRows(group, before, after) {
  const rows = [];
  for (const [kind, i1, i2, j1, j2] of group) {
    if (kind === "equal") {
      for (let i = i1; i < i2; i++) rows.push(diffRow("equal", i + 1, j1 + i - i1 + 1, code(after[j1 + i - i1])));
      continue;
    }
    const paired = i2 - i1 === j2 - j1;
    for (let i = i1; i < i2; i++) {
      rows.push(diffRow("del", i + 1, "", paired ? changed(before[i], after[j1 + i - i1]) : code(before[i])));
    }
    for (let j = j1; j < j2; j++) {
      rows.push(diffRow("ins", "", j + 1, paired ? changed(after[j], before[i1 + j - j1]) : code(after[j])));
    }
  }
  return rows;
}

function difference(task, c) {
  const parent = task.candidates[c.parents[0]];
  if (!parent) return el("p", { class: "note" }, "The seed has no parent.");
  const made = [];
  for (const [name, groups] of Object.entries(c.diff)) {
    if (!groups.length) continue;
    const old = parent.components[name];
    const before = (old === undefined ? "" : task.texts[old]).split("\n");
    const after = task.texts[c.components[name]].split("\n");
    const body = groups.flatMap((group, i) => {
      const head = `lines ${group[0][3] + 1} to ${group[group.length - 1][4]}`;
      return [el("tr", { class: "hunk" }, el("td", { colspan: 4 }, i ? `… ${head}` : head)), ...diffRows(group, before, after)];
    });
    made.push(el("figure", { class: "code" }, el("figcaption", {}, name, added(groups)),
      el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `difference of ${name}` }, el("table", { class: "diff" }, el("tbody", {}, body)))));
  }
  return made.length ? el("div", {}, made) : el("p", { class: "note" }, "The text is its parent's.");
}

function added(groups) {
  let plus = 0;
  let minus = 0;
  for (const [kind, i1, i2, j1, j2] of groups.flat()) if (kind !== "equal") { plus += j2 - j1; minus += i2 - i1; }
  return el("span", { class: "soft" }, " ", el("span", { class: "plus" }, `+${plus}`), " ", el("span", { class: "minus" }, `−${minus}`), " ", tag("counted"));
}

// Built when it is opened.
function later(title, build, open) {
  const made = el("details", { open: Boolean(open) }, el("summary", {}, title));
  const fill = () => { if (made.open && made.children.length === 1) made.append(build()); };
  made.addEventListener("toggle", fill);
  if (open) fill();
  return made;
}

function source(name, text) {
  const rows = text.split("\n").map((line, i) => el("tr", {}, el("td", { class: "no" }, i + 1), el("td", { class: "text" }, code(line))));
  return el("figure", { class: "code" }, el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `source of ${name}` },
    el("table", { class: "diff" }, el("tbody", {}, rows))));
}
