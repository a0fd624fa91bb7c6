"""Kinds of operation a problem's classes use, by the names they call. A hint, from the text alone.

The kinds are ours: what decides how a kernel for it is written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from kernelgepa.kernelbench.problems import Problem

# Searched in the names called and the operators used, in lower case; a name is of the first kind
# that it matches.
_KINDS = (
    ("attention", r"scaled_dot_product_attention|.*attention.*|transformer.*layer"),
    ("loss", r".*loss|cross_entropy|kl_div|.*_loss|binary_cross_entropy.*"),
    ("recurrent", r"rnn|lstm|gru|(rnn|lstm|gru)cell"),
    ("transposed convolution", r"conv_?transpose[123]d"),
    ("convolution", r"conv[123]d|unfold|fold"),
    ("pooling", r".*pool(ing)?(_?[123]d)?"),
    ("softmax", r".*softm(ax|in)(2d)?|logsumexp"),
    ("normalisation", r".*norm([123]d)?|normalize|layer_norm|rms_?norm|var|std|local_?response.*"),
    ("scan", r"cum(sum|prod|max|min)|logcumsumexp"),
    ("embedding", r"embedding(bag)?|gather|scatter.*|index_(select|add|put).*"),
    ("sorting", r"sort|argsort|topk|kthvalue|median|unique"),
    ("matrix product", r"(bi)?linear|matmul|b?mm|addmm|baddbmm|einsum|mv|(tensor)?dot|outer|@"),
    ("reduction", r"sum|mean|prod|a?max|a?min|argmax|argmin|any|all|count_nonzero"),
    ("layout", r"cat|stack|permute|transpose|roll|flip|pixel_?(un)?shuffle|channelshuffle|pad"),
    ("interpolation", r"upsample.*|interpolate|grid_sample"),
    ("activation", r".*(relu|elu|gelu|silu|swish|sigmoid|tanh|mish|softplus|softsign|hardtanh).*"),
    ("elementwise", r"exp|log|sqrt|pow|abs|clamp|clip|where|sin|cos|erf|add|mul|div|sub|\+|\*|/|-"),
)  # fmt: skip
KINDS = tuple(name for name, _ in _KINDS)
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _KINDS)


def families(problem: Problem) -> frozenset[str]:
    """Kinds of operation in the problem's classes; none where it is not Python."""
    try:
        tree = ast.parse(problem.code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    found = {_kind(name) for node in tree.body for name in _used(node)}
    return frozenset(kind for kind in found if kind)


def _used(node: ast.stmt) -> Iterator[str]:
    """Names called and operators used in a class, or in a function that it may call."""
    if not isinstance(node, ast.ClassDef | ast.FunctionDef):
        return
    if node.name in ("get_inputs", "get_init_inputs"):
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            function = part.func
            if isinstance(function, ast.Attribute):
                yield function.attr.lower()
            elif isinstance(function, ast.Name):
                yield function.id.lower()
        elif isinstance(part, ast.BinOp):
            yield {ast.MatMult: "@", ast.Pow: "pow", ast.Add: "+"}.get(type(part.op), "*")


def _kind(name: str) -> str:
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(name)), "")
