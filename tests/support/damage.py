"""Every file of a project and of Rythmo's own folder: cut, flipped and emptied. What becomes of each.

    python tests/support/damage.py [--variants 600] [--seed 1]

Each variant damages one file of a copy. Then `deliver` and `qc` run with engines that are tones; for a file
of Rythmo's folder the service starts first, and is asked for its jobs and projects. A variant is

    repaired   the deliveries are what they were;
    told       one clear line says what is wrong, or a warning or flag says what was changed;
    taken      a file that people write was read as it stands now, which is what it is for;
    wrong      a traceback, a defect of ours, or another delivery without a word.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import toy

from rythmo import trust
from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.errors import RythmoError
from rythmo.project.history import History
from rythmo.settings import DeliverSettings, Settings
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.services import make_services

KINDS = ("cut", "flipped", "emptied", "byte")
LONGEST_SECONDS = 60.0
SCENE = ((0, 24_013, 36_000), (1, 80_001, 30_000), (0, 130_007, 40_000))
OWN = ("settings.toml",)
"""Files that people write: what stands there counts, where it can be read."""


@dataclass(frozen=True)
class World:
    """A dubbed project and Rythmo's folder, as they are before any damage."""

    good: Path
    home: Path
    deliveries: dict[str, str]

    def files(self) -> list[Path]:
        """Every file of both, relative to the folder above them, in a fixed order."""
        top = self.good.parent
        return sorted(p.relative_to(top) for p in top.rglob("*") if p.is_file() and p.name != ".lock")


def make_world(folder: Path) -> World:
    """A dubbed toy film with an edit's history and a report, and a home with jobs, settings and consents."""
    film = toy.write_sound(folder / "toy.wav", scene=SCENE, length=192_000)
    top = folder / "good"
    home = top / "home"
    home.mkdir(parents=True)
    os.environ["RYTHMO_HOME"] = str(home)
    (home / "settings.toml").write_text('[deliver]\nformats = "otio,srt,csv"\n', "utf-8")
    settings = Settings(deliver=DeliverSettings("otio,srt,csv"))
    project = pipeline.dub(Job(film, "es", "en", top), settings, engines=fakes.specs()).project
    script = project.load()
    History(project.root / "project.db").push(script, script, 1)
    run(project.root)
    services = make_services(_service(home))
    services.database.add_project("p1", str(project.root))
    services.database.add_folder("f1", str(folder))
    for number in range(5):
        services.database.add_job(new_job("qc", project=str(number)), None)
    services.close()
    return World(project.root, home, deliveries(project.root))


def _service(home: Path) -> ServiceSettings:
    return ServiceSettings(home=home, token="t", port=9, folders=(), out=home, worker=("false",))


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
        for folder in ("stems", "deliver", "takes")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and path.suffix in (".wav", ".otio", ".srt", ".csv")
    }


@contextlib.contextmanager
def toy_engines() -> Iterator[None]:
    """The command line's engines are tones."""
    toys = fakes.specs()
    with mock.patch("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind]):
        yield


@contextlib.contextmanager
def _heard() -> Iterator[io.StringIO]:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            yield said
    finally:
        logging.getLogger().removeHandler(handler)


def run(root: Path) -> tuple[list[int], str]:
    """Deliver and measure; the exit codes, and what was said."""
    with _heard() as said:
        codes = [main(["deliver", str(root)]), main(["qc", "--quick", str(root)])]
    return codes, said.getvalue()


def start_service(home: Path) -> str:
    """Start the service's parts as `rythmo serve` does; what was said. Raises RythmoError."""
    with _heard() as said:
        services = make_services(_service(home))
        try:
            services.database.jobs()
            services.database.projects()
        finally:
            services.close()
    return said.getvalue()


def judge(top: Path, file: Path, kind: str, chance: random.Random, world: World) -> str:
    """What became of one variant: "repaired", "told", "taken", or "wrong: why"."""
    root, home = top / world.good.name, top / world.home.name
    os.environ["RYTHMO_HOME"] = str(home)
    trust.save_permissions(root, **_given(world))
    damage(top / file, kind, chance)
    began, started = time.monotonic(), ""
    try:
        if file.parts[0] == home.name:
            started = start_service(home)
        codes, said = run(root)
    except RythmoError as error:
        return "told" if error.message else "wrong: nothing said"
    if time.monotonic() - began > LONGEST_SECONDS:
        return "wrong: it took too long"
    if "Traceback" in started + said or "defect" in started + said:
        return "wrong: " + (started + said).strip().splitlines()[-1]
    if codes[0] != 0:
        return "told"
    found = deliveries(root)
    if all(found.get(name) == content for name, content in world.deliveries.items()):
        return "repaired"
    if "changed" in said:
        return "told"
    if file.name in OWN:
        return "taken"
    names = [name for name, content in world.deliveries.items() if found.get(name) != content]
    return f"wrong: another delivery without a word: {names}"


def _given(world: World) -> dict[str, str]:
    """The permissions of the good project: those of its copy go by its path."""
    with mock.patch.dict(os.environ, {"RYTHMO_HOME": str(world.home)}):
        found = trust.read_permissions(world.good)
    return {name: getattr(found, name) for name in found.__struct_fields__}


def try_variants(
    folder: Path, count: int, seed: int, tell: Callable[[str], object] = print
) -> Counter[tuple[str, str]]:
    """Damage `count` times, each file in turn in each way, and count what became of it."""
    chance = random.Random(seed)
    with mock.patch.dict(os.environ), toy_engines():
        world = make_world(folder)
        files = world.files()
        everything = [(file, kind) for kind in KINDS for file in files]
        few = count < len(everything)
        chosen = (
            chance.sample(everything, count) if few else (everything * (count // len(everything) + 1))[:count]
        )
        found: Counter[tuple[str, str]] = Counter()
        for number, (file, kind) in enumerate(chosen):
            top = folder / f"try{number}"
            shutil.copytree(world.good.parent, top)
            outcome = judge(top, file, kind, chance, world)
            found[kind, outcome.partition(":")[0]] += 1
            if outcome.startswith("wrong"):
                tell(f"{file} {kind}: {outcome}")
            shutil.rmtree(top)
    return found


def main_program() -> int:
    """Try the variants and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--variants", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = try_variants(Path(name), options.variants, options.seed, lambda text: print(text, flush=True))
    for kind in KINDS:
        print(
            f"{kind:8}", *(f"{what} {found[kind, what]}" for what in ("repaired", "told", "taken", "wrong"))
        )
    return int(any(what == "wrong" for _, what in found))


if __name__ == "__main__":
    sys.exit(main_program())
