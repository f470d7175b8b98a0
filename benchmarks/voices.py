"""Measure the voices of dubbed projects, and write docs/benchmarks/voices.md.

    python benchmarks/voices.py [PROJECT ...] [--scratch FOLDER] [--write PAGE]

Without a project the example is dubbed from English to Brazilian Portuguese first (into --scratch; what is
there already is not dubbed again). dub_measures.py says what is measured, and how.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dub_measures import DubMeasures, measure_dub, recogniser, spread
from dubbed_recordings import EXAMPLE, SCRATCH, dub_recording

from rythmo.engines.pool import EnginePool
from rythmo.project.workspace import Project

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "voices.md"


def main() -> None:
    """Measure each project, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("projects", type=Path, nargs="*")
    parser.add_argument("--scratch", type=Path, default=SCRATCH)
    parser.add_argument("--write", type=Path, default=PAGE)
    options = parser.parse_args()
    roots = options.projects or [dub_recording(EXAMPLE, "pt-br", options.scratch)]
    parts = ["# Voices", "", "Written by `python benchmarks/voices.py`, which says how.", ""]
    with EnginePool() as pool:
        for root in roots:
            project = Project(root)
            language = project.load().target_language
            parts += section(root.name, measure_dub(project, pool), recogniser(pool, language))
    options.write.write_text("\n".join(parts), encoding="utf-8")


def section(name: str, found: DubMeasures, heard_by: str) -> list[str]:
    """Return what is said of one project, line by line."""
    rows = [
        f"| {one.name} | `{one.voice}` | {one.to_original:.2f} | {_likeness(one.to_nearest)} "
        f"| {one.original_hz:.0f} and {one.takes_hz:.0f} Hz |"
        for one in found.voices
    ]
    band = "" if found.in_band is None else f"; {found.in_band:.0%} last from 0.9 to 1.2 of their original"
    error = "no words" if found.word_error is None else f"{found.word_error:.1%}"
    mos = "" if found.mos is None else f" Opinion score (DNSMOS, 1 to 5): {found.mos:.2f}."
    return [
        f"## {name}",
        "",
        "| speaker | voice | likeness to the original | to the nearest other | pitch, original and takes |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"{found.lines} lines{band}. Takes asked for: {found.takes}.{mos}",
        f"Fill {spread(found.fills)}; speed of speech {spread(found.speeds)}.",
        "",
        f"Words wrong, heard back by {heard_by}: {error}. Lines that differ:",
        "",
        *(f"- {line}: {wanted} | heard: {got}" for line, wanted, got in found.heard),
        "",
    ]


def _likeness(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    main()
