"""Tasks of one's own: from a Python function to a task folder, or to a Task object."""

from __future__ import annotations

import os
import pty
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import kernelgepa
from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.errors import InputError
from kernelgepa.judge.judge import KernelJudge
from kernelgepa.judge.secret import Secret
from kernelgepa.npu.target import NpuSim
from kernelgepa.tasks import new

SECRET = Secret(b"these functions are no secret at all")
FUNCTIONS = '''
import numpy as np

GAIN = 1.75
reference = "a name that the made file uses too"


def scaled(x, y):
    """GAIN * x + y, nothing below zero */ and no escape."""
    return np.maximum(x * GAIN + y, 0)


def saturated(a, b):
    return np.clip(a.astype(np.int16) + b, -100, 100).astype(np.int8)


def softmax(x):
    power = np.exp(x - x.max(axis=-1, keepdims=True))
    return power / power.sum(axis=-1, keepdims=True)


def ordered(x):
    return np.sort(x)


def raising(x):
    raise KeyError("no")


def nothing(x):
    pass


def endless(x):
    return np.log(-np.abs(x) - 1)


def wide(x):
    return np.tile(x, 64)


def words(x):
    return "text"


def leaves(x):
    raise SystemExit(0)


def flat(x):
    return x * 0 + 1
'''


@pytest.fixture(scope="module")
def target() -> Iterator[NpuSim]:
    with NpuSim() as made:
        yield made


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "mine.py").write_text(FUNCTIONS)
    (tmp_path / "broken.py").write_text("def f(x:\n")
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit(3)\n")
    (tmp_path / "tensors.py").write_text("import torch\n\ndef gelu(x):\n    return torch.relu(x)\n")
    (tmp_path / "there").mkdir()
    return tmp_path


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kernelgepa", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize(
    ("function", "inputs"),
    [
        ("scaled", "bfloat16[1024],bfloat16[1024]"),
        ("saturated", "int8[2048], int8[2048]"),
        ("softmax", "float32[8,64]"),
    ],
)
def test_two_commands_from_a_function_to_a_faster_kernel(work: Path, function: str, inputs: str):
    made = command("tasks", "new", "own", "--from", f"mine.py:{function}", "--inputs", inputs)
    assert made.returncode == 0, made.stderr
    assert tasks.check("own") == []
    done = command("optimize", "./own", "--budget", "2", "--out", "run")
    assert done.returncode == 0, done.stderr
    assert "judged again on fresh inputs" in done.stdout
    assert (work / "run" / "best" / "kernel.cc").read_text() != (work / "own/kernel.cc").read_text()


ROWS = [
    ("own", "none.py:f", "int8[4]", "none.py does not exist; expected --from as file.py:function"),
    ("own", "mine.py", "int8[4]", "expected --from as file.py:function, found 'mine.py'"),
    ("own", "mine.py:gone", "int8[4]", "mine.py has no function 'gone'; it has scaled, saturated"),
    ("own", "mine.py:GAIN", "int8[4]", "mine.py has no function 'GAIN'"),
    ("own", "broken.py:f", "int8[4]", "broken.py does not load: SyntaxError"),
    ("own", "leaving.py:f", "int8[4]", "leaving.py does not load: SystemExit: 3"),
    ("own", "mine.py:softmax", "int8", 'expected --inputs as "float32[1024],int8[8,64]"'),
    ("own", "mine.py:softmax", "int8[4]]", "expected --inputs as"),
    ("own", "mine.py:softmax", "float64[4]", "unknown element type 'float64'; expected one of"),
    ("own", "mine.py:softmax", "int8[0]", "expected 1 to 4 sizes above 0, found int8[0]"),
    ("own", "mine.py:softmax", "int8[4],int8[4]", "does not take 2 inputs: too many positional"),
    ("own", "mine.py:scaled", "int8[4],int8[5]", "fails on arrays of ones: ValueError"),
    ("own", "mine.py:softmax", "float32[99999]", "take 399996 bytes, expected at most 64512"),
    ("own", "mine.py:wide", "float32[999]", "take 259740 bytes, expected at most 64512"),
    ("own", "mine.py:raising", "int8[4]", "fails on arrays of ones: KeyError: 'no'"),
    ("own", "mine.py:leaves", "int8[4]", "fails on arrays of ones: SystemExit: 0"),
    ("own", "there:f", "int8[4]", "there is no file; expected --from as file.py:function"),
    ("own", "mine.py:nothing", "int8[4]", "it returns nothing"),
    ("own", "mine.py:endless", "float32[4]", "values that are not finite for every range"),
    ("own", "mine.py:words", "int8[4]", "expected an array of numbers"),
    ("own", "tensors.py:gelu", "float32[4]", "works on tensors of torch; ask from Python, by kern"),
    ("there", "mine.py:softmax", "int8[4]", "there exists already; choose another name"),
    ("Own", "mine.py:softmax", "int8[4]", "'Own' is no name for a task"),
    ("no/own", "mine.py:softmax", "int8[4]", "no is not a folder"),
]


