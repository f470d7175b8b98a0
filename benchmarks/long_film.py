"""Make a long film with known lines, cuts and faces: photographs whose mouths are warped to the words.

    python benchmarks/long_film.py FILE [--minutes 20] [--seed 1] [--pictures FOLDER] [--man FILM]

It needs Debian's flite (as `examples/make_scene.py` does) and matplotlib, which brings the portrait of Grace
Hopper. `--pictures` is the folder `skimage/data` of scikit-image, which has one of Eileen Collins and other
pictures; without it there is one face less. `--man` is the one-man recording of the test data, whose mouth
and words are real.

Beside the film lie its script (`.en.srt`), its dialogue and M&E (`.dx.wav`, `.me.wav`) and its truth
(`.truth.json`). About half of the lines are on screen: alone, in two-shots, and over a cut. The others are
said over pictures without a face, or over the face of somebody who listens.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

import face_film  # noqa: E402
from long_programme import sentences  # noqa: E402
from scene import voices  # noqa: E402
from scene.story import Cue  # noqa: E402

from rythmo.engines import registry  # noqa: E402
from rythmo.engines.base import Kind  # noqa: E402
from rythmo.faces.model import Face  # noqa: E402
from rythmo.media.probe import probe  # noqa: E402

Picture = NDArray[np.uint8]
RATE, FPS, WIDTH, HEIGHT = 48_000, 25, 640, 360
_PER_FRAME = RATE // FPS
_LEVELS, _WIDEST = 14, 0.42
_BED_DB = -16.0
_GRAIN = "noise=c0s=7:c0f=t:all_seed=1"
_MAN_LINES = (
    (1.2, 2.05, "Good morning."),
    (2.55, 3.9, "My name is Jordi Mas."),
    (5.15, 6.6, "I am from Barcelona."),
    (7.6, 8.75, "And I love the city."),
)
"""Seconds of the sound of the one-man recording."""
_MAN_LATE = 0.3
"""How many seconds its sound comes after the mouth."""
voices.VOICES["EILEEN"] = voices.Voice("cmu_us_slt", pitch=1.4, stretch=0.94)
voices.VOICES["GRACE"] = voices.Voice("cmu_us_slt", pitch=0.95)
voices.VOICES["NARRATOR"] = voices.Voice("cmu_us_rms", pitch=0.85)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line of the truth: who says it, [start, end) in samples, its words, and whether its mouth is seen."""

    who: str
    start: int
    end: int
    text: str
    on_screen: bool


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames [first, last) of a picture: the people in it from left to right, or the number of a view.

    `zoom` and `tint` tell shots of one person apart. `source` is the second of the one-man recording.
    """

    first: int
    last: int
    people: tuple[str, ...] = ()
    view: int = 0
    zoom: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    source: float = 0.0


@dataclass
class Plan:
    """A film that grows: its shots, lines and dialogue."""

    draw: random.Random
    faces: tuple[str, ...]
    man: NDArray[np.float32] | None
    shots: list[Shot] = field(default_factory=list)
    lines: list[Spoken] = field(default_factory=list)
    speech: list[tuple[int, NDArray[np.float32]]] = field(default_factory=list)

    @property
    def frame(self) -> int:
        """The first frame after the last shot."""
        return self.shots[-1].last if self.shots else 0

    def add_shot(self, last: int, **more: object) -> None:
        """Add a shot from the end of the last one up to a frame."""
        tint = tuple(self.draw.uniform(0.8, 1.15) for _ in range(3))
        zoom = self.draw.uniform(1.3, 2.3)
        self.shots.append(Shot(self.frame, last, **({"zoom": zoom, "tint": tint} | more)))  # type: ignore[arg-type]

    def say(self, who: str, text: str, start: int, *, seen: bool) -> int:
        """Add a line at a sample; return its end."""
        samples = voices.speak(Cue(who, text, 0)).samples
        self.speech.append((start, samples))
        self.lines.append(Spoken(who, start, start + len(samples), text, seen))
        return start + len(samples)


def plan_film(minutes: float, seed: int, faces: Sequence[str], man: NDArray[np.float32] | None) -> Plan:
    """Return the shots and lines of a film of about that length."""
    plan = Plan(random.Random(seed), tuple(faces), man)
    text = sentences(plan.draw)
    plan.add_shot(2 * FPS, view=0)
    kinds = ("alone", "cut", "two", "listener", "view", *(["man"] if man is not None else []))
    weights = (1.6, 1, 1, 0.6, 3.2, *([1.4] if man is not None else []))
    while plan.frame < minutes * 60 * FPS:
        kind = plan.draw.choices(kinds, weights)[0]
        _add_scene(plan, kind, text)
    return plan


def _add_scene(plan: Plan, kind: str, text: Iterator[str]) -> None:
    begin = (plan.frame + plan.draw.randint(12, 45)) * _PER_FRAME
    who, *others = plan.draw.sample(plan.faces, len(plan.faces))
    rest = plan.draw.randint(12, 60)
    if kind == "man":
        _add_man(plan)
    elif kind == "alone":
        end = plan.say(who, next(text), begin, seen=True)
        plan.add_shot(end // _PER_FRAME + rest, people=(who,))
    elif kind == "cut":
        end = plan.say(who, next(text), begin, seen=True)
        plan.add_shot((begin + end) // 2 // _PER_FRAME, people=(who,))
        plan.add_shot(end // _PER_FRAME + rest, people=(who, *others))
    elif kind == "two":
        end = plan.say(who, next(text), begin, seen=True)
        end = plan.say(others[0] if others else who, next(text), end + RATE, seen=True)
        plan.add_shot(end // _PER_FRAME + rest, people=(who, *others))
    else:
        silent = kind == "listener"
        end = begin
        for _ in range(1 if silent else plan.draw.randint(1, 3)):
            end = plan.say("NARRATOR", next(text), end, seen=False) + plan.draw.randint(RATE, 3 * RATE)
        plan.add_shot(end // _PER_FRAME, people=(who,) if silent else (), view=plan.draw.randint(0, 99))


def _add_man(plan: Plan) -> None:
    """Add one of the man's lines: his picture with the sound that belongs to it."""
    assert plan.man is not None
    heard, ends, words = plan.draw.choice(_MAN_LINES)
    before, after = plan.draw.uniform(0.3, 0.8), plan.draw.uniform(0.2, 0.7)
    first = plan.frame
    start = first * _PER_FRAME + round(before * RATE)
    samples = plan.man[round(heard * RATE) : round(ends * RATE)]
    plan.speech.append((start, samples))
    plan.lines.append(Spoken("JORDI", start, start + len(samples), words, on_screen=True))
    last = first + round((before + ends - heard + after) * FPS)
    plan.add_shot(last, people=("JORDI",), source=heard - before - _MAN_LATE)


