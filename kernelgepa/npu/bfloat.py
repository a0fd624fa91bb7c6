"""Lowers LLVM's `bfloat` to 16-bit integers, which wasm32 lacks, one instruction of IR text a time.

Arithmetic goes through float32, as the core does it; a conversion to bfloat16 reads the rounding
mode, so it is a call into the tile's runtime.
"""

from __future__ import annotations

import re
from itertools import count

FLAGS = r"(?:(?:fast|nnan|ninf|nsz|arcp|contract|afn|reassoc) )*"
_CONSTANT = re.compile(r"0xR([0-9A-Fa-f]{4})\b")
# Not in texts, and not in names: a function may be called sqrt_bfloat16.
_WORD = re.compile(r'"[^"]*"|0xR([0-9A-Fa-f]{4})\b|(?<![\w@%.$-])bfloat\b(?![.$-])')
_ARITHMETIC = re.compile(
    rf"^(?P<r>%\S+) = (?P<op>fadd|fsub|fmul|fdiv|frem) {FLAGS}"
    r"(?P<t>bfloat|<(?P<n>\d+) x bfloat>) (?P<rest>.+)$"
)
_NEGATE = re.compile(rf"^(?P<r>%\S+) = fneg {FLAGS}(?P<t>bfloat|<(?P<n>\d+) x bfloat>) (?P<a>.+)$")
_COMPARE = re.compile(
    rf"^(?P<r>%\S+) = fcmp {FLAGS}(?P<p>\w+) (?P<t>bfloat|<(?P<n>\d+) x bfloat>) (?P<rest>.+)$"
)
_CONVERT = re.compile(
    r"^(?P<r>%\S+) = (?P<op>fpext|fptrunc|fptosi|fptoui|sitofp|uitofp) "
    rf"(?:nneg )?{FLAGS}(?P<from><[^>]*>|\S+) (?P<a>.+) to (?P<to>.+)$"
)
_INTRINSIC = re.compile(
    rf"^(?P<r>%\S+) = (?:tail |notail )?call {FLAGS}(?:[a-z]+(?:\([^)]*\))? )*"
    r"(?P<t>bfloat|<\d+ x bfloat>|i1|i\d+) @llvm\.(?P<name>[\w.]+?)\.(?P<suffix>[\w.]*bf16)"
    r"\((?P<args>.*)\)(?: #\d+)?$"
)
_SPLIT = re.compile(r",\s*(?![^<(\[{]*[>)\]}])")
_VECTOR = re.compile(r"<(\d+) x bfloat>")

HELPERS = """
define internal float @__kg_bf_ext(i16 %a) {
  %z = zext i16 %a to i32
  %s = shl i32 %z, 16
  %f = bitcast i32 %s to float
  ret float %f
}
declare i16 @__kg_bf_trunc(float)
"""


def _signed16(match: re.Match[str]) -> str:
    value = int(match[1], 16)
    return str(value - 65536 if value >= 32768 else value)


def bfloat_as_bits(text: str) -> str:
    """Types and constants of IR text with `bfloat` replaced by 16-bit integers."""
    return _WORD.sub(lambda m: _signed16(m) if m[1] else m[0] if m[0][0] == '"' else "i16", text)


class Unsupported(Exception):
    """An instruction with no meaning on the tile; the message names it."""


