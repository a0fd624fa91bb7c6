"""Whatever a user gets wrong is one sentence on stderr, exit code 2, and nothing on stdout."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import RECORDS, Done

from kernelgepa.measured import devices

ROOT = Path(__file__).resolve().parents[2]
MINI = ROOT / "tests" / "kernelbench" / "checkout"
GOOD = """/*
>>> shift([1, 2])
in size: 64
*/
#include <aie_api/aie.hpp>
void shift(int8_t *in, int8_t *out) {
    for (int i = 0; i < 64; i++) out[i] = in[i] >> 1;
}
"""


def files(work: Path) -> None:
    """What the rows below name."""
    (work / "good.cc").write_text(GOOD)
    (work / "good.py").write_text("class ModelNew: ...\n")
    (work / "aside" / "best").mkdir(parents=True)
    (work / "empty.cc").write_text("")
    (work / "blank.cc").write_text(" \n\t\n")
    (work / "binary.cc").write_bytes(bytes(range(256)))
    (work / "nul.cc").write_bytes(b"void relu_i8(int8_t *a, int8_t *b) {}\0")
    (work / "utf16.cc").write_bytes(GOOD.encode("utf-16"))
    (work / "huge.cc").write_text(GOOD + " " * (1 << 20))
    (work / "plain.cc").write_text("int answer = 42;\n")
    (work / "sizeless.cc").write_text(
        "void twice(int8_t *in, int8_t *out, int32_t n) {\n"
        "    for (int i = 0; i < n; i++) out[i] = in[i] * 2;\n}\n"
    )
    (work / "double.cc").write_text(GOOD.replace("int8_t", "double"))
    (work / "notes.txt").write_text("not a task\n")
    (work / "loop.cc").symlink_to(work / "loop.cc")
    (work / "folder").mkdir()
    (work / "folder.cc").mkdir()
    (work / "bad.jsonl").write_text('{"kernel_name": \n')
    (work / "keys.jsonl").write_text('{"kernel_name": "k"}\n')
    (work / "list.jsonl").write_text("[1, 2]\n")
    (work / "empty.jsonl").write_text("")
    (work / "rows.jsonl").write_text('{"code": "", "level": 1, "name": "x", "problem_id": 1}\n')
    (work / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    (work / "short.key").write_bytes(b"short")
    (work / "old").mkdir()
    (work / "old" / "events.jsonl").write_text('{"event":"start","version":1}\n')
    for name, text in {"torn": '{"event":', "newer": '{"event":"start","version":99}\n'}.items():
        (work / name).mkdir()
        (work / name / "events.jsonl").write_text(text)
    (work / "broken").mkdir()
    (work / "broken" / "record.json").write_text('{"format": 1')
    (work / "odd").mkdir()
    (work / "odd" / "record.json").write_text('{"format": 1, "files": 3}')


RECORD = RECORDS.read_text().split('"kernel_name": "')[1].split('"')[0]
ROWS = [
    # the command's words, what the sentence says
    ("optimise relu_i8", r"No such command 'optimise'.*optimize"),
    ("tasks lst", r"No such command 'lst'.*list"),
    ("optimize", r"Missing argument 'TASK' .*kernelgepa optimize --help"),
    ("evaluate relu_i8", r"Missing argument 'KERNEL'"),
    ("optimize relu_i8 --bugdet 3", r"No such option '--bugdet'.*--budget"),
    ("doctor now", r"unexpected extra argument"),
    # budget and the other numbers
    (
        "optimize relu_i8 --budget 0",
        r"'--budget': expected a whole number of at least 1, found '0'",
    ),
    ("optimize relu_i8 --budget -5", r"'--budget': expected a whole number .* found '-5'"),
    ("optimize relu_i8 --budget many", r"'--budget': expected a whole number .* found 'many'"),
    ("optimize relu_i8 --budget 2.5", r"'--budget': expected a whole number .* found '2.5'"),
    ("optimize relu_i8 --budget nan", r"'--budget': expected a whole number .* found 'nan'"),
    ("optimize relu_i8 --budget", r"'--budget' requires an argument"),
    ("optimize relu_i8 --jobs 0", r"'--jobs': expected a whole number of at least 1"),
    ("optimize relu_i8 --jobs 100000", r"'--jobs': expected .* at most 256, found '100000'"),
    ("optimize relu_i8 --seed x", r"'--seed': expected a whole number, found 'x'"),
    # words from a list
    (
        "optimize relu_i8 --proposer playbok",
        r"'--proposer': expected playbook or llm, .*mean playbook",
    ),
    (
        "optimize relu_i8 --start stup",
        r"'--start': expected canonical or stub, .*mean stub",
    ),
    ("optimize relu_i8 --compat strict", r"'--compat': expected npueval or kernelbench, found"),
    # what is no task
    ("optimize relu_i9", r"unknown task 'relu_i9'; did you mean relu_i8"),
    ("evaluate relu_i9 good.cc", r"unknown task 'relu_i9'; did you mean relu_i8"),
    ("tasks show relu_i9", r"unknown task 'relu_i9'; did you mean relu_i8"),
    ("tasks check relu_i9", r"unknown task 'relu_i9'; did you mean relu_i8"),
    ("optimize nothing-like-it", r"unknown task 'nothing-like-it'; .*kernelgepa tasks list"),
    ("optimize no/such/folder", r"no/such/folder does not exist"),
    ("optimize missing.cc", r"missing\.cc does not exist"),
    ("optimize notes.txt", r"notes\.txt is not a task: expected a folder with task\.toml"),
    ("optimize folder", r"folder.* no task\.toml|task\.toml"),
    (f"optimize {MINI}", r"holds no task: .*; a checkout of KernelBench is kernelbench:/"),
    ("optimize rows.jsonl", r"'kernel_name' is missing; rows of KernelBench's are kernelbench:"),
    ("optimize folder.cc", r"folder\.cc.*task\.toml"),
    ("optimize loop.cc", r"loop\.cc"),
    # C++ files as tasks
    ("optimize empty.cc", r"empty\.cc is empty"),
    ("optimize blank.cc", r"blank\.cc is empty"),
    ("optimize binary.cc", r"binary\.cc is not UTF-8 text"),
    ("optimize utf16.cc", r"utf16\.cc is not UTF-8 text"),
    ("optimize plain.cc", r"plain\.cc: expected a kernel `void name\(.*found none"),
    ("optimize double.cc", r"double\.cc: .*'shift'.*known types, found none"),
    ("optimize sizeless.cc", r"sizeless\.cc: the value of 'n' is not known; add a line"),
    # records
    ("optimize missing.jsonl#k", r"missing\.jsonl does not exist; expected a JSONL file"),
    ("optimize good.cc#", r"'good\.cc#' is incomplete: expected FILE\.jsonl#kernel_name"),
    ("optimize bad.jsonl#k", r"bad\.jsonl line 1: expected a JSON record"),
    ("optimize keys.jsonl#k", r"keys\.jsonl line 1: .*'prompt' is missing"),
    ("optimize list.jsonl#k", r"list\.jsonl line 1: expected an NPUEval record"),
    ("optimize empty.jsonl#k", r"empty\.jsonl is empty"),
    ("optimize binary.jsonl#k", r"binary\.jsonl is not UTF-8 text"),
    (f"optimize {RECORDS}#{RECORD}x", rf"has no record '{RECORD}x' among \d+; .*{RECORD}"),
    (f"evaluate {RECORDS} good.cc", r"holds \d+ records: say which, as in .*#"),
    ("optimize empty.jsonl", r"empty\.jsonl is empty"),
    ("optimize list.jsonl", r"list\.jsonl line 1: expected an NPUEval record"),
    # budgets in other units, and models
    ("optimize relu_i8 --usd nan", r"'--usd': expected a number of more than 0, found 'nan'"),
    ("optimize relu_i8 --usd 0", r"'--usd': expected a number of more than 0, found '0'"),
    ("optimize relu_i8 --minutes -1", r"'--minutes': expected a number .* found '-1'"),
    ("optimize relu_i8 --rollouts 0", r"'--rollouts': expected a whole number of at least 1"),
    ("optimize relu_i8 --minibatch 0", r"'--minibatch': expected a whole number of at least 1"),
    ("optimize relu_i8 --gate all", r"'--gate': expected any or sum, found 'all'"),
    ("optimize relu_i8 --templates none", r"--templates none: expected a folder, found none"),
    ("optimize relu_i8 --api-base http://x", r"--api-base is about a language model, .*--model"),
    ("optimize relu_i8 --price-in 1", r"--price-in is about a language model, .*add --model"),
    # benches
    ("bench kernelbech", r"No such command 'kernelbech'.*kernelbench"),
    ("bench kernelbench", r"Missing argument 'PATH'"),
    (f"bench kernelbench {MINI}", r"Missing option '--run'"),
    ("bench kernelbench none --run x", r"none does not exist; expected a KernelBench checkout"),
    ("bench kernelbench folder --run x", r"folder holds no problem: expected KernelBench/level1"),
    (f"bench kernelbench {MINI} --run a/b", r"--run: expected letters, .* found 'a/b'"),
    (f"bench kernelbench {MINI} --run old --out .", r"old is there and is no bench; .*--run"),
    (
        f"bench kernelbench {MINI} --run x --levels 9",
        r"no problem of level 9; it has those of 1-2",
    ),
    (f"bench kernelbench {MINI} --run x --levels one", r"--levels 'one': expected numbers .*1,4-7"),
    (f"bench kernelbench {MINI} --run x --subset some", r"expected representative, all or numbers"),
    (f"bench kernelbench {MINI} --run x --subset 99", r"level 1, 2 has no problem 99"),
    (f"bench kernelbench {MINI} --run x --device gpu", r"device 'gpu': expected cpu, or cuda:0"),
    (f"bench kernelbench {MINI} --run x --samples 0", r"'--samples': expected a whole number"),
    (f"bench kernelbench {MINI} --run x --price-in 1", r"--price-in is about a language model"),
    (f"bench kernelbench {MINI} --run x --evaluate-only none", r"none is no directory; expected"),
    (f"bench kernelbench {MINI} --run x --evaluate-only folder", r"folder has no kernels; .*_kern"),
    (f"bench kernelbench {MINI} --run x --proposer llm", r"the llm proposer asks .* --model"),
    (f"bench kernelbench {MINI} --run x --compat npueval", r"'--compat': expected kernelbench"),
    ("bench npueval missing.jsonl --run x", r"cannot read missing\.jsonl: No such file"),
    ("bench npueval empty.jsonl --run x", r"empty\.jsonl is empty"),
    ("bench npueval keys.jsonl --run x", r"keys\.jsonl line 1: .*'prompt' is missing"),
    (f"bench npueval {RECORDS} --run ..", r"--run: expected letters, .* found '\.\.'"),
    (f"bench npueval {RECORDS} --run x --start new", r"'--start': expected stub or canonical"),
    (f"bench npueval {RECORDS} --run x --evaluate-only none", r"none is no directory; expected"),
    (f"bench npueval {RECORDS} --run x --evaluate-only folder", r"folder has none of the kernels"),
    ("bench emit-baseline none", r"none does not exist; expected a KernelBench checkout"),
    (f"bench emit-baseline {MINI} --trials 0", r"'--trials': expected a whole number of at least"),
    (f"bench emit-baseline {MINI} --hardware a/b", r"the name of the hardware: expected letters"),
    (f"bench emit-baseline {MINI} --device cpu,cuda", r"device 'cuda': expected cpu, or cuda:0"),
    ("bench npueval folder --run x", r"cannot read folder: Is a directory; expected a file"),
    # what is not for this task, and a device that is not here
    ("optimize relu_i8 --compat kernelbench", r"relu_i8: KernelBench's rules are for modules"),
    ("optimize softmax_rows --compat npueval", r"softmax_rows: NPUEval's rules are for kernels"),
    ("optimize softmax_rows --device gpu", r"device 'gpu': expected cpu, or cuda:0"),
    ("optimize relu_i8 --device cuda:0", r"relu_i8: its target npu-sim is simulated, not on cuda"),
    ("evaluate relu_i8 good.cc --device cuda:0", r"relu_i8: its target npu-sim is simulated"),
    ("manual --target nup-sim mul", r"'--target': expected npu-sim or .* did you mean npu-sim"),
    # contradictions, empty words and names no file can have
    ("optimize relu_i8 --usd 1", r"--usd is about a language model, and none is named; add --mod"),
    ("optimize relu_i8 --proposer playbook --model x/y", r"the playbook asks no model, and --mo"),
    ("optimize relu_i8 --out=", r"'--out': expected a path, found an empty word"),
    (f"evaluate relu_i8 {'k' * 300}", r"cannot use k+…k+: File name too long"),
    (f"optimize {'k' * 300}.cc", r"cannot use k+…k+\.cc: File name too long; expected a path that"),
    (f"optimize relu_i8 --out {'k' * 300}", r"cannot make the run directory k+: File name too lo"),
    ("optimize relu_i8 --templates folder", r"--templates .*folder: no template \(\*\.md\.j2\)"),
    # runs
    ("show none", r"none is not a run: expected a directory with events\.jsonl"),
    ("show .", r"\. is not a run: .*; there is one in newer"),
    ("show good.cc", r"good\.cc is not a run"),
    ("resume none", r"none is not a run"),
    ("resume torn", r"the journal of torn is damaged"),
    ("show torn", r"the journal of torn is damaged"),
    ("resume newer", r"newer was written by a newer version .*upgrade kernelgepa"),
    ("show newer", r"newer was written by a newer version"),
    ("resume old", r"the journal of old is damaged"),
    ("export none --out made", r"none is not a run"),
    ("export old", r"Missing option '--out'"),
    ("verify none", r"none is not an export: expected a directory with record\.json"),
    ("verify folder", r"folder is not an export: .*, found No such file or directory\n"),
    ("verify broken", r"broken/record\.json is damaged: it is no JSON text"),
    ("verify odd", r"odd/record\.json is damaged"),
    # kernels
    ("evaluate relu_i8 missing.cc", r"cannot read the kernel missing\.cc: No such file"),
    ("evaluate relu_i8 folder", r"folder has no kernel: expected kernel\.cc"),
    ("evaluate relu_i8 aside", r"aside has no kernel: expected kernel\.cc, .* is in aside/best"),
    ("evaluate softmax_rows good.cc", r"good\.cc can be no kernel of softmax_rows: .* are Python,"),
    ("evaluate relu_i8 good.py", r"good\.py can be no kernel of relu_i8: .* ends in \.cc"),
    ("evaluate relu_i8 loop.cc", r"cannot read the kernel loop\.cc: .*symbolic links"),
    ("evaluate relu_i8 good.cc/x", r"cannot read the kernel good\.cc/x: Not a directory"),
    ("evaluate relu_i8 /proc/self/mem", r"cannot read the kernel /proc/self/mem"),
    ("evaluate relu_i8 /dev/zero", r"the kernel /dev/zero has more than 1,048,576 bytes"),
    ("evaluate relu_i8 huge.cc", r"the kernel huge\.cc has more than 1,048,576 bytes"),
    ("evaluate relu_i8 empty.cc", r"the kernel empty\.cc is empty; expected a source file"),
    ("evaluate relu_i8 blank.cc", r"the kernel blank\.cc is empty"),
    ("evaluate relu_i8 binary.cc", r"the kernel binary\.cc is not UTF-8 text \(byte 128\)"),
    ("evaluate relu_i8 nul.cc", r"the kernel nul\.cc holds a NUL byte"),
    # files of a run
    ("evaluate relu_i8 good.cc --secret-file none", r"cannot read the secret file none"),
    ("evaluate relu_i8 good.cc --secret-file /dev/zero", r"/dev/zero has more than 1,048,576 byt"),
    ("optimize relu_i8 --secret-file short.key", r"short\.key has 5 bytes, expected at least 32"),
    ("optimize relu_i8 --out old", r"old already holds a run; .*choose a new directory with --out"),
    ("optimize relu_i8 --out good.cc", r"cannot make the run directory good\.cc: File exists"),
    ("optimize relu_i8 --out good.cc/run", r"cannot make the run directory good\.cc/run: Not a d"),
    ("optimize relu_i8 --out /proc/run", r"cannot make the run directory /proc/run"),
]


@pytest.mark.parametrize(("words", "expected"), ROWS, ids=[w[:80] for w, _ in ROWS])
def test_bad_input_is_one_sentence(
    words: str, expected: str, work: Path, command: Callable[..., Done]
):
    files(work)
    before = sorted(work.rglob("*"))
    done = command(*words.split())
    assert (done.code, done.out) == (2, "")
    assert re.fullmatch(r"error: [^\n]+\n", done.err)
    assert re.search(expected, done.err)
    assert sorted(work.rglob("*")) == before  # nothing is left behind by what did not begin


EDITS = [
    ("task.toml", 'name = "relu_i8"', "name = ", r"task\.toml is not TOML"),
    ("task.toml", 'name = "relu_i8"', "", r"key 'name' is missing"),
    ("task.toml", 'target = "npu-sim"', 'target = "npu-simm"', r"target: .*npu-sim"),
    ("task.toml", "shapes = ", 'shpaes = "fixed"\nshapes = ', r"'shpaes'; did you mean 'shapes'"),
    ("task.toml", 'dtype = "int8"', 'dtype = "int9"', r"dtype: .*int8.*int9"),
    (
        "kernel.cc",
        "void relu_i8(",
        "void relu(",
        r"expected .*`void relu_i8\(.*found: relu",
    ),
    ("kernel.cc", "int8_t *in", "int16_t *in", r"declares parameter `int8 \*in`, the kernel has"),
    ("reference.py", "def reference", "def referense", r"reference\.py.* reference"),
    ("reference.py", "def reference", "def reference(:\ndef other", r"reference\.py"),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), EDITS)
def test_bad_task_folder_is_one_sentence(
    file: str, old: str, new: str, expected: str,
    folder: Callable[..., Path], command: Callable[..., Done],
):  # fmt: skip
    made = folder(file, old, new)
    for words in (["optimize", str(made)], ["tasks", "show", str(made)]):
        done = command(*words)
        assert (done.code, done.out) == (2, "")
        assert re.fullmatch(r"error: [^\n]+\n", done.err)
        assert re.search(expected, done.err)
    checked = command("tasks", "check", str(made))
    assert (checked.code, checked.err) == (1, "")
    assert re.search(expected, checked.out)


def test_a_process_ends_without_a_traceback(process: Callable[..., Done]):
    done = process("evaluate", "relu_i9", "kernel.cc", "--json")
    assert (done.code, done.out) == (2, "")
    near = "relu_i8 or add_relu_triton or threshold_i16"
    assert done.err == f"error: unknown task 'relu_i9'; did you mean {near}?\n"


def test_names_of_any_bytes_are_printed(work: Path, process: Callable[..., Done]):
    name = os.fsdecode(b"caf\xc3\xa9 \xff.cc")
    (work / name).write_text("")
    done = process("evaluate", "relu_i8", name, env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    assert done.code == 2
    assert re.fullmatch(r"error: the kernel caf\S+ \S+\.cc is empty; [^\n]+\n", done.err)


@pytest.mark.parametrize("kind", ["missing", "folder", "empty"])
def test_continuous_integration_refuses_to_run_without_records(tmp_path: Path, kind: str):
    records = tmp_path / "records.jsonl"
    if kind == "folder":
        records.mkdir()
    elif kind == "empty":
        records.touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "dirname").symlink_to("/usr/bin/dirname")  # and no make
    done = subprocess.run(
        [ROOT / ".ci" / "run"],
        env={"PATH": str(tmp_path / "bin"), "KERNELGEPA_NPUEVAL": str(records)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "set KERNELGEPA_NPUEVAL to a JSONL file of records" in done.stderr


@pytest.mark.parametrize("words", ["optimize softmax_rows", "evaluate softmax_rows good.py"])
def test_a_gpu_that_is_not_here_is_said_before_anything_runs(
    words: str, work: Path, command: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
):
    files(work)
    monkeypatch.setattr(devices, "missing", lambda device: "there is no GPU here")
    done = command(*words.split(), "--device", "cuda:0")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(
        "device cuda:0: there is no GPU here; kernels can be judged on cpu here\n"
    )
    assert not (work / "runs").exists()
