"""The launch specification: what it means, and what is said of each mistake."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgepa.errors import InputError
from kernelgepa.launch import Forward, LaunchError, Plan, Value, evaluate, forward_of, read
from kernelgepa.launch import expression as expressions
from kernelgepa.launch.plan import contiguous
from kernelgepa.measured.contract import TensorSpec

FORWARD = Forward(("x", "y"))


def tensor(*shape: int, dtype: str = "float32") -> TensorSpec:
    return TensorSpec(shape, dtype, contiguous(shape))


@dataclass
class Fake:
    """Attributes of a module that has them in a dict."""

    held: dict[str, Value]

    def attribute(self, name: str) -> Value:
        return self.held[name]

    def item(self, index: int) -> Value:
        return self.held[str(index)]


MODULE = Fake(
    {
        "eps": 1e-5,
        "weight": tensor(8, 4),
        "bias": None,
        "kernel_size": (3, 5),
        "layers": Fake({"0": Fake({"weight": tensor(16)})}),
    }
)
WHOLE = """
outputs = ["out"]
[let]
n = "x.numel"
rows = "x.shape[0]"
w = "self.layers[0].weight"
[[buffer]]
name = "partial"
shape = ["ceildiv(n, 1024)", 2]
dtype = "float32"
zero = true
[[launch]]
kernel = "first"
grid = ["ceildiv(n, 256)", "rows"]
block = [256]
shared = "4 * next_pow2(rows)"
args = ["x", "y", "partial", "n", "n:int64", "1 / rows", "self.eps:float64"]
[[launch]]
kernel = "second<float, 4>"
when = "n > 100"
grid = 1
block = [32, 2]
args = ["partial", "out", "w", "self.bias", "self.kernel_size[1]", "x.stride(0)"]
"""


def plan(text: str, x: TensorSpec, kind: str = "cuda") -> Plan:
    found = read(text, "triton" if kind == "triton" else "cuda", FORWARD)
    assert found.diagnostics == ()
    assert found.spec is not None
    return evaluate(found.spec, {"x": x, "y": x}, MODULE, [x])


def messages(text: str, kind: str = "cuda") -> list[str]:
    found = read(text, "triton" if kind == "triton" else "cuda", FORWARD)
    assert found.spec is None
    return [d.message for d in found.diagnostics]


def test_numbers_of_two_launches() -> None:
    made = plan(WHOLE, tensor(5, 300))
    assert made.outputs[0].spec == tensor(5, 300)
    assert (made.buffers[0].spec, made.buffers[0].zero) == (tensor(2, 2), True)
    first, second = made.launches
    assert (first.grid, first.block, first.shared) == ((6, 5, 1), (256, 1, 1), 32)
    assert [(a.value, a.type) for a in first.arguments[3:]] == [
        (1500, "int32"), (1500, "int64"), (0.2, "float32"), (1e-5, "float64"),
    ]  # fmt: skip
    assert (second.kernel, second.block) == ("second<float, 4>", (32, 2, 1))
    kinds = [(a.kind, a.path, a.value) for a in second.arguments[2:]]
    assert kinds == [
        ("tensor", ("self", "layers", 0, "weight"), 0),
        ("null", ("self", "bias"), 0),
        ("number", (), 5),
        ("number", (), 300),
    ]


def test_a_condition_leaves_a_launch_out() -> None:
    assert [launch.kernel for launch in plan(WHOLE, tensor(2, 3)).launches] == ["first"]


def test_outputs_follow_the_reference_where_nothing_is_said() -> None:
    text = '[[launch]]\nkernel = "k"\ngrid = 1\nblock = 1\nargs = ["out", "out1", "out1.numel"]\n'
    found = read(text, "cuda", FORWARD)
    assert found.spec is not None
    made = evaluate(found.spec, {}, None, [tensor(2), tensor(3, dtype="int64")])
    assert [(o.name, o.spec) for o in made.outputs] == [
        ("out", tensor(2)),
        ("out1", tensor(3, dtype="int64")),
    ]
    assert made.launches[0].arguments[2].value == 3


def test_an_output_of_its_own_shape() -> None:
    text = """
