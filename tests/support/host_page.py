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
    known = len(_sessions(page, settings))
    thread.start()
    while len(found := _sessions(page, settings)) == known:
        page.wait_for_timeout(20)
    # Only another fragment would not load the page anew.
    page.goto("about:blank")
    page.goto(f"{settings.address}/host/#token={settings.token}&host={found[0]['id']}")
    yield thread
    thread.join(60)
    assert not thread.is_alive()


def _sessions(page: Any, settings: ServiceSettings) -> list[dict[str, Any]]:
    asked = {"Authorization": f"Bearer {settings.token}"}
    answer = page.request.get(f"{settings.address}/api/v1/hosts/sessions", headers=asked)
    found: list[dict[str, Any]] = answer.json()["sessions"]
    return found
