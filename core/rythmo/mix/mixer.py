"""Sum the stems over any span. Two spans give the same samples as one, so a span can be mixed again alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rythmo.errors import MediaError
from rythmo.files import make_printable
from rythmo.media.pcm24 import Pcm24Reader, Steps
from rythmo.media.wav import FULL_SCALE_24
from rythmo.mix import limiter
from rythmo.mix.clip_levels import apply_clip_levels
from rythmo.mix.mix_plan import DialogueStem, MixItem, MixPlan
from rythmo.project_paths import path_in

MeBlock = Callable[[int, int], Steps]
"""Reads the M&E of [start, end) of the record, as int32 steps (channels, n) of the plan's channels. What lies
past the end of the source is left off."""


@dataclass(frozen=True, slots=True)
class Master:
    """Changes to the whole mix, the same for every stem: a gain (linear), then a ceiling (linear).

    The default only keeps the mix within full scale. With `true_peak`, peaks between samples count.
    """

    gain: float = 1.0
    ceiling: float = 1.0
    true_peak: bool = False


UNTOUCHED = Master()


@dataclass(frozen=True, slots=True, eq=False)
class MixedBlock:
    """All stems over [start, end), by name; a stem that is missing is silent.

    `limited`: where the limiter turned everything down, in the record; `lowest`: its lowest gain there.
    """

    start: int
    end: int
    stems: dict[str, Steps]
    lowest: float = 1.0
    limited: tuple[tuple[int, int], ...] = ()


def stem_channels(plan: MixPlan) -> dict[str, int]:
    """Return the stems by name, each with its number of channels."""
    return {stem.name: 1 for stem in plan.stems} | dict.fromkeys(("DX", "ME", "MIX"), plan.channels)


class Mixer:
    """Sums the stems of one plan: placed sounds from the project's folder, the M&E from `me`."""

    def __init__(self, plan: MixPlan, project: Path, me: MeBlock, master: Master = UNTOUCHED) -> None:
        self.plan = plan
        self.project = project
        self.me = me
        self.master = master
        # Rounding every stem by itself can add half a step for each.
        self._ceiling = master.ceiling * FULL_SCALE_24 - (len(plan.stems) + 3)
        self._items = {stem.name: _SortedItems(stem) for stem in plan.stems}

    def blocks(self, start: int, end: int, size: int) -> Iterator[MixedBlock]:
        """Yield the stems over [start, end), in blocks of `size` samples."""
        for at in range(start, end, size):
            yield self.block(at, min(at + size, end))

    def block(self, start: int, end: int) -> MixedBlock:
        """Mix the stems over [start, end)."""
        margin = limiter.REACH
        a, b = max(0, start - margin), min(self.plan.length, end + margin)
        voices = self._voices(a, b)
        me = self._me(a, b)
        gain = self._gain(voices, me)
        inside = slice(start - a, end - a)
        if gain is not None:
            voices = {name: _scale_steps(steps, gain) for name, steps in voices.items()}
            me = _scale_steps(me, gain)
        voices = {name: steps[:, inside] for name, steps in voices.items()}
        stems = self._summed(voices, me[:, inside])
        if gain is None or gain.size == 1:
            return MixedBlock(start, end, stems)
        limited_by = gain[inside] / self.master.gain
        return MixedBlock(start, end, stems, float(limited_by.min()), _limited_spans(limited_by, start))

    def lines(self, start: int, end: int) -> list[str]:
        """Return the ids of the lines that sound in [start, end)."""
        return [item.line for items in self._items.values() for item in items.within(start, end)]

    def lines_inside(self, start: int, end: int) -> list[str]:
        """Return the ids of the lines that lie wholly in [start, end)."""
        inside = (item for items in self._items.values() for item in items.within(start, end))
        return [item.line for item in inside if start <= item.start and item.end <= end]

    def _voices(self, start: int, end: int) -> dict[str, Steps]:
        found: dict[str, Steps] = {}
        for name, items in self._items.items():
            for item in items.within(start, end):
                a, b = max(start, item.start), min(end, item.end)
                steps = found.setdefault(name, np.zeros((1, end - start), np.int32))
                steps[:, a - start : b - start] += self._read(item, a, b)
        return found

    def _read(self, item: MixItem, start: int, end: int) -> Steps:
        return read_placed(self.project, item, self.plan.rate, self.plan.time_reference, start, end)

    def _me(self, start: int, end: int) -> Steps:
        part = self.me(start, end)
        if part.shape[1] == end - start:
            return part
        whole = np.zeros((self.plan.channels, end - start), np.int32)
        whole[:, : part.shape[1]] = part
        return whole

    def _gain(self, voices: dict[str, Steps], me: Steps) -> limiter.Curve | None:
        """Return the gain of each sample; one number when the limiter rests, None when there is nothing to
        do."""
        gain = self.master.gain
        if not voices and gain == 1.0 and self.master.ceiling >= 1.0 and not self.master.true_peak:
            return None  # The M&E alone is within full scale already.
        stems = self._summed(voices, me)
        loud = [stems[name] for name in ("MIX", "DX") if name in stems]
        peak = max(max(int(steps.max()), -int(steps.min())) for steps in loud)
        room = self._ceiling / 2 if self.master.true_peak else self._ceiling
        steady = None if gain == 1.0 else np.array([gain])
        if peak * gain <= room:
            return steady
        # Speakers who cancel each other in the sum must fit into their own stems too.
        sounding = np.concatenate([*loud, *(voices.values() if len(voices) > 1 else ())])
        need = limiter.find_needed_gain(sounding * gain, self._ceiling, true_peak=self.master.true_peak)
        return steady if need is None else limiter.smooth_gain(need) * gain

    def _summed(self, voices: dict[str, Steps], me: Steps) -> dict[str, Steps]:
        stems = dict(voices)
        stems["ME"] = stems["MIX"] = me
        if voices:
            voice = sum(voices.values(), np.zeros((1, me.shape[1]), np.int32))
            stems["DX"] = np.zeros_like(me)
            for channel in self.plan.dialogue_channels:
                stems["DX"][channel] = voice[0]
            stems["MIX"] = me + stems["DX"]
        return stems


