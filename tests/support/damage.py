"""Every file of a project and of the home, cut, flipped and emptied: what the command line makes of it.

    python tests/support/damage.py [--variants 500] [--seed 1]

Each variant damages one file of a copy, runs `deliver` and `qc` with engines that are tones, and is counted:
repaired (the deliveries are what they were), told (one clear line), or wrong (a traceback, a defect of ours,
or a delivery that differs without a word).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import toy

from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.project.history import History
from rythmo.settings import DeliverSettings, Settings

KINDS = ("cut", "flipped", "emptied", "byte")
LONGEST_SECONDS = 60.0


def make_project(folder: Path) -> Path:
    """A dubbed toy film with a history of edits and a report."""
    film = toy.write_film(folder / "toy.mp4")
    settings = Settings(deliver=DeliverSettings("otio,srt,csv"))
    project = pipeline.dub(Job(film, "es", "en", folder), settings, engines=fakes.specs()).project
    script = project.load()
    History(project.root / "project.db").push(script, script, 1)
    return project.root


def files_of(root: Path) -> list[Path]:
    """Every file, relative to the project, in a fixed order."""
    return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())


def damage(path: Path, kind: str, chance: random.Random) -> None:
    """Cut the file, flip a stretch or one byte of it, or empty it."""
    data = bytearray(path.read_bytes())
    if kind == "emptied" or not data:
        data = bytearray()
    elif kind == "cut":
        del data[chance.randrange(len(data)) :]
    else:
        start = chance.randrange(min(len(data), 4096) if chance.random() < 0.5 else len(data))
        for at in range(start, min(len(data), start + (1 if kind == "byte" else 64))):
            data[at] ^= chance.randrange(1, 256)
    path.write_bytes(data)


def deliveries(root: Path) -> dict[str, str]:
    """What a user takes away, by content, without the place that it lies in."""
    place = str(root.resolve().parent).encode()
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes().replace(place, b"")).hexdigest()
        for folder in ("stems", "deliver")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and path.suffix in (".wav", ".otio", ".srt", ".csv")
    }


@contextlib.contextmanager
def toy_engines() -> Iterator[None]:
    """The command line's engines are tones."""
    toys = fakes.specs()
    with mock.patch("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind]):
        yield


def run(root: Path) -> tuple[list[int], str]:
    """Deliver and measure; the exit codes, and what was said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        codes = [main(["deliver", str(root)]), main(["qc", "--quick", str(root)])]
    return codes, said.getvalue()


def judge(root: Path, file: Path, kind: str, chance: random.Random, wanted: dict[str, str]) -> str:
    """What became of one variant: "repaired", "told", or "wrong: why"."""
    damage(root / file, kind, chance)
    began = time.monotonic()
    codes, said = run(root)
    if time.monotonic() - began > LONGEST_SECONDS:
        return "wrong: it took too long"
    if "Traceback" in said or "defect" in said:
        return "wrong: " + said.strip().splitlines()[-1]
    if codes[0] != 0:
        return "told"
    found = deliveries(root)
    if all(found.get(name) == content for name, content in wanted.items()):
        return "repaired"
    return "wrong: another delivery without a word"


def main_program() -> int:
    """Try the variants and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--variants", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name, toy_engines():
        folder = Path(name)
        os.environ["RYTHMO_HOME"] = str(folder / "home")
        good = Path(shutil.copytree(make_project(folder), folder / "good" / "toy.rythmo"))
        run(good)
        wanted, files = deliveries(good), files_of(good)
        found: Counter[tuple[str, str]] = Counter()
        for number in range(options.variants):
            file, kind = files[number % len(files)], KINDS[number // len(files) % len(KINDS)]
            root = folder / "try" / good.name
            shutil.copytree(good, root)
            outcome = judge(root, file, kind, chance, wanted)
            found[kind, outcome.partition(":")[0]] += 1
            if outcome.startswith("wrong"):
                print(f"{file} {kind}: {outcome}", flush=True)
            shutil.rmtree(root.parent)
    for kind in KINDS:
        print(f"{kind:8}", *(f"{what} {found[kind, what]}" for what in ("repaired", "told", "wrong")))
    return int(any(what == "wrong" for _, what in found))


if __name__ == "__main__":
    sys.exit(main_program())
