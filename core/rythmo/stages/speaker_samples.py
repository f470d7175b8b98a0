"""Find each speaker's cleanest speech in the programme, and measure the vector of their voice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rythmo.casting.clean_speech import MeasuredSpan, choose_clean_spans, find_solo_speech
from rythmo.casting.speaker_matching import Vector, average_vectors
from rythmo.engines.base import Kind
from rythmo.media.audio import Audio, Samples
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.project.workspace import hash_values
from rythmo.script.model import Script
from rythmo.stages.context import Context

VERSION = 1
_FLOOR = 1e-9
_VECTOR_SEGMENTS = 3


def segments(
    script: Script, speaker: str, speech: ChunkedAudio, bed: ChunkedAudio, context: Context
) -> tuple[Audio, ...]:
    """Return segments of 5 to 15 s of the speaker alone, clear of the bed and not clipped, if there are
    any."""
    return tuple(speech.read(one.start, one.end) for one in _clean(script, speaker, speech, bed, context))


def vector(script: Script, speaker: str, speech: ChunkedAudio, bed: ChunkedAudio, context: Context) -> Vector:
    """Return the unit mean vector of the longest clean segments; zeros when there is no speech."""
    clean = sorted(_clean(script, speaker, speech, bed, context), key=lambda one: (-one.length, one.start))
    spans = [(one.start, one.end) for one in clean[:_VECTOR_SEGMENTS]]
    if not spans:
        return np.zeros(1, np.float32)
    return embed_segments(
        hash_values(speech.key, spans),
        lambda: tuple(speech.read(start, end) for start, end in spans),
        context,
    )


def embed_segments(key: str, read: Callable[[], Sequence[Audio]], context: Context) -> Vector:
    """Return the unit mean vector of one person's segments. `key` identifies their content."""
    stamp = context.engines.stamp(Kind.EMBEDDER)

    def make() -> tuple[float, ...]:
        sounds = read()
        with context.engines.turn(Kind.EMBEDDER, cancel=context.cancel):
            rows = context.engines.embedder().embed(sounds, cancel=context.cancel)
        return tuple(float(value) for value in average_vectors(rows))

    found = context.artefacts.value(
        "vectors", hash_values("vector", VERSION, key, stamp), tuple[float, ...], make
    )
    return np.array(found, np.float32)


def _clean(
    script: Script, speaker: str, speech: ChunkedAudio, bed: ChunkedAudio, context: Context
) -> tuple[MeasuredSpan, ...]:
    spans = find_solo_speech(script.lines, speaker)

    def measure(start: int, end: int) -> MeasuredSpan:
        context.cancel.check()
        voice, rest = speech.samples(start, end), bed.samples(start, end)
        peak = float(np.abs(rest + voice).max(initial=0.0))
        over = _level_db(voice) - _level_db(rest.mean(axis=0, keepdims=True))
        return MeasuredSpan(start, end, peak, over)

    key = hash_values("clean", VERSION, speech.key, bed.key, spans)
    return context.artefacts.value(
        "clean", key, tuple[MeasuredSpan, ...], lambda: choose_clean_spans(spans, measure)
    )


def _level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + _FLOOR**2))
