"""The cycle model: prices optimised IR by the cost table. Integer arithmetic, deterministic."""

from kernelgepa.npu.model.blocks import Schedule, analyse
from kernelgepa.npu.model.costs import CostTable, NoRow
from kernelgepa.npu.model.program import program_bytes
from kernelgepa.npu.model.report import copied, profile
from kernelgepa.npu.model.scalar import NotModelled

__all__ = [
    "CostTable",
    "NoRow",
    "NotModelled",
    "Schedule",
    "analyse",
    "copied",
    "profile",
    "program_bytes",
    "stack_bytes",
]


def stack_bytes(schedule: Schedule) -> int | None:
    """Static bytes of stack from the entry on; None where recursion leaves it open."""
    return schedule.stack
