"""Which numbers of a problem are sizes of its data, and which are structure that must stay."""

from __future__ import annotations

import ast
import re
import symtable
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kernelgepa.kernelbench import roles
from kernelgepa.kernelbench.fold import Module
from kernelgepa.kernelbench.values import Literal, Many, Named, Tensor, Value, labels

Kind = typing.Literal["batch", "extent", "feature", "structure"]
Use = typing.Literal["get_inputs", "get_init_inputs", "Model"]
SMALLEST = 5  # numbers below are not worth shrinking, and often an axis or three colours
_KEYED = re.compile(r"(?:\.|\[')(\w+)(?:'\])?'*")  # at the end of "Config.width", "CFG['width']"
Axes = list[dict[int, frozenset[str]]]  # per tensor: axis -> what its length follows from


@dataclass(frozen=True)
class Size:
    """A whole number in the text that the problem depends on: at the module's top level, or in
    get_inputs."""

    label: str  # the name, with an index where it is in a tuple: "shape[1]"; or its place
    value: int
    kind: Kind  # "structure" must not change: kernel sizes, strides, groups, heads, ...
    uses: frozenset[Use]
    start: int  # bytes of the UTF-8 text, where it is written
    end: int
    line: int


def sizes(
    made: Module, top: symtable.SymbolTable, given: Value, own: Mapping[str, Literal]
) -> Iterator[Size]:
    """Every number that one of the three depends on: those of the top level, then get_inputs' own.

    `given` is what get_inputs returns, `own` are the numbers written in it.
    """
    globals_ = {t.get_name(): frozenset(_global_names(t)) for t in top.get_children()}
    reads = {name: _reads(made, globals_, name) for name in typing.get_args(Use)}
    axes = _axes(given)
    found = _through_init(made)
    values = {n: v.value for n, v in (*made.literals.items(), *own.items())}
    for label, literal in made.literals.items():
        uses = frozenset(name for name, read in reads.items() if label in read)
        uses = _uses_of_key(made, label, key) if (key := key_of(label)) else uses
        if uses:
            kind = _kind(made, label, literal.value, uses, axes, found.get(label, frozenset()))
            kind = "extent" if kind == "batch" and _tied(label, axes, values) else kind
            yield _size(literal, kind, uses)
    fixed = _fixed(made, own, axes)
    for label, literal in own.items():
        seen = any(label in of for axis in axes for of in axis.values())
        if seen and literal.value >= SMALLEST:
            kind = "structure" if literal.value in fixed else _place(label, axes)
            kind = "extent" if kind == "batch" and _tied(label, axes, values) else kind
            yield _size(literal, kind, frozenset({"get_inputs"}))


def key_of(label: str) -> str:
    """The key or attribute that a label names; empty for one of a name, or of a place."""
    match = re.search(_KEYED.pattern + "$", label)
    return match[1] if match else ""


def _uses_of_key(made: Module, label: str, key: str) -> frozenset[Use]:
    """What mentions a key: a configuration is given as a whole, and read in parts."""
    owner = label.split(".")[0]
    others = [node for name, node in made.classes.items() if name != owner]
    inside = any(_mentions(node, key) for node in others)
    found: set[Use] = {"Model", "get_init_inputs"} if inside else set()
    for name in ("get_inputs", "get_init_inputs"):
        if _mentions(made.functions[name], key):
            found.add(name)
    return frozenset(found)


def _mentions(node: ast.AST, key: str) -> bool:
    return any(
        (isinstance(n, ast.Attribute) and n.attr == key)
        or (isinstance(n, ast.Constant) and n.value == key)
        for n in ast.walk(node)
    )


def _size(literal: Literal, kind: Kind, uses: frozenset[Use]) -> Size:
    return Size(literal.label, literal.value, kind, uses, literal.start, literal.end, literal.line)


