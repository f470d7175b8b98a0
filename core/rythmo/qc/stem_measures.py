"""Measure the stems as a whole, in one pass over the files in blocks: sums, levels, bits outside dialogue."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rythmo.executors import count_cores, gather_results, start_workers
from rythmo.media.wav import WavReader, from_int24
from rythmo.mix.loudness import LoudnessMeter
from rythmo.mix.mix_plan import dialogue_channels
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.qc.line_measures import count_clipped
from rythmo.qc.report_model import Levels, Stems

Steps = NDArray[np.int32]
Spans = Sequence[tuple[int, int]]

BLOCK_SECONDS = 10
"""The length of the blocks that stems are measured in."""
# The meter gives a momentary value every 100 ms.
_PER_SECOND = 10
MASTERS = ("MIX", "DX", "ME")


@dataclass(frozen=True, slots=True)
class StemMeasures:
    """The results of one pass over the stems."""

    stems: Stems
    levels: tuple[Levels, ...]
    curve: tuple[float | None, ...]
    dialogue_lufs: float | None = None
    """Loudness of the mix over the spans in which somebody speaks."""


def measure_stems(
    masters: Mapping[str, WavReader],
    speakers: Mapping[str, WavReader],
    original: WavReader | None,
    regions: Spans,
    *,
    spoken: Spans = (),
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> StemMeasures:
    """Measure all stems in one pass.

    `masters` are MIX, DX and ME as far as they exist. `original` is the programme's own sound. `spoken` are
    the spans in which somebody speaks.
    """
    readers = [*masters.values(), *speakers.values()]
    if not readers:
        return StemMeasures(Stems(MASTERS, None, None, None, lengths_differ=False), (), ())
    rate = readers[0].rate
    length = max(reader.length for reader in readers)
    channels = {name: reader.channels for name, reader in masters.items()}
    me = masters.get("ME")
    compared = me is not None and original is not None and original.channels == me.channels
    with StemMeter(channels, rate, speakers, original if compared else None, regions, cancel) as meter:
        for start in range(0, length, BLOCK_SECONDS * rate):
            report(start / length)
            count = min(BLOCK_SECONDS * rate, length - start)
            blocks = {name: reader.read_int(start, count) for name, reader in masters.items()}
            meter.add(start, blocks, [reader.read_int(start, count) for reader in speakers.values()])
    report(1.0)
    return meter.result(spoken, lengths_differ=any(reader.length != length for reader in readers))


class StemMeter:
    """Measures stems block by block. Use it as a context manager.

    Args:
        channels: the number of channels of MIX, DX and ME, as far as they exist.
        rate: samples a second.
        speakers: who has a stem.
        original: the programme's own sound, where the M&E is compared with it.
        regions: where the bed replaces the original.
        cancel: stops the work.
    """

    def __init__(
        self,
        channels: Mapping[str, int],
        rate: int,
        speakers: Collection[str],
        original: WavReader | None,
        regions: Spans,
        cancel: CancelToken = NEVER,
    ) -> None:
        self._cancel, self._stack = cancel, ExitStack()
        # The true peak costs ten times what the loudness does, and only the mix is held to one.
        self._meters = {
            name: LoudnessMeter(rate, count, peaks=name == "MIX") for name, count in channels.items()
        }
        self._sums = {name: _Sums(count) for name, count in channels.items()}
        self._errors = _Errors(channels, speakers, original, regions)

    def __enter__(self) -> Self:
        self._pool = self._stack.enter_context(start_workers(count_cores(), self._cancel))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, start: int, blocks: Mapping[str, Steps], voices: Sequence[Steps]) -> None:
        """Add the next block of every stem: the masters by name, and the speakers'. Raises CancelledError."""
        adding = [self._pool.start(self._add_stem, item) for item in blocks.items()]
        self._errors.add(start, blocks, voices)
        gather_results(adding)

    def _add_stem(self, item: tuple[str, Steps]) -> None:
        name, block = item
        sound = from_int24(block)
        self._meters[name].add(sound)
        self._sums[name].add(sound)

    def result(self, spoken: Spans, *, lengths_differ: bool = False) -> StemMeasures:
        """Return what was measured. `spoken` are the spans in which somebody speaks."""
        mix = self._meters.get("MIX")
        return StemMeasures(
            self._errors.result(lengths_differ=lengths_differ),
            tuple(_levels(name, meter, self._sums[name]) for name, meter in self._meters.items()),
            _curve(mix) if mix else (),
            _round_finite(mix.dialogue(spoken)) if mix else None,
        )


