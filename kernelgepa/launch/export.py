"""A launch specification as Python of a file that needs torch alone: what both targets share."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import source
from kernelgepa.launch.expression import FUNCTIONS, SELF, Expression
from kernelgepa.launch.outputs import Shapes
from kernelgepa.launch.plan import contiguous
from kernelgepa.launch.problem import Forward
from kernelgepa.launch.spec import REFERENCE, BufferSpec, LaunchSpec, Spec, named

BASE = "KgReference"
HELPERS = '''
import math as kg_math

import torch as kg_torch

kg_min, kg_max, kg_abs, kg_int, kg_float = min, max, abs, int, float
kg_sqrt, kg_log2 = kg_math.sqrt, kg_math.log2


def kg_ceildiv(a, b):
    return -(-a // b)


def kg_next_pow2(n):
    return 1 << max(0, int(n) - 1).bit_length()


def kg_plain(value):
    """Tensors as the kernels expect them: contiguous."""
    if isinstance(value, (list, tuple)):
        return tuple(map(kg_plain, value))
    return value.contiguous() if isinstance(value, kg_torch.Tensor) else value


def kg_device(values):
    for value in values:
        if isinstance(value, (list, tuple)):
            found = kg_device(value)
            if found is not None:
                return found
        elif isinstance(value, kg_torch.Tensor):
            return value.device
    return None


def kg_empty(shape, dtype, device, zero=False, strides=None):
    if strides is not None:
        made = kg_torch.empty_strided(shape, strides, dtype=dtype, device=device)
    else:
        made = kg_torch.empty(shape, dtype=dtype, device=device)
    return made.zero_() if zero else made
'''
_KNOWN = """
# What the reference returns for inputs of these shapes: shape, type and strides of each output.
KG_OUTPUTS = {table}


def kg_key(values):
    made = []
    for value in values:
        if isinstance(value, (list, tuple)):
            made.append(kg_key(value))
        elif isinstance(value, kg_torch.Tensor):
            made.append(tuple(value.shape))
        else:
            made.append(value if isinstance(value, (bool, int, float, str)) else None)
    return tuple(made)


def kg_outputs(inputs, device, zero):
    key = kg_key(inputs)
    if key not in KG_OUTPUTS:
        raise RuntimeError(
            f"this kernel was written for inputs of shapes {{list(KG_OUTPUTS)}}, not {{key}}"
        )
    return [
        kg_empty(shape, getattr(kg_torch, dtype), device, z, strides)
        for (shape, dtype, strides), z in zip(KG_OUTPUTS[key], zero)
    ]
