"""Expressions of a launch specification: a small part of Python, interpreted here, never executed.

Names are forward's parameters, `self`, buffers, outputs and what [let] names. A tensor has numel,
shape[i], size(i), stride(i), ndim and dtype. Triton's names of functions do, too: cdiv, tl.cdiv,
triton.next_power_of_2.
"""

from __future__ import annotations

import ast
import difflib
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol, TypeAlias

from kernelgepa.measured.contract import TensorSpec

CHARACTERS = 500
_BITS = 63
_POWER = 64
_SHOWN = 9
SELF = "self"


class Attributes(Protocol):
    """Something with attributes, as the module `self`. Raises LookupError for what it lacks."""

    def attribute(self, name: str) -> Value: ...

    def item(self, index: int) -> Value: ...


Scalar: TypeAlias = int | float | bool
Value: TypeAlias = "Scalar | str | TensorSpec | Attributes | Sequence[Value] | None"


class LaunchError(ValueError):
    """A launch specification that cannot be used: one sentence."""


@dataclass(frozen=True)
class Expression:
    """A checked expression. Equal where its text is."""

    text: str
    tree: ast.expr = field(compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names it uses, without functions, in order."""
        called = {id(n.func) for n in ast.walk(self.tree) if isinstance(n, ast.Call)}
        found = (n for n in ast.walk(self.tree) if isinstance(n, ast.Name) and id(n) not in called)
        return tuple(dict.fromkeys(n.id for n in found))

    @property
    def path(self) -> tuple[str | int, ...] | None:
        """("self", "layers", 0, "weight") where it only names something, else None."""
        return _path(self.tree)


def ceildiv(a: int, b: int) -> int:
    return -(-a // b)


def next_pow2(n: int) -> int:
    return 1 << max(0, int(n) - 1).bit_length()


FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Scalar]]] = {  # fewest, most arguments
    "min": (2, 8, min), "max": (2, 8, max), "abs": (1, 1, abs), "int": (1, 1, int),
    "float": (1, 1, float), "ceildiv": (2, 2, ceildiv), "next_pow2": (1, 1, next_pow2),
    "sqrt": (1, 1, math.sqrt), "log2": (1, 1, math.log2),
}  # fmt: skip
_TRITONS = {"cdiv": "ceildiv", "next_power_of_2": "next_pow2"}  # the same, as Triton has it
PROPERTIES = ("numel", "shape", "ndim", "dtype")
METHODS = ("size", "stride", "numel", "dim")
_BINARY: Mapping[type[ast.operator], Callable[[Scalar, Scalar], Scalar]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
_WHOLE: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_, ast.BitXor: operator.xor,
}  # fmt: skip
_COMPARE: Mapping[type[ast.cmpop], Callable[[Scalar, Scalar], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
_NOT_HERE: Mapping[type[ast.AST], str] = {
    ast.Lambda: "a lambda", ast.ListComp: "a comprehension", ast.GeneratorExp: "a comprehension",
    ast.Dict: "a dictionary", ast.List: "a list", ast.Tuple: "a tuple",
    ast.JoinedStr: "an f-string", ast.Await: "await", ast.NamedExpr: "an assignment",
    ast.Slice: "a slice", ast.Set: "a set",
}  # fmt: skip


def parse(given: object, known: Iterable[str]) -> Expression:
    """The expression that a TOML value is. Raises LaunchError."""
    if isinstance(given, bool | int | float):
        if isinstance(given, float) and not math.isfinite(given):
            raise LaunchError(f"expected a finite number, found {given}")
        return Expression(repr(given), ast.parse(repr(given), mode="eval").body)
    if not isinstance(given, str) or not given.strip():
        raise LaunchError(f"expected an expression (a text or a number), found {given!r:.60}")
    text = given.strip()
    if len(text) > CHARACTERS:
        raise LaunchError(f"an expression of {len(text)} characters; at most {CHARACTERS}")
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise LaunchError(f"{text!r} is not an expression: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise LaunchError(f"{text[:60]!r} is not an expression: {error}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _tritons(node.func)):
            node.func = ast.copy_location(ast.Name(name, ast.Load()), node.func)
    _check(tree, text, tuple(known))
    return Expression(text, tree)


def _tritons(function: ast.expr) -> str:
    """Our name of a function of Triton's: `cdiv`, `triton.cdiv`, `tl.cdiv`; empty for others."""
    owner, _, name = ast.unparse(function).rpartition(".")
    return _TRITONS.get(name, "") if owner in ("", "triton", "tl") else ""


def _check(node: ast.expr, text: str, known: Sequence[str]) -> None:
    """Raises LaunchError where an expression says more than it may."""
    match node:
        case ast.Constant(value=bool() | int() | float()):
            if isinstance(node.value, int) and node.value.bit_length() > _BITS:
                raise LaunchError(f"{text!r}: a number beyond 64 bits")
        case ast.Constant(value=str()):
            pass
        case ast.Name(id=name):
            if name not in known:
                raise LaunchError(f"{text!r}: unknown name {name!r}; {_nearest(name, known)}")
        case ast.Attribute(value=value):
            _check(value, text, known)
        case ast.Subscript(value=value, slice=index):
            _check(value, text, known)
            _check(index, text, known)
        case ast.Call():
            _check_call(node, text, known)
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) not in _BINARY and type(op) not in _WHOLE and not isinstance(op, ast.Pow):
                raise LaunchError(f"{text!r}: this operator is not known here")
            _check(left, text, known)
            _check(right, text, known)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            _check(operand, text, known)
        case ast.BoolOp(values=values):
            for value in values:
                _check(value, text, known)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            for value in (test, body, orelse):
                _check(value, text, known)
        case ast.Compare(left=left, ops=ops, comparators=rest) if all(
            type(op) in _COMPARE for op in ops
        ):
            for value in (left, *rest):
                _check(value, text, known)
        case _:
            what = _NOT_HERE.get(type(node), "this")
            raise LaunchError(
                f"{text!r}: {what} cannot be used here; use names, numbers, arithmetic, "
                f"comparisons and {', '.join(FUNCTIONS)}"
            )


