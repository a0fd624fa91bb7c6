"""The text of a vectorised loop: constants, vector loop, what joins its lanes, the last trips."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kernelgepa.playbook.analysis import Work
from kernelgepa.playbook.emit import Constants, Emitter
from kernelgepa.playbook.loops import Counted
from kernelgepa.playbook.syntax import indentation, operand, text, walk

if TYPE_CHECKING:
    from tree_sitter import Node as Tree


@dataclass
class Plan:
    """`emitters`: one a chain; `last`: statements of a vector that overlaps the one before."""

    work: Work
    emitters: list[Emitter]
    constants: Constants
    after: list[str]
    last: list[str] = field(default_factory=list)
    partial: bool = False

    @property
    def step(self) -> int:
        return self.emitters[0].lanes * len(self.emitters)


def written(source: str, plan: Plan, used: set[str]) -> str:
    """C text that replaces the loop."""
    loop, pad = plan.work.loop, indentation(source, plan.work.tree.start_byte)
    inner = pad + "  "
    whole = _whole(plan)
    lines = ["{", *(inner + line for line in plan.constants.lines)]
    lines += _vector_loop(plan, whole, inner)
    if plan.last:
        lines += [inner + "{", *(f"{inner}  {line}" for line in plan.last), inner + "}"]
    lines += [inner + line for line in plan.after]
    covered = plan.partial or bool(plan.last) or (whole is not None and whole == loop.trips)
    lines += [inner + line for line in _rest(plan, whole, covered, used)]
    lines.append(pad + "}")
    return "\n".join(lines)


def _whole(plan: Plan) -> int | None:
    trips = plan.work.loop.trips
    if plan.partial:
        return trips
    return None if trips is None else trips // plan.step * plan.step


def _vector_loop(plan: Plan, whole: int | None, inner: str) -> list[str]:
    body = [line for e in plan.emitters for line in e.body]
    deep = [f"{inner}  {line}" for line in body]
    counter = plan.emitters[0].counter
    if plan.partial:
        return [inner + "{", *deep, inner + "}"]
    if whole == plan.step:
        return [f"{inner}{{", f"{inner}  constexpr int32_t {counter} = 0;", *deep, inner + "}"]
    if whole is None:
        head = f"for (; {counter} + {plan.step} <= trips; {counter} += {plan.step})"
        first = [
            f"{inner}const int32_t trips = {plan.work.loop.trips_text};",
            f"{inner}int32_t {counter} = 0;",
        ]
        return [*first, f"{inner}{head} {{", *deep, inner + "}"]
    head = f"for (int32_t {counter} = 0; {counter} < {whole}; {counter} += {plan.step})"
    return [f"{inner}{head} {{", *deep, inner + "}"]


def _rest(plan: Plan, whole: int | None, covered: bool, used: set[str]) -> list[str]:
    """Moves the variables on, and runs the loop itself over the trips that fill no vector."""
    loop = plan.work.loop
    declared = _declared(loop.tree)
    needed = {n for n in loop.steps if n not in declared and n in used}
    condition = operand(loop.tree, "condition")
    acts = any(n.type in ("update_expression", "assignment_expression") for n in walk(condition))
    if covered and not (acts and needed & _names(condition)):
        return [*_first(loop, needed), *_advances(loop, needed, str(loop.trips))]
    count = plan.emitters[0].counter if whole is None else str(whole)
    lines = []
    first = loop.tree.child_by_field_name("initializer")
    if first is not None:
        lines.append(text(first).rstrip(";") + ";")
    lines += _advances(loop, set(loop.steps), count)
    return [*lines, *_again(loop).split("\n")]


def _first(loop: Counted, needed: set[str]) -> list[str]:
    """The loop's first part, where it sets a variable of the code around."""
    first = loop.tree.child_by_field_name("initializer")
    if first is None or first.type == "declaration" or not needed:
        return []
    return [text(first).rstrip(";") + ";"]


def _advances(loop: Counted, names: set[str], count: str) -> list[str]:
    lines = []
    for name in sorted(names):
        by = loop.steps[name]
        if by:
            moved = count if by == 1 else f"{by} * {count}"
            lines.append(f"{name} += {moved};")
    return lines


def _names(tree: Tree) -> set[str]:
    return {text(n) for n in walk(tree) if n.type == "identifier"}


def _declared(tree: Tree) -> set[str]:
    first = tree.child_by_field_name("initializer")
    if first is None or first.type != "declaration":
        return set()
    names = set()
    for declarator in first.children_by_field_name("declarator"):
        target = declarator.child_by_field_name("declarator") or declarator
        names |= {text(n) for n in walk(target) if n.type == "identifier"}
    return names


def _again(loop: Counted) -> str:
    """The loop without its first part."""
    tree = loop.tree
    if tree.type != "for_statement":
        return text(tree)
    condition, update = operand(tree, "condition"), tree.child_by_field_name("update")
    moves = text(update) if update is not None else ""
    return f"for (; {text(condition)}; {moves})\n{text(loop.body)}"
