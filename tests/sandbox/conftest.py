"""The container tests are collected where there is an engine, or where one is demanded."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.sandbox.engine import demanded, engine, found

collect_ignore = [] if demanded() or found() else ["test_docker.py"]


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[str]:
    """DOCKER_HOST of a real engine, set for the tests that ask for it and those after them."""
    with engine() as host, pytest.MonkeyPatch.context() as patch:
        if host != os.environ.get("DOCKER_HOST"):
            patch.setenv("DOCKER_HOST", host)
        yield host
