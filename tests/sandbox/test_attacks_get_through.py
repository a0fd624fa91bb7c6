"""The attacks are real: where nothing confines them they get through, and every canary tells."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from naive import Naive

from kernelgepa.cli.doctor import report
from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import SandboxJob, SandboxOutcome
from kernelgepa.sandbox import backends
from kernelgepa.sandbox.attacks import ATTACKS, Attack, Field, attack
from kernelgepa.sandbox.attacks.outside import Canary
from kernelgepa.sandbox.attacks.survey import survey
from kernelgepa.sandbox.walled import WalledSandbox

BY_NAME = {one.name: one for one in ATTACKS}
# attack -> the canary that tells; whoever starts it, root or not
TOLD_BY: dict[str, Canary] = {
    "read-secret": "secret",
    "read-through-links": "secret",
    "list-folders": "secret",
    "read-through-proc": "secret",
    "write-outside": "files",
    "change-attributes": "files",
    "write-system": "leftover",
    "other-job": "neighbour",
    "message-in-files": "leftover",
    "own-environment": "secret",
    "others-environment": "secret",
    "others-commands": "secret",
    "tcp": "listener",
    "udp": "listener",
    "abstract-socket": "listener",
    "path-socket": "listener",
    "socket-pair": "listener",
    "netlink": "said",
    "kill-outside": "victim",
    "slow-outside": "victim",
    "many-processes": "said",
    "daemon": "process",
    "runaway": "process",
    "huge-file": "said",
    "many-bytes": "said",
    "many-files": "said",
    "removed-files": "said",
    "hidden-files": "said",
    "files-in-flight": "said",
    "files-in-thread": "said",
    "unreadable-program": "said",
    "endless-loop": "status",
    "endless-sleep": "status",
    "stop": "status",
    "flood-stdout": "output",
    "flood-stderr": "output",
    "file-handles": "said",
    "personality": "said",
    "privileges": "said",
    "message-in-ipc": "leftover",
    "planted-symlink": "secret",
    "planted-magic-link": "result",
    "planted-dots": "secret",
    "planted-folder-replaced": "secret",
    "planted-fifo": "status",
    "planted-device": "result",
    "planted-sparse": "result",
    "planted-growing": "result",
    "json-nan": "reader",
    "json-infinity": "reader",
    "json-overflow": "reader",
    "json-duplicates": "reader",
    "json-nested": "reader",
}


@pytest.fixture(scope="module")
def field() -> Iterator[Field]:
    sandbox = Naive()
    with Field(sandbox, read=json.loads) as made:
        yield made
    sandbox.close()


def test_a_field_within_another_gives_back_what_it_set(field: Field):
    """Whatever order tests come in."""
    with Field(Naive()):
        pass
    assert "secret" in field.attempt(BY_NAME["own-environment"]).canaries


@pytest.mark.parametrize(("name", "canary"), TOLD_BY.items(), ids=list(TOLD_BY))
def test_where_nothing_confines_it_the_attack_gets_through(field: Field, name: str, canary: Canary):
    result = field.attempt(BY_NAME[name])
    assert result.state == "not promised"
    assert canary in result.canaries, result
    assert result.detail


def test_after_each_of_them_the_field_is_clean_again(field: Field):
    honest = Attack("honest", "do nothing", "filesystem", "print('done')")
    assert field.attempt(honest).state == "held"


def test_what_harms_the_machine_is_not_tried_where_nothing_holds_it(field: Field):
    for one in ATTACKS:
        if not one.bounded:
            result = field.attempt(one)
            assert (result.state, result.seconds) == ("not promised", 0.0)


def test_what_the_next_job_finds_is_told():
    sandbox = Naive(sticky=True)
    try:
        result = attack(sandbox, [BY_NAME["many-bytes"]])[0]
    finally:
        sandbox.close()
    assert "next" in result.canaries


@pytest.fixture(scope="module")
def landlocked() -> Iterator[WalledSandbox]:
    """What it keeps is measured once."""
    with WalledSandbox(backends()["landlock"]()) as made:
        yield made


@pytest.mark.parametrize("name", ["memory", "memory-in-processes", "shared-memory"])
def test_attacks_on_memory_take_it_where_they_may(landlocked: WalledSandbox, name: str):
    """Held by a limit, as they could harm the machine; but one that lets them have it all."""
    one = BY_NAME[name]
    roomy = replace(one, limits=replace(one.limits, memory_bytes=1 << 30))
    result = attack(landlocked, [roomy])[0]
    assert (result.state, "said" in result.canaries) == ("broken", True)


class Boastful(Naive):
    """Confines nothing, and claims it does."""

    name = "boastful"

    def guarantees(self) -> dict[str, bool]:
        return dict.fromkeys(super().guarantees(), True)


def test_a_promise_that_is_not_kept_is_broken_and_told(capsys: pytest.CaptureFixture[str]):
    chosen = [BY_NAME["read-secret"], BY_NAME["planted-nested"]]
    seen: list[tuple[str, int]] = []
    found = survey({"boastful": Boastful}, lambda name, n, _: seen.append((name, n)), chosen)
    assert not found.kept
    assert [(name, row.attack) for name, row in found.broken] == [("boastful", "read-secret")]
    assert seen == [("boastful", 1), ("boastful", 2)]
    assert report(found, as_json=False) == 1
    out = capsys.readouterr().out
    assert "read-secret     filesystem  BROKEN" in out
    assert "BROKEN boastful, read-secret: the secret in the file" in out
    assert report(found, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert [row["state"] for row in told["sandboxes"]["boastful"]] == ["broken", "held"]


OLD_KERNEL = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import old_kernel
old_kernel.without(old_kernel.LANDLOCK_CREATE_RULESET)
from kernelgepa.sandbox import backends
from kernelgepa.sandbox.attacks import ATTACKS, attack
from kernelgepa.sandbox.walled import WalledSandbox
names = {"read-secret", "write-outside", "tcp", "daemon", "planted-symlink"}
with WalledSandbox(backends()["landlock"]()) as sandbox:
    found = attack(sandbox, [one for one in ATTACKS if one.name in names])
print(json.dumps({row.attack: row.state for row in found}))
"""


def test_on_a_kernel_without_landlock_files_are_open_and_nothing_is_said_to_be_kept():
    path = [str(Path(__file__).parent), *(p for p in sys.path if p)]
    done = subprocess.run(
        [sys.executable, "-c", OLD_KERNEL, json.dumps(path)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "read-secret": "not promised",
        "write-outside": "not promised",
        "tcp": "held",
        "daemon": "held",
        "planted-symlink": "held",
    }


class Absent(Naive):
    """Does not start."""

    def run(self, job: SandboxJob) -> SandboxOutcome:
        raise InfrastructureError("there is no such thing here")


def test_a_sandbox_that_does_not_start_is_named_with_the_reason():
    found = survey({"gone": Absent, "none": Naive}, lambda *_: None)
    assert not found.kept
    assert "there is no such thing here" in found.absent["gone"]
    assert found.absent["none"] == "promises nothing"


def test_every_canary_has_an_attack_that_trips_it():
    assert {*TOLD_BY.values(), "next"} == set(get_args(Canary))
