"""The graph of a module's forward as values, read strictly from what a worker says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Constant: TypeAlias = "bool | int | float | str | None"


@dataclass(frozen=True)
class Ref:
    """Another node's value."""

    name: str


@dataclass(frozen=True)
class Text:
    """Something written as it is: torch.float32, ..."""

    text: str


@dataclass(frozen=True)
class Many:
    """A list, tuple or slice of arguments."""

    kind: Literal["list", "tuple", "slice"]
    items: tuple[Argument, ...]


Argument: TypeAlias = "Ref | Text | Many | Constant"


@dataclass(frozen=True)
class Tensor:
    shape: tuple[int, ...]
    dtype: str
    contiguous: bool


@dataclass(frozen=True)
class Module:
    """A module of torch that is called: class, plain attributes, parameters."""

    kind: str
    training: bool
    numbers: Mapping[str, Any]
    tensors: Mapping[str, Tensor]


@dataclass(frozen=True)
class Node:
    """One operation. `kind` is torch.fx's: placeholder, get_attr, call_function, ..., output."""

    name: str
    kind: str
    target: str
    args: tuple[Argument, ...]
    kwargs: Mapping[str, Argument]
    tensor: Tensor | None = None
    module: Module | None = None


@dataclass(frozen=True)
class Graph:
    nodes: tuple[Node, ...]
    numbers: Mapping[str, Constant] = field(default_factory=dict)  # attributes of the module

    def node(self, name: str) -> Node:
        return next(n for n in self.nodes if n.name == name)


class Unsupported(Exception):
    """Why nothing can be generated: one sentence."""


def refs(argument: Argument) -> tuple[str, ...]:
    """Names of the nodes that an argument uses."""
    match argument:
        case Ref(name):
            return (name,)
        case Many(items=items):
            return tuple(name for item in items for name in refs(item))
    return ()


def attribute(path: str) -> str:
    """A path such as "net.0.weight" as Python: self.net[0].weight."""
    parts = (f"[{part}]" if part.isdigit() else f".{part}" for part in path.split("."))
    return "self" + "".join(parts)


def uses(node: Node) -> tuple[str, ...]:
    """Names of the nodes that a node uses, in order, each once."""
    every = [*node.args, *node.kwargs.values()]
    return tuple(dict.fromkeys(name for a in every for name in refs(a)))


def read(answer: bytes) -> tuple[Graph, ...]:
    """The graphs of an answer of `trace.handle`. Raises Unsupported with the reason in it."""
    try:
        raw = json.loads(answer)
        if "graphs" not in raw:
            raise Unsupported(str(raw["reason"])[:400])
        return tuple(_graph(g) for g in raw["graphs"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unsupported(f"the traced graph cannot be read: {error!r}") from error


def _graph(raw: Mapping[str, Any]) -> Graph:
    return Graph(tuple(_node(n) for n in raw["nodes"]), dict(raw["numbers"]))


def _node(raw: Mapping[str, Any]) -> Node:
    name = raw["name"]
    if not (isinstance(name, str) and name.isidentifier()):
        raise ValueError(f"{name!r} is no name")
    module = raw.get("module")
    return Node(
        name,
        str(raw["kind"]),
        str(raw["target"]),
        tuple(_argument(a) for a in raw["args"]),
        {str(k): _argument(v) for k, v in raw["kwargs"].items()},
        _tensor(raw["tensor"]),
        None if module is None else _module(module),
    )


def _module(raw: Mapping[str, Any]) -> Module:
    tensors = {str(k): _tensor(v) for k, v in raw["tensors"].items()}
    return Module(
        str(raw["class"]),
        bool(raw["training"]),
        dict(raw["numbers"]),
        {k: v for k, v in tensors.items() if v is not None},
    )


def _tensor(raw: Mapping[str, Any] | None) -> Tensor | None:
    if raw is None:
        return None
    return Tensor(tuple(int(n) for n in raw["shape"]), str(raw["dtype"]), bool(raw["contiguous"]))


def _argument(raw: Mapping[str, Any]) -> Argument:
    ((kind, value),) = raw.items()
    match kind:
        case "node":
            return Ref(str(value))
        case "value":
            if not (value is None or isinstance(value, bool | int | float | str)):
                raise ValueError(f"{value!r} is no constant")
            return value
        case "text":
            return Text(str(value))
        case "list" | "tuple" | "slice":
            return Many(kind, tuple(_argument(v) for v in value))
    raise ValueError(f"unknown argument {kind!r}")


def merged(graphs: Sequence[Graph]) -> Graph:
    """One graph for all shapes. Raises Unsupported where they differ by more than sizes.

    A number that differs between shapes is taken from the module's attribute that holds it.
    """
    first = graphs[0]
    for other in graphs[1:]:
        here = [(n.name, n.kind, n.target) for n in first.nodes]
        if here != [(n.name, n.kind, n.target) for n in other.nodes]:
            raise Unsupported("its operations depend on the shapes")
    nodes = []
    for index, node in enumerate(first.nodes):
        same = [g.nodes[index] for g in graphs]
        if any(_fractions(n) != _fractions(node) for n in same):
            raise Unsupported(f"a number of {node.target} depends on the shapes")
        args = tuple(_same([n.args[i] for n in same], graphs) for i in range(len(node.args)))
        kwargs = {k: _same([n.kwargs[k] for n in same], graphs) for k in node.kwargs}
        nodes.append(
            Node(node.name, node.kind, node.target, args, kwargs, node.tensor, node.module)
        )
    return Graph(tuple(nodes), first.numbers)


def _fractions(node: Node) -> dict[str, float]:
    numbers = node.module.numbers if node.module else {}
    return {k: v for k, v in numbers.items() if isinstance(v, float)}


def _same(found: Sequence[Argument], graphs: Sequence[Graph]) -> Argument:
    first = found[0]
    if all(type(f) is type(first) and f == first for f in found):
        return first
    if isinstance(first, Many):
        many = [f for f in found if isinstance(f, Many) and len(f.items) == len(first.items)]
        if len(many) == len(found):
            return Many(
                first.kind,
                tuple(_same([m.items[i] for m in many], graphs) for i in range(len(first.items))),
            )
    if all(isinstance(f, int | float) for f in found):
        for key in graphs[0].numbers:
            if all(g.numbers.get(key) == f for g, f in zip(graphs, found, strict=True)):
                return Text(attribute(key))
    raise Unsupported(f"a number in its forward depends on the shapes ({first!r})")
