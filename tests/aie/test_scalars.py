"""Scalars are passed as the core passes them."""

from __future__ import annotations

import math
import random
import struct

import ml_dtypes
import numpy as np
import pytest

from kernelgepa.npu.tile import bfloat16_bits

ODD = [0.0, math.inf, math.nan, 1e300, 5e-324, 1e-40, 1e-45, 3.3895e38, 3.3961775292304e38, 3.4e38]


def _values() -> list[float]:
    drawn = random.Random(1)
    made = [struct.unpack("<f", struct.pack("<I", drawn.getrandbits(32)))[0] for _ in range(2000)]
    for _ in range(500):  # halfway between two, and just beside it
        half = struct.unpack("<f", struct.pack("<I", drawn.getrandbits(16) << 16 | 0x8000))[0]
        made += [half, math.nextafter(half, math.inf), math.nextafter(half, -math.inf)]
    return made


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
def test_a_bfloat16_is_the_nearest_one() -> None:
    for value in [*ODD, *_values()]:
        for number in (value, math.copysign(value, -1.0)):
            wanted = int(np.asarray(number, dtype=ml_dtypes.bfloat16).view(np.uint16))
            assert bfloat16_bits(number) == wanted, number.hex()
