"""The public names of our AIE headers, found by reading them as the compiler expands them."""

from __future__ import annotations

import re
import subprocess
from functools import cache

from kernelgepa.npu import toolchain

_OURS = re.compile(r"aie_api/\w+\.hpp$|aie_kernel_utils\.h$")
_MARK = re.compile(r'^# \d+ "([^"]*)"', re.M)
_DEFINE = re.compile(r"^#define (\w+)", re.M)
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|::|->\*?|[A-Za-z_]\w*|\d[\w.\']*|\S')
_TEMPLATE_END = re.compile(r"^(?:<|>)$")
_SCOPES = {"namespace", "class", "struct", "enum"}
_NOT_NAMES = {"operator", "requires", "decltype", "sizeof", "__attribute__", "if", "while", "for"}


def is_internal(name: str) -> bool:
    return name.startswith("_") or name.endswith("_") or "operator" in name


@cache
def macros() -> frozenset[str]:
    """Macros for kernels; those of the headers' own begin with two underscores."""
    include = toolchain.aie() / "include"
    files = [include / "aie_kernel_utils.h", *sorted((include / "aie_api").glob("*.hpp"))]
    found = {n for f in files for n in _DEFINE.findall(f.read_text(encoding="utf-8"))}
    return frozenset(n for n in found if not is_internal(n))


@cache
def names() -> frozenset[str]:
    """Functions, types, constants and public members: `aie::add`, `aie::vector::size`, `event0`."""
    found: set[str] = set()
    _Reader(_TOKEN.findall(_expanded()), found).block("", "namespace")
    return frozenset(n for n in found if not any(is_internal(p) for p in n.split("::")))


def _expanded() -> str:
    """The text of our headers only, after the preprocessor."""
    command = [
        str(toolchain.zig()), "clang", *toolchain.TARGET, *toolchain.LANGUAGE, "-E", "-x", "c++",
        "-nostdinc", "-isystem", str(toolchain.aie() / "include"), "-include",
        "aie_api/aie.hpp", "/dev/null",
    ]  # fmt: skip
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    parts = _MARK.split(text)
    ours = (
        body.partition("\n")[2]
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
        if _OURS.search(name) and not name.endswith("machine.hpp")
    )
    return "\n".join(ours)


class _Reader:
    """Walks the tokens of declarations; bodies of functions are skipped."""

    def __init__(self, tokens: list[str], found: set[str]) -> None:
        self._tokens, self._at, self._found = tokens, 0, found

    def block(self, scope: str, kind: str) -> None:
        """Declarations up to the closing brace of a namespace or class."""
        public = kind != "class"
        head: list[str] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token == "}":
                return
            if token == ":" and head and head[-1] in ("public", "private", "protected"):
                public, head = head[-1] == "public", []
            elif token == ";":
                self._take(scope, head, public, kind)
                head = []
            elif token == "{":
                head = self._open(scope, head, public, kind)
            elif token in "([":
                head += [token, *self._skip(token)]
            else:
                head.append(token)

    def _open(self, scope: str, head: list[str], public: bool, kind: str) -> list[str]:
        """A brace: a scope that is entered, or a body or initialiser that is skipped."""
        bare = _without_template(head)
        opened = next((t for t in bare if t in _SCOPES), "")
        if opened == "namespace" or (opened and "(" not in bare):
            name = _class_name(bare, opened)
            inner = f"{scope}::{name}" if scope else name
            if name.rpartition("::")[2] in ("detail", "operators") or not public:
                self._skip("{")
            elif opened == "enum":
                self._found.add(inner) if name else None
                self._enumerators(inner if "class" in bare else scope)
            else:
                if opened != "namespace":
                    self._found.add(inner)
                specialised = opened != "namespace" and "<" in bare[bare.index(opened) :]
                if specialised or opened == "namespace" or name:
                    self.block(inner, opened)
            return []
        self._skip("{")
        if "=" in bare and not {"(", "operator"} & set(bare[: bare.index("=")]):
            return head
        self._take(scope, head, public, kind)
        return []

    def _enumerators(self, scope: str) -> None:
        fresh = True
        while (token := self._tokens[self._at]) != "}":
            if fresh and re.match(r"[A-Za-z_]", token):
                self._found.add(f"{scope}::{token}" if scope else token)
                fresh = False
            fresh = fresh or token == ","
            self._at += 1
        self._at += 1

    def _skip(self, opening: str) -> list[str]:
        closing = {"{": "}", "(": ")", "[": "]"}[opening]
        depth, begin = 1, self._at
        while depth:
            token = self._tokens[self._at]
            depth += (token == opening) - (token == closing)
            self._at += 1
        return self._tokens[begin : self._at]

    def _take(self, scope: str, head: list[str], public: bool, kind: str) -> None:
        """The name that a declaration declares."""
        bare = _without_template(head)
        if not bare or not public or bare[0] in ("friend", "static_assert", "extern"):
            return
        for name in _declared(bare):
            if name != scope.rpartition("::")[2]:
                self._found.add(f"{scope}::{name}" if scope else name)


