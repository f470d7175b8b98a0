"""Faces and lips of a long film: memory and time against its length, and whether a killed run gives the same.

    python benchmarks/long_lips.py FOLDER [--times 1,4,16] [--lines 2] [--burn 4] [--kills 0] [--seed 1]

The film is the drawn example, which ffmpeg repeats at its real size without encoding it. Its lines come from
its truth, so nothing is recognised; voices are toys. The lips are made by `own-mouths` for `--lines` lines
of each repetition. The faces are found by the real tracker in one repetition, and remembered by the content
of the frame for the others: what is measured is what a film of that length costs the rest. Films of up to
`--burn` repetitions also get their lips burnt in. With `--kills`, the lips of the shortest film are made
again in a process that is killed so many times at drawn moments.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCENE, TRUTH = ROOT / "examples" / "scene.mp4", ROOT / "examples" / "scene.truth.json"
_RATE = 48_000
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


def make_film(folder: Path, times: int) -> Path:
    """Return the example, played so many times."""
    path = folder / f"x{times}.mp4"
    if not path.is_file():
        loop = ["-stream_loop", str(times - 1), "-i", str(SCENE)]
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", *loop, "-map", "0:v:0", "-map", "0:a:0", "-c", "copy", str(path)],
            check=True,
        )
    return path


def write_cues(path: Path, times: int, count: int) -> Path:
    """Write `count` lines of each repetition as subtitles with the names of their speakers."""
    truth = json.loads(TRUTH.read_text("utf-8"))
    step = 1581 * 1001 / 24000
    chosen = [line for line in truth["lines"] if line["on_screen"] > 0.9][:count]
    cues = []
    for repetition in range(times):
        for line in chosen:
            start, end = (line[edge] / _RATE + repetition * step for edge in ("start", "end"))
            cues.append(f"{_clock(start)} --> {_clock(end)}\n{line['speaker']}: {line['text']}\n")
    path.write_text("\n".join(f"{number}\n{cue}" for number, cue in enumerate(cues, 1)), "utf-8")
    return path


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"


class RememberedFaces:
    """The real tracker, which looks at each picture once; `memory` is a file."""

    def __init__(self, inner: Any, memory: Path) -> None:
        self.inner, self.memory = inner, memory
        self.info, self.same_person = inner.info, inner.same_person
        self.known = pickle.loads(memory.read_bytes()) if memory.is_file() else {}
        self.new = 0

    def find_faces(self, pictures: Sequence[Any], *, before: Any = (), **_: Any) -> list[Any]:
        keys = [hashlib.sha256(picture.tobytes()).digest() for picture in pictures]
        missing = [index for index, key in enumerate(keys) if key not in self.known]
        if missing:
            found = self.inner.find_faces(pictures, before=before)
            self.known |= dict(zip(keys, found, strict=True))
            self.new += len(missing)
        return [self.known[key] for key in keys]

    def describe_faces(self, picture: Any, faces: Sequence[Any], **_: Any) -> Any:
        key = hashlib.sha256(picture.tobytes() + repr(faces).encode()).digest()
        if key not in self.known:
            self.known[key] = self.inner.describe_faces(picture, faces)
        return self.known[key]

    def close(self) -> None:
        self.inner.close()
        if self.new:
            self.memory.write_bytes(pickle.dumps(self.known))


def run_one(folder: Path, times: int, lines: int, stage: str, project: Path | None) -> None:
    """Do one stage of one film in this process, and print its figures."""
    from rythmo.casting.cast_file import Cast, Person, save_cast
    from rythmo.casting.face_consent import FaceConsent
    from rythmo.dubbing import picture_requests, pipeline
    from rythmo.dubbing.pipeline import Job
    from rythmo.engines import fakes, registry
    from rythmo.engines.base import EngineSpec, Kind
    from rythmo.lips.lip_settings import LipSettings
    from rythmo.project.workspace import Project
    from rythmo.settings import CastSettings, DeliverSettings, Settings
    from rythmo.stages.faces import load_faces
    from rythmo.stages.lips import load_lips

    names = ("ANNA", "GEORGE", "GUARD")
    cast = folder / "cast.toml"
    leave = FaceConsent("A", "A", "Studio", "a benchmark", ("es",), date(2999, 1, 1))
    save_cast(Cast(tuple(Person(name, face_consents=(leave,)) for name in names), folder), cast)
    lips = LipSettings(make=stage != "dub", burn=stage == "burn", clips="h264")
    settings = Settings(
        cast=CastSettings(str(cast)), lips=lips, deliver=DeliverSettings("otio" if stage != "dub" else "srt")
    )
    tracker = registry.choose(Kind.FACE_TRACKER)
    mouths = next(spec for spec in registry.installed()[Kind.LIP_SYNC] if spec.info.name == "own-mouths")
    engines = {
        **fakes.specs(),
        Kind.LIP_SYNC: mouths,
        Kind.FACE_TRACKER: EngineSpec(
            tracker.info, lambda _: RememberedFaces(registry.create(tracker), folder / "faces.pickle")
        ),
    }
    began, used = time.monotonic(), _used()
    if stage == "dub":
        job = Job(
            make_film(folder, times), "es", "en", folder,
            write_cues(folder / f"x{times}.en.srt", times, lines),
        )  # fmt: skip
        made = pipeline.dub(job, replace(settings, lips=LipSettings()), engines=engines).project
    else:
        made = Project(project or folder / f"x{times}.rythmo")
        work = picture_requests.find_faces if stage == "faces" else picture_requests.make_lips
        work(made, settings, engines=engines)
    faces, found = load_faces(made), load_lips(made)
    units = [part.unit for clip in found.clips for part in clip.parts] if found else []
    rate = 24000 / 1001
    print(
        json.dumps(
            {
                "cpu": round(_used() - used, 1),
                "wall": round(time.monotonic() - began, 1),
                "own_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "tracks": len(faces.tracks) if faces else 0,
                "people": len(faces.people) if faces else 0,
                "units": len(units),
                "seconds": round(sum(unit.count for unit in units) / rate, 1),
            }
        )
    )


def _used() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def start(folder: Path, times: int, lines: int, stage: str, *more: str) -> subprocess.Popen[str]:
    """Start one stage in a process group of its own."""
    words = [
        sys.executable,
        __file__,
        str(folder),
        "--one",
        stage,
        "--times",
        str(times),
        "--lines",
        str(lines),
    ]
    return subprocess.Popen([*words, *more], stdout=subprocess.PIPE, text=True, start_new_session=True)


def watch(child: subprocess.Popen[str]) -> tuple[dict[str, Any], float]:
    """Return the figures of a stage, and the most memory of its tree of processes in MB."""
    peak = [0]

    def look() -> None:
        while child.poll() is None:
            peak[0] = max(peak[0], weigh_tree(child.pid))
            time.sleep(0.5)

    thread = threading.Thread(target=look)
    thread.start()
    out, _ = child.communicate()
    thread.join()
    if child.returncode:
        raise SystemExit(f"a stage failed with {child.returncode}")
    return json.loads(out.splitlines()[-1]), peak[0] / 1024


def weigh_tree(top: int) -> int:
    """Return the resident memory of a process and its descendants, in kB; what they share counts twice."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            pid = int(path.name)
            parents[pid] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            sizes[pid] = int((path / "statm").read_text().split()[1]) * _PAGE_KB
    total = 0
    for pid, size in sizes.items():
        above: int | None = pid
        while above and above != top:
            above = parents.get(above)
        total += size if above == top else 0
    return total


