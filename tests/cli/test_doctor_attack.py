"""`kernelgepa doctor --attack`: the table attack x sandbox, and what its exit code says."""

from __future__ import annotations

import json
from collections.abc import Callable

from cli_support import Done

from kernelgepa.sandbox.attacks import ATTACKS

ONE = {"KERNELGEPA_SANDBOX": "landlock"}


def test_the_table_names_every_attack_and_what_came_of_it(process: Callable[..., Done]):
    done = process("doctor", "--attack", env=ONE)
    header, *rows = done.out.splitlines()
    assert header.split()[:3] == ["attack", "promise", "landlock"]
    states = {row.split("  ")[0]: row for row in rows[: len(ATTACKS)]}
    assert list(states) == [attack.name for attack in ATTACKS]
    assert all("held" in row or "not promised" in row for row in states.values())
    assert "BROKEN" not in done.out
    assert done.code == 0
    progress = done.err.splitlines()
    assert len(progress) == len(ATTACKS)
    assert progress[0].startswith(f"landlock 1/{len(ATTACKS)} read-secret: ")


def test_where_nothing_can_be_tried_the_exit_code_says_so(process: Callable[..., Done]):
    done = process("doctor", "--attack", "--json", env={"KERNELGEPA_SANDBOX": "none"})
    assert done.code == 1
    assert json.loads(done.out) == {
        "ok": False,
        "sandboxes": {},
        "absent": {"none": "promises nothing"},
    }
    text = process("doctor", "--attack", env={"KERNELGEPA_SANDBOX": "none"})
    assert text.out == "not tried: none: promises nothing\nno sandbox could be tried\n"


def test_a_sandbox_that_does_not_exist_is_an_error(process: Callable[..., Done]):
    done = process("doctor", "--attack", env={"KERNELGEPA_SANDBOX": "bubble"})
    assert done.code == 2
    assert "'bubble'" in done.err
    assert "bwrap, landlock" in done.err
