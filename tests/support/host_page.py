"""A script of Resolve's that runs while its page is open in a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import resolve_stage
from fake_resolve import Resolve

from rythmo_plugin.service.config import ServiceSettings


@contextmanager
def page_of_script(
    host: Resolve, name: str, settings: ServiceSettings, scratch: Path, page: Any, **wants: str
) -> Iterator[threading.Thread]:
    """Start a menu entry, and show the page of its conversation; the block presses what the person would."""
    words = (host, name, settings.home, scratch)
    thread = threading.Thread(target=resolve_stage.by_python, args=words, kwargs=wants)
    # The service keeps only so many conversations: the newest tells, not their number.
    newest = _newest(page, settings)
    thread.start()
    while (session := _newest(page, settings)) == newest:
        assert thread.is_alive(), "the script ended before it spoke to the service"
        page.wait_for_timeout(20)
    # Only another fragment would not load the page anew.
    page.goto("about:blank")
    page.goto(f"{settings.address}/host/#token={settings.token}&host={session}")
    yield thread
    thread.join(60)
    assert not thread.is_alive()


def _newest(page: Any, settings: ServiceSettings) -> str:
    """The id of the newest conversation; empty where there was none."""
    asked = {"Authorization": f"Bearer {settings.token}"}
    answer = page.request.get(f"{settings.address}/api/v1/hosts/sessions", headers=asked)
    sessions: list[dict[str, str]] = answer.json()["sessions"]
    return sessions[0]["id"] if sessions else ""
