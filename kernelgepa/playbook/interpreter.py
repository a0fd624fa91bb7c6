"""Runs a loop's body symbolically, once: straight-line code, both sides of conditions merged."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kernelgepa.playbook import kinds
from kernelgepa.playbook.expressions import Graph, Index, Node, Unsupported, linear, text_of
from kernelgepa.playbook.kinds import BF16, BOOL, F32, I32, U32, Kind, kind_of
from kernelgepa.playbook.syntax import text, walk

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

UNROLLED_TRIPS = 32
_OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "rem", "&": "and", "|": "or", "^": "xor",
    "<<": "shl", ">>": "shr", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne",
    "&&": "land", "||": "lor",
}  # fmt: skip
_CASTS = ("static_cast", "reinterpret_cast", "const_cast")
_IGNORED = frozenset(
    {"comment", "{", "}", ";", "using_declaration", "preproc_call", "attributed_statement"}
)


@dataclass
class Union:
    """A union of 32-bit members: one value, read as any of them."""

    members: dict[str, Kind]
    value: Node | None = None


@dataclass
class Interpreter:
    """Variables and memory at one point of the code.

    `env`: values of scalar variables; `arrays`: element kinds of pointers; `moved`: by how many
    elements a pointer has advanced in this trip; `stores`: what this trip has written so far.
    """

    graph: Graph
    env: dict[str, Node] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    arrays: dict[str, Kind] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    unions: dict[str, Union] = field(default_factory=dict)
    stores: dict[tuple[str, Index], Node] = field(default_factory=dict)
    loads: set[tuple[str, Index]] = field(default_factory=set)
    walking: frozenset[str] = frozenset()  # pointers that advance by one element a trip
    counter: str = ""

    def branch(self) -> Interpreter:
        """A copy that can go its own way; loads are noted in common."""
        made = copy(self)
        made.env, made.moved, made.stores = dict(self.env), dict(self.moved), dict(self.stores)
        made.unions = {n: copy(u) for n, u in self.unions.items()}
        made.kinds = dict(self.kinds)
        return made

    # --- declarations
    def parameters(self, function: Tree) -> None:
        """The function's parameters: pointers are arrays, the others keep their value."""
        for node in walk(function):
            if node.type != "parameter_declaration":
                continue
            kind_tree = node.child_by_field_name("type")
            declarator = node.child_by_field_name("declarator")
            if kind_tree is None or declarator is None:
                continue
            kind, name = kind_of(text(kind_tree)), _name_in(declarator)
            if kind is None:
                continue
            if declarator.type in ("pointer_declarator", "array_declarator"):
                self.arrays[name] = kind
            else:
                self.env[name] = self.graph.uniform(name, kind)
                self.kinds[name] = kind

    def declare_outside(self, tree: Tree, changing: set[str]) -> None:
        """A declaration before the loop: its value where it never changes, else just its kind."""
        kind = kind_of(_spelling(tree))
        if kind is None:
            return
        for child in tree.children:
            if child.type == "init_declarator":
                target = child.child_by_field_name("declarator")
                value = child.child_by_field_name("value")
            elif child.type == "identifier":
                target, value = child, None
            else:
                continue
            if target is None or target.type != "identifier":
                continue
            name = text(target)
            self.kinds[name] = kind
            self.env[name] = self.graph.uniform(name, kind)
            if value is not None and name not in changing:
                try:
                    known = self.graph.cast(self.value(value), kind)
                except Unsupported:
                    continue
                if known.constant:
                    self.env[name] = known

    # --- statements
    def run(self, statements: list[Tree]) -> bool:
        """Runs statements; true where all of them end in `continue`. Raises Unsupported."""
        for number, tree in enumerate(statements):
            if tree.type in _IGNORED:
                continue
            if tree.type == "continue_statement":
                return True
            if tree.type == "compound_statement":
                if self.run(list(tree.children)):
                    return True
            elif tree.type == "if_statement":
                return self._if(tree, statements[number + 1 :])
            else:
                self._statement(tree)
        return False

    def _statement(self, tree: Tree) -> None:
        if tree.type == "expression_statement":
            for child in tree.children:
                if child.type not in (";", "comment"):
                    self.value(child)
        elif tree.type == "declaration":
            self._declare(tree)
        elif tree.type == "for_statement":
            self._unroll(tree)
        else:
            raise Unsupported(f"a {tree.type.replace('_', ' ')} in the loop")

    def _if(self, tree: Tree, rest: list[Tree]) -> bool:
        """Both sides, each followed by the rest of the body where it does not `continue`."""
        condition_tree = tree.child_by_field_name("condition")
        then = tree.child_by_field_name("consequence")
        other = tree.child_by_field_name("alternative")
        if condition_tree is None or then is None:
            raise Unsupported("an if without a condition")
        value = condition_tree.child_by_field_name("value")
        condition = self.graph.cast(self.value(value or condition_tree), BOOL)
        left, right = self.branch(), self.branch()
        ended_left = left.run([then])
        alternatives = (
            [c for c in other.children if c.type not in ("else", "comment")] if other else []
        )
        ended_right = right.run(alternatives)
        if ended_left != ended_right:
            (right if ended_left else left).run(rest)
            self._merge(condition, left, right)
            return True
        self._merge(condition, left, right)
        return True if ended_left else self.run(rest)

    def _merge(self, condition: Node, left: Interpreter, right: Interpreter) -> None:
        if left.moved != right.moved:
            raise Unsupported("a pointer that advances under a condition")
        self.moved = left.moved
        for name in {*left.env, *right.env}:
            a, b = left.env.get(name), right.env.get(name)
            if a is None or b is None or a is b:
                known = a if a is not None else b
                if known is not None:
                    self.env[name] = known
                continue
            self.env[name] = self.graph.select(condition, a, b, self.kinds.get(name))
        for key in {**left.stores, **right.stores}:
            a, b = left.stores.get(key), right.stores.get(key)
            kind = self.arrays[key[0]]
            if a is None or b is None:
                raise Unsupported("an element that is written under a condition only")
            self.stores[key] = self.graph.select(condition, a, b, kind)
        for name, union in self.unions.items():
            a, b = left.unions[name].value, right.unions[name].value
            if a is not b:
                raise Unsupported("a union that is written under a condition")
            union.value = a

    def _declare(self, tree: Tree) -> None:
        kind_tree = tree.child_by_field_name("type")
        if kind_tree is not None and kind_tree.type == "union_specifier":
            self._declare_union(tree, kind_tree)
            return
        kind = kind_of(_spelling(tree))
        if kind is None and kind_tree is not None and text(kind_tree) != "auto":
            raise Unsupported(f"a variable of type {text(kind_tree)}")
        for child in tree.children:
            if child.type == "identifier" and kind is not None:
                self.kinds[text(child)] = kind
            elif child.type == "init_declarator":
                target, value = (child.child_by_field_name(n) for n in ("declarator", "value"))
                if target is None or value is None or target.type != "identifier":
                    raise Unsupported("a declaration that is not a plain variable")
                found = self.value(_single(value))
                self.kinds[text(target)] = kind or found.kind
                self.env[text(target)] = self.graph.cast(found, kind or found.kind)

    def _declare_union(self, tree: Tree, kind_tree: Tree) -> None:
        members: dict[str, Kind] = {}
        for part in walk(kind_tree):
            if part.type == "field_declaration":
                kind = kind_of(text(part.child_by_field_name("type") or part))
                name = part.child_by_field_name("declarator")
                if kind is None or name is None or kind.bits != 32:
                    raise Unsupported("a union of members that are not 32 bits")
                members[text(name)] = kind
        for child in tree.children:
            name, value = child, None
            if child.type == "init_declarator":
                name = child.child_by_field_name("declarator") or child
                value = child.child_by_field_name("value")
            if name.type != "identifier":
                continue
            union = Union(members)
            self.unions[text(name)] = union
            for pair in walk(value) if value is not None else ():
                if pair.type == "initializer_pair":
                    member = text(pair.child_by_field_name("designator") or pair).lstrip(".")
                    given = pair.child_by_field_name("value")
                    if given is not None and member in members:
                        union.value = self.graph.cast(self.value(given), members[member])

    def _unroll(self, tree: Tree) -> None:
        """An inner loop of few constant trips, trip by trip."""
        from kernelgepa.playbook.loops import header  # noqa: PLC0415

        loop = header(tree, self)
        if loop.trips is None or loop.trips > UNROLLED_TRIPS:
            raise Unsupported("an inner loop of many trips")
        outer = self.env.get(loop.variable)
        for trip in range(loop.trips):
            self.env[loop.variable] = self.graph.const(int(loop.low.number) + trip, I32)
            if self.run([loop.body]):
                continue
        if outer is not None:
            self.env[loop.variable] = outer

    # --- expressions
    def value(self, tree: Tree) -> Node:
        """The value of an expression; assignments take effect. Raises Unsupported."""
        method = getattr(self, f"_at_{tree.type}", None)
        if method is None:
            raise Unsupported(f"a {tree.type.replace('_', ' ')}: {text(tree)[:40]}")
        found: Node = method(tree)
        return found

    def _at_parenthesized_expression(self, tree: Tree) -> Node:
        inner = [c for c in tree.children if c.type not in ("(", ")", "comment")]
        return self.value(inner[0])

    def _at_number_literal(self, tree: Tree) -> Node:
        return number(self.graph, text(tree))

    def _at_true(self, tree: Tree) -> Node:
        return self.graph.const(1, BOOL)

    def _at_false(self, tree: Tree) -> Node:
        return self.graph.const(0, BOOL)

    def _at_identifier(self, tree: Tree) -> Node:
        name = text(tree)
        if name not in self.env:
            raise Unsupported(f"{name}, whose value is not known")
        return self.env[name]

    def _at_binary_expression(self, tree: Tree) -> Node:
        left, right = (tree.child_by_field_name(n) for n in ("left", "right"))
        operator = tree.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            raise Unsupported("an expression that cannot be read")
        return self.graph.binary(_OPERATORS[text(operator)], self.value(left), self.value(right))

    def _at_unary_expression(self, tree: Tree) -> Node:
        argument = self.value(tree.child_by_field_name("argument") or tree)
        operator = text(tree.child_by_field_name("operator") or tree)
        if operator == "-":
            return self.graph.negate(argument)
        if operator == "+":
            return self.graph.cast(argument, kinds.promoted(argument.kind))
        if operator == "~":
            return self.graph.invert(argument)
        return self.graph.complement(argument)

    def _at_conditional_expression(self, tree: Tree) -> Node:
        parts = [tree.child_by_field_name(n) for n in ("condition", "consequence", "alternative")]
        if any(p is None for p in parts):
            raise Unsupported("a condition that cannot be read")
        condition, a, b = (self.value(p) for p in parts if p is not None)
        return self.graph.select(condition, a, b)

    def _at_cast_expression(self, tree: Tree) -> Node:
        kind = kind_of(text(tree.child_by_field_name("type") or tree))
        value = tree.child_by_field_name("value")
        if kind is None or value is None:
            raise Unsupported(f"a conversion: {text(tree)[:40]}")
        return self.graph.cast(self.value(value), kind)

    def _at_sizeof_expression(self, tree: Tree) -> Node:
        inner = tree.child_by_field_name("type") or tree.child_by_field_name("value")
        kind = kind_of(text(inner).strip("()")) if inner is not None else None
        if kind is None:
            raise Unsupported("sizeof of something that is not a scalar")
        return self.graph.const(max(kind.bits // 8, 1), U32)

    def _at_call_expression(self, tree: Tree) -> Node:
        function = tree.child_by_field_name("function")
        arguments = tree.child_by_field_name("arguments")
        if function is None or arguments is None:
            raise Unsupported("a call that cannot be read")
        given = [c for c in arguments.children if c.type not in ("(", ")", ",", "comment")]
        name = text(function).replace(" ", "")
        cast = re.fullmatch(r"(?:std::)?(\w+)<(.*)>", name)
        # (T)(x) reads like a call of (T)
        kind = kind_of(name.strip("()")) if not cast else None
        if cast and cast[1] in _CASTS:
            kind = kind_of(cast[2])
        if kind is not None and len(given) == 1:
            return self.graph.cast(self.value(given[0]), kind)
        plain = (cast[1] if cast else name).removeprefix("std::").removeprefix("aie::")
        return self._function(plain, [self.value(g) for g in given])

    def _function(self, name: str, given: list[Node]) -> Node:
        g = self.graph
        if name in ("min", "max", "fmin", "fmax", "fminf", "fmaxf") and len(given) == 2:
            return g.extremum("min" if "min" in name else "max", *given)
        if name == "clamp" and len(given) == 3:
            return g.extremum("min", g.extremum("max", given[0], given[1]), given[2])
        if name in ("abs", "fabs", "fabsf") and len(given) == 1:
            return g.absolute(given[0])
        if name in ("sqrt", "sqrtf", "invsqrt", "inv") and len(given) == 1:
            return g.unary("sqrt" if name.startswith("sqrt") else name, given[0])
        raise Unsupported(f"a call of {name}")

    def _at_subscript_expression(self, tree: Tree) -> Node:
        return self._load(*self._place(tree))

    def _at_pointer_expression(self, tree: Tree) -> Node:
        punned = self._punned(tree)
        if punned is not None:
            return punned
        return self._load(*self._place(tree))

    def _at_field_expression(self, tree: Tree) -> Node:
        name, _, member = text(tree).partition(".")
        union = self.unions.get(name)
        if union is None or union.value is None or member not in union.members:
            raise Unsupported(f"{text(tree)}, whose value is not known")
        return self.graph.reinterpret(union.value, union.members[member])

    def _punned(self, tree: Tree) -> Node | None:
        """`*(T *)&x`: the bits of x as another type of 32 bits."""
        match = re.fullmatch(
            r"\*\s*(?:\(\s*([\w\s]+?)\s*\*\s*\)|reinterpret_cast<\s*([\w\s]+?)\s*\*\s*>\s*\()\s*&\s*(\w+)\)?",
            text(tree),
        )
        if match is None:
            return None
        kind = kind_of(match[1] or match[2])
        value = self.env.get(match[3])
        if kind is None or value is None or kind.bits != 32 or value.kind.bits != 32:
            raise Unsupported(f"a reinterpretation: {text(tree)[:40]}")
        return self.graph.reinterpret(value, kind)

    def _at_assignment_expression(self, tree: Tree) -> Node:
        left, right = (tree.child_by_field_name(n) for n in ("left", "right"))
        operator = text(tree.child_by_field_name("operator") or tree)
        if left is None or right is None:
            raise Unsupported("an assignment that cannot be read")
        if left.type == "identifier" and text(left) in self.arrays:
            return self._advance(text(left), operator, right)
        value = self.value(right)
        if operator != "=":
            value = self.graph.binary(_OPERATORS[operator[:-1]], self.value(left), value)
        return self._assign(left, value)

    def _advance(self, name: str, operator: str, right: Tree) -> Node:
        step = self.value(right)
        if operator not in ("+=", "-=") or not step.constant:
            raise Unsupported(f"the pointer {name} is set in the loop")
        sign = 1 if operator == "+=" else -1
        self.moved[name] = self.moved.get(name, 0) + sign * int(step.number)
        return step

    def _assign(self, left: Tree, value: Node) -> Node:
        if left.type == "identifier":
            name = text(left)
            kind = self.kinds.get(name)
            if kind is None or name == self.counter:
                raise Unsupported(f"{name} is set in the loop")
            self.env[name] = self.graph.cast(value, kind)
            return self.env[name]
        if left.type == "field_expression":
            name, _, member = text(left).partition(".")
            union = self.unions.get(name)
            if union is None or member not in union.members:
                raise Unsupported(f"{text(left)} is set in the loop")
            union.value = self.graph.cast(value, union.members[member])
            return union.value
        array, index = self._place(left)
        if index.stride != 1:
            raise Unsupported("a store to elements that do not follow each other")
        self.stores[(array, index)] = self.graph.cast(value, self.arrays[array])
        return self.stores[(array, index)]

    def _at_update_expression(self, tree: Tree) -> Node:
        argument = tree.child_by_field_name("argument")
        operator = tree.child_by_field_name("operator")
        if argument is None or operator is None or argument.type != "identifier":
            raise Unsupported("an increment of something that is not a variable")
        step, name = 1 if text(operator) == "++" else -1, text(argument)
        if name in self.arrays:
            self.moved[name] = self.moved.get(name, 0) + step
            return self.graph.const(0, I32)
        before = self.value(argument)
        after = self.graph.binary("add", before, self.graph.const(step, I32))
        self._assign(argument, after)
        prefix = tree.children[0].id == operator.id
        return self.env[name] if prefix else before

    def _at_comma_expression(self, tree: Tree) -> Node:
        found = [self.value(c) for c in tree.children if c.type != ","]
        return found[-1]

    # --- memory
    def _place(self, tree: Tree) -> tuple[str, Index]:
        """The array and index of an element that is read or written."""
        if tree.type == "subscript_expression":
            argument = tree.child_by_field_name("argument")
            indices = tree.child_by_field_name("indices")
            if argument is None or indices is None:
                raise Unsupported("an index that cannot be read")
            inner = [c for c in indices.children if c.type not in ("[", "]", "comment")]
            index = linear(self.value(inner[0]))
            return self._relative(text(argument), index)
        if tree.type == "pointer_expression":
            argument = tree.child_by_field_name("argument")
            if argument is not None:
                return self._dereferenced(argument)
        raise Unsupported(f"a place in memory: {text(tree)[:40]}")

    def _dereferenced(self, argument: Tree) -> tuple[str, Index]:
        while argument.type == "parenthesized_expression":
            argument = argument.children[1]
        if argument.type == "identifier":
            return self._relative(text(argument), Index(0, 0))
        if argument.type == "update_expression":
            inner = argument.child_by_field_name("argument")
            name = text(inner) if inner is not None else ""
            operator = argument.child_by_field_name("operator")
            prefix = operator is not None and argument.children[0].id == operator.id
            if prefix:
                self.value(argument)
                return self._relative(name, Index(0, 0))
            place = self._relative(name, Index(0, 0))
            self.value(argument)
            return place
        if argument.type == "binary_expression":
            left, right = (argument.child_by_field_name(n) for n in ("left", "right"))
            operator = argument.child_by_field_name("operator")
            if (
                left is not None
                and right is not None
                and operator is not None
                and text(operator) == "+"
            ):
                return self._relative(text(left), linear(self.value(right)))
        raise Unsupported(f"a pointer: {text(argument)[:40]}")

    def _relative(self, name: str, index: Index) -> tuple[str, Index]:
        if name not in self.arrays:
            raise Unsupported(f"{name} is not a buffer")
        moved = self.moved.get(name, 0)
        stride = index.stride + (1 if name in self.walking else 0)
        return name, Index(stride, index.offset + moved, index.terms)

    def _load(self, array: str, index: Index) -> Node:
        if (array, index) in self.stores:
            return self.stores[(array, index)]
        kind = self.arrays[array]
        self.loads.add((array, index))
        if index.stride == 0:
            return self.graph.uniform(f"{array}[{index_text(index, '')}]", kind)
        if index.stride != 1:
            raise Unsupported("a load of elements that do not follow each other")
        return self.graph.load(array, index, kind)


def index_text(index: Index, counter: str) -> str:
    """An index as C text; `counter` stands for the loop's counter."""
    parts = [counter] if index.stride and counter else []
    parts += [t if c == 1 else f"{c} * ({t})" for t, c in index.terms]
    if index.offset or not parts:
        parts.append(str(index.offset))
    return " + ".join(parts).replace("+ -", "- ")


def number(graph: Graph, spelling: str) -> Node:
    """A numeric literal with C's type. Raises Unsupported."""
    plain = spelling.replace("'", "").lower()
    try:
        if plain.startswith(("0x", "0b")) or not re.search(r"[.ef]", plain):
            digits = plain.rstrip("ul")
            value = int(digits, 0) if not re.fullmatch(r"0\d+", digits) else int(digits, 8)
            kind = U32 if "u" in plain.removeprefix("0b") or value > I32.high else I32
            return graph.const(value, kind)
        return graph.const(float(plain.rstrip("fl")), F32)
    except ValueError as error:
        raise Unsupported(f"the number {spelling}") from error


def _spelling(tree: Tree) -> str:
    """The type of a declaration without qualifiers."""
    kind = tree.child_by_field_name("type")
    return text(kind) if kind is not None else ""


def _single(value: Tree) -> Tree:
    """`{x}` as x."""
    if value.type != "initializer_list":
        return value
    inner = [c for c in value.children if c.type not in ("{", "}", ",")]
    if len(inner) != 1:
        raise Unsupported("a list of initial values")
    return inner[0]


def _name_in(declarator: Tree) -> str:
    names = [text(n) for n in walk(declarator) if n.type == "identifier"]
    return names[-1] if names else ""


__all__ = ["BF16", "Interpreter", "Union", "index_text", "number", "text_of"]
