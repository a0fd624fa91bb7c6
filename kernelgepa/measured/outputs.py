"""What a worker answered, as arrays, and compared with what it should have been."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kernelgepa.judge.compare import mismatch
from kernelgepa.measured.wire import Garbled
from kernelgepa.task import Parameter, Tolerance
from kernelgepa.tasks.arrays import Array
from kernelgepa.verdict import Diagnostic, Mismatch

CONTINUOUS = ("float", "bfloat", "complex")  # how the names of those types begin
RULES = Path(__file__).with_name("rules.toml")
_ML = ("bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz")
_EPS = {
    "float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7,
    "float8_e4m3fn": 2.0**-3, "float8_e5m2": 2.0**-2, "float8_e4m3fnuz": 2.0**-3,
    "float8_e5m2fnuz": 2.0**-2, "complex64": 2.0**-23,
    "complex128": 2.0**-52,
}  # fmt: skip


# What a plain sum of thousands of terms may be off, as a share of what the values are, where the
# reference's is made in blocks. Small terms are lost beside a large one: of 16,000 exponentials it
# is 2.6e-5 here and more elsewhere. A product in TF32 is off by 4e-4, as in half precision.
_PLAIN = {
    "float32": 2.0**-14, "complex64": 2.0**-14, "float64": 2.0**-40, "complex128": 2.0**-40,
}  # fmt: skip
# The root mean square error of rounding to a dtype, as a share of its _EPS.
_ROUNDING = 0.25
# In half precision a kernel that rounds after every step is off by up to 3 times as much as one
# that does so at the end; with weights in 8 bits 4 to 13 times, with bfloat16 for float16 12 times.
_HALF_FACTOR = 5.0
# Single elements may be that many times the root mean square error off: the candidate's own, where
# that is allowed. A plain sum of 4096 products has 9 times a blocked one's, and 90 times at most.
OUTLIER = 16.0
JUMPS = 0.01  # share of elements at which a reference may be another one in float64
_BESIDE = 64  # elements that lie side by side, whose sums have terms of like size
_MANY = 64


@cache
def rules() -> Mapping[str, Any]:
    """rules.toml."""
    return tomllib.loads(RULES.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Output:
    """One tensor as a worker gave it back."""

    shape: tuple[int, ...]
    dtype: str
    strides: tuple[int, ...]
    device: str
    data: bytes | memoryview

    def values(self) -> Array:
        """Flat, float64; complex numbers as pairs, integers of 64 bits as they are."""
        return _wide(self.raw())

    def raw(self) -> Array:
        """The same in its own dtype, without a copy."""
        array = np.frombuffer(self.data, dtype=dtype_of(self.dtype))
        return array.view(array.real.dtype) if array.dtype.kind == "c" else array


def _wide(array: Array) -> Array:
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8:
        return array
    return array.astype(np.float64)


@dataclass(frozen=True)
class Answer:
    """The outputs of one call. `odd`: types of what is no plain tensor."""

    form: str
    outputs: tuple[Output, ...]
    odd: tuple[str, ...] = ()
    changed: tuple[int, ...] = ()  # inputs that were written to
    flags: tuple[str, ...] = ()  # global settings that were changed
    aliased: bool = False  # two outputs share memory
    left: tuple[int, ...] = ()  # inputs that were written to, and are not returned
    given: int = 0  # on a CPU a sum of what the call was given


@dataclass(frozen=True)
class Own:
    """What a reference is off by itself, against float64, as one set of inputs shows it: the root
    mean square error of each output, and that as a share of the output's size."""

    errors: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    terms: int = 1  # the most that one of its results is a sum of

    def expected(self, index: int, size: float, count: int) -> float:
        """Of an output on other inputs. It grows with the values; only of few of them a share says
        little, as each may be small by chance."""
        if index >= len(self.errors):
            return 0.0
        return self.shares[index] * size if count >= _MANY else self.errors[index]


