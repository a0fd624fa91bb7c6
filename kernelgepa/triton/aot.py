"""Compiling kernels of Triton without a device, and what the machine code says of itself."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kernelgepa.launch import Argument, Launch
from kernelgepa.measured.contract import TensorSpec
from kernelgepa.triton.module import FILE, Kernel, Raised, line_of
from kernelgepa.triton.source import Source
from kernelgepa.triton.tensors import Described
from kernelgepa.verdict import Diagnostic, Quantity

TYPES: Mapping[str, str] = {
    "float16": "fp16", "bfloat16": "bf16", "float32": "fp32", "float64": "fp64", "int8": "i8",
    "uint8": "u8", "int16": "i16", "uint16": "u16", "int32": "i32", "uint32": "u32",
    "int64": "i64", "uint64": "u64", "bool": "i1", "float8_e4m3fn": "fp8e4nv",
    "float8_e5m2": "fp8e5", "float8_e4m3fnuz": "fp8e4b8", "float8_e5m2fnuz": "fp8e5b16",
}  # fmt: skip
_ADDRESS = 1 << 30  # of a tensor that is nowhere yet: aligned
_ALIGNED = [["tt.divisibility", 16]]
SHARED = {  # bytes, the most of one block
    "sm_75": 65536, "sm_80": 166912, "sm_86": 101376, "sm_87": 166912, "sm_89": 101376,
    "sm_90": 232448, "sm_100": 232448, "sm_103": 232448, "sm_120": 101376, "gfx942": 65536,
}  # fmt: skip
NVIDIA = 90  # where there is no device
_FUNCTION = re.compile(r"<function (?P<name>[\w.]+) at 0x[0-9a-f]+>")
_TOOL_SECONDS = 20
_OTHER_SECONDS = 30


@dataclass(frozen=True)
class Compiled:
    """What one kernel became on one kind of GPU."""

    counters: Mapping[str, Quantity]
    problem: str = ""  # why it cannot be launched there: a sentence


def targets(capability: int) -> Mapping[str, Any]:
    """The kinds of GPU that are compiled for, the one that decides first."""
    from triton.backends.compiler import GPUTarget  # noqa: PLC0415

    return {
        f"sm_{capability}": GPUTarget("cuda", capability, 32),
        "gfx942": GPUTarget("hip", "gfx942", 64),
    }


def compiled(
    kernel: Kernel, launch: Launch, tensors: Sequence[TensorSpec], name: str, target: Any
) -> Compiled:
    """`tensors`: those among the arguments, in order. Raises whatever Triton raises."""
    import triton  # noqa: PLC0415

    signature, constants, attributes = _specialised(kernel, launch, tensors)
    options: dict[str, Any] = dict(kernel.options)
    if "num_warps" not in options and launch.warps is not None:
        options["num_warps"] = launch.warps
    if "num_stages" not in options and launch.stages is not None:
        options["num_stages"] = launch.stages
    source = triton.compiler.ASTSource(kernel.function, signature, constants, attributes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = triton.compile(source, target=target, options=options)
    counters = dict(_nvidia(made) if "cubin" in made.asm else _amd(made.asm["amdgcn"]))
    shared = int(made.metadata.shared)
    counters["shared memory"] = Quantity(shared, "bytes", "static")
    problem = ""
    if shared > SHARED.get(name, shared):
        problem = (
            f"{kernel.name} needs {shared} bytes of shared memory; {name} has {SHARED[name]} "
            "for one block: take smaller tiles or fewer stages"
        )
    named = {f"{name} {kernel.name} {what}": q for what, q in counters.items()}
    return Compiled(named, problem)


def _specialised(
    kernel: Kernel, launch: Launch, tensors: Sequence[TensorSpec]
) -> tuple[dict[str, str], dict[tuple[int, ...], Any], dict[tuple[int, ...], Any]]:
    """Signature, constants and attributes, as Triton's launcher would choose them."""
    names = list(kernel.parameters)
    given = dict(zip(names, launch.arguments, strict=False))
    fixed = {**launch.constants, **kernel.tuned}
    specs = iter(tensors)
    signature: dict[str, str] = {}
    constants: dict[tuple[int, ...], Any] = {}
    attributes: dict[tuple[int, ...], Any] = {}
    for name, rule in kernel.rules.items():
        fixed[name] = rule({**_seen(given, tensors), **fixed})
    for index, (name, parameter) in enumerate(kernel.parameters.items()):
        argument = given.get(name)
        if argument is not None and argument.kind == "tensor":
            signature[name] = "*" + TYPES[next(specs).dtype]
            attributes[(index,)] = _ALIGNED
            continue
        value = fixed.get(name, parameter.default) if argument is None else _plain(argument)
        whole = isinstance(value, int) and not isinstance(value, bool)
        is_one = whole and value == 1 and _specialises(kernel, name)
        if name in kernel.constants or value is None or is_one:
            signature[name] = "constexpr"
            constants[(index,)] = value
            continue
        signature[name] = _scalar(value)
        if whole and value % 16 == 0 and _specialises(kernel, name):
            attributes[(index,)] = _ALIGNED
    return signature, constants, attributes


