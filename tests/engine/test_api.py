"""The Python interface, as its documentation shows it."""

from __future__ import annotations

import doctest
import json
import resource
import shutil
from dataclasses import replace

import pytest

import kernelgepa
from kernelgepa import api, tasks
from kernelgepa.candidate import KERNEL
from kernelgepa.engine.budget import Budget
from kernelgepa.errors import InputError
from kernelgepa.protocols import Proposal
from kernelgepa.runs.export import export
from kernelgepa.runs.view import view
from tests.caches import warm


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm(tmp_path / "cache")))


def test_the_example_of_the_documentation_runs():
    test = doctest.DocTestFinder().find(api.optimize, "optimize", globs={})[0]
    found = doctest.DocTestRunner().run(test)
    assert found.attempted == 5
    assert found.failed == 0


class Constant:
    """Proposes one kernel, whatever it is asked."""

    name, width, crosses = "constant", 1, False

    def __init__(self, source):
        self.source = source

    def ceiling(self, request):
        return None

    def propose(self, request):
        return Proposal({KERNEL: self.source}, self.name, "the only idea")


FAST = """#include <aie_api/aie.hpp>
void relu_i8(int8_t *__restrict in, int8_t *__restrict out) {
    for (int i = 0; i < 1024; i += 64)
        aie::store_v(out + i, aie::max(aie::load_v<64>(in + i), int8_t(0)));
}
"""


def test_a_proposer_and_a_task_of_ones_own_resumed_from_python(tmp_path):
    task = tasks.load("relu_i8")
    found = kernelgepa.optimize(task, Constant(FAST), 1, out=tmp_path / "run")
    assert found.confirmed
    assert found.best.candidate.source == FAST
    assert found.speedup > 50
    with pytest.raises(InputError, match="resume it from Python"):
        kernelgepa.resume(tmp_path / "run", 2, proposer=Constant(FAST))
    more = kernelgepa.resume(tmp_path / "run", 2, proposer=Constant(FAST), tasks=[task])
    assert more.best.candidate.id == found.best.candidate.id


def test_several_tasks_are_one_run(tmp_path):
    both = [tasks.load("relu_i8"), tasks.load("sat_add_i8")]
    found = kernelgepa.optimize(both, budget=4, out=tmp_path / "run")
    assert {n: t.confirmed for n, t in found.tasks.items()} == {"relu_i8": True, "sat_add_i8": True}
    assert found.spend.candidates == 4
    assert (tmp_path / "run" / "best" / "relu_i8" / "kernel.cc").is_file()


def test_an_export_is_judged_again_and_a_changed_one_is_not(tmp_path):
    kernelgepa.optimize("relu_i8", budget=2, out=tmp_path / "run")
    from kernelgepa.runs.export import RECORD, export  # noqa: PLC0415
    from kernelgepa.runs.view import view  # noqa: PLC0415

    out = export(view(tmp_path / "run"), "", tmp_path / "export")
    found = kernelgepa.verify(out)
    assert found.good
    assert found.versions == {}
    assert found.speedup == pytest.approx(found.recorded)
    assert found.to_json()["recorded"]["value"] == found.recorded
    untimed = replace(found, then={}, now={}, tag="unverified").to_json()
    assert (untimed["recorded"], untimed["speedup"]) == (None, None)
    assert (out / "kernel.diff").read_text().startswith("--- seed/kernel\n+++ best/kernel\n")
    record = json.loads((out / RECORD).read_text())
    assert record["steps"][0]["step"] == 0
    assert all(s["note"] for s in record["steps"][1:])
    kernel = out / "kernel.cc"
    kernel.write_text(kernel.read_text() + "\n")
    with pytest.raises(InputError, match=r"kernel\.cc has changed since it was exported"):
        kernelgepa.verify(out)


def test_a_part_of_an_export_is_not_left_in_the_way_of_the_next(tmp_path):
    kernelgepa.optimize("relu_i8", budget=1, out=tmp_path / "run")
    out, found = tmp_path / "export", view(tmp_path / "run")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(InputError, match="cannot write the export"):
            export(found, "", out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not out.exists()
    assert export(found, "", out) == out


def test_an_export_of_a_record_is_judged_without_the_file_it_came_from(tmp_path):
    from pathlib import Path  # noqa: PLC0415

    from kernelgepa.runs.export import export  # noqa: PLC0415
    from kernelgepa.runs.view import view  # noqa: PLC0415

    records = Path(__file__).resolve().parents[1] / "data" / "records.jsonl"
    mine = tmp_path / "mine.jsonl"
    mine.write_bytes(records.read_bytes())
    name = json.loads(records.read_text().splitlines()[0])["kernel_name"]
    kernelgepa.optimize(f"{mine}#{name}", budget=1, out=tmp_path / "run")
    out = export(view(tmp_path / "run"), "", tmp_path / "export")
    mine.unlink()
    moved = out.rename(tmp_path / "moved")
    assert kernelgepa.verify(moved).verdict.correct


PROBLEM = """\
import torch


class Model(torch.nn.Module):
    def forward(self, x):
        return x * 2 + 1


def get_inputs():
    return [torch.rand(64, 64)]


def get_init_inputs():
    return []
"""


def test_an_export_of_a_row_is_judged_without_the_file_it_came_from(tmp_path):
    from kernelgepa import session  # noqa: PLC0415
    from kernelgepa.runs.export import RECORD, export  # noqa: PLC0415
    from kernelgepa.runs.view import view  # noqa: PLC0415

    mine = tmp_path / "mine.jsonl"
    row = {"code": PROBLEM, "level": 2, "problem_id": 7, "name": "7_twice \u00e9"}
    mine.write_text(json.dumps(row) + "\n")
    quick = session.Settings(budget=Budget(1), device="cpu", seconds=0.1)
    session.optimize(f"kernelbench:{mine}#L2/7", quick, tmp_path / "run")
    out = export(view(tmp_path / "run"), "", tmp_path / "export")
    assert (out / "task" / "level2" / "7_twice \u00e9.py").read_text() == PROBLEM
    mine.unlink()
    moved = out.rename(tmp_path / "moved")
    found = kernelgepa.verify(moved, device="cpu")
    assert found.verdict.correct and found.versions == {}
    assert json.loads((moved / RECORD).read_text())["shrink"] is True
    shutil.rmtree(moved / "task")
    with pytest.raises(InputError, match="lacks task, which it was judged by"):
        kernelgepa.verify(moved)
