"""What is said of a task that cannot be used."""

from __future__ import annotations

import pytest

from kernelgepa import tasks
from kernelgepa.errors import InputError


def sentence(spec: object, start: tasks.Start = "canonical") -> str:
    with pytest.raises(InputError) as raised:
        tasks.load(str(spec), start)
    text = str(raised.value)
    assert "\n" not in text
    assert tasks.check(str(spec)) == [text] or start != "canonical"
    return text
