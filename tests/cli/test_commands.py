"""What the commands do, and what they print into a pipe, on a terminal, and as JSON."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from cli_support import RECORDS, Done

from kernelgepa import __version__, tasks
from kernelgepa.verdict import Stage

FAST = """#include <aie_api/aie.hpp>
void relu_i8(int8_t *__restrict in, int8_t *__restrict out) {
    for (int i = 0; i < 1024; i += 64)
        aie::store_v(out + i, aie::max(aie::load_v<64>(in + i), int8_t(0)));
}
"""
HEADED = """/*
>>> halve([1, 2])
in size: 256
*/
#include <aie_api/aie.hpp>
void halve(int8_t *in, int8_t *out) {
    for (int i = 0; i < 256; i++) out[i] = in[i] >> 1;
}
"""


def records() -> list[dict[str, str]]:
    return [json.loads(line) for line in RECORDS.read_text().splitlines()]


def test_evaluate_says_correct(work: Path, process: Callable[..., Done]):
    """In a home where kernelgepa has never run."""
    (work / "kernel.cc").write_text(tasks.load("relu_i8").seeds["canonical"])
    done = process("evaluate", "relu_i8", "kernel.cc", env={"XDG_CACHE_HOME": ""})
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("relu_i8: correct; judged in ")
    assert "cost (modelled)" in done.out
    assert "\x1b" not in done.out


WRONG = [
    # old text of FAST, new text, stage, what is said of it
    ("64)\n", "64) if (i < 960)\n", "trapped", "depend on memory the kernel was not given"),
    ("int8_t(0)", "int8_t(1)", "wrong values", r"first wrong one is \["),
    ("aie::max", "aie::maxx", "does not compile", "maxx"),
    ("relu_i8", "relu", "does not compile", r"called as relu_i8\(int8_t\*, int8_t\*\)"),
    (
        "int8_t *__restrict out",
        "int16_t *__restrict out",
        "does not compile",
        r"kernel.cc:\d+: err",
    ),
    ("in + i)", "in + i + 1)", "trapped", "aligned"),
    ("{\n", '{ asm("nop");\n', "refused", "assembly"),
]


@pytest.mark.parametrize(("old", "new", "stage", "said"), WRONG)
def test_evaluate_says_what_is_wrong(
    old: str, new: str, stage: str, said: str, work: Path, command: Callable[..., Done]
):
    assert old in FAST
    (work / "kernel.cc").write_text(FAST.replace(old, new, 1))
    done = command("evaluate", "relu_i8", "kernel.cc")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith(f"relu_i8: not correct: {stage}")
    assert re.search(said, done.out)


def test_evaluate_says_what_is_wrong_as_json(work: Path, command: Callable[..., Done]):
    (work / "kernel.cc").write_text(FAST.replace("int8_t(0)", "int8_t(1)", 1))
    found = command("evaluate", "relu_i8", "kernel.cc", "--json")
    verdict = json.loads(found.out)
    assert (found.code, found.err, verdict["correct"]) == (1, "", False)
    assert {w["stage"] for w in verdict["workloads"]} == {Stage.COMPARE}


def test_evaluate_json_has_correct_on_top_and_tags_on_numbers(
    work: Path, command: Callable[..., Done]
):
    (work / "kernel.cc").write_text(FAST)
    done = command("evaluate", "relu_i8", "kernel.cc", "--json")
    verdict = json.loads(done.out)
    assert (done.code, done.err, verdict["correct"]) == (0, "", True)
    assert {w["cost"]["tag"] for w in verdict["workloads"]} == {"modelled"}
    assert {w["workload"] for w in verdict["workloads"]} >= {"all", "negative"}


def test_evaluate_takes_a_record_and_npuevals_tolerances(work: Path, command: Callable[..., Done]):
    record = records()[0]
    spec = f"{RECORDS}#{record['kernel_name']}"
    text = json.loads(command("tasks", "show", spec, "--json").out)["seeds"]["canonical"]
    (work / "kernel.cc").write_text(text)
    strict = json.loads(command("evaluate", spec, "kernel.cc", "--json").out)
    compat = json.loads(command("evaluate", spec, "kernel.cc", "--compat", "npueval", "--json").out)
    assert (strict["correct"], strict["policy"]) == (True, "strict")
    assert (compat["correct"], compat["policy"]) == (True, "npueval")


def test_optimize_finds_a_faster_kernel_and_says_how_to_judge_it(
    work: Path, process: Callable[..., Done], command: Callable[..., Done]
):
    done = process("optimize", "relu_i8", "--budget", "3", "--out", "a run")
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    result = json.loads((work / "a run" / "result.json").read_text())
    assert result["correct"] and result["confirmed"] and result["start"] == "canonical"
    assert result["speedup"]["tag"] == "modelled" and result["speedup"]["value"] > 8
    line = re.search(r"judge it again: python -m kernelgepa (.*)", done.out)
    assert line
    again = command(*shlex.split(line[1]), "--json")
    assert (again.code, json.loads(again.out)["correct"]) == (0, True)
    more = command("optimize", "relu_i8", "--out", "a run")
    assert (more.code, more.out) == (2, "")


def test_optimize_json_is_alone_on_stdout(work: Path, process: Callable[..., Done]):
    (work / "mine.cc").write_text(HEADED)
    done = process("optimize", "mine.cc", "--budget", "2", "--json")
    *steps, result = map(json.loads, done.out.splitlines())
    assert (done.code, done.err, result.pop("event")) == (0, "", "result")
    assert (result["correct"], list(result["tasks"])) == (True, ["halve"])
    assert {s["event"] for s in steps} == {"step"}
    assert [s["step"] for s in steps] == list(range(1, len(steps) + 1))
    assert any("vectorise" in s["note"] and s["accepted"] for s in steps)
    (run,) = (work / "runs").iterdir()
    assert json.loads((run / "result.json").read_text()) == result


def test_optimize_that_finds_nothing_correct_exits_with_one(
    work: Path, command: Callable[..., Done]
):
    done = command("optimize", "sum_i16", "--start", "stub", "--budget", "1", "--out", "run")
    assert done.code == 1
    assert "no correct kernel in" in done.out
    assert json.loads((work / "run" / "result.json").read_text())["correct"] is False


def test_show_names_what_an_edit_goes_back_to(work: Path, command: Callable[..., Done]):
    command("optimize", "relu_i8", "--budget", "1", "--out", "run")
    events = [json.loads(line) for line in (work / "run" / "events.jsonl").open()]
    (made,) = [e["proposal"]["citations"] for e in events if e["event"] == "proposed"]
    shown = command("show", "run")
    assert shown.code == 0
    assert made
    for cited in made:
        assert f"\n  {cited}\n" in shown.out


def test_manual_finds_sections(command: Callable[..., Done]):
    listed = command("manual")
    assert (listed.code, listed.err) == (0, "")
    assert len(listed.out.splitlines()) > 70
    found = json.loads(command("manual", "aie::reduce_add", "--count", "1", "--json").out)
    assert [s["id"] for s in found] == ["reduce-add"]
    one = command("manual", "handbook:restrict")
    assert one.out.startswith("### __restrict pointers [handbook:restrict]\n```cpp\n")
    message = "no member named 'vadd' in namespace 'aie'"
    assert "[handbook:add-sub]" in command("manual", message).out
    said = command("manual", 'k.cu(20): error: identifier "_syncthreads" is undefined').out
    assert said.startswith("- there is no _syncthreads")
    assert "[handbook:cuda-sync]" in said
    none = command("manual", "zzzz")
    assert none.code == 1 and "nothing in the handbook" in none.out
    assert json.loads(command("manual", "zzzz", "--json").out) == []


def test_tasks_list_show_and_check(folder: Callable[..., Path], command: Callable[..., Done]):
    listed = command("tasks", "list")
    rows = json.loads(command("tasks", "list", "--json").out)
    assert listed.code == 0
    blocks = [block.splitlines() for block in listed.out.split("\n\n")]
    found = {b[0]: [line.split()[0] for line in b[2:]] for b in blocks}
    assert set(found) == {f"target {r['target']}" for r in rows}
    for title, names in found.items():
        assert names == [r["name"] for r in rows if f"target {r['target']}" == title]
    shown = command("tasks", "show", "rms_norm_bf16")
    assert shown.code == 0
    assert "void rms_norm_bf16(" in shown.out and "hidden" in shown.out
    made = folder()
    good = command("tasks", "check", str(made))
    assert (good.code, good.out) == (0, f"{made}: fine\n")


def test_tasks_check_finds_a_seed_that_is_wrong(
    folder: Callable[..., Path], command: Callable[..., Done]
):
    made = folder("kernel.cc", "in[i] > 0", "in[i] > 1")
    done = command("tasks", "check", str(made))
    assert (done.code, done.err) == (1, "")
    assert "seed" in done.out or "kernel" in done.out


BIG = """
import torch
class Model(torch.nn.Module):
    def forward(self, x):
        return x + 1
