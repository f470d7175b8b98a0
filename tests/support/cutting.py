"""A delivered scene to cut about in: lines of two speakers at odd samples, over one film."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import numpy as np

from rythmo.media.bwf import Bext, BwfWriter
from rythmo.timebase import time_reference
from rythmo_bridge.formats.registry import formats, read_timeline
from rythmo_bridge.frame_grid import on_frames
from rythmo_bridge.timeline import Item, Kind, Media, Role, Timeline, Track

RATES = [(Fraction(24000, 1001), False), (Fraction(25), False), (Fraction(30000, 1001), True)]
FORMATS = ["otio", "otio-resolve", "otio-premiere", "fcp7", "fcpxml", "fcpxml-resolve", "aaf"]
LINES = 24


def make_delivery(folder: Path, rate: Fraction, *, drop: bool, seed: int) -> Timeline:
    """Lines of two speakers at odd samples; takes are named and placed as Rythmo does, none on disk."""
    rng = random.Random(seed)
    start_frame = 3600 * -(-rate.numerator // rate.denominator) - (108 if drop else 0)
    origin = time_reference(start_frame, rate)
    media: dict[str, Media] = {}
    rows: dict[str, list[Item]] = {"S1": [], "S2": []}
    at = 48_000 * 5
    for number in range(1, LINES + 1):
        at += rng.randrange(30_000, 90_000)
        length = rng.randrange(50_000, 150_000)
        speaker = rng.choice(["S1", "S2"])
        line = f"{speaker}_{number:04}"
        key = f"takes/placed/{line}_t01.wav"
        media[key] = Media(key, f"{line}_t01.wav", folder / key, length, origin + at, 1, 48_000)
        rows[speaker].append(Item(f"{line}_t01", at, length, key, line=line))
        at += length
    length = at + 48_000 * 60
    media["source"] = Media("source", "film.mov", folder / "film.mov", length, origin, 2, 48_000, rate)
    picture = Item("film.mov", 0, length, "source", link="original")
    tracks = [Track("Picture", Kind.VIDEO, Role.PICTURE, items=(picture,))]
    for speaker, items in rows.items():
        tracks.append(Track(f"DX {speaker}", Kind.AUDIO, Role.DIALOGUE, speaker=speaker, items=tuple(items)))
    return Timeline(
        "Scene", rate, length, start_frame=start_frame, drop=drop, tracks=tuple(tracks), media=media
    )


def through(delivery: Timeline, name: str, folder: Path) -> Timeline:
    """Written in a format and read back."""
    form = formats()[name]
    (path,) = form.write(delivery, folder / f"cut{form.suffix}")
    return read_timeline(path)


def make_scene(folder: Path, rate: Fraction, *, drop: bool, seed: int) -> tuple[Timeline, Timeline]:
    """As Rythmo has it, and as hosts that count in frames get it, with takes on disk."""
    delivered = make_delivery(folder, rate, drop=drop, seed=seed)
    for media in delivered.media.values():
        if media.sample_rate == 48_000 and not media.has_picture:
            media.path.parent.mkdir(parents=True, exist_ok=True)
            with BwfWriter(
                media.path, 48_000, 1, Bext(time_reference=media.start), length=media.length
            ) as out:
                out.write(np.zeros((1, media.length), np.int32))
    return delivered, on_frames(delivered, folder / "media")
