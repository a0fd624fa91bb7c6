"""What the wrong elements of an output have in common, in words.

`feedback/patterns-*.toml` says what each usually comes from: a text here and a rule there belong
together.
"""

from __future__ import annotations

import math

import numpy as np

from kernelgepa.judge.axes import of_axes
from kernelgepa.judge.elsewhere import of_places, repeated
from kernelgepa.task import INTEGERS, Parameter
from kernelgepa.tasks.arrays import Array

ALMOST = 0.9  # a share of wrong elements from which the right ones may be right by chance
CLOSE = 0.05  # of the values' root mean square: an error that comes of precision
LARGER = 1.5  # from which values are said to be larger, or smaller, on the whole
CERTAIN = 8  # wrong elements from which a factor near one is told
MOSTLY = 0.98  # a share of a range from which it is said to be wrong as a whole
INFORMED = 4  # whole numbers below say nothing of a ratio


def pattern(
    parameter: Parameter, got: Array, want: Array, wrong: Array, shape: tuple[int, ...] = ()
) -> str:
    """The simplest description that fits all wrong elements; empty where none does.

    The arrays are flat; `shape` is the output's, where it is known.
    """
    shape = shape if math.prod(shape) == got.size else ()
    found = _not_finite(got, want, wrong, shape) or _constant(got, want)
    found = found or (repeated(got.reshape(shape), want.reshape(shape)) if len(shape) > 1 else "")
    found = found or _values(parameter, got, want, wrong)
    found = found or _close(parameter, got, want, wrong) or _places(got, want, wrong)
    if not found and shape:
        found = of_axes(got.reshape(shape), want.reshape(shape), wrong.size)
    found = found or of_places(got, want, wrong, shape) or _mostly(wrong, got.size)
    return found or _extent(got, want, wrong)