def hash_lips(project: Path) -> dict[str, str]:
    """Return the hashes of the clips and the film with lips."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted((project / "lips").iterdir())
        if path.is_file()
    }


def kill_and_go_on(folder: Path, times: int, lines: int, kills: int, seed: int, took: float) -> str:
    """Make the lips again, killed so many times; return what came of it."""
    whole, fresh = folder / f"x{times}.rythmo", folder / "killed.rythmo"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(whole, fresh)
    shutil.rmtree(fresh / "lips")
    (fresh / "lips.json").unlink()
    shutil.rmtree(fresh / "cache" / "lips")
    draw = random.Random(seed)
    moments = [round(draw.uniform(0.15, 0.5) * took, 1) for _ in range(kills)]
    left = []
    for moment in moments:
        child = start(folder, times, lines, "burn", "--project", str(fresh))
        time.sleep(moment)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        left.append(
            len(list((fresh / "cache" / "lips").rglob("*.m*"))) if (fresh / "cache" / "lips").is_dir() else 0
        )
    watch(start(folder, times, lines, "burn", "--project", str(fresh)))
    same = hash_lips(whole) == hash_lips(fresh)
    spare = [path.name for path in fresh.rglob("*") if path.name.endswith((".tmp", ".part"))]
    verdict = "the same bytes" if same else "OTHER BYTES"
    return (
        f"killed after {moments} s, with {left} artefacts in the cache; then finished: "
        f"{len(hash_lips(fresh))} files, {verdict}; left over: {spare or 'nothing'}"
    )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", default="1,4,16")
    parser.add_argument("--lines", type=int, default=2)
    parser.add_argument("--burn", type=int, default=4)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    parser.add_argument("--project", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    lengths = [int(word) for word in said.times.split(",")]
    if said.one:
        run_one(said.folder, lengths[0], said.lines, said.one, said.project)
        return
    print("| film | stage | CPU s | s | tree MB | own MB | tracks | people | units | s of face |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    burnt = 0.0
    for times in lengths:
        for stage in ("dub", "faces", "lips", *(["burn"] if times <= said.burn else [])):
            told, tree = watch(start(said.folder, times, said.lines, stage))
            row = [f"x{times} ({times * 65.9 / 60:.1f} min)", stage, told["cpu"], told["wall"], round(tree)]
            row += [told[name] for name in ("own_mb", "tracks", "people", "units", "seconds")]
            print(f"| {' | '.join(map(str, row))} |", flush=True)
            burnt = told["wall"] if times == lengths[0] and stage in ("lips", "burn") else burnt
    if said.kills:
        print(kill_and_go_on(said.folder, lengths[0], said.lines, said.kills, said.seed, burnt))


if __name__ == "__main__":
    main()
