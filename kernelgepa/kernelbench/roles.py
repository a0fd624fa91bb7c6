"""What the numbers given to a Model are: sizes of data, or the structure of the computation.

A number is followed from get_init_inputs through the constructor's parameter to where it is used:
torch's modules say which of their arguments are sizes (torch.nn's documented signatures).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Literal

Role = Literal["size", "structure"]
_CONV = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups")
_UP = (*_CONV[:5], "output_padding", "groups", "bias", "dilation")
_POOL = ("kernel_size", "stride", "padding", "dilation")
_CELL = ("input_size", "hidden_size", "num_layers")
MODULES: Mapping[str, tuple[str, ...]] = {
    "Linear": ("in_features", "out_features"),
    "Bilinear": ("in1_features", "in2_features", "out_features"),
    **{f"Conv{n}d": _CONV for n in "123"},
    **{f"ConvTranspose{n}d": _UP for n in "123"},
    **{f"{kind}Pool{n}d": _POOL for kind in ("Max", "Avg", "LP") for n in "123"},
    **{f"{kind}Norm{n}d": ("num_features",) for kind in ("Batch", "Instance") for n in "123"},
    "GroupNorm": ("num_groups", "num_channels"),
    "LayerNorm": ("normalized_shape",),
    "RMSNorm": ("normalized_shape",),
    "Embedding": ("num_embeddings", "embedding_dim"),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), _CELL),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), _CELL[:2]),
    "MultiheadAttention": ("embed_dim", "num_heads"),
    "TransformerEncoderLayer": ("d_model", "nhead", "dim_feedforward"),
    "TransformerDecoderLayer": ("d_model", "nhead", "dim_feedforward"),
    **{f"Adaptive{kind}Pool{n}d": ("output_size",) for kind in ("Max", "Avg") for n in "123"},
    **dict.fromkeys(("Softmax", "LogSoftmax", "Softmin", "GLU"), ("dim",)),
    "PixelShuffle": ("upscale_factor",),
    "PixelUnshuffle": ("downscale_factor",),
}
_SIZES = frozenset({
    "in_features", "out_features", "in1_features", "in2_features", "in_channels", "out_channels",
    "num_features", "num_channels", "normalized_shape", "num_embeddings", "embedding_dim",
    "input_size", "hidden_size", "proj_size", "embed_dim", "kdim", "vdim", "d_model",
    "dim_feedforward",
})  # fmt: skip
_FACTORIES = frozenset({"zeros", "ones", "rand", "randn", "empty", "full", "Tensor", "FloatTensor"})
# Words of a name, between underscores, that speak of structure; and those that speak of sizes.
STRUCTURE = re.compile(
    r"(?:^|_)(?:kernel|kernels|stride|strides|pad|padding|dilation|groups?|heads?|nheads?|layers?|"
    r"blocks?|stages?|depths?|factor|scale|ratio|mult|multiplier|eps|topk|top|experts?|"
    r"expansion|expand|axis|axes|patch|window|upscale|downscale|seed|steps?|iters?|iterations|"
    r"bits|exponent|power|order|degree|divisor|pool|rate|chunk|rank|repeats?|margin|start|end|"
    r"reduce|reduction|shuffle|kh|kw)(?:_|$)"
)
SIZE = re.compile(
    r"(?:^|_)(?:size|sizes|dim|dims|features?|channels?|ch|hidden|width|height|length|len|vocab|"
    r"classes|embed|embedding|embd|shape|batch|seq|in|out|units|rows|cols)(?:_|$)"
)
# Names whose last words outweigh those before: "scale_shape" and "layer_sizes" are sizes.
_PLAINLY = re.compile(r"(?:^|_)(?:shape|layers?_(?:sizes?|dims?|features|channels|widths?))_?$")


def constructor(node: ast.ClassDef) -> ast.FunctionDef | None:
    """A class's own __init__."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            return part
    return None


def parameters(node: ast.ClassDef) -> tuple[str, ...]:
    """Names of the constructor's parameters after self."""
    made = constructor(node)
    return (
        () if made is None else tuple(a.arg for a in (*made.args.posonlyargs, *made.args.args))[1:]
    )


Seen = set[tuple[str, str]]  # class and parameter; each is followed once


def of_parameter(
    classes: Mapping[str, ast.ClassDef], name: str, parameter: str, seen: Seen | None = None
) -> frozenset[Role]:
    """Every role a constructor's parameter has in a class of the module, and in those it is
    passed on to."""
    seen = set() if seen is None else seen
    if (name, parameter) in seen:
        return frozenset()
    seen.add((name, parameter))
    node = classes[name]
    return _roles(classes, node, {parameter, *_attributes(node, parameter)}, seen)


