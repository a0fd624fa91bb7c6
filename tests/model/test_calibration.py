"""The model against cycles measured on hardware, and what has been fitted."""

from __future__ import annotations

import re
import tomllib

import pytest

from kernelgepa.npu.toolchain import aie

from .measure import Measured, hardware, profile

ROWS = {row.name: row for row in hardware()}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_model_is_within_a_tenth_of_the_measurement(row: Measured) -> None:
    modelled = profile(row.source, row.buffers).cycles
    assert abs(modelled / row.cycles - 1) <= 0.10, f"{modelled} modelled, {row.cycles} measured"


def test_fitted_constants_say_on_what() -> None:
    text = (aie() / "aie2.toml").read_text()
    fitted = tomllib.loads(text)["fitted"]
    section = text.split("\n[fitted]\n")[1].split("\n# ----")[0]
    for name in fitted:
        above = section.split(f"\n{name} = ")[0].rsplit("\n\n", 1)[-1]
        comment = [line for line in above.splitlines() if line.startswith("#")]
        assert re.search(r"fitted on", " ".join(comment)), name


def test_every_machine_operation_cites_its_source() -> None:
    table = tomllib.loads((aie() / "aie2.toml").read_text())
    for section in ("machine", "library"):
        for name, row in table[section].items():
            assert row.get("cite"), name
