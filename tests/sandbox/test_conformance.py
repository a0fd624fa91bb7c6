"""One suite for every sandbox: all attacks against all backends that this machine can start.

With KERNELGEPA_SANDBOXES naming backends, these and no others are tried, and must start.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernelgepa.sandbox import backends
from kernelgepa.sandbox.attacks import ATTACKS, PROMISES, Attack, Field
from kernelgepa.sandbox.walled import WalledSandbox
from tests.sandbox.started import startable

NAMES = [attack.name for attack in ATTACKS]


DEMANDED = bool(os.environ.get("KERNELGEPA_SANDBOXES"))


@pytest.fixture(scope="session")
def sandbox(request: pytest.FixtureRequest) -> Iterator[WalledSandbox]:
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    with WalledSandbox(backends()[request.param]()) as made:
        yield made


@pytest.fixture(scope="session")
def field(sandbox: WalledSandbox) -> Iterator[Field]:
    with Field(sandbox) as made:
        yield made


@pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
@pytest.mark.parametrize("sandbox", startable(), indirect=True)
def test_what_is_promised_is_kept(field: Field, sandbox: WalledSandbox, attack: Attack):
    result = field.attempt(attack)
    if DEMANDED or field.promised(attack):
        assert field.promised(attack), f"{attack.promise} was measured not to hold here"
        assert result.state == "held", result.detail


@pytest.mark.parametrize("sandbox", ["none"], indirect=True)
def test_none_promises_nothing_and_attacks_get_through(field: Field):
    """What each of them does where nothing confines it: test_attacks_get_through.py."""
    assert not any(field.promised(attack) for attack in ATTACKS)
    tried = [field.attempt(one) for one in ATTACKS if one.name in ("read-secret", "tcp")]
    assert [row.state for row in tried] == ["not promised"] * 2
    assert [row.canaries for row in tried] == [("secret",), ("listener",)]


def test_attacks_are_many_and_of_every_kind():
    assert len(set(NAMES)) == len(NAMES) >= 28
    assert {attack.promise for attack in ATTACKS} == set(PROMISES)
    assert all(len(attack.tries) < 72 for attack in ATTACKS)


def test_the_readme_has_the_table_of_these_attacks():
    text = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text()
    table = text.rpartition("```\n")[0].rpartition("```\n")[2].splitlines()
    names = table[0].split("untrusted")[0].split()[2:]
    assert names == [name for name in backends() if name != "none"]
    rows = [re.split(r" {2,}", line) for line in table[1:]]
    states = ["held"] * len(names)
    assert rows == [[one.name, one.promise, *states, one.tries] for one in ATTACKS]
