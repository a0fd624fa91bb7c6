"""Launches a compiled candidate through the CUDA driver, on torch's stream. In the worker.

Where there is no device, everything here raises: no output and no time is ever made up.
"""

from __future__ import annotations

import ctypes
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgepa.cuda import arguments, live
from kernelgepa.cuda.arguments import Parameters
from kernelgepa.cuda.driver import CudaError, bindings, check, said
from kernelgepa.cuda.signature import ParameterKind
from kernelgepa.launch import (
    COMPONENT,
    Allocation,
    Forward,
    Launch,
    LaunchError,
    Spec,
    evaluate,
    read,
)
from kernelgepa.launch.expression import SELF
from kernelgepa.measured.contract import Context

CUBIN, FACTS = "kernel.cubin", "facts.json"
# Outputs are filled with NaN in the first calls, whose results are compared; the fill would be
# timed in later ones. A kernel cannot tell which call it is in, for it has no code on the host.
POISONED_CALLS = 2
_BYTE = 0x5B


def load(
    components: Mapping[str, str], payload: Mapping[str, bytes], context: Context
) -> Callable[..., Any]:
    """The class of the candidate: the problem's Model with another forward.

    Raises CudaError where there is no device, LaunchError where the specification is wrong.
    """
    import torch  # noqa: PLC0415

    if not context.device.startswith("cuda") or not torch.cuda.is_available():
        raise CudaError(f"there is no CUDA device for {context.device!r}: the kernel cannot run")
    model = context.problem["Model"]
    forward = _forward(model)
    found = read(components[COMPONENT], "cuda", Forward(tuple(forward.parameters)))
    if found.spec is None:
        raise LaunchError(found.diagnostics[0].message)
    library = _Library(payload[CUBIN], json.loads(payload[FACTS]), context.device)
    launcher = _Launcher(found.spec, library, context, forward)

    def run(self: Any, *given: Any, **named: Any) -> Any:
        return launcher(self, given, named)

    return type("ModelNew", (model,), {"forward": run})


def _forward(model: Any) -> inspect.Signature:
    signature = inspect.signature(model.forward)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


class _Library:
    """The functions of a cubin, loaded into torch's context of a device."""

    def __init__(self, cubin: bytes, facts: Mapping[str, Any], device: str) -> None:
        import torch  # noqa: PLC0415

        torch.cuda.set_device(device)
        torch.zeros(1, device=device)  # makes its context, and makes it current
        self.driver = bindings()
        self._module = check(self.driver, self.driver.cuModuleLoadData(cubin), "loading the cubin")
        self._names: Mapping[str, str] = facts["names"]
        self._sizes: Mapping[str, Sequence[int]] = facts["parameters"]
        self._kinds: Mapping[str, Sequence[ParameterKind]] = facts["kinds"]
        self._functions: dict[str, Any] = {}
        self._shared: dict[str, int] = {}

    def function(self, kernel: str) -> Any:
        if kernel not in self._functions:
            name = self._names[kernel].encode()
            found = self.driver.cuModuleGetFunction(self._module, name)
            self._functions[kernel] = check(self.driver, found, f"kernel {kernel}")
        return self._functions[kernel]

    def parameters(self, kernel: str) -> Parameters | None:
        """None where neither the cubin nor the driver tells."""
        if kernel in self._sizes:
            return Parameters(self._sizes[kernel], self._kinds.get(kernel, ()))
        ask = getattr(self.driver, "cuFuncGetParamInfo", None)
        if ask is None:
            return None
        found = list[int]()
        while True:
            status, *place = ask(self.function(kernel), len(found))
            if int(status):
                return Parameters(found, self._kinds.get(kernel, ()))
            found.append(int(place[1]))

    def allow_shared(self, kernel: str, size: int) -> None:
        """More dynamic shared memory than a kernel has without asking."""
        if size <= self._shared.get(kernel, 0):
            return
        kind = self.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        done = self.driver.cuFuncSetAttribute(self.function(kernel), kind, size)
        check(self.driver, done, f"kernel {kernel}: {size} bytes of dynamic shared memory")
        self._shared[kernel] = size


@dataclass(frozen=True)
class _Ready:
    """One launch with its arguments in place; only pointers are set before each call."""

    kernel: str
    function: Any
    grid: tuple[int, int, int]
    block: tuple[int, int, int]
    shared: int
    values: tuple[Any, ...]  # ctypes objects, kept alive
    addresses: Any  # an array of pointers to them
    tensors: tuple[tuple[int, tuple[str | int, ...]], ...]  # which are pointers, and to what


@dataclass(frozen=True)
class _Prepared:
    """Everything of a call that shapes decide."""

    outputs: tuple[Allocation, ...]
    buffers: tuple[Allocation, ...]
    launches: tuple[_Ready, ...]


