"""A bench of two records from end to end, resumed, and judged again without a search."""

from __future__ import annotations

import json
from pathlib import Path

from kernelgepa.engine.journal import read
from tests.bench.places import finish, start

NAMES = ("lift_int16", "halve_int8")
KEYS = {"result", "stats", "total_cycles", "vector_cycles", "vector_score", "kernelgepa"}


def record(name: str, kind: str, body: str, values: list[int], wanted: list[int]) -> str:
    stub = (
        f'/*\n>>> {name}([1, 2])\n*/\n#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n\n'
        f"void {name}({kind}_t *in, {kind}_t *out) {{\n    // Implementation goes here\n}}\n"
    )
    return json.dumps({
        "kernel_name": name, "prompt": stub, "canonical_solution": body, "program_code": "",
        "test_vectors": {
            "inputs": [{"in": values, "dtype": kind}], "outputs": [{"out": wanted, "dtype": kind}],
        },
    })  # fmt: skip


def records(path: Path) -> Path:
    """Two that can be used, and one whose recorded vector has another type than its kernel."""
    loop = "    for (int i = 0; i < 256; i++) {{\n        out[i] = {};\n    }}\n}}"
    given = [n % 100 for n in range(256)]
    good = [
        record(NAMES[0], "int16", loop.format("in[i] + 7"), given, [n + 7 for n in given]),
        record(NAMES[1], "int8", loop.format("in[i] >> 1"), given, [n >> 1 for n in given]),
    ]
    odd = record("odd", "int16", loop.format("in[i]"), given, given).replace(
        '"dtype": "int16"', '"dtype": "int32"'
    )
    path.write_text("\n".join([*good, odd]) + "\n")
    return path


def test_a_bench_of_records(tmp_path: Path):
    given, runs = records(tmp_path / "given.jsonl"), tmp_path / "runs"
    words = ["npueval", str(given), "--run", "mine", "--start", "canonical", "--budget", "2"]
    words += ["--out", str(runs), "--jobs", "2"]
    said = finish(start(tmp_path, *words))
    assert "refused: odd: " in said
    assert "2 of 3 pass, 0 of them as they were" in said
    assert "failures: refused 1" in said
    results = runs / "mine" / "results"
    assert {p.name for p in results.iterdir()} == {
        f"{n}_wrapper.json" for n in (*NAMES, "odd")
    }  # fmt: skip
    journals = [runs / "mine" / "searches" / n for n in NAMES]
    for name, journal in zip(NAMES, journals, strict=True):
        found = json.loads((results / f"{name}_wrapper.json").read_text())
        assert (set(found), found["result"]) == (KEYS, "Pass")
        assert found["total_cycles"] is found["vector_cycles"] is found["vector_score"] is None
        modelled = found["kernelgepa"]["modelled"]
        assert 0 <= modelled["vector_cycles"] <= modelled["cycles"]
        assert found["kernelgepa"]["speedup"]["tag"] == "modelled"
        judged = [e["verdict"] for e in read(journal) if e["event"] == "judged"]
        best = next(v for v in judged if v["candidate"] == found["kernelgepa"]["candidate"])
        assert best["workloads"][0]["cost"]["value"] == modelled["cycles"]
    before = [p.read_bytes() for p in (journals[0] / "events.jsonl", results / "odd_wrapper.json")]
    (results / f"{NAMES[1]}_wrapper.json").unlink()  # as if it had been killed before its end
    again = finish(start(tmp_path, *words))
    assert "1 of 2 were done before" in again
    assert again.splitlines()[-3:] == said.splitlines()[-3:]
    assert before == [
        p.read_bytes() for p in (journals[0] / "events.jsonl", results / "odd_wrapper.json")
    ]
    kernels_are_judged_without_a_search(tmp_path, given, runs)


def kernels_are_judged_without_a_search(root: Path, given: Path, runs: Path) -> None:
    kernels = root / "kernels"
    kernels.mkdir()
    right = (runs / "mine" / "solutions" / f"{NAMES[0]}.cc").read_text()
    (kernels / f"{NAMES[0]}.cc").write_text(right.replace("7", "6"))
    (kernels / "odd.cc").write_text(right)
    said = finish(start(
        root, "npueval", str(given), "--run", "again", "--evaluate-only", str(kernels), "--out",
        str(runs),
    ))  # fmt: skip
    assert "0 of 3 pass" in said
    found = {
        p.name.removesuffix("_wrapper.json"): json.loads(p.read_text())
        for p in (runs / "again" / "results").iterdir()
    }
    kinds = {name: one["kernelgepa"]["failure"] for name, one in found.items()}
    assert kinds == {NAMES[0]: "mismatch", NAMES[1]: "missing", "odd": "refused"}
    assert found[NAMES[0]]["stats"]["max_absolute_error"] == 1.0
    assert {one["result"] for one in found.values()} == {"Fail"}


def test_the_playbook_does_not_fill_a_stub(tmp_path: Path):
    given = records(tmp_path / "given.jsonl")
    said = finish(start(
        tmp_path, "npueval", str(given), "--run", "stub", "--budget", "1",
        "--out", str(tmp_path / "runs"),
    ))  # fmt: skip
    assert "0 of 3 pass" in said
    assert "failures: poison 2, refused 1" in said
