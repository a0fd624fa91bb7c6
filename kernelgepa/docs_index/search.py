"""Ranks the sections of the handbook for a query: BM25 on weighted fields, and the names it has.

Deterministic: the same query gives the same sections, in the same order.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from kernelgepa.docs_index.query import Query, plain, tokens
from kernelgepa.docs_index.sections import Section, sections

# how often a field's tokens are counted
TITLE, SYMBOLS, ALIASES, SIGNATURE = 5, 3, 3, 1
# what a name adds to a section that has it, in units of the best section's BM25 score
NAMED, ALIAS, NEAR, NEARBY, PHRASE = 1.0, 0.8, 0.8, 0.9, 0.6
CUTOFF = 0.72  # likeness from which another name is near


@dataclass(frozen=True)
class Hit:
    """A section found; `named` is what of its score comes from names and phrases."""

    section: Section
    score: float
    named: float = 0.0


class Index:
    """Sections ready to be searched."""

    def __init__(self, found: Sequence[Section]) -> None:
        import bm25s  # noqa: PLC0415

        self.sections = tuple(found)
        self._names = _names_of(self.sections)
        self._lasts: dict[str, list[int]] = {}  # what a name ends in -> sections
        for name, places in self._names.items():
            self._lasts.setdefault(_last(name), []).extend(places)
        self._patterns = [
            (pattern, i)
            for i, s in enumerate(self.sections)
            for pattern in s.symbols
            if "*" in pattern
        ]
        self._aliases = _aliases_of(self.sections)
        self._phrases = [
            [plain(a) for a in s.aliases if len(plain(a).split()) >= 3] for s in self.sections
        ]
        self._engine: Any = bm25s.BM25()
        self._engine.index([_document(s) for s in self.sections], show_progress=False)
        self._common = _shares(self.sections)

    def search(self, query: Query, target: str = "", count: int = 3) -> list[Hit]:
        """The best sections for a target (any where empty), best first; only what scores."""
        said, named = self._by_words(query), self._named(query)
        scores = [x + y for x, y in zip(said, named, strict=True)]
        order = sorted(range(len(scores)), key=lambda i: (-scores[i], self.sections[i].id))
        kept = [
            Hit(self.sections[i], round(scores[i], 4), round(named[i], 4))
            for i in order
            if scores[i] > 0 and (not target or self.sections[i].target in ("", target))
        ]
        return kept[:count]

    def _by_words(self, query: Query) -> list[float]:
        """BM25, the best section's as 1."""
        words = [w for w in query.words if w in self._engine.vocab_dict]
        found = [float(x) for x in self._engine.get_scores(words)] if words else []
        best = max(found, default=0.0)
        return [x / best for x in found] if best > 0 else [0.0] * len(self.sections)

    def _named(self, query: Query) -> list[float]:
        """What names and phrases add."""
        scores = [0.0] * len(self.sections)
        for i, gain in self._by_name(query.names).items():
            scores[i] += gain
        for i, gain in self._by_nearby(query.nearby).items():
            scores[i] += gain
        for i, phrases in enumerate(self._phrases):
            if any(phrase in query.said for phrase in phrases):
                scores[i] += PHRASE
        return scores

    def _by_name(self, names: Iterable[str]) -> Mapping[int, float]:
        """Names of the message: exact, as an alias, or else the nearest."""
        found: dict[int, float] = {}
        for rank, name in enumerate(names):
            weight = 0.9**rank  # the first is the most telling
            exact = self._exact(name)
            alias = self._aliases.get(name.lower()) or self._aliases.get(_last(name), ())
            for i in exact:
                found[i] = max(found.get(i, 0.0), NAMED * weight)
            for i in alias:
                found[i] = max(found.get(i, 0.0), ALIAS * weight)
            if not exact and not alias:
                for i, likeness in self._near(name):
                    found[i] = max(found.get(i, 0.0), NEAR * likeness * weight)
        return found

    def _by_nearby(self, names: Iterable[str]) -> Mapping[int, float]:
        """Names of the offending line; what every example calls says little."""
        found: dict[int, float] = {}
        for name in names:
            places = self._exact(name) or self._aliases.get(_last(name), ())
            gain = NEARBY * (1 - self._common.get(_last(name), 0.0)) ** 2
            for i in places:
                found[i] = max(found.get(i, 0.0), gain)
        return found

    def _exact(self, name: str) -> tuple[int, ...]:
        if name in self._names:
            return self._names[name]
        return tuple(i for pattern, i in self._patterns if fnmatchcase(name, pattern))

    def _near(self, name: str) -> list[tuple[int, float]]:
        """Sections of names like this one, with how like they are."""
        last = _last(name)
        if len(last) < 3:
            return []
        near = difflib.get_close_matches(last, list(self._lasts), 3, CUTOFF)
        likeness = {n: difflib.SequenceMatcher(None, last, n).ratio() for n in near}
        return [(i, likeness[n]) for n in near for i in self._lasts[n]]


@cache
def handbook(target: str = "") -> Index | None:
    """The index of a target's sections, of all where it is empty; None where it has none."""
    found = [s for s in sections() if target in ("", s.target)]
    return Index(found) if found else None


def search(query: Query, target: str = "", count: int = 3) -> list[Hit]:
    """The best sections of the handbook, best first."""
    index = handbook(target)
    return index.search(query, target, count) if index else []


def _last(name: str) -> str:
    return re.split(r"::|\.|->", name)[-1].lower()


def _names_of(found: Sequence[Section]) -> Mapping[str, tuple[int, ...]]:
    """`aie::add` and `add`; members `aie::vector::size` and `.size`."""
    made: dict[str, list[int]] = {}
    for i, section in enumerate(found):
        for symbol in (s for s in section.symbols if "*" not in s):
            parts = symbol.removeprefix("aie::").split("::")
            short = parts[0] if len(parts) == 1 else f".{parts[-1]}"
            if "." in symbol:  # of Python: a function is imported by many names
                short = symbol.rpartition(".")[2]
            for key in (symbol, short):
                places = made.setdefault(key, [])
                if i not in places:
                    places.append(i)
    return {key: tuple(places) for key, places in made.items()}


def _aliases_of(found: Sequence[Section]) -> Mapping[str, tuple[int, ...]]:
    """Names that other machines or people use; phrases are only words."""
    made: dict[str, list[int]] = {}
    for i, section in enumerate(found):
        for alias in section.aliases:
            if re.fullmatch(r"[\w:]+", alias):
                made.setdefault(alias.lower(), []).append(i)
    return {key: tuple(places) for key, places in made.items()}


def _document(section: Section) -> list[str]:
    return [
        *tokens(section.title) * TITLE,
        *tokens(" ".join(section.symbols)) * SYMBOLS,
        *tokens(" ; ".join(section.aliases)) * ALIASES,
        *tokens(section.signature) * SIGNATURE,
        *tokens(section.text),
        *tokens(section.code),
    ]


def _shares(found: Sequence[Section]) -> Mapping[str, float]:
    """In which share of the examples a name is used."""
    counts: dict[str, int] = {}
    for section in found:
        for name in set(re.findall(r"[A-Za-z_]\w*", section.example)):
            counts[name] = counts.get(name, 0) + 1
    return {name: n / len(found) for name, n in counts.items()}
