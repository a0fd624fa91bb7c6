"""The target `cuda`: a kernel in CUDA C++ and how it is launched, against a module of torch."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.cuda import arguments, counters
from kernelgepa.cuda.arguments import Parameters
from kernelgepa.cuda.compile import Compiled, Compiler, versions
from kernelgepa.cuda.driver import capability
from kernelgepa.cuda.export import module
from kernelgepa.cuda.loader import CUBIN, FACTS
from kernelgepa.cuda.names import ARCH, NO_DEVICE
from kernelgepa.cuda.signature import kinds
from kernelgepa.errors import InputError
from kernelgepa.kernelbench.source import with_sizes
from kernelgepa.launch import COMPONENT, LaunchError, Spec, forward_of, read
from kernelgepa.launch import expression as expressions
from kernelgepa.launch.export import by_reference
from kernelgepa.launch.outputs import References, Shapes
from kernelgepa.launch.spec import BufferSpec, LaunchSpec, named
from kernelgepa.measured.contract import Built
from kernelgepa.protocols import Sandbox
from kernelgepa.sandbox import open_sandbox
from kernelgepa.task import Task, Workload
from kernelgepa.verdict import Diagnostic, Quantity, Stage

LOADER = "kernelgepa.cuda.loader:load"
_ARCH = re.compile(r"-arch=(?P<arch>sm_(?P<number>\d+)[af]?)")


class CudaAdapter:
    """Compiles candidates of the target `cuda`. May be used from several threads."""

    name = "cuda"

    def __init__(self, sandbox: Sandbox | None = None, jobs: int = 1) -> None:
        self._sandbox = sandbox or open_sandbox()
        self._own = self._sandbox if sandbox is None else None
        self._compiler = Compiler(self._sandbox, jobs)
        self._references = References(self._sandbox)

    def close(self) -> None:
        self._references.close()
        self._compiler.close()
        if self._own is not None:
            self._own.close()

    def versions(self) -> Mapping[str, str]:
        return versions()

    def build(self, task: Task, candidate: Candidate, device: str) -> Built:
        """Reads the launch, compiles, checks one against the other. Raises InfrastructureError.

        Without a device it is compiled for sm_90, and `unverified` says so.
        """
        text = candidate.components.get(COMPONENT)
        source = candidate.components.get(KERNEL)
        if text is None or source is None:
            missing = COMPONENT if text is None else KERNEL
            return Built(Stage.REFUSED, (Diagnostic(f"the component {missing!r} is missing"),))
        found = read(text, "cuda", forward_of(task.module.code))
        if found.spec is None:
            return Built(Stage.REFUSED, found.diagnostics)
        spec = found.spec
        number = capability(device)
        arch, options, wrong = _arch(spec.options, number)
        if wrong:
            return Built(Stage.REFUSED, (Diagnostic(wrong, code="launch"),))
        kernels = [one.kernel for one in spec.launches]
        compiled = self._compiler.compile(source, kernels, arch, options)
        if compiled.failed is not None:
            return Built(compiled.failed, compiled.diagnostics)
        unverified = "" if number else NO_DEVICE.format(arch=arch)
        figures, tight = _counters(spec, compiled, _number(arch))
        unfit = [*_unfit(spec, compiled, source), *tight]
        if unfit:
            notes = tuple(Diagnostic(text, code="launch") for text in unfit)
            return Built(Stage.BUILD, (*notes, *compiled.diagnostics), counters=figures)
        return Built(
            None,
            compiled.diagnostics,
            LOADER,
            {CUBIN: compiled.cubin, FACTS: _facts(compiled, source)},
            figures,
            unverified,
        )

    def export(self, task: Task, candidate: Candidate) -> str:
        """A file that defines ModelNew and needs torch and nvcc, not kernelgepa.

        Raises InputError where the candidate does not compile, or what the reference returns
        cannot be told.
        """
        built = self.build(task, candidate, "cpu")
        text, source = candidate.components[COMPONENT], candidate.components[KERNEL]
        forward = forward_of(task.module.code)
        spec = read(text, "cuda", forward).spec
        if built.failed is not None or spec is None:
            raise InputError(f"it cannot be exported: {built.diagnostics[0].message}")
        facts = json.loads(built.payload[FACTS])
        parameters = {
            kernel: Parameters(sizes, facts["kinds"].get(kernel, ()))
            for kernel, sizes in facts["parameters"].items()
        }
        known: tuple[Shapes, ...] = ()
        if by_reference(spec):
            codes = [with_sizes(task.module.code, _sizes(w)) for w in task.workloads]
            known = self._references.shapes_of(list(dict.fromkeys(codes)))
        title = f"{task.name}: a kernel in CUDA, written by kernelgepa ({candidate.id})."
        return module(title, task.module.code, source, spec, forward, known, parameters)


def _sizes(workload: Workload) -> Mapping[str, int]:
    return {name: int(value) for name, value in workload.scalars.items()}


def _arch(options: Sequence[str], number: int | None) -> tuple[str, tuple[str, ...], str]:
    """(architecture, the other options, what is wrong)."""
    arch = f"sm_{number}" if number else ARCH
    rest = []
    for option in options:
        own = _ARCH.fullmatch(option)
        if own is None:
            rest.append(option)
        elif number and int(own["number"]) != number:
            return arch, (), f"options: {option} is not for this device, which is {arch}"
        else:
            arch = own["arch"]
    return arch, tuple(rest), ""


def _number(arch: str) -> int:
    return int(re.sub(r"\D", "", arch))


def _facts(compiled: Compiled, source: str) -> bytes:
    read = {kernel: kinds(source, kernel) for kernel in compiled.names}
    return json.dumps(
        {
            "names": dict(compiled.names),
            "parameters": {k: list(v) for k, v in compiled.parameters.items()},
            "kinds": {k: list(v) for k, v in read.items() if v is not None},
        }
    ).encode()


def _unfit(spec: Spec, compiled: Compiled, source: str) -> list[str]:
    """Where launches do not fit their kernels, as far as it can be told without shapes."""
    memory = {b.name for b in (*spec.buffers, *(spec.outputs or (BufferSpec(named(0)),)))}
    wrong = []
    for one in spec.launches:
        sizes = compiled.parameters.get(one.kernel)
        if sizes is None:
            continue
        parameters = Parameters(sizes, kinds(source, one.kernel) or ())
        wrong.append(arguments.count(one.kernel, len(one.args), sizes))
        if wrong[-1]:
            continue
        for place, (given, size) in enumerate(zip(one.args, sizes, strict=True)):
            path = given.value.path
            pointer = path is not None and len(path) == 1 and path[0] in memory
            kind = arguments.POINTER if pointer else given.type
            if kind:
                text, read = given.value.text, parameters.kind(place)
                wrong.append(arguments.mismatch(one.kernel, place, text, kind, size, read))
    return [text for text in wrong if text]


def _counters(
    spec: Spec, compiled: Compiled, arch: int
) -> tuple[Mapping[str, Quantity], list[str]]:
    """Static figures by kernel, and launches whose blocks cannot run at all."""
    made: dict[str, Quantity] = {}
    tight = []
    for one in spec.launches:
        usage = compiled.usages.get(one.kernel)
        if usage is None:
            continue
        for name, value in asdict(usage).items():
            unit = "registers" if name == "registers" else "bytes"
            made[f"{one.kernel}.{name}"] = Quantity(value, unit, "static")
        block = _threads(spec, one)
        if block is None:
            continue
        threads, dynamic = block
        share = counters.occupancy(usage, threads, dynamic, arch)
        if share is None:
            continue
        key = f"{one.kernel}.occupancy"
        if key not in made or made[key].value > 100 * share:
            made[key] = Quantity(100 * share, "% at most", "static")
        if share == 0.0:
            tight.append(
                f"launch of {one.kernel}: a block of {threads} threads with {usage.registers} "
                f"registers each and {usage.shared + dynamic} bytes of shared memory does not fit "
                f"a multiprocessor of sm_{arch}; a block has {counters.BLOCK_THREADS} threads "
                "at most"
            )
    return made, tight


def _threads(spec: Spec, one: LaunchSpec) -> tuple[int, int] | None:
    """Threads of a block and its dynamic shared memory, where they follow from no shape."""
    names: dict[str, expressions.Value] = {}
    try:
        for name, expression in spec.let.items():
            if all(n in names for n in expression.names):
                names[name] = expressions.evaluate(expression, names)
        threads = 1
        for expression in one.block:
            threads *= expressions.whole(expression, names)
        shared = expressions.whole(one.shared, names) if one.shared else 0
    except LaunchError:
        return None
    return threads, shared