def _check_call(node: ast.Call, text: str, known: Sequence[str]) -> None:
    if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
        raise LaunchError(f"{text!r}: only plain arguments can be used here")
    for argument in node.args:
        _check(argument, text, known)
    if isinstance(node.func, ast.Attribute):
        name = node.func.attr
        if name not in METHODS:
            near = difflib.get_close_matches(name, METHODS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(METHODS)}"
            raise LaunchError(f"{text!r}: a tensor has no {name}() here; {hint}")
        wanted = 0 if name in ("numel", "dim") else 1
        if len(node.args) != wanted:
            raise LaunchError(f"{text!r}: {name} takes {wanted} argument{'s'[wanted:]}")
        _check(node.func.value, text, known)
        return
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        name = ast.unparse(node.func)[:40]
        raise LaunchError(f"{text!r}: unknown function {name!r}; {_nearest(name, FUNCTIONS)}")
    fewest, most, _ = FUNCTIONS[node.func.id]
    if not fewest <= len(node.args) <= most:
        count = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise LaunchError(f"{text!r}: {node.func.id} takes {count} arguments")


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    listed = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    return f"did you mean {near[0]!r}?" if near else f"there are {listed}"


def evaluate(expression: Expression, names: Mapping[str, Value]) -> Value:
    """Its value. Raises LaunchError."""
    try:
        return _value(expression.tree, names)
    except LaunchError as error:
        raise LaunchError(f"{expression.text!r}: {error}") from error
    except ZeroDivisionError as error:
        raise LaunchError(f"{expression.text!r}: division by zero") from error
    except (ValueError, OverflowError) as error:
        raise LaunchError(f"{expression.text!r}: {error}") from error


def number(expression: Expression, names: Mapping[str, Value]) -> Scalar:
    """Its value, which must be a number. Raises LaunchError."""
    value = evaluate(expression, names)
    if not isinstance(value, bool | int | float):
        raise LaunchError(f"{expression.text!r} is {said(value)}; expected a number")
    return value


def whole(expression: Expression, names: Mapping[str, Value]) -> int:
    """Its value, which must be a whole number. Raises LaunchError."""
    value = number(expression, names)
    if isinstance(value, bool) or int(value) != value:
        raise LaunchError(f"{expression.text!r} is {value}; expected a whole number")
    return int(value)


def said(value: Value) -> str:
    """A value in words, for messages."""
    match value:
        case None:
            return "None"
        case TensorSpec(shape=shape, dtype=dtype):
            return f"a tensor of {dtype} and shape {list(shape)}"
        case bool() | int() | float() | str():
            return f"{value!r:.60}"
        case list() | tuple():
            return f"a sequence of {len(value)}"
    return "a module"


