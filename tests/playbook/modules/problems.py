"""Small problems in KernelBench's contract, made of an expression or a few statements."""

from __future__ import annotations

import json
import textwrap

from kernelgepa.playbook.modules import graph, trace
from kernelgepa.playbook.modules.graph import Graph

ROWS, WIDTH = 6, 40
SIZES: tuple[dict[str, int], ...] = ({}, {"rows": 3, "width": 1037})


def problem(
    forward: str, init: str = "pass", inputs: str = "torch.randn(rows, width)", names: str = "x"
) -> str:
    """`rows` and `width` are numbers of its top level, and parameters of the constructor."""
    return f"""import torch
import torch.nn as nn
import torch.nn.functional as F

rows = {ROWS}
width = {WIDTH}


class Model(nn.Module):
    def __init__(self, rows, width):
        super(Model, self).__init__()
{textwrap.indent(init, " " * 8)}

    def forward(self, {names}):
{textwrap.indent(forward, " " * 8)}


def get_inputs():
    return [{inputs}]


def get_init_inputs():
    return [rows, width]
"""


def graph_of(code: str) -> Graph:
    """Traced here: these texts are ours."""
    return graph.merged(graph.read(trace.handle(json.dumps({"codes": [code]}).encode())))


BIAS = "self.bias = nn.Parameter(torch.randn(width))\nself.scale = nn.Parameter(torch.randn(width))"
TWO = "torch.randn(rows, width), torch.randn(rows, width)"
PROBLEMS = {
    "gelu, bias, scale": problem("return F.gelu(x + self.bias) * self.scale", BIAS),
    "softmax": problem("return torch.softmax(x * 3.0, dim=-1)"),
    "softmax by hand": problem(
        "e = torch.exp(x - x.amax(dim=1, keepdim=True))\nreturn e / e.sum(1, keepdim=True)"
    ),
    "log_softmax": problem("return F.log_softmax(x, dim=1)"),
    "logsumexp": problem("return torch.logsumexp(x, dim=1) * 2 + 1"),
    "layer_norm, residual": problem(
        "return x + self.norm(F.silu(x))", "self.norm = nn.LayerNorm(width)"
    ),
    "rms by hand": problem(
        "r = torch.sqrt(torch.mean(x ** 2, dim=-1, keepdim=True) + 1e-6)\nreturn x / r * self.bias",
        BIAS,
    ),
    "linear, mish, norm": problem(
        "y = F.mish(self.linear(x)) * 0.5 + x\nreturn F.layer_norm(y, (y.shape[1],)) - self.bias",
        BIAS + "\nself.linear = nn.Linear(width, width)",
    ),
    "linear, tail": problem(
        "y = self.linear(x)\nreturn torch.clamp(torch.tanh(y) * self.bias, min=-0.5)",
        BIAS + "\nself.linear = nn.Linear(width, width)",
    ),
    "channels": problem(
        "y = self.conv(x)\ny = torch.relu(y) + self.shift\nreturn y * torch.sigmoid(y)",
        "self.conv = nn.Conv2d(3, 5, 3)\nself.shift = nn.Parameter(torch.randn(5, 1, 1))",
        "torch.randn(rows, 3, 9, width)",
    ),
    "two broadcast": problem(
        "return torch.tanh(x) * y + F.softplus(y)",
        inputs="torch.randn(4, 1, width), torch.randn(rows, 1)",
        names="x, y",
    ),
    "conditions": problem(
        "return torch.where(x > 0.1, F.elu(x), F.leaky_relu(x, 0.3)) + (x < 0).float()"
    ),
    "many": problem(
        "y = torch.erf(x) + torch.log1p(x * x) + F.gelu(x, approximate='tanh') + torch.expm1(x)\n"
        "z = torch.log(torch.abs(x) + 0.5) - F.hardswish(x) / (1 + torch.exp(-x))\n"
        "return F.relu6(y) * z + F.softsign(x) + F.logsigmoid(x) + F.selu(x) - F.hardtanh(x)"
    ),
    "loss": problem("return torch.mean((x - y) ** 2)", inputs=TWO, names="x, y"),
    "largest, squeezed": problem(
        "s = x.amax(dim=1)\nreturn torch.exp(s - 3) + self.n[: x.size(0)]",
        "self.n = nn.Parameter(torch.randn(rows))",
    ),
    "variance": problem("return (x - x.mean(-1, True)) / (x.var(-1, keepdim=True) + 1e-3)"),
    "heads": problem(
        "b = x.size(0)\ny = torch.softmax(x.view(b, -1, 1) * self.w, dim=-1)\n"
        "return y.reshape(b, -1)",
        "self.w = nn.Parameter(torch.randn(17))",
    ),
    "not contiguous": problem("return torch.sigmoid(x.t()).contiguous() * 2 + 1"),
    "in place on its own": problem(
        "y = self.act(self.linear(x))\ny = y + x\nreturn y * torch.rsqrt(y * y + 1)",
        "self.linear = nn.Linear(width, width)\nself.act = nn.ReLU(inplace=True)",
    ),
    "normalize": problem("return F.normalize(x, dim=1) * self.bias", BIAS),
    "two kernels": problem(
        "y = F.gelu(self.a(x)) * self.bias\nreturn F.silu(self.b(y)) + y",
        BIAS + "\nself.a = nn.Linear(width, width)\nself.b = nn.Linear(width, width)",
    ),
}
