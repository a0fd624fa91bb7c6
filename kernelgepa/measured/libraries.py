"""What compiled libraries that a candidate has brought call. In the worker, so a hint."""

from __future__ import annotations

import ctypes
import os
import re
import struct
from collections.abc import Set
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

_SYSTEM = ("/usr/", "/lib", "/opt/", "/etc/")
# Finding a function by name at run time, and what libraries of linear algebra are called by.
_CALLS = re.compile(r"dlv?sym|dlm?open|\w*(?:gemm|gemv|cblas|cublas|cudnn|mkl_|dnnl)\w*")
_DYNSYM = 11  # section type of the dynamic symbols


def borrowed(before: Set[str]) -> list[str]:
    """Calls of vendor libraries, or of what finds them, in libraries of its own: those loaded since
    `before`, neither the system's nor a package's."""
    found: set[str] = set()
    packages = str(Path(np.__file__).parent.parent)
    for file in loaded() - before:
        if file.startswith((*_SYSTEM, packages)):
            continue
        try:
            imports = undefined(Path(file).read_bytes())
        except (OSError, ValueError, struct.error, IndexError):
            found.add("a library that cannot be read")
            continue
        found |= {name for name in imports if _CALLS.fullmatch(name)}
    return sorted(found)


def loaded() -> set[str]:
    """Files of all libraries in this process."""
    found: set[str] = set()

    class Info(ctypes.Structure):
        _fields_: ClassVar = [("address", ctypes.c_void_p), ("name", ctypes.c_char_p)]

    def each(info: Any, size: int, data: Any) -> int:
        found.add(os.fsdecode(info.contents.name or b""))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
    ctypes.CDLL(None).dl_iterate_phdr(kind(each), None)
    return {file for file in found if file}


def undefined(library: bytes) -> set[str]:
    """Names that a 64-bit ELF library takes from others. Raises ValueError, struct.error."""
    if library[:6] != b"\x7fELF\x02\x01":
        raise ValueError("no 64-bit ELF file")
    start = struct.unpack_from("<Q", library, 0x28)[0]
    size, count = struct.unpack_from("<HH", library, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", library, start + i * size) for i in range(count)]
    tables = [s for s in sections if s[1] == _DYNSYM]
    if not tables:
        raise ValueError("no dynamic symbols")
    found = set()
    for table in tables:
        names = sections[table[6]][4]
        for place in range(table[4], table[4] + table[5], 24):
            name, _, _, section = struct.unpack_from("<IBBH", library, place)
            if not section and name:
                end = library.index(b"\0", names + name)
                found.add(library[names + name : end].decode("latin-1"))
    return found
