"""What came back from a voice: checked, trimmed to the speech, and its phrases found. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import SpeechRequest
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.script.phrases import Spoken

_FRAME_MS = 5
_FLOOR_DB = -45.0
"""Below the loud part of the take by so much counts as silence: consonants lie some 30 dB below vowels."""
_PAUSE_MS = 90
_PRE_ROLL_MS = 4
_SLOWEST_CHARACTERS_PER_SECOND = 2.0
_OTHERWISE_SECONDS = 4.0


def check(made: Audio, request: SpeechRequest, engine: str) -> None:
    """Raise EngineFailedError for what must never reach a stem: nothing, noise that is not a number, far too much."""
    hint = "Say the line again, change its text, or choose another voice engine with --voice."
    if made.length == 0 or not np.isfinite(made.samples).all():
        what = "nothing" if made.length == 0 else "sound that is not a number"
        raise EngineFailedError(f"{engine} returned {what} for {request.text!r}.", hint=hint)
    if float(np.abs(made.samples).max()) < 1e-4:
        raise EngineFailedError(f"{engine} returned silence for {request.text!r}.", hint=hint)
    # Ten times the length asked for, or speech slower than anyone speaks, is a model that lost itself.
    most = 10 * request.seconds if request.seconds else _OTHERWISE_SECONDS + len(request.text) / (
        _SLOWEST_CHARACTERS_PER_SECOND
    )
    if made.seconds > most:
        raise EngineFailedError(f"{engine} returned {made.seconds:.0f} s of sound for {request.text!r}.", hint=hint)


def trimmed(audio: Audio) -> Audio:
    """The take without silence at its ends (a few milliseconds before the first sound are kept)."""
    active = _active(audio)
    frame = _frame(audio.rate)
    first, last = int(np.argmax(active)), len(active) - int(np.argmax(active[::-1]))
    lead = _PRE_ROLL_MS * audio.rate // 1000
    return audio.cut(max(0, first * frame - lead), min(audio.length, last * frame + lead))


def spoken_phrases(audio: Audio) -> Spoken:
    """Stretches of speech between pauses of at least 90 ms; the take's ends belong to the outer ones."""
    active = _active(audio)
    frame = _frame(audio.rate)
    least = _PAUSE_MS // _FRAME_MS
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    spans = [[int(a) * frame, min(int(b) * frame, audio.length)] for a, b in edges.reshape(-1, 2)]
    joined = spans[:1]
    for start, end in spans[1:]:
        if start - joined[-1][1] < least * frame:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    joined[0][0], joined[-1][1] = 0, audio.length
    return Spoken(tuple((start, end) for start, end in joined))


def _frame(rate: int) -> int:
    return max(1, rate * _FRAME_MS // 1000)


def _active(audio: Audio) -> NDArray[np.bool_]:
    frame = _frame(audio.rate)
    signal = audio.mono().samples[0].astype(np.float64)
    padded = np.concatenate((signal, np.zeros(-len(signal) % frame)))
    level = 10 * np.log10(np.mean(padded.reshape(-1, frame) ** 2, axis=1) + 1e-20)
    found: NDArray[np.bool_] = level > np.percentile(level, 95) + _FLOOR_DB
    return found
