"""Media in which every sample says which it is, timelines that play it, and what then must be heard."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from rythmo.media.bwf import Bext, BwfWriter
from rythmo.timebase import frames_to_samples, time_reference
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

SECONDS = 20
RATES = {
    "23.976": (Fraction(24000, 1001), False),
    "25": (Fraction(25), False),
    "29.97df": (Fraction(30000, 1001), True),
    "59.94": (Fraction(60000, 1001), False),
}


def counted(channels: int = 1, length: int = SECONDS * 48_000, first: int = 1) -> np.ndarray:
    """int32 (channels, length): sample n of the first channel is first + n, the next count downwards from
    zero, further ones in steps of two. All stay far below full scale."""
    n = np.arange(length, dtype=np.int32)
    rows = [first + n, -(first + n), 2 * n + first, -(2 * n + first)]
    return np.stack(rows[:channels])


def write_counted(path: Path, channels: int = 1, *, reference: int = 0, **options: int) -> np.ndarray:
    """Write it as 24-bit Broadcast WAV, and give it."""
    sound = counted(channels, **options)
    path.parent.mkdir(parents=True, exist_ok=True)
    bext = Bext(time_reference=reference) if reference else None
    with BwfWriter(path, 48_000, channels, bext, length=sound.shape[1]) as out:
        out.write(sound)
    return sound


@dataclass(frozen=True)
class Cut:
    """A timeline and what it must sound like: int32 (2, length)."""

    timeline: Timeline
    heard: np.ndarray


def start_frame(rate: Fraction, *, drop: bool, hours: int = 1) -> int:
    """The frame of HH:00:00:00."""
    frames = hours * 3600 * -(-rate.numerator // rate.denominator)
    return frames - (hours * (108 if rate < 40 else 216) if drop else 0)


def make_cut(folder: Path, rate: Fraction, *, drop: bool = False, hours: int = 1, one: bool = False) -> Cut:
    """Two sound tracks (`one`: the first alone): on the first shots of a stereo file out of order, a gap,
    a clip that is off and clips that meet; on the second a mono file below them, which its own timecode of
    10:00:00:00 places. Everything lies on frames."""
    begin = start_frame(rate, drop=drop, hours=10)
    reference = time_reference(begin, rate)
    stereo = write_counted(folder / "Stereo & más.wav", 2, first=1000)
    mono = write_counted(folder / "boom.wav", 1, reference=reference, first=3)

    def at(frame: int) -> int:
        return frames_to_samples(frame, rate)

    media = {
        "s": Media("s", "Stereo & más.wav", folder / "Stereo & más.wav", stereo.shape[1], 0, 2, 48_000),
        "m": Media("m", "boom.wav", folder / "boom.wav", mono.shape[1], reference, 1, 48_000),
    }
    # (record frame, source frame, frames, on)
    first = ((0, 120, 40, True), (40, 10, 30, True), (90, 55, 20, False), (120, 200, 25, True))
    second = ((20, 77, 50, True), (100, 0, 40, True))
    total = at(150)
    heard = np.zeros((2, total), np.int64)
    rows = []
    for key, sound, clips in (("s", stereo, first), *((("m", mono, second),) if not one else ())):
        items = []
        for number, (record, source, frames, on) in enumerate(clips):
            start, length = at(record), at(record + frames) - at(record)
            items.append(Item(f"{key}{number}", start, length, key, at(source), enabled=on))
            if on:
                heard[:, start : start + length] += sound[:, at(source) : at(source) + length]
        rows.append(Track(f"Track {key}", Kind.AUDIO, channels=sound.shape[0], items=tuple(items)))
    if not one:
        muted = Item("muted", 0, at(150), "s", 0)
        rows.append(Track("Guide", Kind.AUDIO, enabled=False, channels=2, items=(muted,)))
    timeline = Timeline(
        "Reel 1",
        rate,
        total,
        start_frame=start_frame(rate, drop=drop, hours=hours),
        drop=drop,
        tracks=tuple(rows),
        media=media if not one else {"s": media["s"]},
    )
    return Cut(timeline, heard.astype(np.int32))
