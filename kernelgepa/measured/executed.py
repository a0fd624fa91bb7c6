"""A problem's file, executed. In the worker; torch is imported where it is used.

Dataclasses look for the module they belong to, and torch.jit for the text of a function: both find
it, until a candidate comes, which has no use for it.
"""

from __future__ import annotations

import linecache
import sys
import types
from typing import Any

_MODULE, _FILE = "problem", "problem.py"


def executed(text: str) -> dict[str, Any]:
    """The names it defines: Model, get_inputs, get_init_inputs and others. Raises what it does."""
    made = types.ModuleType(_MODULE)
    made.__file__ = _FILE
    sys.modules[_MODULE] = made
    linecache.cache[_FILE] = len(text), None, text.splitlines(keepends=True), _FILE
    exec(compile(text, _FILE, "exec"), vars(made))
    return vars(made)


def withdraw() -> None:
    """Takes module and text away again; names that somebody holds stay."""
    sys.modules.pop(_MODULE, None)
    linecache.cache.pop(_FILE, None)
