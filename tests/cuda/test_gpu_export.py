"""The exported file, built by load_inline and run. Collected where there are a device and nvcc."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from kernelgepa.cuda.adapter import CudaAdapter
from tests.cuda.made import PROBLEM, candidate, task


def test_an_exported_file_gives_what_the_reference_gives(
    adapter: CudaAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_EXTENSIONS_DIR", str(tmp_path))
    exported: dict[str, Any] = {}
    exec(compile(adapter.export(task(), candidate()), "exported.py", "exec"), exported)
    names: dict[str, Any] = {}
    exec(PROBLEM, names)
    given = names["get_init_inputs"]()
    torch.manual_seed(42)
    reference = names["Model"](*given).cuda()
    torch.manual_seed(42)
    module = exported["ModelNew"](*given).cuda()
    x = names["get_inputs"]()[0].cuda()
    with torch.no_grad():
        assert torch.allclose(module(x), reference(x), atol=1e-6)