def _scale_steps(steps: Steps, gain: limiter.Curve) -> Steps:
    return np.rint(steps * gain).astype(np.int32)


def _limited_spans(limiter: limiter.Curve, start: int) -> tuple[tuple[int, int], ...]:
    edges = np.flatnonzero(np.diff(np.r_[False, limiter < 1, False].astype(np.int8))) + start
    return tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2))


class _SortedItems:
    """A speaker's items in order of start, found by position without looking at all of them."""

    def __init__(self, stem: DialogueStem) -> None:
        self.items = stem.items
        self._starts = np.array([item.start for item in stem.items], np.int64)
        # The furthest end up to each item: an item may outlast those that start after it.
        self._ends = np.maximum.accumulate(np.array([item.end for item in stem.items], np.int64))

    def within(self, start: int, end: int) -> list[MixItem]:
        if not self.items:
            return []
        first = int(np.searchsorted(self._ends, start, side="right"))
        last = int(np.searchsorted(self._starts, end, side="left"))
        return [item for item in self.items[first:last] if item.end > start]


def read_placed(project: Path, item: MixItem, rate: int, reference: int, start: int, end: int) -> Steps:
    """Read [start, end) of the record from the item's file.

    The length of the file's handles follows from its TimeReference and the programme's (`reference`). Raises
    MediaError when the file is missing or not as planned.
    """
    first, last = item.whole
    with Pcm24Reader(path_in(project, item.file)) as reader:
        handle = 0 if reader.time_reference is None else reference + first - reader.time_reference
        if (reader.rate, reader.channels, reader.length) != (rate, 1, last - first + 2 * handle):
            raise MediaError(
                f"{make_printable(item.file)} is not the placed sound of {item.line}.",
                hint="Run the job again.",
            )
        return apply_clip_levels(reader.read_int(handle + start - first, end - start), item, start)
