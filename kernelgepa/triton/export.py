"""A candidate as one file for KernelBench's own scripts: ModelNew, its kernels, their launches.

It needs torch and triton. Shapes of outputs are those of the task where the launch specification
leaves them to the reference.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.source import seed
from kernelgepa.launch import Spec
from kernelgepa.launch.expression import SELF
from kernelgepa.launch.plan import contiguous
from kernelgepa.launch.spec import REFERENCE, ArgumentSpec, BufferSpec, LaunchSpec, named
from kernelgepa.measured.contract import TensorSpec
from kernelgepa.triton.printed import HELPERS, META, of_meta, printed, tree, whole

_HEAD = '"""ModelNew with kernels of Triton, by kernelgepa. Needs torch and triton only."""\n'
_IMPORTS = "import math as _math\n\nimport torch as _torch\n"


@dataclass(frozen=True)
class Facts:
    """What only a worker can tell: the reference's outputs, and constants that tuning sets."""

    outputs: tuple[TensorSpec, ...]
    tuned: Mapping[str, Mapping[str, int | float | bool]] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # set by tuning, too


def exported(reference: str, kernel: str, spec: Spec, facts: Facts) -> str:
    """The file's text. Raises InputError where the two texts cannot stand in one file."""
    future, source = _apart(kernel)
    model_future, model = _apart(seed(reference))
    both = _bound(source) & _bound(model)
    if both:
        raise InputError(
            f"the kernel and the reference both define {', '.join(sorted(both))}; rename it in "
            "the kernel to export it"
        )
    names = dict.fromkeys(one.kernel for one in spec.launches)
    aliases = "".join(f"_kernel_{name} = {name}\n" for name in names)
    forward = _Forward(spec, facts).text(_parameters(model))
    parts = [
        "".join(dict.fromkeys([*future, *model_future])),
        _IMPORTS,
        source.strip() + "\n",
        aliases,
        HELPERS.strip() + "\n",
        _with_forward(model, forward).strip() + "\n",
    ]
    return _HEAD + "\n" + "\n\n".join(p for p in parts if p)


def _apart(text: str) -> tuple[list[str], str]:
    """Imports from __future__, which must come first in a file, and the rest."""
    rows = text.splitlines(keepends=True)
    future = [
        n
        for n in ast.parse(text).body
        if isinstance(n, ast.ImportFrom) and n.module == "__future__"
    ]
    for node in reversed(future):
        del rows[node.lineno - 1 : node.end_lineno]
    return [ast.unparse(n) + "\n" for n in future], "".join(rows)


def _bound(text: str) -> set[str]:
    """Names a text gives a meaning of its own at its top level."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            found.update(n.id for n in names if isinstance(n.ctx, ast.Store))
    return found


def _class(model: str, name: str) -> ast.ClassDef | None:
    found = (n for n in ast.parse(model).body if isinstance(n, ast.ClassDef) and n.name == name)
    return next(found, None)


def _method(model: str) -> tuple[ast.ClassDef | None, ast.FunctionDef | None]:
    """The class ModelNew (or Model), and the forward that it defines or inherits."""
    first = node = _class(model, "ModelNew") or _class(model, "Model")
    for _ in range(9):
        if node is None:
            break
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "forward":
                return first, part
        bases = [_class(model, ast.unparse(b)) for b in node.bases]
        node = next((b for b in bases if b is not None), None)
    return first, None


def _parameters(model: str) -> str:
    """Forward's parameters with their defaults, without annotations."""
    _, forward = _method(model)
    if forward is None:
        raise InputError("the reference defines no class Model with a method forward")
    for node in ast.walk(forward.args):
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(forward.args)


def _with_forward(model: str, forward: str) -> str:
    """The class with another forward."""
    owner, method = _method(model)
    rows = model.splitlines(keepends=True)
    if owner is None or owner.name == "Model":  # it ends with ModelNew = Model
        kept = "".join(rows).replace("\nModelNew = Model\n", "\n")
        return f"{kept}\n\nclass ModelNew(Model):\n{textwrap.indent(forward, '    ')}"
    body = textwrap.indent(forward, " " * owner.body[0].col_offset)
    if method in owner.body and method is not None:
        first = min([method.lineno, *(d.lineno for d in method.decorator_list)])
        rows[first - 1 : method.end_lineno] = [body]
    else:
        end = owner.end_lineno or len(rows)
        rows[end:end] = ["\n", body]
    return "".join(rows)


