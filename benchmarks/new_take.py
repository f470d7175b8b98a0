"""How long a new take of one line takes through the service, once it is warm, against the length of the line.

    python benchmarks/new_take.py [PROJECT] [--scratch FOLDER] [--write]

The project (default: the example's dub to Brazilian Portuguese, made first where it is missing) is copied.
Its lines get other words, one after another, as the page sends them; the time ends when the line is voiced,
mixed and delivered. The first one starts the worker and loads the voice. It needs a machine that does nothing
else. `--write` adds the figures to docs/benchmarks/speed.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from dubbed_recordings import EXAMPLE, SCRATCH, dub_recording
from page_under_test import real_worker
from service_under_test import Running, running
from speed import PAGE

_WORDS = (
    "Espere um momento, por favor.",
    "Eu nunca disse que seria fácil.",
    "Onde você esteve ontem à noite?",
)
_ALLOWED_RATIO, _ALLOWED_SECONDS = 1.5, 1.0


@dataclass(frozen=True, slots=True)
class Take:
    """One new take: how long it is, and how long it took."""

    length_s: float
    wall_s: float

    @property
    def allowed_s(self) -> float:
        """What it may take: half as long again as it is, and a second."""
        return _ALLOWED_RATIO * self.length_s + _ALLOWED_SECONDS


def measure(project: Path, folder: Path) -> list[Take]:
    """Give each of some lines other words, and time each."""
    copy = folder / project.name
    shutil.copytree(project, copy)
    with running(folder / "service", folder, worker=real_worker()) as service:
        opened = service.call("POST", "/projects", {"path": str(copy)})
        service.quiet(opened["id"])
        found = service.call("GET", f"/projects/{opened['id']}")
        lines = [line for line in found["lines"] if line["end"] - line["start"] > 48_000]
        return [
            _revise(service, opened["id"], line["id"], words)
            for line, words in zip(lines, _WORDS * 2, strict=False)
        ]


def _revise(service: Running, project: str, line: str, words: str) -> Take:
    begun = time.perf_counter()
    edited = service.call("PATCH", f"/projects/{project}/lines/{line}", {"translation": words})
    service.until(edited["job"]["id"])
    wall = time.perf_counter() - begun
    placed: Any = service.call("GET", f"/projects/{project}/lines/{line}")["placement"]
    return Take((placed["end"] - placed["start"]) / 48_000, wall)


def describe(takes: list[Take]) -> str:
    """Return the figures, in Markdown."""
    rows = [
        f"| {number} | {take.length_s:.1f} s | {take.wall_s:.1f} s | {take.allowed_s:.1f} s |"
        for number, take in enumerate(takes, start=1)
    ]
    head = ["## A new take of one line, through the service", "", "The first one loads the voice.", ""]
    table = ["| take | its length | from the edit to the delivery | 1.5 times its length and 1 s |"]
    return "\n".join([*head, *table, "|---|---|---|---|", *rows, ""])


def main() -> int:
    """Measure one project, and print or write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path, nargs="?")
    parser.add_argument("--scratch", type=Path, default=SCRATCH)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    project = options.project or dub_recording(EXAMPLE, "pt-br", options.scratch)
    with tempfile.TemporaryDirectory() as folder:
        text = describe(measure(project, Path(folder)))
    print(text)
    if options.write:
        head = "# Speed of whole dubs" if not PAGE.exists() else PAGE.read_text("utf-8").rstrip()
        PAGE.write_text(f"{head}\n\n{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
