"""What all tests of the plugin share: the process that forks the services' workers, and one Chromium.

Playwright runs once in a process.
"""

from __future__ import annotations

import pytest
from page_under_test import chromium, need_browser
from worker_nursery import started_nursery


@pytest.fixture(scope="session")
def browser():
    need_browser()
    with chromium() as found:
        yield found


@pytest.fixture(scope="session", autouse=True)
def nursery():
    with started_nursery():
        yield
