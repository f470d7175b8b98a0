"""The page in headless Chromium, against the real service: what it says wrong fails the test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "plugin" / "web"
BUILT = ROOT / "plugin" / "rythmo_plugin" / "page" / "app.js"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE_MS = 20_000
# Sound without a click, and no sandbox: the tests may run as root.
ARGUMENTS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
# What is really sent to the speakers: each take that is heard by itself, by its samples, and every player.
_LISTEN = """
window.players = [];
window.Audio = new Proxy(Audio, {
  construct(kind, more) {
    const one = new kind(...more);
    window.players.push(one);
    return one;
  },
});
window.heard = [];
const begin = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  const samples = this.buffer.getChannelData(0);
  let sum = 0;
  for (const each of samples) sum += Math.abs(each);
  window.heard.push({ length: samples.length, rate: this.buffer.sampleRate, sum });
  return begin.apply(this, when);
};
"""


def need_browser() -> None:
    """Skip where the page cannot be driven."""
    pytest.importorskip("playwright", reason="playwright is in the dev group")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    if not BUILT.is_file():
        pytest.skip("the page is not built (python tools/build_page.py)")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser for a whole session of tests."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Stage:
    """One window on one service. `wrong` gathers what the console and the network complained about."""

    def __init__(self, browser: Any, service: Any, **options: Any) -> None:
        self.service = service
        self.address = f"http://127.0.0.1:{service.port}"
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, **options})
        self.context.add_init_script(_LISTEN)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.wrong: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"page: {error.stack}"))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text} {message.location}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.wrong.append(f"from elsewhere: {request.url}")

    def open(self, route: str) -> Any:
        """The page at a route such as "/project/ID/script", with the service's key."""
        self.page.goto(f"{self.address}/#token={self.service.token}&{route}")
        return self.page

    def heard(self) -> list[dict[str, float]]:
        """Takes that were heard by themselves, in order."""
        return self.page.evaluate("window.heard")

    def playing(self) -> set[str]:
        """The stems that sound now."""
        found = self.page.evaluate("players.filter((one) => !one.paused).map((one) => one.src)")
        return {Path(urlsplit(address).path).stem for address in found}

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


def real_worker() -> tuple[str, ...]:
    """The command of a worker with the engines of this machine."""
    return (sys.executable, "-m", "rythmo_plugin.service.worker")
