"""The same verdict whatever the process, the order and the number of workers."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from judging import RECORDS

from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.judge.judge import KernelJudge
from kernelgepa.judge.secret import Secret
from kernelgepa.npu.target import NpuSim
from kernelgepa.tasks import npueval

SPECS = ["relu_i8", "softmax_bf16", f"{RECORDS}#{npueval.names(RECORDS)[0]}"]
SECRET = b"a secret that several processes share"


def without_time(verdict: dict[str, Any]) -> str:
    assert verdict.pop("seconds") > 0
    return json.dumps(verdict, sort_keys=True)


def sources(spec: str) -> list[str]:
    """A correct kernel, one that does not compile, one that traps and one that is wrong."""
    task = tasks.load(spec)
    good = task.seeds["canonical"]
    out = task.interface.of_role("out")[0].name
    end = good.rstrip().rfind("}")
    return [
        good,
        good[:end] + "unknown();\n}",
        good[:end] + f"{out}[-1] = {out}[0];\n}}",
        good[:end] + f"{out}[0] = {out}[0] + 1;\n}}",
    ]


def verdicts(jobs: int, threads: int, backwards: bool) -> dict[tuple[str, int], str]:
    keys = [(spec, i) for spec in SPECS for i in range(4)]
    if backwards:
        keys.reverse()
    with NpuSim(jobs) as target:
        judge = KernelJudge(target, secret=Secret(SECRET))

        def one(key: tuple[str, int]) -> str:
            candidate = Candidate.kernel(sources(key[0])[key[1]])
            return without_time(judge.whole(tasks.load(key[0]), candidate).to_json())

        with ThreadPoolExecutor(threads) as pool:
            return dict(zip(keys, pool.map(one, keys), strict=True))


def test_order_and_number_of_workers_change_nothing():
    alone = verdicts(1, 1, backwards=False)
    assert verdicts(2, 4, backwards=True) == alone
    stages = [json.loads(alone[SPECS[0], i])["workloads"][0]["stage"] for i in range(4)]
    assert len(set(stages)) == 4


@pytest.mark.parametrize("index", [0, 3])
def test_another_process_gives_the_same_verdict_under_the_same_secret(tmp_path: Path, index: int):
    kernel, secret = tmp_path / "kernel.cc", tmp_path / "secret"
    kernel.write_text(sources(SPECS[0])[index])
    secret.write_bytes(SECRET)
    command = [sys.executable, "-m", "kernelgepa", "evaluate", SPECS[0], str(kernel), "--json"]
    runs = [
        subprocess.run(
            [*command, "--secret-file", str(secret)], capture_output=True, text=True, check=False
        )
        for _ in range(2)
    ]
    first, second = (json.loads(r.stdout) for r in runs)
    assert [r.returncode for r in runs] == [int(index > 0)] * 2
    assert set(first["versions"]) >= {"judge", "numpy", "headers", "tile", "llvmlite", "wasmtime"}
    assert all(first["versions"].values())
    assert without_time(first) == without_time(second)