class _Sums:
    """Counts of one stem besides its loudness."""

    def __init__(self, channels: int) -> None:
        self.clipped, self.peak = 0, 0.0
        self._total, self._count = np.zeros(channels), 0

    def add(self, sound: NDArray[np.float32]) -> None:
        self.clipped += sum(count_clipped(channel) for channel in sound)
        self.peak = max(self.peak, float(np.abs(sound).max(initial=0.0)))
        self._total += sound.sum(axis=1, dtype=np.float64)
        self._count += sound.shape[1]

    @property
    def offset(self) -> float:
        means = self._total / max(1, self._count)
        return round(float(means[np.abs(means).argmax()]), 5)


class _Errors:
    """Adds up, block by block, where the stems do not agree."""

    def __init__(
        self,
        masters: Collection[str],
        speakers: Collection[str],
        original: WavReader | None,
        regions: Spans,
    ) -> None:
        self._masters, self._original, self._regions = masters, original, regions
        self._mix = 0 if all(name in masters for name in MASTERS) else None
        self._dialogue = 0 if "DX" in masters and speakers else None
        self._outside = 0 if "ME" in masters and original is not None else None

    def add(self, start: int, blocks: Mapping[str, Steps], voices: Sequence[Steps]) -> None:
        if self._mix is not None:
            self._mix = max(
                self._mix, _largest_difference(_sum_blocks(blocks["DX"], blocks["ME"]), blocks["MIX"])
            )
        if self._dialogue is not None:
            self._dialogue = max(
                self._dialogue, _largest_difference(_sum_voices(voices, blocks["DX"]), blocks["DX"])
            )
        if self._outside is not None and self._original is not None:
            count = max(block.shape[1] for block in blocks.values())
            own = self._original.read_int(start, count)
            me = blocks["ME"][:, : own.shape[1]]
            outside = _mask_outside(self._regions, start, me.shape[1])
            self._outside += int((me != own[:, : me.shape[1]])[:, outside].sum())

    def result(self, *, lengths_differ: bool) -> Stems:
        missing = tuple(name for name in MASTERS if name not in self._masters)
        return Stems(missing, self._mix, self._dialogue, self._outside, lengths_differ=lengths_differ)


def _sum_blocks(first: Steps, second: Steps) -> Steps:
    """Sum two blocks, the shorter one followed by silence."""
    count = max(first.shape[1], second.shape[1])
    return _pad_block(first, count) + _pad_block(second, count)


def _sum_voices(voices: Sequence[Steps], like: Steps) -> Steps:
    """Sum mono voices into the channels that dialogue goes to."""
    out = np.zeros((like.shape[0], max([like.shape[1], *(voice.shape[1] for voice in voices)])), np.int32)
    for voice in voices:
        for channel in dialogue_channels(like.shape[0]):
            out[channel, : voice.shape[1]] += voice[0]
    return out


def _largest_difference(one: Steps, other: Steps) -> int:
    count = max(one.shape[1], other.shape[1])
    return int(np.abs(_pad_block(one, count) - _pad_block(other, count)).max(initial=0))


def _pad_block(block: Steps, count: int) -> Steps:
    return block if block.shape[1] == count else np.pad(block, ((0, 0), (0, count - block.shape[1])))


def _mask_outside(regions: Spans, start: int, count: int) -> NDArray[np.bool_]:
    outside = np.ones(count, bool)
    for begin, end in regions:
        outside[max(0, begin - start) : max(0, end - start)] = False
    return outside


def _levels(name: str, meter: LoudnessMeter, sums: _Sums) -> Levels:
    found = meter.result()
    return Levels(
        stem=name,
        integrated_lufs=_round_finite(found.integrated),
        momentary_max_lufs=_round_finite(found.momentary_max),
        true_peak_dbtp=_round_finite(found.true_peak),
        sample_peak_dbfs=_round_finite(20 * math.log10(sums.peak)) if sums.peak > 0 else None,
        clipped_samples=sums.clipped,
        dc_offset=sums.offset,
    )


def _curve(meter: LoudnessMeter) -> tuple[float | None, ...]:
    momentary = meter.momentary()
    seconds = [momentary[at : at + _PER_SECOND] for at in range(0, momentary.size, _PER_SECOND)]
    return tuple(_round_finite(float(second.max())) for second in seconds)


def _round_finite(value: float) -> float | None:
    return round(value, 2) if math.isfinite(value) else None