def _not_finite(got: Array, want: Array, wrong: Array, shape: tuple[int, ...]) -> str:
    bad = wrong[~np.isfinite(got[wrong])]
    if not bad.size:
        return ""
    text = f"{bad.size} elements are NaN or infinite where the reference is finite"
    if not np.isnan(got[bad]).all() or not np.isfinite(want[bad]).all():
        return text
    if bad.size == got.size:
        return text
    if bad.size > 1 and bad[-1] == got.size - 1 and bad[-1] - bad[0] + 1 == bad.size:
        return f"{text}: all from {bad[0]} to the end, as if never written"
    width = shape[-1] if len(shape) > 1 else 1
    columns = np.unique(bad % width)
    whole = bad.size == columns.size * np.unique(bad // width).size
    if whole and 1 < columns.size < width and columns[-1] - columns[0] + 1 == columns.size:
        return f"{text}: places {columns[0]}..{columns[-1]} of rows, as if never written"
    return text


def _constant(got: Array, want: Array) -> str:
    if got.size == 1:
        return "the only element is zero" if got[0] == 0 else ""
    if not np.all(got == got[0]) or np.all(want == want[0]):
        return ""
    if got[0] == 0:
        return "every element is zero"
    return f"every element is {got[0]:g}"


def _values(parameter: Parameter, got: Array, want: Array, wrong: Array) -> str:
    """Relations between the wrong values and the right ones."""
    left, right = got[wrong], want[wrong]
    whole = parameter.dtype in INTEGERS
    if wrong.size < 2:
        return _wrapped(left - right) if whole else ""
    if np.all(left == 0):
        return "all wrong elements are zero"
    if np.allclose(left, -right, rtol=1e-2) and np.any(right != 0):
        return "the sign is wrong"
    step = left - right
    if whole and np.all(np.isin(np.abs(step), (2**8, 2**16, 2**32))):
        return _wrapped(step)
    if np.all(step == step[0]):
        return f"all wrong elements are off by {step[0]:g}"
    if whole:
        return _of_whole(parameter.dtype, left, right)
    if np.all(right == right[0]):
        return f"the reference is {right[0]:g} at all wrong elements"
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = left / right
    near = np.all(np.isfinite(ratio)) and np.ptp(ratio) <= 0.02 * abs(ratio[0])
    # a factor near one is one where it is the same to a tenth of what it differs from one
    least = 10 * np.ptp(ratio) if near and wrong.size >= CERTAIN else CLOSE
    if near and ratio[0] != 0 and abs(ratio[0] - 1) > min(CLOSE, least):
        return f"all wrong elements are {_factor(float(ratio.mean()))} times the reference"
    return ""


def _of_whole(dtype: str, left: Array, right: Array) -> str:
    step = left - right
    wrapped = _wrapped(step)
    if wrapped:
        return wrapped
    info = np.iinfo(dtype)
    at_limit = (right == info.min) | (right == info.max)
    if np.all(at_limit):
        return "the reference saturates where these elements do not"
    if np.all((left == info.min) | (left == info.max)):
        return "these elements are saturated, the reference is not"
    if np.all(np.abs(step) == 1):
        return "off by one: another rounding than the reference's"
    squares = float((right * right).sum())
    ratio = float((left * right).sum()) / squares if squares else 0.0
    informed = np.abs(left).max() >= INFORMED <= np.abs(step).max()
    if ratio and informed and np.all(np.abs(left - ratio * right) <= 1.5):
        return f"all wrong elements are {_factor(ratio)} times the reference"
    return ""


def _wrapped(step: Array) -> str:
    """Whole numbers that differ by multiples of what a type can hold."""
    for bits in (32, 16, 8):
        certain = step.size >= 4 or bits > 8
        if certain and np.all(np.mod(step, 2.0**bits) == 0):
            return f"wrapped around at {bits} bits"
    return ""


def _factor(ratio: float) -> str:
    """`0.00781 (2^-7)`."""
    power = round(math.log2(abs(ratio)))
    if abs(power) > 1 and abs(abs(ratio) / 2.0**power - 1) < 0.01:
        return f"{ratio:.3g} (2^{power})"
    return f"{ratio:.3g}"


def _places(got: Array, want: Array, wrong: Array) -> str:
    """Where the wrong elements lie, unless it is everywhere."""
    first, last, size = int(wrong[0]), int(wrong[-1]), got.size
    if wrong.size == size:
        return ""
    if wrong.size == last - first + 1 and wrong.size > 1:
        return _block(first, last, size)
    for period in (2, 4, 8, 16, 32, 64):
        lanes = np.unique(wrong % period)
        if lanes.size == 1 and wrong.size >= 2 and wrong.size * period * 2 >= size:
            return (
                f"elements {int(lanes[0])}, {int(lanes[0]) + period}, ... (every {period}th) differ"
            )
    shifted = _shift(got, want)
    if shifted:
        return places(shifted)
    if wrong.size == 1:
        return f"only element {first} differs"
    return ""


def _block(first: int, last: int, size: int) -> str:
    if last == size - 1:
        if first * 2 >= size:
            return f"tail: all elements from {first} to the end differ"
        return f"from element {first} on all differ, those before are right"
    if first == 0:
        if last * 2 < size:
            return f"head: elements 0..{last} differ, the rest is right"
        return ""
    if (last - first) * 2 >= size:
        return ""
    return f"one block: elements {first}..{last} differ"


def _mostly(wrong: Array, size: int) -> str:
    """A range whose elements are wrong but for some that are right by chance."""
    first, last = int(wrong[0]), int(wrong[-1])
    apart = max(first, size - 1 - last) >= CERTAIN  # else those outside may be right by chance
    if wrong.size < CERTAIN or wrong.size < MOSTLY * (last - first + 1) or not apart:
        return ""
    first = 0 if first < CERTAIN else first
    last = size - 1 if size - 1 - last < CERTAIN else last
    return _block(first, last, size).replace("all ", "nearly all ")


def places(by: int, where: str = "") -> str:
    """Of values that are right, but elsewhere."""
    count = f"{abs(by)} place{'s' * (abs(by) > 1)}"
    return f"the right values, {count} too {'late' if by > 0 else 'early'}{where}"


def _shift(got: Array, want: Array) -> int:
    for by in (1, -1, 2, -2, 4, 8, 16, 32, -4, -8, -16, -32):
        if abs(by) * 2 >= got.size:
            continue
        left, right = (got[by:], want[:-by]) if by > 0 else (got[:by], want[-by:])
        if np.array_equal(left, right) and np.ptp(right) > 0:
            return by
    return 0


def _close(parameter: Parameter, got: Array, want: Array, wrong: Array) -> str:
    """All errors are small beside what the values are, though not beside each single one."""
    size = float(np.sqrt(np.mean(np.square(want)))) if np.isfinite(want).all() else 0.0
    if parameter.dtype in INTEGERS or not size or wrong.size < 2:
        return ""
    error = np.abs(got - want)[wrong]
    share = float((error / np.maximum(np.abs(want[wrong]), size)).max())
    if share > CLOSE:
        return ""
    return f"all are close: the largest error is {100 * share:.2g} % of the values' size"


def _extent(got: Array, want: Array, wrong: Array) -> str:
    if got.size == 1:
        return "the only element is wrong"
    text = ""
    if wrong.size == got.size:
        text = "every element is wrong"
    elif wrong.size >= ALMOST * got.size:
        text = "almost every element is wrong"
    own, size = (float(np.sqrt(np.mean(np.square(a)))) for a in (got, want))
    if not size or not own or not math.isfinite(own / size) or wrong.size * 2 < got.size:
        return text
    if 1 / LARGER < own / size < LARGER:
        return text
    return (
        f"{text or 'most are wrong'}: {own / size:.2g} times as large on the whole as they should"
    )
