"""Arguments of a kernel: which type each number has, and its bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kernelgepa.cuda.signature import ParameterKind
from kernelgepa.launch import Argument, LaunchError
from kernelgepa.launch.spec import SCALAR_BYTES

POINTER_BYTES = 8
POINTER = "a pointer"  # in place of a type
_WORDS: Mapping[ParameterKind, str] = {
    "pointer": "a pointer", "float": "a floating-point number", "whole": "a whole number",
}  # fmt: skip
_FORMS = {
    "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d", "bool": "?",
}  # fmt: skip
_WHOLE = {1: "int8", 2: "int16", 4: "int32", 8: "int64"}
_FLOATS = {2: "float16", 4: "float32", 8: "float64"}


@dataclass(frozen=True)
class Parameters:
    """Of a kernel: bytes of each, and what kind each is, as far as known."""

    sizes: Sequence[int]
    kinds: Sequence[ParameterKind] = ()

    def kind(self, place: int) -> ParameterKind:
        """Of the parameter at a place, from 0; "" where it is not known."""
        return self.kinds[place] if len(self.kinds) == len(self.sizes) else ""


def fitted(
    kernel: str, arguments: Sequence[Argument], parameters: Parameters | None
) -> tuple[Argument, ...]:
    """Numbers without a type of their own get that of the parameter.

    Raises LaunchError where arguments do not fit the kernel's parameters, which may not be known.
    """
    if parameters is None:
        return tuple(arguments)
    wrong = count(kernel, len(arguments), parameters.sizes)
    if wrong:
        raise LaunchError(wrong)
    made = []
    for place, (one, size) in enumerate(zip(arguments, parameters.sizes, strict=True)):
        kind = parameters.kind(place)
        found = _fitted(one, size, kind) if one.kind == "number" and not one.typed else one
        given = found.type if one.kind == "number" else POINTER
        wrong = mismatch(kernel, place, one.text, given, size, kind)
        if wrong:
            raise LaunchError(wrong)
        made.append(found)
    return tuple(made)


def _fitted(one: Argument, size: int, kind: ParameterKind) -> Argument:
    whole = kind == "whole" or (not kind and not isinstance(one.value, float))
    if whole and int(one.value) == one.value:
        return replace(one, type=_WHOLE.get(size, "int32"), value=int(one.value))
    if kind == "whole":
        raise LaunchError(f"args: {one.text!r} is {one.value}, and the parameter is a whole number")
    return replace(one, type=_FLOATS.get(size, "float32"), value=float(one.value))


def count(kernel: str, given: int, sizes: Sequence[int]) -> str:
    """What is wrong with the number of arguments, or nothing."""
    if given == len(sizes):
        return ""
    return f"kernel {kernel} has {len(sizes)} parameters, and the launch gives {given} arguments"


def mismatch(kernel: str, place: int, text: str, given: str, size: int, kind: ParameterKind) -> str:
    """What is wrong with one argument of a type, or POINTER, or nothing. `place` is from 0."""
    pointer = given == POINTER
    bytes_ = POINTER_BYTES if pointer else SCALAR_BYTES[given]
    other = bool(kind) and pointer != (kind == "pointer")
    if not pointer and kind in ("float", "whole"):
        other = ("float" in given) != (kind == "float")
    if bytes_ != size:
        wrong = f"{given}, {bytes_} bytes, and the parameter has {size}"
    elif other:
        wrong = f"{given}, and the parameter is {_WORDS[kind]}"
    else:
        return ""
    return f"kernel {kernel}: argument {place + 1} ({text!r}) is {wrong}"


def packed(kind: str, value: float) -> bytes:
    """A number's bytes, little-endian. Raises LaunchError where it does not fit."""
    try:
        if kind == "bfloat16":
            return _bfloat16(value)
        return struct.pack("<" + _FORMS[kind], value)
    except (struct.error, OverflowError) as error:
        raise LaunchError(f"{value} is no {kind}") from error


def _bfloat16(value: float) -> bytes:
    """The upper half of a float32, rounded to nearest even."""
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    if bits & 0x7F800000 == 0x7F800000:
        return struct.pack("<H", bits >> 16)
    return struct.pack("<H", (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
