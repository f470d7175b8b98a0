"""The example scene through the page, in Chromium, with the engines of this machine: from the button to a
delivery that followed an edited timeline. Every step is looked at in the files too.

    python benchmarks/page_example.py [--shots FOLDER]

With --shots each view is kept as a picture, at two sizes and a narrow one, in light and dark.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from edited_timeline import moved
from page_under_test import Stage, chromium, real_worker
from service_under_test import Running, running

from rythmo.timebase import SAMPLE_RATE

SIZES = {"1280": (1280, 800), "1920": (1920, 1080), "1024": (1024, 700)}
DUB_MS = 600_000
PEOPLE = ("Anna", "George", "Guard")
_SETTLED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 150)))"
WORDS = "Esta vez lo digo de otra manera."


@dataclass(frozen=True)
class Tour:
    """One window on one service; `shots` is where pictures go, or None."""

    stage: Stage
    service: Running
    shots: Path | None

    def shoot(self, name: str) -> None:
        """A picture of what is shown, at every size, in light and dark."""
        if self.shots is None:
            return
        page = self.stage.page
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.evaluate(_SETTLED)
                page.screenshot(path=self.shots / f"{name}.{size}.{theme}.png")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="light")

    def project(self) -> Any:
        """The newest project, as the service tells it."""
        newest = self.service.call("GET", "/projects")[0]["id"]
        return self.service.call("GET", f"/projects/{newest}")


def first_look(tour: Tour) -> None:
    """What somebody sees who never was here."""
    page = tour.stage.open("/")
    page.get_by_role("button", name="Dub the example").wait_for()
    page.locator(".setup-line").wait_for()
    tour.shoot("home-first")
    page.get_by_role("link", name="Setup").click()
    page.locator(".check").first.wait_for()
    tour.shoot("setup")
    tour.stage.open("/new/")
    page.locator(".more").last.wait_for()
    tour.shoot("new")
    page.locator(".more summary").last.click()
    page.locator(".formats li").first.wait_for()
    tour.shoot("new-formats")
    page.get_by_role("button", name="Choose").first.click()
    page.locator(".browse-entry").first.wait_for()
    tour.shoot("browse")
    page.keyboard.press("Escape")


def dub(tour: Tour) -> float:
    """Press the button and watch until it is done; the seconds it took."""
    page = tour.stage.open("/")
    page.get_by_role("button", name="Dub the example").click()
    began = time.perf_counter()
    page.locator("main.job").wait_for()
    tour.shoot("job-begun")
    page.locator('.found-line[data-status="voiced"]').first.wait_for(timeout=DUB_MS)
    tour.shoot("job-voicing")
    page.locator('main.job[data-state="done"]').wait_for(timeout=DUB_MS)
    took = time.perf_counter() - began
    tour.shoot("job-done")
    page.get_by_role("button", name="Open the script").click()
    page.locator(".row[data-line]").first.wait_for()
    return took


def sounds(root: Path) -> dict[str, NDArray[np.float64]]:
    """All takes and stems."""
    files = [*root.glob("takes/*.wav"), *root.glob("stems/*.wav")]
    return {path.relative_to(root).as_posix(): soundfile.read(path, always_2d=True)[0] for path in files}


def rewrite(tour: Tour) -> tuple[str, float]:
    """Write another translation; the line, and the seconds until its new take is heard."""
    page, project = tour.stage.page, tour.project()
    line = project["lines"][3]
    root, before = Path(project["root"]), sounds(Path(project["root"]))
    page.locator(f'.row[data-line="{line["id"]}"] .cell-time').click()
    tour.shoot("script")
    page.keyboard.press("Enter")
    area = page.get_by_label(f"Translation of line {line['id']}")
    area.fill(WORDS)
    tour.shoot("script-typing")
    heard = len(tour.stage.heard())
    began = time.perf_counter()
    area.blur()
    page.wait_for_function(f"() => window.heard.length > {heard}")
    took = time.perf_counter() - began
    tour.service.quiet(project["id"])
    after = sounds(root)
    others = [name for name in before if name.startswith("takes/") and not same(before[name], after[name])]
    assert others == [], f"other takes changed: {others}"
    end = max(line["slot_end"], line["end"]) + SAMPLE_RATE // 10
    for name in (name for name in before if name.startswith("stems/")):
        outside(name, before[name], after[name], line["start"], end)
    old, new = (after[f"takes/{line['id']}_{take}.wav"] for take in ("t01", "t02"))
    assert not same(old, new), "the new take is the old one"
    assert not same(before["stems/MIX.wav"], after["stems/MIX.wav"]), "the mix does not hold the new take"
    return line["id"], took


def outside(name: str, before: NDArray[np.float64], after: NDArray[np.float64], start: int, end: int) -> None:
    """A stem may differ from `start` to `end` and nowhere else."""
    assert before.shape == after.shape, name
    changed = np.flatnonzero((before != after).any(axis=1))
    assert not len(changed) or (start <= changed[0] and changed[-1] < end), (name, changed[0], changed[-1])


def same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """To the sample."""
    return one.shape == other.shape and bool(np.array_equal(one, other))


def choose_the_old(tour: Tour, line: str, master: NDArray[np.float64]) -> None:
    """The first take again: the mix is what it was, to the sample."""
    page, project = tour.stage.page, tour.project()
    with page.expect_response("**/choice"):
        page.locator('.take[data-take="t01"] input').check()
    tour.service.quiet(project["id"])
    now = tour.service.call("GET", f"/projects/{project['id']}/lines/{line}")
    assert now["chosen"] == "t01" and now["translation"] != WORDS
    assert same(master, sounds(Path(project["root"]))["stems/MIX.wav"]), "the mix is another one"
    page.locator(".takes .icon-button").first.click()
    page.locator(".take[data-sounding]").wait_for()
    tour.shoot("script-takes")
    page.keyboard.press("k")


def other_views(tour: Tour) -> None:
    """Everything that opens beside the script."""
    page, project = tour.stage.page, tour.project()
    page.get_by_role("button", name="Speakers").click()
    for number, name in enumerate(PEOPLE):
        field = page.locator(".person input:not([type=color])").nth(number)
        field.fill(name)
        with page.expect_response("**/speakers/*"):
            field.press("Enter")
    page.locator(".heads", has_text=PEOPLE[-1]).wait_for()
    tour.shoot("speakers")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator(".keys").wait_for()
    tour.shoot("keys")
    page.keyboard.press("Escape")
    page.locator(".list-scroll").focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').currentTime > 21")
    page.keyboard.press("k")
    page.locator(".row[data-playing] .cell-speaker").click()
    tour.shoot("script-played")
    tour.stage.open(f"/project/{project['id']}/quality")
    page.locator(".measures").wait_for()
    tour.shoot("quality")


def deliver(tour: Tour) -> Path:
    """One more format; the delivered timeline."""
    page, project = tour.stage.page, tour.project()
    tour.stage.open(f"/project/{project['id']}/deliver")
    page.locator(".formats label", has_text=".vtt").get_by_role("checkbox").check()
    page.get_by_role("button", name="Deliver", exact=False).last.click()
    page.locator(".delivered", has_text=".es.vtt").wait_for()
    tour.service.quiet(project["id"])
    tour.shoot("deliver")
    return next(Path(project["root"]).glob("deliver/es/scene.es.otio"))


def conform(tour: Tour, path: Path, line: str) -> int:
    """Look at the plan, apply it; how many samples the line moved."""
    page, project = tour.stage.page, tour.project()
    before = tour.service.call("GET", f"/projects/{project['id']}/lines/{line}")["start"]
    page.locator('.drop input[type="file"]').set_input_files(path)
    page.locator(".plan tbody tr").first.wait_for()
    tour.shoot("conform")
    page.get_by_role("button", name="Apply").click()
    page.locator('main.job[data-state="done"]').wait_for(timeout=DUB_MS)
    by = tour.service.call("GET", f"/projects/{project['id']}/lines/{line}")["start"] - before
    tour.stage.open("/")
    page.locator(".project-card").first.wait_for()
    tour.shoot("home")
    return int(by)


def walk(tour: Tour, folder: Path, say: Callable[[str], None]) -> None:
    """All of it, in a person's order."""
    first_look(tour)
    say(f"the example was dubbed from the page in {dub(tour):.0f} s")
    master = sounds(Path(tour.project()["root"]))["stems/MIX.wav"]
    line, took = rewrite(tour)
    say(f"{line}: the new take was heard {took:.2f} s after the field was left; every other take is the same")
    choose_the_old(tour, line, master)
    say("the old take was chosen again, and the mix is the first one to the sample")
    other_views(tour)
    edited = moved(deliver(tour), line, SAMPLE_RATE // 2, folder / "edited.otio")
    by = conform(tour, edited, line)
    assert by == SAMPLE_RATE // 2, by
    say(f"WebVTT was delivered; an edited timeline was shown, applied, and {line} moved by {by} samples")


def main() -> None:
    """Run, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=Path, help="a folder for pictures of every view")
    shots = parser.parse_args().shots
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        worker = {"worker": real_worker(), "remake_seconds": 1.0}
        with running(home, Path(folder), **worker) as service, chromium() as browser:
            stage = Stage(browser, service, viewport={"width": 1280, "height": 800})
            try:
                walk(Tour(stage, service, shots), Path(folder), print)
            finally:
                stage.context.close()
            assert stage.wrong == [], stage.wrong


if __name__ == "__main__":
    main()
