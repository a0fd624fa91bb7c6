"""Why a problem cannot be taken, found in its syntax tree.

A hint for people, early and with a line number. It is no protection: a problem is run only in the
sandbox, whatever is said here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

ALLOWED = frozenset({
    "__future__", "abc", "bisect", "cmath", "collections", "contextlib", "copy", "dataclasses",
    "einops", "enum", "fractions", "functools", "heapq", "itertools", "json", "logging", "math",
    "numbers", "numpy", "operator", "random", "re", "statistics", "string", "sys", "time", "torch",
    "types", "typing", "typing_extensions", "warnings",
})  # fmt: skip
THIRD_PARTY = frozenset({"einops", "numpy", "torch", "typing_extensions"})
_NETWORK = frozenset({
    "aiohttp", "datasets", "diffusers", "ftplib", "http", "httpx", "huggingface_hub", "requests",
    "socket", "timm", "torchvision", "transformers", "urllib", "urllib3", "wget",
})  # fmt: skip
_GPU = frozenset({"cupy", "cuda", "flash_attn", "numba", "pycuda", "triton", "xformers"})
_FILES = frozenset({"glob", "io", "os", "pathlib", "pickle", "shutil", "sqlite3", "tempfile"})
_PROCESSES = frozenset({"concurrent", "ctypes", "multiprocessing", "subprocess", "threading"})
# Parts of torch, by dotted name, that reach beyond computing.
_TORCH = {
    "torch.hub": "downloads from the network (torch.hub)",
    "torch.utils.model_zoo": "downloads from the network (torch.utils.model_zoo)",
    "torch.distributed": "needs other processes (torch.distributed)",
    "torch.multiprocessing": "starts processes (torch.multiprocessing)",
    "torch.utils.cpp_extension": "compiles an extension (torch.utils.cpp_extension)",
    "torch.load": "reads a file (torch.load)",
    "torch.save": "writes a file (torch.save)",
    "torch.jit.load": "reads a file (torch.jit.load)",
    "torch.from_file": "reads a file (torch.from_file)",
    "torch.ops.load_library": "loads a library (torch.ops.load_library)",
}
_NUMPY = frozenset({"load", "save", "savez", "loadtxt", "savetxt", "fromfile", "memmap"})
_BUILTINS = {
    "open": "reads or writes a file (open)",
    "input": "waits for someone to type (input)",
    "exec": "runs text as code (exec)",
    "eval": "runs text as code (eval)",
    "compile": "runs text as code (compile)",
    "__import__": "imports by a computed name (__import__)",
    "breakpoint": "waits for a debugger (breakpoint)",
}
_METHODS = {
    "from_pretrained": "downloads weights (from_pretrained)",
    "load_state_dict_from_url": "downloads weights (load_state_dict_from_url)",
    "tofile": "writes a file (tofile)",
}


@dataclass(frozen=True)
class Note:
    """A sentence without its subject ("reads a file"), and where."""

    text: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


def imports(tree: ast.Module) -> frozenset[str]:
    """Top-level names of the packages imported that are not of Python itself."""
    found = {name.split(".")[0] for name, _ in _imported(tree)}
    return frozenset(found & THIRD_PARTY)


def reaches(tree: ast.Module) -> list[Note]:
    """What it does that a problem must not, in order of lines, each once."""
    known = _aliases(tree)
    found = [n for name, line in _imported(tree) for n in _import(name, line)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += _call(node, known)
        elif isinstance(node, ast.Attribute):
            text = _TORCH.get(_dotted(node, known))
            found += [Note(text, node.lineno)] if text else []
    return _once(found)


def cuda(tree: ast.Module) -> list[Note]:
    """Where it insists on a CUDA device; asking whether there is one does not count."""
    free = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.IfExp | ast.If) and "is_available" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    known, found = _aliases(tree), list[Note]()
    for node in ast.walk(tree):
        if id(node) in free:
            continue
        if isinstance(node, ast.Call):
            found += [Note(text, node.lineno) for text in _on_gpu(node, known)]
        elif isinstance(node, ast.Assign) and _names_gpu(node.value):
            found.append(Note(f"names the device {ast.unparse(node.value)}", node.lineno))
    return _once(found)


def _once(found: list[Note]) -> list[Note]:
    """Each sentence where it is true first, in order of lines."""
    first = {note.text: note for note in sorted(found, key=lambda n: -n.line)}
    return sorted(first.values(), key=lambda n: (n.line, n.text))


def _on_gpu(node: ast.Call, known: dict[str, str]) -> Iterator[str]:
    if isinstance(node.func, ast.Attribute):
        if node.func.attr == "cuda":
            yield "moves to a CUDA device (.cuda())"
        name = _dotted(node.func, known)
        if name.startswith("torch.cuda.") and "available" not in name and "seed" not in name:
            yield f"needs a CUDA device ({name})"
    for value in (*node.args, *(k.value for k in node.keywords)):
        if _names_gpu(value):
            yield f"names the device {ast.unparse(value)}"


def _names_gpu(node: ast.expr) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and (text == "cuda" or text.startswith("cuda:"))


def _imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Dotted names imported anywhere; a relative import begins with a dot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            place = "." * node.level + (node.module or "")
            for alias in node.names:
                yield f"{place}.{alias.name}" if node.module else place, node.lineno


def _import(name: str, line: int) -> Iterator[Note]:
    top = name.split(".")[0]
    if name.startswith("."):
        yield Note("imports a file beside it; a problem is one file", line)
    elif top in _NETWORK:
        yield Note(f"imports {top}, which needs more than torch and may download", line)
    elif top in _GPU:
        yield Note(f"imports {top}, which needs a GPU; a reference is plain torch", line)
    elif top in _FILES:
        yield Note(f"imports {top}, which reaches files", line)
    elif top in _PROCESSES:
        yield Note(f"imports {top}, which reaches other processes", line)
    elif top not in ALLOWED:
        yield Note(
            f"imports {top}; known are {', '.join(sorted(THIRD_PARTY))} and mathematics",
            line,
        )
    else:
        for part, text in _TORCH.items():
            if name == part or name.startswith(f"{part}."):
                yield Note(text, line)


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Local name -> dotted name of what was imported under it."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update({a.asname: a.name for a in node.names if a.asname})
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    return found


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    """The dotted name of an attribute, through the names of imports; empty where it has none."""
    parts = list[str]()
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([known.get(node.id, node.id), *reversed(parts)])


def _call(node: ast.Call, known: dict[str, str]) -> Iterator[Note]:
    function = node.func
    if isinstance(function, ast.Name):
        text = _BUILTINS.get(function.id) if function.id not in known else None
        if text:
            yield Note(text, node.lineno)
        name = known.get(function.id, "")
    else:
        name = _dotted(function, known)
        if isinstance(function, ast.Attribute) and function.attr in _METHODS:
            yield Note(_METHODS[function.attr], node.lineno)
    if name.startswith("numpy.") and name.removeprefix("numpy.") in _NUMPY:
        yield Note(f"reads or writes a file ({name})", node.lineno)