def _seen(given: Mapping[str, Argument], tensors: Sequence[TensorSpec]) -> dict[str, Any]:
    """Arguments as a rule of @triton.heuristics sees them."""
    specs = iter(tensors)
    return {
        n: Described(next(specs), _ADDRESS) if a.kind == "tensor" else _plain(a)
        for n, a in given.items()
    }


def _specialises(kernel: Kernel, name: str) -> bool:
    found = next((p for p in kernel.function.params if p.name == name), None)
    return found is None or not found.do_not_specialize


def _plain(argument: Argument) -> Any:
    return None if argument.kind == "null" else argument.value


def _scalar(value: object) -> str:
    """The type that Triton gives to a number of Python: by its value."""
    match value:
        case bool():
            return "i1"
        case int() if -(2**31) <= value < 2**31:
            return "i32"
        case int():
            return "i64" if value < 2**63 else "u64"
    return "fp32"


def _nvidia(made: Any) -> Iterator[tuple[str, Quantity]]:
    """Registers and stack by cuobjdump, which Triton brings along."""
    import triton  # noqa: PLC0415

    folder = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
    tool = folder / "cuobjdump"
    if not tool.is_file():
        return
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(made.asm["cubin"])
        file.flush()
        command = [str(tool), "-res-usage", file.name]
        said = subprocess.run(
            command, capture_output=True, text=True, timeout=_TOOL_SECONDS, check=False
        )
    found = re.search(r"REG:(\d+) STACK:(\d+)", said.stdout)
    if found:
        yield "registers", Quantity(int(found[1]), "registers", "static")
        yield "stack", Quantity(int(found[2]), "bytes", "static")  # what is spilled lies there


_AMD = {
    "vector registers": (r"^\s+\.vgpr_count:\s+(\d+)", "registers"),
    "scalar registers": (r"^\s+\.sgpr_count:\s+(\d+)", "registers"),
    "spilled vector registers": (r"^\s+\.vgpr_spill_count:\s+(\d+)", "registers"),
    "spilled scalar registers": (r"^\s+\.sgpr_spill_count:\s+(\d+)", "registers"),
    "stack": (r"^\s+\.private_segment_fixed_size:\s+(\d+)", "bytes"),
    "occupancy": (r"^; Occupancy:\s+(\d+)", "waves"),
}


def _amd(text: str) -> Iterator[tuple[str, Quantity]]:
    for what, (pattern, unit) in _AMD.items():
        found = re.search(pattern, text, re.MULTILINE)
        if found:
            yield what, Quantity(int(found[1]), unit, "static")


def attempt(
    kernel: Kernel,
    launch: Launch,
    tensors: Sequence[TensorSpec],
    known: Mapping[str, Any],
    target: str,
    source: Source,
) -> tuple[Compiled | None, list[Diagnostic]]:
    """Compiles, and says in diagnostics why it does not."""
    found: Compiled | None = None
    with Diverted() as diverted, Raised() as raised:
        found = compiled(kernel, launch, tensors, target, known[target])
    if raised.error is None:
        return found, []
    return None, list(explained(raised.error, source, diverted.text))


