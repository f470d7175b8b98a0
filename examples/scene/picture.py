"""The frames: each shot drawn by its set-up, people moved by their own speech, captions, timecode."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from . import people, sets
from .canvas import HEIGHT, WIDTH, Canvas, Colour
from .people import Pose
from .programme import Line, Programme
from .shots import Shot, edit
from .story import FRAME_RATE, RATE, START_TIMECODE

COLOURS: dict[str, Colour] = {"ANNA": (255, 196, 84), "GEORGE": (142, 212, 255), "GUARD": (255, 150, 160)}
_HOLD = int(0.35 * RATE)
_FULL_MOUTH = 0.14


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """What a frame needs to know."""

    frame: int
    poses: dict[str, Pose]
    shake: float
    cat_up: float
    roll: float
    shot: Shot

    @property
    def seconds(self) -> float:
        return float(self.frame / FRAME_RATE)


def _mouths(speech: NDArray[np.float32], frames: int) -> NDArray[np.float64]:
    """How open a mouth is in every frame: the level of the speech around it, attack and release softened."""
    edges = [int(frame * RATE / FRAME_RATE) for frame in range(frames + 1)]
    levels = np.array([np.sqrt(np.mean(speech[a:b] ** 2)) for a, b in pairwise(edges)])
    opened = np.clip(levels / _FULL_MOUTH, 0, 1) ** 0.7
    return np.convolve(opened, (0.2, 0.6, 0.2), "same")


def _lids(frame: int, phase: int) -> float:
    """Everyone blinks now and then."""
    since = (frame + phase) % 83
    return (0.5, 1.0, 1.0, 0.5)[since] if since < 4 else 0.0


def _gaze(who: str, speaker: str, shot: Shot) -> float:
    """Eyes follow whoever speaks: Anna sits left, George right, the guard between them."""
    if who == "GUARD":
        return {"ANNA": -0.8, "GEORGE": 0.8}.get(speaker, 0.6)
    towards = 1.0 if who == "ANNA" else -1.0
    return towards * (0.55 if shot.guard and speaker == "GUARD" else 1.0)


class _Moments:
    """All that changes from frame to frame, worked out from the programme."""

    def __init__(self, programme: Programme) -> None:
        self._lines = programme.lines
        self._mouths = {name: _mouths(speech, programme.frames) for name, speech in programme.speech.items()}
        self._frames = programme.frames
        self.shots = edit(programme.lines)

    def _speaker(self, sample: int) -> str:
        past = [line for line in self._lines if line.start <= sample + RATE // 4]
        return past[-1].speaker if past else "ANNA"

    def at(self, frame: int) -> _Moment:
        shot = [shot for shot in self.shots if shot.start <= frame][-1]
        sample = int(frame * RATE / FRAME_RATE)
        speaker = self._speaker(sample)
        poses = {}
        for number, who in enumerate(self._mouths):
            mouth = float(self._mouths[who][frame])
            sway = 2.2 * math.sin(frame / 9 + 1.9 * number) + 1.2 * math.sin(frame / 3.7 + number)
            poses[who] = Pose(mouth, _lids(frame, 29 * number), _gaze(who, speaker, shot), sway - 5 * mouth)
        since = (frame - shot.start) / float(FRAME_RATE)
        moving = shot.name == "bag" and not shot.cat
        shake = 9 * math.sin(frame * 1.1) * max(0.0, math.sin(since * 7)) if moving else 0.0
        up = min(1.0, since / 0.3) if shot.name == "bag" else 1.0
        start, end = (shot.start, self._frames) if shot.start else (0, self.shots[1].start)
        roll = 0.1 + 0.5 * (frame - start) / (end - start) + (0.35 if shot.start else 0)
        return _Moment(frame, poses, shake, up if shot.cat else 0.0, roll, shot)


def _outside(now: _Moment) -> Canvas:
    canvas = Canvas(sets.night())
    sets.exterior(canvas, now.seconds, now.roll)
    return canvas


def _wide(now: _Moment) -> Canvas:
    canvas = Canvas(sets.wall())
    sets.compartment(canvas, now.seconds)
    if now.shot.guard:
        people.guard(canvas, 800, 330, now.poses["GUARD"])
    people.anna(canvas, 300, 500, now.poses["ANNA"])
    people.george(canvas, 1300, 490, now.poses["GEORGE"])
    people.handle(canvas, 1020, 670, 0)
    if now.cat_up:
        people.cat(canvas, 1020, 610, Pose(lids=0.0, gaze=-0.6))
    people.bag(canvas, 1020, 670, 0)
    return canvas


def _anna(now: _Moment) -> Canvas:
    canvas = Canvas(sets.bench(), 380, 520, 860)
    sets.bench_panel(canvas)
    people.anna(canvas, 350, 480, now.poses["ANNA"])
    return canvas


def _george(now: _Moment) -> Canvas:
    canvas = Canvas(sets.pane(), 1240, 510, 860)
    sets.window_corner(canvas, now.seconds)
    people.george(canvas, 1270, 470, now.poses["GEORGE"])
    return canvas


def _guard(now: _Moment) -> Canvas:
    canvas = Canvas(sets.corridor_light(), 800, 330, 900)
    sets.corridor(canvas)
    people.guard(canvas, 800, 300, now.poses["GUARD"])
    return canvas


def _bag(now: _Moment) -> Canvas:
    canvas = Canvas(sets.seat(), 1020, 600, 620)
    sets.seat_close(canvas)
    people.handle(canvas, 1020, 620, now.shake)
    if now.cat_up:
        last = now.shot.start and now.frame - now.shot.start > 9 and now.roll > 0.9
        mouth = max(0.0, math.sin((now.frame - now.shot.start - 9) / 19 * math.pi)) if last else 0.0
        people.cat(canvas, 1020, 700 - 135 * now.cat_up, Pose(mouth, _lids(now.frame, 3), -0.5))
    people.bag(canvas, 1020, 620, now.shake)
    return canvas


_SETUPS = {"outside": _outside, "wide": _wide, "anna": _anna, "george": _george, "guard": _guard, "bag": _bag}


def timecode(frame: int) -> str:
    """Non-drop, 24 labels a second, from the start timecode (a whole hour)."""
    seconds, frames = divmod(frame, 24)
    return f"{START_TIMECODE[:2]}:{seconds // 60:02}:{seconds % 60:02}:{frames:02}"


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The free font that Pillow brings."""
    return ImageFont.load_default(size=size)