@pytest.mark.parametrize(("name", "origin", "inputs", "expected"), ROWS)
def test_what_makes_no_task_is_one_sentence(
    work: Path, name: str, origin: str, inputs: str, expected: str
):
    with pytest.raises(InputError) as raised:
        new.folder(name, origin, inputs)
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (work / "own").exists()


def test_a_folder_that_cannot_be_written_whole_is_not_left(
    work: Path,
):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(InputError, match="cannot write own: File too large"):
            new.folder("own", "mine.py:softmax", "float32[8,64]")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (work / "own").exists()


def test_bad_input_ends_the_command_with_code_2(work: Path):
    for words in (["own", "--from", "none.py:f", "--inputs", "int8[4]"], ["own"], []):
        done = command("tasks", "new", *words)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr


def test_on_a_terminal_it_asks_for_what_is_missing(work: Path):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "kernelgepa", "tasks", "new"],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as asking:  # fmt: skip
        os.write(ours, b"own\nmine.py:softmax\nfloat32[64]\n")
        said, _ = asking.communicate(timeout=120)
    os.close(ours)
    os.close(theirs)
    assert asking.returncode == 0, said
    assert tasks.load("own").workloads[0].shapes == {"x": (64,), "out": (64,)}


def test_a_function_that_cannot_be_followed_starts_from_a_stub(work: Path):
    assert new.folder("own", "mine.py:ordered", "int8[64]").endswith("it calls np.sort")
    assert "Implementation goes here" in tasks.load("own", "stub").seeds["canonical"]


def test_a_degenerate_task_is_explained(work: Path):
    new.folder("own", "mine.py:flat", "int8[64]")
    (found,) = tasks.check("own")
    assert "a kernel that writes 1 everywhere passes as 'out'" in found
    text = (work / "mine.py").read_text() + "\n\ndef table(x):\n    return x * 0 + np.arange(64)\n"
    (work / "mine.py").write_text(text)
    new.folder("other", "mine.py:table", "int32[64]")
    assert ["'out' is the same for all inputs" in s for s in tasks.check("other")] == [True]


def array(name: str, *shape: int) -> Any:
    """Numbers all over the type's usual range."""
    rng = np.random.default_rng(0)
    if name in ("float32", "bfloat16"):
        made = rng.uniform(-4, 4, shape)
        return made.astype(ml_dtypes.bfloat16 if name == "bfloat16" else name)
    info = np.iinfo(name)
    made = rng.integers(info.min, info.max, shape, dtype=name, endpoint=True)
    made.flat[:2] = info.min, info.max
    return made