def bounded(
    kernel: Kernel,
    launch: Launch,
    tensors: Sequence[TensorSpec],
    known: Mapping[str, Any],
    target: str,
    source: Source,
) -> tuple[Compiled | None, list[Diagnostic]]:
    """As `attempt`, in a process of its own for a bounded time: it may hang or crash, and the
    rest of a build stands."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        found, problems = attempt(kernel, launch, tensors, known, target, source)
        told = {"problems": [asdict(p) for p in problems], "found": found and asdict(found)}
        with os.fdopen(writing, "w") as pipe:
            json.dump(told, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        ready, _, _ = select.select([pipe], [], [], _OTHER_SECONDS)
        text = pipe.read() if ready else ""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if not text:
        late = f"its compiler ended or took more than {_OTHER_SECONDS} s"
        return None, [Diagnostic(late, code="triton")]
    made = json.loads(text)
    counters = made["found"] and {n: Quantity(**q) for n, q in made["found"]["counters"].items()}
    found = Compiled(counters, made["found"]["problem"]) if made["found"] else None
    return found, [Diagnostic(**p) for p in made["problems"]]


class Diverted:
    """Standard error of this process in a file for a while: LLVM writes its reasons there."""

    def __enter__(self) -> Diverted:
        self.text = ""
        self._file = tempfile.TemporaryFile()
        self._saved = os.dup(2)
        os.dup2(self._file.fileno(), 2)
        return self

    def __exit__(self, *_: object) -> None:
        os.dup2(self._saved, 2)
        os.close(self._saved)
        self._file.seek(0)
        self.text = self._file.read(1 << 18).decode("utf-8", "replace")
        self._file.close()


def explained(error: BaseException, source: Source, stderr: str) -> Iterator[Diagnostic]:
    """What Triton raised, in the candidate's own lines: the innermost place of its source first."""
    from triton.compiler.errors import CompilationError  # noqa: PLC0415

    if isinstance(error, CompilationError):
        chain: list[CompilationError] = [error]
        while isinstance(chain[-1].__cause__, CompilationError):
            chain.append(chain[-1].__cause__)
        yield _at(chain, source)
        return
    pattern = rf"{re.escape(FILE)}\"?:(\d+):(\d+)\)?: (?:error|remark): (.+)"
    places = re.findall(pattern, stderr)
    for line, column, message in dict.fromkeys(places[:8]):
        yield source.at(message.strip()[:1000], int(line), int(column), "triton")
    if not places:
        said = f"{type(error).__name__}: {error}".strip()[:1500]
        named = _FUNCTION.search(said)
        line = line_of(error) or (source.use(named["name"]) if named else None)
        yield source.at(_FUNCTION.sub(r"\g<name>", said), line, code="triton")


def _at(chain: Sequence[Any], source: Source) -> Diagnostic:
    """The innermost error of a chain whose function is the candidate's own, and its callers."""
    places = [(e, _place(e, source)) for e in chain]
    inner = next(((e, p) for e, p in reversed(places) if p is not None), None)
    last = chain[-1]
    message = str(last.error_message or last.__cause__ or last).strip()[:1500]
    if inner is None:
        return source.at(message, code="triton")
    line, column = inner[1] if inner[1] else (None, None)
    calls = [p[0] for _, p in places if p is not None and p[0] != line]
    if calls:
        message += f" (called from line {', '.join(map(str, calls))})"
    return source.at(message, line, column, "triton")


def _place(error: Any, source: Source) -> tuple[int, int] | None:
    """Line and column in the candidate's file; Triton counts lines from the function's own."""
    node, text = error.node, error.src
    name = re.match(r"\s*def\s+(\w+)", text or "")
    start = source.functions.get(name[1]) if name else None
    if start is None or not hasattr(node, "lineno"):
        return None
    rows, own = str(text).splitlines(), source.text.splitlines()
    # A function of a library may have the name of one of the candidate's.
    if not rows or rows[0].strip() != own[start - 1].strip():
        return None
    return start + node.lineno - 1, node.col_offset + 1
