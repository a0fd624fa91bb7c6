"""Tasks whose reference is a module of torch in KernelBench's contract: folders and single files.

The reference is read as text and never imported or run here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import problems, source
from kernelgepa.kernelbench.fit import fitting
from kernelgepa.kernelbench.inspect import Inspection, inspect
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.problems import digest as text_digest
from kernelgepa.launch import COMPONENT, forward_of, read
from kernelgepa.measured.demands import Follower
from kernelgepa.protocols import Sandbox
from kernelgepa.sandbox import Choice
from kernelgepa.task import Interface, ModuleReference, Task, Workload
from kernelgepa.tasks import schema
from kernelgepa.tasks.folder import REFERENCE, digest
from kernelgepa.tasks.seeding import replaced

CLASS = "ModelNew"
INTERFACE = Interface(CLASS, ())
KERNELS: Mapping[str, str] = {"torch": "kernel.py", "cuda": "kernel.cu", "triton": "kernel.py"}
LAUNCH = "launch.toml"
_SHOWN = 3  # reasons in one sentence


def of_folder(folder: Path, layout: schema.ModuleLayout, device: str) -> Task:
    """The task of a folder, its files read and none of them run. Raises InputError."""
    launched = layout.target != "torch"
    names = (REFERENCE, KERNELS[layout.target], *([LAUNCH] if launched else []))
    for name in names:
        if not (folder / name).is_file():
            raise InputError(f"{folder} has {schema.FILE} of target {layout.target} but no {name}")
    texts = {name: schema.text_of(folder / name) for name in names}
    reference = str(folder / REFERENCE)
    inspected(texts[REFERENCE], reference, device)
    for workload in layout.workloads:
        _sized(texts[REFERENCE], workload, str(folder / schema.FILE))
    kernel = texts[names[1]]
    _kernel(kernel, layout.target, str(folder / names[1]))
    if launched:
        _launch(texts[LAUNCH], texts[REFERENCE], kernel, layout.target, str(folder / LAUNCH))
    return Task(
        layout.name,
        layout.target,
        INTERFACE,
        layout.workloads,
        ModuleReference(texts[REFERENCE]),
        {"canonical": kernel},
        layout.shapes,
        f"{layout.summary}\n{layout.description}".strip(),
        str(folder),
        digest(folder, (schema.FILE, *names)),
        components={COMPONENT: texts[LAUNCH]} if launched else {},
    )


def of_file(path: Path, device: str, shrink: bool, sandbox: Sandbox | Choice | None = None) -> Task:
    """The task of a file with Model, get_inputs and get_init_inputs. Raises InputError.

    Where it defines ModelNew, too, that is the seed; else the reference is, renamed.
    """
    code = schema.text_of(path)
    tree = source.parse_of(code, str(path))
    both = {n.name for n in tree.body if isinstance(n, ast.ClassDef)} >= {"Model", CLASS}
    reference = source.only(code, {"Model", *source.ENTRY}) if both else code
    with Follower(sandbox) as follower:
        given = problem(path.stem, reference, str(path))
        task = of_problem(given, device, follower if shrink else None)
    return with_seed(task, source.only(code, {CLASS})) if both else task


def of_spec(spec: str, device: str, shrink: bool, sandbox: Sandbox | Choice | None = None) -> Task:
    """The task of the one problem that kernelbench:PATH#L1/19 names. Raises InputError."""
    found = problems.find(spec).problems
    if len(found) > 1:
        raise InputError(
            f"{spec} names {len(found)} problems: say which, as in {spec_of(spec, found[0])}"
        )
    with Follower(sandbox) as follower:
        return of_problem(found[0], device, follower if shrink else None)


def spec_of(spec: str, given: Problem) -> str:
    """What names one of the problems of a spec, from any directory."""
    return f"{problems.PREFIX}{problems.place(spec).absolute()}#{given.label}"


def of_problem(given: Problem, device: str, follower: Follower | None = None) -> Task:
    """The task of a problem as it was found; with a `follower`, which tells what it takes, smaller
    where it is too large for a CPU. Raises InputError where it cannot be taken."""
    read = inspected(given.code, given.origin, device)
    code, shrunk = given.code, ""
    if follower is not None:
        code, shrunk = fitting(given, read, follower)
    return Task(
        plain_name(given),
        "torch",
        INTERFACE,
        (Workload("shrunk" if shrunk else "shipped", {}),),
        ModuleReference(code, shrunk),
        {"canonical": source.seed(code)},
        "fixed",
        "\n".join(part for part in (about(given), shrunk) if part),
        given.origin,
        text_digest(f"{code}\0{given.digest}"),
    )


