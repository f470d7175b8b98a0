"""Sound that came back from a service or a model, turned into Audio and looked at before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

import numpy as np

from rythmo.engines.remote.calls import BadAnswerError
from rythmo.media.audio import Audio

T = TypeVar("T")
_SILENT = 1e-3
_SHORTEST_S = 0.05
# Ten times slower than slow speech (five characters a second), and room for a pause: a model that ran away.
_LONGEST_S = 5.0
_LONGEST_S_PER_CHARACTER = 1.0
_UNKNOWN_SIZE = 0x7FFF_0000


def call_checked(function: Callable[..., T], /, *given: Any, **named: Any) -> T:
    """What an SDK's call gives. Raises BadAnswerError where it trips over JSON that it did not expect."""
    try:
        return function(*given, **named)
    except (TypeError, KeyError, AttributeError) as error:
        raise BadAnswerError(f"the answer makes no sense ({error})") from error


def read_wav(data: bytes) -> Audio:
    """A WAV (or FLAC, OGG, MP3) as mono. Raises BadAnswerError when it is none, or less than it says."""
    import soundfile

    if _is_cut(data):
        raise BadAnswerError("the sound ends before its time")
    try:
        samples, rate = soundfile.read(BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        # Its own message names the buffer that it read from: "Error opening <_io.BytesIO object at ...>".
        raise BadAnswerError(f"what came back is not sound: {error.error_string}") from error
    return Audio(np.ascontiguousarray(samples.T), int(rate)).mono()


def _is_cut(data: bytes) -> bool:
    """Whether a WAV says that it holds more than came."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return False
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            # Streaming servers write the largest size they can: it says nothing.
            return len(data) < at + 8 + size < _UNKNOWN_SIZE
        at += 8 + size + size % 2
    return True


def read_pcm(data: bytes, rate: int) -> Audio:
    """Bare little-endian samples of 16 bits, mono. Raises BadAnswerError for half a sample."""
    if len(data) % 2:
        raise BadAnswerError("the sound ends in the middle of a sample")
    samples = np.frombuffer(data, "<i2").astype(np.float32) / 32768.0
    return Audio(samples[np.newaxis, :], rate)


def require_speech(audio: Audio, text: str) -> Audio:
    """The same sound. Raises BadAnswerError for silence, NaN, next to nothing, and ten times too much."""
    if audio.seconds < _SHORTEST_S:
        raise BadAnswerError("the sound is empty")
    if not np.isfinite(audio.samples).all():
        raise BadAnswerError("the sound holds values that are no numbers")
    if float(np.abs(audio.samples).max()) < _SILENT:
        raise BadAnswerError("the sound is silent")
    if audio.seconds > _LONGEST_S + _LONGEST_S_PER_CHARACTER * len(text):
        raise BadAnswerError(f"the sound lasts {audio.seconds:.0f} s for {len(text)} characters")
    return audio
