"""Target `torch`: the candidate is a Python file that defines ModelNew, as in KernelBench."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.measured.contract import Built, Context
from kernelgepa.task import Task
from kernelgepa.verdict import Diagnostic, Stage

FILE = "kernel.py"
CLASS = "ModelNew"


class TorchAdapter:
    """Nothing to compile before it is loaded: what a candidate compiles, it compiles itself."""

    name = "torch"

    def versions(self) -> Mapping[str, str]:
        """The installed torch; found without importing it."""
        return {"torch": metadata.version("torch")}

    def build(self, task: Task, candidate: Candidate, device: str) -> Built:
        source = candidate.components[KERNEL]
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            line = error.text.strip() if error.text else ""
            note = Diagnostic(f"SyntaxError: {error.msg}", "error", error.lineno, None, line)
            return Built(Stage.COMPILE, (note,))
        except (ValueError, RecursionError, MemoryError) as error:
            return Built(Stage.COMPILE, (Diagnostic(f"it cannot be read: {error}"),))
        if not any(_binds(node) for node in ast.walk(tree)):
            note = Diagnostic(f"it defines no class {CLASS}", code="no-class")
            return Built(Stage.COMPILE, (note,))
        compiles = "cpp_extension" in source
        return Built(loader="kernelgepa.measured.modules:load", compiles=compiles)

    def export(self, task: Task, candidate: Candidate) -> str:
        """The candidate is such a file already."""
        return candidate.components[KERNEL]

    def close(self) -> None:
        """Holds nothing."""


def _binds(node: ast.AST) -> bool:
    """Whether a statement gives something the name ModelNew."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return node.name == CLASS
    if isinstance(node, ast.Name):
        return node.id == CLASS and isinstance(node.ctx, ast.Store)
    return isinstance(node, ast.alias) and CLASS in (node.asname, node.name)


def load(
    components: Mapping[str, str], payload: Mapping[str, bytes], context: Context
) -> Callable[..., Any]:
    """In the worker: executes the file; inspection and Triton need it to be one."""
    path = Path(FILE).absolute()
    path.write_text(components[KERNEL], encoding="utf-8")
    module = types.ModuleType("kernel")
    module.__file__ = str(path)
    sys.modules["kernel"] = module
    exec(compile(components[KERNEL], str(path), "exec"), module.__dict__)
    made: Callable[..., Any] = getattr(module, CLASS)
    return made
