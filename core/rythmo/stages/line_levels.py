"""Make each line as loud as its original, keeping the dynamics between lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rythmo.executors import count_cores, start_workers
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.wav import read_audio
from rythmo.mix.loudness import SILENCE, line_gain, measure_level, speaker_level
from rythmo.mix.take_check import read_take_samples
from rythmo.project.workspace import hash_values
from rythmo.script.model import Line, Script
from rythmo.script.takes import Take
from rythmo.stages.context import Context
from rythmo.timebase import SAMPLE_RATE

VERSION = 1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Level:
    """Loudness in LUFS (None for silence) and peak (linear)."""

    lufs: float | None
    peak: float = 0.0

    @property
    def loudness(self) -> float:
        """The loudness, with silence as the meter's lowest value."""
        return SILENCE if self.lufs is None else self.lufs


def set_levels(script: Script, speech: ChunkedAudio, context: Context) -> Script:
    """Make each line as loud as its original, keeping the dynamics between lines."""
    originals = measure_originals(script, speech, context)
    own = _measure_side_by_side(script.lines, lambda line: _find_take_level(line, context), context)
    script = script.map_lines(lambda line: _set_level(line, own[line.id], originals))
    context.ledgers.save()
    return script


@dataclass(frozen=True, slots=True)
class OriginalLevels:
    """The loudness in LUFS of each original line and of each speaker, by id."""

    lines: Mapping[str, float]
    speakers: Mapping[str, float]


def measure_originals(script: Script, speech: ChunkedAudio, context: Context) -> OriginalLevels:
    """Measure how loud the original lines and their speakers are."""
    # Removed lines still count for their speaker's level, so that the remaining lines keep theirs.
    spoken = (*script.lines, *script.removed)
    lines = _measure_side_by_side(spoken, lambda line: _original(line, speech, context).loudness, context)
    speakers = {
        speaker.id: speaker_level(lines[line.id] for line in spoken if line.speaker == speaker.id)
        for speaker in script.speakers
    }
    return OriginalLevels(lines, speakers)


def set_level(line: Line, originals: OriginalLevels, context: Context) -> Line:
    """Make one line as loud as its original."""
    return _set_level(line, _find_take_level(line, context), originals)


def _set_level(line: Line, take: _Level | None, originals: OriginalLevels) -> Line:
    if line.placement is not None and not line.locked and line.take and line.take.is_original:
        return replace(line, placement=replace(line.placement, gain_db=0.0))
    if take is None or line.placement is None:
        return line
    level, usual = originals.lines[line.id], originals.speakers[line.speaker]
    gain = line_gain(take.loudness, level, usual, take.peak)
    if line.placement.gain_db == round(gain, 2):
        return line
    return replace(line, placement=replace(line.placement, gain_db=round(gain, 2)))


def _measure_side_by_side(
    lines: Sequence[Line], measure: Callable[[Line], T], context: Context
) -> dict[str, T]:
    """Return what `measure` gives for each line, by id; the cores share the lines."""
    cores = count_cores()

    def measure_part(part: Sequence[Line]) -> dict[str, T]:
        found = {}
        for line in part:
            context.cancel.check()
            found[line.id] = measure(line)
        return found

    with start_workers(cores, context.cancel) as pool:
        parts = pool.run_all(measure_part, [lines[first::cores] for first in range(cores)])
    return {ident: value for part in parts for ident, value in part.items()}


def _find_take_level(line: Line, context: Context) -> _Level | None:
    """Return the level of a line's take; None where its gain does not depend on that."""
    if line.take is None or line.placement is None or line.locked or line.take.is_original:
        return None
    return _take(line.take, context)


# Both measurements are stored, because the edit of one line needs the levels of all lines.


def _original(line: Line, speech: ChunkedAudio, context: Context) -> _Level:
    start, end = line.original_range
    key = hash_values("level", VERSION, speech.key, start, end)
    return context.ledger("levels", _Level).value(key, lambda: _measured(speech.read(start, end).samples[0]))


def _take(take: Take, context: Context) -> _Level:
    def make() -> _Level:
        return _measured(read_take_samples(read_audio(context.project.file(take.file))))

    if not take.key:
        return make()
    return context.ledger("levels", _Level).value(hash_values("take level", VERSION, take.key), make)


def _measured(samples: NDArray[np.float32]) -> _Level:
    loudness = measure_level(samples, SAMPLE_RATE)
    return _Level(None if loudness == SILENCE else loudness, float(np.abs(samples).max(initial=0.0)))
