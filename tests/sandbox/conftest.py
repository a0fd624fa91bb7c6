"""Tests of one sandbox are collected where it starts, or where it is demanded."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.sandbox.engine import engine
from tests.sandbox.started import startable

OF_ONE = {"docker": ["test_docker.py", "test_in_container.py"], "bwrap": ["test_bwrap.py"]}
collect_ignore = [f for name, files in OF_ONE.items() if name not in startable() for f in files]


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[str]:
    """DOCKER_HOST of a real engine, set for the tests that ask for it and those after them."""
    with engine() as host, pytest.MonkeyPatch.context() as patch:
        if host != os.environ.get("DOCKER_HOST"):
            patch.setenv("DOCKER_HOST", host)
        yield host
