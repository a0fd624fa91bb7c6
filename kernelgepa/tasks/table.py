"""One TOML table read strictly: each key once, with a type, and nothing left over."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kernelgepa.errors import InputError

_REQUIRED: Any = object()


class Table:
    """Every accessor raises InputError with the place, what was expected and what was found."""

    def __init__(self, origin: str, raw: Mapping[str, Any], name: str = "") -> None:
        self.origin, self.name, self._raw = origin, name, raw
        self._read: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def wrong(self, key: str, expected: str, found: str) -> InputError:
        where = f"{self.name}.{key}" if self.name else key
        return InputError(f"{self.origin}: {where}: expected {expected}, found {found}")

    def raw(self, key: str, default: Any = _REQUIRED) -> Any:
        self._read.add(key)
        if key in self._raw:
            return self._raw[key]
        if default is _REQUIRED:
            raise InputError(f"{self.origin}: key {self._path(key)!r} is missing")
        return default

    def text(
        self, key: str, default: str = _REQUIRED, pattern: re.Pattern[str] | None = None
    ) -> str:
        value = self.raw(key, default)
        if not isinstance(value, str) or (key in self._raw and not value.strip()):
            raise self.wrong(key, "a text", repr(value))
        if pattern and not pattern.fullmatch(value):
            raise self.wrong(key, f"a name like {pattern.pattern}", repr(value))
        return value

    def choice(self, key: str, choices: Sequence[str], default: str = _REQUIRED) -> str:
        value = self.raw(key, default)
        if value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}", repr(value))
        return str(value)

    def choices(
        self, key: str, choices: Sequence[str], default: tuple[str, ...]
    ) -> tuple[str, ...]:
        value = self.raw(key, list(default))
        if not isinstance(value, list) or not value or any(v not in choices for v in value):
            raise self.wrong(key, f"a list of {', '.join(choices)}", repr(value))
        return tuple(value)

    def number(self, key: str, default: float = _REQUIRED) -> float:
        value = self.raw(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "a number", repr(value))
        if key in self._raw and not abs(value) <= 1e300:
            raise self.wrong(key, "a finite number", repr(value)[:40])
        number: float = value
        return number

    def flag(self, key: str, default: bool) -> bool:
        value = self.raw(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false", repr(value))
        return value

    def table(self, key: str, default: Mapping[str, Any] = _REQUIRED) -> Table:
        value = self.raw(key, default)
        if not isinstance(value, Mapping):
            raise self.wrong(key, "a table", repr(value))
        return Table(self.origin, value, self._path(key))

    def wholes(self, key: str) -> dict[str, int]:
        """An optional table of whole numbers."""
        parent = self.table(key, {})
        for name, value in parent._raw.items():
            if type(value) is not int or value.bit_length() > 63:
                raise parent.wrong(name, "a whole number", repr(value)[:60])
        return dict(parent._raw)

    def tables(self, key: str) -> list[Table]:
        """A list of at least one table, [[key]] in TOML."""
        value = self.raw(key)
        if not isinstance(value, list) or not value or any(type(v) is not dict for v in value):
            raise self.wrong(key, f"one or more tables [[{key}]]", repr(value)[:60])
        return [Table(f"{self.origin}: {key} {i}", v) for i, v in enumerate(value, 1)]

    def named_tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """The entries of an optional table of tables."""
        parent = self.table(key, {})
        for name in parent._raw:
            yield name, parent.table(name)

    def finish(self) -> None:
        """Raises InputError for a key nobody asked for."""
        for key in self._raw:
            if key in self._read:
                continue
            near = difflib.get_close_matches(key, self._read, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(self._known())}"
            raise InputError(f"{self.origin}: unknown key {self._path(key)!r}; {hint}")

    def _known(self) -> list[str]:
        return sorted(self._read) or ["none here"]

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key
