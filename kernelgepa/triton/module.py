"""A candidate's source as a module, and what of it may be launched. In a worker only."""

from __future__ import annotations

import importlib.util
import inspect
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from kernelgepa.launch.expression import parse
from kernelgepa.launch.spec import LaunchSpec
from kernelgepa.triton.source import nearest

NAME = "candidate_kernel"
FILE = "kernel.py"


class Raised:
    """Around code of a candidate: what it raises is data. `error` is None where it raised nothing.

    SystemExit, too: it must not end its worker as if all were well. Memory is another matter.
    """

    error: BaseException | None = None

    def __enter__(self) -> Raised:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        return not isinstance(error, MemoryError)


class TooLong(Exception):
    """A source that does more than define kernels."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TooLong after so much time of the processor: a busy machine changes nothing."""

    def over(*_: object) -> None:
        raise TooLong(f"the source itself ran for {seconds:g} s; it should only define kernels")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def line_of(error: BaseException) -> int | None:
    """The line of the candidate's file where an exception came from, innermost."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).name == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


@dataclass(frozen=True)
class Kernel:
    """A function of Triton as the candidate's module holds it.

    `tuned`: constants that its decorators set, for the first configuration. `options`: num_warps
    and the like, set by it. `rules`: constants that @triton.heuristics computes from arguments.
    """

    name: str
    entry: Any  # what is launched: entry[grid](...)
    function: Any  # JITFunction or InterpretedFunction
    tuned: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    configurations: int = 0

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.function.fn).parameters

    @property
    def constants(self) -> frozenset[str]:
        """Names of its tl.constexpr parameters."""
        return frozenset(
            name for name, p in self.parameters.items() if "constexpr" in _annotation(p.annotation)
        )


def _annotation(given: object) -> str:
    return given if isinstance(given, str) else getattr(given, "__name__", "")


def execute(text: str) -> ModuleType:
    """Executes a source from a real file, which Triton reads. Raises whatever it raises."""
    folder = Path(tempfile.mkdtemp(prefix="kernel-"))
    path = folder / FILE
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(NAME, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    return module


def with_constants(launch: LaunchSpec, tuned: Mapping[str, Any]) -> LaunchSpec:
    """A launch whose constants are those that a configuration sets."""
    numbers = {n: parse(v, ()) for n, v in tuned.items() if isinstance(v, bool | int | float)}
    return replace(launch, constants={**launch.constants, **numbers})


class NotLaunchable(ValueError):
    """A name of the launch specification that is no kernel of the module: one sentence."""


def kernel_of(module: ModuleType, name: str) -> Kernel:
    """A kernel by name. Exact types only: an object of the candidate's own launches nothing.

    Raises NotLaunchable.
    """
    from triton.runtime.autotuner import Autotuner, Heuristics  # noqa: PLC0415
    from triton.runtime.interpreter import InterpretedFunction  # noqa: PLC0415
    from triton.runtime.jit import JITFunction  # noqa: PLC0415

    entry: Any = vars(module).get(name)
    inner: Any = entry
    tuned: dict[str, Any] = {}
    options: dict[str, int] = {}
    rules: dict[str, Any] = {}
    configurations = 0
    while type(inner) in (Autotuner, Heuristics):
        if type(inner) is Heuristics:
            rules |= inner.values
        else:
            if not inner.configs:
                raise NotLaunchable(f"{name}: @triton.autotune has no configuration")
            if any(c.pre_hook for c in inner.configs):
                raise NotLaunchable(f"{name}: a configuration with pre_hook is not accepted")
            first = inner.configs[0]
            tuned |= first.kwargs
            options |= {k: v for k, v in first.all_kwargs().items() if k not in first.kwargs}
            configurations = len(inner.configs)
        inner = inner.fn
    if type(inner) not in (JITFunction, InterpretedFunction):
        found = ", ".join(sorted(k for k, v in vars(module).items() if hasattr(v, "arg_names")))
        raise NotLaunchable(
            f"launch of {name}: no function of this name with @triton.jit; "
            f"the kernel's source has {found or 'none'}"
        )
    return Kernel(name, entry, inner, tuned, options, rules, configurations)


def mismatch(kernel: Kernel, arguments: int, constants: Mapping[str, object]) -> str:
    """What is wrong with a launch's arguments, as a sentence; empty where they fit."""
    names = list(kernel.parameters)
    if arguments > len(names):
        return f"launch of {kernel.name}: {arguments} args, but it has {len(names)} parameters"
    given = names[:arguments]
    for name in constants:
        if name not in names:
            hint = nearest(name, tuple(names))
            return f"launch of {kernel.name}: constants: it has no parameter {name!r}; {hint}"
        if name in given:
            return f"launch of {kernel.name}: {name} is given in args and in constants"
    known = {*given, *constants, *kernel.tuned, *kernel.rules}
    missing = [
        n for n, p in kernel.parameters.items() if n not in known and p.default is p.empty
    ]  # fmt: skip
    if missing:
        place = "constants" if missing[0] in kernel.constants else "args"
        return (
            f"launch of {kernel.name}: no value for {', '.join(missing)}; its parameters are "
            f"{', '.join(names)}, args are given in this order ({place} lacks {missing[0]})"
        )
    return ""
