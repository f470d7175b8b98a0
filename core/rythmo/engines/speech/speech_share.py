"""A quick estimate of how much of a file is speech, with the embedded detector."""

from __future__ import annotations

from collections.abc import Callable

from rythmo.engines.local.wheel_weights import ONNXRUNTIME, SILERO, list_missing, weight_file
from rythmo.media import excerpts
from rythmo.media.audio import Audio
from rythmo.media.media_info import MediaInfo
from rythmo.progress import NEVER, CancelToken


def speech_share(info: MediaInfo, *, cancel: CancelToken = NEVER) -> tuple[float | None, bool]:
    """Return the share of speech from 0 to 1, and whether the whole file was analysed.

    The share is None when the detector is not installed. Raises MediaError, CancelledError.
    """
    ear = _ear()
    if ear is None:
        return None, False
    heard = [(ear(sound), sound.length) for sound in excerpts.read_excerpts(info, cancel=cancel)]
    total = sum(length for _, length in heard)
    return sum(share * length for share, length in heard) / max(1, total), len(heard) == 1


def _ear() -> Callable[[Audio], float] | None:
    if list_missing(SILERO, ONNXRUNTIME):
        return None
    from rythmo.engines.speech import vad

    network = vad.load_network(weight_file(SILERO))

    def share(sound: Audio) -> float:
        probability = vad.speech_probability(network, sound.samples[0])
        spoken = sum(end - start for start, end in vad.fitting_spans(probability))
        return spoken / max(1, len(probability))

    return share
