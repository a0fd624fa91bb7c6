"""Rules of the content folder `feedback`, read strictly. Each file says which targets it is for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError
from kernelgepa.feedback import raw
from kernelgepa.verdict import Diagnostic

Kind = Literal["diagnostics", "patterns", "symptoms"]
HINTS = 3  # shown of one diagnostic
# Tools that a module of torch calls itself, and how their messages are told from torch's own.
_TOOLS: Mapping[str, re.Pattern[str]] = {
    "triton": re.compile(
        r"triton\.(?:compiler|runtime)|CompilationError: at \d+:\d+|^at \d+:\d+:|Triton Error"
        r"|InterpreterError|triton\.language|@triton\.jit|Triton kernels|PassManager::run"
        r"|\bdynamic_func\(\)|auto-tuned symbols|\bOutOfResources\b|out of resource: "
    ),
    "cuda": re.compile(
        r"\.cuh?\(\d+\): |\bptxas\b|\bnvlink\b|\bnvcc\b|\bCUDA error: |\bCUDA_ERROR_\w+"
        r'|error: (?:identifier "|no instance of|expected a |namespace "|name followed by'
        r'|calling a __host__|no operator "|no suitable)'
    ),
    "c++": re.compile(
        r"\.(?:cpp|cc|cxx|c|h|hpp):\d+(?::\d+)?: (?:fatal )?error: |undefined reference to"
        r"|\b(?:g|c|clang)\+\+: (?:fatal )?error"
    ),
}

_OF_NPU = re.compile(
    r"\baie::|namespace 'aie'|\baie_api\b|\baiecc\b|xchesscc|chess_\w|\bAIE_|_XAie_"
    r"|__acc(?:32|64|float)\b|\bG_[A-Z]{3,}\b|region '(?:program|data)'"
    r"|'v\d+(?:u?int\d+|bfloat16|acc\w+)'|'(?:vector|accum|mask)<"
)
_OF_TORCH = re.compile(
    r"Error building extension|torch_extensions|\bat::Tensor\b|\bc10::|\bModelNew\b"
    r"|^(?:torch\.\w|RuntimeError: (?!CUDA error|Triton|PassManager))",
    re.M,
)
# Messages about a name that is missing or not used; the name may hold any word.
_NAMED = re.compile(
    r"name '(\w+)' is not defined|NameError\(['\"](\w+) is not defined|has no attribute '(\w+)'"
    r"|[‘'](\w+)[’'] was not declared|identifier \"(\w+)\" is undefined"
    r"|undeclared identifier '(\w+)'|positional arguments?: '(\w+)'|KeyError: '(\w+)'"
    r"|keyword argument '(\w+)'|variable \"(\w+)\" was|unused variable '(\w+)'"
)
_PARSING = re.compile(r"error: expected |^expected |unrecognized token|unqualified-id")


@dataclass(frozen=True)
class Rule:
    """What a diagnostic, or a pattern of wrong elements, usually means.

    `code` is the class that a judge of ours gives it; where it is empty, only the text decides.
    `source` must be found in the offending line, too. `vague`: any other that matches says more.
    `alone`: only where we compile and launch the kernel, not where a module does so itself.
    """

    match: re.Pattern[str]
    hint: str
    sections: tuple[str, ...] = ()
    code: str = ""
    source: re.Pattern[str] | None = None
    vague: bool = False
    alone: bool = False


@cache
def tables(kind: Kind, target: str) -> tuple[Mapping[str, Any], ...]:
    """Files of rules for a target. Raises InfrastructureError where one is damaged."""
    found = []
    for path in sorted(content("feedback").glob(f"{kind}-*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            if target in data["targets"]:
                found.append(data)
        except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
            raise InfrastructureError(f"{path.name} cannot be used: {error}") from error
    return tuple(found)


def entries(kind: Kind, target: str, name: str) -> list[Mapping[str, Any]]:
    """All `[[name]]` of a target's files."""
    return [entry for data in tables(kind, target) for entry in data.get(name, ())]