"""


def base(code: str) -> str:
    """The reference's class under the name BASE, without its forward: parameters alone.

    Raises InputError.
    """
    tree = ast.parse(source.seed(code))
    last = tree.body[-1]
    renamed = isinstance(last, ast.Assign) and ast.unparse(last) == "ModelNew = Model"
    old = "Model" if renamed else "ModelNew"
    if renamed:
        tree.body.pop()
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == old:
            kept = [n for n in node.body if getattr(n, "name", "") != "forward"]
            node.body = kept or [ast.Pass()]
    if renamed:
        return f"{ast.unparse(tree)}\n\n{BASE} = Model\n"
    return ast.unparse(_Renamed(old).visit(tree)) + "\n"


class _Renamed(ast.NodeTransformer):
    def __init__(self, old: str) -> None:
        self._old = old

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.name = BASE if node.name == self._old else node.name
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = BASE if node.id == self._old else node.id
        return node


def python(expression: Expression, plain: bool) -> str:
    """The expression as Python on tensors. `plain`: attributes are seen contiguous."""
    return ast.unparse(_Printed(plain).visit(copy.deepcopy(expression.tree)))


class _Printed(ast.NodeTransformer):
    def __init__(self, plain: bool) -> None:
        self._plain = plain

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [self.visit(a) for a in node.args]
        if isinstance(node.func, ast.Name):
            node.func.id = f"kg_{node.func.id}" if node.func.id in FUNCTIONS else node.func.id
        elif isinstance(node.func, ast.Attribute):
            inner = self.visit(node.func.value)
            if node.func.attr == "stride" and self._plain and _of_self(inner):
                inner = _called(inner, "contiguous")
            node.func.value = inner
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.value = self.visit(node.value)
        bare = isinstance(node.value, ast.Name) and node.value.id == SELF
        return _called(node.value, "numel") if node.attr == "numel" and not bare else node


def _called(value: ast.expr, method: str) -> ast.Call:
    return ast.Call(ast.Attribute(value, method, ast.Load()), [], [])


def _of_self(node: Any) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and node.id == SELF


def wanted(spec: Spec, known: Sequence[Shapes]) -> tuple[BufferSpec, ...]:
    """The outputs in order, named. Raises InputError where their number is not known."""
    if spec.outputs is not None:
        return spec.outputs
    counts = {len(k.outputs) for k in known}
    if len(counts) != 1:
        raise InputError("the reference does not always return as many tensors")
    return tuple(BufferSpec(named(i), like=REFERENCE) for i in range(counts.pop()))


def by_reference(spec: Spec) -> bool:
    """Whether the shape of an output is what the reference returns."""
    return spec.outputs is None or any(o.like == REFERENCE for o in spec.outputs)


def table(known: Sequence[Shapes]) -> str:
    """Helpers that know the outputs of these inputs."""
    rows = []
    for one in known:
        specs = [
            (o.shape, o.dtype, None if o.strides == contiguous(o.shape) else o.strides)
            for o in one.outputs
        ]
        rows.append(f"    {one.key!r}: {specs!r},")
    return _KNOWN.format(table="{\n" + "\n".join(dict.fromkeys(rows)) + "\n}")


def forward(
    spec: Spec,
    taken: Forward,
    outputs: Sequence[BufferSpec],
    launch: Callable[[int, LaunchSpec], str],
) -> str:
    """The method forward. `launch` prints one launch as a statement."""
    parameters = taken.parameters
    every = f"({', '.join(parameters)},)" if parameters else "()"
    lines = [f"def forward({taken.signature}):"]
    body = [f"{name} = kg_plain({name})" for name in parameters if spec.contiguous]
    body.append(f"kg_on = kg_device({every})")
    if any(o.like == REFERENCE for o in outputs):
        zero = tuple(o.zero for o in outputs)
        names = ", ".join(o.name if o.like == REFERENCE else "_" for o in outputs)
        body.append(f"{names}, = kg_outputs({every}, kg_on, {zero!r})")
    body += _allocations(spec, parameters, outputs)
    for index, one in enumerate(spec.launches):
        if one.when is not None:
            body.append(f"if {python(one.when, spec.contiguous)}:")
        body.append("    " * (one.when is not None) + launch(index, one))
    names = ", ".join(o.name for o in outputs)
    body.append(f"return {names}")
    return "\n".join([*lines, *(f"    {line}" for line in body)])


def _allocations(
    spec: Spec, parameters: Sequence[str], outputs: Sequence[BufferSpec]
) -> Iterator[str]:
    """Names of [let] as soon as what they need is there, and memory, in the plan's order."""
    ready = {SELF, *parameters, *(o.name for o in outputs if o.like == REFERENCE)}
    later = [*(o for o in outputs if o.like != REFERENCE), *spec.buffers]
    done = set[str]()

    def lets() -> Iterator[str]:
        for name, expression in spec.let.items():
            if name not in done and ready.issuperset(expression.names):
                done.add(name)
                ready.add(name)
                text = python(expression, spec.contiguous)
                wrapped = spec.contiguous and expression.path is not None
                yield f"{name} = kg_plain({text})" if wrapped else f"{name} = {text}"

    yield from lets()
    for one in later:
        yield f"{one.name} = {_allocation(one, spec.contiguous)}"
        ready.add(one.name)
        yield from lets()


def _allocation(one: BufferSpec, plain: bool) -> str:
    dtype = one.dtype if one.dtype.endswith(".dtype") else f"kg_torch.{one.dtype}"
    zero = ", True" if one.zero else ""
    if one.like:
        dtype = dtype if one.dtype else f"{one.like}.dtype"
        return f"kg_empty({one.like}.shape, {dtype}, kg_on{zero})"
    shape = "".join(f"{python(e, plain)}, " for e in one.shape)
    return f"kg_empty(({shape}), {dtype}, kg_on{zero})"
