"""From the traced graph to values that kernels can compute, and calls that are left to torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernelgepa.playbook.modules import ops
from kernelgepa.playbook.modules.graph import (
    Argument,
    Graph,
    Many,
    Node,
    Ref,
    Text,
    Unsupported,
    attribute,
    uses,
)
from kernelgepa.playbook.modules.values import Value, Values

_PLACES = ("torch.nn.functional.", "torch._C._nn.", "torch.special.", "torch.linalg.", "torch.",
           "_operator.")  # fmt: skip
_CALLABLE = ("torch.", "_operator.", "math.")
_BUILT_IN = frozenset({"getattr", "abs", "int", "float", "len", "max", "min", "round", "sum"})


@dataclass(frozen=True)
class Opaque:
    """A call left to torch: `text` computes it, from the variables `uses`."""

    name: str
    text: str
    uses: tuple[str, ...]


@dataclass
class Program:
    """A forward: everything in order, by name. `result` is the text of what it returns."""

    values: dict[str, Value]
    opaque: dict[str, Opaque]
    order: list[str]
    result: str = ""
    results: tuple[str, ...] = ()  # names in `result`
    loose: frozenset[str] = frozenset()  # tensors whose layout in memory is not the usual one
    defaults: Mapping[str, str] = field(default_factory=dict)

    def needs(self, name: str) -> tuple[str, ...]:
        if name in self.opaque:
            return self.opaque[name].uses
        return self.values[name].operands if name in self.values else ()


def translate(graph: Graph, leave: frozenset[str] = frozenset()) -> Program:
    """Nodes in `leave` are left to torch whatever they are. Raises Unsupported where the forward
    cannot be written anew at all."""
    return _Translator(graph, leave).program()


class _Translator:
    def __init__(self, graph: Graph, leave: frozenset[str]) -> None:
        self._graph, self._left = graph, leave
        self._values = Values()
        self._held: dict[str, str] = {}  # node -> value
        self._opaque: dict[str, Opaque] = {}
        self._order: list[str] = []
        self._users: dict[str, list[int]] = {}
        for index, node in enumerate(graph.nodes):
            for name in uses(node):
                self._users.setdefault(name, []).append(index)

    def program(self) -> Program:
        made = Program(self._values.made, self._opaque, self._order)
        loose = set()
        for index, node in enumerate(self._graph.nodes):
            if node.kind == "output":
                made.result = self._text(node.args[0])
                made.results = tuple(self._names(n) for n in uses(node))
                continue
            self._in_place(index, node)
            known = set(self._values.made)
            self._node(node)
            self._order += [n for n in self._values.made if n not in known]
            if node.tensor is not None and not node.tensor.contiguous and node.name in self._held:
                loose.add(self._held[node.name])
        made.loose = frozenset(loose)
        return made

    def _node(self, node: Node) -> None:
        if node.kind == "placeholder":
            self._tensor(node, node.name)
            return
        if node.kind == "get_attr":
            self._tensor(node, attribute(node.target))
            return
        self._values.node = node.name
        before = dict(self._values.made)
        found = None if node.name in self._left else self._translated(node)
        if found is not None:
            self._held[node.name] = found
            return
        self._values.made.clear()
        self._values.made.update(before)
        self._leave(node)

    def _tensor(self, node: Node, text: str) -> None:
        """A tensor that is there: of floats, it can be read by kernels."""
        if node.tensor is not None and node.tensor.dtype == "float32":
            self._held[node.name] = self._values.leaf(text, node.tensor.shape, node.name)
        elif node.kind == "get_attr":
            self._opaque[node.name] = Opaque(node.name, text, ())
            self._order.append(node.name)

    def _leave(self, node: Node) -> None:
        """Left to torch."""
        args = [self._text(a) for a in node.args]
        named = [f"{k}={self._text(v)}" for k, v in node.kwargs.items()]
        if node.kind == "call_method":
            text = f"{args[0]}.{node.target}({', '.join(args[1:] + named)})"
        elif node.kind == "call_module":
            text = f"{attribute(node.target)}({', '.join(args + named)})"
        else:
            text = f"{_callable(node.target)}({', '.join(args + named)})"
        self._opaque[node.name] = Opaque(
            node.name, text, tuple(dict.fromkeys(self._names(n) for n in uses(node)))
        )
        self._order.append(node.name)
        self._tensor(node, node.name)

    def _translated(self, node: Node) -> str | None:
        """The value that a node computes, where its operation is known and all is of floats."""
        if node.tensor is None or node.tensor.dtype not in ("float32", "bool"):
            return None
        call = self._module(node) if node.kind == "call_module" else self._call(node)
        if call is None:
            return None
        name, given = call
        first = given.get("input")
        if not any(isinstance(v, str) and v in self._values.made for v in given.values()):
            return None
        if not isinstance(first, str) and name not in (
            "add", "sub", "mul", "truediv", "rsub", "gt", "lt", "ge", "le", "eq", "ne", "where",
        ):  # fmt: skip
            return None
        try:
            found = ops.RULES[name][1](self._values, given)
        except (Unsupported, KeyError):
            return None
        if found is None:
            return None
        made = self._values.made[found]
        same = made.shape == node.tensor.shape and made.boolean == (node.tensor.dtype == "bool")
        return found if same else None

    def _call(self, node: Node) -> tuple[str, dict[str, Any]] | None:
        name = node.target
        if node.kind == "call_function":
            place = next((p for p in _PLACES if name.startswith(p)), None)
            if place is None or "." in (name := name.removeprefix(place)):
                return None
        name = name.removesuffix("_") if name != "_" else name
        if name not in ops.RULES:
            return None
        parameters = ops.RULES[name][0]
        given: dict[str, Any] = {}
        for word, argument in [*zip(parameters, node.args, strict=False), *node.kwargs.items()]:
            key = {"x": "input", "axis": "dim"}.get(word, word)
            if key == "inplace" or (key == "memory_format" and name == "contiguous"):
                continue
            if key not in parameters and argument is None:
                continue
            if key not in (*parameters, "rounding_mode", "correction", "reduction", "dtype"):
                return None
            given[key] = self._given(argument)
            if given[key] is _UNKNOWN:
                return None
        rest = node.args[len(parameters) :]
        if rest and not (len(rest) == 1 and isinstance(rest[0], bool)):  # inplace, by place
            return None
        return name, given

    def _module(self, node: Node) -> tuple[str, dict[str, Any]] | None:
        module = node.module
        if module is None or not module.kind.startswith("torch.nn.") or node.kwargs:
            return None
        short = module.kind.rpartition(".")[2]
        if short in ("Dropout", "Dropout2d") and (
            not module.training or module.numbers.get("p") == 0
        ):
            short = "Identity"
        if short not in ops.MODULES or not node.args:
            return None
        name, keys = ops.MODULES[short]
        given = {p: self._given(a) for p, a in zip(_operands(short), node.args, strict=False)}
        if any(v is _UNKNOWN for v in given.values()):
            return None
        for key in keys:
            tensor = module.tensors.get(key)
            if tensor is not None:
                if tensor.dtype != "float32":
                    return None
                text = attribute(f"{node.target}.{key}")
                given[key] = self._values.leaf(text, tensor.shape)
            elif key in module.numbers:
                given[key] = _plain(module.numbers[key])
        return name, given

    def _given(self, argument: Argument) -> Any:
        match argument:
            case Ref(name):
                return self._held.get(name, _UNKNOWN)
            case Many(items=items):
                return tuple(self._given(i) for i in items)
            case Text():
                return _UNKNOWN
            case str():
                return repr(argument)
        return argument

    def _in_place(self, index: int, node: Node) -> None:
        """Raises Unsupported where a tensor that is used elsewhere is changed."""
        flag = node.kwargs.get("inplace", node.module and node.module.numbers.get("inplace"))
        short = node.target.rpartition(".")[2]
        method = short.endswith("_") and not short.endswith("__") and node.kind != "call_module"
        rest = [a for a in node.args[1:] if a is True]
        if node.kind not in ("call_function", "call_method", "call_module"):
            return
        if not (flag is True or method or (rest and short in _TAKES_IN_PLACE)):
            return
        first = node.args[0] if node.args else None
        own = isinstance(first, Ref) and self._graph.node(first.name).kind not in (
            "placeholder", "get_attr",
        )  # fmt: skip
        if not isinstance(first, Ref) or not own or max(self._users[first.name]) > index:
            raise Unsupported(f"{short} changes a tensor that is used elsewhere")

    def _names(self, node: str) -> str:
        return self._held.get(node, node)

    def _text(self, argument: Argument) -> str:
        match argument:
            case Ref(name):
                return self._names(name)
            case Text(text):
                return text
            case Many(kind="slice", items=items):
                return f"slice({', '.join(self._text(i) for i in items)})"
            case Many(kind=kind, items=items):
                inner = ", ".join(self._text(i) for i in items)
                if kind == "list":
                    return f"[{inner}]"
                return f"({inner},)" if items else "()"
        return repr(argument)


_UNKNOWN = object()
_TAKES_IN_PLACE = ("relu", "leaky_relu", "elu", "selu", "silu", "mish", "hardtanh", "hardswish",
                   "hardsigmoid", "relu6", "dropout", "threshold")  # fmt: skip


def _operands(module: str) -> tuple[str, ...]:
    return ("input", "target") if module.endswith("Loss") else ("input",)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return repr(value) if isinstance(value, str) else value


def _callable(target: str) -> str:
    if not target.startswith(_CALLABLE) and target not in _BUILT_IN:
        raise Unsupported(f"its forward calls {target}")
    return target.replace("_operator.", "operator.")
