"""Check a take: find its speech, and refuse it if it cannot be used.

Every take passes `check_take` before it is fitted and again when it is placed. So a faulty result of a voice
engine (nothing, noise, NaN, far too much) never reaches a stem.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import EngineFailedError
from rythmo.media.activity import Activity, find_activity
from rythmo.media.audio import Audio
from rythmo.script.model import Flag, Severity
from rythmo.script.phrases import Span, TakePhrases
from rythmo.timebase import SAMPLE_RATE

Mono = NDArray[np.float32]

TAKE_CODES = ("take-dc", "take-clipped", "take-hiss", "take-click")
"""The codes of flags that `check_take` raises."""

# Shorter or softer noise around the words is cut off without a flag.
_HISS_SECONDS, _HISS_DBFS = 0.25, -72.0
_OVER_NOISE_DB = 5.0
_PAUSE_DB = -40.0
_PAUSE = 0.12
_TAIL = 0.05
_FRAME = 0.01
_SILENT = 10 ** (-60 / 20)
_DC = 1e-4
_CLIP = 0.999
_CLIP_RUN = 3
_FLAT = 0.5
_STEADY_DB = 2.0
_TOO_LONG = 5
_TOO_LONG_FLOOR = 3.0
_RETRY = "Voice the line again, or choose another voice engine."


@dataclass(frozen=True, slots=True, eq=False)
class CheckedTake:
    """A take ready to be placed: `samples` mono at the project's rate without DC, where it speaks, and flags
    for a person."""

    samples: Mono
    spoken: TakePhrases
    flags: tuple[Flag, ...] = ()


def check_take(take: Audio, original_length: int | None = None, rate: int = SAMPLE_RATE) -> CheckedTake:
    """Check a take; positions come out at `rate`. `original_length` is the line's, in samples at `rate`.

    Raises EngineFailedError for a take that cannot be used: no samples, NaN or infinity, silence, steady
    noise, or several times the length of the line (over 5 times and 3 s more).
    """
    recorded = _read_mono(take, rate)
    flags = _flag_clipping(recorded, rate)
    samples, offset = _without_offset(recorded)
    flags += _flag_offset(offset)
    active = find_activity(samples, rate)
    if active is None or float(np.abs(samples).max()) < _SILENT:
        raise EngineFailedError("The take is silent.", hint=_RETRY)
    flags += (*_flag_noise(active, rate), *_flag_clicks(active))
    spoken = _find_spoken(samples, active, rate)
    _refuse_length(spoken.length, original_length, rate)
    if _is_noise(samples[spoken.start : spoken.end], rate):
        raise EngineFailedError("The take is noise, not speech.", hint=_RETRY)
    return CheckedTake(samples, spoken, flags)


def read_take_samples(take: Audio, rate: int = SAMPLE_RATE) -> Mono:
    """Return the samples that `check_take` returns, of a take that it has passed already.

    Raises EngineFailedError for a take without samples, and for NaN or infinity.
    """
    return _without_offset(_read_mono(take, rate))[0]


def _read_mono(take: Audio, rate: int) -> Mono:
    if not take.length or not np.isfinite(take.samples).all():
        what = "holds samples that are not numbers" if take.length else "holds no sound"
        raise EngineFailedError(f"The take {what}.", hint=_RETRY)
    samples: Mono = take.mono().at_rate(rate).samples[0]
    return samples


def _without_offset(samples: Mono) -> tuple[Mono, float]:
    """Return the samples without their DC offset, and the offset."""
    offset = float(samples.mean(dtype=np.float64))
    return (samples - np.float32(offset) if abs(offset) > _DC else samples), offset


def _flag_offset(offset: float) -> tuple[Flag, ...]:
    if abs(offset) < 0.01:
        return ()
    return (Flag("take-dc", f"The take had a DC offset of {offset:+.3f}; it was removed.", Severity.INFO),)


def _flag_clipping(samples: Mono, rate: int) -> tuple[Flag, ...]:
    over = np.abs(samples) >= _CLIP
    runs = np.flatnonzero(np.convolve(over, np.ones(_CLIP_RUN), "valid") >= _CLIP_RUN)
    if not runs.size:
        return ()
    return (Flag("take-clipped", f"The take clips, first {runs[0] / rate:.2f} s into it."),)


def _refuse_length(length: int, original: int | None, rate: int) -> None:
    if original is not None and length > _TOO_LONG * original + _TOO_LONG_FLOOR * rate:
        raise EngineFailedError(
            f"The take lasts {length / rate:.1f} s for a line of {original / rate:.1f} s.", hint=_RETRY
        )


def _flag_noise(active: Activity, rate: int) -> tuple[Flag, ...]:
    sides = (
        ("before", active.noise_before, active.noise_before_length),
        ("after", active.noise_after, active.noise_after_length),
    )
    parts = [
        f"{length / rate:.1f} s of noise at {level:.0f} dBFS {where} its words"
        for where, level, length in sides
        if level is not None and level > _HISS_DBFS and length > _HISS_SECONDS * rate
    ]
    return (Flag("take-hiss", f"The take has {' and '.join(parts)}; it was cut off."),) if parts else ()


def _flag_clicks(active: Activity) -> tuple[Flag, ...]:
    where = [
        name for name, there in (("before", active.click_before), ("after", active.click_after)) if there
    ]
    if not where:
        return ()
    return (Flag("take-click", f"The take has a click {' and '.join(where)} its words; it was cut off."),)


def _find_spoken(samples: Mono, active: Activity, rate: int) -> TakePhrases:
    """Find where somebody speaks, with a little decay after it, split at pauses.

    The start is exactly the first sample of speech, which is placed on the line's onset.
    """
    start, last = active.start, active.end
    hisses = active.noise_after is not None and active.noise_after > _HISS_DBFS
    end = last if hisses else min(samples.size, last + round(_TAIL * rate))
    noise = max(active.noise_before or -math.inf, active.noise_after or -math.inf)
    edges = [start]
    for a, b in _find_pauses(samples[start:last], rate, 10 ** ((noise + _OVER_NOISE_DB) / 10)):
        edges += [start + a, start + b]
    edges.append(end)
    return TakePhrases(tuple(zip(edges[::2], edges[1::2], strict=True)))


def _find_pauses(samples: Mono, rate: int, noise: float) -> list[Span]:
    """Find pauses inside speech: the level stays below the threshold, less a margin for consonants.

    `noise` is the power below which there is only the recording's own noise.
    """
    frame = round(_FRAME * rate)
    count = samples.size // frame
    if count < 3:
        return []
    power = np.square(samples[: count * frame], dtype=np.float64).reshape(count, frame).mean(axis=1)
    quiet = np.concatenate(([False], power < max(power.max() * 10 ** (_PAUSE_DB / 10), noise), [False]))
    turns = np.flatnonzero(np.diff(quiet.astype(np.int8)))
    # One frame before and two after: a decay, and an unvoiced onset that starts below the threshold.
    spans = [((int(a) + 2) * frame, (int(b) - 2) * frame) for a, b in turns.reshape(-1, 2)]
    return [(a, b) for a, b in spans if b - a >= _PAUSE * rate - 4 * frame and b > a]


def _is_noise(samples: Mono, rate: int) -> bool:
    """Tell noise: flat in frequency and steady in time. Speech is neither (flatness measured below 0.2)."""
    frame = round(0.02 * rate)
    count = samples.size // frame
    if count < 10:
        return False
    frames = samples[: count * frame].reshape(count, frame).astype(np.float64)
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(frame), axis=1))) + 1e-20
    low, high = round(100 * frame / rate), round(8000 * frame / rate)
    mean = power.mean(axis=0)[low:high]
    flatness = float(np.exp(np.log(mean).mean()) / mean.mean())
    levels = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
    return flatness > _FLAT and float(levels.std()) < _STEADY_DB
