"""The launch specification as values: strict keys, one sentence for each mistake.

outputs = ["out"]                 # names of what is returned; each like the reference's
[let]                             # names for expressions, in order
n = "x.numel"
[[buffer]]                        # temporary memory
name = "partial"
shape = ["ceildiv(n, 1024)"]
dtype = "float32"
zero = true
[[launch]]                        # one or more, in order
kernel = "saxpy"
grid = ["ceildiv(n, 256)"]
block = [256]                     # cuda; triton: constants, num_warps, num_stages
args = ["x", "y", "out", "n:int32", "self.eps:float32"]
"""

from __future__ import annotations

import difflib
import keyword
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kernelgepa.launch import expression as expressions
from kernelgepa.launch import lines
from kernelgepa.launch.expression import FUNCTIONS, SELF, Expression, LaunchError
from kernelgepa.launch.problem import Forward
from kernelgepa.verdict import Diagnostic

COMPONENT = "launch"  # of a candidate
Kind = Literal["cuda", "triton"]
REFERENCE = "reference"
TENSOR_DTYPES = (
    "float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool",
)  # fmt: skip
SCALAR_BYTES: Mapping[str, int] = {
    "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8,
    "uint64": 8, "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "bool": 1,
}  # fmt: skip
_ALIASES = {
    "int": "int32", "long": "int64", "size_t": "uint64", "unsigned": "uint32", "float": "float32",
    "double": "float64", "half": "float16", "long long": "int64", "i32": "int32", "i64": "int64",
    "u32": "uint32", "u64": "uint64", "fp16": "float16", "bf16": "bfloat16", "fp32": "float32",
    "fp64": "float64", "char": "int8",
}  # fmt: skip
_TYPED = re.compile(r"(?P<text>.*\S)\s*:\s*(?P<type>[A-Za-z_][\w ]*)", re.DOTALL)
_KERNEL = re.compile(r"[A-Za-z_]\w*(::[A-Za-z_]\w*)*(<[\w\s,:<>()&*+-]*>)?", re.ASCII)
_OWN: Mapping[Kind, tuple[str, ...]] = {
    "cuda": ("block", "shared"),
    "triton": ("constants", "num_warps", "num_stages"),
}
_MOST = 64  # launches, buffers, names
# Of compilers of CUDA: what both NVRTC and nvcc take, and what reads no file.
_OPTION = re.compile(
    r"--use_fast_math|--(fmad|ftz|prec-div|prec-sqrt)=(true|false)|--maxrregcount=\d{1,3}|"
    r"--extra-device-vectorization|--restrict|-arch=sm_\d{2,3}[af]?|"
    r"-D[A-Za-z_]\w*(=[\w.+-]*)?",
    re.ASCII,
)
_TEXT_CHARACTERS = 64 << 10


@dataclass(frozen=True)
class ArgumentSpec:
    """One argument: a tensor's name or a number. `type` is "" where it is not given."""

    value: Expression
    type: str = ""


@dataclass(frozen=True)
class BufferSpec:
    """A tensor that is allocated. `like`: a tensor's name, or "reference" for an output."""

    name: str
    shape: tuple[Expression, ...] = ()
    dtype: str = ""  # a name, or "x.dtype"
    like: str = ""
    zero: bool = False


@dataclass(frozen=True)
class LaunchSpec:
    """One launch. What the other kind of target has is at its default."""

    kernel: str
    grid: tuple[Expression, ...]
    args: tuple[ArgumentSpec, ...]
    when: Expression | None = None
    block: tuple[Expression, ...] = ()
    shared: Expression | None = None
    constants: Mapping[str, Expression] = field(default_factory=dict)
    warps: Expression | None = None
    stages: Expression | None = None


@dataclass(frozen=True)
class Spec:
    """A launch specification. `outputs` is None where they are what the reference returns."""

    launches: tuple[LaunchSpec, ...]
    outputs: tuple[BufferSpec, ...] | None = None
    let: Mapping[str, Expression] = field(default_factory=dict)
    buffers: tuple[BufferSpec, ...] = ()
    contiguous: bool = True  # tensors are made contiguous before they are passed
    options: tuple[str, ...] = ()  # of the compiler, cuda only


@dataclass(frozen=True)
class Read:
    """What came of a text: a spec, or at least one diagnostic of code "launch"."""

    spec: Spec | None
    diagnostics: tuple[Diagnostic, ...] = ()


