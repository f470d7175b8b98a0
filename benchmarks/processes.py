"""The embedded engines on threads and on two processes: seconds by the clock, and the same bytes.

    python benchmarks/processes.py FOLDER [--workers 2] [--write]

Dubs examples/scene.mp4 from English to Brazilian Portuguese, in chunks of half a minute so that there is
something to deal out. `--write` puts the table into docs/benchmarks/processes.md.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import time
from pathlib import Path

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job, Result
from rythmo.settings import DeliverSettings, ExecutionSettings, SceneSettings, Settings

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks" / "processes.md"
_CHUNK = 24.0


def dub(folder: Path, execution: ExecutionSettings) -> Result:
    """Dub the example into the folder."""
    settings = Settings(
        deliver=DeliverSettings("otio,srt"), scenes=SceneSettings(_CHUNK, 2.0), execution=execution
    )
    return pipeline.dub(Job(ROOT / "examples" / "scene.mp4", "pt", "en", folder), settings)


def hash_sounds(result: Result) -> dict[str, str]:
    """Return stems and takes by content."""
    paths = [*sorted(result.project.stems.glob("*.wav")), *sorted(result.project.takes.rglob("*.wav"))]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description="Threads beside processes.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    rows = ["| executor | by the clock | requests' time by stage |", "|---|---|---|"]
    sounds, clocks = [], []
    for execution in (ExecutionSettings(), ExecutionSettings("processes", arguments.workers)):
        begun = time.perf_counter()
        result = dub(arguments.folder / execution.executor, execution)
        clocks.append(time.perf_counter() - begun)
        work = ", ".join(f"{one.stage} {one.seconds:.0f} s" for one in result.work if one.seconds >= 0.5)
        rows.append(f"| {execution.executor} | {clocks[-1]:.0f} s | {work} |")
        sounds.append(hash_sounds(result))
        print(rows[-1], flush=True)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    same = "the same" if sounds[0] == sounds[1] else "NOT the same"
    speed = (
        f"Speed-up {clocks[0] / clocks[1]:.2f} with {arguments.workers} processes on {os.cpu_count()} cores."
    )
    told = f"{len(sounds[0])} stems and takes are {same} to the byte."
    rows += ["", f"{speed} {told} Load of the machine at the end: {load:.1f}."]
    text = "\n".join(rows)
    print(text)
    if arguments.write:
        head = f"# Embedded engines on processes: measured\n\n{__doc__.strip()}"
        PAGE.write_text(f"{head}\n\n{text}\n", encoding="utf-8")
    shutil.rmtree(arguments.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
