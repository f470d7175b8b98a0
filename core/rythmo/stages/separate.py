"""Separate each chunk of the mix into speech (mono) and bed (the mix's channels).

Existing dialogue and M&E tracks replace those of the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rythmo.engines.base import Kind, Separation
from rythmo.errors import EngineFailedError
from rythmo.execution.calls import EngineCall
from rythmo.media.audio import Audio
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.scenes import Chunk
from rythmo.media.wav import read_audio, write_wav
from rythmo.mix.mix_plan import dialogue_channels
from rythmo.project.workspace import hash_values
from rythmo.stages.context import Context
from rythmo.stages.existing_tracks import ExistingTracks, dialogue_mono
from rythmo.stages.ingest import Ingested
from rythmo.stages.sound_pieces import read_piece, share_piece

VERSION = 2
_AUDIBLE_BED = np.float32(1 / 3)
"""The share of the bed that recognition and the search for edges hear with the speech.

Separation leaves holes in speech, which both take for something else. In 50 mixtures (bed_material.py of the
benchmarks, at 9 and 3 dB) Whisper base had 4.9 % of the words wrong with 0.3 of the bed: 6.4 % with none,
7.6 % with 0.15, 5.8 % with half, 9.2 % in the mix. Of their 364 s of speech Silero missed 92 s with none, and
83 s with a third; with those edges the meetings of docs/benchmarks/diarization.md have a DER of 0.51 (0.55).
"""


@dataclass(frozen=True, slots=True)
class Separated:
    """The files of one chunk's speech and bed, each exactly as long as the chunk."""

    chunk: Chunk
    speech: Path
    bed: Path
    key: str


def run(ingested: Ingested, index: int, context: Context) -> Separated:
    """Separate one chunk, or reuse the stored result; its files are here."""
    return fetch(request(ingested, index, context), context)


def request(ingested: Ingested, index: int, context: Context) -> Separated:
    """Separate one chunk wherever the job's requests run, or reuse the stored result.

    Speech and bed of a chunk that another machine separated are not here yet: see `fetch`.
    """
    chunk, given = ingested.chunks[index], ingested.given
    by_engine, key = _needs_engine(given), find_key(ingested, index, context)
    store = context.artefacts
    speech, bed = store.path("speech", key, ".wav"), store.path("bed", key, ".wav")
    total = len(ingested.chunks)
    if not (store.has_sound("speech", key) and store.has_sound("bed", key)):
        arguments = (ingested.sound, given, chunk, key, (index, total))
        if by_engine:
            _separate_anywhere(ingested, chunk, f"chunk {index + 1}", key, arguments, context)
        else:
            separate_chunk(*arguments, context)
    elif context.executor is not None:
        # Made before there was a store, or with another one: the workers go on with it.
        for kind in ("bed", "speech"):
            if context.store is not None and not store.has_shared(kind, key, ".wav"):
                store.share(kind, key, ".wav")
    context.step("separate", index + 1, total)
    return Separated(chunk, speech, bed, key)


def fetch(separated: Separated, context: Context) -> Separated:
    """Get speech and bed here, and return their chunk. Raises EngineFailedError when they do not arrive."""
    for kind in ("bed", "speech"):
        context.require_file(kind, separated.key, ".wav", "the separator")
    return separated


def read_audible(separated: Separated, context: Context) -> Audio:
    """Return a chunk's speech in mono with a share of its bed, for those who listen to it."""
    speech, bed = (read_audio(context.artefacts.at_hand(path)) for path in (separated.speech, separated.bed))
    return make_audible(speech, bed)


def make_audible(speech: Audio, bed: Audio) -> Audio:
    """Return speech in mono with a share of the bed."""
    heard = speech.mono().samples + _AUDIBLE_BED * bed.mono().samples
    return Audio(heard, speech.rate)


def find_key(ingested: Ingested, index: int, context: Context) -> str:
    """Return the key of one chunk's speech and bed, made or not."""
    given = ingested.given
    stamp = context.engines.stamp(Kind.SEPARATOR) if _needs_engine(given) else ""
    return hash_values("separate", VERSION, ingested.key, ingested.chunks[index], stamp, given.key)


def _separate_anywhere(
    ingested: Ingested, chunk: Chunk, part: str, key: str, arguments: tuple[Any, ...], context: Context
) -> None:
    """Separate a chunk wherever the job's requests run."""
    info = context.engines.info(Kind.SEPARATOR)
    if context.sends_away(info):
        for sound in (ingested.sound, ingested.given.dx, ingested.given.me):
            share_piece(sound, chunk.start, chunk.end, context)
    context.carry_out(
        EngineCall("separate", part, Kind.SEPARATOR, None, info, key, separate_chunk, arguments, part)
    )


def separate_chunk(
    sound: Path, given: ExistingTracks, chunk: Chunk, key: str, part: tuple[int, int], context: Context
) -> None:
    """Separate one chunk with the engine of this process, and store speech and bed under the key.

    `part` is the chunk's number, counted from 0, and the number of chunks.
    """
    made = (_by_engine if _needs_engine(given) else _whole)(sound, chunk, part, context)
    made = _with_given(made, sound, chunk, given, context)
    store = context.artefacts
    # The bed first: a chunk counts as done when both are there, and speech is written last.
    store.file("bed", key, ".wav", lambda path: write_wav(path, made.bed, subtype="PCM_24"))
    store.file("speech", key, ".wav", lambda path: write_wav(path, made.speech, subtype="PCM_24"))


def _needs_engine(given: ExistingTracks) -> bool:
    return given.dx is None or not (given.me or given.contained)


def _by_engine(sound: Path, chunk: Chunk, part: tuple[int, int], context: Context) -> Separation:
    """Separate the mix. It is read when it is the chunk's turn: five minutes in stereo take 115 MB."""
    info = context.engines.info(Kind.SEPARATOR)
    with context.engines.turn(Kind.SEPARATOR, cancel=context.cancel):
        mix = read_piece(sound, chunk.start, chunk.end, context)
        made = context.engines.separator().separate(
            mix, report=context.part("separate", *part), cancel=context.cancel
        )
    _check(made, mix, info.name)
    return made


def _whole(sound: Path, chunk: Chunk, _: tuple[int, int], context: Context) -> Separation:
    mix = read_piece(sound, chunk.start, chunk.end, context)
    return Separation(mix, mix)


def _with_given(
    made: Separation, sound: Path, chunk: Chunk, given: ExistingTracks, context: Context
) -> Separation:
    """Make the speech mono, and replace separated sound by existing tracks."""
    span = chunk.start, chunk.end
    speech = read_piece(given.dx, *span, context) if given.dx else dialogue_mono(made.speech)
    bed = made.bed
    if given.me:
        bed = read_piece(given.me, *span, context)
    elif given.contained:
        bed = read_piece(sound, *span, context)
        bed.samples[list(dialogue_channels(bed.channels))] -= speech.samples
    return Separation(speech, bed)


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
                f"{engine} returned samples that are not numbers.",
                hint="Choose another separator with --separator.",
            )


def speech_of(separated: Sequence[Separated]) -> ChunkedAudio:
    """Return the separated speech of the whole programme, mono."""
    return ChunkedAudio(
        tuple((s.chunk, s.speech) for s in separated), hash_values([s.key for s in separated]), 1
    )


def bed_of(separated: Sequence[Separated], channels: int) -> ChunkedAudio:
    """Return the separated bed of the whole programme, in the layout of the source."""
    return ChunkedAudio(
        tuple((s.chunk, s.bed) for s in separated), hash_values([s.key for s in separated]), channels
    )
