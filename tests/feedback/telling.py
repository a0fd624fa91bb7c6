"""What a proposer is told of a verdict, and what must hold of it whatever the verdict is."""

from __future__ import annotations

import re
import tempfile

from kernelgepa.candidate import Candidate
from kernelgepa.docs_index import sections
from kernelgepa.feedback import CHARACTERS, TOKENS, KernelFeedback
from kernelgepa.feedback.manual import PREFIX
from kernelgepa.protocols import Attempt, Told
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict

MACHINE = re.compile(r"(?<![\w.:/])/(?:[\w.+-]+/)+[\w.+-]+|\w+\.hpp:\d+|__kg_|site-packages|__aie_")
ADDRESS = re.compile(r"https://\S+")
KNOWN = {f"{PREFIX}{s.id}" for s in sections()}


def told(task: Task, verdict: Verdict, source: str = "") -> Told:
    attempt = Attempt(Candidate({"kernel": source}), verdict, False)
    return KernelFeedback().tell(task, attempt, [attempt])


def fits(found: Told, source: str) -> None:
    """Within the budget, and without a path that the candidate itself does not name."""
    assert len(found.text) <= CHARACTERS == 4 * TOKENS
    foreign = [p for p in MACHINE.findall(ADDRESS.sub("", found.text)) if p not in source]
    assert foreign == [], found.text
    assert tempfile.gettempdir() in source or tempfile.gettempdir() not in found.text


def check(found: Told, source: str) -> None:
    """It fits, and has what it cites."""
    fits(found, source)
    assert 1 <= len(found.citations) <= 3, found.text
    assert set(found.citations) <= KNOWN
    for cited in found.citations:
        assert f"[{cited}]" in found.text
    assert found.text.count("```") == 2 * len(found.citations)
    assert found.text.count("\nSee ") == len(found.citations)
