"""Renders the stems block by block: memory does not grow with the programme or the number of lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import MediaError
from rythmo.media.atomic import shown
from rythmo.media.bwf import Bext, BwfWriter, ixml
from rythmo.media.wav import FULL_SCALE_24, WavReader
from rythmo.mix.plan import Item, MixPlan, Stem
from rythmo.progress import NEVER, CancelToken, Fraction01, silent

Steps = NDArray[np.int32]
"""int32, shape (channels, samples), in 24-bit steps."""

MeBlock = Callable[[int, int], Steps]
"""The M&E of [start, end) of the record, as steps of the plan's channels; what lies past the end of
the source is left off."""

BLOCK_SECONDS = 10
FOLDER = Path("stems")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was written, and how loud it became: peaks in 24-bit steps, by stem name.

    `clipped`: samples of the print master that had to be held at full scale, and the lines that sound
    there. There are none when the gains came from `headroom`.
    """

    files: dict[str, Path]
    peaks: dict[str, int]
    clipped: int = 0
    clipped_lines: tuple[str, ...] = ()


def render(
    plan: MixPlan,
    project: Path,
    me: MeBlock,
    *,
    folder: Path | None = None,
    report: Fraction01 = silent,
    cancel: CancelToken = NEVER,
    block_seconds: int = BLOCK_SECONDS,
) -> Rendered:
    """Write DX_<speaker>.wav (mono), DX.wav, ME.wav and MIX.wav to `folder` (the project's stems).

    48 kHz/24-bit BWF, all as long as the plan. Each appears whole; none do when anything fails.
    Raises MediaError when a placed sound is missing or not what was planned, OutputError, CancelledError.
    """
    target = folder or project / FOLDER
    mixer = Mixer(plan, project, me)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(_writer(plan, target / f"{name}.wav", name, channels))
            for name, channels in layout(plan).items()
        }
        for block in mixer.blocks(0, plan.length, plan.rate * block_seconds):
            cancel.check()
            for name, steps in block.stems.items():
                writers[name].write(steps)
            report(block.end / max(1, plan.length))
    files = {name: writer.path for name, writer in writers.items()}
    return Rendered(files, dict(mixer.peaks), mixer.clipped, tuple(sorted(mixer.clipped_lines)))


def layout(plan: MixPlan) -> dict[str, int]:
    """The stems by name, each with its number of channels."""
    return {stem.name: 1 for stem in plan.stems} | dict.fromkeys(("DX", "ME", "MIX"), plan.channels)


def _writer(plan: MixPlan, path: Path, name: str, channels: int) -> BwfWriter:
    names = (name,) if channels == 1 else tuple(f"{name}-{i}" for i in range(1, channels + 1))
    speaker = name.removeprefix("DX_") if name.startswith("DX_") else ""
    text = ixml(scene=plan.title, track_names=names, speaker=speaker, project=plan.title)
    bext = Bext(description=f"{plan.title} {name}", time_reference=plan.time_reference)
    return BwfWriter(path, plan.rate, channels, bext, text, plan.length)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """All stems over [start, end), by name."""

    start: int
    end: int
    stems: dict[str, Steps]


class Mixer:
    """Sums stems over any span; two spans give the same samples as one, so a span can be redone alone."""

    def __init__(self, plan: MixPlan, project: Path, me: MeBlock) -> None:
        self.plan = plan
        self.project = project
        self.me = me
        self.peaks: dict[str, int] = dict.fromkeys(layout(plan), 0)
        self.clipped = 0
        self.clipped_lines: set[str] = set()

    def blocks(self, start: int, end: int, size: int) -> Iterator[Block]:
        """The stems over [start, end), in blocks of `size` samples."""
        for at in range(start, end, size):
            yield self.block(at, min(at + size, end))

    def block(self, start: int, end: int) -> Block:
        """The stems over [start, end)."""
        count = end - start
        stems = {stem.name: self._speaker(stem, start, end) for stem in self.plan.stems}
        voices = np.zeros((1, count), np.int32)
        for steps in stems.values():
            voices += steps
        dx = np.zeros((self.plan.channels, count), np.int32)
        dx[list(self.plan.dialogue_channels)] = voices
        me = np.zeros_like(dx)
        part = self.me(start, end)
        me[:, : part.shape[1]] = part
        stems |= {"DX": self._held(dx, start), "ME": me, "MIX": self._held(dx + me, start)}
        for name, steps in stems.items():
            self.peaks[name] = max(self.peaks[name], int(steps.max(initial=0)), -int(steps.min(initial=0)))
        return Block(start, end, stems)

    def _speaker(self, stem: Stem, start: int, end: int) -> Steps:
        out = np.zeros((1, end - start), np.int32)
        for item in stem.items:
            if item.start < end and start < item.end:
                a, b = max(start, item.start), min(end, item.end)
                out[:, a - start : b - start] += read_placed(self.project, item, self.plan.rate, a, b)
        return self._held(out, start)

    def _held(self, steps: Steps, start: int) -> Steps:
        """Within 24 bits. What is held is counted and named, never silent."""
        over = (steps >= FULL_SCALE_24) | (steps < -FULL_SCALE_24)
        if not over.any():
            return steps
        self.clipped += int(over.sum())
        first, last = (start + int(np.flatnonzero(over.any(axis=0))[i]) for i in (0, -1))
        for stem in self.plan.stems:
            self.clipped_lines |= {i.line for i in stem.items if i.start <= last and first < i.end}
        return np.clip(steps, -FULL_SCALE_24, FULL_SCALE_24 - 1)


def read_placed(project: Path, item: Item, rate: int, start: int, end: int) -> Steps:
    """[start, end) of the record, out of the item's file.

    Raises MediaError when the file is missing or not as planned.
    """
    with WavReader(project / item.file) as reader:
        if (reader.rate, reader.channels, reader.length) != (rate, 1, item.end - item.start):
            raise MediaError(
                f"{shown(item.file)} is not the placed sound of {item.line}.", hint="Run the job again."
            )
        return reader.read_int(start - item.start, end - start)
