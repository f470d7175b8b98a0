"""Measure a whole dub: its time against the processor time of its parts, and its memory.

    python benchmarks/speed.py [FILE] [--to pt-br] [--seconds N] [--write]

The file (default: the example; `long_programme.py FOLDER --only-make` makes sixteen minutes) is dubbed from
English into a new project, with --seconds only its beginning. The bound is what the processor time of all
processes takes when it is spread over all cores: no arrangement of the work is faster. Memory is that of this
process and all that it started, together, every quarter of a second. It needs Linux (/proc), and a machine
that does nothing else. `--write` adds the figures to docs/benchmarks/speed.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dubbed_recordings import EXAMPLE

from rythmo.dubbing import pipeline
from rythmo.dubbing.job import Job
from rythmo.engines.timing import Work
from rythmo.media import ffmpeg
from rythmo.settings import DeliverSettings, Settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "speed.md"
_EVERY_SECONDS = 0.25
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Run:
    """One dub: seconds of the programme, of the clock and of all processors; bytes at the peak; the work."""

    name: str
    programme_s: float
    wall_s: float
    processor_s: float
    peak_bytes: int
    work: tuple[Work, ...]


def measure(file: Path, target: str, folder: Path) -> Run:
    """Dub a file into a new project, and measure it."""
    begun, used = time.perf_counter(), _processor_seconds()
    with _peak_memory() as peak:
        done = pipeline.dub(Job(file, target, "en", folder), Settings(deliver=DeliverSettings("otio,srt")))
    programme = done.script.programme
    return Run(
        file.name,
        programme.length / programme.sample_rate,
        time.perf_counter() - begun,
        _processor_seconds() - used,
        peak[0],
        tuple(sorted(done.work, key=lambda work: -work.seconds)),
    )


def _processor_seconds() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(found.ru_utime + found.ru_stime for found in map(resource.getrusage, kinds))


@contextmanager
def _peak_memory() -> Iterator[list[int]]:
    """Yield a list whose only item becomes the largest memory of this process and its descendants."""
    peak, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.wait(_EVERY_SECONDS):
            peak[0] = max(peak[0], sum(map(_resident_bytes, _family())))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def _family() -> set[int]:
    """Return the ids of this process and of all its descendants."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _resident_bytes(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0


def describe(run: Run) -> str:
    """Return the figures, in Markdown."""
    cores = len(os.sched_getaffinity(0))
    bound = run.processor_s / cores
    rows = [f"| {work.stage} | {work.engine} | {work.requests} | {work.seconds:.1f} s |" for work in run.work]
    return "\n".join(
        [
            f"## {run.name}, {run.programme_s:.0f} s",
            "",
            (
                f"{run.wall_s:.0f} s by the clock, {run.wall_s / run.programme_s:.2f} times its length;"
                f" {run.processor_s:.0f} s of processor; {cores} cores."
            ),
            (
                f"Bound {bound:.0f} s; the clock is {run.wall_s / bound:.2f} times that."
                f" Memory at its peak: {run.peak_bytes / 1e9:.2f} GB."
            ),
            f"Load of the machine at the end: {', '.join(f'{load:.1f}' for load in os.getloadavg())}.",
            "",
            "| stage | engine | requests | their time together |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _cut(file: Path, seconds: float, folder: Path) -> Path:
    short = folder / f"{file.stem}-{seconds:.0f}s.wav"
    ffmpeg.run([*ffmpeg.input_arguments(file), "-t", str(seconds), "-vn", "-c:a", "pcm_s24le", str(short)])
    return short


def main() -> int:
    """Measure one file, and print or write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, nargs="?", default=EXAMPLE.file)
    parser.add_argument("--to", default="pt-br")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file = _cut(options.file, options.seconds, folder) if options.seconds else options.file
        text = describe(measure(file, options.to, folder))
    print(text)
    if options.write:
        head = "# Speed of whole dubs" if not PAGE.exists() else PAGE.read_text("utf-8").rstrip()
        PAGE.write_text(f"{head}\n\n{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
