"""Open every view of the page in four sizes, light and dark: keep pictures, and measure what is wrong.

    python tools/review_page.py FOLDER [--views script,selected] [--film FILE] [--project DUB.rythmo]
                                [--from en] [--to pt] [--no-axe] [--toy]

For whoever changed the look of the page. FOLDER gets `NN-VIEW.SIZE.THEME.png` (numbered in the order in
which a person meets the views), `sheet-NN-VIEW.png` with all eight pictures of a view, and `findings.txt`.
Look at the sheets first, then at single pictures of what looks wrong.

The service is the real one in a home of its own, with the engines of this machine. It dubs the film first;
`--project` takes over the work of an earlier dub of the same film (a copy of it is opened), which takes
seconds instead of minutes. Look for faces in that dub first (`rythmo faces DUB.rythmo --find`), else the
views of faces and lips have little to show. `--toy` uses a film and engines of tones: quick, but there is
little to read.

What is measured, for each view, size and theme:

- axe's rules, contrast among them;
- text that is cut off, lies over other text, or leaves the window; sideways scrolling; at 390 pixels also
  targets that are too small for a finger (tests/support/page_faults.js says how);
- an empty rectangle of more than 40 % of the window (`empty`).

Needs Chromium, a page that is built (tools/build_page.py), and for axe `npm ci` in plugin/web.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import numpy as np  # noqa: E402 - the support is found by the line above
import page_views  # noqa: E402
import tomli_w  # noqa: E402
import toy  # noqa: E402
from axe import AXE, find_violations  # noqa: E402
from page_under_test import ARGUMENTS, CHROMIUM, Stage, real_worker  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402
from service_under_test import WORKER, Running, running  # noqa: E402

from rythmo.casting import cast_file  # noqa: E402
from rythmo.casting.cast_file import Cast, Person  # noqa: E402
from rythmo.dubbing import saved_cast  # noqa: E402
from rythmo.project.workspace import Project  # noqa: E402

SIZES = {"1440": (1440, 900), "1920": (1920, 1080), "768": (768, 1024), "390": (390, 844)}
THEMES = ("light", "dark")
PHONE = "390"
FAULTS = (ROOT / "tests" / "support" / "page_faults.js").read_text("utf-8")
PATIENCE_S = 900
TILE_HEIGHT = 620
GAP = 12
CELL = 16
EMPTY_SHARE = 0.4
PEOPLE = ("Anna", "George", "Guard")
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
_SETTLED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 250)))"


@dataclass(frozen=True)
class Review:
    """A run: where pictures go, and whether axe looks at them."""

    folder: Path
    axe: bool
    findings: list[str]

    def look(self, number: int, name: str, stage: Stage) -> None:
        """Take the pictures of the view that the window shows, and measure each."""
        tiles = {}
        for size, (width, height) in SIZES.items():
            stage.page.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                stage.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                stage.page.evaluate(_SETTLED)
                path = self.folder / f"{number:02}-{name}.{size}.{theme}.png"
                picture = Image.open(io.BytesIO(stage.page.screenshot(path=path))).convert("RGB")
                tiles[size, theme] = picture
                self._tell(f"{number:02}-{name}.{size}.{theme}", self._measure(stage, size, picture))
        make_sheet(tiles).save(self.folder / f"sheet-{number:02}-{name}.png")

    def _measure(self, stage: Stage, size: str, picture: Image.Image) -> list[str]:
        found = list(stage.page.evaluate(FAULTS, size == PHONE))
        share = measure_empty(picture)
        if share > EMPTY_SHARE:
            found.append(f"empty: {share:.0%} of the window")
        if self.axe:
            stage.page.evaluate(AXE.read_text("utf-8"))
            found += [f"axe: {one}" for one in find_violations(stage.page)]
        return found

    def _tell(self, shot: str, found: list[str]) -> None:
        self.findings.extend(f"{shot}  {one}" for one in found)
        kinds = Counter(one.split(":")[0] for one in found)
        print(shot, *(f"{kind} {count}" for kind, count in kinds.items()), flush=True)


def make_sheet(tiles: dict[tuple[str, str], Image.Image]) -> Image.Image:
    """Return one picture of all sizes: light above, dark below."""
    widths = {size: round(TILE_HEIGHT * width / height) for size, (width, height) in SIZES.items()}
    sheet = Image.new(
        "RGB", (sum(widths.values()) + GAP * (len(SIZES) + 1), 2 * TILE_HEIGHT + 3 * GAP), "#808080"
    )
    brush = ImageDraw.Draw(sheet)
    for row, theme in enumerate(THEMES):
        left, top = GAP, GAP + row * (TILE_HEIGHT + GAP)
        for size in SIZES:
            tile = tiles[size, theme].resize((widths[size], TILE_HEIGHT), Image.Resampling.LANCZOS)
            sheet.paste(tile, (left, top))
            brush.text((left, top - GAP), f"{size} {theme}", fill="white")
            left += widths[size] + GAP
    return sheet


def measure_empty(picture: Image.Image) -> float:
    """Return the share of the window that its largest rectangle of one colour takes."""
    pixels = np.asarray(picture.convert("L"), dtype=np.int16)
    rows, columns = pixels.shape[0] // CELL, pixels.shape[1] // CELL
    cells = pixels[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL)
    # Two grey levels: what a smooth field may have of noise.
    plain = (cells.max(axis=(1, 3)) - cells.min(axis=(1, 3))) <= 2
    best, heights = 0, np.zeros(columns, dtype=int)
    for row in plain:
        heights = np.where(row, heights + 1, 0)
        best = max(best, _find_largest(heights))
    return best / (rows * columns)


def _find_largest(heights: Any) -> int:
    """Return the area of the largest rectangle under a skyline."""
    best, open_ = 0, []
    for at, height in enumerate([*heights, 0]):
        start = at
        while open_ and open_[-1][1] >= height:
            start, tall = open_.pop()
            best = max(best, tall * (at - start))
        open_.append((start, int(height)))
    return best


@contextmanager
def open_browser() -> Iterator[Any]:
    """Chromium with a microphone that plays beeps."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *MICROPHONE])
        yield browser
        browser.close()


