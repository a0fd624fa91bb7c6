"""Reads LLVM's textual IR, as clang prints it, into plain values. Bounded; no LLVM involved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

INSTRUCTIONS = 20_000
TEXT_BYTES = 8 << 20
KERNEL_FILE = "kernel.cc"


class IrTooLarge(Exception):
    """More code than the core's 16 KB of program memory could ever hold."""


@dataclass(frozen=True)
class Instruction:
    """One instruction. `text` is the line without metadata; `uses` are the %values it reads."""

    result: str  # "%5", or "" where it has none
    opcode: str
    type: str  # result type, or for a store the type stored
    text: str
    uses: tuple[str, ...]
    callee: str = ""  # "@name" without the @, of a direct call
    align: int = 0
    line: int | None = None  # of the candidate's own file
    scopes: frozenset[str] = frozenset()
    noalias: frozenset[str] = frozenset()
    loop: str = ""  # !llvm.loop of a branch


@dataclass(frozen=True)
class Block:
    label: str  # as used by branches, "%12"
    index: int
    instructions: tuple[Instruction, ...]
    successors: tuple[str, ...]


@dataclass(frozen=True)
class Function:
    name: str
    parameters: tuple[str, ...]  # "%0", ...
    noalias_parameters: frozenset[str]
    blocks: tuple[Block, ...]

    # Asked for by every block: gathered once, or a function of many blocks takes for ever.

    @cached_property
    def made(self) -> Mapping[str, Instruction]:
        """The instruction behind each result."""
        return {i.result: i for b in self.blocks for i in b.instructions if i.result}

    @cached_property
    def users(self) -> Mapping[str, list[Instruction]]:
        """The instructions that read each value."""
        found: dict[str, list[Instruction]] = {}
        for block in self.blocks:
            for instruction in block.instructions:
                for name in instruction.uses:
                    found.setdefault(name, []).append(instruction)
        return found

    @cached_property
    def frames(self) -> tuple[str, ...]:
        """What is allocated on the stack."""
        return tuple(name for name, i in self.made.items() if i.opcode == "alloca")


@dataclass(frozen=True)
class Module:
    functions: Mapping[str, Function]
    globals: Mapping[str, str]  # name -> the rest of its line
    lines: Mapping[str, int | None]  # !dbg reference -> line of the candidate's file
    types: tuple[str, ...] = ()  # lines that define named types

    def line_of(self, reference: str) -> int | None:
        """Line in the candidate's file of a `!N` location, through inlining; None elsewhere."""
        return self.lines.get(reference)


_NODE = re.compile(r"^(!\d+) = (?:distinct )?(.*)$")
_FIELD = re.compile(r"(\w+): (![0-9]+|\"[^\"]*\"|\w+)")
_LABEL = re.compile(r"^([\w.$-]+|\"[^\"]*\"):")
_DEFINE = re.compile(r"^define .*?@([\w.$-]+|\"[^\"]*\")\((.*)\)[^()]*\{$")
_VALUE = re.compile(r"%(?:[\w.$-]+|\"[^\"]*\")")
_META = re.compile(r", !([\w.]+) (!\d+)")
_CALLEE = re.compile(r"\bcall\b[^@%]*?@([\w.$-]+|\"[^\"]*\")\(")
_ALIGN = re.compile(r", align (\d+)")
_FLAGS = frozenset({
    "tail", "notail", "musttail", "nuw", "nsw", "exact", "fast", "nnan", "ninf", "nsz", "arcp",
    "contract", "afn", "reassoc", "samesign", "disjoint", "nneg", "inbounds", "volatile",
})  # fmt: skip
_GROUP = re.compile(r"\([^()]*\)")
_TYPE = re.compile(r"<\d+ x \w+>|\[\d+ x [^\]]*\]|\{[^}]*\}|[\w%.\"]+")


def parse(ir: str) -> Module:
    """Reads a module. Raises IrTooLarge."""
    if len(ir) > TEXT_BYTES:
        raise IrTooLarge(f"the compiled kernel is more than {TEXT_BYTES >> 20} MB of IR")
    rows = ir.split("\n")
    nodes = {m[1]: m[2] for row in rows if row.startswith("!") and (m := _NODE.match(row))}
    lines = _lines(nodes)
    lists = {
        key: frozenset(re.findall(r"!\d+", body))
        for key, body in nodes.items()
        if body.startswith("!{")
    }
    functions: dict[str, Function] = {}
    variables: dict[str, str] = {}
    types: list[str] = []
    body: list[str] | None = None
    header: re.Match[str] | None = None
    total = 0
    for row in rows:
        if body is not None and header is not None:
            if row == "}":
                found = _function(header, body, lines, lists)
                functions[found.name] = found
                body = None
                continue
            total += 1
            if total > INSTRUCTIONS:
                raise IrTooLarge(
                    f"the compiled kernel has more than {INSTRUCTIONS} instructions; "
                    "the core's program memory holds 16 KB"
                )
            body.append(row)
        elif row.startswith("define "):
            header = _DEFINE.match(re.sub(r" !dbg !\d+", "", row))
            body = []
        elif row.startswith("@"):
            name, _, rest = row.partition(" = ")
            variables[name[1:]] = rest
        elif row.startswith("%") and " = type " in row:
            types.append(row)
    return Module(functions, variables, lines, tuple(types))


