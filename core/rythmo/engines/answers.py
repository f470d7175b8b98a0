"""Sound that came back from a service or a model, turned into Audio and looked at before it is believed."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from rythmo.engines.remote import BadAnswerError
from rythmo.media.audio import Audio

_SILENT = 1e-3
_SHORTEST_S = 0.05
# Ten times slower than slow speech (five characters a second), and room for a pause: a model that ran away.
_LONGEST_S = 5.0
_LONGEST_S_PER_CHARACTER = 1.0


def read_wav(data: bytes) -> Audio:
    """A WAV (or FLAC, OGG, MP3) as mono. Raises BadAnswerError when it is none, or less than it says."""
    import soundfile

    # Streaming servers write the largest size they can into a WAV's header; the bytes decide, not the header.
    try:
        samples, rate = soundfile.read(BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise BadAnswerError(f"what came back is not sound: {error}") from error
    return Audio(np.ascontiguousarray(samples.T), int(rate)).mono()


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
