"""Separate: each chunk of the mix -> its speech (mono) and its bed (the mix's channels)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rythmo.engines.base import Kind, Separation
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.media.scenes import Chunk
from rythmo.media.wav import read_audio, write_wav
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested
from rythmo.workspace import digest

VERSION = 1


@dataclass(frozen=True, slots=True)
class Separated:
    """One chunk: where its speech and bed lie, each exactly as long as the chunk."""

    chunk: Chunk
    speech: Path
    bed: Path
    key: str


def run(ingested: Ingested, index: int, context: Context) -> Separated:
    """Separate one chunk, or find what was made of it before."""
    chunk = ingested.chunks[index]
    info = context.engines.info(Kind.SEPARATOR)
    key = digest("separate", VERSION, ingested.key, chunk, context.engines.stamp(Kind.SEPARATOR))
    store = context.project.artefacts
    speech, bed = store.path("speech", key, ".wav"), store.path("bed", key, ".wav")
    total = len(ingested.chunks)
    if not (speech.is_file() and bed.is_file()):
        mix = read_audio(ingested.sound, chunk.start, chunk.end)
        with context.engines.turn(Kind.SEPARATOR, cancel=context.cancel):
            made = context.engines.separator().separate(
                mix, report=context.part("separate", index, total), cancel=context.cancel
            )
        _check(made, mix, info.name)
        # The bed first: a chunk counts as done when both are there, and speech is written last.
        store.file("bed", key, ".wav", lambda path: write_wav(path, made.bed, subtype="PCM_24"))
        store.file("speech", key, ".wav", lambda path: write_wav(path, made.speech.mono(), subtype="PCM_24"))
    context.step("separate", index + 1, total)
    return Separated(chunk, speech, bed, key)


def _check(made: Separation, mix: Audio, engine: str) -> None:
    for part in (made.speech, made.bed):
        if part.samples.shape != mix.samples.shape or part.rate != mix.rate:
            raise EngineFailedError(
                f"{engine} returned {part.samples.shape} at {part.rate} Hz"
                f" for {mix.samples.shape} at {mix.rate} Hz.",
                hint="Choose another separator with --separator.",
            )
        if not np.isfinite(part.samples).all():
            raise EngineFailedError(
                f"{engine} returned sound that is not a number.",
                hint="Choose another separator with --separator.",
            )
