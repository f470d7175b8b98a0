"""Audio in the answers of services and models: decoded into Audio, and checked before it is used."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

import numpy as np

from rythmo.counts import format_count
from rythmo.engines.remote.calls import BadAnswerError
from rythmo.media.audio import Audio

T = TypeVar("T")
_SILENT = 1e-3
_SHORTEST_S = 0.05
# Speech over five times slower than slow speech (five characters a second), plus a pause: a runaway model.
_LONGEST_S = 5.0
_LONGEST_S_PER_CHARACTER = 1.0
_UNKNOWN_SIZE = 0x7FFF_0000


def call_checked(function: Callable[..., T], /, *given: Any, **named: Any) -> T:
    """Call a function of an SDK. Raises BadAnswerError when the SDK fails on JSON that it did not expect."""
    try:
        return function(*given, **named)
    except (TypeError, KeyError, AttributeError) as error:
        raise BadAnswerError(f"the answer makes no sense ({error})") from error


def read_wav(data: bytes) -> Audio:
    """Decode a WAV (or FLAC, OGG, MP3) to mono. Raises BadAnswerError when it is not audio, or is cut off."""
    import soundfile

    if _is_cut(data):
        raise BadAnswerError("the audio is cut off")
    try:
        samples, rate = soundfile.read(BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        # The exception's own text names the buffer: "Error opening <_io.BytesIO object at ...>".
        raise BadAnswerError(f"the answer is not audio: {error.error_string}") from error
    return Audio(np.ascontiguousarray(samples.T), int(rate)).mono()


def _is_cut(data: bytes) -> bool:
    """Return whether a WAV's header states more data than arrived."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return False
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            # Streaming servers write the largest possible size, which says nothing about the length.
            return len(data) < at + 8 + size < _UNKNOWN_SIZE
        at += 8 + size + size % 2
    return True


def read_pcm(data: bytes, rate: int) -> Audio:
    """Decode raw samples: mono, 16-bit little-endian. Raises BadAnswerError for an odd number of bytes."""
    if len(data) % 2:
        raise BadAnswerError("the audio ends in the middle of a sample")
    samples = np.frombuffer(data, "<i2").astype(np.float32) / 32768.0
    return Audio(samples[np.newaxis, :], rate)


def require_speech(audio: Audio, text: str) -> Audio:
    """Return the audio if it can be speech. Raises BadAnswerError for silence, NaN, and absurd lengths."""
    if audio.seconds < _SHORTEST_S:
        raise BadAnswerError("the audio is empty")
    if not np.isfinite(audio.samples).all():
        raise BadAnswerError("the audio contains values that are not numbers")
    if float(np.abs(audio.samples).max()) < _SILENT:
        raise BadAnswerError("the audio is silent")
    if audio.seconds > _LONGEST_S + _LONGEST_S_PER_CHARACTER * len(text):
        raise BadAnswerError(
            f"the audio lasts {audio.seconds:.0f} s for {format_count(len(text), 'character')}"
        )
    return audio
