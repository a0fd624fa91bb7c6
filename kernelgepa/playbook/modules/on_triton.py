"""A forward as one Triton kernel: one block of elements a program, or one row a program."""

from __future__ import annotations

import re

from kernelgepa.playbook.modules.graph import Unsupported
from kernelgepa.playbook.modules.values import COLUMNS, Operand, elements
from kernelgepa.playbook.modules.whole import Whole, launch

BLOCK = 1024
_WIDEST = 1 << 14  # columns that a program holds at once
_FUNCTIONS = {
    "expm1_": """def expm1_(x):
    near = x * (1.0 + x * (0.5 + x * (1.66666667e-1 + x * (4.16666667e-2 + x * 8.3333333e-3))))
    return tl.where(tl.abs(x) < 0.08, near, tl.exp(x) - 1.0)""",
    "log1p_": """def log1p_(x):
    u = 1.0 + x
    return tl.log(u) + (x - (u - 1.0)) / u""",
    "tanh_": """def tanh_(x):
    z = x * x
    near = x * (1.0 - z * (3.33333333e-1 - z * (1.33333333e-1 - z * 5.3968254e-2)))
    e = tl.exp(-2.0 * tl.abs(x))
    far = (1.0 - e) / (1.0 + e)
    return tl.where(z < 0.01, near, tl.where(x < 0.0, -far, far))""",
    "softplus_": """def softplus_(x, beta, threshold):
    y = x * beta
    soft = tl.where(y < 0.0, 0.0, y) + log1p_(tl.exp(-tl.abs(y)))
    return tl.where(y > threshold, x, soft / beta)""",
    "mish_": """def mish_(x):
    e = tl.exp(tl.where(x > 20.0, 20.0, x))
    n = e * (e + 2.0)
    return x * (n / (n + 2.0))""",
    "max_": """def max_(a, b):
    return tl.where((a > b) | (a != a), a, b)""",
    "min_": """def min_(a, b):
    return tl.where((a < b) | (a != a), a, b)""",
}
_EXPRESSIONS = {
    "same": "{0}", "keep": "{0}", "drop": "{0}",
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}",
    "div_less": "{0} / ({1} - {2})", "neg": "-{0}", "abs": "tl.abs({0})", "square": "{0} * {0}",
    "sqrt": "tl.sqrt({0})", "rsqrt": "1.0 / tl.sqrt({0})", "reciprocal": "1.0 / {0}",
    "exp": "tl.exp({0})", "expm1": "expm1_({0})", "log": "tl.log({0})", "log1p": "log1p_({0})",
    "sigmoid": "1.0 / (1.0 + tl.exp(-{0}))", "tanh": "tanh_({0})", "erf": "tl.erf({0})",
    "relu": "tl.where({0} < 0.0, 0.0, {0})", "silu": "{0} / (1.0 + tl.exp(-{0}))",
    "gelu": "0.5 * {0} * (1.0 + tl.erf({0} * 0.7071067811865476))",
    "gelu_tanh":
        "{0} / (1.0 + tl.exp(-1.5957691216057308 * ({0} + 0.044715 * {0} * {0} * {0})))",
    "mish": "mish_({0})", "softplus": "softplus_({0}, {1}, {2})",
    "elu": "tl.where({0} > 0.0, {0}, {1} * expm1_({0}))",
    "leaky_relu": "tl.where({0} > 0.0, {0}, {0} * {1})",
    "relu6": "min_(max_({0}, 0.0), 6.0)",
    "hardswish": "{0} * min_(max_({0} + 3.0, 0.0), 6.0) / 6.0",
    "hardsigmoid": "min_(max_({0} + 3.0, 0.0), 6.0) / 6.0",
    "softsign": "{0} / (1.0 + tl.abs({0}))",
    "maximum": "max_({0}, {1})", "minimum": "min_({0}, {1})",
    "where": "tl.where({0}, {1}, {2})", "float": "tl.where({0}, 1.0, 0.0)",
    "lt": "{0} < {1}", "le": "{0} <= {1}", "gt": "{0} > {1}", "ge": "{0} >= {1}",
    "eq": "{0} == {1}", "ne": "{0} != {1}",
}  # fmt: skip
_NOTHING = {"sum": "0.0", "max": 'float("-inf")', "min": 'float("inf")'}


