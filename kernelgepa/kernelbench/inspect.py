"""What a problem needs and which numbers it depends on, from its syntax tree alone.

The contract (github.com/ScalingIntelligence/KernelBench): a module with a class `Model`, and
functions `get_inputs` and `get_init_inputs` without arguments that return lists. Nothing of it is
run here: what is said of shapes follows from the text, or is not said.
"""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kernelgepa.kernelbench import refusals, roles, source
from kernelgepa.kernelbench.fold import Module, module
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.sizes import Size, sizes
from kernelgepa.kernelbench.values import Known, Many, Named, Tensor, Value
from kernelgepa.kernelbench.weights import weight_bytes


@dataclass(frozen=True)
class Input:
    """One element of what get_inputs returns; not a tensor where `shape` is None."""

    shape: tuple[int, ...] | None
    dtype: str = ""
    bytes: int = 0


@dataclass(frozen=True)
class Inspection:
    """What can be told of a problem. `refusals` are sentences; empty where it can be taken."""

    refusals: tuple[str, ...]
    cuda: tuple[str, ...] = ()  # where it insists on a CUDA device
    packages: frozenset[str] = frozenset()  # imported, beyond Python's own
    sizes: tuple[Size, ...] = ()
    inputs: tuple[Input, ...] | None = None  # None: not to be told from the text
    input_bytes: int | None = None
    weight_bytes: int = 0  # of parameters and buffers, as far as the text tells
    divisors: frozenset[int] = frozenset()  # written in its classes, 2 to 64

    def reasons(self, device: str) -> tuple[str, ...]:
        """Why it cannot be taken on a device ("cpu", "cuda:0"); empty where it can."""
        on_cpu = () if device.startswith("cuda") else self.cuda
        hint = "choose another (--device cuda:0), or take that out"
        said = [f"{'; '.join(on_cpu)}; but the device is {device}: {hint}"] if on_cpu else []
        return (*self.refusals, *said)


def inspect(problem: Problem) -> Inspection:
    """Reads a problem. Never raises for what is in it, and never runs it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return _inspection(ast.parse(problem.code), problem.code)
    except SyntaxError as error:
        return Inspection((f"line {error.lineno or 1}: not Python: {error.msg}",))
    except ValueError as error:
        return Inspection((f"not Python: {error}",))
    except (RecursionError, MemoryError):
        return Inspection(("its expressions are nested too deeply to be read",))


def _inspection(tree: ast.Module, text: str) -> Inspection:
    tree.body = [node for node in tree.body if not source.script(node)]
    made = module(tree, text)
    top = symtable.symtable(text, "problem", "exec")
    wrong = [*_contract(made), *(str(n) for n in refusals.reaches(tree))]
    cuda = tuple(str(n) for n in refusals.cuda(tree))
    packages = refusals.imports(tree)
    if wrong:
        return Inspection(tuple(wrong), cuda, packages)
    given, own = made.marked("get_inputs")
    if isinstance(given, Tensor):
        text = "get_inputs returns a tensor; expected a list of forward's arguments"
        return Inspection((f"line {made.functions['get_inputs'].lineno}: {text}",), cuda, packages)
    inputs = _inputs(given)
    told = inputs is not None and "set_default_dtype" not in text
    return Inspection(
        (),
        cuda,
        packages,
        tuple(sizes(made, top, given, own)),
        inputs if told else None,
        sum(i.bytes for i in inputs) if inputs is not None and told else None,
        weight_bytes(made) if told else 0,
        roles.divisors(made.classes),
    )


def _contract(made: Module) -> Iterator[str]:
    """What is missing of the contract, or has another form."""
    model = made.classes.get("Model")
    if model is None and "ModelNew" in made.classes:
        yield "it defines ModelNew and no Model: this is a solution, not a problem"
    elif model is None:
        yield "it defines no class Model at its top level"
    elif all(ast.unparse(base) == "object" for base in model.bases):
        yield f"line {model.lineno}: Model is no torch.nn.Module: it has no base class"
    elif not _method(made, model, "forward"):
        yield f"line {model.lineno}: Model has no method forward"
    for name in ("get_inputs", "get_init_inputs"):
        function = made.functions.get(name)
        if function is None:
            yield f"it defines no function {name} at its top level"
            continue
        args = function.args
        plain = [*args.posonlyargs, *args.args]
        bare = [a for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is None]
        if len(plain) > len(args.defaults) or bare:
            yield f"line {function.lineno}: {name} takes arguments; it is called without any"
        returned = [n.value for n in _own(function.body) if isinstance(n, ast.Return) and n.value]
        if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in _own(function.body)):
            yield f"line {function.lineno}: {name} yields; expected that it returns a list"
        elif not returned:
            yield f"line {function.lineno}: {name} returns nothing; expected a list"
        elif name == "get_init_inputs" and model and any(_in_two(n, model) for n in returned):
            yield (
                f"line {returned[0].lineno}: get_init_inputs returns a list and a dict; expected "
                "one list of the constructor's arguments, or one dict of them by name"
            )


def _own(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """What is in a function's body, without functions in it."""
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def _in_two(node: ast.expr, model: ast.ClassDef) -> bool:
    """Whether arguments are split in those by place and those by name, as other collections of
    problems have them: `[[4], {"bias": True}]`."""
    if not isinstance(node, ast.List | ast.Tuple) or len(node.elts) != 2:
        return False
    first, second = node.elts
    if not isinstance(first, ast.List | ast.Tuple) or not isinstance(second, ast.Dict):
        return False
    names = {k.value if isinstance(k, ast.Constant) else None for k in second.keys}
    made = roles.constructor(model)
    known = {a.arg for a in (*made.args.args, *made.args.kwonlyargs)} if made else set[str]()
    return names <= known and bool(names or not first.elts)


def _method(made: Module, node: ast.ClassDef, name: str, seen: tuple[str, ...] = ()) -> bool:
    """Whether a class has a method, its own or of a base that cannot be seen or has it."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name == name:
            return True
        if isinstance(part, ast.Assign) and any(ast.unparse(t) == name for t in part.targets):
            return True
    for base in node.bases:
        text = ast.unparse(base)
        if text in made.classes:
            if text not in seen and _method(made, made.classes[text], name, (*seen, text)):
                return True
        elif text.rpartition(".")[2] != "Module":
            return True  # a base from elsewhere may have it
    return False


def _inputs(given: Value) -> tuple[Input, ...] | None:
    """The inputs, where each of them is known."""
    if not isinstance(given, Many | Named):
        return None
    found = list[Input]()
    for value in given.items if isinstance(given, Many) else given.values:
        if isinstance(value, Many | Named):
            inner = _inputs(value)
            if inner is None:
                return None
            found.extend(inner)
        elif isinstance(value, Tensor):
            found.append(Input(value.sizes, value.dtype, value.bytes))
        elif isinstance(value, Known):
            found.append(Input(None))
        else:
            return None
    return tuple(found)