@dataclass(frozen=True)
class Compared:
    """`share` of the elements match. `error` is the root mean square of each output's error."""

    share: float
    notes: tuple[Diagnostic, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    error: tuple[float, ...] = ()

    @property
    def good(self) -> bool:
        return not self.notes and not self.mismatches


def answer(head: Mapping[str, Any], blobs: Mapping[str, bytes | memoryview]) -> Answer:
    """Of a message. Raises Garbled where it contradicts itself."""
    made = []
    try:
        for index, spec in enumerate(head["outputs"]):
            shape = tuple(whole(n) for n in spec["shape"])
            data, dtype = blobs[str(index)], str(spec["dtype"])
            if len(data) != math.prod(shape) * dtype_of(dtype).itemsize:
                raise Garbled(f"{len(data)} bytes for shape {shape} of {dtype}")
            strides = tuple(whole(n) for n in spec["strides"])
            made.append(Output(shape, dtype, strides, str(spec["device"]), data))
        odd, changed = head.get("odd", []), head.get("changed", [])
        return Answer(
            str(head["form"]), tuple(made), tuple(map(str, odd)), tuple(map(whole, changed)),
            tuple(map(str, head.get("flags", []))), bool(head.get("aliased")),
            tuple(map(whole, head.get("left", []))), whole(head.get("given", 0)),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Garbled(f"outputs that cannot be read ({error})") from error


def answers(head: Mapping[str, Any], blobs: Mapping[str, bytes | memoryview]) -> list[Answer]:
    """Of a message with those of several calls. Raises Garbled."""
    shown = head.get("shown")
    if not isinstance(shown, list) or not all(isinstance(one, dict) for one in shown):
        raise Garbled("no outputs")
    parts: list[dict[str, bytes | memoryview]] = [{} for _ in shown]
    for name, data in blobs.items():
        number, _, place = name.partition(".")
        if not number.isdecimal() or int(number) >= len(parts):
            raise Garbled(f"outputs {name!r}, which belong to no call")
        parts[int(number)][place] = data
    return [answer(one, part) for one, part in zip(shown, parts, strict=True)]


def whole(value: Any) -> int:
    """A number of a message, of at most 48 bits. Raises ValueError."""
    if type(value) is not int or not 0 <= value < 1 << 48:
        raise ValueError(f"{value!r} is no whole number of at most 48 bits")
    return value


@cache
def dtype_of(name: str) -> np.dtype[Any]:
    """numpy's (or ml_dtypes') type of a torch dtype's name. Raises Garbled."""
    if name in _ML:
        import ml_dtypes  # noqa: PLC0415

        made: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
        return made
    if name not in (
        "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64",
        "float16", "float32", "float64", "complex64", "complex128",
    ):  # fmt: skip
        raise Garbled(f"a dtype {name!r}")
    return np.dtype(name)


def shaped(got: Answer, want: Answer) -> list[Diagnostic]:
    """What is wrong with outputs before their values are looked at."""
    if got.odd:
        return [_note("not-a-tensor", f"it returns {', '.join(got.odd)}, expected plain tensors")]
    if got.form != want.form or len(got.outputs) != len(want.outputs):
        return [_note("not-a-tensor", f"it returns {got.form}, the reference {want.form}")]
    found = []
    for index, (g, w) in enumerate(zip(got.outputs, want.outputs, strict=True)):
        name = _name(index, want)
        if g.dtype != w.dtype:
            found.append(_note("dtype", f"{name} is {g.dtype}, the reference's {w.dtype}"))
        elif g.shape != w.shape:
            found.append(_note("shape", f"{name} has shape {g.shape}, the reference's {w.shape}"))
        elif g.device != w.device:
            found.append(_note("device", f"{name} is on {g.device}, the reference's on {w.device}"))
        elif not _dense(g) and g.strides != w.strides:
            found.append(
                _note(
                    "layout",
                    f"{name} has strides {g.strides} for shape {g.shape}: neither its elements "
                    f"one after the other nor the reference's strides {w.strides}",
                )
            )
    return found


def _name(index: int, of: Answer) -> str:
    return "output" if len(of.outputs) == 1 else f"output {index}"


def _note(code: str, message: str) -> Diagnostic:
    return Diagnostic(message, code=code)


def _dense(output: Output) -> bool:
    """Whether the elements lie one after the other in row-major order; none lie anywhere."""
    if 0 in output.shape:
        return True
    step = 1
    for size, stride in zip(reversed(output.shape), reversed(output.strides), strict=True):
        if size > 1 and stride != step:
            return False
        step *= size
    return True


def coarse(one: Answer) -> bool:
    """Whether an output has half precision: of small values little is then left of what a sound
    kernel computes on the way (`exp(x) - 1`)."""
    return any(o.dtype in ("float16", "bfloat16") for o in one.outputs)


def compared(
    got: Answer, want: Answer, exact: Answer | None, factor: float, tolerance: Tolerance | None,
    allowed: Own | None = None, explain: bool = True, usual: bool = False,
) -> Compared:  # fmt: skip
    """`want` is the reference, `exact` the reference in float64.

    `factor` 0: only the tolerance counts. `allowed`: what the reference is off by itself, known
    from elsewhere. `explain`: say what kind of wrong values they are, which takes longer than to
    find them. `usual`: inputs are not scaled, which makes much of what has been rounded before: an
    exponential of larger ones, a difference (`exp(x) - 1`) of smaller ones.
    """
    wrong = shaped(got, want)
    if wrong:
        return Compared(0.0, tuple(wrong))
    right = total = 0
    notes, misses, errors = list[Diagnostic](), list[Mismatch](), list[float]()
    for index, (g, w) in enumerate(zip(got.outputs, want.outputs, strict=True)):
        found = _Errors(g.raw(), w.raw(), exact.outputs[index].raw() if exact else w.raw())
        # A sum that cancels is off by what its terms are worth, in any order of summation.
        floats = w.dtype in _EPS
        taken = allowance(w.dtype, tolerance)
        own = found.own(taken) if exact and floats else 0.0
        size = _rms(found.truth) if floats else 0.0
        own = max(own, allowed.expected(index, size, found.truth.size) if allowed else 0.0)
        terms = allowed.terms if allowed and factor else 1
        plain = _plain(w.dtype, terms, found.truth.size)
        times = min(factor, _HALF_FACTOR) if floats and not plain and usual else factor
        good, error = _match(found, w.dtype, allowance(w.dtype, tolerance, plain), own, times, size)
        right, total = right + int(np.count_nonzero(good)), total + good.size
        errors.append(error)
        name = _name(index, want)
        if not explain and not good.all():
            notes.append(_note("wrong-values", f"{name} has wrong values"))
        elif not good.all():
            parameter = Parameter(name, "out", w.dtype)
            told = mismatch(
                parameter,
                found.got.astype(np.float64),
                found.truth.astype(np.float64),
                good,
                w.shape,
            )
            misses.append(replace(told, total=max(1, told.total)))
        elif factor and floats:
            bound = times * max(own, _ROUNDING * _EPS[w.dtype] * size)
            bound = max(bound, plain * size)
            if error > bound:
                notes.append(
                    _note(
                        "precision",
                        f"{name} has a root mean square error of {error:.2g}; the reference's own "
                        f"in {w.dtype} is {own:.2g}, and up to {bound:.2g} is taken",
                    )
                )
    share = right / total if total else 1.0
    return Compared(share, tuple(notes), tuple(misses), tuple(errors))


def allowance(dtype: str, given: Tolerance | None, plain: float = 0.0) -> Tolerance:
    """The task's tolerance, else the usual one of a dtype, or what a plain sum may be off."""
    usual = rules()["tolerance"].get(dtype, 0.0)
    return given or Tolerance(usual, max(usual, plain))


def _plain(dtype: str, terms: int, count: int) -> float:
    """What a plain sum may be off, as a share of the values. Of ever more terms it is off by their
    root, in units of the dtype's last place. The most is below what rounding all values to half
    precision does (1.9e-4); of few values no such rounding can be told, and twice that is taken."""
    if dtype not in _PLAIN:
        return 0.0
    least = _PLAIN[dtype]
    most = least * (2.0 if count >= _MANY else 4.0)
    return min(max(least, _EPS[dtype] * math.sqrt(terms)), most)


def step(dtype: str) -> float:
    """From 1 to the next number of a type; 0 of whole numbers."""
    return _EPS.get(dtype, 0.0)


def own_errors(one: Answer, exact: Answer, tolerance: Tolerance | None) -> tuple[float, ...]:
    """The root mean square error of each output of a reference, without jumps."""
    return tuple(
        _Errors(o.raw(), o.raw(), e.raw()).own(allowance(o.dtype, tolerance)) * bool(step(o.dtype))
        for o, e in zip(one.outputs, exact.outputs, strict=True)
    )


def same(one: Answer, other: Answer) -> bool:
    """Whether two answers have the same bytes, and any."""
    first, second = ([np.frombuffer(o.data, np.uint8) for o in a.outputs] for a in (one, other))
    return bool(first) and len(first) == len(second) and all(map(np.array_equal, first, second))


def finite(found: Answer) -> bool:
    """Whether all numbers of all outputs are."""
    raws = [o.raw() for o in found.outputs]
    return all(
        bool(np.isfinite(raw[part].astype(np.float64)).all())
        for raw in raws
        for part in _parts(raw.size)
    )


_PART = 1 << 15  # elements: what is made of them stays in a core's cache


def _parts(size: int) -> Iterator[slice]:
    return (slice(start, start + _PART) for start in range(0, size, _PART))


@dataclass(frozen=True)
class _Errors:
    """Outputs of one shape, flat, in their own dtypes; looked at part by part."""

    got: Array
    reference: Array
    truth: Array

    def part(self, part: slice) -> tuple[Array, Array, Array]:
        """As `Output.values`; two that are one stay one."""
        reference = _wide(self.reference[part])
        got = reference if self.got is self.reference else _wide(self.got[part])
        truth = reference if self.truth is self.reference else _wide(self.truth[part])
        return got, reference, truth

    def rms(self) -> float:
        """Root mean square of got - truth where all three are finite."""
        return self._within(None)[0]

    def own(self, tolerance: Tolerance) -> float:
        """Of reference - truth; without the few elements where it jumps elsewhere in float64."""
        reference = replace(self, got=self.reference)
        (whole, many), (close, near) = map(reference._within, (None, tolerance))
        return close if near >= (1.0 - JUMPS) * many else whole

    def _within(self, tolerance: Tolerance | None) -> tuple[float, int]:
        """The same of those that are so near, and how many those are."""
        total, count = 0.0, 0
        for part in _parts(self.got.size):
            got, reference, truth = self.part(part)
            with np.errstate(invalid="ignore", over="ignore"):
                difference = got - truth
                if tolerance is not None:
                    near = np.abs(difference) <= tolerance.atol + tolerance.rtol * np.abs(truth)
                    difference = np.where(near, difference, np.nan)
            if reference is not truth and not np.isfinite(reference).all():
                difference = difference[np.isfinite(reference)]
            squares, many = _squares(difference)
            total, count = total + squares, count + many
        return (math.sqrt(total / count) if count else 0.0), count


def _match(
    found: _Errors, dtype: str, tolerance: Tolerance, own: float, factor: float, size: float
) -> tuple[Array, float]:
    """Which elements are right, and the root mean square of the error where they are finite.

    `size`: root mean square of the values.
    """
    good = np.empty(found.got.size, dtype=np.bool_)
    if dtype not in _EPS:
        # Whole numbers made of floats, such as an index of a maximum: ties may fall either way.
        for part in _parts(good.size):
            got, reference, truth = found.part(part)
            good[part] = (got == reference) | (got == truth)
        return good, 0.0
    error = found.rms()
    spread = min(max(own, error), max(1.0, factor) * own)
    atol, rtol = max(tolerance.atol, OUTLIER * spread), tolerance.rtol
    for part in _parts(good.size):
        got, reference, truth = found.part(part)
        with np.errstate(invalid="ignore", over="ignore"):
            off, relative = np.abs(got - truth), rtol * np.abs(truth)
            near = off <= atol + relative
            if size and not near.all():
                local = OUTLIER * spread / size * _around(truth)
                near = off <= np.maximum(atol, local) + relative
        if not near.all() or not all(np.isfinite(v).all() for v in (got, reference, truth)):
            same = (got == reference) | (np.isnan(got) & np.isnan(reference))
            finite = np.isfinite(truth) & np.isfinite(reference)
            near = np.where(finite, near & np.isfinite(got), same)
        good[part] = near
    return good, error


def _around(values: Array) -> Array:
    """The root mean square of those beside each: what is small among large ones has most often
    large terms, too, which cancel."""
    padded = np.zeros(-(-values.size // _BESIDE) * _BESIDE)
    padded[: values.size] = np.where(np.isfinite(values), values, 0.0)
    sizes = np.sqrt(np.square(padded).reshape(-1, _BESIDE).mean(axis=1))
    return np.repeat(sizes, _BESIDE)[: values.size]


def sizes(found: Answer) -> tuple[float, ...]:
    """The root mean square of each output's finite values."""
    return tuple(_rms(output.raw()) for output in found.outputs)


def _squares(values: Array) -> tuple[float, int]:
    """The sum of the squares of the finite ones, and how many there are."""
    if not np.isfinite(values).all():
        values = values[np.isfinite(values)]
    with np.errstate(over="ignore"):
        return float(np.square(values).sum()), values.size


def _rms(values: Array) -> float:
    """Of a flat array of any dtype."""
    found = [_squares(values[part].astype(np.float64)) for part in _parts(values.size)]
    count = sum(many for _, many in found)
    return math.sqrt(sum(squares for squares, _ in found) / count) if count else 0.0
