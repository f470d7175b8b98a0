"""Find speech of the original that is left in the M&E where no line covers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rythmo.media.audio import Audio
from rythmo.media.wav import WavReader
from rythmo.progress import NEVER, CancelToken
from rythmo.qc.known_figures import EVERYTHING, Figures, Remember, Span, ends_within, measure_anew

HearsSpeech = Callable[[Audio], Sequence[Span]]
"""Returns the stretches of a sound in which somebody speaks, in its samples."""

_SHORTEST_SECONDS = 0.5
_PIECE_SECONDS = 60
_SURE, _STILL = 0.7, 0.5
_PAUSE_SECONDS = 0.4
# Softer remains are inaudible.
_SOFTEST_DBFS = -55.0


def find_stray_speech(
    me: WavReader,
    covered: Sequence[Span],
    hears: HearsSpeech,
    *,
    remember: Remember = measure_anew,
    within: Span = EVERYTHING,
    cancel: CancelToken = NEVER,
) -> tuple[Span, ...]:
    """Find stretches of speech in the M&E, in samples, outside `covered` (sorted and disjoint).

    It is looked for in the pieces of a minute at most that end `within` that span.
    """
    found: list[Span] = []
    shortest, piece = round(_SHORTEST_SECONDS * me.rate), _PIECE_SECONDS * me.rate
    for start, end in _find_gaps(covered, me.length):
        for at in range(start, end, piece):
            cancel.check()
            count = min(end, at + piece) - at
            if count < shortest or not ends_within(at + count, within):
                continue
            sound = Audio(me.read(at, count), me.rate).mono()
            for a, b in _hear_pieces(sound, hears, remember):
                if b - a >= shortest and _level_dbfs(sound.samples[0][a:b]) > _SOFTEST_DBFS:
                    found.append((at + a, at + b))
    return tuple(found)


def _hear_pieces(sound: Audio, hears: HearsSpeech, remember: Remember) -> list[Span]:
    def make() -> Figures:
        return tuple(edge for span in hears(sound) for edge in span)

    edges = [round(edge) for edge in remember("speech", (sound.samples,), make) if edge is not None]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _find_gaps(covered: Sequence[Span], length: int) -> list[Span]:
    edges = [0, *(edge for span in covered for edge in span), length]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]


def _level_dbfs(samples: Any) -> float:
    return float(10 * np.log10(np.square(samples, dtype=np.float64).mean() + 1e-12))


def load_silero() -> HearsSpeech | None:
    """Return Silero's network as a listener; None where its weights or onnxruntime are not installed."""
    from rythmo.engines.local.wheel_weights import ONNXRUNTIME, SILERO, list_missing, weight_file

    if list_missing(SILERO, ONNXRUNTIME):
        return None
    from rythmo.engines.speech import vad

    network = vad.load_network(weight_file(SILERO))
    # Songs and murmur make the network unsure, so only spans that it is sure of are reported.
    sure = vad.Activity(_SURE, _STILL, _SHORTEST_SECONDS, _PAUSE_SECONDS)

    def hears(sound: Audio) -> Sequence[Span]:
        wave = sound.at_rate(vad.RATE).samples[0]
        windows = vad.speech_spans(vad.speech_probability(network, wave), sure)
        scale = vad.WINDOW * sound.rate / vad.RATE
        return [(round(a * scale), min(sound.length, round(b * scale))) for a, b in windows]

    return hears
