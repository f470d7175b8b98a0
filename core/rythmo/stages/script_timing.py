"""Align the times of a user's subtitle file with the programme: start timecode, constant offset, speed. Pure.

Broadcasters count from the programme's start timecode (01:00:00:00 or 10:00:00:00). Files made for another
master are early or late by a constant, or run at another speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import Turn
from rythmo.errors import UsageError
from rythmo.script.model import Programme
from rythmo.script.subtitle_file import FileCue
from rythmo.stages.heard_words import Span, merge_spans
from rythmo.timebase import SAMPLE_RATE, frames_to_samples, nominal_rate, seconds_to_samples

AUTO = "auto"
_MOST_SECONDS = 24 * 3600
# Offsets are searched in steps of 20 ms, then refined by the onsets.
_STEP = SAMPLE_RATE // 50
_FURTHEST_SECONDS = 120
_LEAST = SAMPLE_RATE * 3 // 10
_BETTER = 0.12
_GOOD = 0.6
_FEWEST = 3
_ONSETS = SAMPLE_RATE * 6 // 10
_SPEEDS = tuple(
    (Fraction(a), Fraction(b))
    for a, b in ((1, 1), (25, 24), (24, 25), (25025, 24000), (24000, 25025), (1001, 1000), (1000, 1001))
)


@dataclass(frozen=True, slots=True)
class Offset:
    """The correction of a file's times: multiply by `speed`, then add `samples`.

    `match` is the agreement with the speech afterwards (intersection over union, 0 to 1), `before` the
    agreement without the correction.
    """

    samples: int
    match: float
    before: float
    speed: Fraction = Fraction(1)

    @property
    def seconds(self) -> float:
        """The offset in seconds; negative when the file is late."""
        return round(self.samples / SAMPLE_RATE, 2)


def parse_offset(text: str) -> int:
    """Parse "2.5", "-0.48" or "auto" (0) into samples. Raises UsageError."""
    if text == AUTO:
        return 0
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not abs(seconds) <= _MOST_SECONDS:
        raise UsageError(
            f"--script-offset {text} is not a number of seconds.",
            hint="Write -2.5 for a script that is 2.5 s late, or auto.",
        )
    return seconds_to_samples(seconds)


def rebase_cues(cues: Sequence[FileCue], programme: Programme) -> tuple[tuple[FileCue, ...], int]:
    """Return cues counted from the programme's first frame, and by how many samples they were moved.

    They are moved only when most of them lie outside the programme, and subtracting its start timecode, or
    whole hours, brings most of them inside.
    """
    if not cues or _share_inside(cues, 0, programme.length) >= 0.5:
        return tuple(cues), 0
    for start in _starts(cues, programme):
        if start and _share_inside(cues, start, programme.length) >= 0.5:
            return shift_cues(cues, -start), -start
    return tuple(cues), 0


def shift_cues(cues: Sequence[FileCue], samples: int, speed: Fraction = Fraction(1)) -> tuple[FileCue, ...]:
    """Return the cues with their times multiplied by `speed`, then moved by `samples`."""
    if not samples and speed == 1:
        return tuple(cues)
    return tuple(
        replace(cue, start=round(cue.start * speed) + samples, end=round(cue.end * speed) + samples)
        for cue in cues
    )


def _starts(cues: Sequence[FileCue], programme: Programme) -> list[int]:
    """Return possible zeros of the file, in samples.

    They are the start timecode as its label reads and in real time, which differ because a "second" of 23.976
    timecode is longer than one, and the hour of the first cue.
    """
    real = frames_to_samples(programme.start_frame, programme.rate)
    label = Fraction(programme.start_frame, nominal_rate(programme.rate)) * SAMPLE_RATE
    hour = min(cue.start for cue in cues) // (3600 * SAMPLE_RATE) * 3600 * SAMPLE_RATE
    return [round(label), real, hour]


def _share_inside(cues: Sequence[FileCue], start: int, length: int) -> float:
    # A second of grace at the head: broadcasters' first subtitle may lie a little before the first frame.
    return sum(-SAMPLE_RATE < cue.start - start < length for cue in cues) / len(cues)


def find_offset(spans: Sequence[Span], turns: Sequence[Turn], length: int) -> Offset | None:
    """Find the constant offset and speed with which the cues at `spans` match the speech much better.

    None when there is no such offset, or too little to tell by. Positions are samples.
    """
    speech = merge_spans([(turn.start, turn.end) for turn in turns])
    if len(spans) < _FEWEST or len(speech) < _FEWEST:
        return None
    heard = _mask(speech, length)
    before = _match(_mask(spans, length), heard)
    best: Offset | None = None
    for numerator, denominator in _SPEEDS:
        speed = numerator / denominator
        moved = [(round(a * speed), round(b * speed)) for a, b in spans]
        found = _best(moved, speech, heard, length)
        # Another speed is accepted only when it is clearly better and the file is long enough to tell.
        least = before + _BETTER if speed == 1 else max(before, best.match if best else 0) + _BETTER / 2
        long = spans[-1][1] - spans[0][0] > 60 * SAMPLE_RATE
        if found and found[1] > least and (speed == 1 or long):
            best = Offset(found[0], round(found[1], 3), round(before, 3), speed)
    if best is None or best.match < _GOOD or (abs(best.samples) < _LEAST and best.speed == 1):
        return None
    return best


def _best(
    spans: Sequence[Span], speech: Sequence[Span], heard: NDArray[np.float32], length: int
) -> tuple[int, float] | None:
    """Find (offset, match) by cross-correlating the cues with the speech, then refining by the onsets."""
    reach = min(_FURTHEST_SECONDS * SAMPLE_RATE, max(length, 1)) // _STEP
    size = heard.size + 2 * reach
    mask = _mask([(a + reach * _STEP, b + reach * _STEP) for a, b in spans], length + 2 * reach * _STEP)
    padded = np.zeros(size, np.float32)
    padded[reach : reach + heard.size] = heard
    width = 1 << int(np.ceil(np.log2(2 * size)))
    product = np.fft.irfft(np.fft.rfft(padded, width) * np.conj(np.fft.rfft(mask[:size], width)), width)
    lags = np.concatenate([product[-reach:], product[: reach + 1]])
    union = float(mask[:size].sum() + heard.sum()) - lags
    score = lags / np.maximum(union, 1)
    at = int(np.argmax(score))
    offset = (at - reach) * _STEP
    offset += _onset_correction([(a + offset, b + offset) for a, b in spans], speech)
    found = _match(_mask([(a + offset, b + offset) for a, b in spans], length), heard)
    return offset, found


def _onset_correction(spans: Sequence[Span], speech: Sequence[Span]) -> int:
    """Return the median distance from cues to the nearest onset of speech."""
    near = []
    for start, _ in spans:
        onset = min((begin for begin, _ in speech), key=lambda begin: abs(begin - start))
        if abs(onset - start) <= _ONSETS:
            near.append(onset - start)
    return int(np.median(near)) if len(near) >= _FEWEST else 0


def _mask(spans: Sequence[Span], length: int) -> NDArray[np.float32]:
    mask = np.zeros(max(1, -(-length // _STEP)), np.float32)
    for start, end in spans:
        mask[max(0, start // _STEP) : max(0, -(-end // _STEP))] = 1
    return mask


def _match(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    union = float(np.maximum(one, other).sum())
    return float(np.minimum(one, other).sum()) / union if union else 0.0
