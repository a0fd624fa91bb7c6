"""Task folders: task.toml, reference.py and the seed's source."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from kernelgepa.errors import InputError
from kernelgepa.task import Interface, Task
from kernelgepa.tasks import schema, source
from kernelgepa.tasks.inputs import Range
from kernelgepa.tasks.reference import NumpyReference, load_module

REFERENCE, KERNEL = "reference.py", "kernel.cc"


def load(folder: Path, device: str) -> Task:
    """The task of a folder. Raises InputError.

    Runs its reference.py, the user's own code, unless it is a module of torch: that is only read.
    """
    layout = schema.read(folder)
    if isinstance(layout, schema.ModuleLayout):
        from kernelgepa.tasks import modules  # noqa: PLC0415

        return modules.of_folder(folder, layout, device)
    return _of_arrays(folder, layout)


def _of_arrays(folder: Path, layout: schema.Layout) -> Task:
    for name in (REFERENCE, KERNEL):
        if not (folder / name).is_file():
            raise InputError(f"{folder} has {schema.FILE} but no {name}")
    text = schema.text_of(folder / KERNEL)
    signature = source.find(text, layout.function, str(folder / KERNEL))
    _same_parameters(layout, signature, folder / KERNEL)
    interface = Interface(layout.function, layout.parameters, layout.rounding)
    module = load_module(folder / REFERENCE)
    make = getattr(module, "inputs", None)
    missing = [p for p in interface.of_role("in") if p.name not in layout.bounds]
    if make is None and missing:
        raise InputError(
            f"{folder / schema.FILE}: input {missing[0].name!r} needs low and high, or "
            f"{REFERENCE} a function inputs(workload, rng, kind)"
        )
    return Task(
        layout.name,
        layout.target,
        interface,
        layout.workloads,
        NumpyReference(
            module.reference,
            interface,
            _ranges(layout.bounds),
            make,
            {name: _ranges(own) for name, own in layout.special.items()},
            str(folder / REFERENCE),
        ),
        {"canonical": text, "stub": source.with_body(text, signature, source.STUB_BODY)},
        layout.shapes,
        f"{layout.summary}\n{layout.description}".strip(),
        str(folder),
        digest(folder, (schema.FILE, REFERENCE, KERNEL)),
    )


def _ranges(bounds: Mapping[str, schema.Bounds]) -> dict[str, Range]:
    return {name: Range(b.low, b.high, b.whole) for name, b in bounds.items()}


def _same_parameters(layout: schema.Layout, signature: source.Signature, path: Path) -> None:
    declared = [(p.name, p.dtype, p.role != "scalar") for p in layout.parameters]
    for wanted, found in zip(declared, signature.parameters, strict=False):
        if wanted != found:
            raise InputError(
                f"{path}: {schema.FILE} declares parameter {_show(wanted)}, the kernel has "
                f"{_show(found)}"
            )
    if len(declared) != len(signature.parameters):
        raise InputError(
            f"{path}: {schema.FILE} declares {len(declared)} parameters, the kernel has "
            f"{len(signature.parameters)}"
        )


def _show(parameter: tuple[str, str, bool]) -> str:
    name, dtype, pointer = parameter
    return f"`{dtype} {'*' if pointer else ''}{name}`"


def digest(folder: Path, names: Sequence[str]) -> str:
    """What tells the contents of files apart."""
    made = hashlib.sha256()
    for name in names:
        raw = (folder / name).read_bytes()
        made.update(len(raw).to_bytes(8, "big"))
        made.update(raw)
    return made.hexdigest()[:16]
