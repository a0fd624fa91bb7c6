"""Large pages for who is forked often."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kernelgepa.content import content

PROGRAM = """
import hashlib, json, re, sys
sys.path.insert(0, sys.argv[1])
import pages

def large():
    text = open("/proc/self/smaps_rollup").read()
    return int(re.search(r"AnonHugePages: +(\\d+)", text)[1]) << 10

held = [bytes([n % 251]) * (1 << 10) for n in range(1 << 15)]
before = hashlib.sha256(b"".join(held)).hexdigest()
small, said, now = large(), pages.collapse(), large()
same = hashlib.sha256(b"".join(held)).hexdigest() == before
print(json.dumps({"same": same, "small": small, "said": said, "now": now}))
"""


def test_memory_lies_in_large_pages_and_is_what_it_was():
    harness = str(content("sandbox") / "harness")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, harness], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["same"]
    if Path("/sys/kernel/mm/transparent_hugepage").exists() and found["said"]:
        assert found["now"] - found["small"] >= 16 << 20
    else:  # a kernel that has no such pages says so by doing nothing
        assert found["said"] == 0
        assert found["now"] == found["small"]
