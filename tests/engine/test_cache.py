"""Verdicts across runs: by content, never of a failure of ours, never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.world import WorldJudge, candidate, task
from kernelgepa.cache import VerdictCache, key
from kernelgepa.engine.evaluator import Evaluator
from kernelgepa.errors import InfrastructureError
from kernelgepa.home import cache_home

COSTS = {"a": 1.0, "b": None, "c": 3.0}
WORKLOADS = ("a", "b", "c")


def _on(folder, judge):
    return Evaluator(judge, VerdictCache(folder)).on(task(), candidate(COSTS), WORKLOADS)


def test_what_one_run_has_judged_another_does_not(tmp_path):
    first, second = WorldJudge(), WorldJudge()
    verdict = _on(tmp_path, first)
    assert _on(tmp_path, second) == verdict
    assert len(first.asked) == 3
    assert second.asked == []


def test_other_versions_policies_and_workloads_are_other_verdicts(tmp_path):
    class Newer(WorldJudge):
        def versions(self):
            return {"world": "2"}

    _on(tmp_path, WorldJudge())
    for judge in (Newer(), WorldJudge(policy="lenient")):
        _on(tmp_path, judge)
        assert len(judge.asked) == 3
    parts = ("id", "task", {"clang": "1"}, "strict", ("a", "b"))
    others = [
        ("id2", *parts[1:]), ("id", "task2", *parts[2:]), (*parts[:2], {"clang": "2"}, *parts[3:]),
        (*parts[:3], "npueval", parts[4]), (*parts[:4], ("a",)), (*parts[:4], ("b", "a")),
    ]  # fmt: skip
    assert len({key(*p) for p in (parts, *others)}) == 7


def test_a_failure_of_ours_is_not_kept(tmp_path):
    class Broken(WorldJudge):
        def judge(self, task, candidate, workloads=None):
            raise InfrastructureError("no memory left")

    with pytest.raises(InfrastructureError):
        _on(tmp_path, Broken())
    judge = WorldJudge()
    _on(tmp_path, judge)
    assert len(judge.asked) == 3


def test_a_damaged_entry_is_judged_again_and_a_folder_in_the_way_is_no_error(tmp_path):
    verdict = _on(tmp_path / "cache", WorldJudge())
    (entry,) = (tmp_path / "cache").rglob("*.json")
    for damage in ("", "{", "[]", '{"candidate": 3}', "null"):
        entry.write_text(damage)
        judge = WorldJudge()
        assert _on(tmp_path / "cache", judge) == verdict
        assert len(judge.asked) == 3
    (tmp_path / "file").write_text("not a folder")
    assert _on(tmp_path / "file", WorldJudge()) == verdict


def test_a_task_without_a_digest_is_not_cached(tmp_path):
    from dataclasses import replace  # noqa: PLC0415

    made = replace(task(), digest="")
    for _ in range(2):
        judge = WorldJudge()
        Evaluator(judge, VerdictCache(tmp_path)).on(made, candidate(COSTS), WORKLOADS)
        assert len(judge.asked) == 3
    assert list(tmp_path.rglob("*.json")) == []


def test_a_relative_place_is_none(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", "my/cache")
    assert cache_home() == Path("/home/me/.cache/kernelgepa")
    monkeypatch.setenv("HOME", "me")
    assert cache_home() == Path("/nonexistent/.cache/kernelgepa")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert cache_home() == Path("/cache/kernelgepa")
