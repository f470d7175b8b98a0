"""How long a project took: the work of each stage, kept in the project's `effort.json`, run after run.

It stands beside what `rythmo estimate` guessed. Results do not depend on it, and it is no part of them: the
same dub takes longer on a busy day.
"""

from __future__ import annotations

from collections.abc import Sequence

from rythmo.engines.timing import Work, merge_work
from rythmo.project import running_totals
from rythmo.project.workspace import Project

FILE = "effort.json"
_ORDER = (
    "extract", "separator", "diarizer", "embedder", "transcriber", "translator", "voice", "mix", "measure",
    "deliver",
)  # fmt: skip
_LEAST = 0.5
OURS = "rythmo"
"""Who does what no engine does: mixing, measuring, delivering."""


def so_far(project: Project) -> tuple[Work, ...]:
    """The work of all runs. A file that cannot be read counts as none."""
    return running_totals.read(project, FILE, tuple[Work, ...])


def add(project: Project, works: Sequence[Work]) -> tuple[Work, ...]:
    """Write down what was done; gives the sum of all runs. Raises OutputError."""
    return running_totals.add(project, FILE, tuple[Work, ...], works, merge_work)


def told(works: Sequence[Work]) -> str:
    """For people: `transcriber 12 s, voice 3 s`, in the order of the work; "" when nothing took a second."""
    seconds: dict[str, float] = {}
    for work in works:
        seconds[work.stage] = seconds.get(work.stage, 0.0) + work.seconds
    order = [*_ORDER, *(stage for stage in seconds if stage not in _ORDER)]
    return ", ".join(
        f"{stage} {minutes(seconds[stage])}" for stage in order if seconds.get(stage, 0) >= _LEAST
    )


def minutes(seconds: float) -> str:
    """`12 s`, or `3 min` from a minute and a half on."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
