"""A bench of a miniature checkout from end to end, killed on its way; and what is judged again."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from kernelgepa.bench import folder
from kernelgepa.bench.kernelbench import Asked, plan
from kernelgepa.bench.search import search
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.journal import read
from kernelgepa.errors import InputError
from kernelgepa.kernelbench import results
from kernelgepa.kernelbench.results import Sample
from kernelgepa.runs.settings import Settings
from tests.bench.places import finish, miniature, start
from tests.kernelbench.places import CHECKOUT

FIRST, SECOND = "level_1_problem_2_sample_0", "level_2_problem_8_sample_0"
WRONG = """\
import torch


class ModelNew(torch.nn.Module):
    def forward(self, x):
        return torch.softmax(x, dim=-1) * 1.25
"""


def searching(checkout: Path, runs: Path) -> list[str]:
    return [
        "kernelbench", str(checkout), "--subset", "all", "--run", "mine", "--budget", "1",
        "--device", "cpu", "--seconds", "0.1", "--out", str(runs),
    ]  # fmt: skip


def judged(run: Path) -> Counter[str]:
    """How often each candidate was judged in a search."""
    return Counter(e["verdict"]["candidate"] for e in read(run) if e["event"] == "judged")


def wait_for(run: Path, event: str) -> None:
    end = time.monotonic() + 240
    while not any(e["event"] == event for e in read(run)):
        assert time.monotonic() < end
        time.sleep(0.02)


def killed_and_gone_on_with(root: Path) -> tuple[Path, Path, str]:
    """Checkout, runs and last words of a bench that was killed in its second search."""
    checkout, runs = miniature(root / "Mini"), root / "runs"
    process = start(root, *searching(checkout, runs))
    wait_for(runs / "mine" / SECOND, "judged")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = (runs / "mine_level1" / results.RESULTS).read_bytes()
    journal = (runs / "mine" / FIRST / "events.jsonl").read_bytes()
    cut = judged(runs / "mine" / SECOND)
    said = finish(start(root, *searching(checkout, runs)))
    assert (runs / "mine_level1" / results.RESULTS).read_bytes() == before
    assert (runs / "mine" / FIRST / "events.jsonl").read_bytes() == journal
    assert sum(cut.values()) >= 1
    assert cut <= judged(runs / "mine" / SECOND)
    return checkout, runs, said


def test_a_bench_from_end_to_end(tmp_path: Path):
    """One test, so that the searches are done once however tests are shared out."""
    done = killed_and_gone_on_with(tmp_path)
    every_problem_is_there_and_no_work_was_done_twice(*done)
    its_files_are_kernelbenchs(done[1])
    kernels_are_judged_without_a_search(*done[:2], tmp_path / "again")
    a_search_that_another_version_began_is_named(done[1] / "mine" / FIRST, tmp_path / "older")


def every_problem_is_there_and_no_work_was_done_twice(
    checkout: Path, runs: Path, said: str
) -> None:
    assert "1 of 2 were done before" in said
    for name in (FIRST, SECOND):
        assert set(judged(runs / "mine" / name).values()) == {1}
        assert [e["event"] for e in read(runs / "mine" / name)].count("start") == 1
    found = json.loads((runs / "mine" / folder.RESULTS).read_text())
    assert [(p["level"], p["problem_id"]) for p in found["problems"]] == [(1, 2), (2, 7), (2, 8)]
    assert "refused: L2/7 7_fetches" in said and "socket" in said
    assert found["score"]["problems"] == 3
    assert found["score"]["failures"] == {"refused": 1}
    assert "failures: refused 1" in said
    again = finish(start(runs.parent, *searching(checkout, runs)))
    assert (
        again.partition("done before\n")[2] == said.partition("done before\n")[2].split("\n", 1)[1]
    )


def its_files_are_kernelbenchs(runs: Path) -> None:
    for level, wanted in ((1, [2]), (2, [7, 8])):
        run = runs / f"mine_level{level}"
        raw = json.loads((run / results.RESULTS).read_text())
        assert [int(key) for key in raw] == wanted
        for key, entries in raw.items():
            (one,) = entries
            assert one["sample_id"] == 0
            kernel = run / f"level_{level}_problem_{key}_sample_0_kernel.py"
            assert kernel.exists() == one["correctness"] == one["compiled"]
            assert (one["runtime"] > 0) == one["correctness"]
            if one["correctness"]:
                assert "class ModelNew" in kernel.read_text()
                ours = one["kernelgepa"]
                assert ours["speedup"]["tag"] == ours["reference"]["tag"] == "measured"
                assert one["runtime"] == ours["kernel"]["value"]
        assert {n: [s.as_read() for s in found] for n, found in results.read(run).items()} == {
            int(key): entries for key, entries in raw.items()
        }


def kernels_are_judged_without_a_search(checkout: Path, runs: Path, root: Path) -> None:
    kernels = root / "theirs_level1"
    shutil.copytree(runs / "mine_level1", kernels)
    (kernels / "level_1_problem_2_sample_1_kernel.py").write_text(WRONG)
    (kernels / "level_1_problem_2_sample_2_kernel.py").write_text("def (")
    for stray in (3, 900):  # of a level that is there, and of one that is not
        (kernels / f"level_{max(1, stray // 100)}_problem_3_sample_0_kernel.py").write_text(WRONG)
    before = (kernels / results.RESULTS).read_bytes()
    words = [
        "kernelbench", str(checkout), "--evaluate-only", str(kernels), "--run", "again",
        "--device", "cpu", "--seconds", "0.1", "--out", str(root / "runs"),
    ]  # fmt: skip
    said = finish(start(root, *words))
    assert (kernels / results.RESULTS).read_bytes() == before
    found = results.read(root / "runs" / "again_level1")[2]
    assert [s.correctness for s in found] == [True, False, False]
    assert [s.compiled for s in found] == [True, True, False]
    assert [s.extra["kernelgepa"]["failure"] for s in found] == ["", "mismatch", "compile"]
    for stray in ("level_1_problem_3_sample_0", "level_9_problem_3_sample_0"):
        assert re.search(f"left out, no such problem: .*{stray}", said)
    assert not any((root / "runs" / "again").glob("level_*"))
    (kernels / "level_1_problem_2_sample_2_kernel.py").write_text("class (")
    said = finish(start(root, *words))
    assert "2 of 3 were done before" in said  # and the one that changed is judged again
    assert "[3/3] L1/2 sample 2" in said


def a_search_that_another_version_began_is_named(run: Path, older: Path) -> None:
    shutil.copytree(run, older)
    journal = older / "events.jsonl"
    journal.write_text(re.sub('"judge":"[^"]*"', '"judge":"other"', journal.read_text(), count=1))
    said = f"not the same: judge; .*; without {older} its search begins anew"
    with pytest.raises(InputError, match=said):
        search("", older, Settings(), lambda step: None, None)


def entry(number: int, speedup: float, **more: object) -> Sample:
    """A correct kernel whose reference takes 6 ms."""
    ours = {
        "judged": True, "failure": "", "win": speedup > 1, "loss": speedup < 1,
        "speedup": {"value": speedup, "low": speedup * 0.9, "high": speedup * 1.1}, **more,
    }  # fmt: skip
    return Sample(number, True, True, 6 / speedup, extra={"kernelgepa": ours})


def test_the_score_printed_is_the_one_worked_out_by_hand(tmp_path: Path):
    """Everything has been judged: 2x and 0.5x, two samples each, and one that is refused.

    Of sample 0: 1.6 and 0.5, so of 3 problems fast_0 2/3, fast_0.5 1/3 (0.5 itself is not above),
    fast_1.5 1/3, fast_2 0; mean sqrt(0.8). Of the best: 1.6 and 2.25: fast_2 1/3, mean sqrt(3.6).
    """
    checkout, runs = miniature(tmp_path / "Mini"), tmp_path / "runs"
    words = [*searching(checkout, runs), "--samples", "2"]
    asked = Asked(
        str(checkout), "mine", Settings(budget=Budget(1), seconds=0.1), "", "all", 2, "cpu", runs
    )
    with folder.held(plan(asked).place, asked.request()):
        results.merge(runs / "mine_level1", {2: [entry(0, 1.6), entry(1, 0.7)]})
        results.merge(runs / "mine_level2", {8: [entry(0, 0.5), entry(1, 2.25)]})
    lines = [" ".join(line.split()) for line in finish(start(tmp_path, *words)).splitlines()]
    assert [line for line in lines if line.startswith(("level", "all", "failures"))] == [
        "level 1 1 1 1 1.000 1.000 1.000 1.000 1.000 0.000 1.600",
        "level 2 2 1 0 0.500 0.000 0.000 0.000 0.000 0.000 0.500",
        "all 3 2 1 0.667 0.333 0.333 0.333 0.333 0.000 0.894",
        "failures: refused 1",
        "level 1 1 1 1 1.000 1.000 1.000 1.000 1.000 0.000 1.600",
        "level 2 2 1 1 0.500 0.500 0.500 0.500 0.500 0.500 2.250",
        "all 3 2 2 0.667 0.667 0.667 0.667 0.667 0.333 1.897",
        "failures: refused 1",
    ]
    other = start(tmp_path, *words, "--compat", "kernelbench")
    _, error = other.communicate()
    assert other.returncode == 2
    assert "was begun with policy: strict, and is now given kernelbench" in error


def test_a_problem_that_changed_is_another_bench(tmp_path: Path):
    checkout, runs = miniature(tmp_path / "Mini"), tmp_path / "runs"
    asked = Asked(
        str(checkout), "mine", Settings(budget=Budget(1), seconds=0.1), "", "all", 1, "cpu", runs
    )
    made = plan(asked)
    (first,) = (e.problem for e in made.entries if e.problem.level == 1)
    with folder.held(made.place, asked.request()):
        results.merge(runs / "mine_level1", {2: [entry(0, 1.6, problem=first.digest)]})
    assert plan(asked).entries == made.entries
    path = Path(first.origin)
    path.write_text(path.read_text() + "# other\n")
    with pytest.raises(InputError, match="has changed since it was judged; choose another"):
        plan(asked)


def test_sizes_as_they_ship_are_kept_where_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    whole, small = (
        Asked(str(CHECKOUT), "mine", Settings(shrink=shrink), "1", "4", 1, "cpu", tmp_path / "runs")
        for shrink in (False, None)
    )
    told: list[int] = []
    (entry,) = plan(small, following=told.append).entries
    assert told == [1] and plan(small, following=told.append).entries == (entry,)
    assert told == [1]  # what it takes is known
    assert entry.shrunk.startswith("shrunk 128x")
    made = plan(whole)
    assert [e.shrunk for e in made.entries] == [""]
    with folder.held(made.place, whole.request()):
        pass
    with pytest.raises(InputError, match="was begun with sizes: shipped, and is now given nothing"):
        plan(small)


def test_only_problems_with_a_kernel_are_followed_where_nothing_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "level_1_problem_4_sample_0_kernel.py").write_text(WRONG)
    told: list[int] = []
    made = plan(
        Asked(str(CHECKOUT), "a", Settings(), device="cpu", runs=tmp_path, kernels=theirs),
        following=told.append,
    )
    assert told == [1]
    assert [e.problem.id for e in made.entries if e.shrunk] == [4]


def test_folders_of_others_are_left_alone(tmp_path: Path):
    checkout, runs = miniature(tmp_path / "Mini"), tmp_path / "runs"
    (runs / "mine_level1").mkdir(parents=True)
    asked = Asked(str(checkout), "mine", Settings(), subset="all", device="cpu", runs=runs)
    with pytest.raises(InputError, match="mine_level1 is there and is no part of a bench"):
        plan(asked)
    one = Asked(str(checkout), "one", Settings(), subset="all", device="cpu", runs=runs)
    with (
        folder.held(plan(one).place, one.request()),
        pytest.raises(InputError, match="one is in use by another process"),
        folder.held(plan(one).place, one.request()),
    ):
        pass
