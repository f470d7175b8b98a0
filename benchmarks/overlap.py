"""Stages overlap: the wall time of 60 lines, engines of known delay, against the slowest one's own time.

    python benchmarks/overlap.py [--write]

The bound: an engine answers `at once` requests side by side, so that n requests of d seconds take
ceil(n / at once) * d however the rest is arranged. 60 lines are 60 requests to the voice and, in windows of
5, 12 to the translator. The bound of the whole is the slower of the two. Nothing can be voiced before the
first window is translated: that time always comes on top.
`--write` puts the table into docs/benchmarks/overlap.md.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from pathlib import Path

from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.engines.pool import EnginePool
from rythmo.progress import NEVER
from rythmo.project.workspace import Project
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import VoiceRef
from rythmo.settings import Settings
from rythmo.stages import translate_and_voice
from rythmo.stages.context import Context

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "overlap.md"
LINES, RATE = 60, 48_000
CASES = ((0.1, 0.2, 4), (0.6, 0.02, 3), (0.5, 0.1, 1), (0.4, 0.4, 8))
"""Seconds of a translation, seconds of a line's voice, requests at once."""


def script() -> Script:
    """Sixty lines of one speaker."""
    lines = tuple(
        Line(f"S1_{n:04}", "S1", n * 2 * RATE, n * 2 * RATE + RATE, f"words {n}") for n in range(1, LINES + 1)
    )
    people = (Speaker("S1", "Anna", VoiceRef("toy-voice", "v150", {"hz": 150})),)
    return Script(Programme("film", "film.wav", (LINES + 2) * 2 * RATE, RATE, 1), "en", "es", people, lines)


def timed(translator: float, voice: float, at_once: int) -> tuple[float, float, float]:
    """(bound, wall, processor) in seconds."""
    seconds = {Kind.TRANSLATOR: translator, Kind.VOICE: voice}
    requests = {Kind.TRANSLATOR: math.ceil(LINES / Settings().translate.window), Kind.VOICE: LINES}
    bound = max(math.ceil(n / at_once) * seconds[kind] for kind, n in requests.items())
    engines = fakes.specs(fakes.Calls(seconds=seconds), dict.fromkeys(seconds, at_once))
    with tempfile.TemporaryDirectory() as folder, EnginePool(given=engines) as pool:
        context = Context(Project(Path(folder) / "film.rythmo"), pool, Settings(), lambda _: None, NEVER)
        wall, processor = time.perf_counter(), time.process_time()
        translate_and_voice.run(script(), context)
        return bound, time.perf_counter() - wall, time.process_time() - processor


def table() -> str:
    """Every case as a row."""
    rows = [
        "| translation | voice | at once | bound | wall | over the bound | processor |",
        "|---|---|---|---|---|---|---|",
    ]
    for translator, voice, at_once in CASES:
        bound, wall, processor = timed(translator, voice, at_once)
        rows.append(
            f"| {translator} s | {voice} s | {at_once} | {bound:.2f} s | {wall:.2f} s | "
            f"{wall / bound - 1:.1%} | {processor:.2f} s |"
        )
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return "\n".join([*rows, "", f"{os.cpu_count()} cores; the load of the machine was {load:.1f}."])


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description="How far stages overlap.")
    parser.add_argument("--write", action="store_true", help="write the docs' page")
    write = parser.parse_args().write
    text = table()
    print(text)
    if write:
        PAGE.write_text(f"# Overlap: measured\n\n{(__doc__ or '').strip()}\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