def get_inputs():
    return [torch.rand(size, 64)]
def get_init_inputs():
    return []
"""


def test_tasks_check_goes_through_the_problems_of_a_checkout(
    work: Path, command: Callable[..., Done]
):
    level = work / "kb" / "level1"
    level.mkdir(parents=True)
    (level / "1_big.py").write_text(f"size = 2**22\n{BIG}")
    (level / "2_ok.py").write_text(f"size = 64\n{BIG}")
    done = command("tasks", "check", "kernelbench:kb")
    assert done.code == 0 and "sandbox" not in done.err
    assert re.match(r"kernelbench:\S+kb#L1/1: shrunk \d+x: size 4194304 -> \d+\n", done.out)
    assert done.out.endswith("kernelbench:kb: 2 of 2 tasks are fine\n")
    moved = BIG.replace("64)", "64).cuda()").replace("x + 1", "x.cuda() + 1")
    (level / "3_on_a_gpu.py").write_text(f"size = 64\n{moved}")
    done = command("tasks", "check", "kernelbench:kb")
    (said,) = [line for line in done.out.splitlines() if "3_on_a_gpu" in line]
    assert (done.code, said.count("moves to a CUDA device")) == (1, 1)
    assert said.endswith("choose another (--device cuda:0), or take that out")
    assert command("tasks", "check", "kernelbench:kb#L1/2").code == 0
    for nothing in ("kernelbench:kb#L1/9", "kernelbench:kb#L2", "kernelbench:none"):
        assert command("tasks", "check", nothing).code == 2


def test_doctor_finds_what_the_simulated_npu_needs(process: Callable[..., Done]):
    done = process("doctor", "--json")
    found = json.loads(done.out)
    assert (done.code, found["ok"]) == (0, True)
    needed = {p["part"]: p["state"] for p in found["parts"] if p["needed"]}
    assert set(needed) == {"python", "compiler", "npu-sim", "sandbox", "limits"}
    assert set(needed.values()) <= {"ok", "partial"}
    text = process("doctor")
    assert text.code == 0
    assert "everything the simulated NPU needs is here" in text.out


HELPS = [
    "",
    "optimize",
    "resume",
    "bench",
    "bench kernelbench",
    "bench npueval",
    "bench emit-baseline",
    "show",
    "export",
    "verify",
    "evaluate",
    "manual",
    "tasks",
    "tasks list",
    "tasks show",
    "tasks check",
    "doctor",
]


@pytest.mark.parametrize("name", HELPS)
def test_every_command_has_help(name: str, command: Callable[..., Done]):
    done = command(*name.split(), "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: kernelgepa {name}".rstrip())


@pytest.mark.parametrize("name", ["", "tasks"])
def test_without_a_command_the_help_is_shown(name: str, command: Callable[..., Done]):
    done = command(*name.split())
    assert (done.code, done.err) == (0, "")
    assert done.out == command(*name.split(), "--help").out


def test_version(command: Callable[..., Done]):
    assert command("--version").out == f"kernelgepa, version {__version__}\n"


def terminal(work: Path, columns: int, *words: str, ends: int = 0, **env: str) -> str:
    """What a command shows on a terminal of so many columns."""
    leader, follower = pty.openpty()
    shown = subprocess.Popen(
        [sys.executable, "-m", "kernelgepa", *words],
        cwd=work, stdin=follower, stdout=follower, stderr=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": str(columns), **env},
    )  # fmt: skip
    os.close(follower)
    parts = []
    try:
        while part := os.read(leader, 65536):
            parts.append(part)
    except OSError:  # Linux says so when the last process has closed the terminal
        pass
    os.close(leader)
    assert shown.wait(60) == ends
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_a_terminal_gets_bold_titles_and_wrapped_columns(work: Path):
    wide = terminal(work, 200, "tasks", "list")
    narrow = terminal(work, 90, "tasks", "list")
    assert max(map(len, narrow.splitlines())) <= 90 < max(map(len, wide.splitlines()))
    assert narrow.split() != [] and sorted(narrow.split()) == sorted(wide.split())
    shown = terminal(work, 200, "tasks", "show", "relu_i8")
    assert "\x1b[1mrelu_i8\x1b[0m" in shown
    assert "\x1b" not in terminal(work, 200, "tasks", "show", "relu_i8", NO_COLOR="1")
    assert terminal(work, 40, "tasks", "list")  # too narrow for columns; the terminal wraps


def test_a_run_on_a_terminal_is_a_table_that_ends_as_lines(work: Path):
    shown = terminal(work, 120, "optimize", "relu_i8", "--budget", "2", "--out", "run")
    assert "best so far" in shown and "\x1b[2K" in shown
    last = shown[shown.rindex("\x1b[2K") :]
    assert "vectorise" in last and "judge it again: " in last
    assert last.index("modelled cycles of all workloads") < last.index("vectorise")
    assert shown.index("judging the kernel it begins with") < shown.index("best so far")
    plain = terminal(work, 120, "optimize", "relu_i8", "--budget", "1", "--out", "p", TERM="dumb")
    assert "\x1b" not in plain and "vectorise" in plain


def test_a_run_whose_kernels_are_not_timed_says_so_first_and_last(work: Path):
    words = ("optimize", "axpy_relu_cuda", "--device", "cpu", "--budget", "1", "--out", "run")
    shown = terminal(work, 120, *words, ends=1)
    assert "modelled" not in shown
    assert "% of ref." in shown and "measured time" in shown
    first, last = shown.index("no GPU: kernels are compiled"), shown.rindex("no CUDA device here")
    assert first < shown.index("measured time") < last
    assert "no correct kernel in 2 evaluations; the best one: not run: " in shown
    page = (work / "run" / "report.html").read_text()
    assert "No correct kernel so far: there is no CUDA device here" in page


def test_a_reader_that_leaves_early_is_no_error(work: Path):
    shown = subprocess.Popen(
        [sys.executable, "-m", "kernelgepa", "tasks", "show", "rms_norm_bf16"],
        cwd=work, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert shown.stdout and shown.stderr
    shown.stdout.close()
    assert shown.wait(60) == 141
    assert shown.stderr.read() == b""
    shown.stderr.close()


def test_output_that_cannot_be_written_is_one_sentence(work: Path):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kernelgepa", "tasks", "list"],
            cwd=work, stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert re.fullmatch(rb"internal error: [^\n]*No space left[^\n]*\n", done.stderr)


def test_interrupting_a_run_is_one_line_that_says_how_it_goes_on(work: Path):
    run = subprocess.Popen(
        [sys.executable, "-m", "kernelgepa", "optimize", "rms_norm_bf16", "--out", "run"],
        cwd=work, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # A shell starts what runs in its background with interrupts ignored, and we inherit that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    assert run.stdout and run.stderr
    while not run.stdout.readline().startswith(b" + "):  # an evaluation has been recorded
        assert run.poll() is None
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 130
    assert re.fullmatch(r"interrupted; go on with it: .* resume run", err.decode().strip())
    assert (work / "run" / "events.jsonl").is_file()


def test_the_command_that_judges_again_judges_by_the_same_rules(
    work: Path, command: Callable[..., Done]
):
    made = command(
        *("optimize", "relu_i8", "--compat", "npueval", "--device", "cpu"),
        *("--libraries", "refused", "--budget", "1", "--out", "a run"),
    )
    line = next(t for t in made.out.splitlines() if t.startswith("judge it again: "))
    words = shlex.split(line)
    words = words[words.index("evaluate") :]
    assert words[3:] == ["--compat", "npueval", "--device", "cpu", "--libraries", "refused"]
    assert command(*words).code == 0
    exported = command("export", "a run", "--out", "an export")
    last = shlex.split(exported.out.splitlines()[-1])
    assert last[-2:] == ["verify", "an export"]
    again = command("optimize", "relu_i8", "--out", "a run")
    assert "`kernelgepa resume 'a run'`" in again.err
