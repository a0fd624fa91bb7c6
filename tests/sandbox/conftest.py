"""Tests of one sandbox are collected where it starts, or where it is demanded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.engine import engine
from tests.sandbox.started import startable

OF_ONE = {
    "docker": ["test_docker.py", "test_docker_ends.py", "test_in_container.py"],
    "bwrap": ["test_bwrap.py"],
}
collect_ignore = [f for name, files in OF_ONE.items() if name not in startable() for f in files]


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[str]:
    """DOCKER_HOST of a real engine, set for the tests that ask for it and those after them."""
    with engine() as host, pytest.MonkeyPatch.context() as patch:
        if host != os.environ.get("DOCKER_HOST"):
            patch.setenv("DOCKER_HOST", host)
        yield host


@pytest.fixture(scope="module")
def api(docker_engine: str) -> Any:
    import docker  # noqa: PLC0415

    return docker.DockerClient(docker_engine, timeout=30).api


@pytest.fixture(scope="module")
def zygote(docker_engine: str) -> Iterator[Any]:
    from docker_asked import needs  # noqa: PLC0415

    from kernelgepa.sandbox.docker import DockerWall  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERNELGEPA_PROBE_KEY", "b1946ac9-secret-variable")
        started = DockerWall().start(needs())
    yield started
    started.stop()


@pytest.fixture(scope="module")
def container(zygote: Any, api: Any) -> str:
    from docker_asked import of_owner  # noqa: PLC0415

    (found,) = of_owner(api, os.getpid())
    return found
