"""True recurrences: what does not depend on the trip before is computed by vectors, the rest lane
by lane in scalar code, so that a recurrence costs no more than its own chain."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernelgepa.playbook.emit import Emitter
from kernelgepa.playbook.expressions import SYMBOLS, Node, Unsupported, literal, text_of
from kernelgepa.playbook.kinds import BF16, BOOL, Kind
from kernelgepa.playbook.reductions import Recurrence, depends

_UNARY = {"neg": "-", "not": "~", "lnot": "!"}


@dataclass
class Serial:
    """Scalar statements for every lane, in order."""

    emitter: Emitter
    _vectors: dict[int, str] = field(default_factory=dict)
    _count: int = 0

    def run(self, recurrences: list[Recurrence], stores: list[tuple[Node, Kind]]) -> list[str]:
        """Advances the variables by all lanes; returns a vector for every store that needs them."""
        emitter, results = self.emitter, []
        for number, (_, kind) in enumerate(stores):
            name = f"r{number}"
            emitter.body.append(f"aie::vector<{emitter.vector(kind)}> {name};")
            results.append(name)
        for lane in range(emitter.lanes):
            known: dict[int, str] = {}
            finals = [self._text(r.value, lane, known) for r in recurrences]
            for name, (node, kind) in zip(results, stores, strict=True):
                value = self._text(node, lane, known)
                emitter.body.append(f"{name}.set(({kind.name})({value}), {lane});")
            held = [
                self._temporary(r.kind, text) for r, text in zip(recurrences, finals, strict=True)
            ]
            for r, text in zip(recurrences, held, strict=True):
                emitter.body.append(f"{r.name} = {text};")
        return results

    def _temporary(self, kind: Kind, text: str) -> str:
        name = f"s{self._count}"
        self._count += 1
        self.emitter.body.append(f"const {kind.name} {name} = ({kind.name})({text});")
        return name

    def _text(self, node: Node, lane: int, known: dict[int, str]) -> str:
        """C text of a lane's value; what many use is kept."""
        if id(node) in known:
            return known[id(node)]
        if node.constant:
            return literal(node)
        if node.invariant:
            return text_of(node)
        if node.op == "carried":
            return str(node.attribute)
        if not depends(node):
            known[id(node)] = self._lane(node, lane)
            return known[id(node)]
        parts = [self._text(a, lane, known) for a in node.args]
        known[id(node)] = self._temporary(node.kind, _joined(node, parts))
        return known[id(node)]

    def _lane(self, node: Node, lane: int) -> str:
        if id(node) not in self._vectors:
            if node.kind == BOOL:
                made = self.emitter.mask(node)
            elif node.kind.floating:
                made = self.emitter.real(node, "b" if node.kind == BF16 else "f")
            else:
                made = self.emitter.integer(node, node.kind)
            self._vectors[id(node)] = made
        vector = self._vectors[id(node)]
        return f"{vector}.test({lane})" if node.kind == BOOL else f"{vector}.get({lane})"


def _joined(node: Node, parts: list[str]) -> str:
    if node.op == "cast":
        return f"({node.kind.name}){parts[0]}"
    if node.op in _UNARY:
        return f"{_UNARY[node.op]}{parts[0]}"
    if node.op in SYMBOLS:
        return f"{parts[0]} {SYMBOLS[node.op]} {parts[1]}"
    if node.op == "select":
        return f"{parts[0]} ? {parts[1]} : {parts[2]}"
    if node.op in ("min", "max"):
        sign = "<" if node.op == "min" else ">"
        return f"{parts[0]} {sign} {parts[1]} ? {parts[0]} : {parts[1]}"
    raise Unsupported(f"a recurrence through {node.op}")