class _Launcher:
    """One call of forward: allocate, launch, check. Plans are kept by the shapes of inputs."""

    def __init__(
        self, spec: Spec, library: _Library, context: Context, forward: inspect.Signature
    ) -> None:
        self._spec, self._library, self._context = spec, library, context
        self._forward = forward
        self._names = tuple(forward.parameters)
        self._plans: dict[Any, _Prepared] = {}
        self._calls = 0

    def __call__(self, module: Any, given: Sequence[Any], named: Mapping[str, Any]) -> Any:
        import torch  # noqa: PLC0415

        if named or len(given) != len(self._names):
            bound = self._forward.bind(*given, **named)
            bound.apply_defaults()
            given = tuple(bound.arguments[n] for n in self._names)
        held: dict[str, Any] = {n: self._plain(v) for n, v in zip(self._names, given, strict=True)}
        key = tuple(map(live.key_of, held.values()))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._prepare(module, held)
        careful = self._calls < POISONED_CALLS
        self._calls += 1
        for one in (*plan.outputs, *plan.buffers):
            held[one.name] = _allocate(one, self._context.device, careful)
        held[SELF] = module
        stream = self._library.driver.CUstream(torch.cuda.current_stream().cuda_stream)
        for launch in plan.launches:
            self._launch(launch, held, stream, careful)
        made = tuple(held[one.name] for one in plan.outputs)
        return made[0] if len(made) == 1 else made

    def _plain(self, value: Any) -> Any:
        """An input as kernels get it."""
        import torch  # noqa: PLC0415

        if isinstance(value, torch.Tensor):
            return value.contiguous() if self._spec.contiguous else value
        if isinstance(value, list | tuple):
            return tuple(map(self._plain, value))
        return value

    def _prepare(self, module: Any, held: Mapping[str, Any]) -> _Prepared:
        inputs = {n: live.value_of(v, False) for n, v in held.items()}
        attributes = live.Module(module, self._spec.contiguous)
        plan = evaluate(self._spec, inputs, attributes, self._context.outputs)
        return _Prepared(plan.outputs, plan.buffers, tuple(map(self._ready, plan.launches)))

    def _ready(self, launch: Launch) -> _Ready:
        given = arguments.fitted(
            launch.kernel, launch.arguments, self._library.parameters(launch.kernel)
        )
        values: list[Any] = []
        tensors: list[tuple[int, tuple[str | int, ...]]] = []
        for place, one in enumerate(given):
            if one.kind == "number":
                raw = arguments.packed(one.type, one.value)
                values.append(ctypes.create_string_buffer(raw, len(raw)))
                continue
            values.append(ctypes.c_void_p(None))
            if one.kind == "tensor":
                tensors.append((place, one.path))
        if launch.shared:
            self._library.allow_shared(launch.kernel, launch.shared)
        addresses = (ctypes.c_void_p * max(1, len(values)))(*map(ctypes.addressof, values))
        return _Ready(
            launch.kernel, self._library.function(launch.kernel), launch.grid, launch.block,
            launch.shared, tuple(values), addresses, tuple(tensors),
        )  # fmt: skip

    def _launch(self, one: _Ready, held: Mapping[str, Any], stream: Any, careful: bool) -> None:
        kept = []  # copies that are contiguous live until the launch; the stream keeps the order
        for place, path in one.tensors:
            tensor = live.at(held[str(path[0])], path[1:])
            if not tensor.is_cuda:
                raise LaunchError(f"kernel {one.kernel}: {path[-1]} is not on the device")
            if self._spec.contiguous and not tensor.is_contiguous() and path[0] == SELF:
                tensor = tensor.contiguous()
            kept.append(tensor)
            one.values[place].value = tensor.data_ptr()
        driver = self._library.driver
        (status,) = driver.cuLaunchKernel(
            one.function, *one.grid, *one.block, one.shared, stream,
            ctypes.addressof(one.addresses), 0,
        )  # fmt: skip
        if int(status):
            raise CudaError(
                f"kernel {one.kernel}, grid {list(one.grid)}, block {list(one.block)}, "
                f"{one.shared} bytes of shared memory: {said(driver, status)}"
            )
        # A fault shows only later: at once where a call is looked at, else as far as is known now.
        (status,) = driver.cuStreamSynchronize(stream) if careful else driver.cuStreamQuery(stream)
        if int(status) and int(status) != int(driver.CUresult.CUDA_ERROR_NOT_READY):
            raise CudaError(f"kernel {one.kernel}: {said(driver, status)}")


def _allocate(one: Allocation, device: str, poisoned: bool) -> Any:
    """A tensor; where it is not zeroed, its memory holds NaN or a pattern, if so asked."""
    import torch  # noqa: PLC0415

    dtype = getattr(torch, one.spec.dtype)
    made = torch.empty_strided(one.spec.shape, one.spec.strides, dtype=dtype, device=device)
    if one.zero:
        return made.zero_()
    if poisoned:
        if made.is_floating_point() or made.is_complex():
            return made.fill_(float("nan"))
        return made.fill_(dtype == torch.bool or _BYTE)
    return made
