"""Records as others may write them: the canonical kernel is found, runs and serves as reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.judge.judge import KernelJudge

IN = np.random.default_rng(8).integers(-128, 128, 256)
OUT = IN ^ 5
INCLUDES = '/* Flips. */\n#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n'
LOOP = "for (int i = 0; i < 256; i++) "
BODY = LOOP + "out[i] = in[i] ^ 5;\n}"
PLAIN = "void k(int8_t *in, int8_t *out) {\n    // Implementation goes here\n}\n"
FORMS: dict[str, tuple[str, str, tuple[int, ...]]] = {
    # prompt after the includes, canonical body, runtime parameters
    "const": ("void k(const int8_t *in, int8_t *out) {\n}\n", BODY, ()),
    "restrict": ("void k(const int8_t *__restrict in, int8_t * __restrict out) {\n}\n", BODY, ()),
    "a block of extern C": ('extern "C" {\n' + PLAIN + "}\n", BODY, ()),
    "extern C": ('extern "C" ' + PLAIN, BODY, ()),
    "an attribute": ("__attribute__((noinline)) " + PLAIN, BODY, ()),
    "declared before": ("void k(int8_t *in, int8_t *out);\n" + PLAIN, BODY, ()),
    "arrays": ("void k(int8_t in[256], int8_t out[256]) {\n}\n", BODY, ()),
    "odd layout": (
        "void\nk (\n  int8_t *in,   // read, a } here\n  int8_t*out  /* written { */\n)\n{\n}\n",
        BODY,
        (),
    ),
    "macros and a template": (
        "#define N 256\nconstexpr int8_t K = 5;\n"
        "template <typename T> static inline T flip(T v) { return v ^ K; }\n" + PLAIN,
        "for (int i = 0; i < N; i++) out[i] = flip<int8_t>(in[i]);\n}",
        (),
    ),
    "a helper above": (
        "static inline int flip(int v) {\n  return v ^ 5;\n}\n" + PLAIN,
        LOOP + "out[i] = flip(in[i]);\n}",
        (),
    ),
    "braces in texts": (
        PLAIN,
        "    // a brace } in a comment {\n    const char *s = \"}{\"; char c = '}';\n    " + LOOP
        + "out[i] = in[i] ^ (s[0] == c ? 5 : 0);\n}",
        (),
    ),
    "no brace at the end": (PLAIN, BODY[:-1], ()),
    "scalars before buffers": (
        "void k(int32_t n, int8_t *in, int8_t *out) {\n}\n",
        "for (int i = 0; i < n; i++) out[i] = in[i] ^ 5;\n}",
        (256,),
    ),
    "other names of types": (
        "void k(std::int8_t *in, signed char *out, unsigned int n, short by) {\n}\n",
        "for (unsigned i = 0; i < n; i++) out[i] = in[i] ^ by;\n}",
        (256, 5),
    ),
    "events and annotations": (
        PLAIN,
        "event0();\n" + LOOP + "chess_prepare_for_pipelining { out[i] = in[i] ^ 5; }\nevent1();\n}",
        (),
    ),
    "changes its input": (PLAIN, LOOP + "in[i] ^= 5;\n" + LOOP + "out[i] = in[i];\n}", ()),
    "keeps something for the next call": (
        PLAIN,
        "static int calls; calls++;\n" + LOOP + "out[i] = in[i] ^ (calls == 1 ? 5 : 6);\n}",
        (),
    ),
}  # fmt: skip


def written(path: Path, prompt: str, body: str, rtps: tuple[int, ...]) -> str:
    vectors: dict[str, Any] = {
        "inputs": [{"in": IN.tolist(), "dtype": "int8"}],
        "outputs": [{"out": OUT.tolist(), "dtype": "int8"}],
    }
    if rtps:
        vectors["rtps"] = [{f"p{i}": value, "dtype": "int32"} for i, value in enumerate(rtps)]
    record = {
        "kernel_name": "k",
        "prompt": INCLUDES + prompt,
        "canonical_solution": body,
        "test_vectors": vectors,
    }
    path.write_text(json.dumps(record) + "\n")
    return f"{path}#k"


@pytest.mark.parametrize("form", FORMS)
def test_a_record_of_another_form_is_a_task(here, tmp_path: Path, form: str):
    spec = written(tmp_path / "some.jsonl", *FORMS[form])
    assert tasks.check(spec, here) == []


@pytest.mark.parametrize("form", ["const", "changes its input"])
def test_only_what_the_canonical_kernel_does_is_let_pass(here, tmp_path: Path, form: str):
    task = tasks.load(written(tmp_path / "some.jsonl", *FORMS[form]))
    source = f"#include <aie_api/aie.hpp>\n{PLAIN[:-2]}{FORMS['changes its input'][1]}\n"
    verdict = KernelJudge(here).judge(task, Candidate.kernel(source))
    codes = [d.code for w in verdict.workloads for d in w.diagnostics]
    assert verdict.correct == (form != "const")
    assert codes == (["input-changed"] if form == "const" else [])
