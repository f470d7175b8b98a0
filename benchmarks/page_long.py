"""The page with a two-hour project of 2000 lines, in Chromium: how soon it is of use, whether scrolling,
zooming and typing keep up with the display, what memory it holds, and how soon a new take is heard.

    python benchmarks/page_long.py --prepare     make the project, once (some minutes), in --scratch
    python benchmarks/page_long.py [--write]     measure; --write keeps the figures in docs/benchmarks/page.md

The programme is one of tones, dubbed by the engines of the toy world, whose voices take no time: the time to
a new take is then all the page's and the service's own. Input comes through the browser's debugging protocol
as from a mouse and a keyboard; frames are counted by the page's own animation frames, long tasks by the
browser.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import edit_line

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from page_under_test import BUILT, Stage, chromium
from service_under_test import Running, running

from rythmo.dubbing.pipeline import Job, dub
from rythmo.engines import fakes
from rythmo.media import ffmpeg
from rythmo.provenance.provenance_settings import ProvenanceSettings
from rythmo.settings import DeliverSettings, Settings

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "page.md"
MINUTES, LINES = 120, 2000
SIZE = {"width": 1920, "height": 1080}
FRAME_MS = 1000 / 60
USEFUL_SECONDS = 1.5
LATE_MS = 1.5 * FRAME_MS
"""An animation frame that comes later than this after the one before left out one of the display's."""
_WATCH = """
window.frames_ = [];
window.long_ = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.long_.push(entry.duration);
}).observe({ entryTypes: ["longtask"] });
let before = 0;
const tick = (now) => {
  if (before) window.frames_.push(now - before);
  before = now;
  const there = (what) => document.querySelector(what);
  if (!window.seen_ && there(".row[data-line]") && there(".timeline canvas")) {
    window.seen_ = true;
    requestAnimationFrame(() => setTimeout(() => (window.useful_ = performance.now())));
  }
  requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
"""


@dataclass(frozen=True)
class Smoothness:
    """Frames of one way of using the page, in milliseconds."""

    what: str
    frames: list[float]
    long_tasks: list[float]

    def row(self) -> str:
        """For the table."""
        late = sum(frame > LATE_MS for frame in self.frames)
        last = statistics.quantiles(self.frames, n=100)[98]
        longest = f"{len(self.long_tasks)}, {max(self.long_tasks):.0f} ms" if self.long_tasks else "none"
        middle = statistics.median(self.frames)
        cells = [self.what, str(len(self.frames)), f"{middle:.1f} ms", f"{last:.1f} ms"]
        cells += [f"{max(self.frames):.0f} ms", f"{late / len(self.frames):.1%}", longest]
        return f"| {' | '.join(cells)} |"


@dataclass
class Figures:
    """What was measured."""

    useful: list[float] = field(default_factory=list)
    smooth: list[Smoothness] = field(default_factory=list)
    heap: list[tuple[str, float, int]] = field(default_factory=list)
    takes: list[float] = field(default_factory=list)
    processor: list[tuple[float, float]] = field(default_factory=list)
    """For each take: seconds of processor time of the service (and of this program), and of its worker."""


def prepare(root: Path) -> None:
    """A film of tones with a picture that Chromium plays, and its dub."""
    root.mkdir(parents=True, exist_ok=True)
    film, sound = root / "film.mp4", root / "film.wav"
    if not film.is_file():
        edit_line.write_tones(sound, MINUTES, LINES, 2)
        picture = ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=24:d={MINUTES * 60}", "-i", str(sound)]
        codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "35", "-g", "24", "-pix_fmt", "yuv420p"]
        command = [
            ffmpeg.find_executable(),
            "-v",
            "error",
            "-y",
            *picture,
            *codecs,
            "-c:a",
            "flac",
            str(film),
        ]
        subprocess.run(command, check=True)
        sound.unlink()
    job = Job(film, "es", "en", root)
    # Signing two hours of stems takes minutes, and the page is no other for it.
    settings = Settings(deliver=DeliverSettings("otio,srt"), provenance=ProvenanceSettings(sign=False))
    dub(job, settings, engines=fakes.specs())