def _class_name(bare: list[str], opened: str) -> str:
    rest = [t for t in bare[bare.index(opened) + 1 :] if t not in ("class", "struct")]
    joined = []
    for t in rest:
        if not re.match(r"[A-Za-z_]|::", t):
            break
        joined.append(t)
    return "".join(joined).rstrip(":")


def _without_template(head: list[str]) -> list[str]:
    """Without `template <...>`, requires-clauses in parentheses, attributes and concepts."""
    out: list[str] = []
    i = 0
    while i < len(head):
        if head[i] == "template" and i + 1 < len(head) and head[i + 1] == "<":
            i = _past_angles(head, i + 1)
        elif head[i] in ("requires", "__attribute__"):
            i = _past_requirement(head, i + 1)
        else:
            out.append(head[i])
            i += 1
    return out


def _past_angles(head: list[str], i: int) -> int:
    depth = 0
    while i < len(head):
        if head[i] in "([":
            i = _past_round(head, i)
            continue
        depth += (head[i] == "<") - (head[i] == ">")
        i += 1
        if depth == 0:
            break
    return i


def _past_round(head: list[str], i: int) -> int:
    opening = head[i]
    closing = {"(": ")", "[": "]"}[opening]
    depth = 0
    while i < len(head):
        depth += (head[i] == opening) - (head[i] == closing)
        i += 1
        if depth == 0:
            break
    return i


def _past_requirement(head: list[str], i: int) -> int:
    if i < len(head) and head[i] == "(":
        return _past_round(head, i)
    while i < len(head) and head[i] != "<":
        if head[i] in ("inline", "static", "auto"):
            return i
        i += 1
    i = _past_angles(head, i)
    if i < len(head) and head[i] == "::":
        i += 2
    return i


def _declared(bare: list[str]) -> list[str]:
    """Names of one declaration; several where they are separated by commas."""
    if bare[0] in ("using", "concept"):
        return [bare[1]] if len(bare) > 2 and bare[2] == "=" else []
    if "operator" in bare:
        return []
    if bare[0] in ("class", "struct", "enum"):
        return [_class_name(bare, bare[0])]
    words: list[str] = []
    i = depth = 0
    while i < len(bare):
        token = bare[i]
        if token in "([":
            if token == "(" and depth == 0 and words and words[-1] not in _NOT_NAMES:
                if len(words) == 1:
                    return []  # a constructor
                return [] if "::" in bare[i - 2 : i] and ">" in bare[:i] else [words[-1]]
            i = _past_round(bare, i)
            continue
        if token == "=":
            break
        depth += (token == "<") - (token == ">")
        if depth == 0 and re.match(r"[A-Za-z_]\w*$", token):
            words.append(token)
        i += 1
    return [words[-1], *_further(bare[i:])] if len(words) > 1 else []


def _further(rest: list[str]) -> list[str]:
    """`= 1, max_shift = 63` -> max_shift."""
    found, i = [], 0
    while i < len(rest):
        if rest[i] in "([":
            i = _past_round(rest, i)
            continue
        if rest[i] == "," and i + 2 < len(rest) and rest[i + 2] == "=":
            found.append(rest[i + 1])
        i += 1
    return found