@cache
def rules(kind: Kind, target: str) -> tuple[Rule, ...]:
    """Rules on diagnostics or patterns. Raises InfrastructureError for a damaged one."""
    try:
        return tuple(
            Rule(
                re.compile(r.get("match", "")), r["hint"], tuple(r.get("sections", ())),
                r.get("code", ""), re.compile(r["source"]) if "source" in r else None,
                r.get("vague", False), r.get("alone", False),
            )
            for r in entries(kind, target, "rule")
        )  # fmt: skip
    except (KeyError, re.error) as error:
        raise InfrastructureError(f"{kind} of {target} cannot be used: {error}") from error


def speakers(note: Diagnostic, target: str) -> tuple[str, ...]:
    """Targets whose rules answer a diagnostic: that of the tool that speaks, then its own."""
    if target != "torch":
        return (target,)
    tool = next((name for name, said in _TOOLS.items() if said.search(note.message)), None)
    return (tool, target) if tool else (target,)


def speaker(message: str) -> str:
    """The target whose tools say such things, as far as the message tells; else empty."""
    if _OF_NPU.search(message):
        return "npu-sim"
    if _OF_TORCH.search(message):
        return "torch"
    tool = next((name for name, said in _TOOLS.items() if said.search(message)), "")
    return "torch" if tool == "c++" else tool


def matching(note: Diagnostic, target: str) -> list[tuple[Rule, Mapping[str, str]]]:
    """Rules of a target that a diagnostic answers to, with what their named groups caught.

    Rules on a class of ours come before those on the offending line, these before those on texts
    alone; vague ones are left out where there is another, and of several the first is told. Of
    several errors the first counts, and, where only vague rules answer it, before them the next
    that others answer, unless the first does not parse: the others then follow from it.
    """
    asked = speakers(note, target)
    every = [r for t in asked for r in rules("diagnostics", t) if t == target or not r.alone]
    answered = [_answering(one, tuple(dict.fromkeys(every))) for one in raw.told(note, target)]
    if _clear(answered[0]) or _PARSING.search(raw.told(note, target)[0].message):
        return answered[0]
    return [*next(filter(_clear, answered), []), *answered[0]]


def _nameless(found: re.Match[str]) -> str:
    start, end = found.span(found.lastindex or 0)
    return f"{found[0][: start - found.start()]}_{found[0][end - found.start() :]}"


def _clear(found: Sequence[tuple[Rule, Mapping[str, str]]]) -> bool:
    return any(not rule.vague for rule, _ in found)


def _answering(note: Diagnostic, every: Sequence[Rule]) -> list[tuple[Rule, Mapping[str, str]]]:
    """Those that match one error."""
    found = list[tuple[Rule, Mapping[str, str]]]()
    names = [m.span(m.lastindex or 0) for m in _NAMED.finditer(note.message)]
    for rule in every:
        said = rule.match.search(note.message)
        if said and any(start < said.end() <= end for start, end in names):
            # a word of the name alone: what is missing is called so, and nothing else is said
            said = rule.match.search(_NAMED.sub(_nameless, note.message))
        line = rule.source.search(note.source) if rule.source else None
        if said and rule.code in ("", note.code) and (line or not rule.source):
            caught = {**said.groupdict(), **(line.groupdict() if line else {})}
            found.append((rule, {name: text or "" for name, text in caught.items()}))
    found.sort(key=lambda pair: (not pair[0].code, not pair[0].source))
    return [pair for pair in found if not pair[0].vague] or found[:1]


def hints(note: Diagnostic, target: str) -> list[str]:
    """What to do about a diagnostic, by the rules that match it."""
    found = (rule.hint.format(**caught) for rule, caught in matching(note, target))
    return list(dict.fromkeys(found))[:HINTS]


def pattern(said: str, target: str) -> Rule | None:
    """What a pattern of wrong elements usually comes from."""
    return next((r for r in rules("patterns", target) if r.match.search(said)), None)