class Watch:
    """A window on the project, with the browser's debugging protocol."""

    def __init__(self, stage: Stage, service: Running, project: str) -> None:
        self.page, self.service, self.project = stage.page, service, project
        self.protocol = stage.context.new_cdp_session(stage.page)
        self.protocol.send("Performance.enable")
        self.figures = Figures()

    @contextmanager
    def smooth(self, what: str) -> Iterator[None]:
        """Watch the frames of what is done in the block."""
        self.page.wait_for_timeout(300)
        self.page.evaluate("() => { frames_.length = 0; long_.length = 0; }")
        yield
        frames, long_tasks = self.page.evaluate("() => [frames_.slice(1), long_.slice()]")
        self.figures.smooth.append(Smoothness(what, frames, long_tasks))

    def wheel(self, where: str, by: dict[str, float], times: int, *, control: bool = False) -> None:
        """As a mouse over an element: one event each frame."""
        box = self.page.locator(where).bounding_box()
        at = {"x": box["x"] + box["width"] * 0.6, "y": box["y"] + box["height"] * 0.6}
        for _ in range(times):
            event = {"type": "mouseWheel", "deltaX": 0, "deltaY": 0, **at, **by}
            self.protocol.send("Input.dispatchMouseEvent", {**event, "modifiers": 2 if control else 0})
            self.page.wait_for_timeout(8)

    def heap(self, when: str) -> None:
        """The page's own memory once what is no longer used was let go."""
        self.protocol.send("HeapProfiler.collectGarbage")
        told = self.protocol.send("Performance.getMetrics")["metrics"]
        metrics = {one["name"]: one["value"] for one in told}
        self.figures.heap.append((when, metrics["JSHeapUsedSize"] / 1e6, int(metrics["Nodes"])))


def use(watch: Watch) -> None:
    """Scroll, zoom, play, type: each for a few seconds."""
    page = watch.page
    watch.heap("opened")
    with watch.smooth("the list scrolled by the wheel"):
        watch.wheel(".list-scroll", {"deltaY": 240}, 200)
    with watch.smooth("the list thrown from end to end"):
        for share in (1.0, 0.0, 0.5, 0.1, 0.9) * 6:
            page.evaluate(f"() => {{ const s = document.querySelector('.list-scroll');"
                          f" s.scrollTop = s.scrollHeight * {share}; }}")  # fmt: skip
            page.wait_for_timeout(40)
    with watch.smooth("the timeline scrolled"):
        watch.wheel(".timeline-canvas", {"deltaX": 60}, 200)
    with watch.smooth("the timeline zoomed out to all of it and in again"):
        for way in (40, -40):
            watch.wheel(".timeline-canvas", {"deltaY": way}, 60, control=True)
    watch.heap("scrolled and zoomed")
    page.locator(".list-scroll").focus()
    with watch.smooth("playing: picture, band, timeline, list"):
        page.keyboard.press("Space")
        page.wait_for_timeout(4000)
        page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.locator(".cell-edit").wait_for()
    with watch.smooth("typing in a line"):
        page.keyboard.type("una frase que se escribe de una vez, letra por letra ", delay=35)
    page.keyboard.press("Escape")
    with watch.smooth("typing in the search"):
        page.keyboard.press("/")
        page.keyboard.type("es: a1", delay=60)
        page.keyboard.press("Escape")


def takes(watch: Watch, times: int) -> None:
    """A line is written anew; the seconds until its take is heard."""
    page = watch.page
    watch.service.quiet(watch.project)
    for number in range(times):
        row = page.locator(".row[data-line]").nth(3 + number)
        name = row.get_attribute("data-line")
        row.locator(".cell-time").click()
        page.keyboard.press("Enter")
        area = page.get_by_label(f"Translation of line {name}")
        area.fill(f"otra frase {number} {time.time_ns()}")
        heard = page.evaluate("() => window.heard.length")
        began, used = time.perf_counter(), (time.process_time(), worker_seconds(watch.service))
        area.blur()
        page.wait_for_function(f"() => window.heard.length > {heard}", polling=5)
        watch.figures.takes.append(time.perf_counter() - began)
        now = time.process_time(), worker_seconds(watch.service)
        watch.figures.processor.append((now[0] - used[0], now[1] - used[1]))
        page.keyboard.press("k")
        watch.service.quiet(watch.project)


def worker_seconds(service: Running) -> float:
    """Processor time of the worker for takes, from its start."""
    link = service.services.queue._lanes["take"].link  # noqa: SLF001 - where else could one look
    if link is None:
        return 0.0
    cells = Path(f"/proc/{link.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")


