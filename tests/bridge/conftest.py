"""A small dubbed project on disk: two speakers, takes with an impulse each, stems, a flag."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from rythmo.media.bwf import Bext, BwfWriter
from rythmo.script.model import Flag, Line, Programme, Script, Severity, Speaker
from rythmo.script.takes import Placement, Take, VoiceRef
from rythmo.timebase import time_reference

RATES = {
    "23.976": (Fraction(24000, 1001), False),
    "24": (Fraction(24), False),
    "25": (Fraction(25), False),
    "29.97": (Fraction(30000, 1001), False),
    "29.97df": (Fraction(30000, 1001), True),
    "30": (Fraction(30), False),
    "50": (Fraction(50), False),
    "59.94": (Fraction(60000, 1001), False),
    "59.94df": (Fraction(60000, 1001), True),
    "60": (Fraction(60), False),
}
STARTS = (4_801, 99_999, 150_007, 260_123)
PULSE = 700
"""The sample of each take at which its impulse stands; tests read it as `Dub.pulse`."""
LENGTH = 480_480
"""10.01 s: a whole number of frames at the NTSC rates."""


@dataclass(frozen=True)
class Dub:
    """A script and the folder of its files."""

    script: Script
    folder: Path
    source: Path
    pulse: int = PULSE


def write_wav(path: Path, samples: np.ndarray, reference: int = 0) -> None:
    """24 bit, with bext."""
    path.parent.mkdir(parents=True, exist_ok=True)
    block = np.atleast_2d(samples).astype(np.int32)
    with BwfWriter(
        path, 48_000, block.shape[0], Bext(time_reference=reference), length=block.shape[1]
    ) as out:
        out.write(block)


def make_dub(
    folder: Path,
    rate: Fraction = Fraction(24000, 1001),
    *,
    drop: bool = False,
    hours: int = 1,
    name: str = "Scene",
    starts: tuple[int, ...] = STARTS,
) -> Dub:
    """Write the project's files and give its script."""
    start_frame = hours * 3600 * -(-rate.numerator // rate.denominator)
    if drop:
        start_frame -= hours * (108 if rate < 40 else 216)
    origin = time_reference(start_frame, rate)
    lines = []
    for index, start in enumerate(starts):
        speaker = f"S{index % 2 + 1}"
        line_id, length = f"{speaker}_{index + 1:04}", 30_011 + index
        sound = np.zeros(length, np.int32)
        sound[PULSE] = 1 << 22
        file = f"takes/{line_id}_t01.wav"
        write_wav(folder / file, sound)
        write_wav(folder / "takes" / "placed" / f"{line_id}_t01.wav", sound, origin + start)
        voice = VoiceRef("test", speaker)
        take = Take("t01", file, length, f"línea {index}", "test", voice)
        flags = (Flag("fit.long", "Too long by 0.3 s.", Severity.ERROR),) if index == 1 else ()
        lines.append(
            Line(
                line_id,
                speaker,
                start,
                start + 28_000,
                f"line {index}",
                translation=f"línea {index}",
                takes=(take,),
                chosen="t01",
                placement=Placement(start, start + length, start + length),
                flags=flags,
            )
        )
    bed = np.zeros((2, LENGTH), np.int32)
    write_wav(folder / "stems" / "ME.wav", bed, origin)
    write_wav(folder / "stems" / "MIX.wav", bed, origin)
    source = folder / "source película.mov"
    script = Script(
        programme=Programme(name, str(source), LENGTH, 48_000, 2, rate, start_frame, drop),
        source_language="en",
        target_language="es",
        speakers=(Speaker("S1", "Ana"), Speaker("S2", "Böb & <Co>")),
        lines=tuple(sorted(lines, key=lambda line: line.start)),
    )
    return Dub(script, folder, source)


@pytest.fixture
def dub(tmp_path: Path) -> Dub:
    """At 23.976, start timecode 01:00:00:00."""
    return make_dub(tmp_path / "Scene.rythmo")


@pytest.fixture(params=RATES)
def any_rate(request: pytest.FixtureRequest, tmp_path: Path) -> Dub:
    """The same at every rate."""
    rate, drop = RATES[request.param]
    return make_dub(tmp_path / "Scene.rythmo", rate, drop=drop)
