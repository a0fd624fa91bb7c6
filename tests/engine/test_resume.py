"""A run that is killed at any moment and resumed is the run that was not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.answers import serving
from engine.killed import CANDIDATES, TASKS
from engine.world import Wanderer, WorldJudge, decisions, optimise
from kernelgepa.engine.journal import EVENTS, VERSION, Journal, read
from kernelgepa.errors import InputError

HERE = Path(__file__).resolve().parents[1]
KILLS = 8  # per number of jobs


def _started(folder, jobs, url):
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.killed", str(folder), str(jobs), url],
        cwd=HERE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "begun\n"
    return process


def _whole(folder, jobs, url):
    """What an uninterrupted run finds, and the seconds it takes."""
    process = _started(folder, jobs, url)
    begin = time.monotonic()
    said, _ = process.communicate()
    assert process.returncode == 0
    return json.loads(said), time.monotonic() - begin


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_run_killed_at_a_random_moment_ends_as_if_it_had_not_been(tmp_path, jobs):
    rng = random.Random(jobs)
    with serving(0.01 * jobs) as answers:
        wanted, seconds = _whole(tmp_path / "whole", jobs, answers.url)
        asked = answers.asked.copy()
        assert wanted.pop("lost") == [0, 0.0]
        assert wanted["spend"]["candidates"] == CANDIDATES
        interrupted = 0
        for number in range(KILLS):
            folder = tmp_path / str(number)
            answers.asked.clear()
            process = _started(folder, jobs, answers.url)
            time.sleep(rng.uniform(0, seconds))
            process.kill()
            process.communicate()
            interrupted += process.returncode == -signal.SIGKILL
            found, _ = _whole(folder, jobs, answers.url)
            lost, _ = found.pop("lost")
            assert found == wanted
            assert decisions(folder) == decisions(tmp_path / "whole")
            assert lost <= jobs
            repeated = answers.asked - asked
            assert sum(repeated.values()) <= lost
            assert set(answers.asked) == set(asked)
        assert interrupted > KILLS // 2


def test_a_journal_cut_at_any_byte_is_gone_on_with(tmp_path):
    """Whatever of it reached the disk before the power failed."""
    optimise(tmp_path / "whole", TASKS, Wanderer(width=4, price=0.01), 25)
    wanted = decisions(tmp_path / "whole")
    whole = (tmp_path / "whole" / EVENTS).read_bytes()
    cuts = random.Random(5).sample(range(len(whole)), 24)
    for number, cut in enumerate([0, 1, len(whole) - 1, len(whole), *cuts]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / EVENTS).write_bytes(whole[:cut])
        judge, proposer = WorldJudge(), Wanderer(width=4, price=0.01)
        recorded = [e["event"] for e in read(folder)]
        found = optimise(folder, TASKS, proposer, 25, judge=judge)
        assert decisions(folder) == wanted
        assert found.spend.candidates == 25
        events = [e["event"] for e in read(tmp_path / "whole")]
        assert len(proposer.seen) == events.count("proposed") - recorded.count("proposed")


def test_nothing_recorded_is_asked_or_judged_again(tmp_path):
    optimise(tmp_path, TASKS, Wanderer(width=4), 25)
    judge, proposer = WorldJudge(), Wanderer(width=4)
    found = optimise(tmp_path, TASKS, proposer, 25, judge=judge)
    assert judge.asked == []
    assert proposer.seen == []
    assert found.spend.candidates == 25
    ends = [e for e in read(tmp_path) if e["event"] == "end"]
    assert ends[0] == ends[-1]


def test_a_call_under_way_at_the_kill_counts_as_spent(tmp_path):
    folder = tmp_path / "run"
    optimise(folder, TASKS, Wanderer(width=4, price=0.01), 10)
    lines = (folder / EVENTS).read_text().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if '"proposed"' in line)
    (folder / EVENTS).write_text("".join(lines[:at]))
    calling = sum('"calling"' in line for line in lines[:at])
    found = optimise(folder, TASKS, Wanderer(width=4, price=0.01), 10)
    assert found.spend.lost == calling > 0
    assert found.spend.lost_usd == pytest.approx(0.02 * calling)
    again = optimise(folder, TASKS, Wanderer(width=4, price=0.01), 10)
    assert again.spend == found.spend


def test_a_directory_in_use_is_not_touched(tmp_path):
    with Journal(tmp_path), pytest.raises(InputError, match="in use by another process"):
        Journal(tmp_path)


def test_a_directory_of_a_newer_version_is_not_touched(tmp_path):
    with Journal(tmp_path) as journal:
        journal.append("start", version=VERSION + 1)
    before = (tmp_path / EVENTS).read_bytes()
    with pytest.raises(InputError, match="newer version"):
        Journal(tmp_path)
    assert (tmp_path / EVENTS).read_bytes() == before


def test_a_damaged_journal_is_named_with_its_line(tmp_path):
    optimise(tmp_path, TASKS, Wanderer(), 5)
    lines = (tmp_path / EVENTS).read_text().splitlines(keepends=True)
    lines[3] = "{not json}\n"
    (tmp_path / EVENTS).write_text("".join(lines))
    with pytest.raises(InputError, match="line 4 is not JSON"):
        optimise(tmp_path, TASKS, Wanderer(), 5)


@pytest.mark.parametrize("place", ["missing/nothing", "file"])
def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path, place):
    (tmp_path / "file").write_text("not a directory")
    folder = tmp_path / place if place == "file" else Path("/proc") / place
    with pytest.raises(InputError, match="cannot write the run directory"):
        Journal(folder)
    assert os.access(tmp_path / "file", os.R_OK)
