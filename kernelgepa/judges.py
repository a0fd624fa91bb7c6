"""Which judge a task has: that of its target. The one place that knows all targets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import get_args

from kernelgepa.errors import InputError
from kernelgepa.judge.secret import Secret
from kernelgepa.measured.contract import Adapter, Profiling
from kernelgepa.protocols import Judge, Sandbox, Target
from kernelgepa.task import Task
from kernelgepa.verdict import Policy

SIMULATED = "npu-sim"
MEASURED = ("torch", "cuda", "triton")
TARGETS = (SIMULATED, *MEASURED)


@dataclass(frozen=True)
class Options:
    """How candidates are judged. `device`: of a measured target, "" for the one there is."""

    policy: Policy = "strict"
    device: str = ""
    jobs: int = 1
    seconds: float | None = None  # of timing a workload; None: as the judge has it
    vendor: bool = True  # whether libraries may do the work
    profile: Profiling = "full"  # of measured kernels: whether and how it is found where time goes


@contextmanager
def judge_of(
    task: Task,
    options: Options,
    secret: Secret | None = None,
    target: Target | None = None,
    sandbox: Sandbox | None = None,
) -> Iterator[Judge]:
    """The judge of a task's target, in `sandbox`; or of the target given, which is not closed.

    Raises InputError where the target is unknown, or cannot be used here.
    """
    if target is None:
        judgeable(task.name, task.target, options.policy, options.device)
    with ExitStack() as stack:
        if target is None and task.target in MEASURED:
            yield _measured(task.target, options, secret, sandbox, stack)
            return
        from kernelgepa.judge.judge import KernelJudge  # noqa: PLC0415

        if options.policy == "kernelbench":
            raise InputError(f"task {task.name}: KernelBench's rules are for modules of torch")
        used = target or stack.enter_context(_simulated(task, options.jobs, sandbox))
        yield KernelJudge(used, options.policy, secret)


@contextmanager
def _simulated(task: Task, jobs: int, sandbox: Sandbox | None) -> Iterator[Target]:
    from kernelgepa.npu.target import NpuSim  # noqa: PLC0415

    if task.target != SIMULATED:
        raise InputError(
            f"task {task.name}: unknown target {task.target!r}, expected one of: "
            + ", ".join(TARGETS)
        )
    with NpuSim(jobs, sandbox) as target:
        yield target


def _measured(
    name: str, options: Options, secret: Secret | None, sandbox: Sandbox | None, stack: ExitStack
) -> Judge:
    import importlib.util  # noqa: PLC0415

    from kernelgepa.measured import devices  # noqa: PLC0415

    if importlib.util.find_spec("torch") is None:
        raise InputError(
            f"target {name} needs torch, which is not installed: pip install 'kernelgepa[{name}]'"
        )
    from kernelgepa.measured.judge import SECONDS, ModuleJudge  # noqa: PLC0415
    from kernelgepa.sandbox import open_sandbox  # noqa: PLC0415

    device = checked(options.device or devices.default())
    where = sandbox or stack.enter_context(open_sandbox())
    made = ModuleJudge(
        _adapters()[name](where), where, device, options.policy, secret,
        SECONDS if options.seconds is None else options.seconds, options.vendor,
        options.profile,
    )  # fmt: skip
    stack.callback(made.close)
    return made


def _adapters() -> dict[str, Callable[[Sandbox], Adapter]]:
    def torch(sandbox: Sandbox) -> Adapter:
        from kernelgepa.measured.modules import TorchAdapter  # noqa: PLC0415

        return TorchAdapter()

    def cuda(sandbox: Sandbox) -> Adapter:
        from kernelgepa.cuda.adapter import CudaAdapter  # noqa: PLC0415

        return CudaAdapter(sandbox)

    def triton(sandbox: Sandbox) -> Adapter:
        from kernelgepa.triton.adapter import TritonAdapter  # noqa: PLC0415

        return TritonAdapter(sandbox)

    return {"torch": torch, "cuda": cuda, "triton": triton}


def judgeable(name: str, target: str, policy: Policy, device: str) -> None:
    """Raises InputError where kernels of a task's target cannot be judged so, or not here."""
    if policy not in get_args(Policy):
        raise InputError(f"policy {policy!r}: expected {', '.join(get_args(Policy))}")
    if target in MEASURED:
        if policy == "npueval":
            raise InputError(f"task {name}: NPUEval's rules are for kernels of the NPU")
        if device:
            checked(device)
    elif target == SIMULATED:
        if policy == "kernelbench":
            raise InputError(f"task {name}: KernelBench's rules are for modules of torch")
        if device not in ("", "cpu"):
            raise InputError(f"task {name}: its target {target} is simulated, not on {device}")


def checked(device: str) -> str:
    """The device, if its name is one and it may be here. Raises InputError."""
    from kernelgepa.measured import devices  # noqa: PLC0415

    if not re.fullmatch(r"cpu|cuda:[0-9]{1,2}", device):
        raise InputError(f"device {device!r}: expected cpu, or cuda:0, cuda:1, ...")
    if why := devices.missing(device):
        raise InputError(f"device {device}: {why}; kernels can be judged on cpu here")
    return device


def alike(tasks: Sequence[Task]) -> None:
    """Raises InputError where tasks of one run have several targets."""
    targets = {t.target for t in tasks}
    if len(targets) > 1:
        raise InputError(f"a run has one target, found tasks of {', '.join(sorted(targets))}")
