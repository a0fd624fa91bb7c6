"""What a caller from Python gets wrong is one sentence, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kernelgepa
from kernelgepa.errors import InputError

OPTIMIZE = [
    ({"budget": 2.5}, r"--budget 2.5: expected a whole number of at least 1"),
    ({"jobs": "2"}, r"--jobs '2': expected a whole number of at least 1"),
    ({"budget": 1, "usd": "1"}, r"--usd '1': expected a number of more than 0"),
    ({"policy": "lenient"}, r"policy 'lenient': expected strict, npueval, kernelbench"),
    ({"proposer": object()}, r"object has no name, width, crosses, ceiling, propose"),
    ({"proposer": "playbook", "model": "a/b"}, r"the playbook asks no model"),
    ({"task": None}, r"expected a task's name or path, .* found NoneType None"),
    ({"task": ["relu_i8", "sum_i16"]}, r"kernelgepa\.tasks\.load .* found str 'relu_i8'"),
]


@pytest.mark.parametrize(("given", "expected"), OPTIMIZE, ids=[e for _, e in OPTIMIZE])
def test_optimize(given: dict[str, Any], expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=expected):
        kernelgepa.optimize(**{"task": "relu_i8", "out": tmp_path / "run", **given})
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("source", [None, b"void f() {}", {"launch": "x"}, {"kernel": 3}])
def test_what_is_no_kernel(source: Any) -> None:
    with pytest.raises(InputError, match="expected a kernel's text, the Path of its file, or"):
        kernelgepa.evaluate("relu_i8", source)


def test_paths_may_be_texts_or_paths(tmp_path: Path) -> None:
    task = Path(kernelgepa.__file__).parents[1] / "tasks" / "npu" / "relu_i8"
    (tmp_path / "secret").write_bytes(bytes(range(32)))
    found = kernelgepa.evaluate(task, task / "kernel.cc", secret_file=str(tmp_path / "secret"))
    assert found.correct
    with pytest.raises(InputError, match="nowhere is not an export"):
        kernelgepa.verify("nowhere")


def test_names_are_there_for_completion() -> None:
    assert set(kernelgepa.__all__) <= set(dir(kernelgepa))
