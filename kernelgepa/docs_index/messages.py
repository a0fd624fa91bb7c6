"""What of the messages of NVRTC, ptxas, g++, Triton and torch is worth looking up."""

from __future__ import annotations

import re
from collections.abc import Iterator

_QUOTED = re.compile(r"['\"`‘]([^'\"`‘’\n]{1,120})['\"`’]")
_NAME = re.compile(r"~?[A-Za-z_]\w*(?:(?:::|\.)[A-Za-z_]\w*)*")
_PLACE = re.compile(
    r"^\S*?(?:\(\d+\)|:\d+(?::\d+)?): +(?:catastrophic |fatal )?(?:error ?:? *)?", re.M
)
_PTXAS = re.compile(r"^ *ptxas[^:;]*(?:, line \d+;)? *(?:error|fatal) *: *", re.M)
_FRAME = re.compile(r'^ *File ".*\n(?: .*\n)?|^Traceback .*$|^ *\^+ *$|^ *\|.*$|^ *\d+ \|.*$', re.M)
_CAUSE = re.compile(r"\n(?:The above exception was|During handling of)[^\n]*\n")
_TRITON = re.compile(r"^(?:\S*CompilationError: )?at \d+:\d+:\n", re.M)
_CARET = re.compile(r"^(?P<line>.*)\n(?P<gap> *)\^ *$", re.M)
_PATH = re.compile(r"(?<![\w.:])/?(?:[\w.+~-]+/)+[\w.+-]+")
_RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception): ")
_NUMBER = re.compile(r"\b0x[0-9a-fA-F]+\b|(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])")
_CALLED = re.compile(r"(\.?[A-Za-z_]\w*(?:(?:::|\.)[A-Za-z_]\w*)*)\s*(?:<[^<>()]*>)?\s*\(")
_ATTRIBUTE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_BARE = re.compile(r"NameError\(['\"](\w+) is not defined|^(?:tl\.)?(\w+) is not defined")
_ARGUMENTS = re.compile(r"\b(?!dynamic_func)([A-Za-z]\w*)\(\) (?:missing|got|takes)\b")
_MODULES = {"triton.language": "tl", "triton.language.math": "tl.math", "torch.nn.functional": "F"}
_WORDS = frozenset({"if", "for", "while", "return", "switch", "sizeof", "and", "or", "not", "in"})
# what quotes hold that is no name to look up: types of one's own or of Python, words of C
_TYPES = frozenset(
    re.findall(
        r"\w+",
        """int float double char void bool long short unsigned signed auto const str tuple list
        dict NoneType type object function k C""",
    )
)
MOST = 4000


def said(message: str) -> str:
    """The message without places, frames, exceptions' classes, echoed source, paths and numbers."""
    text = _RAISED.sub("", _CAUSE.split(message[:MOST])[-1])
    text = "\n".join(m for part in _TRITON.split(text) for m in [_after_caret(part)])
    text = _PTXAS.sub("", _PLACE.sub("", _FRAME.sub("", text)))
    return _NUMBER.sub(" ", _PATH.sub(" ", text))


def _after_caret(text: str) -> str:
    """Of a block of Triton's the last lines; the source above the caret only says where."""
    carets = list(_CARET.finditer(text))
    return text[carets[-1].end() :] if carets else text


def names(message: str) -> Iterator[str]:
    """What the message is about: the most telling first."""
    for module, name in _ATTRIBUTE.findall(message):
        yield f"{_MODULES.get(module, module)}.{name}"
    for found in _BARE.findall(message):
        yield found[0] or found[1]
    yield from _ARGUMENTS.findall(message)
    for quoted in _QUOTED.findall(said(message)):
        bare = re.sub(r"\(.*|<.*", "", quoted).strip()
        if _NAME.fullmatch(bare) and bare not in _TYPES:
            yield bare


def called(message: str, source: str) -> Iterator[str]:
    """Functions under Triton's carets and in the offending line."""
    for found in _CARET.finditer(message[:MOST]):
        line, gap = found["line"], len(found["gap"])
        yield from _calls(line[gap:] if gap < len(line) else line)
    yield from _calls(re.sub(r"//.*|#(?!include).*", "", source))


def _calls(line: str) -> Iterator[str]:
    yield from (name for name in _CALLED.findall(line) if name not in _WORDS)
