"""Where somebody speaks in a short recording: past hiss, hum and clicks, to the sample. Pure.

Frames of 20 ms are compared, band by band, with the steady noise that the recording begins or ends with.
Steady noise is told from speech by how little its level moves: frames of hiss differ by a decibel or two,
frames of speech by ten and more. A sound of a few milliseconds with nothing around it is a click. The method
needs no model, so that every take can be looked at several times; it also holds for a tone or a whisper.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rythmo.media.onset import find_onset, trace_rise

Mono = NDArray[np.float32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_Limits = tuple[tuple[float, float], ...]

# Speech begins where it comes within this of the peak: weak consonants lie above it.
EDGE_DB = -50.0

_HOP, _WINDOW = 0.005, 0.020
_BANDS_HZ = (120.0, 400.0, 1000.0, 2500.0, 5000.0, 9000.0, 16000.0)
# Below the loud frames by this much there is no speech, whatever the noise.
_SPEECH_DB = 46.0
_ABOVE_NOISE_DB = 7.0
_WHOLE_ABOVE_NOISE_DB = 4.0
_STEADY_DB, _OTHER_BANDS_DB = 2.0, 5.0
_SHORTEST_NOISE, _SHORT_NOISE = 0.03, 0.1
_LOW_BANDS = 2
# Hiss is about as dense above 1 kHz as below it; friction is far denser above, a voiced sound below.
_BRIGHT_DB, _DARK_DB = 9.0, 24.0
# The lowest band of a frame of noise has few degrees of freedom and varies; that of a voice does not.
_RANDOM_DB = 1.3
_HISS_BEFORE_DB = ((0.16, 6.0), (0.1, 12.0), (0.06, 20.0), (0.0, 24.0))
_HISS_AFTER_DB = ((0.25, 6.0), (0.1, 15.0), (0.0, 21.0))
# (seconds, dB): how far below speech noise that lasts so long lies at least. A first consonant is shorter
# than a sixth of a second, a last one than a quarter, and no more than 30 dB weaker than the loud vowels.
_OTHER_BELOW_DB: _Limits = ((0.25, 20.0), (0.0, 30.0))
# A sound as short as a click, with as much silence between it and the speech, is no part of it.
_CLICK, _ALONE, _CLICK_CORE_DB = 0.020, 0.045, 25.0
_LOUD_SECONDS = 0.04
# Standard deviations: one sample of noise in some millions goes beyond.
_OVER_NOISE = 5.0
_LEAD, _APART, _SEARCH_FRAMES = 0.08, 0.03, 32
_CLICK_RINGS, _MOST_NOISE_FRAMES, _FEW_NOISE_FRAMES = 4, 200, 10
_RUMBLE_HZ, _FILTER_ORDER, _MIRRORED = 130.0, 12, 0.1
_FAINTEST, _TINY = 1e-10, 1e-12
_NOTHING_DB = 10 * np.log10(_TINY) + 10


@dataclass(frozen=True, slots=True)
class Activity:
    """Speech lies in [start, end), in samples.

    `noise_before` and `noise_after` are the levels of steady noise around it in dBFS (None: silence), and
    their lengths in samples; `click_before` and `click_after` tell of clicks.
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
    """Find where speech begins and ends in `samples`, shape (n,); None for silence and for no sound.

    Samples must be finite. Where nothing lasts longer than a click, the clicks are the sound.
    """
    if not samples.size:
        return None
    samples = samples - np.median(samples)
    peak = float(np.abs(samples).max())
    if peak <= _FAINTEST:
        return None
    # What is found does not depend on the level of the recording.
    samples = samples / np.float32(peak)
    # Seen from either end, so that a filter's ringing lies behind what is looked for.
    clear, clear_back = _remove_rumble(samples, rate), _remove_rumble(samples[::-1], rate)
    bands, bands_back = _measure_bands(clear, rate), _measure_bands(clear_back[::-1], rate)[::-1]
    noises = _find_noise_at_both_ends(bands, bands_back)
    head, tail = _find_edge(bands, noises[0]), _find_edge(bands_back, noises[1])
    hop = round(_HOP * rate)
    speech = samples[head.first * hop : max(1, samples.size - tail.first * hop)]
    loudest = float(np.abs(speech).max(initial=0.0)) or 1.0
    start = _find_first_sample(samples, clear, head, noises[0], loudest, rate)
    end = samples.size - _find_first_sample(samples[::-1], clear_back, tail, noises[1], loudest, rate)
    if end <= start:
        start, end = head.first * hop, min(samples.size, (len(bands) - tail.first) * hop + hop)
    scale = 20 * math.log10(peak)
    return Activity(
        start,
        end,
        noise_before=None if head.level is None else head.level + scale,
        noise_before_length=min(start, head.noise * hop),
        noise_after=None if tail.level is None else tail.level + scale,
        noise_after_length=min(samples.size - end, tail.noise * hop),
        click_before=head.click,
        click_after=tail.click,
    )


