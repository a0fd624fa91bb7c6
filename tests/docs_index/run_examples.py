"""Runs examples of the handbook for torch or Triton; what fails is printed, one line each.

    python run_examples.py torch | triton | triton-compile

"triton" runs kernels in the interpreter, "triton-compile" compiles them for sm_90 with the
arguments they are called with.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

KIND = sys.argv[1]
os.environ["TRITON_INTERPRET"] = "1" if KIND == "triton" else "0"

import torch  # noqa: E402

from kernelgepa.docs_index import Section, sections  # noqa: E402

TYPES = {torch.float32: "*fp32", torch.float16: "*fp16", torch.int32: "*i32"}


def empty(*size: int) -> torch.Tensor:
    """What is not written stays NaN."""
    return torch.full(size, float("nan"))


def check(got: torch.Tensor, want: torch.Tensor) -> None:
    torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-4)


def module_of(section: Section, folder: Path) -> ModuleType:
    """Triton reads the source of a kernel from its file."""
    name = section.id.replace("-", "_")
    path = folder / f"{name}.py"
    path.write_text(section.code)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Compiled:
    """Stands for a kernel; a launch compiles it and runs nothing."""

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel

    def __getitem__(self, grid: tuple[int, ...]) -> Any:
        return self._launch

    def _launch(self, *given: Any, num_warps: int = 4, num_stages: int = 2, **constants: Any):
        from triton.backends.compiler import GPUTarget  # noqa: PLC0415
        from triton.compiler import ASTSource, make_backend  # noqa: PLC0415
        from triton.runtime.jit import JITFunction  # noqa: PLC0415

        assert isinstance(self._kernel, JITFunction)
        names = self._kernel.arg_names
        types = dict(zip(names, map(_type, given), strict=False))
        types |= dict.fromkeys(constants, "constexpr")
        source = ASTSource(
            self._kernel, {n: types[n] for n in names},
            {(names.index(n),): v for n, v in constants.items()},
        )  # fmt: skip
        import triton  # noqa: PLC0415

        options = {"num_warps": num_warps, "num_stages": num_stages}
        assert make_backend(GPUTarget("cuda", 90, 32)) is not None
        triton.compile(source, target=GPUTarget("cuda", 90, 32), options=options)


def _type(value: object) -> str:
    if isinstance(value, torch.Tensor):
        return TYPES[value.dtype]
    return "fp32" if isinstance(value, float) else "i32"


def tried(section: Section, folder: Path) -> str:
    """What went wrong; empty where nothing did."""
    names: dict[str, Any] = {"torch": torch, "randn": torch.randn, "empty": empty, "check": check}
    try:
        if section.language == "cpp":
            return _compiled(section, folder)
        names |= vars(module_of(section, folder))
        if KIND == "triton-compile":
            import triton  # noqa: PLC0415

            names |= {n: Compiled(v) for n, v in names.items() if _is_kernel(v)}
            names |= {"triton": triton, "check": lambda *given: None}
            text = "\n".join(x for x in section.result.split("\n") if not x.startswith("assert"))
            exec(text, names)
        else:
            exec(section.result, names)
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return ""


def _is_kernel(value: object) -> bool:
    return type(value).__name__ == "JITFunction"


def _compiled(section: Section, folder: Path) -> str:
    path = folder / f"{section.id}.cpp"
    path.write_text(section.code)
    flags = ["-O1", "-fopenmp", "-Wall", "-Wextra", "-fsyntax-only"]
    done = subprocess.run(["g++", *flags, str(path)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def main() -> None:
    target = KIND.partition("-")[0]
    torch.manual_seed(1)
    count = 0
    with tempfile.TemporaryDirectory() as name:
        for section in (s for s in sections() if s.target == target):
            count += 1
            said = tried(section, Path(name))
            if said:
                print(f"{section.id}: {said}")
    print(f"{count} examples")


main()
