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
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def measure(film: Path, seed: int, deaths: Sequence[str]) -> None:
    """Dub the film with deaths in these stages on the way, and print what came of it."""
    draw = random.Random(seed)
    project, log = film.with_suffix(".rythmo"), film.with_suffix(".memory.csv")
    log.unlink(missing_ok=True)
    runs: list[Watch] = []
    kept = [list_artefacts(project)]
    for stage in (*deaths, ""):
        moment = (stage, draw.uniform(0.3, 0.7)) if stage else None
        before = kept[-1]
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


def compare(film: Path, seed: int) -> None:
    """Compare the film with lips with its source frame by frame, and its sound with the mix."""
    from rythmo.lips.lip_map import LipMap
    from rythmo.media.planes import find_pixel_format
    from rythmo.media.probe import probe
    from rythmo.project.workspace import Project
    from rythmo.stages.lip_unit import FilmFrames
    from rythmo.stages.lips import load_lips

    project = Project(film.with_suffix(".rythmo"))
    source, lips = probe(film), load_lips(project)
    assert source.video is not None
    assert isinstance(lips, LipMap)
    assert lips.burnt is not None
    frames = FilmFrames(source, find_pixel_format(source), lips.picture)
    burnt = probe(project.file(lips.burnt.file), need_sound=False)
    assert burnt.video is not None
    print(f"frames: source {source.video.frames}, film with lips {burnt.video.frames}")
    placed = place_parts(project, lips, frames)
    inside = {number for one in placed for number in range(one.part.unit.first, one.part.unit.last)}
    every = measure_frames(burnt.path, film)
    print("| luma of | frames | PSNR: mean, 1st percentile, least |\n|---|---|---|")
    tell("frames without lips", [value for number, value in enumerate(every) if number not in inside])
    compare_parts(placed, frames, burnt, seed)
    compare_sound(project)


def tell(name: str, values: Sequence[float]) -> None:
    """Print a row of the table of PSNR."""
    low = np.percentile(values, 1)
    print(f"| {name} | {len(values)} | {np.mean(values):.1f}, {low:.1f}, {min(values):.1f} dB |", flush=True)


def measure_frames(film: Path, source: Path) -> list[float]:
    """Return the PSNR of the luma of every frame, as ffmpeg measures it."""
    inputs = ["-i", str(film), "-i", str(source)]
    graph = "[0:v][1:v]psnr=stats_file=-"
    command = ["ffmpeg", "-v", "error", *inputs, "-lavfi", graph, "-an", "-f", "null", os.devnull]
    rows = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    values = [row.split("psnr_y:")[1].split()[0] for row in rows if "psnr_y:" in row]
    return [99.0 if value == "inf" else float(value) for value in values]


def to_decibels(error: NDArray[Any]) -> float:
    """Return the PSNR of errors of 8-bit samples; 99 for none."""
    flat = error.ravel()
    mean = float(flat @ flat) / flat.size if flat.size else 0.0
    return 10 * float(np.log10(255**2 / mean)) if mean else 99.0


def place_parts(project: Any, lips: Any, frames: Any) -> list[Any]:
    """Return the parts of all clips with their squares, in order of their first frames."""
    from rythmo.lips.lip_settings import LipSettings
    from rythmo.stages.faces import load_faces
    from rythmo.stages.lip_clips import PlacedPart
    from rythmo.stages.lip_requests import FOLDER, SUFFIX
    from rythmo.stages.lip_unit import plan_unit_crop
    from rythmo.stages.seen_faces import load_seen

    seen = load_seen(project.artefacts, load_faces(project))
    assert seen is not None
    return sorted(
        (
            PlacedPart(
                part,
                plan_unit_crop(part.unit, seen, frames, LipSettings().most_pixels)[0],
                project.artefacts.path(FOLDER, part.key, SUFFIX),
            )
            for clip in lips.clips
            for part in clip.parts
        ),
        key=lambda placed: placed.part.unit.first,
    )


