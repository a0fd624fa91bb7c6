"""Runs statements symbolically: straight-line code, both sides of conditions merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernelgepa.playbook.expressions import Node, Unsupported
from kernelgepa.playbook.indices import HERE
from kernelgepa.playbook.kinds import BOOL, I32, Kind
from kernelgepa.playbook.places import is_pointer, place_of, pointer_in
from kernelgepa.playbook.state import Place, State, Table, Union
from kernelgepa.playbook.syntax import text, walk
from kernelgepa.playbook.values import value

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

LOOPS = ("for_statement", "while_statement", "do_statement")
IGNORED = frozenset(
    {"comment", "{", "}", ";", "using_declaration", "preproc_call", "static_assert_declaration"}
)
TABLE_ELEMENTS = 512


def run(state: State, statements: list[Tree]) -> bool:
    """Runs statements; true where all of them end in `continue` or `return`.

    Raises Unsupported.
    """
    for number, tree in enumerate(statements):
        if tree.type in IGNORED:
            continue
        if tree.type == "continue_statement":
            return True
        if tree.type == "return_statement":
            state.result = _returned(state, tree)
            return True
        if tree.type == "compound_statement":
            if run(state, list(tree.children)):
                return True
        elif tree.type == "if_statement":
            ended = _if(state, tree, statements[number + 1 :])
            if ended is not None:
                return ended
        elif tree.type == "switch_statement":
            _switch(state, tree)
        else:
            _statement(state, tree)
    return False


def _returned(state: State, tree: Tree) -> Node | None:
    for child in tree.children:
        if child.type not in ("return", ";", "comment"):
            return value(state, child)
    return None


def _statement(state: State, tree: Tree) -> None:
    if tree.type == "expression_statement":
        for child in tree.children:
            if child.type not in (";", "comment"):
                value(state, child)
    elif tree.type == "declaration":
        declare(state, tree)
    elif tree.type in LOOPS:
        _unroll(state, tree)
    elif tree.type == "for_range_loop":
        _unroll_range(state, tree)
    elif tree.type in ("alias_declaration", "type_definition"):
        alias(state, tree)
    elif tree.type == "attributed_statement":
        run(state, [c for c in tree.children if c.type != "attribute_declaration"])
    else:
        raise Unsupported(f"a {tree.type.replace('_', ' ')} in the loop")


def condition_of(tree: Tree) -> Tree:
    """The expression of an if or while. Raises Unsupported."""
    found = tree.child_by_field_name("condition")
    if found is None:
        raise Unsupported("a condition that cannot be read")
    return found.child_by_field_name("value") or found


def _if(state: State, tree: Tree, rest: list[Tree]) -> bool | None:
    """Both sides, each followed by the rest of the body where it does not end the trip.

    None where the caller goes on with the rest.
    """
    graph = state.graph
    clause = tree.child_by_field_name("condition")
    first = clause.child_by_field_name("initializer") if clause is not None else None
    if first is not None:
        run(state, [first])
    condition = graph.cast(value(state, condition_of(tree)), BOOL)
    then, other = tree.child_by_field_name("consequence"), tree.child_by_field_name("alternative")
    if then is None:
        raise Unsupported("an if without a consequence")
    alternatives = [c for c in other.children if c.type not in ("else", "comment")] if other else []
    if condition.constant:
        return run(state, [then] if condition.number else alternatives) or None
    left, right = state.branch(), state.branch()
    ended_left, ended_right = run(left, [then]), run(right, alternatives)
    if ended_left != ended_right:
        ended_rest = run(right if ended_left else left, rest)
        merge(state, condition, left, right)
        if not ended_rest and (left.result is None) != (right.result is None):
            raise Unsupported("a function that returns on some ways only")
        return True
    merge(state, condition, left, right)
    return True if ended_left else None


def merge(state: State, condition: Node, left: State, right: State) -> None:
    """What holds after either side."""
    graph = state.graph
    if any(left.pointers.get(n) != p for n, p in right.pointers.items() if n in left.pointers):
        raise Unsupported("a pointer that is set under a condition")
    state.pointers = {**right.pointers, **left.pointers}
    for name in {*left.env, *right.env}:
        a, b = left.env.get(name), right.env.get(name)
        if a is None or b is None or a is b:
            state.env[name] = a if a is not None else b  # type: ignore[assignment]
            continue
        state.env[name] = graph.select(condition, a, b, left.kinds.get(name))
    for key in {**left.stores, **right.stores}:
        kind = state.arrays[key[0]]
        before = state.stores.get(key)
        sides = [s.stores.get(key) or before for s in (left, right)]
        if None in sides and before is None:  # the element keeps what it held
            state_load = state.load(Place(*key, kind))
            sides = [s if s is not None else state_load for s in sides]
        a, b = sides
        assert a is not None and b is not None
        state.stores[key] = graph.select(condition, a, b, kind)
    for name, table in state.tables.items():
        a_values, b_values = left.tables[name].values, right.tables[name].values
        for at in {*a_values, *b_values}:
            a, b = a_values.get(at), b_values.get(at)
            if a is not None and b is not None:
                table.values[at] = graph.select(condition, a, b, table.kind)
    for name, union in state.unions.items():
        held, other = left.unions[name].value, right.unions[name].value
        if held is None or other is None or held is other:
            union.value = held or other
        else:
            union.value = graph.select(condition, held, other, held.kind)
    if left.result is not None and right.result is not None:
        state.result = graph.select(condition, left.result, right.result)
    else:
        state.result = left.result if left.result is not None else right.result


def _switch(state: State, tree: Tree) -> None:
    """Cases that end in `break` (or return nothing), as a chain of conditions."""
    graph = state.graph
    chosen = value(state, condition_of(tree))
    body = tree.child_by_field_name("body")
    cases = [c for c in body.children if c.type == "case_statement"] if body is not None else []
    sides: list[tuple[Node | None, State]] = []
    labels: list[Node] = []
    default = False
    for case in cases:
        label = case.child_by_field_name("value")
        if label is None:
            default = True
        else:
            labels.append(graph.compare("eq", chosen, value(state, label)))
        inner = [c for c in case.children if c.type not in ("case", "default", ":", "comment")]
        inner = [c for c in inner if label is None or c.id != label.id]
        if not inner:
            continue
        if inner[-1].type != "break_statement" and case is not cases[-1]:
            raise Unsupported("a case that falls through")
        side = state.branch()
        if run(side, [c for c in inner if c.type != "break_statement"]):
            raise Unsupported("a case that ends the trip")
        holds = None
        for one in labels if not default else []:
            holds = one if holds is None else graph.logical("lor", holds, one)
        sides.append((holds, side))
        labels, default = [], False
    for holds, side in sorted(sides, key=lambda s: s[0] is not None):
        merge(state, holds or graph.const(1, BOOL), side, state.branch())


def _unroll(state: State, tree: Tree) -> None:
    """An inner loop trip by trip, as long as its condition is known."""
    first, update = tree.child_by_field_name("initializer"), tree.child_by_field_name("update")
    body = tree.child_by_field_name("body")
    condition = tree.child_by_field_name("condition")
    if body is None or condition is None:
        raise Unsupported("a loop that cannot be read")
    if first is not None:
        run(state, [first]) if first.type == "declaration" else value(state, first)
    test = tree.type != "do_statement"
    while True:
        if test:
            holds = state.graph.cast(value(state, condition_of(tree)), BOOL)
            if not holds.constant:
                raise Unsupported("an inner loop whose trips are not known")
            if not holds.number:
                return
        test = True
        state.trip()
        run(state, [body])
        if state.result is not None:
            raise Unsupported("a return inside an inner loop")
        if update is not None:
            value(state, update)


def _unroll_range(state: State, tree: Tree) -> None:
    """`for (T x : table)` over an array whose elements are known."""
    over, name = tree.child_by_field_name("right"), tree.child_by_field_name("declarator")
    body = tree.child_by_field_name("body")
    if over is None or name is None or body is None or text(over) not in state.tables:
        raise Unsupported("a loop over something that is not an array of constants")
    table = state.tables[text(over)]
    for at in range(table.size):
        state.trip()
        state.kinds[text(name).lstrip("&")] = table.kind
        state.env[text(name).lstrip("&")] = state.element(text(over), at)
        run(state, [body])


# --- declarations
def alias(state: State, tree: Tree) -> None:
    """`using T = int8_t;` and `typedef`."""
    name = tree.child_by_field_name("name") or tree.child_by_field_name("declarator")
    of = tree.child_by_field_name("type")
    kind = state.kind_of(text(of)) if of is not None else None
    if name is not None and kind is not None:
        state.names[text(name)] = kind


def declare(state: State, tree: Tree) -> None:
    """A declaration of variables. Raises Unsupported."""
    kind_tree = tree.child_by_field_name("type")
    if kind_tree is not None and kind_tree.type == "union_specifier":
        _declare_union(state, tree, kind_tree)
        return
    spelling = text(kind_tree) if kind_tree is not None else ""
    kind = state.kind_of(spelling)
    if kind is None and spelling != "auto":
        if spelling in state.unions and kind_tree is not None:
            _declare_named_union(state, tree, spelling)
            return
        raise Unsupported(f"a variable of type {spelling}")
    for child in tree.children_by_field_name("declarator"):
        target, given = child, None
        if child.type == "init_declarator":
            target = child.child_by_field_name("declarator") or child
            given = child.child_by_field_name("value")
        _declare_one(state, kind, target, given)


def _declare_one(state: State, kind: Kind | None, target: Tree, given: Tree | None) -> None:
    refers = target.type == "reference_declarator"
    while target.type in ("reference_declarator", "parenthesized_declarator"):
        target = next(c for c in target.children if c.is_named)
    if (
        refers
        and given is not None
        and given.type in ("subscript_expression", "pointer_expression")
    ):
        state.refers[text(target)] = place_of(state, given)
        return
    state.refers.pop(text(target), None)
    if target.type == "array_declarator":
        _declare_array(state, kind, target, given)
        return
    name = text(target).replace("*", "").replace("__restrict", "").replace("const ", "").strip()
    if given is not None and given.type == "lambda_expression":
        state.functions[name] = given
        return
    if target.type == "pointer_declarator" or (given is not None and is_pointer(state, given)):
        if given is None:
            raise Unsupported(f"the pointer {name}, which points nowhere yet")
        place = pointer_in(state, given)
        state.pointers[name] = place
        state.env.pop(name, None)
        return
    if target.type != "identifier":
        raise Unsupported(f"a declaration that is not a plain variable: {text(target)[:40]}")
    state.pointers.pop(name, None)
    if kind is not None:
        state.kinds[name] = kind
    if given is None:
        state.env.pop(name, None)
        return
    found = value(state, _single(given))
    state.kinds[name] = kind or found.kind
    state.env[name] = state.graph.cast(found, state.kinds[name])


def _declare_array(state: State, kind: Kind | None, target: Tree, given: Tree | None) -> None:
    size_tree, inner = target.child_by_field_name("size"), target.child_by_field_name("declarator")
    if kind is None or inner is None or inner.type != "identifier":
        raise Unsupported("an array of arrays")
    values: dict[int, Node] = {}
    if given is not None and given.type == "initializer_list":
        items = [c for c in given.children if c.is_named and c.type != "comment"]
        values = {n: state.graph.cast(value(state, c), kind) for n, c in enumerate(items)}
    size = len(values)
    if size_tree is not None:
        known = value(state, size_tree)
        if not known.constant or not 0 < known.number <= 65536:
            raise Unsupported("an array whose size is not known")
        size = int(known.number)
        if given is not None and size <= TABLE_ELEMENTS:
            zero = state.graph.const(0, kind)
            values = {**dict.fromkeys(range(size), zero), **values}
    state.tables[text(inner)] = Table(kind, size, values)
    state.arrays[text(inner)] = kind
    state.pointers[text(inner)] = Place(text(inner), HERE, kind)


def _members(state: State, kind_tree: Tree) -> dict[str, Kind]:
    members: dict[str, Kind] = {}
    for part in walk(kind_tree):
        if part.type == "field_declaration":
            kind = state.kind_of(text(part.child_by_field_name("type") or part))
            name = part.child_by_field_name("declarator")
            if kind is None or name is None or kind.bits != 32:
                raise Unsupported("a union of members that are not 32 bits")
            members[text(name)] = kind
    return members


def declare_union_type(state: State, kind_tree: Tree) -> None:
    """`union Name { ... };` whose variables are declared elsewhere."""
    name = kind_tree.child_by_field_name("name")
    if name is not None:
        state.unions[text(name)] = Union(_members(state, kind_tree))


def _declare_union(state: State, tree: Tree, kind_tree: Tree) -> None:
    _union_variables(state, tree, _members(state, kind_tree))


def _declare_named_union(state: State, tree: Tree, spelling: str) -> None:
    _union_variables(state, tree, dict(state.unions[spelling].members))


def _union_variables(state: State, tree: Tree, members: dict[str, Kind]) -> None:
    for child in tree.children_by_field_name("declarator"):
        name, given = child, None
        if child.type == "init_declarator":
            name = child.child_by_field_name("declarator") or child
            given = child.child_by_field_name("value")
        union = Union(members)
        state.unions[text(name)] = union
        if given is None:
            continue
        items = [c for c in given.children if c.is_named and c.type != "comment"]
        if not items:
            continue
        member, item = next(iter(members)), items[0]
        if item.type == "initializer_pair":
            member = text(item.child_by_field_name("designator") or item).lstrip(".")
            item = item.child_by_field_name("value") or item
        union.value = state.graph.cast(value(state, item), members[member])


def _single(given: Tree) -> Tree:
    """`{x}` and `(x)` as x."""
    if given.type not in ("initializer_list", "argument_list"):
        return given
    inner = [c for c in given.children if c.is_named and c.type != "comment"]
    if len(inner) != 1:
        raise Unsupported("a list of initial values")
    return inner[0]


__all__ = ["I32", "LOOPS", "alias", "condition_of", "declare", "merge", "place_of", "run"]
