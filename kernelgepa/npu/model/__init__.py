"""The cycle model: prices optimised IR by the cost table. Integer arithmetic, deterministic."""

from kernelgepa.npu.model.costs import CostTable
from kernelgepa.npu.model.report import Schedule, analyse, profile, stack_bytes

__all__ = ["CostTable", "Schedule", "analyse", "profile", "stack_bytes"]
