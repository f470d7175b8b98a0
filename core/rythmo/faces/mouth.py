"""How a mouth moves with the sound of speech: curves over frames, their correlation and lag. Pure.

Arrays over frames have one value for each frame of the picture. A lag is in frames; it is positive when the
sound comes later than the mouth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.rows import Rows
from rythmo.faces.tracks import FaceTrack
from rythmo.timebase import frames_to_samples

Floats = NDArray[np.float64]
RANGE_DB = 40.0
"""Speech lies within so much below its loudest frames."""
LEAST_SECONDS = 1.0
"""A correlation over less than this says nothing: one syllable fits any other."""
_BRIDGE_SECONDS = 0.4
_SPREAD = 0.05
"""The least movement of a mouth that counts, in `Face.opening`: the tracker's own trembling is less."""
_MOST_LAG_SECONDS = 0.65
_LAG_NEEDS_SECONDS = 4.0
_LAG_GAIN = 0.12
"""How much better than no lag one must be, in correlation, to be believed."""


@dataclass(frozen=True, slots=True, eq=False)
class MouthCurve:
    """The mouth of one track from frame `first` on, scaled so that its usual range is 0 to 1; NaN: unseen."""

    first: int
    opening: Floats

    @property
    def last(self) -> int:
        """The frame after its last one."""
        return self.first + len(self.opening)

    def cut(self, first: int, last: int) -> Floats:
        """Return the values of frames [first, last); NaN outside the track."""
        out = np.full(max(0, last - first), np.nan)
        low, high = max(first, self.first), min(last, self.last)
        if low < high:
            out[low - first : high - first] = self.opening[low - self.first : high - self.first]
        return out


@dataclass(frozen=True, slots=True)
class MouthSync:
    """How far a mouth moves with a sound: correlation, lag in frames, and seconds that were compared."""

    correlation: float
    lag: int
    seconds: float


def follow_mouth(track: FaceTrack, rows: Rows, rate: float) -> MouthCurve:
    """Return the mouth's curve of a track, with short gaps bridged."""
    values = np.full(track.last - track.first, np.nan)
    own = rows[track.rows]
    values[own["frame"] - track.first] = own["opening"]
    known = np.flatnonzero(np.isfinite(values))
    if known.size < 2:
        return MouthCurve(track.first, values)
    filled = np.interp(np.arange(len(values)), known, values[known])
    # A value is bridged where the known ones around it are near enough.
    before = np.searchsorted(known, np.arange(len(values)), side="right") - 1
    left, right = known[np.maximum(before, 0)], known[np.minimum(before + 1, known.size - 1)]
    near = (right - left <= _BRIDGE_SECONDS * rate) & (before >= 0) & (np.arange(len(values)) <= known[-1])
    filled[~(near | np.isfinite(values))] = np.nan
    low, high = np.nanpercentile(filled, (10, 90))
    return MouthCurve(track.first, (filled - low) / max(high - low, _SPREAD))


def measure_envelope(
    samples: NDArray[np.float32], start: int, first: int, last: int, rate: Fraction
) -> Floats:
    """Return the loudness of frames [first, last), 0 to 1 over the 40 dB below the loudest of them.

    `samples`, shape (n,), begin at programme sample `start`; outside them it is silent.
    """
    power = np.zeros(last - first)
    for number in range(first, last):
        low, high = (frames_to_samples(frame, rate) - start for frame in (number, number + 1))
        part = samples[max(0, low) : max(0, high)].astype(np.float64)
        power[number - first] = np.mean(np.square(part)) if part.size else 0.0
    level = 10 * np.log10(power + 1e-10)
    peak = float(np.percentile(level, 95)) if level.size else 0.0
    if peak <= -80:
        return np.zeros(last - first)
    return np.asarray(np.clip((level - peak) / RANGE_DB + 1, 0.0, 1.0))


def compare(opening: Floats, envelope: Floats, rate: float, lag: int = 0) -> MouthSync | None:
    """Compare curves of the same frames at a lag; None where too little of the mouth is seen."""
    one, other = _shift(opening, envelope, lag)
    seen = np.isfinite(one)
    seconds = int(seen.sum()) / rate
    if seconds < LEAST_SECONDS:
        return None
    return MouthSync(_correlate(one[seen], other[seen]), lag, seconds)


def find_best_lag(opening: Floats, envelope: Floats, rate: float, around: int = 0) -> MouthSync | None:
    """Return the best comparison within a quarter of a second around a lag; None as `compare`."""
    reach = round(rate / 4)
    found = [compare(opening, envelope, rate, lag) for lag in range(around - reach, around + reach + 1)]
    known = [sync for sync in found if sync]
    return max(known, key=lambda sync: (sync.correlation, -abs(sync.lag - around)), default=None)


def find_file_lag(pairs: Iterable[tuple[Floats, Floats]], rate: float) -> int:
    """Return the lag that holds for the whole file, because containers lie about the start of the sound.

    `pairs` are (mouth, envelope) of lines whose speaker is seen. Without enough of them, or where no lag is
    clearly better than none, it is 0.
    """
    known = [pair for pair in pairs if np.isfinite(pair[0]).sum() >= LEAST_SECONDS * rate]
    if sum(np.isfinite(mouth).sum() for mouth, _ in known) < _LAG_NEEDS_SECONDS * rate:
        return 0
    reach = round(_MOST_LAG_SECONDS * rate)
    scores = {lag: _pooled(known, rate, lag) for lag in range(-reach, reach + 1)}
    best = max(scores, key=lambda lag: (scores[lag], -abs(lag)))
    return best if scores[best] >= scores[0] + _LAG_GAIN else 0


def _pooled(pairs: Sequence[tuple[Floats, Floats]], rate: float, lag: int) -> float:
    found = [sync for mouth, sound in pairs if (sync := compare(mouth, sound, rate, lag))]
    seconds = sum(sync.seconds for sync in found)
    return sum(sync.correlation * sync.seconds for sync in found) / seconds if seconds else 0.0


def _shift(opening: Floats, envelope: Floats, lag: int) -> tuple[Floats, Floats]:
    count = min(len(opening), len(envelope))
    if lag >= 0:
        return opening[: max(0, count - lag)], envelope[lag:count]
    return opening[-lag:count], envelope[: max(0, count + lag)]


def _correlate(one: Floats, other: Floats) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt(np.square(one).sum() * np.square(other).sum()))
    return float((one * other).sum() / size) if size > 1e-9 else 0.0