class _Forward:
    """Prints one method."""

    def __init__(self, spec: Spec, facts: Facts) -> None:
        self._spec, self._facts = spec, facts
        self._known: set[str] = set()
        self._lets = dict(spec.let)
        outputs = spec.outputs or tuple(
            BufferSpec(named(i), like=REFERENCE) for i in range(len(facts.outputs))
        )
        if len(outputs) != len(facts.outputs):
            raise InputError(f"outputs: {len(outputs)}, but the reference has {len(facts.outputs)}")
        self._outputs = outputs

    def text(self, parameters: str) -> str:
        listed = [a.arg for a in _arguments(parameters)]
        self._parameters = listed[1:]
        self._known = {*listed}
        lines = [
            f"def forward({parameters}):",
            *(f"    {line}" for line in self._lines()),
        ]
        return "@_torch.no_grad()\n" + "\n".join(lines) + "\n"

    def _lines(self) -> Iterator[str]:
        if self._spec.contiguous:
            yield from (f"{name} = _packed({name})" for name in self._parameters)
        given = ", ".join([*self._parameters, "*self.parameters()", "*self.buffers()"])
        yield (f"_device = next(v.device for v in ({given}) if isinstance(v, _torch.Tensor))")
        # As when a plan is made: outputs like the reference's are known first of all.
        for one, like in zip(self._outputs, self._facts.outputs, strict=True):
            if one.like == REFERENCE:
                yield self._like_reference(one, like)
        yield from self._possible_lets()
        for one in (*self._outputs, *self._spec.buffers):
            if one.like != REFERENCE:
                yield self._allocated(one)
            yield from self._possible_lets()
        for launch in self._spec.launches:
            yield from self._launch(launch)
        yield from self._returned()

    def _possible_lets(self) -> Iterator[str]:
        for name, expression in list(self._lets.items()):
            if self._known.issuperset(expression.names):
                yield f"{name} = {printed(expression)}"
                self._known.add(name)
                del self._lets[name]

    def _like_reference(self, one: BufferSpec, like: TensorSpec) -> str:
        self._known.add(one.name)
        dtype = f"dtype=_torch.{like.dtype}, device=_device"
        if self._spec.contiguous or like.strides == contiguous(like.shape):
            return f"{one.name} = _torch.{_maker(one)}({list(like.shape)}, {dtype})"
        made = (
            f"{one.name} = _torch.empty_strided({list(like.shape)}, {list(like.strides)}, {dtype})"
        )
        return f"{made}.zero_()" if one.zero else made

    def _allocated(self, one: BufferSpec) -> str:
        self._known.add(one.name)
        dtype = one.dtype if one.dtype.endswith(".dtype") else f"_torch.{one.dtype}"
        if one.like:
            dtype = dtype if one.dtype else f"{one.like}.dtype"
            shape = f"{one.like}.shape"
            return f"{one.name} = _torch.{_maker(one)}({shape}, dtype={dtype}, device=_device)"
        shape = ", ".join(whole(e, {}) for e in one.shape)
        return f"{one.name} = _torch.{_maker(one)}([{shape}], dtype={dtype}, device=_device)"

    def _launch(self, one: LaunchSpec) -> Iterator[str]:
        tuned = self._facts.tuned.get(one.kernel, {})
        instead: dict[str, ast.expr] = {}
        words: list[str] = []
        for name, expression in one.constants.items():
            made = tree(expression, instead)
            instead[name] = ast.Constant(tuned[name]) if name in tuned else made
            if name not in tuned:
                words.append(f"{name}={ast.unparse(made)}")
        instead |= {n: ast.Constant(v) for n, v in tuned.items() if n not in instead}
        for word, given in (("num_warps", one.warps), ("num_stages", one.stages)):
            if given is not None and word not in self._facts.options.get(one.kernel, ()):
                words.append(f"{word}={whole(given, instead)}")
        meta = {**instead, **{name: of_meta(name) for name in tuned}}
        grid = "(" + ", ".join(whole(e, meta) for e in one.grid) + ",)"
        grid = f"lambda {META}: {grid}" if tuned else grid
        arguments = [self._argument(a, instead) for a in one.args]
        call = f"_kernel_{one.kernel}[{grid}]({', '.join([*arguments, *words])})"
        if one.when is None:
            yield call
            return
        yield f"if {printed(one.when, instead)}:"
        yield f"    {call}"

    def _argument(self, one: ArgumentSpec, instead: Mapping[str, ast.expr]) -> str:
        text = printed(one.value, instead)
        if one.type == "bool":
            return f"bool({text})"
        if one.type:
            return f"float({text})" if "float" in one.type else f"int({text})"
        return f"_packed({text})" if self._spec.contiguous and self._of_self(one) else text

    def _of_self(self, one: ArgumentSpec) -> bool:
        """Whether it names something of the module, itself or through [let]."""
        path = one.value.path
        while path is not None and path[0] in self._spec.let:
            path = self._spec.let[str(path[0])].path
        return path is not None and path[0] == SELF

    def _returned(self) -> Iterator[str]:
        for one, like in zip(self._outputs, self._facts.outputs, strict=True):
            if self._spec.contiguous and like.strides != contiguous(like.shape):
                shape, strides = list(like.shape), list(like.strides)
                yield (
                    f"{one.name} = _torch.empty_strided({shape}, {strides}, "
                    f"dtype={one.name}.dtype, device=_device).copy_({one.name})"
                )
        names = [one.name for one in self._outputs]
        yield f"return {names[0] if len(names) == 1 else ', '.join(names)}"


def _maker(one: BufferSpec) -> str:
    return "zeros" if one.zero else "empty"


def _arguments(parameters: str) -> Sequence[ast.arg]:
    body = ast.parse(f"def f({parameters}): pass").body[0]
    assert isinstance(body, ast.FunctionDef)
    given = body.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]