class Person:
    """A photograph in which the mouth opens so far: `levels` pictures of the same size."""

    def __init__(self, picture: Picture, face: Face) -> None:
        height, width = picture.shape[:2]
        points = np.array(face.points) * (width, height)
        right, left, upper, lower = points[3], points[4], points[5], points[6]
        middle = tuple(((upper + lower) / 2).tolist())
        wide = float(np.linalg.norm(left - right))
        self.levels = [
            Image.fromarray(face_film.open_mouth(picture, middle, wide, _WIDEST * level / _LEVELS))
            for level in range(_LEVELS + 1)
        ]
        box = np.array(face.box) * (width, height, width, height)
        self.centre = float(box[[0, 2]].mean()), float(box[[1, 3]].mean() + 0.15 * (box[3] - box[1]))
        self.height = float(box[3] - box[1])


def load_people(pictures: Path | None) -> dict[str, Person]:
    """Return those whose photographs are there."""
    photographs = {"GRACE": face_film.photograph()}
    if pictures is not None:
        photographs["EILEEN"] = np.array(Image.open(pictures / "astronaut.png").convert("RGB"))
    tracker = registry.create(registry.choose(Kind.FACE_TRACKER))
    people = {}
    for name, picture in photographs.items():
        found = tracker.find_faces([picture])[0]
        people[name] = Person(picture, max(found, key=lambda face: face.box[3] - face.box[1]))
    tracker.close()
    return people