def follow_masks(
    placed: list[Any], count: int, frames: Any, first: int = 0
) -> Iterator[NDArray[np.bool_] | None]:
    """Yield where lips are laid in each frame, shape (height, width); None where there are none."""
    from rythmo.stages.lip_unit import read_lips

    waiting, running = list(placed), []
    width, height = frames.size
    for number in range(first, first + count):
        while waiting and waiting[0].part.unit.first <= number:
            running.append((waiting[0], read_lips(waiting[0].file, waiting[0].path.size)))
            waiting.pop(0)
        running = [one for one in running if number < one[0].part.unit.last]
        mask = np.zeros((height, width), np.bool_) if running else None
        for one, lips in running:
            index, side = number - one.part.unit.first, one.path.side
            wanted = next(lips)[1] > 0
            if one.path.size != side:
                wanted = np.ones((side, side), np.bool_)
            left, top = int(one.path.left[index]), int(one.path.top[index])
            rows, columns = slice(max(0, top), top + side), slice(max(0, left), left + side)
            assert mask is not None
            mask[rows, columns] |= wanted[max(0, -top) : height - top, max(0, -left) : width - left][
                : mask[rows, columns].shape[0], : mask[rows, columns].shape[1]
            ]
        yield mask


def compare_parts(placed: list[Any], frames: Any, burnt: Any, seed: int) -> None:
    """Blend a fifth of the parts, and compare them with the source before and after encoding."""
    from rythmo.media.planes import find_pixel_format, read_planes
    from rythmo.stages.lip_clips import blend_clip

    chosen = random.Random(seed).sample(placed, max(1, len(placed) // 5))
    count = wrong = 0
    outside, within = [], []
    for one in chosen:
        unit = one.part.unit
        same = [two for two in placed if two.part.unit.first < unit.last and unit.first < two.part.unit.last]
        start = min(two.part.unit.first for two in same)
        stop = max(two.part.unit.last for two in same)
        before = read_planes(frames.info, frames.pixels, start, stop)
        after = blend_clip(frames, same, start, stop)
        film = read_planes(burnt, find_pixel_format(burnt), start, stop)
        masks = follow_masks(same, stop - start, frames, start)
        for old, new, coded, mask in zip(before, after, film, masks, strict=True):
            count += 1
            for plane, (was, now) in enumerate(zip(old, new, strict=True)):
                changed = was != now
                if plane:
                    changed = changed.repeat(frames.pixels.down, axis=0).repeat(frames.pixels.across, axis=1)
                wrong += int(changed.sum() if mask is None else (changed & ~mask).sum())
            if mask is not None:
                error = np.subtract(old[0], coded[0], dtype=np.float32)
                outside.append(to_decibels(error[~mask]))
                within.append(to_decibels(error[mask]))
    tell("frames with lips, outside the masks", outside)
    tell("frames with lips, inside the masks", within)
    print(
        f"before encoding: {len(chosen)} parts, {count} frames, {wrong} samples outside of the masks differ"
    )


def compare_sound(project: Any) -> None:
    """Print how many samples later the sound of the delivered film is than the mix, at several places."""
    import soundfile

    film = next((project.root / "deliver").rglob("*.lips.mp4"))
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-ac", "1", "-ar", "48000", "-f", "f32le", "-"]
    heard = np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)
    mixed, _ = soundfile.read(project.root / "stems" / "MIX.wav", dtype="float32", always_2d=True)
    mixed = mixed.mean(axis=1)
    size = 1 << 19
    lags = []
    for start in np.linspace(0, len(mixed) - size, 4).astype(int):
        one, other = heard[start : start + size], mixed[start : start + size]
        spectrum = np.fft.rfft(np.pad(one, (0, size))) * np.conj(np.fft.rfft(np.pad(other, (0, size))))
        peak = int(np.fft.irfft(spectrum).argmax())
        lags.append(peak - 2 * size if peak > size else peak)
    print(f"sound: {len(heard)} samples, the mix has {len(mixed)}; later by {lags} samples")


def main() -> None:
    """Measure or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("film", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", default="lips,burn", help="stages in which the run is killed")
    parser.add_argument("--compare", action="store_true")
    arguments = parser.parse_args()
    if arguments.compare:
        compare(arguments.film, arguments.seed)
    else:
        measure(arguments.film, arguments.seed, arguments.kills.split(","))


if __name__ == "__main__":
    main()
