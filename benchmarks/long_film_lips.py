"""A long film end to end, with faces, lips and the film with lips: memory, killed runs, untouched pixels.

    python benchmarks/long_film.py FOLDER/film.mp4 --minutes 20
    python benchmarks/long_film_lips.py FOLDER/film.mp4 [--seed 1]
    python benchmarks/long_film_lips.py FOLDER/film.mp4 --compare

The first call dubs the film with `rythmo dub` and kills the run twice at drawn moments, among the lips and
among the segments of the film with lips. Each time the run is started again, and what lay in the cache has
to be used as it is. Memory is the proportional set size (PSS) of all processes, once a second. The second
call decodes the film with lips beside the source and compares each frame inside and outside of the masks.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("GRACE", "EILEEN", "JORDI")
BURN = "the film with lips"
_TICKS = os.sysconf("SC_CLK_TCK")
_PARTS = 5


@dataclass
class Watch:
    """What is known of a run: its stage and the samples (stage, share of it, PSS in MB, CPU seconds)."""

    stage: str = "start"
    share: float = 0.0
    cpu: float = 0.0
    samples: list[tuple[str, float, float, float]] = field(default_factory=list)

    def note(self, event: dict[str, Any]) -> None:
        """Take the stage from an event of the command."""
        if event.get("event") == "progress":
            clips = event["detail"].startswith("clip ")
            self.stage = "burn" if event["detail"] == BURN else "clips" if clips else event["stage"]
            self.share = event["done"] / max(1, event["total"])

    def follow(self, child: subprocess.Popen[str], log: Path) -> None:
        """Sample until the process ends."""
        with log.open("a") as out:
            while child.poll() is None:
                memory, cpu = weigh_tree(child.pid)
                self.samples.append((self.stage, self.share, memory, cpu))
                out.write(f"{time.time():.0f},{self.stage},{self.share:.4f},{memory:.0f},{cpu:.1f}\n")
                out.flush()
                time.sleep(1.0)


def weigh_tree(top: int) -> tuple[float, float]:
    """Return the PSS in MB and the CPU seconds of a process and its descendants."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            words = (path / "stat").read_text().rpartition(")")[2].split()
            parents[int(path.name)] = int(words[1])
            ticks[int(path.name)] = sum(int(word) for word in words[11:15])
    total, used = 0.0, 0
    for pid in parents:
        above: int | None = pid
        while above and above != top:
            above = parents.get(above)
        if above == top:
            used += ticks[pid]
            with suppress(OSError, ValueError, IndexError):
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += int(text.split("\nPss:")[1].split()[0]) / 1024
    return total, used / _TICKS


def write_cast(path: Path) -> Path:
    """Write a cast file in which everybody on screen allows that their lips are changed."""
    from rythmo.casting.cast_file import Cast, Person, save_cast
    from rythmo.casting.face_consent import FaceConsent

    leave = FaceConsent("A", "A", "Studio", "a benchmark", ("es",), date(2999, 1, 1))
    save_cast(Cast(tuple(Person(name, face_consents=(leave,)) for name in NAMES), path.parent), path)
    return path


def run_dub(film: Path, kill_at: tuple[str, float] | None, log: Path) -> Watch:
    """Run the dub in a process group of its own, up to its end or to the moment of its death."""
    command = [
        sys.executable, "-m", "rythmo", "dub", "--json", str(film), "--to", "es", "--from", "en",
        "--out", str(film.parent), "--script", str(film.with_suffix(".en.srt")),
        "--dx", str(film.with_suffix(".dx.wav")), "--me", str(film.with_suffix(".me.wav")),
        "--cast", str(write_cast(film.parent / "cast.toml")), "--faces", "--lips", "own-mouths",
        "--burn-lips", "--lip-clips", "h264", "--voice", "espeak", "--deliver", "otio,srt,mp4", "--no-sign",
    ]  # fmt: skip
    watch = Watch()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    thread = threading.Thread(target=watch.follow, args=(child, log))
    thread.start()
    assert child.stdout is not None
    for row in child.stdout:
        watch.note(json.loads(row))
        if kill_at is not None and watch.stage == kill_at[0] and watch.share >= kill_at[1]:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            break
    code = child.wait()
    thread.join()
    if code and kill_at is None:
        raise SystemExit(f"the dub ended with {code}")
    return watch


def list_artefacts(project: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of each finished artefact of faces and lips."""
    found = {}
    for folder in ("lips", "faces"):
        for path in sorted((project / "cache" / folder).rglob("*")):
            if path.is_file() and not path.name.endswith((".tmp", ".part")):
                status = path.stat()
                found[str(path.relative_to(project))] = status.st_size, status.st_mtime_ns
    return found


def measure(film: Path, seed: int) -> None:
    """Dub the film with two deaths on the way, and print what came of it."""
    draw = random.Random(seed)
    project, log = film.with_suffix(".rythmo"), film.with_suffix(".memory.csv")
    log.unlink(missing_ok=True)
    runs, kept = [], []
    for stage in ("lips", "burn", ""):
        moment = (stage, draw.uniform(0.3, 0.7)) if stage else None
        before = kept[-1] if kept else {}
        runs.append(run_dub(film, moment, log))
        kept.append(list_artefacts(project))
        again = [name for name, status in before.items() if kept[-1].get(name) != status]
        told = f"killed at {moment[1]:.0%} of {moment[0]}" if moment else "finished"
        print(
            f"run {len(runs)}: {told}, {len(kept[-1])} artefacts; made twice or lost: {again or 'none'}",
            flush=True,
        )
    print_memory(runs)


def print_memory(runs: list[Watch]) -> None:
    """Print PSS over the length of each stage, and its CPU seconds."""
    print("\n| run | stage | CPU s | PSS in MB: peak in each fifth of the stage |\n|---|---|---|---|")
    for number, run in enumerate(runs, 1):
        last = 0.0
        for stage in dict.fromkeys(sample[0] for sample in run.samples):
            own = [sample for sample in run.samples if sample[0] == stage]
            used, last = max(one[3] for one in own) - last, max(one[3] for one in own)
            fifths = [
                max(
                    (one[2] for one in own[len(own) * part // _PARTS : len(own) * (part + 1) // _PARTS]),
                    default=0,
                )
                for part in range(_PARTS)
            ]
            print(f"| {number} | {stage} | {used:.0f} | {', '.join(f'{value:.0f}' for value in fifths)} |")


def main() -> None:
    """Measure or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("film", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", action="store_true")
    arguments = parser.parse_args()
    measure(arguments.film, arguments.seed)


if __name__ == "__main__":
    main()
