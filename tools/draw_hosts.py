"""Take the pictures of the guides: Premiere's panel and the page that Resolve opens, as they are.

    python tools/draw_hosts.py [FOLDER]

The service is the real one, its engines are a toy's; Premiere and Resolve are the fakes of the tests. Without
FOLDER the pictures go to docs/images, in one theme; with it, every state in both themes.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import panel_stage  # noqa: E402 - found by the line above
import resolve_stage  # noqa: E402
from fake_resolve import Manners, Resolve  # noqa: E402
from host_page import page_of_script  # noqa: E402
from page_under_test import chromium  # noqa: E402
from panel_stage import Panel, Sequence  # noqa: E402
from PIL import Image  # noqa: E402
from toy_service import host_service, write_film  # noqa: E402

WIDTH = 320
_SHADES = 64
USED = frozenset(
    f"{where}-{state}"
    for where, states in {
        "panel": ("no-service", "ready", "working", "done", "plan", "partly"),
        "page": ("choice", "working", "done", "plan", "partly"),
    }.items()
    for state in states
)
"""The states that the guides show."""
LIGHT = """:root { --uxp-host-background-color: #f0f0f0; --uxp-host-text-color: #222222;
  --uxp-host-text-color-secondary: #5f5f5f; --uxp-host-border-color: #b9b9b9;
  --uxp-host-widget-hover-background-color: #ffffff; }"""
WORKING = """() => {
  begin();
  showSession({ id: "", state: "working", fraction: 0.42, hint: "", notes: [], rows: [],
    message: "Voice: S2_0010, 11 of 25 lines" });
}"""
NAME_IT = """(temporary) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pattern = new RegExp(temporary + "/[^/]*/out");
  while (texts.nextNode()) {
    texts.currentNode.data = texts.currentNode.data.replace(pattern, "/Users/anna/Movies/Rythmo");
  }
}"""
"""The folder that only this run has is shown as a person's."""
DRESS = """(css) => {
  const there = document.getElementById("theme");
  const style = there || document.head.appendChild(document.createElement("style"));
  style.id = "theme";
  style.textContent = css;
}"""


class Album:
    """Where pictures go, and in which themes."""

    def __init__(self, folder: Path, themes: tuple[str, ...], only: frozenset[str] | None = None) -> None:
        self.folder, self.themes, self.only = folder, themes, only
        folder.mkdir(parents=True, exist_ok=True)

    def panel(self, name: str, made: Panel) -> None:
        """The panel as it stands, as tall as what is in it."""
        made.page.set_viewport_size({"width": WIDTH, "height": 200})
        for theme in self.themes:
            made.page.emulate_media(color_scheme=theme)
            made.page.evaluate(DRESS, LIGHT if theme == "light" else "")
            height = made.page.evaluate("document.getElementById('panel').offsetHeight + 24")
            made.page.set_viewport_size({"width": WIDTH, "height": height})
            self._take(made.page, name, theme)

    def page(self, name: str, page: Any) -> None:
        """The page of a conversation."""
        for theme in self.themes:
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            page.wait_for_timeout(600)  # the bar glides to its place
            height = page.evaluate("document.querySelector('main').offsetHeight")
            page.set_viewport_size({"width": 760, "height": max(320, height)})
            self._take(page, name, theme)

    def _take(self, page: Any, name: str, theme: str) -> None:
        if self.only is None or name in self.only:
            path = self.folder / (f"{name}.png" if len(self.themes) == 1 else f"{name}-{theme}.png")
            page.evaluate(NAME_IT, tempfile.gettempdir())
            image = Image.open(io.BytesIO(page.screenshot()))
            image.convert("RGB").quantize(_SHADES, dither=Image.Dither.NONE).save(path, optimize=True)


def premiere(album: Album, browser: Any, home: Path, film: Path, nowhere: Path) -> None:
    """Every state of the panel."""
    starter = "/Users/anna/Library/Application Support/rythmo/premiere/Start Rythmo.command"
    with panel_stage.panel(browser, nowhere, Sequence(film, starter=starter), scale=2) as made:
        made.page.wait_for_selector("#absent:not(.hidden)")
        album.panel("panel-no-service", made)
    with panel_stage.panel(browser, home, Sequence(film, name="Reel 2"), scale=2) as made:
        made.page.wait_for_selector("#dub:not([disabled])")
        made.page.select_option("#source", "en")
        made.page.select_option("#language", "es")
        album.panel("panel-ready", made)
        made.page.evaluate(WORKING)
        album.panel("panel-working", made)
    with panel_stage.panel(browser, home, Sequence(film, name="Reel 2"), scale=2) as made:
        made.dub()
        album.panel("panel-done", made)
        made.move(track=2, clip=0, frames=10)
        made.page.click("#conform")
        made.page.wait_for_selector("#plan:not(.hidden)")
        album.panel("panel-plan", made)
        made.page.click("#leave")
        made.over()
        album.panel("panel-stopped", made)
    with panel_stage.panel(browser, home, Sequence(film, name="Reel 2"), scale=2) as made:
        made.page.wait_for_selector("#conform:not([disabled])")
        made.page.click("#conform")
        made.over()
        album.panel("panel-trouble", made)
    faults = {"refuseImport": "S2_", "refuseTimelines": True}
    with panel_stage.panel(browser, home, Sequence(film, name="Reel 3", faults=faults), scale=2) as made:
        made.dub()
        album.panel("panel-partly", made)


def resolve(album: Album, browser: Any, settings: Any, film: Path, scratch: Path) -> None:
    """Every state of the page that the scripts of Resolve open."""
    page = browser.new_page(device_scale_factor=2)
    host = Resolve()
    host.film("Reel 1", film, rate=Fraction(25))
    with page_of_script(host, "Rythmo - Dub", settings, scratch, page) as watch:
        page.wait_for_selector("#choice:not([hidden])")
        page.select_option("#source", "en")
        page.select_option("#language", "es")
        album.page("page-choice", page)
        page.click("#choice button[type=submit]")
        page.wait_for_selector("#progress:not([hidden])")
        album.page("page-working", page)
        watch.join()
        page.wait_for_selector("#open:not([hidden])")
        album.page("page-done", page)
    clip = next(item for item in resolve_stage.ours(host) if item.name.startswith("S1_0003"))
    clip.start += 7
    with page_of_script(host, "Rythmo - Conform", settings, scratch, page) as watch:
        page.wait_for_selector("#decide:not([hidden])")
        album.page("page-plan", page)
        page.click("#apply")
        watch.join()
        page.wait_for_selector("#open:not([hidden])")
    host = Resolve(Manners(drops=frozenset({"S2"}), no_load=True))
    host.film("Reel 4", film, rate=Fraction(25))
    with page_of_script(host, "Rythmo - Dub", settings, scratch, page, **resolve_stage.WANTS) as watch:
        watch.join()
        page.reload()
        page.wait_for_selector("#open:not([hidden])")
        album.page("page-partly", page)
    page.close()


def main() -> None:
    """All pictures."""
    os.environ["BROWSER"] = "true"
    album = Album(Path(sys.argv[1]), ("dark", "light")) if sys.argv[1:] else None
    panels = album or Album(ROOT / "docs" / "images", ("dark",), USED)
    pages = album or Album(ROOT / "docs" / "images", ("light",), USED)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("home", "out", "scratch", "nowhere", "films"):
            (folder / name).mkdir()
        film = write_film(folder / "films")
        settings = stack.enter_context(host_service(folder / "home", folder / "out", (film.parent,)))
        browser = stack.enter_context(chromium())
        premiere(panels, browser, settings.home, film, folder / "nowhere")
        resolve(pages, browser, settings, film, folder / "scratch")


if __name__ == "__main__":
    main()