def measure(root: Path) -> Figures:
    """All figures."""
    with tempfile.TemporaryDirectory() as home, chromium() as browser:  # noqa: SIM117 - the service ends first
        with running(Path(home) / "home", root) as service:
            project = service.call("POST", "/projects", {"path": str(root / "film.rythmo")})["id"]
            useful = [opened(browser, service, project) for _ in range(5)]
            stage = Stage(browser, service, viewport=SIZE)
            stage.page.add_init_script(_WATCH)
            stage.open(f"/project/{project}/script")
            stage.page.wait_for_function("() => window.useful_ > 0")
            stage.page.wait_for_timeout(2000)
            watch = Watch(stage, service, project)
            watch.figures.useful = useful
            use(watch)
            for _ in range(2):
                watch.wheel(".list-scroll", {"deltaY": 4000}, 60)
                watch.wheel(".timeline-canvas", {"deltaX": 4000}, 60)
            watch.heap("through all of it, twice more")
            takes(watch, 6)
            watch.heap("after six takes")
            stage.close()
            return watch.figures


def opened(browser: Any, service: Running, project: str) -> float:
    """A window that has nothing in its cache: seconds until the script is on the screen."""
    stage = Stage(browser, service, viewport=SIZE)
    stage.page.add_init_script(_WATCH)
    stage.open(f"/project/{project}/script")
    stage.page.wait_for_function("() => window.useful_ > 0")
    found = float(stage.page.evaluate("() => window.useful_")) / 1000
    stage.context.close()
    return found


def _priority() -> str:
    nice = os.nice(0)
    return f" (other work; this one at priority {nice})" if nice else ""


def weigh() -> list[tuple[str, float, float]]:
    """Name, kB and gzipped kB of the page's code and styles."""
    files = [BUILT.with_name(name) for name in ("app.js", "app.css", "recorder.js")]
    return [
        (file.name, file.stat().st_size / 1e3, len(gzip.compress(file.read_bytes())) / 1e3) for file in files
    ]


def told(figures: Figures) -> str:
    """The page of figures."""
    first, *later = figures.useful
    heap = "\n".join(f"| {when} | {size:.1f} MB | {nodes} |" for when, size, nodes in figures.heap)
    rows = "\n".join(one.row() for one in figures.smooth)
    first_take, *others = figures.takes
    service, worker = (statistics.median(one) for one in zip(*figures.processor, strict=True))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    sizes = ", ".join(f"`{name}` {size:.0f} kB ({packed:.0f} kB gzipped)" for name, size, packed in weigh())
    return f"""# The page with a long project: measured

Written by `python benchmarks/page_long.py --write` on {os.cpu_count()} cores without a graphics card
(Chromium draws in software); load average at the end {load}{_priority()}. {MINUTES} minutes, {LINES} lines,
{len(fakes.PITCHES)} speakers, a window of {SIZE["width"]} x {SIZE["height"]}.

**Bars**: a first useful view under {USEFUL_SECONDS} s, scrolling and typing without dropped frames to the
eye, memory that does not grow with use, a new take at most half a second after its voice.

**Size** of what the page is made of: {sizes}, and the typeface, of which a window loads what it shows.

**First useful view** (the lines, the picture and the timeline are drawn; nothing cached in the window):
{first:.2f} s at the first opening, then {statistics.median(later):.2f} s (median of {len(later)}).

**Smoothness.** A display shows a frame each {FRAME_MS:.1f} ms; late is one that came after more than
{LATE_MS:.0f} ms. Long tasks are those that the browser reports: over 50 ms.

| what | frames | median | 99 % | longest | late | long tasks |
|---|---|---|---|---|---|---|
{rows}

**Memory** of the page's script after a collection, and the nodes of its document:

| when | heap | nodes |
|---|---|---|
{heap}

**A new take** from leaving the field until it is heard, with a voice that takes no time (so all of it is the
page's and the service's): {first_take:.2f} s for the first one after the start, then
{statistics.median(others):.2f} s (median of {len(others)}; longest {max(others):.2f} s).
Of processor time a take costs the service {service * 1000:.0f} ms (with this program's own) and its worker
{worker * 1000:.0f} ms.
"""


def main() -> None:
    """Prepare, or measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir(), "rythmo-benchmark-page"))
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.prepare:
        prepare(options.scratch)
        return
    text = told(measure(options.scratch))
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
