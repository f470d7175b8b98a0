"""A dubbed script of two speakers and its timeline, as values, or with its files on a disk."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from rythmo.media.bwf import Bext, BwfWriter
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import Piece, Placement, Take, VoiceRef
from rythmo.timebase import time_reference
from rythmo_bridge.script_timeline import ProgrammeSource, script_timeline
from rythmo_bridge.timeline import Item, Media, Role, Timeline, Track
from rythmo_bridge.timeline import Kind as TrackKind

SECOND = 48_000
NTSC = Fraction(24000, 1001)
_ROOT = Path("/nowhere/toy.rythmo")


@dataclass(frozen=True)
class Dubbed:
    """A script and the timeline that it is delivered as, with the files it would have."""

    script: Script
    delivered: Timeline


def make_script(*, seed: int = 1, count: int = 12, rate: Fraction = NTSC, words: str = "palabra") -> Script:
    """`count` lines by turns, at odd samples, each with two takes; the second one is chosen."""
    rng = random.Random(seed)
    lines, at = [], 2 * SECOND
    for number in range(1, count + 1):
        speaker = rng.choice(["S1", "S2"])
        at += rng.randrange(20_000, 70_000)
        length = rng.randrange(50_000, 120_000)
        name = f"{speaker}_{number:04}"
        takes = tuple(
            Take(
                t,
                f"takes/{name}_{t}.wav",
                length + n * 31,
                f"{words} {number} {t}",
                "toy 1",
                VoiceRef("toy", speaker),
            )
            for n, t in enumerate(("t01", "t02"))
        )
        placement = Placement(
            at, at + length, at + length + 9_000, pieces=(Piece(0, length, at, at + length),)
        )
        lines.append(
            Line(
                name,
                speaker,
                at,
                at + length - 500,
                f"word {number}",
                translation=takes[1].text,
                takes=takes,
                chosen="t02",
                placement=placement,
            )
        )
        at += length
    programme = Programme(
        "toy", "/nowhere/toy.mov", at + 20 * SECOND, SECOND, 2, rate, 3600 * round(rate), size=(640, 360)
    )
    people = tuple(Speaker(name, f"Speaker {name[1]}") for name in ("S1", "S2"))
    return Script(programme, "en", "es", people, tuple(lines))


def make_project(
    *,
    seed: int = 1,
    rate: Fraction = NTSC,
    words: str = "palabra",
    count: int = 12,
    script: Script | None = None,
) -> Dubbed:
    """A script with its timeline: a track per speaker, picture, M&E, and the original, which is off."""
    script = script or make_script(seed=seed, rate=rate, words=words, count=count)
    return Dubbed(script, deliver(script))


def deliver(script: Script) -> Timeline:
    """The timeline of a script, as if its takes were placed on a disk."""
    programme = script.programme
    source = ProgrammeSource(
        Path(programme.source), programme.length, 2, SECOND, programme.frame_rate, programme.size
    )
    made = script_timeline(script, _ROOT, source)
    origin = time_reference(programme.start_frame, programme.rate)
    lines = {line.id: line for line in script.lines}
    media = dict(made.media)

    def placed(item: Item) -> Item:
        if item.line is None:
            return item
        placement = lines[item.line].placement
        assert placement is not None
        path = _ROOT / "takes" / "placed" / f"{item.name}.wav"
        length = placement.end - placement.start
        media[item.media or ""] = Media(
            item.media or "", path.name, path, length, origin + placement.start, 1, SECOND
        )
        gain = round(item.gain_db - placement.gain_db, 2)
        start, end = lines[item.line].heard_range or (item.start, item.end)
        return replace(item, gain_db=gain, length=end - start)

    me = Media("stems/ME.wav", "ME.wav", _ROOT / "stems/ME.wav", programme.length, origin, 2, SECOND)
    bed = Track("M&E", TrackKind.AUDIO, Role.ME, channels=2, items=(Item("ME", 0, programme.length, me.id),))
    tracks = [replace(t, items=tuple(placed(i) for i in t.items)) for t in made.tracks]
    return replace(made, tracks=(*tracks, bed), media={**media, me.id: me})


def lay_down(script: Script, root: Path) -> None:
    """Write the placed file of every line, as the mix does; of silence."""
    programme = script.programme
    origin = time_reference(programme.start_frame, programme.rate)
    for line in script.lines:
        if line.take is None or line.placement is None:
            continue
        path = root / "takes" / "placed" / Path(line.take.file).name
        length, start = line.placement.end - line.placement.start, origin + line.placement.start
        path.parent.mkdir(parents=True, exist_ok=True)
        with BwfWriter(path, SECOND, 1, Bext(time_reference=start), length=length) as out:
            out.write(np.zeros((1, length), np.int32))


def on_disk(script: Script, root: Path) -> Timeline:
    """The timeline of a script whose placed takes and M&E lie in `root`."""
    lay_down(script, root)
    programme = script.programme
    origin = time_reference(programme.start_frame, programme.rate)
    bed = root / "stems" / "ME.wav"
    if not bed.is_file():
        bed.parent.mkdir(parents=True, exist_ok=True)
        with BwfWriter(bed, SECOND, 1, Bext(time_reference=origin), length=programme.length) as out:
            out.write(np.zeros((1, programme.length), np.int32))
    source = ProgrammeSource(
        Path(programme.source), programme.length, 2, SECOND, programme.frame_rate, programme.size
    )
    return script_timeline(script, root, source)
