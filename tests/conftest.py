"""Says at the end of a run of tests which of them were not collected, and why."""

from __future__ import annotations

import pytest

from tests.report.browser import found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not found():
        terminalreporter.write_line(
            "NOT RUN: tests/report/test_browser.py, which opens the report in a browser: no "
            "Chromium was found (apt-get install chromium, or set KERNELGEPA_BROWSER to its path)",
            yellow=True,
        )
