"""How even the tempo is within a speaker, over dubbed projects, and writes a table into the docs.

    python benchmarks/tempo.py PROJECT ...      e.g. a dub of dense dialogue

Tempo is a take's speed times the pace that its voice was asked for: 1 is the voice's own. Adjacent lines are
those that follow each other in one speaker. Fit is the placed length over the original line's.
"""

from __future__ import annotations

import argparse
import itertools
from collections import defaultdict
from pathlib import Path
from statistics import mean

import numpy as np

from rythmo.project.workspace import Project
from rythmo.script.model import Line
from rythmo.script.takes import Placement

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
_BAND = (0.9, 1.2)
_PERCENTILES = (0, 5, 50, 95, 100)


def main() -> None:
    """Measure the projects and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("projects", type=Path, nargs="+")
    parser.add_argument("--write", type=Path, default=DOCS / "tempo.md")
    options = parser.parse_args()
    rows = [
        "# Tempo",
        "",
        "Written by `benchmarks/tempo.py`: least, 5 %, median, 95 %, most.",
        "",
        "| project | lines | in the band | fit | tempo | adjacent lines |",
        "|---|---|---|---|---|---|",
        *(measure_project(path) for path in options.projects),
    ]
    options.write.write_text("\n".join(rows) + "\n")
    print("\n".join(rows[4:]))


def measure_project(path: Path) -> str:
    """Return the row of one project."""
    spoken: dict[str, list[tuple[Line, Placement]]] = defaultdict(list)
    for line in Project(path).load().lines:
        if line.placement is not None:
            spoken[line.speaker].append((line, line.placement))
    placed = [each for lines in spoken.values() for each in lines]
    fits = [(there.end - there.start) / line.length for line, there in placed]
    ratios = [
        max(_tempo(one) / _tempo(other), _tempo(other) / _tempo(one))
        for lines in spoken.values()
        for (_, one), (_, other) in itertools.pairwise(lines)
    ]
    inside = mean(_BAND[0] <= fit <= _BAND[1] for fit in fits)
    tempos = [_tempo(there) for _, there in placed]
    columns = (path.stem, str(len(placed)), f"{inside:.0%}", _spread(fits), _spread(tempos), _spread(ratios))
    return f"| {' | '.join(columns)} |"


def _tempo(placement: Placement) -> float:
    return placement.speed * placement.pace


def _spread(values: list[float]) -> str:
    return " / ".join(f"{value:.2f}" for value in np.percentile(values, _PERCENTILES)) if values else "-"


if __name__ == "__main__":
    main()