def make_dub(service: Running, film: Path, asked: argparse.Namespace) -> Any:
    """Dub the film, give its people names and a cast file, and return the project."""
    words = {"source": str(film), "source_language": asked.source, "target_language": asked.to}
    job = service.call("POST", "/jobs", {**words, "formats": ["otio", "srt", "mp4"]})["id"]
    last = 0
    while (found := service.call("GET", f"/jobs/{job}"))["state"] in ("queued", "running"):
        last = service.call("GET", f"/events?poll=1&wait=20&job={job}&after={last}")["last"]
    if found["state"] != "done":
        raise SystemExit(f"The dub failed: {found['error']}")
    project = service.call("GET", f"/projects/{found['project']}")
    for one, name in zip(project["speakers"], PEOPLE, strict=False):
        service.call("PATCH", f"/projects/{project['id']}/speakers/{one['id']}", {"name": name})
    root = Path(project["root"])
    cast_file.save_cast(Cast(tuple(Person(name) for name in PEOPLE), root.parent), root.parent / "cast.toml")
    saved_cast.adopt(Project(root), root.parent / "cast.toml")
    service.quiet(project["id"])
    return service.call("GET", f"/projects/{project['id']}")


def make_received(service: Running, project: Any) -> Any:
    """A copy of the project that asks for more than its own files."""
    root = Path(shutil.copytree(project["root"], Path(project["root"]).parent / "received.rythmo"))
    wishes = {
        "engines": {"voice": "elevenlabs"},
        "options": {"apertium": {"program": "/home/somebody/bin/apertium"}},
    }
    (root / "settings.toml").write_text(tomli_w.dumps(wishes), "utf-8")
    return service.call("POST", "/projects", {"path": str(root)})


def make_lost(service: Running, project: Any) -> Any:
    """A copy of the project whose film is away."""
    root = Path(shutil.copytree(project["root"], Path(project["root"]).parent / "lost.rythmo"))
    found = Project(root)
    with_source = found.load()
    away = replace(with_source.programme, source=str(root.parent / "away" / "film.mp4"))
    found.save(replace(with_source, programme=away))
    opened = service.call("POST", "/projects", {"path": str(root)})
    return service.call("POST", f"/projects/{opened['id']}/trust", {"allow": "all"})


def review(browser: Any, service: Running, project: Any, asked: argparse.Namespace, run: Review) -> None:
    """Look at every view that is wanted, each in a window of its own."""
    views = {view.__name__: (view, project) for view in page_views.VIEWS}
    views |= {"first_home": (page_views.home, None)}
    views |= {"received": (page_views.trust, make_received), "lost": (page_views.script, make_lost)}
    for number, (name, (view, of)) in enumerate(sorted_first(views), 1):
        if asked.views and name not in asked.views.split(","):
            continue
        size = dict(zip(("width", "height"), SIZES["1440"], strict=True))
        stage = Stage(browser, service, viewport=size, color_scheme="light", reduced_motion="reduce")
        if name == "first_home":
            stage.page.route("**/api/v1/projects", lambda route: route.fulfill(json=[]))
        try:
            view(stage, of(service, project) if callable(of) else of, run.folder)
            run.look(number, name, stage)
        except Exception as problem:  # noqa: BLE001 - the other views are still worth a look
            run.findings.append(f"{number:02}-{name}  failed: {problem}")
            print(run.findings[-1], flush=True)
        finally:
            stage.context.close()


def sorted_first(views: dict[str, Any]) -> list[tuple[str, Any]]:
    """The views in order, with the first look before all others."""
    return sorted(views.items(), key=lambda one: one[0] != "first_home")


def main() -> None:
    """Dub, look, and write what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--views", default="")
    parser.add_argument("--film", type=Path, default=ROOT / "examples" / "scene.mp4")
    parser.add_argument("--project", type=Path)
    parser.add_argument("--from", dest="source", default="en")
    parser.add_argument("--to", default="pt")
    parser.add_argument("--no-axe", action="store_true")
    parser.add_argument("--toy", action="store_true")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    run = Review(asked.folder, AXE.is_file() and not asked.no_axe, [])
    with tempfile.TemporaryDirectory() as scratch, open_browser() as browser:
        media = Path(scratch) / "Films"
        media.mkdir()
        film = toy.write_film(media / "toy.mp4") if asked.toy else Path(shutil.copy(asked.film, media))
        if asked.project:
            shutil.copytree(asked.project, media / f"{film.stem}.rythmo")
        worker = WORKER if asked.toy else real_worker()
        with running(Path(scratch) / "home", media, worker=worker) as service:
            review(browser, service, make_dub(service, film, asked), asked, run)
    (asked.folder / "findings.txt").write_text("\n".join(run.findings) + "\n", "utf-8")
    print(f"{len(run.findings)} findings in {asked.folder / 'findings.txt'}")


if __name__ == "__main__":
    main()