def read(text: str, kind: Kind, forward: Forward) -> Read:
    """Reads a launch specification strictly. Never raises for what is in it."""
    if len(text) > _TEXT_CHARACTERS:
        return Read(None, (_wrong(text, f"more than {_TEXT_CHARACTERS} characters", None),))
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, line, column = lines.of_error(str(error))
        return Read(None, (_wrong(text, f"not TOML: {message}", line, column),))
    except RecursionError:
        return Read(None, (_wrong(text, "not TOML: nested too deeply", None),))
    reader = _Reader(text, kind, forward)
    spec = reader.spec(raw)
    return Read(None if reader.found else spec, tuple(reader.found))


def _wrong(text: str, message: str, line: int | None, column: int | None = None) -> Diagnostic:
    rows = text.splitlines()
    source = rows[line - 1].strip()[:200] if line and line <= len(rows) else ""
    where = f"launch, line {line}: " if line else "launch: "
    return Diagnostic(where + message, "error", line, column, source, "launch")


def named(index: int) -> str:
    """The name of the index-th output where none is given."""
    return "out" if index == 0 else f"out{index}"


class _Reader:
    """Collects every mistake of one text."""

    def __init__(self, text: str, kind: Kind, forward: Forward) -> None:
        self._text, self._kind, self._forward = text, kind, forward
        self.found: list[Diagnostic] = []
        self._known: list[str] = [SELF, *forward.parameters]

    def spec(self, raw: Mapping[str, Any]) -> Spec:
        own = ("options",) if self._kind == "cuda" else ()
        self._keys(raw, "", 0, ("outputs", "let", "buffer", "launch", "contiguous", *own))
        outputs = self._outputs(raw.get("outputs"))
        names = [named(i) for i in range(_MOST)] if outputs is None else [o.name for o in outputs]
        self._known += [n for n in names if n not in self._known]
        named_buffers = self._buffer_names(raw.get("buffer", []))
        let = self._let(raw.get("let", {}))
        buffers = self._buffers(named_buffers)
        outputs = None if outputs is None else self._output_shapes(raw["outputs"], outputs)
        launches = self._launches(raw.get("launch"))
        contiguous = raw.get("contiguous", True)
        if not isinstance(contiguous, bool):
            self._say(f"contiguous: expected true or false, found {contiguous!r:.40}", "contiguous")
        options = self._options(raw.get("options", []))
        return Spec(launches, outputs, let, buffers, contiguous is not False, options)

    def _say(
        self, message: str, key: str, table: str = "", index: int = 0, value: object = ""
    ) -> None:
        shown = value if isinstance(value, str) else ""
        line = lines.of_key(self._text, table, index, key, shown)
        self.found.append(_wrong(self._text, message, line))

    def _keys(self, raw: Mapping[str, Any], table: str, index: int, known: Sequence[str]) -> None:
        for key in raw:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
                where = f" in [[{table}]]" if table else ""
                self._say(f"unknown key {key!r}{where}; {hint}", key, table, index)

    def _name(self, name: object, what: str, key: str, table: str = "", index: int = 0) -> str:
        """A new name. It becomes known, right or wrong, so that its uses are not also mistakes."""
        problem = ""
        if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
            problem = f"{what}: expected a name, found {name!r:.60}"
        elif name in (SELF, REFERENCE, *FUNCTIONS) or keyword.iskeyword(name):
            problem = f"{what}: {name!r} has a meaning of its own here; take another name"
        elif name.startswith("_"):
            problem = f"{what}: {name!r} begins with an underscore; take another name"
        elif name in self._known:
            problem = f"{what}: {name!r} is named twice, or is a parameter of forward"
        if problem:
            self._say(problem, key, table, index, name)
        if isinstance(name, str) and name not in self._known:
            self._known.append(name)
        return str(name)

    def _expression(
        self, given: object, what: str, key: str, table: str = "", index: int = 0,
        known: Sequence[str] = (),
    ) -> Expression | None:  # fmt: skip
        try:
            return expressions.parse(given, (*self._known, *known))
        except LaunchError as error:
            self._say(f"{what}: {error}", key, table, index, given)
            return None

    def _let(self, raw: object) -> Mapping[str, Expression]:
        made: dict[str, Expression] = {}
        if not isinstance(raw, dict) or len(raw) > _MOST:
            self._say("let: expected a table [let] of at most 64 names for expressions", "let")
            return made
        for name, given in raw.items():
            found = self._expression(given, f"let.{name}", name, "let")
            self._name(name, f"let.{name}", name, "let")
            if found is not None:
                made[name] = found
        return made

    def _outputs(self, raw: object) -> tuple[BufferSpec, ...] | None:
        """Names and likenesses; shapes are read once every name is known."""
        if raw is None:
            return None
        if not isinstance(raw, list) or not 0 < len(raw) <= _MOST:
            self._say(
                'outputs: expected a list like ["out"] or [{ name = "out", like = "x" }]', "outputs"
            )
            return None
        made = []
        for number, given in enumerate(raw):
            part = {"name": given} if isinstance(given, str) else given
            if not isinstance(part, dict):
                self._say(f"outputs: expected a name or a table, found {part!r:.60}", "outputs")
                continue
            self._keys(part, "", 0, ("name", "like", "shape", "dtype", "zero"))
            made.append(
                BufferSpec(self._name(part.get("name", named(number)), "outputs", "outputs"))
            )
        return tuple(made)

    def _output_shapes(
        self, raw: Sequence[Any], names: Sequence[BufferSpec]
    ) -> tuple[BufferSpec, ...]:
        parts = [p for p in raw if isinstance(p, str | dict)]
        return tuple(
            self._allocated({} if isinstance(part, str) else part, one.name, "outputs", "", 0, True)
            for part, one in zip(parts, names, strict=False)
        )

    def _buffer_names(self, raw: object) -> list[tuple[str, Mapping[str, Any]]]:
        """Names first: an expression of [let] may use them."""
        if not isinstance(raw, list) or len(raw) > _MOST or any(type(b) is not dict for b in raw):
            self._say("buffer: expected tables [[buffer]], at most 64", "buffer")
            return []
        made = []
        for index, part in enumerate(raw):
            self._keys(part, "buffer", index, ("name", "like", "shape", "dtype", "zero"))
            if "name" not in part:
                self._say("a [[buffer]] without a name", "name", "buffer", index)
            name = part.get("name", f"buffer{index}")
            made.append((self._name(name, "name", "name", "buffer", index), part))
        return made

    def _buffers(self, given: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[BufferSpec, ...]:
        return tuple(
            self._allocated(part, name, "shape", "buffer", index, False)
            for index, (name, part) in enumerate(given)
        )

    def _allocated(
        self, part: Mapping[str, Any], name: str, key: str, table: str, index: int, output: bool
    ) -> BufferSpec:
        like, dtype, zero = part.get("like"), part.get("dtype"), part.get("zero", False)

        def say(message: str) -> None:
            self._say(f"{name}: {message}", key, table, index)

        if not isinstance(zero, bool):
            say(f"zero: expected true or false, found {zero!r:.40}")
        if like is None and "shape" not in part and output:
            like = REFERENCE
        if like is not None:
            if "shape" in part or (dtype is not None and like == REFERENCE):
                say("like and a shape of its own exclude each other")
            if like != REFERENCE or not output:
                self._expression(like, f"{name}: like", key, table, index)
        elif "shape" not in part or dtype is None:
            say('expected shape and dtype, or like = "x"')
        return BufferSpec(
            name,
            self._list(part.get("shape", []), f"{name}: shape", key, table, index, 8),
            self._dtype(dtype, say),
            str(like or ""),
            zero is True,
        )

    def _dtype(self, given: object, say: Callable[[str], None]) -> str:
        if given is None:
            return ""
        text = str(given)
        name = _ALIASES.get(text, text)
        if name in TENSOR_DTYPES:
            return name
        if text.endswith(".dtype"):
            try:
                expressions.parse(text, self._known)
                return text
            except LaunchError as error:
                say(f"dtype: {error}")
                return ""
        near = difflib.get_close_matches(text, TENSOR_DTYPES, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(TENSOR_DTYPES)}"
        say(f'dtype: no type {text!r:.40}; {hint} (or "x.dtype")')
        return ""

    def _options(self, raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list) or len(raw) > _MOST:
            self._say(f"options: expected a list of texts, found {raw!r:.60}", "options")
            return ()
        for given in raw:
            if not isinstance(given, str) or not _OPTION.fullmatch(given):
                self._say(
                    f"options: {given!r:.60} is not taken; there are --use_fast_math, "
                    "--maxrregcount=N, --fmad=false, --ftz=true, --extra-device-vectorization, "
                    "-arch=sm_90a and -DNAME=VALUE",
                    "options",
                    value=given,
                )
        return tuple(map(str, raw))

    def _list(
        self, raw: object, what: str, key: str, table: str, index: int, most: int,
        known: Sequence[str] = (),
    ) -> tuple[Expression, ...]:  # fmt: skip
        given = raw if isinstance(raw, list) else [raw]
        if len(given) > most:
            self._say(f"{what}: {len(given)} entries; at most {most}", key, table, index)
            return ()
        found = [self._expression(g, what, key, table, index, known) for g in given]
        return tuple(f for f in found if f is not None)

    def _launches(self, raw: object) -> tuple[LaunchSpec, ...]:
        whole = isinstance(raw, list) and 0 < len(raw) <= _MOST
        if not whole or not isinstance(raw, list) or any(type(r) is not dict for r in raw):
            self._say(
                "no launch: expected one or more tables [[launch]] with kernel, grid and args",
                "launch",
            )
            return ()
        return tuple(self._launch(part, index) for index, part in enumerate(raw))

    def _launch(self, part: Mapping[str, Any], index: int) -> LaunchSpec:
        own = (
            ("block", "shared")
            if self._kind == "cuda"
            else ("constants", "num_warps", "num_stages")
        )
        self._keys(part, "launch", index, ("kernel", "grid", "args", "when", *own))
        needed = ("kernel", "grid", *own[: self._kind == "cuda"], "args")
        for key in needed:
            if key not in part:
                self._say(f"[[launch]] {index + 1} has no {key}", "kernel", "launch", index)
        kernel = part.get("kernel", "")
        if "kernel" in part and not (isinstance(kernel, str) and _KERNEL.fullmatch(kernel)):
            self._say(f"kernel: expected a function's name, found {kernel!r:.60}", "kernel",
                      "launch", index)  # fmt: skip
        constants = self._constants(part.get("constants", {}), index)
        known = tuple(constants)

        def one(key: str) -> Expression | None:
            given = part.get(key)
            if given is None:
                return None
            return self._expression(given, key, key, "launch", index, known)

        def several(key: str) -> tuple[Expression, ...]:
            return self._list(part.get(key, []), key, key, "launch", index, 3, known)

        for key in ("grid", "block"):
            if part.get(key) == []:
                self._say(f"{key}: expected one to three numbers", key, "launch", index)
        return LaunchSpec(
            str(kernel), several("grid"), self._arguments(part.get("args", []), index, known),
            one("when"), several("block"), one("shared"), constants, one("num_warps"),
            one("num_stages"),
        )  # fmt: skip

    def _constants(self, raw: object, index: int) -> Mapping[str, Expression]:
        made: dict[str, Expression] = {}
        if not isinstance(raw, dict):
            self._say("constants: expected a table like { BLOCK = 1024 }", "constants", "launch",
                      index)  # fmt: skip
            return made
        for name, given in raw.items():
            if not name.isidentifier() or keyword.iskeyword(name):
                self._say(f"constants: expected a name, found {name!r:.60}", "constants", "launch",
                          index)  # fmt: skip
            found = self._expression(
                given, f"constants.{name}", "constants", "launch", index, tuple(made)
            )
            if found is not None:
                made[name] = found
        return made

    def _arguments(self, raw: object, index: int, known: Sequence[str]) -> tuple[ArgumentSpec, ...]:
        if not isinstance(raw, list):
            self._say(f"args: expected a list, found {raw!r:.60}", "args", "launch", index)
            return ()
        made = []
        for given in raw:
            text, kind = given, ""
            typed = _TYPED.fullmatch(given) if isinstance(given, str) else None
            if typed:
                text, kind = typed["text"], _ALIASES.get(typed["type"], typed["type"])
                if kind not in SCALAR_BYTES:
                    near = difflib.get_close_matches(kind, SCALAR_BYTES, 1)
                    hint = f"did you mean {near[0]!r}?" if near else (
                        f"there are {', '.join(SCALAR_BYTES)}"
                    )  # fmt: skip
                    self._say(f"args: {given!r}: no type {kind!r}; {hint}", "args", "launch",
                              index, given)  # fmt: skip
            found = self._expression(text, "args", "args", "launch", index, known)
            if found is not None:
                made.append(ArgumentSpec(found, kind))
        return tuple(made)