def components(made: Whole, looped: bool = False) -> tuple[str, str]:
    """Kernel and launch. `looped`: a row in several blocks, however long. Raises Unsupported."""
    writer = _Writer(made)
    reduces = made.region.layout.reduces
    if reduces:
        columns = elements(made.region.layout.shape[-made.region.layout.over :])
        if not looped and columns > _WIDEST:
            raise Unsupported("its rows are too long to be held at once")
        lines = writer.looped() if looped else writer.rows()
    elif looped:
        raise Unsupported("it has no reduction to go over in several blocks")
    else:
        lines = writer.elements()
    parameters = [r.name for r in made.reads.values()]
    parameters += ["out", "rows", "cols", *made.numbers, "BLOCK: tl.constexpr"]
    body = "\n".join(f"    {line}" for line in lines)
    kernel = f"@triton.jit\ndef fused({', '.join(parameters)}):\n{body}\n"
    text = f"import triton\nimport triton.language as tl\n\n\n{_helpers(kernel)}{kernel}"
    block = '"next_pow2(cols)"' if reduces and not looped else str(BLOCK)
    grid = "rows" if reduces else "ceildiv(rows * cols, BLOCK)"
    arguments = [r.argument for r in made.reads.values()]
    arguments += ["out", "rows", "cols", *made.numbers]
    let = {"rows": made.rows, "cols": made.cols, **made.numbers}
    rest = [f"constants = {{ BLOCK = {block} }}", "num_warps = 4"]
    return text, launch(let, grid, arguments, rest)


def _helpers(text: str) -> str:
    wanted: list[str] = []

    def want(where: str) -> None:
        for name in dict.fromkeys(re.findall(r"\b(\w+_)\(", where)):
            if name in _FUNCTIONS and name not in wanted:
                want(_FUNCTIONS[name].partition("\n")[2])
                wanted.append(name)

    want(text)
    return "".join(f"@triton.jit\n{_FUNCTIONS[n]}\n\n\n" for n in wanted)


class _Writer:
    def __init__(self, made: Whole) -> None:
        self._made = made
        self._full = made.region.layout.full

    def elements(self) -> list[str]:
        """One block of elements a program."""
        made = self._made
        return [
            "i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)",
            "inside = i < rows * cols",
            "row, j = i // cols, i % cols",
            *(self._assign(n, "inside") for n in made.closure([made.output], ())),
            f"tl.store(out + i, {self._text(made.output)}, mask=inside)",
        ]

    def rows(self) -> list[str]:
        """One row a program, held at once."""
        made = self._made
        lines = [
            "row = tl.program_id(0).to(tl.int64)",
            "j = tl.arange(0, BLOCK)",
            "inside = j < cols",
        ]
        for name in made.closure([made.output], ()):
            if made.values[name].reduces:
                value = made.values[name]
                given = self._text(value.operands[0])
                held = f"tl.where(inside, {given}, {_NOTHING[value.op]})"
                lines.append(f"{name} = tl.{value.op}({held}, axis=0)")
            else:
                lines.append(self._assign(name))
        return [*lines, self._stored()]

    def looped(self) -> list[str]:
        """One row a program, in blocks; what a later pass needs is computed again."""
        made, known = self._made, list[str]()
        lines = ["row = tl.program_id(0).to(tl.int64)"]
        for name in made.region.members:
            value = made.values[name]
            if not value.reduces:
                continue
            needed = made.closure([value.operands[0]], known)
            rows = [n for n in needed if n not in self._full]
            lines += [self._assign(n) for n in rows]
            nothing = _NOTHING[value.op]
            given = f"tl.where(inside, {self._text(value.operands[0])}, {nothing})"
            join = {"sum": "{0} + {1}", "max": "max_({0}, {1})", "min": "min_({0}, {1})"}[value.op]
            lines.append(f"{name}p = tl.full((BLOCK,), {nothing}, tl.float32)")
            inner = [self._assign(n) for n in needed if n in self._full]
            lines += _loop([*inner, f"{name}p = {join.format(f'{name}p', given)}"])
            lines.append(f"{name} = tl.{value.op}({name}p, axis=0)")
            known += [*rows, name]
        needed = made.closure([made.output], known)
        lines += [self._assign(n) for n in needed if n not in self._full]
        if made.region.where(made.output) != "full":
            return [*lines, self._stored()]
        inner = [self._assign(n) for n in needed if n in self._full]
        return [*lines, *_loop([*inner, self._stored()])]

    def _stored(self) -> str:
        made = self._made
        if made.region.where(made.output) == "full":
            return f"tl.store(out + row * cols + j, {self._text(made.output)}, mask=inside)"
        return f"tl.store(out + row, {self._text(made.output)})"

    def _assign(self, name: str, mask: str = "") -> str:
        read = self._made.reads.get(name)
        if read is not None:
            place = read.place.replace("/", "//")
            masked = "inside" if read.full else mask
            extra = f", mask={masked}, other=0.0" if masked and place != "0" else ""
            return f"{read.name}j = tl.load({read.name} + {place}{extra})"
        value = self._made.values[name]
        text = _EXPRESSIONS[value.op].format(*(self._text(a) for a in value.args))
        return f"{name} = {text}"

    def _text(self, operand: Operand) -> str:
        if not isinstance(operand, str):
            return f"({operand!r})" if operand < 0 else repr(operand)
        if operand == COLUMNS:
            return "cols"
        read = self._made.reads.get(operand)
        return operand if read is None else f"{read.name}j"


def _loop(inner: list[str]) -> list[str]:
    return [
        "for start in range(0, cols, BLOCK):",
        "    j = start + tl.arange(0, BLOCK)",
        "    inside = j < cols",
        *(f"    {line}" for line in inner),
    ]
