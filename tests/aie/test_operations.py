"""What the headers declare, the library defines, the table prices and the list names is one set."""

from __future__ import annotations

import itertools
import re
import subprocess
import tomllib
from fnmatch import fnmatchcase
from functools import cache

from kernelgepa.npu.toolchain import aie, compile_command

SETS = {"<w>": "w8,w16,w32", "<i>": "i8,u8,i16,u16,i32,u32", "<f>": "bf16,f32"}


def preprocessed(text: str) -> str:
    options = [c for c in compile_command("-", "-") if c not in ("-S", "-emit-llvm", "-", "-o")]
    done = subprocess.run(
        [*options, "-E", "-P", "-I", str(aie() / "ops"), "-x", "c++", "-"],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@cache
def declared() -> frozenset[str]:
    text = preprocessed("#include <aie_api/machine.hpp>\n")
    return frozenset(re.findall(r"\b__aie_(\w+)\s*\(", text))


@cache
def defined() -> frozenset[str]:
    text = "".join(f'#include "{p.name}"\n' for p in sorted((aie() / "ops").glob("*.cpp")))
    return frozenset(re.findall(r"\b__aie_(\w+)\s*\([^;{}]*\)\s*\{", preprocessed(text)))


def expanded(pattern: str) -> list[str]:
    for name, values in SETS.items():
        pattern = pattern.replace(name, "{" + values + "}")
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [p.split(",") if i % 2 else [p] for i, p in enumerate(parts)]
    return ["".join(c) for c in itertools.product(*choices)]


@cache
def listed() -> frozenset[str]:
    rows = (aie() / "ops" / "OPERATIONS.md").read_text(encoding="utf-8").split("|-|-|-|")[1]
    cells = [row.split("|")[1] for row in rows.splitlines() if row.startswith("|")]
    return frozenset(n for c in cells for p in re.findall(r"`([^`]+)`", c) for n in expanded(p))


def test_every_declared_operation_is_defined():
    assert declared() - defined() - {"mode_set"} == set()  # the tile itself keeps the mode
    assert len(declared()) > 200


def test_the_list_of_operations_is_complete_and_names_no_others():
    assert listed() == declared()


def test_every_operation_has_one_price():
    table = tomllib.loads((aie() / "aie2.toml").read_text(encoding="utf-8"))["operation"]
    for name in sorted(declared()):
        keys = sorted((len(k) for k in table if fnmatchcase(name, k)), reverse=True)
        assert keys, name
        assert len(keys) == 1 or keys[0] > keys[1], f"two rows claim {name}"
