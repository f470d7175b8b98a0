"""Find where somebody speaks in a short recording, to the sample, despite hiss, hum and clicks. Pure.

Frames of 20 ms are compared, band by band, with the steady noise at the beginning and end of the recording.
Noise is told from speech by how little its level moves: frames of hiss differ by a decibel or two, frames of
speech by ten and more. A sound of a few milliseconds with nothing around it is a click. The method needs no
model, so every take can be checked several times. It also works for a tone or a whisper.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Mono = NDArray[np.float32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

EDGE_DB = -50.0
"""Speech begins where it comes within this of the peak: weak consonants lie above it."""

_HOP, _WINDOW = 0.005, 0.020
_BANDS_HZ = (120.0, 400.0, 1000.0, 2500.0, 5000.0, 9000.0, 16000.0)
# Below the loud frames by this much there is no speech, whatever the noise.
_SPEECH_DB = 46.0
_ABOVE_NOISE_DB = 7.0
_WHOLE_ABOVE_NOISE_DB = 4.0
_STEADY_DB = 2.0
_SHORTEST_NOISE, _SHORT_NOISE = 0.03, 0.1
_LOW_BANDS = 2
# Hiss is about as dense above 1 kHz as below it; friction is far denser above, a voiced sound below.
_BRIGHT_DB, _DARK_DB = 9.0, 24.0
# The lowest band of a frame of noise has few degrees of freedom and varies; that of a voice does not.
_RANDOM_DB = 1.3
_HISS_BELOW_DB = ((0.25, 6.0), (0.1, 15.0), (0.0, 21.0))
# (seconds, dB): how far below speech noise that lasts so long lies at least. A consonant is shorter than a
# quarter of a second, and no more than 30 dB weaker than the loud vowels.
_OTHER_BELOW_DB = ((0.25, 20.0), (0.0, 30.0))
# A sound as short as a click, with as much silence between it and the speech, is no part of it.
_CLICK, _ALONE = 0.020, 0.045
_LOUD_SECONDS = 0.04
# Standard deviations: one sample of noise in some millions goes beyond.
_OVER_NOISE = 5.0
_LEAD, _SEARCH_FRAMES = 0.03, 16
_RUMBLE_HZ, _FILTER_SAMPLES = 120.0, 64
_TINY = 1e-10
_NOTHING_DB = 10 * np.log10(_TINY) + 10


@dataclass(frozen=True, slots=True)
class Activity:
    """The span of speech in a recording: samples [start, end).

    `noise_before` and `noise_after` are the levels of steady noise around the speech in dBFS (None: silence).
    Their lengths are in samples. `click_before` and `click_after` say whether there are clicks there.
    """

    start: int
    end: int
    noise_before: float | None = None
    noise_before_length: int = 0
    noise_after: float | None = None
    noise_after_length: int = 0
    click_before: bool = False
    click_after: bool = False


def find_activity(samples: Mono, rate: int) -> Activity | None:
    """Find where speech begins and ends in `samples`, shape (n,).

    Returns None for silence and for an empty array. Samples must be finite. A recording that holds nothing
    but clicks counts the clicks as its sound.
    """
    if not samples.size:
        return None
    samples = samples - np.median(samples)
    peak = float(np.abs(samples).max())
    if peak <= _TINY:
        return None
    bands = _measure_bands(_remove_rumble(samples, rate), rate)
    noises = _find_noise_at_both_ends(bands)
    head, tail = _find_edge(bands, noises[0]), _find_edge(bands[::-1], noises[1])
    hop = round(_HOP * rate)
    speech = samples[head.first * hop : max(1, samples.size - tail.first * hop)]
    peak = float(np.abs(speech).max(initial=0.0)) or peak
    start = _find_first_sample(samples, head, hop, peak, rate)
    end = samples.size - _find_first_sample(samples[::-1], tail, hop, peak, rate)
    if end <= start:
        start, end = head.first * hop, min(samples.size, (len(bands) - tail.first) * hop + hop)
    return Activity(
        start,
        end,
        noise_before=head.level,
        noise_before_length=min(start, head.noise * hop),
        noise_after=tail.level,
        noise_after_length=min(samples.size - end, tail.noise * hop),
        click_before=head.click,
        click_after=tail.click,
    )


@dataclass(frozen=True, slots=True)
class _Edge:
    """One end of a recording, seen from outside: the first frame of speech, how many frames of steady noise
    come before it, their level, and whether there is a click among them."""

    first: int
    noise: int = 0
    level: float | None = None
    click: bool = False


def _remove_rumble(samples: Mono, rate: int) -> Floats:
    """Return the samples above 120 Hz, without delay. Mains hum and rumble hide weak sounds."""
    from scipy.signal import butter, sosfiltfilt

    signal = samples.astype(np.float64)
    if signal.size < _FILTER_SAMPLES:
        return signal
    out: Floats = sosfiltfilt(butter(4, _RUMBLE_HZ, "high", fs=rate, output="sos"), signal)
    return out


def _measure_bands(samples: Floats, rate: int) -> Floats:
    """Measure the power of each frame in each band in dB: shape (frames, bands). Frame k begins at k hops."""
    window, hop = round(_WINDOW * rate), round(_HOP * rate)
    half = (window - hop) // 2
    count = max(1, -(-samples.size // hop))
    padded = np.zeros(count * hop + window, np.float64)
    # A frame stands for its middle, so the first and the last one reach past the ends.
    padded[half : half + samples.size] = samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][:count]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(window), axis=1)))
    power /= window * np.square(np.hanning(window)).sum() / 2
    hertz = np.fft.rfftfreq(window, 1 / rate)
    edges = np.minimum(np.searchsorted(hertz, _BANDS_HZ), power.shape[1])
    bands = [power[:, a:b].sum(axis=1) for a, b in pairwise(edges)]
    levels: Floats = 10 * np.log10(np.stack(bands, axis=1) + _TINY)
    return levels


def _total_level(bands: Floats) -> Floats:
    total: Floats = 10 * np.log10((10 ** (bands / 10)).sum(axis=1))
    return total


def _find_noise_at_both_ends(bands: Floats) -> tuple[_Noise | None, _Noise | None]:
    """Find the steady noise at the head and at the tail (seen from outside); None where there is none.

    Noise that is too short at one end to be told from a consonant still counts if the other end has noise of
    the same level: a recording that hisses mostly hisses from end to end.
    """
    levels = _total_level(bands)
    loud = _loud_level(levels)
    head, tail = _find_noise(bands, levels, loud), _find_noise(bands[::-1], levels[::-1], loud)
    return head or _noise_from_other_end(tail, levels), tail or _noise_from_other_end(head, levels[::-1])


@dataclass(frozen=True, slots=True, eq=False)
class _Noise:
    """Steady noise: its frames counted from the edge (none where it is known only from the other end), its
    median level, and the levels above which a frame stands out of it, by band and as a whole."""

    frames: NDArray[np.intp]
    level: float
    by_band: Floats
    whole: float


def _noise_from_other_end(other: _Noise | None, levels: Floats) -> _Noise | None:
    first = levels[1:4]
    if other is None or not first.size or abs(float(np.median(first)) - other.level) > 2 * _STEADY_DB:
        return None
    return _Noise(np.zeros(0, np.intp), other.level, other.by_band, other.whole)


def _find_edge(bands: Floats, noise: _Noise | None) -> _Edge:
    """Find the first frame of speech."""
    levels = _total_level(bands)
    active = levels > max(_loud_level(levels) - _SPEECH_DB, _NOTHING_DB)
    if noise is not None:
        active &= (bands > noise.by_band).any(axis=1) | (levels > noise.whole)
    first, click = _find_first_run(active, levels)
    if noise is None:
        return _Edge(first, click=click)
    return _Edge(first, int((noise.frames < first).sum()), noise.level, click)


def _loud_level(levels: Floats) -> float:
    """Return the level that frames of `_LOUD_SECONDS` in all reach. A click alone is too short for it."""
    count = min(round(_LOUD_SECONDS / _HOP), max(1, levels.size // 4))
    return float(np.sort(levels)[-count])


def _find_noise(bands: Floats, levels: Floats, loud: float) -> _Noise | None:
    """Find the steady noise that the recording begins with; None where there is none.

    Frames of a click are skipped. Digital silence before the noise does not count as noise.
    """
    sounding = np.flatnonzero(levels > _NOTHING_DB)
    shortest, gap = round(_SHORTEST_NOISE / _HOP), round((_CLICK + _WINDOW) / _HOP) + 1
    begin = int(sounding[0]) + 2 if sounding.size else levels.size
    probe = levels[begin : begin + shortest]
    if probe.size < shortest:
        return None
    near = np.abs(levels - float(np.median(probe))) < 3 * _STEADY_DB
    end = begin
    for index in range(begin, levels.size):
        if near[index]:
            end = index + 1
        elif index - end >= gap:
            break
    frames = begin + np.flatnonzero(near[begin:end])
    # A short rustle out of silence is a consonant; noise as short as that begins with the recording.
    if begin > 3 and frames.size < _SHORT_NOISE / _HOP:
        return None
    if not _is_noise(bands[frames], levels[frames], loud):
        return None
    middle, spread = np.median(bands[frames], axis=0), np.std(bands[frames], axis=0)
    level, scatter = float(np.median(levels[frames])), float(np.std(levels[frames]))
    by_band = middle + np.maximum(_ABOVE_NOISE_DB, 4 * spread)
    return _Noise(frames, level, by_band, level + max(_WHOLE_ABOVE_NOISE_DB, 4 * scatter))


def _is_noise(bands: Floats, levels: Floats, loud: float) -> bool:
    """Tell steady noise from a consonant or a held vowel."""
    if len(levels) < round(_SHORTEST_NOISE / _HOP) or float(np.std(levels)) > _STEADY_DB:
        return False
    below = loud - float(np.median(levels))
    density = np.median(bands, axis=0) - 10 * np.log10(np.diff(_BANDS_HZ))
    low, high = float(density[:_LOW_BANDS].max()), float(density[_LOW_BANDS:].max())
    is_flat = low - _DARK_DB < high < low + _BRIGHT_DB
    is_random = float(np.std(bands[:, 0])) > _RANDOM_DB
    seconds = len(levels) * _HOP
    table = _HISS_BELOW_DB if is_flat and is_random else _OTHER_BELOW_DB
    return below > next(limit for shortest, limit in table if seconds >= shortest)


def _find_first_run(active: Flags, levels: Floats) -> tuple[int, bool]:
    """Return the first frame of the first run that is not a click, and whether clicks came before it.

    When every run is a click, the loudest one counts.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    runs = edges.reshape(-1, 2)
    shortest, alone = round((_CLICK + _WINDOW) / _HOP), round(_ALONE / _HOP)
    for number, (start, end) in enumerate(runs):
        following = runs[number + 1][0] if number + 1 < len(runs) else active.size + alone
        if end - start > shortest or following - end < alone:
            return int(start), number > 0
    if not len(runs):
        return int(levels.argmax()), False
    return int(max(runs, key=lambda run: float(levels[run[0] : run[1]].max()))[0]), False


def _find_first_sample(samples: Mono, edge: _Edge, hop: int, peak: float, rate: int) -> int:
    """Find the first sample of speech near its first frame."""
    limit = peak * 10 ** (EDGE_DB / 20)
    lead = 0 if edge.level is not None or edge.click else round(_LEAD * rate)
    begin = max(0, edge.first * hop - lead)
    if edge.level is not None:
        noise = samples[: max(1, begin)]
        limit = max(limit, _OVER_NOISE * float(np.std(noise[-round(0.5 * rate) :])))
    above = np.flatnonzero(np.abs(samples[begin : begin + _SEARCH_FRAMES * hop]) > limit)
    return begin + int(above[0]) if above.size else edge.first * hop
