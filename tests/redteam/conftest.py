"""One process that has imported torch, from which every naive judgement is forked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.redteam.naive import Finding, Job

Naive = Callable[[Job], Finding]


@pytest.fixture(scope="session")
def naive() -> Iterator[Naive]:
    """Judges naively, in another process."""
    command = [sys.executable, str(Path(__file__).with_name("naive.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        questions, answers = server.stdin, server.stdout
        assert questions is not None
        assert answers is not None

        def ask(job: Job) -> Finding:
            print(json.dumps(asdict(job)), file=questions, flush=True)
            return Finding(**json.loads(answers.readline()))

        yield ask
        questions.close()
