"""The browser tests are collected where there is a browser; tests/conftest.py says so if not."""

from __future__ import annotations

from tests.report.browser import found

collect_ignore = [] if found() else ["test_browser.py"]
