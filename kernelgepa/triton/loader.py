"""A candidate as a class like ModelNew: its kernels, launched as its specification says.

In a worker: on a GPU through Triton's compiler, on a CPU in its interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kernelgepa.candidate import KERNEL
from kernelgepa.launch import COMPONENT, Allocation, Launch, LaunchError, Plan, Spec, evaluate, read
from kernelgepa.launch.plan import contiguous
from kernelgepa.launch.spec import LaunchSpec
from kernelgepa.measured.contract import Context, TensorSpec
from kernelgepa.triton import interpret as interpreter
from kernelgepa.triton.facts import bound, parameters
from kernelgepa.triton.module import Kernel, execute, kernel_of, with_constants
from kernelgepa.triton.tensors import SELF, Described, Seen, at, spec_of, values

_POISONED_CALLS = 2  # on a GPU, where filling takes time; in the interpreter: all


class KernelFault(RuntimeError):
    """What a kernel did wrong while it ran, with the line of its source."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.line = line


def load(
    components: Mapping[str, str], payload: Mapping[str, bytes], context: Context
) -> Callable[..., Any]:
    """Raises whatever the candidate's source raises, and LaunchError."""
    interpret = payload["interpret"] == b"1"
    interpreter.prepare(interpret)
    base = context.problem["Model"]
    found = read(components[COMPONENT], "triton", parameters(base.forward))
    if found.spec is None:
        raise LaunchError("; ".join(d.message for d in found.diagnostics))
    module = execute(components[KERNEL])
    kernels = tuple(kernel_of(module, one.kernel) for one in found.spec.launches)
    for kernel in kernels:
        _restrain(kernel, interpret)
    if not interpret:
        _provide_memory(context.device)
    launcher = Launcher(found.spec, kernels, context, interpret, base.forward)

    def forward(self: Any, *inputs: Any) -> Any:
        return launcher(self, inputs)

    return type("ModelNew", (base,), {"forward": forward})


def _provide_memory(device: str) -> None:
    """Kernels that make tensor descriptors need memory of the host's choosing."""
    import torch  # noqa: PLC0415
    import triton  # noqa: PLC0415

    def allocate(size: int, alignment: int, stream: object) -> Any:
        return torch.empty(size, dtype=torch.int8, device=device)

    if hasattr(triton, "set_allocator"):
        triton.set_allocator(allocate)


class Launcher:
    """Allocates and launches for one call of forward; plans are kept by shape."""

    def __init__(
        self,
        spec: Spec,
        kernels: Sequence[Kernel],
        context: Context,
        interpret: bool,
        forward: Callable[..., Any],
    ) -> None:
        self._spec, self._kernels, self._context = spec, kernels, context
        self._interpret, self._forward = interpret, forward
        self._plans: dict[object, tuple[Plan, tuple[_Step, ...]]] = {}
        self._calls = 0

    def __call__(self, module: Any, inputs: Sequence[Any]) -> Any:
        import torch  # noqa: PLC0415

        self._calls += 1
        named = bound(self._forward, module, inputs)
        key = (id(module), *((n, _key(v)) for n, v in named.items()))
        if key not in self._plans:
            self._plans[key] = self._planned(module, named)
        plan, steps = self._plans[key]
        poisoned = self._interpret or self._calls <= _POISONED_CALLS
        with torch.no_grad():
            names: dict[str, Any] = {**named, SELF: module}
            for one in (*plan.outputs, *plan.buffers):
                names[one.name] = _allocate(one, self._context.device, poisoned)
            for step in steps:
                self._run(step, names)
            outputs = [
                _laid_out(names[one.name], like)
                for one, like in zip(plan.outputs, self._context.outputs, strict=True)
            ]
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def _planned(self, module: Any, named: Mapping[str, Any]) -> tuple[Plan, tuple[_Step, ...]]:
        packed = self._spec.contiguous
        given, seen = values(named, packed), Seen(module, packed)
        outputs = self._context.outputs
        if packed:
            outputs = tuple(replace(o, strides=contiguous(o.shape)) for o in outputs)

        def plan(launches: Sequence[LaunchSpec]) -> Plan:
            return evaluate(replace(self._spec, launches=tuple(launches)), given, seen, outputs)

        steps = []
        for launch, kernel in zip(self._spec.launches, self._kernels, strict=True):
            made = plan([with_constants(launch, kernel.tuned)]).launches
            if made:
                steps.append(_Step(kernel, launch, made[0], plan))
        return plan([]), tuple(steps)

    def _run(self, step: _Step, names: Mapping[str, Any]) -> None:
        from triton.runtime.errors import InterpreterError  # noqa: PLC0415

        arguments = [self._argument(one, names) for one in step.made.arguments]
        if not self._interpret:
            step(arguments)
            return
        parts = list(step.kernel.parameters)
        tensors = {n: a for n, a in zip(parts, arguments, strict=False) if hasattr(a, "data_ptr")}
        try:
            with interpreter.checking(tensors):
                step(arguments)
        except InterpreterError as error:
            inner, line = interpreter.fault(error)
            said = f"kernel {step.kernel.name}: {inner}"
            if not isinstance(inner, interpreter.OutOfBounds):
                said = f"kernel {step.kernel.name}: {type(inner).__name__}: {inner}"
            raise KernelFault(said, line) from error

    def _argument(self, one: Any, names: Mapping[str, Any]) -> Any:
        if one.kind == "number":
            return one.value
        if one.kind == "null":
            return None
        tensor = at(one.path, names)
        return tensor.contiguous() if self._spec.contiguous else tensor


