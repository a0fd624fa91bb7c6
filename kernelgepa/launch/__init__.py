"""How the kernels of a candidate are launched: the component "launch", a text of TOML.

`read` makes a `Spec` of the text or says what is wrong with it; `evaluate` makes a `Plan` of a spec
once the tensors are known. Shared by the targets `cuda` and `triton`; knows neither.
"""

from kernelgepa.launch.expression import Attributes, Expression, LaunchError, Value
from kernelgepa.launch.plan import Allocation, Argument, Launch, Plan, evaluate
from kernelgepa.launch.problem import Forward, forward_of
from kernelgepa.launch.spec import COMPONENT, Kind, Read, Spec, read

__all__ = [
    "COMPONENT",
    "Allocation",
    "Argument",
    "Attributes",
    "Expression",
    "Forward",
    "Kind",
    "Launch",
    "LaunchError",
    "Plan",
    "Read",
    "Spec",
    "Value",
    "evaluate",
    "forward_of",
    "read",
]
