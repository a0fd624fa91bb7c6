"""The handbook loads, covers our headers, and its examples do what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from docs_index import headers
from kernelgepa.content import content
from kernelgepa.docs_index import Section, load, sections
from kernelgepa.errors import InfrastructureError
from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case
from kernelgepa.task import Interface, Parameter

C_NAMES = {"int8": "int8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}
NPU = tuple(s for s in sections() if s.target == "npu-sim")
ITEMS = 64  # elements of c that an example may write
AT_ONCE = 12  # examples in one kernel
WORDS = 400


def _dtype(name: str) -> np.dtype:
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def _inputs(name: str) -> tuple[np.ndarray, np.ndarray]:
    i = np.arange(2 * ITEMS)
    a, b = i * 7 % 23 - 11, i * 5 % 13 + 1
    return (a / 4, b / 4) if "float" in name else (a, b)


def _batches() -> Iterator[list[Section]]:
    kinds = sorted({(s.element, s.out) for s in NPU})
    for kind in kinds:
        of_kind = [s for s in NPU if (s.element, s.out) == kind]
        for at in range(0, len(of_kind), AT_ONCE):
            yield of_kind[at : at + AT_ONCE]


def _kernel(batch: list[Section]) -> str:
    t, u = (C_NAMES.get(n, n) for n in (batch[0].element, batch[0].out))
    parts = ["#include <aie_api/aie.hpp>", '#include "aie_kernel_utils.h"']
    calls = []
    for i, s in enumerate(batch):
        parts.append(
            f"namespace n{i} {{\n{s.define}\n"
            f"static void example({t} *a, {t} *b, {u} *c) {{\n{s.code}\n}}\n}}"
        )
        calls.append(
            "aie::set_rounding(aie::rounding_mode::positive_inf);\n"
            "aie::set_saturation(aie::saturation_mode::none);\n"
            f"n{i}::example(a, b, c + {i * ITEMS});"
        )
    # each example writes a part of its place only
    clear = f"for (int i = 0; i < {len(batch) * ITEMS}; i++) c[i] = ({u})0;"
    return "\n".join([*parts, f"void k({t} *a, {t} *b, {u} *c) {{", clear, *calls, "}"])


@pytest.mark.parametrize("batch", list(_batches()), ids=lambda b: f"{b[0].id}..{b[-1].id}")
def test_examples_do_what_they_say(batch: list[Section]) -> None:
    element, out = _dtype(batch[0].element), _dtype(batch[0].out)
    interface = Interface("k", (
        Parameter("a", "in", batch[0].element),
        Parameter("b", "in", batch[0].element),
        Parameter("c", "out", batch[0].out),
    ))  # fmt: skip
    a, b = _inputs(batch[0].element)
    data = {"a": a.astype(element).tobytes(), "b": b.astype(element).tobytes()}
    size = {"c": len(batch) * ITEMS * out.itemsize}
    done = execute_here(_kernel(batch), interface, [Case("one", data, size, {})])
    assert done.cases, done.diagnostics
    assert not done.cases[0].diagnostics, done.cases[0].diagnostics
    got = np.frombuffer(done.cases[0].outputs["c"], out).reshape(len(batch), ITEMS)
    wrong = []
    for found, s in zip(got, batch, strict=True):
        want = np.asarray(eval(s.result, {"np": np, "a": a, "b": b}))
        assert 0 < want.size <= ITEMS
        have = found[: want.size].astype(np.float64)
        if not np.allclose(have, want.astype(out).astype(np.float64), rtol=0.01, atol=0.01):
            wrong.append((s.id, have, want))
    assert not wrong


def test_every_public_name_of_the_headers_has_a_section() -> None:
    patterns = [p for s in NPU for p in s.symbols]
    names = headers.names() | headers.macros()
    assert len(names) > 500
    missing = sorted(n for n in names if not any(fnmatchcase(n, p) for p in patterns))
    assert missing == []


def test_every_symbol_of_a_section_is_in_the_headers() -> None:
    names = headers.names() | headers.macros()
    strange = [
        (s.id, p) for s in NPU for p in s.symbols if not any(fnmatchcase(n, p) for n in names)
    ]
    assert strange == []


def test_names_called_in_examples_exist_and_text_is_short() -> None:
    for s in sections():
        assert len(s.text.split()) + len(s.signature.split()) <= WORDS, s.id
        assert s.code, s.id
        assert s.result or s.language in ("cuda", "cpp"), s.id
        assert s.url.startswith("https://"), s.id
        assert not re.search(r"(?<![\w.])/(?:home|tmp|usr|root|work)\b", s.text + s.code), s.id


def test_prices_are_those_of_the_cost_table() -> None:
    found = {s.id: s.cost for s in sections()}
    assert "2 to its like" in found["mac"]  # integer VMAC: 5 - 3 + 1, forwarded a cycle early
    assert "blocks memory for 7 cycles" in found["stores"]
    assert "int_divide: a call of 40 cycles" in found["library"]


GOOD = 'id = "x"\ntitle = "t"\nchapter = "c"\nsignature = "s"\ntext = "t"\ncode = "c"\n'
HEAD = 'manual = "m"\nversion = "1"\nurl = "https://x"\ntarget = "t"\n[[section]]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + GOOD + GOOD.replace("id", "[[section]]\nid"), "'x' is repeated"),
        (HEAD + GOOD + "strange = 1\n", "unknown key 'strange'"),
        (HEAD + GOOD.replace('title = "t"', "title = 3"), "'title' must be a text"),
        (HEAD + GOOD + 'symbols = "one"\n', "'symbols' must be a list of texts"),
        (HEAD + GOOD + 'cost = ["no_such_operation"]\n', "no_such_operation"),
        (HEAD + GOOD + 'machine = ["no_such"]\n', "no_such"),
        ("[[section", "bad.toml cannot be used"),
        ("other = 1\n", "bad.toml cannot be used"),
        ("", "bad.toml cannot be used"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(InfrastructureError, match=re.escape(said)):
        load(tmp_path)


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(HEAD + GOOD)
    assert [s.id for s in load(tmp_path)] == ["x"]
    assert len(load(content("docs_index"))) == len(sections())