def _fixed(made: Module, own: Mapping[str, Literal], axes: Axes) -> frozenset[int]:
    """Numbers that get_inputs cannot change alone: those written elsewhere, too, or used in it for
    anything but shapes."""
    shapes = {label for axis in axes for of in axis.values() for label in of}
    inside = {id(node) for node in ast.walk(made.functions["get_inputs"])}
    elsewhere = {
        node.value
        for node in ast.walk(made.tree)
        if isinstance(node, ast.Constant) and type(node.value) is int and id(node) not in inside
    }
    unshaped = {n.value for label, n in own.items() if label not in shapes}
    return frozenset(elsewhere | unshaped)


def _kind(
    made: Module,
    label: str,
    value: int,
    uses: frozenset[Use],
    axes: Axes,
    given: frozenset[roles.Role],
) -> Kind:
    name = key_of(label) or label.split("[")[0].rstrip("'")
    seen = any(label in of for axis in axes for of in axis.values())
    # Of a volume it is a length; of a model, how many layers.
    volume = seen and uses == {"get_inputs"} and re.search(r"(?:^|_)depth$", name.lower())
    said = "size" if volume else roles.of_name(name)
    if key_of(label):
        given |= roles.of_key(made.classes, name)
    flow = given | (roles.of_global(made.classes, name) if "Model" in uses else frozenset())
    if value < SMALLEST or "structure" in flow or said == "structure":
        return "structure"
    if uses != {"get_inputs"}:
        return "feature" if seen or "size" in flow or said == "size" else "structure"
    if not seen:
        return "extent" if said == "size" else "structure"
    return _place(label, axes)


def _place(label: str, axes: Axes) -> Kind:
    """Whether a number is the length of all first axes and no other."""
    first = [axis for axis in axes if axis]
    if all(len(axis) == 1 for axis in first):
        return "extent"  # nothing but a row of numbers
    only = all(a == 0 or label not in of for axis in first for a, of in axis.items())
    return "batch" if only and all(label in axis[0] for axis in first) else "extent"


def _tied(label: str, axes: Axes, values: Mapping[str, int]) -> bool:
    """Whether a length of first axes may also have to be one of last axes, as their numbers are
    equal: a vector is broadcast along the last axis of what has more of them."""
    last = (axis[len(axis) - 1] for axis in axes if len(axis) > 1)
    alike = any(values[other] == values[label] for of in last for other in of - {label})
    return alike and any(len(axis) == 1 for axis in axes)


def _axes(given: Value) -> Axes:
    """Per tensor that get_inputs returns: axis -> literals its length follows from."""
    if isinstance(given, Tensor):
        return [{axis: d.of for axis, d in enumerate(given.shape)}]
    if isinstance(given, Many | Named):
        inside = given.items if isinstance(given, Many) else given.values
        return [axes for value in inside for axes in _axes(value)]
    return []


def _through_init(made: Module) -> dict[str, frozenset[roles.Role]]:
    """Literal -> roles of the constructor's parameters that it is given to."""
    given = made.result("get_init_inputs")
    names = roles.parameters(made.classes["Model"])
    found: dict[str, frozenset[roles.Role]] = {}
    pairs = zip(names, given.items if isinstance(given, Many) else (), strict=False)
    for parameter, value in given.items if isinstance(given, Named) else pairs:
        if isinstance(value, Named):  # a whole configuration: its keys say what is what
            continue
        role = roles.of_parameter(made.classes, "Model", parameter)
        said = roles.of_name(parameter)
        role = role | {said} if said == "structure" else role
        for label in labels(value):
            found[label] = found.get(label, frozenset()) | role
    return found


def _reads(made: Module, globals_: Mapping[str, frozenset[str]], name: str) -> frozenset[str]:
    """Literals that a function or class of the module reads, itself or through others."""
    todo, seen, found = {name}, set[str](), frozenset[str]()
    while todo:
        one = todo.pop()
        seen.add(one)
        if one in globals_:
            todo |= globals_[one] - seen
        else:
            found |= labels(made.names.get(one))
    return found


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    yield from (s.get_name() for s in table.get_symbols() if s.is_global())
    for inner in table.get_children():
        yield from _global_names(inner)