@dataclass(frozen=True, slots=True)
class _Edge:
    """One end of a recording, seen from outside: the first frame of speech, how many frames of steady noise
    come before it and at which level, whether there is a click among them, and the first frame after it."""

    first: int
    noise: int = 0
    level: float | None = None
    click: bool = False
    earliest: int = 0


def _remove_rumble(samples: Mono, rate: int) -> Floats:
    """Return the samples above 130 Hz: mains hum and rumble hide weak sounds, and speech has enough above
    them.

    The filter looks back only, so that nothing rings before the speech. What it would ring from the edge of
    the recording falls into a mirrored stretch before it.
    """
    from scipy.signal import sosfilt

    signal = samples.astype(np.float64)
    ahead = min(signal.size - 1, round(_MIRRORED * rate))
    mirrored = np.concatenate([2 * signal[0] - signal[ahead:0:-1], signal])
    out: Floats = sosfilt(_design_rumble_filter(rate), mirrored)[ahead:]
    return out


@cache
def _design_rumble_filter(rate: int) -> Floats:
    from scipy.signal import butter

    sections: Floats = butter(_FILTER_ORDER, _RUMBLE_HZ, "high", fs=rate, output="sos")
    return sections


def _measure_bands(samples: Floats, rate: int) -> Floats:
    """Power of each frame in each band, in dB: shape (frames, bands). Frame k begins at k hops."""
    window, hop = round(_WINDOW * rate), round(_HOP * rate)
    half = (window - hop) // 2
    count = max(1, -(-samples.size // hop))
    padded = np.zeros(count * hop + window, np.float64)
    # A frame is told by its middle, so that the first and the last look past the ends.
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


def _find_noise_at_both_ends(bands: Floats, back: Floats) -> tuple[_Noise | None, _Noise | None]:
    """The steady noise at the head and at the tail, where there is any; `back` are the bands from the end on.

    Where it is too short at one end to be told from a consonant, that of the other end counts if it is as
    loud: a recording that hisses mostly hisses from end to end.
    """
    levels, levels_back = _total_level(bands), _total_level(back)
    head = _find_noise(bands, levels, _loud_level(levels), _HISS_BEFORE_DB)
    tail = _find_noise(back, levels_back, _loud_level(levels_back), _HISS_AFTER_DB)
    return head or _noise_from_other_end(tail, levels), tail or _noise_from_other_end(head, levels_back)


@dataclass(frozen=True, slots=True, eq=False)
class _Noise:
    """Steady noise: its frames from the edge, its median level, and from which levels on a frame stands out
    of it, by band and as a whole. `far` if it is known from the other end, from whose edge it is counted."""

    frames: NDArray[np.intp]
    level: float
    by_band: Floats
    whole: float
    far: bool = False


def _noise_from_other_end(other: _Noise | None, levels: Floats) -> _Noise | None:
    first = levels[1:4]
    if other is None or not first.size or abs(float(np.median(first)) - other.level) > 2 * _STEADY_DB:
        return None
    return replace(other, far=True)


def _find_edge(bands: Floats, noise: _Noise | None) -> _Edge:
    """Look for speech from the first frame on."""
    levels = _total_level(bands)
    active = levels > max(_loud_level(levels) - _SPEECH_DB, _NOTHING_DB)
    if noise is not None:
        active &= (bands > noise.by_band).any(axis=1) | (levels > noise.whole)
    first, earliest = _find_first_run(active, levels)
    if noise is None:
        return _Edge(first, click=earliest > 0, earliest=earliest)
    count = 0 if noise.far else int((noise.frames < first).sum())
    return _Edge(first, count, noise.level, earliest > 0, earliest)


def _loud_level(levels: Floats) -> float:
    """The level that frames of `_LOUD_SECONDS` in all reach: a click alone does not."""
    count = min(round(_LOUD_SECONDS / _HOP), max(1, levels.size // 4))
    return float(np.sort(levels)[-count])


def _find_noise(bands: Floats, levels: Floats, loud: float, hiss: _Limits) -> _Noise | None:
    """The steady noise that the recording begins with; None where there is none.

    Frames of a click are passed over. Digital silence before it is no noise.
    """
    sounding = np.flatnonzero(levels > _NOTHING_DB)
    shortest, gap = round(_SHORTEST_NOISE / _HOP), round((_CLICK + _WINDOW) / _HOP) + 1
    begin = int(sounding[0]) + 2 if sounding.size else levels.size
    # A click may come first.
    starts = range(begin, min(begin + 3 * gap, levels.size - shortest))
    begin = next((at for at in starts if _is_steady(levels[at : at + shortest])), begin)
    probe = levels[begin : begin + shortest]
    if probe.size < shortest:
        return None
    # A consonant may be as loud as the noise, but not in the same bands.
    usual = np.median(bands[begin : begin + shortest], axis=0)
    near = np.abs(levels - float(np.median(probe))) < 3 * _STEADY_DB
    near &= np.abs(bands - usual).mean(axis=1) < _OTHER_BANDS_DB
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
    if not _is_noise(bands[frames], levels[frames], loud, hiss):
        return None
    middle, spread = np.median(bands[frames], axis=0), np.std(bands[frames], axis=0)
    level, scatter = float(np.median(levels[frames])), float(np.std(levels[frames]))
    by_band = middle + np.maximum(_ABOVE_NOISE_DB, 4 * spread)
    return _Noise(frames, level, by_band, level + max(_WHOLE_ABOVE_NOISE_DB, 4 * scatter))


def _is_steady(levels: Floats) -> bool:
    return float(np.std(levels)) <= _STEADY_DB and float(levels.min()) > _NOTHING_DB


def _is_noise(bands: Floats, levels: Floats, loud: float, hiss: _Limits) -> bool:
    """Whether frames are steady noise rather than a consonant or a held vowel."""
    if len(levels) < round(_SHORTEST_NOISE / _HOP) or float(np.std(levels)) > _STEADY_DB:
        return False
    below = loud - float(np.median(levels))
    density = np.median(bands, axis=0) - 10 * np.log10(np.diff(_BANDS_HZ))
    low, high = float(density[:_LOW_BANDS].max()), float(density[_LOW_BANDS:].max())
    is_flat = low - _DARK_DB < high < low + _BRIGHT_DB
    is_random = float(np.std(bands[:, 0])) > _RANDOM_DB
    seconds = len(levels) * _HOP
    table = hiss if is_flat and is_random else _OTHER_BELOW_DB
    return below > next(limit for shortest, limit in table if seconds >= shortest)


def _find_first_run(active: Flags, levels: Floats) -> tuple[int, int]:
    """The first frame of the first run that is no click, and the frame after the clicks before it (0: none).

    Where all of them are clicks it is the loudest one.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    runs = edges.reshape(-1, 2)
    alone = round(_ALONE / _HOP)
    for number, (start, end) in enumerate(runs):
        following = runs[number + 1][0] if number + 1 < len(runs) else active.size + alone
        if not _is_short(levels[start:end]) or following - end < alone:
            return int(start), int(runs[number - 1][1]) if number else 0
    if not len(runs):
        return int(levels.argmax()), 0
    return int(max(runs, key=lambda run: float(levels[run[0] : run[1]].max()))[0]), 0


def _is_short(levels: Floats) -> bool:
    """Whether a run is as short as a click; a loud one rings on in the filters, far below its peak."""
    shortest = round((_CLICK + _WINDOW) / _HOP)
    core = int((levels > levels.max() - _CLICK_CORE_DB).sum())
    return levels.size <= shortest or (core <= shortest - 2 and levels.size <= 2 * shortest)


def _find_first_sample(
    samples: Mono, clear: Floats, edge: _Edge, noise: _Noise | None, peak: float, rate: int
) -> int:
    """The first sample of speech near its first frame."""
    hop = round(_HOP * rate)
    limit, coarse = peak * 10 ** (EDGE_DB / 20), edge.first * hop
    if noise is not None:
        model = _noise_samples(clear, noise, edge, hop)
        earliest = (edge.earliest + _CLICK_RINGS) * hop if edge.earliest else 0
        whole = samples.astype(np.float64)
        around = _noise_samples(whole, noise, edge, hop)
        if model.size and _OVER_NOISE * float(np.std(around)) > limit:
            at, rises = find_onset(clear, rate, coarse, earliest=earliest, noise=model, quietest=limit)
            if not rises:
                return at
            loud = max(limit, _OVER_NOISE * float(np.std(around)))
            traced = trace_rise(whole - np.median(around), at, rate, loud=loud, quietest=limit)
            return max(traced, earliest)
    begin = max(edge.earliest * hop, coarse - round(_LEAD * rate))
    # The offset of the whole is not quite that of the silence.
    offset = float(np.median(samples[begin:coarse])) if coarse - begin > hop else 0.0
    found = np.flatnonzero(np.abs(samples[begin : begin + _SEARCH_FRAMES * hop] - offset) > limit)
    if not found.size:
        return coarse
    # A sound apart from the words, such as a soft click, is no part of them.
    gaps = np.flatnonzero(np.diff(found) > _APART * rate)
    early = [found[gap + 1] for gap in gaps if begin + found[gap] < coarse]
    return begin + int(early[-1] if early else found[0])


def _noise_samples(clear: Floats, noise: _Noise, edge: _Edge, hop: int) -> Floats:
    """The longest stretch of noise without a click, up to a second."""
    frames = noise.frames if noise.far else noise.frames[noise.frames < edge.first - 1]
    runs = np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1)
    longest = max(runs, key=len)[-_MOST_NOISE_FRAMES:]
    # The last frames may hold a soft beginning of the speech.
    longest = longest[: max(_FEW_NOISE_FRAMES, longest.size - _FEW_NOISE_FRAMES)]
    source = clear[::-1] if noise.far else clear
    return source[longest[0] * hop : (longest[-1] + 1) * hop] if longest.size else clear[:0]
