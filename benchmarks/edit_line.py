"""One line edited in a long project, by the pipeline itself: `rythmo line` without the voice's own time.

    python benchmarks/edit_line.py                       two hours, 2000 lines
    python benchmarks/edit_line.py --minutes 10 --lines 150

The programme is one of tones, dubbed once with the engines of the toy world (`rythmo.engines.fakes`), which
take no time; it stays in --scratch, so that a second run measures at once. What is measured is all of
`pipeline.redo`: the line voiced, fitted and placed, the stems and the mix rewritten where they changed, the
script saved, the timeline and the subtitles delivered again. At the end everything is mixed whole, and the
stems are compared byte for byte with the edited ones.
"""

from __future__ import annotations

import argparse
import cProfile
import filecmp
import os
import pstats
import resource
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from mix_project import RATE

from rythmo.dubbing.pipeline import Job, dub, redo
from rythmo.engines import fakes
from rythmo.media.bwf import BwfWriter
from rythmo.mix.mix_plan import plan_mix
from rythmo.mix.stem_update import RECORD
from rythmo.progress import Progress
from rythmo.project.workspace import Project
from rythmo.settings import DeliverSettings, Settings

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
_SETTINGS = Settings(deliver=DeliverSettings("otio,srt"))
_BLOCK = 30 * RATE
_RUNS = 5


def main() -> None:
    options = _options()
    root = options.scratch / f"{options.minutes}min-{options.lines}-{options.channels}ch"
    sound = root / "film.wav"
    if not sound.is_file():
        write_tones(sound, options.minutes, options.lines, options.channels)
    project = Project(root / "film.rythmo")
    begun = time.perf_counter()
    if not project.exists():
        job = Job(sound, "es", "en", root)
        dub(job, _SETTINGS, engines=fakes.specs())
        print(f"dubbed in {time.perf_counter() - begun:.0f} s")
    if options.profile:
        with cProfile.Profile() as profile:
            _edit(project, _RUNS)
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        return
    _edit(project, 0)  # what is loaded once is loaded
    runs = [_edit(project, number + 1) for number in range(_RUNS)]
    whole, same = _whole(project)
    text = _page(project, runs, f"{whole:.0f} s", "byte for byte those of" if same else "NOT THE SAME AS")
    options.write.parent.mkdir(parents=True, exist_ok=True)
    options.write.write_text(text)
    print(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=int, default=120)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--channels", type=int, default=2)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir(), "rythmo-benchmark-edit"))
    parser.add_argument("--write", type=Path, default=DOCS / "edit.md")
    parser.add_argument("--profile", action="store_true", help="say where the time goes, write nothing")
    return parser.parse_args()


def write_tones(path: Path, minutes: int, lines: int, channels: int) -> None:
    """Tones of four people in the middle of soft noise; each tone is a line."""
    rng = np.random.default_rng(lines)
    length = minutes * 60 * RATE
    step = length // lines
    starts = np.arange(lines) * step + rng.integers(0, step // 4, lines)
    sizes = rng.integers(step // 4, step // 2, lines)
    noise = rng.normal(0, 3e4, (channels, _BLOCK)).astype(np.int32)
    with BwfWriter(path, RATE, channels, length=length) as writer:
        for at in range(0, length, _BLOCK):
            block = noise[:, : min(_BLOCK, length - at)].copy()
            size = block.shape[1]
            for index in np.flatnonzero((starts < at + size) & (starts + sizes > at)):
                pitch = fakes.PITCHES[index % len(fakes.PITCHES)]
                tone = (fakes.tone(pitch, int(sizes[index])) * (1 << 23)).astype(np.int32)
                a, b = max(at, starts[index]), min(at + size, starts[index] + sizes[index])
                block[:, a - at : b - at] += tone[a - starts[index] : b - starts[index]]
            writer.write(block)


Run = dict[str, tuple[float, float]]


def _edit(project: Project, number: int) -> Run:
    """One edit in the middle; wall and CPU seconds of its parts."""
    begun = _now()
    script = project.load()
    line = script.lines[len(script.lines) // 2]
    line = replace(line, translation=f"otra cosa {'a' * (number % 7)}", edited=("translation",))
    found: Run = {"script read": _since(begun)}
    marks: list[tuple[str, tuple[float, float]]] = []

    def note(event: Progress) -> None:
        marks.append((event.stage, _now()))

    start = _now()
    redo(project, script.with_line(line), _SETTINGS, engines=fakes.specs(), report=note)
    found |= _parts(start, marks, _now())
    found["together"] = _since(begun)
    return found


_NAMES = {"voice": "voiced and fitted", "place": "levels and placing", "mix": "stems and mix"}


def _parts(
    start: tuple[float, float], marks: list[tuple[str, tuple[float, float]]], end: tuple[float, float]
) -> Run:
    """The time up to the last event of each of these stages, less the time up to the one before."""
    found: Run = {}
    for stage, name in _NAMES.items():
        last = max(when for seen, when in marks if seen == stage)
        found[name] = (last[0] - start[0], last[1] - start[1])
        start = last
    return found | {"script, timeline, subtitles": (end[0] - start[0], end[1] - start[1])}


def _whole(project: Project) -> tuple[float, bool]:
    """Everything mixed whole, as if nothing were known: how long that takes, and whether it is the same."""
    edited, stems = project.root / "edited", project.root / "stems"
    shutil.rmtree(edited, ignore_errors=True)
    shutil.copytree(stems, edited)
    (stems / RECORD).unlink()
    begun = time.perf_counter()
    redo(project, project.load(), _SETTINGS, engines=fakes.specs())
    took = time.perf_counter() - begun
    names = sorted(path.name for path in edited.glob("*.wav"))
    same = filecmp.cmpfiles(edited, stems, names, shallow=False)[0] == names
    shutil.rmtree(edited)
    return took, same


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(begun: tuple[float, float]) -> tuple[float, float]:
    now = _now()
    return now[0] - begun[0], now[1] - begun[1]


def _page(project: Project, runs: list[Run], whole: str, like: str) -> str:
    plan = plan_mix(project.load())
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    names = list(runs[0])
    middle = {name: sorted(run[name] for run in runs)[len(runs) // 2] for name in names}
    best = {name: min(run[name] for run in runs) for name in names}
    rows = "\n".join(
        f"| {name} | {middle[name][0]:.2f} s | {best[name][0]:.2f} s | {middle[name][1]:.2f} s |"
        for name in names
    )
    lines = sum(len(stem.items) for stem in plan.stems)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"""# One line edited: measured

Written by `python benchmarks/edit_line.py` on {os.cpu_count()} cores; load average at the end {load}.
{plan.length / plan.rate / 60:.0f} minutes, {lines} lines, {len(plan.stems)} speakers, {plan.channels}
channels, {RATE} Hz, 24 bit.

`pipeline.redo` after the translation of one line in the middle was changed, {len(runs)} times, by an engine
whose voice takes no time: the line voiced, fitted and placed, the stems and the mix rewritten where they
changed, the script saved, the timeline (`otio`) and the subtitles (`srt`, two languages) delivered again.
Peak memory of the process: {memory:.0f} MB. The stems are {like} a whole mix,
which took {whole}.

| Step | Median | Best | CPU time (median) |
|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    main()