class _Step:
    """One launch of a plan. Its grid follows the constants that tuning chose."""

    def __init__(
        self,
        kernel: Kernel,
        launch: LaunchSpec,
        made: Launch,
        plan: Callable[[Sequence[LaunchSpec]], Plan],
    ) -> None:
        self.kernel, self.made = kernel, made
        self._launch, self._plan = launch, plan
        self._grids: dict[object, tuple[int, int, int]] = {}
        self._keywords: dict[str, Any] = {
            n: v for n, v in made.constants.items() if n not in kernel.tuned
        }
        for name, value in (("num_warps", made.warps), ("num_stages", made.stages)):
            if value is not None and name not in kernel.options:
                self._keywords[name] = value

    def __call__(self, arguments: Sequence[Any]) -> None:
        grid: Any = self._grid if self.kernel.tuned else self.made.grid
        self.kernel.entry[grid](*arguments, **self._keywords)

    def _grid(self, meta: Mapping[str, Any]) -> tuple[int, int, int]:
        chosen = {n: meta[n] for n in self.kernel.tuned}
        key = tuple(chosen.items())
        if key not in self._grids:
            made = self._plan([with_constants(self._launch, chosen)]).launches
            self._grids[key] = made[0].grid
        return self._grids[key]


def _laid_out(found: Any, like: TensorSpec) -> Any:
    """An output in the reference's layout, where the kernel wrote a contiguous one."""
    import torch  # noqa: PLC0415

    if found.stride() == like.strides or tuple(found.shape) != like.shape:
        return found
    made = torch.empty_strided(like.shape, like.strides, dtype=found.dtype, device=found.device)
    return made.copy_(found)


def _key(value: Any) -> object:
    if hasattr(value, "stride"):
        return tuple(value.shape), value.stride(), value.dtype
    return value if isinstance(value, bool | int | float | str | None) else id(value)


def _allocate(one: Allocation, device: str, poisoned: bool) -> Any:
    """Poisoned, so that what a kernel leaves untouched is seen."""
    import torch  # noqa: PLC0415

    dtype = getattr(torch, one.spec.dtype)
    made = torch.empty_strided(one.spec.shape, one.spec.strides, dtype=dtype, device=device)
    if one.zero:
        return made.zero_()
    if not poisoned:
        return made
    if dtype.is_floating_point or dtype.is_complex:
        return made.fill_(float("nan"))
    return made.fill_(True if dtype is torch.bool else torch.iinfo(dtype).max - 85)


def _restrain(kernel: Kernel, interpret: bool) -> None:
    """Rules see descriptions of tensors, not tensors; nothing is tuned in the interpreter."""
    from triton.runtime.autotuner import Autotuner, Heuristics  # noqa: PLC0415

    inner = kernel.entry
    while type(inner) in (Autotuner, Heuristics):
        if type(inner) is Heuristics:
            inner.values = {name: _blind(rule) for name, rule in inner.values.items()}
        elif interpret:
            inner.configs = inner.configs[:1]
        inner = inner.fn


def _blind(rule: Callable[..., Any]) -> Callable[..., Any]:
    if getattr(rule, "is_blind", False):
        return rule

    def blind(arguments: Mapping[str, Any]) -> Any:
        return rule(
            {
                n: Described(spec_of(v), v.data_ptr()) if hasattr(v, "data_ptr") else v
                for n, v in arguments.items()
            }
        )

    blind.is_blind = True  # type: ignore[attr-defined]
    return blind