F, B, I8, U8 = array("float32", 64), array("bfloat16", 64), array("int8", 64), array("uint8", 64)
I16, U16, I32 = array("int16", 64), array("uint16", 64), array("int32", 64)
M, N = array("int8", 8, 16), array("int8", 16, 8)
WEIGHTS = np.linspace(-2, 2, 64, dtype=np.float32)
COLUMNS = np.arange(-24, 24).reshape(16, 3)
FOLLOWED: list[tuple[Callable[..., Any], list[Any]]] = [
    (lambda a, b: a + b, [I8, I8[::-1]]),
    (lambda a, b: a * b - a, [I8, U8]),
    (lambda a, b: a * b, [I16, U16]),
    (lambda a, b: a * b + a, [I32, I32[::-1]]),
    (lambda a, b: a - b, [U8, U8[::-1]]),
    (lambda a: -abs(a), [I8]),
    (lambda a: (a >> 2) + (a & 7) ^ 3, [I16]),
    (lambda a: np.square(a), [I16]),
    (lambda a, b: np.where(a < b, a, b).astype(np.uint8), [I8, U8]),
    (lambda a, b: (a > b) & (a != 3), [I8, U8]),
    (lambda a: np.where(a > 0.5, a, a * 0.25), [B]),
    (lambda a: np.clip(np.rint(a * 10), -20, 30).astype(np.int8), [F]),
    (lambda a: np.tanh(a) + np.sqrt(np.abs(a)) / 2 - a**2, [F]),
    (lambda a: (a.sum(), a.max(), a.min(), a.mean()), [I8]),
    (lambda a: (a - a.mean()) / np.sqrt(a.var() + 1e-5), [F]),
    (lambda a: a / (1 + np.exp(-a)), [B]),
    (lambda a: (a[:-2] + 2 * a[1:-1] + a[2:]) / 4, [F]),
    (lambda a: a[::2].astype(np.int16) - a[1::2], [I8]),
    (lambda a: a.T + a[:1, 0], [M]),
    (lambda a, b: a @ b, [M, N]),
    (lambda a, b: a.astype(np.int32) @ b, [M, N]),
    (lambda a, b: np.dot(a, b), [F, F[::-1]]),
    (lambda a, b: a.astype(np.int16).max(axis=0) * b.sum(axis=1, dtype=np.int32)[:8].sum(), [M, N]),
    (lambda a: np.sum(a, axis=(0, 1), keepdims=True) - a, [M]),
    (lambda a: a.astype(np.float32) * 0.5 - 3, [U16]),
    (lambda a, b: (a + b) >> 1, [I8, I8[::-1]]),
    (lambda a, b: np.maximum(a - b, 3), [U8, U8[::-1]]),
    (lambda a: np.where(a * a > 5, a, 0), [I16]),
    (lambda a, b: (a * b + a * b * b) >> 4, [I32, I32[::-1]]),
    (lambda a, b: (a @ b) >> 1, [M, N]),
    (lambda a: np.abs(a) > -5, [I8]),
    (lambda a: a.astype(np.int8).astype(np.int32) + (-a.astype(np.uint8)).sum(), [I16]),
    (lambda a: np.square(a.astype(np.int32) * 4001).astype(np.float32), [I16]),
    (lambda a: a.sum(dtype=np.int8) / 4, [I8]),
    (lambda a: a.sum(dtype=np.int32) >> 3, [I32 * 3]),
    (lambda a: (a.astype(np.int32) @ a.astype(np.int32)) >> 3, [I16]),
    (lambda a: a * WEIGHTS + WEIGHTS.sum(), [F]),
    (lambda a: a.astype(np.int32) @ COLUMNS, [M]),
    (lambda a: sum(w * a[k : k + 61] for k, w in enumerate((0.25, -1.5, 2.0, 0.5))), [F]),
]


@pytest.mark.parametrize("case", range(len(FOLLOWED)))
def test_the_seed_computes_what_numpy_does(target: NpuSim, case: int):
    function, examples = FOLLOWED[case]
    task = new.in_memory(function, examples)
    verdict = KernelJudge(target, secret=SECRET).whole(
        task, Candidate.kernel(task.seeds["canonical"])
    )
    wrong = [(w.workload, w.mismatches, w.diagnostics) for w in verdict.workloads if not w.correct]
    assert verdict.correct, (task.seeds["canonical"], verdict.diagnostics, wrong)


def test_functions_that_no_kernel_can_follow_have_only_a_stub():
    for function in (
        lambda a: a if a[0] > 0 else -a,
        lambda a: np.array([v + 1 for v in a]),
        lambda a: np.sort(a),
        lambda a: a.reshape(8, 8),
        lambda a: a[np.argsort(a)],
    ):
        assert set(new.in_memory(function, [F]).seeds) == {"stub"}


def test_optimize_takes_a_function(work: Path):
    gain = np.float32(0.5)
    result = kernelgepa.optimize(
        lambda x, y: x * gain + y, example_inputs=[F, F[::-1]], budget=2, out="run"
    )
    assert result.confirmed
    assert result.speedup is not None
    assert result.speedup > 1


def test_optimize_says_what_a_function_needs(work: Path):
    with pytest.raises(InputError, match="a function needs example_inputs"):
        kernelgepa.optimize(np.tanh)
    with pytest.raises(InputError, match="example_inputs go with a function"):
        kernelgepa.optimize("relu_i8", example_inputs=[F])
    with pytest.raises(InputError, match="has no 'canonical' start"):
        kernelgepa.optimize(np.sort, example_inputs=[F])
    with pytest.raises(InputError, match="example input 1 is <U1"):
        kernelgepa.optimize(np.tanh, example_inputs=["a"])


def test_two_functions_that_differ_in_a_constant_have_different_digests():
    made = [new.in_memory(lambda x, k=k: np.sort(x) * k, [F]) for k in (2, 3)]
    assert made[0].seeds == made[1].seeds
    assert made[0].digest != made[1].digest
