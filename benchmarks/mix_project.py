"""A programme to mix: M&E, and placed lines at random positions, made once and kept in the scratch folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rythmo.media.bwf import BwfWriter
from rythmo.media.pcm24 import Pcm24Reader, Steps
from rythmo.mix.mix_plan import DialogueStem, MixItem, MixPlan
from rythmo.mix.mixer import MeBlock

RATE = 48_000
SPEAKERS = 6
_BLOCK = 10 * RATE


def make(root: Path, minutes: int, lines: int, channels: int = 2) -> MixPlan:
    """The plan of a programme with `lines` lines of 1 to 3 s of six speakers; its files lie in `root`.

    Levels leave room for any sum: what is compared is sums, not limiters.
    """
    rng = np.random.default_rng(minutes * 10_000 + lines)
    length = minutes * 60 * RATE
    original(root / "original.wav", length, channels)
    items: dict[int, list[MixItem]] = {speaker: [] for speaker in range(SPEAKERS)}
    starts = np.sort(rng.integers(0, length - 4 * RATE, lines))
    for index, start in enumerate(starts.tolist()):
        count = int(rng.integers(RATE, 3 * RATE))
        file = Path("takes", "placed", f"L{index:04}_t01.wav")
        _line(root / file, count, index)
        items[index % SPEAKERS].append(MixItem(f"L{index:04}", file, start, start + count))
    stems = tuple(DialogueStem(f"S{speaker + 1}", tuple(of_one)) for speaker, of_one in items.items())
    return MixPlan(f"{minutes} min", RATE, length, channels, 172_800_000, stems)


def original(path: Path, length: int, channels: int) -> None:
    """Noise that never repeats at the same place."""
    if path.is_file():
        return
    rng = np.random.default_rng(length)
    noise = rng.normal(0, 3e5, (channels, _BLOCK)).astype(np.int32)
    with BwfWriter(path, RATE, channels, length=length) as writer:
        for at in range(0, length, _BLOCK):
            writer.write(np.roll(noise, at // 7, axis=1)[:, : min(_BLOCK, length - at)])


def _line(path: Path, count: int, index: int) -> None:
    if path.is_file():
        return
    t = np.arange(count)
    sound = 4e5 * np.hanning(count) * np.sin(t * 0.02 * (1 + index % 7))
    with BwfWriter(path, RATE, 1, length=count) as writer:
        writer.write(sound.astype(np.int32)[np.newaxis])


def me_of(root: Path) -> MeBlock:
    """The original as the M&E, as it is outside dialogue."""
    reader = Pcm24Reader(root / "original.wav")

    def block(start: int, end: int) -> Steps:
        return reader.read_int(start, end - start)

    return block
