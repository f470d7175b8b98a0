"""Measure stems from the blocks that are mixed, as they are written, instead of reading the files again."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from rythmo.media.wav import WavReader
from rythmo.mix.mix_plan import MixPlan
from rythmo.mix.mixer import MixedBlock
from rythmo.progress import CancelToken
from rythmo.qc.stem_measures import BLOCK_SECONDS, MASTERS, Spans, StemMeasures, StemMeter, Steps


class StemWatch:
    """Measures every block that is mixed. The figures are those of `measure_stems` on the files.

    `original` is the programme's own sound, where the M&E is compared with it. Use it as a context manager.
    """

    def __init__(self, plan: MixPlan, original: Path | None, cancel: CancelToken) -> None:
        self._plan, self._original, self._cancel = plan, original, cancel
        self._waiting: list[MixedBlock] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        plan = self._plan
        own = None
        if self._original is not None:
            own = self._stack.enter_context(WavReader(self._original))
        channels = dict.fromkeys(MASTERS, plan.channels)
        speakers = [stem.speaker for stem in plan.stems]
        compared = own if own is not None and own.channels == plan.channels else None
        meter = StemMeter(channels, plan.rate, speakers, compared, plan.regions, self._cancel)
        self._meter = self._stack.enter_context(meter)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __call__(self, block: MixedBlock) -> None:
        """Add the next block. Raises CancelledError."""
        self._waiting.append(block)
        # In the same blocks as from files, because sums of floating point numbers depend on their order.
        if block.end - self._waiting[0].start >= BLOCK_SECONDS * self._plan.rate:
            self._measure()

    def result(self, spoken: Spans) -> StemMeasures:
        """Return what was measured. `spoken` are the spans in which somebody speaks."""
        self._measure()
        return self._meter.result(spoken)

    def _measure(self) -> None:
        blocks, self._waiting = self._waiting, []
        if not blocks:
            return
        masters = {name: _join_stem(blocks, name, self._plan.channels) for name in MASTERS}
        voices = [
            _join_stem(blocks, stem.name, 1)
            for stem in self._plan.stems
            if any(stem.name in block.stems for block in blocks)
        ]
        self._meter.add(blocks[0].start, masters, voices)


def _join_stem(blocks: list[MixedBlock], name: str, channels: int) -> Steps:
    """Join a stem's blocks; one that is missing is silent."""
    parts = [
        block.stems[name] if name in block.stems else np.zeros((channels, block.end - block.start), np.int32)
        for block in blocks
    ]
    return np.concatenate(parts, axis=1)