outputs = [{ name = "y2", shape = ["x.shape[1]"], dtype = "x.dtype" }, { name = "z", like = "x" }]
[[launch]]
kernel = "k"
grid = "y2.numel"
block = 1
args = []
"""
    found = read(text, "cuda", FORWARD)
    assert found.spec is not None
    x = tensor(2, 7, dtype="float16")
    made = evaluate(found.spec, {"x": x}, None, [x, x])
    assert [o.spec for o in made.outputs] == [tensor(7, dtype="float16"), x]
    assert made.launches[0].grid == (7, 1, 1)
    with pytest.raises(LaunchError, match="2 named, but the reference returns 1"):
        evaluate(found.spec, {"x": x}, None, [x])


def test_triton_has_constants_that_its_grid_may_name() -> None:
    text = """
[[launch]]
kernel = "add"
grid = ["ceildiv(x.numel, BLOCK)"]
args = ["x", "y", "out", "x.numel"]
constants = { BLOCK = "next_pow2(x.shape[0])", EXACT = true, ACT = "'relu'" }
num_warps = 8
"""
    launch = plan(text, tensor(100), "triton").launches[0]
    assert launch.grid == (1, 1, 1)
    theirs = text.replace("ceildiv", "triton.cdiv").replace("next_pow2", "triton.next_power_of_2")
    assert plan(theirs, tensor(100), "triton").launches[0] == launch
    assert plan(text.replace("ceildiv", "cdiv"), tensor(100), "triton").launches[0] == launch
    assert dict(launch.constants) == {"BLOCK": 128, "EXACT": True, "ACT": "relu"}
    assert (launch.warps, launch.stages) == (8, None)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('n = "x.numel"', 'n = "z.numel"', 4, "unknown name 'z'"),
        ('n = "x.numel"', 'n = "x.numel +"', 4, "not an expression"),
        ('n = "x.numel"', 'x = "x.numel"', 4, "named twice"),
        ('n = "x.numel"', 'min = "x.numel"', 4, "meaning of its own"),
        ('n = "x.numel"', 'n = "[x for x in y]"', 4, "a comprehension cannot be used"),
        ('n = "x.numel"', "n = \"__import__('os')\"", 4, "unknown function '__import__'"),
        ('n = "x.numel"', 'n = "cieldiv(x.numel, 2)"', 4, "did you mean 'ceildiv'?"),
        ('n = "x.numel"', 'n = "ceildiv(x.numel)"', 4, "takes 2 arguments"),
        ("block = [256]", "blok = [256]", 15, "did you mean 'block'?"),
        ("block = [256]", "block = [1, 1, 1, 1]", 15, "at most 3"),
        ("block = [256]", "block = []", 15, "one to three numbers"),
        ("block = [256]", "num_warps = 4", 15, "unknown key 'num_warps'"),
        ('"n:int64"', '"n:in64"', 17, "did you mean 'int64'?"),
        ('"y", "partial"', '"yy", "partial"', 17, "unknown name 'yy'"),
        ('kernel = "first"', 'kernel = "a b"', 13, "expected a function's name"),
        ('dtype = "float32"', 'dtype = "flot32"', None, "did you mean 'float32'?"),
        ("zero = true", "zero = 1", None, "expected true or false"),
        ('outputs = ["out"]', "outputs = 3", 2, "expected a list like"),
        ('outputs = ["out"]', 'outputs = ["x"]', 2, "named twice"),
        ("[let]", "[let", 3, "not TOML"),
        ("[let]", "[lett]", None, "did you mean 'let'?"),
    ],
)
def test_each_mistake_is_one_sentence_with_its_line(
    old: str, new: str, line: int | None, says: str
) -> None:
    assert WHOLE.count(old) >= 1
    found = read(WHOLE.replace(old, new, 1), "cuda", FORWARD)
    assert found.spec is None
    first = next(d for d in found.diagnostics if says in d.message)
    assert "\n" not in first.message
    assert first.code == "launch"
    if line is not None:
        assert first.line == line
        assert first.message.startswith(f"launch, line {line}: ")


def test_what_is_missing_is_said() -> None:
    assert "no launch" in messages("")[0]
    assert "no launch" in messages("launch = 3")[0]
    only = '[[launch]]\nkernel = "k"\n'
    assert [m for m in messages(only) if "has no grid" in m]
    assert [m for m in messages(only) if "has no block" in m]
    assert not [m for m in messages(only, "triton") if "has no block" in m]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"ceildiv(n, 256)", "rows"', '"n - n"', "grid[0] is 0; expected 1 to 2147483647"),
        ('"ceildiv(n, 256)", "rows"', "1, 70000", "grid[1] is 70000; expected 1 to 65535"),
        ('"ceildiv(n, 256)", "rows"', '"n / 7"', "expected a whole number"),
        ('"ceildiv(n, 256)", "rows"', '"n // (rows - rows)"', "division by zero"),
        ('"ceildiv(n, 256)", "rows"', '"x.shape[7]"', "there is no [7]"),
        ('"ceildiv(n, 256)", "rows"', '"x"', "a tensor of float32 and shape [5, 300]"),
        ("block = [256]", "block = [64, 32]", "has 2048 threads; at most 1024"),
        ('"4 * next_pow2(rows)"', '"1 << 20"', "expected 0 to"),
        ('"n:int64"', '"n * 2 ** 40"', "beyond int32; write a type"),
        ('"n:int64"', '"n:int8"', "beyond int8"),
        ('"n:int64"', '"x:int8"', "a type int8 is of numbers"),
        ('"n:int64"', '"1.5:int32"', "which is no int32"),
        ('"n:int64"', '"2 ** 60 * 2 ** 60"', "beyond 64 bits"),
        ('"n:int64"', '"self.gamma"', "self has no 'gamma'"),
        ('"n:int64"', '"self.layers"', "expected a tensor or a number"),
    ],
)
def test_what_only_shapes_can_tell_is_said_when_they_are_known(
    old: str, new: str, says: str
) -> None:
    assert old in WHOLE
    with pytest.raises(LaunchError) as caught:
        plan(WHOLE.replace(old, new, 1), tensor(5, 300))
    assert says in str(caught.value)
    assert "first" in str(caught.value)


NUMBERS = st.recursive(
    st.integers(-1000, 1000).map(str) | st.sampled_from(["a", "b"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%", "<", "==", "<="]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        inner.map(lambda t: f"(-{t})"),
    ),
    max_leaves=12,
)


@given(NUMBERS, st.integers(-50, 50), st.integers(1, 50))
def test_the_interpreter_computes_what_python_computes(text: str, a: int, b: int) -> None:
    try:
        want: object = eval(text, {"__builtins__": {}, "a": a, "b": b, "min": min, "max": max})
    except ZeroDivisionError:
        want = None
    if isinstance(want, int) and want.bit_length() > 40:
        return
    try:
        expression = expressions.parse(text, ["a", "b"])
    except LaunchError:
        assert len(text) > expressions.CHARACTERS
        return
    if want is None:
        with pytest.raises(LaunchError, match="division by zero"):
            expressions.evaluate(expression, {"a": a, "b": b})
    else:
        assert expressions.evaluate(expression, {"a": a, "b": b}) == want


@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    found = read(text, "cuda", FORWARD)
    assert found.spec is None
    assert found.diagnostics
    with contextlib.suppress(LaunchError):
        expressions.evaluate(expressions.parse(text, ["x"]), {"x": tensor(2, 3)})


@given(st.integers(1, 10**9), st.integers(1, 10**6))
def test_helpers(a: int, b: int) -> None:
    assert expressions.ceildiv(a, b) == math.ceil(a / b) or a > 2**50
    power = expressions.next_pow2(a)
    assert power >= a > power // 2
    assert power & (power - 1) == 0


def test_forward_is_read_from_the_problem() -> None:
    code = "class Base:\n    def forward(self, x, *rest): ...\nclass Model(Base):\n    pass\n"
    assert forward_of(code) == Forward(("x",), True, "self, x, *rest")
    one = "class Model:\n    def forward(me, x: Tensor, *, scale: float = 1.0) -> Tensor: ...\n"
    assert forward_of(one) == Forward(("x", "scale"), False, "self, x, *, scale=1.0")
    with pytest.raises(InputError, match="no class Model"):
        forward_of("def f(): ...")
    with pytest.raises(InputError, match="not Python"):
        forward_of("def")