def _lines(nodes: Mapping[str, str]) -> dict[str, int | None]:
    fields = {
        key: dict(_FIELD.findall(body))
        for key, body in nodes.items()
        if body.startswith(("!DILocation(", "!DISubprogram(", "!DILexicalBlock", "!DIFile("))
    }

    @cache
    def own(scope: str, depth: int = 0) -> bool:
        node = fields.get(scope, {})
        file = node.get("file")
        if file in fields:
            name: str = fields[file].get("filename", "")
            return name.strip('"').endswith(KERNEL_FILE)
        return depth < 20 and "scope" in node and own(node["scope"], depth + 1)

    @cache
    def line(reference: str, depth: int = 0) -> int | None:
        node = fields.get(reference)
        if node is None or depth > 50:
            return None
        if own(node.get("scope", "")) and int(node.get("line", "0")) > 0:
            return int(node["line"])
        return line(node["inlinedAt"], depth + 1) if "inlinedAt" in node else None

    return {k: line(k) for k, b in nodes.items() if b.startswith("!DILocation(")}


def _function(
    header: re.Match[str],
    body: list[str],
    lines: Mapping[str, int | None],
    lists: Mapping[str, frozenset[str]],
) -> Function:
    plain = _GROUP.sub("", _GROUP.sub("", header[2]))  # sret(%struct), initializes((0, 8))
    parameters = re.findall(r"(?:^|, )([^%]*)(%[\w.$-]+)", plain)
    names = tuple(name for _, name in parameters)
    unnamed = sum(1 for n in names if n[1:].isdigit())
    blocks: list[Block] = []
    label, rows = f"%{unnamed}", list[str]()
    for row in body:
        found = _LABEL.match(row)
        if found:
            if rows or blocks:
                blocks.append(_block(label, len(blocks), rows, lines, lists))
            label, rows = "%" + found[1], []
        elif row.strip() and not row.lstrip().startswith((";", "#dbg")):
            rows.append(row.strip())
    blocks.append(_block(label, len(blocks), rows, lines, lists))
    return Function(
        header[1].strip('"'),
        names,
        frozenset(name for text, name in parameters if re.search(r"\bnoalias\b", text)),
        tuple(blocks),
    )


def _block(
    label: str,
    index: int,
    rows: list[str],
    lines: Mapping[str, int | None],
    lists: Mapping[str, frozenset[str]],
) -> Block:
    joined: list[str] = []
    for row in rows:  # a switch spreads over several lines
        if joined and joined[-1].count("[") > joined[-1].count("]"):
            joined[-1] += " " + row
        else:
            joined.append(row)
    made = tuple(_instruction(row, lines, lists) for row in joined)
    last = made[-1] if made else None
    successors: tuple[str, ...] = ()
    if last and last.opcode in ("br", "switch"):
        successors = tuple(re.findall(r"label (%[\w.$-]+|%\"[^\"]*\")", last.text))
    return Block(label, index, made, successors)


def _instruction(
    row: str, lines: Mapping[str, int | None], lists: Mapping[str, frozenset[str]]
) -> Instruction:
    meta = dict(_META.findall(row))
    text = _META.sub("", row)
    result, _, rest = text.partition(" = ") if text.startswith("%") else ("", "", text)
    words = [w for w in rest.split(" ") if w not in _FLAGS]
    opcode = words[0]
    kind = _TYPE.match(" ".join(words[1:]))
    callee = _CALLEE.search(text) if opcode == "call" else None
    align = _ALIGN.search(text)
    operands = rest if opcode != "br" else rest.split(", label")[0].replace("label", "")
    uses = () if opcode == "br" and "," not in rest else tuple(_VALUE.findall(operands))
    if opcode == "phi":
        uses = tuple(re.findall(r"\[ (%[\w.$-]+), ", rest))
    return Instruction(
        result,
        opcode,
        kind[0] if kind else "",
        text,
        uses,
        callee[1].strip('"') if callee else "",
        int(align[1]) if align else 0,
        lines.get(meta["dbg"]) if "dbg" in meta else None,
        lists.get(meta.get("alias.scope", ""), frozenset()),
        lists.get(meta.get("noalias", ""), frozenset()),
        meta.get("llvm.loop", ""),
    )