def _value(node: ast.expr, names: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as constant):
            return constant
        case ast.Name(id=name):
            if name not in names:
                raise LaunchError(f"{name!r} has no value here")
            return names[name]
        case ast.Attribute(value=inner, attr=name):
            return _attribute(_value(inner, names), name, ast.unparse(inner))
        case ast.Subscript(value=inner, slice=index):
            return _item(_value(inner, names), _whole(index, names), ast.unparse(inner))
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=args):
            given = [_whole(a, names) for a in args]
            return _method(_value(inner, names), name, given, ast.unparse(inner))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _bounded(FUNCTIONS[name][2](*(_number(a, names) for a in args)))
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(op, _number(left, names), _number(right, names))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _number(operand, names)
        case ast.UnaryOp(op=op, operand=operand):
            value = _number(operand, names)
            return _bounded(-value if isinstance(op, ast.USub) else +value)
        case ast.BoolOp(op=op, values=parts):
            found: Value = None
            for part in parts:
                found = _value(part, names)
                if bool(found) is isinstance(op, ast.Or):
                    break
            return found
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, names) else orelse, names)
        case ast.Compare(left=left, ops=ops, comparators=rest):
            sides = [_number(side, names) for side in (left, *rest)]
            pairs = zip(ops, pairwise(sides), strict=True)
            return all(_COMPARE[type(op)](a, b) for op, (a, b) in pairs)
    raise LaunchError("this cannot be evaluated")


def _number(node: ast.expr, names: Mapping[str, Value]) -> Scalar:
    value = _value(node, names)
    if not isinstance(value, bool | int | float):
        raise LaunchError(f"{ast.unparse(node)} is {said(value)}; expected a number")
    return value


def _whole(node: ast.expr, names: Mapping[str, Value]) -> int:
    value = _number(node, names)
    if not isinstance(value, int) or isinstance(value, bool):
        raise LaunchError(f"{ast.unparse(node)} is {value}; expected a whole number")
    return value


def _binary(op: ast.operator, a: Scalar, b: Scalar) -> Scalar:
    if isinstance(op, ast.Pow):
        if abs(b) > _POWER:
            raise LaunchError(f"an exponent of {b}; at most {_POWER}")
        power = a**b
        if isinstance(power, complex):
            raise LaunchError(f"{a} ** {b} is no number")
        return _bounded(power)
    if type(op) in _WHOLE:
        if not isinstance(a, int) or not isinstance(b, int):
            raise LaunchError("bits are of whole numbers only")
        if isinstance(op, ast.LShift) and b > _BITS:
            raise LaunchError(f"a shift by {b}")
        return _bounded(_WHOLE[type(op)](a, b))
    return _bounded(_BINARY[type(op)](a, b))


def _bounded(value: Scalar) -> Scalar:
    if isinstance(value, int) and value.bit_length() > _BITS:
        raise LaunchError("a number beyond 64 bits")
    if isinstance(value, float) and not math.isfinite(value):
        raise LaunchError("a number that is not finite")
    return value


def _attribute(value: Value, name: str, text: str) -> Value:
    if isinstance(value, TensorSpec):
        match name:
            case "numel":
                return math.prod(value.shape)
            case "shape":
                return value.shape
            case "ndim":
                return len(value.shape)
            case "dtype":
                return value.dtype
        raise LaunchError(f"tensor {text} has no {name!r} here; {_nearest(name, PROPERTIES)}")
    if value is None or isinstance(value, bool | int | float | str | list | tuple):
        raise LaunchError(f"{text} is {said(value)}, which has no {name!r}")
    try:
        return value.attribute(name)  # type: ignore[union-attr]  # Sequence is list or tuple
    except LookupError as error:
        raise LaunchError(f"{text} has no {name!r}") from error


def _item(value: Value, index: int, text: str) -> Value:
    if isinstance(value, list | tuple):
        if not -len(value) <= index < len(value):
            raise LaunchError(f"{text} has {len(value)} entries; there is no [{index}]")
        found: Value = value[index]
        return found
    if value is None or isinstance(value, bool | int | float | str | TensorSpec):
        raise LaunchError(f"{text} is {said(value)}; an element cannot be taken of it")
    try:
        return value.item(index)  # type: ignore[union-attr]
    except LookupError as error:
        raise LaunchError(f"{text} has no [{index}]") from error


def _method(value: Value, name: str, given: Sequence[int], text: str) -> Value:
    if not isinstance(value, TensorSpec):
        raise LaunchError(f"{text} is {said(value)}; {name}() is of tensors")
    if name == "numel":
        return math.prod(value.shape)
    if name == "dim":
        return len(value.shape)
    return _item(value.shape if name == "size" else value.strides, given[0], f"{text}.{name}")


def _path(node: ast.expr) -> tuple[str | int, ...] | None:
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=inner, attr=name):
            above = _path(inner)
            return None if above is None else (*above, name)
        case ast.Subscript(value=inner, slice=ast.Constant(value=int() as index)):
            above = _path(inner)
            return None if above is None else (*above, index)
    return None
