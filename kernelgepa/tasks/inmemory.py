"""A task of a module or a function of torch that the user holds, from its source."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import source
from kernelgepa.measured import devices
from kernelgepa.task import Task
from kernelgepa.tasks import modules

_PLAIN = (bool, int, float, str, type(None))
_ENTRY = """

def get_inputs():
    return [{inputs}]


def get_init_inputs():
    return [{init}]
"""


def in_memory(
    module: Callable[..., Any], examples: Sequence[Any], init: Sequence[Any] = (), device: str = ""
) -> Task:
    """The task of a torch.nn.Module, its class, or a function of tensors.

    Inputs have the examples' shapes and types; whole numbers lie within the example's. `init`: what
    the class is constructed with. Raises InputError where its text or its inputs are not to be had.
    """
    made = inspect.isfunction(module)
    kind = module if made or isinstance(module, type) else type(module)
    name = getattr(kind, "__qualname__", "")
    if not isinstance(module, type) and not made:
        _constructed(kind, name, init)
    text = source.only(_text(kind, name), {name})
    wrapped = _function(text, name) if made else _class(text, name)
    inputs = ", ".join(_input(value, i) for i, value in enumerate(examples, 1))
    code = wrapped.rstrip() + "\n" + "\n\nimport torch\n" * (not _imports_torch(wrapped))
    code += _ENTRY.format(inputs=inputs, init=", ".join(_plain(v, "init") for v in init))
    given = modules.problem(name, code, f"{'function' if made else 'module'} {name}")
    return modules.of_problem(given, device or devices.default())


def of_torch(function: Callable[..., Any], examples: Sequence[Any]) -> bool:
    """Whether a callable is a module of torch, its class, or is given tensors."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    kind = function if isinstance(function, type) else type(function)
    return issubclass(kind, torch.nn.Module) or any(isinstance(e, torch.Tensor) for e in examples)


def _constructed(kind: Any, name: str, init: Sequence[Any]) -> None:
    """Raises InputError where an instance cannot be made again."""
    parameters = list(inspect.signature(kind.__init__).parameters)[1:]
    own = [p for p in parameters if p not in ("args", "kwargs")]
    if own and not init:
        raise InputError(
            f"module {name} was constructed with values that are not to be had; give the class "
            f"and init_inputs=[...] for {', '.join(own)}"
        )


def _text(kind: Any, name: str) -> str:
    """The file that defines it."""
    if not name.isidentifier():
        raise InputError(f"{name or 'it'} is not defined at the top level of a file; move it there")
    try:
        text = inspect.getsource(sys.modules[kind.__module__])
    except (OSError, TypeError, KeyError) as error:
        raise InputError(
            f"the source of {name} is not to be had ({error}); define it in a file"
        ) from error
    kinds = ast.ClassDef | ast.FunctionDef
    if not any(isinstance(n, kinds) and n.name == name for n in source.parse(text).body):
        raise InputError(f"{name} is not defined at the top level of its file; move it there")
    return text


def _class(text: str, name: str) -> str:
    if name == "Model":
        return text
    _free(text)
    return f"{text.rstrip()}\n\n\nclass Model({name}):\n    pass\n"


def _function(text: str, name: str) -> str:
    _free(text)
    tree = source.parse(text)
    node = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    given = ", ".join(names)
    return (
        f"{text.rstrip()}\n\n\nimport torch\n\n\nclass Model(torch.nn.Module):\n"
        f"    def forward(self, {given}):\n        return {name}({given})\n"
    )


def _free(text: str) -> None:
    """Raises InputError where Model is a name already."""
    tree = source.parse(text)
    if any(isinstance(n, ast.Name) and n.id == "Model" for n in ast.walk(tree)) or any(
        isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == "Model" for n in tree.body
    ):
        raise InputError("its file uses the name Model for something else; rename that")


def _imports_torch(text: str) -> bool:
    return any(
        isinstance(n, ast.Import) and any(a.name == "torch" and not a.asname for a in n.names)
        for n in source.parse(text).body
    )


def _input(value: Any, number: int) -> str:
    """What draws a value like the example."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, torch.Tensor):
        return _plain(value, f"example input {number}")
    shape, dtype = tuple(value.shape), str(value.dtype)
    if value.dtype == torch.bool:
        return f"torch.rand({shape}) > 0.5"
    if value.is_floating_point() or value.is_complex():
        return f"torch.randn({shape}, dtype={dtype})"
    if not value.numel():
        return f"torch.zeros({shape}, dtype={dtype})"
    low, high = int(value.min()), int(value.max()) + 1
    return f"torch.randint({low}, {high}, {shape}, dtype={dtype})"


def _plain(value: Any, what: str) -> str:
    if isinstance(value, list | tuple):
        inner = ", ".join(_plain(v, what) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)"
    if not isinstance(value, _PLAIN):
        raise InputError(
            f"{what} is a {type(value).__name__}; expected a tensor, a number, a text or None"
        )
    return repr(value)