def of_global(classes: Mapping[str, ast.ClassDef], name: str) -> frozenset[Role]:
    """Every role a module-level name has in the module's classes."""
    found = [_roles(classes, c, {name}, set()) for c in classes.values()]
    return frozenset[Role]().union(*found)


def of_key(classes: Mapping[str, ast.ClassDef], key: str) -> frozenset[Role]:
    """Every role that an attribute, or a key, of a configuration has in the module's classes."""
    found = frozenset[Role]()
    for node in classes.values():
        parts = (n for n in ast.walk(node) if isinstance(n, ast.Attribute | ast.Subscript))
        names = {ast.unparse(n) for n in parts if _is_key(n, key)}
        inner = {a for name in names for a in _kept(node, name)}
        found |= _roles(classes, node, names | inner, set())
    return found


def _is_key(node: ast.Attribute | ast.Subscript, key: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == key
    return isinstance(node.slice, ast.Constant) and node.slice.value == key


def _kept(node: ast.ClassDef, text: str) -> set[str]:
    """`self.x` for every attribute that holds just what a text says."""
    return {
        ast.unparse(target)
        for part in ast.walk(node)
        if isinstance(part, ast.Assign) and ast.unparse(part.value) == text
        for target in part.targets
        if isinstance(target, ast.Attribute)
    }


def of_name(name: str) -> Role | None:
    """What the words of a name say; structure where they say both."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    plain = re.sub(r"[^a-z_]+", "_", plain)
    if STRUCTURE.search(plain) and not _PLAINLY.search(plain):
        return "structure"
    return "size" if SIZE.search(plain) else None


def divisors(classes: Mapping[str, ast.ClassDef]) -> frozenset[int]:
    """Small numbers written in the classes, which sizes may have to be multiples of."""
    return frozenset(
        node.value
        for c in classes.values()
        for node in ast.walk(c)
        if isinstance(node, ast.Constant) and type(node.value) is int and 2 <= node.value <= 64
    )


def _attributes(node: ast.ClassDef, parameter: str) -> set[str]:
    """`self.x` for every attribute that holds just the parameter."""
    return {
        f"self.{target.attr}"
        for part in ast.walk(node)
        if isinstance(part, ast.Assign)
        and isinstance(part.value, ast.Name)
        and part.value.id == parameter
        for target in part.targets
        if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self"
    }


def _roles(
    classes: Mapping[str, ast.ClassDef], node: ast.ClassDef, names: set[str], seen: Seen
) -> frozenset[Role]:
    found = set[Role]()
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            for key, value in _arguments(classes, part):
                if _mentions(value, names):
                    found |= _argument(classes, part, key, seen)
        elif (
            isinstance(part, ast.BinOp)
            and isinstance(part.op, ast.FloorDiv | ast.Mod)
            and _mentions(part.right, names)
        ):
            found.add("structure")
    return frozenset(found)


def _arguments(
    classes: Mapping[str, ast.ClassDef], call: ast.Call
) -> Iterator[tuple[str, ast.expr]]:
    """Arguments by the name of the parameter, empty where that is not known."""
    called = callee(call)
    known = parameters(classes[called]) if called in classes else named(called)
    for i, value in enumerate(call.args):
        yield known[i] if i < len(known) else "", value
    yield from ((k.arg or "", k.value) for k in call.keywords)


def _argument(
    classes: Mapping[str, ast.ClassDef], call: ast.Call, key: str, seen: Seen
) -> frozenset[Role]:
    called = callee(call)
    if called in classes:
        known = key in parameters(classes[called])
        return of_parameter(classes, called, key, seen) if known else frozenset()
    if called == "range" or (key and of_name(key) == "structure") or key in ("dim", "axis"):
        return frozenset({"structure"})
    if key in _SIZES or called in _FACTORIES:
        return frozenset({"size"})
    return frozenset({"structure"}) if called in MODULES else frozenset()


def named(name: str) -> tuple[str, ...]:
    """Parameters of a module of torch's that say what it is, in order."""
    return MODULES.get(name, ())


def callee(call: ast.Call) -> str:
    """The last name of what is called."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _mentions(node: ast.expr, names: set[str]) -> bool:
    """Whether a name is in the expression, not counting what is inside calls in it."""
    if isinstance(node, ast.Call):
        return False
    if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in names:
        return True
    return any(_mentions(c, names) for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr))
