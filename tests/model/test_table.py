"""Every operation the headers can emit has a price."""

from __future__ import annotations

import re

import pytest

from kernelgepa.errors import InfrastructureError
from kernelgepa.npu.model import CostTable
from kernelgepa.npu.toolchain import aie

_DECLARED = re.compile(r"\b__aie_(\w+)\(")


def _operations() -> set[str]:
    """Names declared in the headers, and defined in the operation library, macros expanded."""
    header = (aie() / "include" / "aie_api" / "machine.hpp").read_text()
    names = set(_expanded(header))
    for path in (aie() / "ops").glob("*.cpp"):
        names |= set(_expanded(path.read_text()))
    return names


def _expanded(text: str) -> list[str]:
    text = text.replace("\\\n", " ")
    macros = {
        name: ([a.strip() for a in arguments.split(",")], body)
        for name, arguments, body in re.findall(r"#define (\w+)\(([^)]*)\) (.*)", text)
    }
    plain = re.sub(r"#define .*", "", text)
    for _ in range(4):
        plain = re.sub(r"\b(\w+)\(([^()]*)\)", lambda m: _expand(m[0], m[1], m[2], macros), plain)
    return [n for n in _DECLARED.findall(plain) if "#" not in n]


def _expand(whole: str, name: str, given: str, macros: dict[str, tuple[list[str], str]]) -> str:
    if name not in macros:
        return whole
    parameters, body = macros[name]
    values = [g.strip() for g in given.split(",")]
    for parameter, value in zip(parameters, values, strict=False):
        body = re.sub(rf"##\s*{parameter}\b|\b{parameter}\s*##", value, body)
        body = re.sub(rf"\b{parameter}\b", value, body)
    return body.replace("##", "")


def test_every_operation_has_a_row() -> None:
    table = CostTable.load(aie() / "aie2.toml")
    names = _operations()
    assert len(names) > 200
    assert {"vadd_i16", "vmmac_i8_4x8x8", "vsrs_u8_a64", "vshuffle_even_w64"} <= names
    missing = []
    for name in sorted(names):
        try:
            table.operation(name)
        except InfrastructureError:
            missing.append(name)
    assert missing == []


def test_an_operation_without_a_row_is_our_failure() -> None:
    with pytest.raises(InfrastructureError, match="no row in the cost table"):
        CostTable.load(aie() / "aie2.toml").operation("vnothing_i8")


def test_every_row_prices_some_operation() -> None:
    table = CostTable.load(aie() / "aie2.toml")
    used = {id(table.operation(name)) for name in _operations()}
    unused = [key for key, row in table.operations.items() if id(row) not in used]
    assert unused == []
