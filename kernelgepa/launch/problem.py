"""What a launch specification may name of a problem, from its text alone."""

from __future__ import annotations

import ast
import copy
import warnings
from dataclasses import dataclass

from kernelgepa.errors import InputError


@dataclass(frozen=True)
class Forward:
    """Parameters of Model.forward after self, in order. `rest`: it takes further ones (*args)."""

    parameters: tuple[str, ...]
    rest: bool = False
    signature: str = ""  # "self, x, scale=1.0"


def forward_of(code: str) -> Forward:
    """Of a problem's text. Raises InputError, one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"the reference is not Python: {error}") from error
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    name = "Model"
    for _ in range(len(classes)):
        found = classes.get(name)
        if found is None:
            break
        for part in found.body:
            if isinstance(part, ast.FunctionDef) and part.name == "forward":
                return _parameters(part)
        bases = [ast.unparse(b) for b in found.bases if ast.unparse(b) in classes]
        if not bases:
            break
        name = bases[0]
    raise InputError("the reference defines no class Model with a method forward")


def _parameters(function: ast.FunctionDef) -> Forward:
    given = function.args
    plain = [a.arg for a in (*given.posonlyargs, *given.args)][1:]
    names = (*plain, *(a.arg for a in given.kwonlyargs))
    shown = copy.deepcopy(given)
    every = [*shown.posonlyargs, *shown.args, *shown.kwonlyargs, shown.vararg, shown.kwarg]
    for one in every:
        if one is not None:
            one.annotation = None  # it may need what is not in an exported file
    if every[0] is not None:
        every[0].arg = "self"
    return Forward(names, given.vararg is not None, ast.unparse(shown))
