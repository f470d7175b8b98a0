"""One Chromium for the page, the panel and the hosts' page: playwright runs once in a process."""

from __future__ import annotations

import pytest
from page_under_test import chromium, need_browser


@pytest.fixture(scope="session")
def browser():
    need_browser()
    with chromium() as found:
        yield found