class BfloatLowering:
    """Rewrites lines of one module; collects the helper definitions they need."""

    def __init__(self) -> None:
        self._names = count()
        self._helpers: dict[str, str] = {}
        self._declared: set[str] = set()

    def definitions(self) -> str:
        """Helpers to append to the module."""
        return HELPERS + "".join(self._helpers.values())

    def line(self, text: str) -> list[str]:
        """The lines that replace one instruction (without metadata or indentation)."""
        text = _CONSTANT.sub(_signed16, text)
        for pattern, handle in (
            (_ARITHMETIC, self._arithmetic),
            (_NEGATE, self._negate),
            (_COMPARE, self._compare),
            (_CONVERT, self._convert),
            (_INTRINSIC, self._intrinsic),
        ):
            match = pattern.match(text)
            if match:
                done = handle(match)
                if done is not None:
                    return done
        called = re.search(r"@llvm\.[\w.]*bf16", text)
        if called:
            raise Unsupported(f"bfloat16 operation {called[0][1:]}")
        if re.search(r" = (?:select|phi) ", text):
            text = re.sub(rf"( = (?:select|phi) ){FLAGS}", r"\1", text)
        return [bfloat_as_bits(re.sub(r" nofpclass\([^)]*\)", "", text))]

    def _name(self) -> str:
        return f"%kg.b{next(self._names)}"

    def _widen(self, operand: str, out: list[str]) -> str:
        name = self._name()
        out.append(f"{name} = call float @__kg_bf_ext(i16 {operand})")
        return name

    def _narrow(self, result: str, operand: str) -> str:
        return f"{result} = call i16 @__kg_bf_trunc(float {operand})"

    def _arithmetic(self, m: re.Match[str]) -> list[str]:
        a, b = _SPLIT.split(m["rest"])
        if m["n"]:
            return self._lanewise(m["r"], m["op"], int(m["n"]), (a, b))
        out: list[str] = []
        x, y, z = self._widen(a, out), self._widen(b, out), self._name()
        return [*out, f"{z} = {m['op']} float {x}, {y}", self._narrow(m["r"], z)]

    def _negate(self, m: re.Match[str]) -> list[str]:
        if not m["n"]:
            return [f"{m['r']} = xor i16 {m['a']}, -32768"]
        return [f"{m['r']} = xor <{m['n']} x i16> {m['a']}, splat (i16 -32768)"]

    def _compare(self, m: re.Match[str]) -> list[str]:
        a, b = _SPLIT.split(m["rest"])
        if m["n"]:
            return self._lanewise(m["r"], f"fcmp {m['p']}", int(m["n"]), (a, b), "i1")
        out: list[str] = []
        x, y = self._widen(a, out), self._widen(b, out)
        return [*out, f"{m['r']} = fcmp {m['p']} float {x}, {y}"]

    def _convert(self, m: re.Match[str]) -> list[str] | None:
        source, to = m["from"], m["to"]
        if "bfloat" not in source + to:
            return None
        lanes = _VECTOR.match(source) or _VECTOR.match(to)
        if lanes:
            return self._lane_conversion(m, int(lanes[1]))
        out: list[str] = []
        if source == "bfloat":
            x = self._widen(m["a"], out)
            if to == "float":
                return [f"{m['r']} = call float @__kg_bf_ext(i16 {m['a']})"]
            return [*out, f"{m['r']} = {m['op']} float {x} to {to}"]
        if source == "float":
            return [self._narrow(m["r"], m["a"])]
        x = self._name()
        return [f"{x} = {m['op']} {source} {m['a']} to float", self._narrow(m["r"], x)]

    def _intrinsic(self, m: re.Match[str]) -> list[str] | None:
        if m["t"].startswith("<"):
            raise Unsupported(f"vector bfloat16 intrinsic {m['name']}")
        out: list[str] = []
        args, types = [], []
        for arg in _SPLIT.split(m["args"]):
            words = arg.split()
            if words[0] == "bfloat":
                args.append(f"float {self._widen(words[-1], out)}")
                types.append("float")
            else:
                args.append(arg)
                types.append(words[0])
        result = "float" if m["t"] == "bfloat" else m["t"]
        suffix = m["suffix"].replace("bf16", "f32")
        callee = f"@llvm.{m['name']}.{suffix}"
        self._declare(f"declare {result} {callee}({', '.join(types)})\n", callee)
        if result != "float":
            return [*out, f"{m['r']} = call {result} {callee}({', '.join(args)})"]
        z = self._name()
        out.append(f"{z} = call float {callee}({', '.join(args)})")
        return [*out, self._narrow(m["r"], z)]

    def _declare(self, text: str, callee: str) -> None:
        self._helpers.setdefault(callee, text)

    def declared_elsewhere(self, callee: str) -> None:
        """The module declares this intrinsic itself."""
        self._helpers[callee] = ""

    def _lanewise(
        self, result: str, op: str, lanes: int, operands: tuple[str, str], to: str = "i16"
    ) -> list[str]:
        name = f"@__kg_bf_{op.replace(' ', '_')}_{lanes}"
        if name not in self._helpers:
            body = []
            for i in range(lanes):
                last = f"%v{i - 1}" if i else "poison"
                body += [
                    f"%a{i} = extractelement <{lanes} x i16> %a, i32 {i}",
                    f"%b{i} = extractelement <{lanes} x i16> %b, i32 {i}",
                    f"%x{i} = call float @__kg_bf_ext(i16 %a{i})",
                    f"%y{i} = call float @__kg_bf_ext(i16 %b{i})",
                    f"%z{i} = {op} float %x{i}, %y{i}",
                ]
                if to == "i16":
                    body.append(f"%w{i} = call i16 @__kg_bf_trunc(float %z{i})")
                value = f"%w{i}" if to == "i16" else f"%z{i}"
                body.append(f"%v{i} = insertelement <{lanes} x {to}> {last}, {to} {value}, i32 {i}")
            self._helpers[name] = _function(
                f"<{lanes} x {to}>", name, f"<{lanes} x i16> %a, <{lanes} x i16> %b", body, lanes
            )
        typed = ", ".join(f"<{lanes} x i16> {o}" for o in operands)
        return [f"{result} = call <{lanes} x {to}> {name}({typed})"]

    def _lane_conversion(self, m: re.Match[str], lanes: int) -> list[str]:
        source = re.sub(r"^<\d+ x (\w+)>$", r"\1", m["from"])
        to = re.sub(r"^<\d+ x (\w+)>$", r"\1", m["to"])
        stored, made = source.replace("bfloat", "i16"), to.replace("bfloat", "i16")
        name = f"@__kg_bf_{m['op']}_{source}_{to}_{lanes}"
        if name not in self._helpers:
            body = []
            for i in range(lanes):
                last = f"%v{i - 1}" if i else "poison"
                body.append(f"%a{i} = extractelement <{lanes} x {stored}> %a, i32 {i}")
                body += self.line(f"%w{i} = {m['op']} {source} %a{i} to {to}")
                body.append(
                    f"%v{i} = insertelement <{lanes} x {made}> {last}, {made} %w{i}, i32 {i}"
                )
            self._helpers[name] = _function(
                f"<{lanes} x {made}>", name, f"<{lanes} x {stored}> %a", body, lanes
            )
        return [f"{m['r']} = call <{lanes} x {made}> {name}(<{lanes} x {stored}> {m['a']})"]


def _function(result: str, name: str, parameters: str, body: list[str], lanes: int) -> str:
    lines = "\n".join(f"  {line}" for line in body)
    return (
        f"define internal {result} {name}({parameters}) {{\n{lines}\n"
        f"  ret {result} %v{lanes - 1}\n}}\n"
    )