def load_views(pictures: Path | None) -> list[Image.Image]:
    """Return pictures without a face, half as wide again as the film."""
    from sklearn.datasets import load_sample_images

    views = [Image.fromarray(image) for image in load_sample_images().images]
    names = ("coffee.png", "rocket.jpg", "hubble_deep_field.jpg", "motorcycle_left.png", "color.png")
    if pictures is not None:
        views += [Image.open(pictures / name).convert("RGB") for name in names]
    wide = WIDTH * 3 // 2
    return [view.resize((wide, max(HEIGHT, wide * view.height // view.width))) for view in views]


class Painter:
    """Draws the frames of a plan."""

    def __init__(self, plan: Plan, pictures: Path | None, man: Path | None) -> None:
        self.plan, self.people, self.views = plan, load_people(pictures), load_views(pictures)
        self.man = _read_man(man) if man is not None else []
        self.openings = {who: _follow_speech(plan, who) for who in self.people}

    def draw_all(self) -> Iterator[bytes]:
        """Yield the RGB of every frame."""
        for shot in self.plan.shots:
            table = [round(min(255.0, value * gain)) for gain in shot.tint for value in range(256)]
            for number in range(shot.first, shot.last):
                yield self._draw(shot, number).point(table).tobytes()

    def _draw(self, shot: Shot, number: int) -> Image.Image:
        age = number - shot.first
        if shot.people == ("JORDI",):
            source = self.man[min(len(self.man) - 1, max(0, round((shot.source + age / FPS) * 30)))]
            reach = shot.zoom / 2.3 * 0.3
            width, height = source.size
            return _transform(
                source, width / 2, height * 0.45, width * (1 - reach) / WIDTH, age, (WIDTH, HEIGHT)
            )
        if not shot.people:
            view = self.views[shot.view % len(self.views)]
            width, height = view.size
            left = (age // 2 + 40 * shot.view) % (width - WIDTH + 1)
            top = (height - HEIGHT) // 2
            return view.crop((left, top, left + WIDTH, top + HEIGHT))
        wide = WIDTH // len(shot.people)
        frame = Image.new("RGB", (WIDTH, HEIGHT))
        for place, who in enumerate(shot.people):
            person = self.people[who]
            level = person.levels[int(self.openings[who][number])]
            scale = person.height / (HEIGHT * 0.2 * shot.zoom)
            part = _transform(level, *person.centre, scale, age + 40 * place, (wide, HEIGHT))
            frame.paste(part, (place * wide, 0))
        return frame


def _transform(
    image: Image.Image, x: float, y: float, scale: float, age: int, size: tuple[int, int]
) -> Image.Image:
    """Return the picture around a point, held by a hand that is not quite still."""
    width, height = size
    x += 5 * scale * np.sin(age / 23)
    y += 4 * scale * np.sin(age / 17 + 1)
    turn = 0.02 * np.sin(age / 31)
    a, b = scale * np.cos(turn), scale * np.sin(turn)
    left, top = x - a * width / 2 - b * height / 2, y + b * width / 2 - a * height / 2
    matrix = (a, b, left, -b, a, top)
    return image.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def _follow_speech(plan: Plan, who: str) -> NDArray[np.int64]:
    """Return the level of somebody's mouth in each frame."""
    openings = np.zeros(plan.frame)
    for line, (start, samples) in zip(plan.lines, plan.speech, strict=True):
        if line.who != who:
            continue
        first = start // _PER_FRAME
        padded = np.pad(samples, (start - first * _PER_FRAME, _PER_FRAME))
        count = len(padded) // _PER_FRAME
        loud = np.sqrt(np.square(padded[: count * _PER_FRAME].reshape(count, -1)).mean(axis=1))
        openings[first : first + count] = loud / max(1e-6, float(np.percentile(loud, 95)))
    smooth = np.convolve(openings, (0.25, 0.5, 0.25), mode="same")
    return np.rint(np.clip(smooth, 0, 1) * _LEVELS).astype(np.int64)


def _read_man(film: Path) -> list[Image.Image]:
    info = probe(film)
    assert info.video is not None
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    frames = np.frombuffer(raw, np.uint8).reshape(-1, info.video.height, info.video.width, 3)
    return [Image.fromarray(frame) for frame in frames]


def write_film(path: Path, minutes: float, seed: int, pictures: Path | None, man: Path | None) -> None:
    """Write the film and what is known of it."""
    faces = ("GRACE", "EILEEN") if pictures is not None else ("GRACE",)
    plan = plan_film(minutes, seed, faces, _read_sound(man) if man is not None else None)
    length = plan.frame * _PER_FRAME
    speech = np.zeros(length, np.float32)
    for start, samples in plan.speech:
        speech[start : start + len(samples)] += samples
    bed, _ = soundfile.read(ROOT / "examples" / "scene.truth" / "bed.flac", dtype="float32", always_2d=True)
    looped = np.tile(bed, (-(-length // len(bed)), 1))[:length] * np.float32(10 ** (_BED_DB / 20))
    soundfile.write(path.with_suffix(".dx.wav"), speech, RATE, subtype="PCM_16")
    soundfile.write(path.with_suffix(".me.wav"), looped, RATE, subtype="PCM_16")
    mixed = path.with_suffix(".mix.wav")
    soundfile.write(mixed, np.clip(looped + speech[:, None], -1, 1), RATE, subtype="PCM_16")
    cues = [
        f"{number}\n{_clock(line.start)} --> {_clock(line.end)}\n{line.who}: {line.text}\n"
        for number, line in enumerate(plan.lines, 1)
    ]
    path.with_suffix(".en.srt").write_text("\n".join(cues), "utf-8")
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-"]
    codecs = ["-c:v", "libx264", "-preset", "superfast", "-crf", "20", "-threads", "1", "-pix_fmt", "yuv420p"]
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        *raw,
        "-i",
        str(mixed),
        "-vf",
        _GRAIN,
        *codecs,
        "-c:a",
        "aac",
        str(path),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as writer:
        assert writer.stdin is not None
        for frame in Painter(plan, pictures, man).draw_all():
            writer.stdin.write(frame)
    mixed.unlink()
    lines = [
        {"who": one.who, "start": one.start, "end": one.end, "text": one.text, "on_screen": one.on_screen}
        for one in plan.lines
    ]
    truth = {"frames": plan.frame, "cuts": [shot.first for shot in plan.shots[1:]], "lines": lines}
    path.with_suffix(".truth.json").write_text(json.dumps(truth, indent=1), "utf-8")


def _read_sound(film: Path) -> NDArray[np.float32]:
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-f", "f32le", "-ac", "1", "-ar", str(RATE), "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32) * 1.6


def _clock(samples: int) -> str:
    whole = round(samples * 1000 / RATE)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"


def main() -> None:
    """Make the film."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--man", type=Path)
    arguments = parser.parse_args()
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    write_film(arguments.file, arguments.minutes, arguments.seed, arguments.pictures, arguments.man)


if __name__ == "__main__":
    main()