def _captions(image: Image.Image, lines: list[Line]) -> None:
    draw = ImageDraw.Draw(image)
    font = _font(32)
    y = HEIGHT - 44 - 46 * len(lines)
    for line in lines:
        name = f"{line.speaker}  "
        width = draw.textlength(name + line.text, font)
        x = (WIDTH - width) / 2
        draw.rounded_rectangle((x - 18, y - 3, x + width + 18, y + 42), 10, fill=(16, 14, 24))
        draw.text((x, y), name, COLOURS[line.speaker], font)
        draw.text((x + draw.textlength(name, font), y), line.text, (250, 248, 240), font)
        y += 50


def _clock(image: Image.Image, frame: int) -> None:
    draw = ImageDraw.Draw(image)
    font = _font(22)
    left, top, cell = WIDTH - 190, 20, 14
    draw.rounded_rectangle((left - 12, top - 5, left + 11 * cell + 12, top + 30), 8, fill=(16, 14, 24))
    for column, sign in enumerate(timecode(frame)):
        draw.text((left + column * cell + cell / 2, top), sign, (214, 216, 226), font, anchor="ma")


def _title(image: Image.Image, now: _Moment) -> None:
    draw = ImageDraw.Draw(image)
    text = "Good night." if now.shot.start else "The Last Train"
    draw.text((84, 90), text, (252, 240, 206), _font(72))


def _speaking(lines: tuple[Line, ...], sample: int) -> list[Line]:
    """The captions on screen: one stays a little, unless the next line takes its place."""
    now = [line for line in lines if line.start <= sample < line.end]
    held = [line for line in lines if line.end <= sample < line.end + _HOLD]
    return now or held[-1:]


def frames(programme: Programme, only: range | None = None) -> Iterator[Image.Image]:
    """Every frame in order (or those of `only`), 1280 by 720 RGB."""
    moments = _Moments(programme)
    for frame in only or range(programme.frames):
        now = moments.at(frame)
        image = _SETUPS[now.shot.name](now).finished()
        if now.shot.name == "outside":
            _title(image, now)
        _captions(image, _speaking(programme.lines, int(frame * RATE / FRAME_RATE)))
        _clock(image, frame)
        yield image


def cuts(programme: Programme) -> list[int]:
    """The first frame of every shot but the first."""
    return [shot.start for shot in edit(programme.lines)[1:]]
