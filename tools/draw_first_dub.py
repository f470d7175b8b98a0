"""Take the pictures of docs/first-dub.md: a first dub on the page, with the engines of this machine.

    python tools/draw_first_dub.py [FOLDER] [--film FILE] [--from en] [--to pt] [--window 390x844] [--dark]

The service is the real one in a folder of its own, so that the page is a first user's. Without FOLDER the
pictures go to docs/images. With another window or theme they show how the same walk goes there. Needs
Chromium, and the engines that `rythmo doctor` asks for.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from page_under_test import Stage, chromium, real_worker  # noqa: E402 - found by the line above
from PIL import Image  # noqa: E402
from service_under_test import running  # noqa: E402

WINDOW = "1280x800"
SHOWN_WIDTH = 800
SHADES = 160
DUB_MS = 600_000
WORDS = {"pt": "Desculpe, este lugar está livre?", "es": "Perdone, ¿está libre este asiento?"}


def shoot(page: Any, path: Path) -> None:
    """Keep what is shown, as small as a guide needs it."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 400)))")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    width = min(SHOWN_WIDTH, picture.width)
    small = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    small.quantize(SHADES, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} kB", flush=True)


def main() -> None:
    """Go from the first look to a delivery."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "images")
    parser.add_argument("--film", type=Path, default=ROOT / "examples" / "scene.mp4")
    parser.add_argument("--from", dest="source", default="en")
    parser.add_argument("--to", default="pt")
    parser.add_argument("--project", type=Path, help="an earlier dub of the film, whose work is reused")
    parser.add_argument("--window", default=WINDOW, help="width and height in CSS pixels")
    parser.add_argument("--dark", action="store_true")
    asked = parser.parse_args()
    size = dict(zip(("width", "height"), map(int, asked.window.split("x")), strict=True))
    theme = "dark" if asked.dark else "light"
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        media = Path(scratch) / "Films"
        media.mkdir()
        film = Path(shutil.copy(asked.film, media))
        if asked.project:
            shutil.copytree(asked.project, media / f"{film.stem}.rythmo")
        with running(Path(scratch) / "home", media, worker=real_worker()) as service:
            stage = Stage(browser, service, viewport=size, color_scheme=theme, reduced_motion="reduce")
            walk(stage, film, asked)
            stage.close()


def walk(stage: Stage, film: Path, asked: argparse.Namespace) -> None:
    """Every step as a first user takes it; the time that each takes is told."""
    began = time.monotonic()

    def step(number: int, name: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s", end="  ")
        shoot(page, asked.folder / f"first-{number}-{name}.png")

    page = stage.open("/")
    page.locator(".setup-line").wait_for()
    step(1, "home")
    page.locator(".drop input").set_input_files(film)
    page.get_by_label("To", exact=True).wait_for()
    page.get_by_label("From", exact=True).select_option(asked.source)
    page.get_by_label("To", exact=True).select_option(asked.to)
    page.locator(".estimate-stages li").first.wait_for()
    step(2, "choose")
    page.get_by_role("button", name="Start the dub").click()
    # Some lines, where the film has so many.
    voiced = page.locator('.found-line[data-status="voiced"]').nth(3)
    done = page.locator('main.job[data-state="done"]')
    voiced.or_(done).first.wait_for(timeout=DUB_MS)
    step(3, "running")
    done.wait_for(timeout=DUB_MS)
    step(4, "done")
    page.get_by_role("button", name="Open the script").click()
    page.locator(".row[data-line]").first.wait_for()
    page.locator(".row[data-line]").nth(min(1, page.locator(".row[data-line]").count() - 1)).locator(
        ".cell-time"
    ).click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type(WORDS.get(asked.to, "…"))
    step(5, "correct")
    page.keyboard.press("Enter")
    page.locator(".status-work").wait_for()
    page.locator(".status-work").wait_for(state="detached", timeout=DUB_MS)
    page.get_by_role("link", name="Deliver").click()
    page.locator(".folder li").first.wait_for()
    page.get_by_text("older than the script").first.wait_for(state="detached", timeout=DUB_MS)
    step(6, "deliver")


if __name__ == "__main__":
    main()
