"""The target of these tests, as a fixture."""

from __future__ import annotations

import pytest
from here_target import Here


@pytest.fixture
def here() -> Here:
    return Here()
