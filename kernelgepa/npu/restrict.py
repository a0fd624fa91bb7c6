"""Alias classes of `__restrict`: which accesses the compiler was promised never overlap.

LLVM keeps the promise as `!alias.scope` and `!noalias` lists on loads and stores. Accesses with
the same two lists form a class; two classes conflict where one excludes every scope of the other.
The tile checks at run time that conflicting classes touch different bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CLASSES = 31  # classes beyond this many are not checked, and the model gives them no freedom
_LIST = re.compile(r"^(!\d+) = (?:distinct )?!\{(.*)\}$", re.MULTILINE)
_SCOPE = re.compile(r"!alias\.scope (!\d+)")
_NOALIAS = re.compile(r"!noalias (!\d+)")
_DECLARED = re.compile(r"metadata (!\d+)\)")
_REFERENCE = re.compile(r"!\d+")


@dataclass(frozen=True)
class AliasClass:
    bit: int
    conflicts: int  # bits of the classes it may not overlap


class AliasClasses:
    """The classes of one module's text."""

    def __init__(self, ir: str) -> None:
        self._lists = {m[1]: frozenset(_REFERENCE.findall(m[2])) for m in _LIST.finditer(ir)}
        keys: dict[tuple[frozenset[str], frozenset[str]], int] = {}
        for line in ir.split("\n"):
            key = self._key(line)
            if key and key not in keys and len(keys) < CLASSES:
                keys[key] = 1 << len(keys)
        self._keys = keys

    def _key(self, line: str) -> tuple[frozenset[str], frozenset[str]] | None:
        scope, noalias = _SCOPE.search(line), _NOALIAS.search(line)
        if not scope and not noalias:
            return None
        none: frozenset[str] = frozenset()
        return (
            self._lists.get(scope[1], none) if scope else none,
            self._lists.get(noalias[1], none) if noalias else none,
        )

    def of_access(self, line: str) -> AliasClass | None:
        """The class of a load or store (its text with metadata); None where it claims nothing."""
        key = self._key(line)
        if key is None or key not in self._keys:
            return None
        scopes, excluded = key
        conflicts = 0
        for (other_scopes, other_excluded), bit in self._keys.items():
            if (other_scopes and other_scopes <= excluded) or (scopes and scopes <= other_excluded):
                conflicts |= bit
        return AliasClass(self._keys[key], conflicts)

    def of_scope_declaration(self, line: str) -> int:
        """Bits of the classes that name the scopes declared by this call."""
        match = _DECLARED.search(line)
        declared = self._lists.get(match[1], frozenset()) if match else frozenset()
        bits = 0
        for (scopes, excluded), bit in self._keys.items():
            if declared & (scopes | excluded):
                bits |= bit
        return bits