def with_seed(task: Task, text: str, origin: str = "the seed") -> Task:
    """The task, started from another kernel. Raises InputError where that can be none."""
    _kernel(text, task.target, origin)
    if task.target == "torch" and "def get_inputs" in text:
        text = source.only(text, {CLASS})
    if COMPONENT in task.components:
        _launch(task.components[COMPONENT], task.module.code, text, task.target, origin)
    return replaced(task, text)


def problem(name: str, code: str, origin: str) -> Problem:
    """A problem of no checkout."""
    return Problem(0, 0, name, code, text_digest(code), origin)


def inspected(code: str, origin: str, device: str) -> Inspection:
    """What can be told of a reference. Raises InputError with the reasons where it is refused."""
    read = inspect(problem("reference", code, origin))
    reasons = read.reasons(device)
    if reasons:
        more = f"; and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
        raise InputError(f"{origin}: {'; '.join(reasons[:_SHOWN])}{more}")
    return read


def plain_name(given: Problem) -> str:
    """A task's name: letters, digits, "_", "." and "-"."""
    own = re.sub(r"[^\w.-]+", "_", given.file.removesuffix(".py") if given.level else given.name)
    own = own.strip("._-")[:100] or "problem"
    return f"level{given.level}_{own}" if given.level else own


def about(given: Problem) -> str:
    """What the problem says of itself: its place, and Model's docstring."""
    place = f"KernelBench level {given.level}, problem {given.id}" if given.level else ""
    classes = (n for n in source.parse(given.code).body if isinstance(n, ast.ClassDef))
    model = next((n for n in classes if n.name == "Model"), None)
    said = (ast.get_docstring(model) or "") if model else ""
    said = said.encode("utf-8", "replace").decode()  # an escape may have been half a character
    return "\n".join(part for part in (place, said.split("\n\n")[0].strip()) if part)


def _sized(code: str, workload: Workload, origin: str) -> None:
    sizes = {name: int(value) for name, value in workload.scalars.items()}
    try:
        source.with_sizes(code, sizes)
    except InputError as error:
        raise InputError(f"{origin}: workload {workload.name!r}: sizes: {error}") from error


def _kernel(text: str, target: str, origin: str) -> None:
    """Raises InputError where a text cannot be a kernel of the target."""
    if target == "cuda":
        if "__global__" not in text:
            raise InputError(f"{origin}: expected a CUDA kernel, `__global__ void name(...)`")
        return
    tree = source.parse_of(text, origin)
    if target == "torch" and not _binds(tree, CLASS):
        raise InputError(f"{origin}: it defines no class {CLASS} at its top level")
    if target == "triton" and not _jitted(tree):
        raise InputError(f"{origin}: expected a function with @triton.jit at its top level")


def _binds(tree: ast.Module, name: str) -> bool:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return True
        stored = (n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name)
        if isinstance(node, ast.Assign) and any(isinstance(n.ctx, ast.Store) for n in stored):
            return True
    return False


def _jitted(tree: ast.Module) -> set[str]:
    """Functions of the top level with a decorator of triton's."""
    return {
        n.name
        for n in tree.body
        if isinstance(n, ast.FunctionDef) and any("jit" in ast.unparse(d) for d in n.decorator_list)
    }


def _launch(text: str, reference: str, kernel: str, target: str, origin: str) -> None:
    """Raises InputError where a launch cannot be that of a kernel."""
    found = read(text, "cuda" if target == "cuda" else "triton", forward_of(reference))
    if found.spec is None:
        raise InputError(f"{origin}: {found.diagnostics[0].message}")
    for one in found.spec.launches:
        name = one.kernel.split("<")[0].rpartition("::")[2]
        known = _jitted(source.parse(kernel)) if target == "triton" else None
        there = name in known if known is not None else re.search(rf"\b{name}\b", kernel)
        if not there:
            raise InputError(f"{origin}: it launches {one.kernel!r}, which the kernel's file lacks")
