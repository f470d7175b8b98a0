"""Add up the working time of each stage over all runs of a project, in its `effort.json`.

It can be compared with the guess of `rythmo estimate`. It is kept apart from results, which must not depend
on it: the same dub takes longer on a busy machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from rythmo.engines.timing import Work, merge_work
from rythmo.project import running_totals
from rythmo.project.workspace import Project

FILE = "effort.json"
_ORDER = (
    "extract", "separator", "diarizer", "embedder", "transcriber", "facetracker", "translator", "voice",
    "watermark", "mix", "lipsync", "measure", "deliver",
)  # fmt: skip
_LEAST = 0.5
OURS = "rythmo"
"""Engine name of work that no engine does: mixing, measuring, delivering."""


def so_far(project: Project) -> tuple[Work, ...]:
    """Return the work of all runs. An unreadable file counts as empty."""
    return running_totals.read_totals(project, FILE, tuple[Work, ...])


def add(project: Project, works: Sequence[Work]) -> tuple[Work, ...]:
    """Record the work, and return the sum of all runs. Raises OutputError."""
    return running_totals.add_totals(project, FILE, tuple[Work, ...], works, merge_work)


def told(works: Sequence[Work]) -> str:
    """Describe the work in order: `transcriber 12 s, voice 3 s`; "" when no stage took half a second."""
    seconds: dict[str, float] = {}
    for work in works:
        seconds[work.stage] = seconds.get(work.stage, 0.0) + work.seconds
    order = [*_ORDER, *(stage for stage in seconds if stage not in _ORDER)]
    return ", ".join(
        f"{stage} {minutes(seconds[stage])}" for stage in order if seconds.get(stage, 0) >= _LEAST
    )


def minutes(seconds: float) -> str:
    """Format a duration: `12 s`, or `3 min` from 90 seconds."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
