"""Find the turns of one chunk, and a vector for each of its voices (programme_speakers.py matches them).

Within a chunk the diarizer decides. It hears the dialogue channels as they were recorded, because separation
costs it speech and people; only where a dialogue track was given does it hear that. When a turn begins and
ends is heard in the separated speech, where the diarizer leaves it to that, and the voice of a short turn is
then checked against the others (turn_owners.py). The vector of a label is the mean of up to 3 of its longest
segments of at least 1 s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rythmo.casting.speaker_matching import Vector, average_vectors
from rythmo.engines.base import Kind, Turn
from rythmo.engines.speech.turn_edges import fit_to_spans
from rythmo.engines.speech.turn_owners import SHORT_SECONDS, reassign_turns
from rythmo.errors import EngineMissingError
from rythmo.execution.calls import EngineCall
from rythmo.media.audio import Audio
from rythmo.media.scenes import Chunk
from rythmo.media.wav import read_audio
from rythmo.project.workspace import hash_values
from rythmo.stages import separate
from rythmo.stages.context import Context
from rythmo.stages.existing_tracks import dialogue_mono
from rythmo.stages.ingest import Ingested
from rythmo.stages.separate import Separated
from rythmo.stages.sound_pieces import read_piece, share_piece
from rythmo.stages.speech_activity import find_speech

VERSION = 5
_OWNERS_VERSION = 1
_LONGEST_SEGMENTS = 3
_SHORTEST_SECONDS = 1.0

Embed = Callable[[Sequence[Audio]], Vector]
"""Gives a unit vector for each segment of sound, as the rows of one array."""


@dataclass(frozen=True, slots=True)
class ChunkSpeakers:
    """The turns of one chunk in programme time, and a unit vector (or zeros) for each label."""

    chunk: Chunk
    turns: tuple[Turn, ...]
    vectors: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _Search:
    """How the voices of one chunk are found, and the keys of what comes out.

    Args:
        wanted: The number of speakers, if it is known.
        checked: Whether the owners of short turns are checked.
        measured: Whether each label gets a vector.
        heard: The key of the diarizer's own turns.
        key: The key of the result.
        part: The chunk's number, counted from 0, and the number of chunks.
    """

    wanted: int | None
    checked: bool
    measured: bool
    heard: str
    key: str
    part: tuple[int, int]


def run(
    ingested: Ingested, separated: Separated, index: int, context: Context, *, told: bool = False
) -> ChunkSpeakers:
    """Diarize one chunk and measure each of its voices.

    `told` passes the number of speakers to the diarizer. A single chunk with a known number needs no vectors.
    Raises EngineMissingError for several chunks without an embedder, because they cannot be matched.
    """
    search = _plan_search(ingested, separated.key, index, context, told=told)
    embedded = search.measured or search.checked
    info, part = context.engines.info(Kind.DIARIZER), f"chunk {index + 1}"
    sound = _sound_to_hear(ingested)
    call = EngineCall(
        "speakers",
        part,
        Kind.DIARIZER,
        None,
        info,
        search.key,
        find_voices,
        (sound, separated, search),
        part,
        also=(context.engines.info(Kind.EMBEDDER),) if embedded else (),
    )

    def make() -> ChunkSpeakers:
        if context.sends_away(info):
            share_piece(sound, separated.chunk.start, separated.chunk.end, context)
        return context.carry_out(call)

    found = context.artefacts.value("speakers", search.key, ChunkSpeakers, make)
    context.step("speakers", index + 1, len(ingested.chunks))
    return found


def listen_ahead(ingested: Ingested, index: int, context: Context) -> None:
    """Diarize one chunk while it is still being separated, for `run` to find the turns.

    The embedded separator keeps one core busy for most of its time, whatever there are. Nothing is done
    where the separated speech is heard, where requests run elsewhere, or where the result is there.
    """
    sound, chunk = _sound_to_hear(ingested), ingested.chunks[index]
    if sound is None or context.executor is not None:
        return
    search = _plan_search(ingested, separate.find_key(ingested, index, context), index, context)
    if context.artefacts.find_value("speakers", search.key, ChunkSpeakers) is None:
        _diarize(lambda: _read_dialogue(sound, chunk, context), search, context)


def _sound_to_hear(ingested: Ingested) -> Path | None:
    """Return the programme's sound; None where a dialogue track was given: then the separated speech, which
    is that track, is heard."""
    return None if ingested.given.dx else ingested.sound


def _plan_search(
    ingested: Ingested, separated: str, index: int, context: Context, *, told: bool = False
) -> _Search:
    """Plan one chunk's search. `separated` is the key of its speech and bed."""
    count = context.settings.speakers.count or None
    total, stamp = len(ingested.chunks), context.engines.stamp(Kind.DIARIZER)
    # The count is of the whole programme: a person may be absent from one of several chunks.
    wanted = count if told or total == 1 else None
    measured = total > 1 or (wanted is None and _can_measure(context))
    coarse = "coarse-edges" in context.engines.spec(Kind.DIARIZER).info.capabilities
    checked = coarse and _can_measure(context)
    heard = separated if _sound_to_hear(ingested) is None else (ingested.key, ingested.chunks[index])
    key = hash_values("speakers", VERSION, separated, stamp, wanted)
    if checked:
        key = hash_values(key, "owners", _OWNERS_VERSION)
    if measured or checked:
        key = hash_values(key, context.engines.stamp(Kind.EMBEDDER))
    turns = hash_values("turns", VERSION, heard, stamp, wanted)
    return _Search(wanted, checked, measured, turns, key, (index, total))


def find_voices(sound: Path | None, separated: Separated, search: _Search, context: Context) -> ChunkSpeakers:
    """Diarize one chunk with the engines of this process.

    `sound` is the programme's sound, or None to hear the separated speech; `separated` is the chunk's speech
    and bed; `context` is the job, as this process sees it.
    """
    chunk = separated.chunk
    speech = _read_dialogue(sound, chunk, context) if sound else _read_speech(separated, context)
    turns = _diarize(lambda: speech, search, context)
    if "coarse-edges" in context.engines.spec(Kind.DIARIZER).info.capabilities:
        voices = separate.read_audible(separated, context) if sound else speech
        turns = fit_to_spans(turns, find_speech(voices))
    embed = TurnVectors(speech, _embed_with(context))
    if search.checked:
        turns = check_owners(turns, embed)
    vectors = _vectors(turns, embed) if search.measured else {}
    moved = tuple(Turn(turn.start + chunk.start, turn.end + chunk.start, turn.speaker) for turn in turns)
    return context.keep_elsewhere("speakers", search.key, ChunkSpeakers(chunk, moved, vectors))


def _read_speech(separated: Separated, context: Context) -> Audio:
    return read_audio(context.artefacts.at_hand(separated.speech))


def _read_dialogue(sound: Path, chunk: Chunk, context: Context) -> Audio:
    return dialogue_mono(read_piece(sound, chunk.start, chunk.end, context))


def _diarize(hear: Callable[[], Audio], search: _Search, context: Context) -> tuple[Turn, ...]:
    """Return the diarizer's own turns, stored or new. The chunk is heard when it is its turn."""

    def listen() -> tuple[Turn, ...]:
        with context.engines.turn(Kind.DIARIZER, cancel=context.cancel):
            return context.engines.diarizer().diarize(
                hear(),
                speakers=search.wanted,
                report=context.part("speakers", *search.part),
                cancel=context.cancel,
            )

    return context.artefacts.value("turns", search.heard, tuple[Turn, ...], listen)


def _can_measure(context: Context) -> bool:
    try:
        context.engines.spec(Kind.EMBEDDER)
    except EngineMissingError:
        return False
    return True


class TurnVectors:
    """The vectors of one chunk's turns; each turn is embedded once, however often it is asked for."""

    def __init__(self, speech: Audio, embed: Embed) -> None:
        self.rate = speech.rate
        self._speech = speech
        self._embed = embed
        self._known: dict[tuple[int, int], Vector] = {}

    def __call__(self, turns: Sequence[Turn]) -> Vector:
        """Return a unit vector for each turn, as the rows of one array."""
        spans = dict.fromkeys((one.start, one.end) for one in turns)
        if new := [span for span in spans if span not in self._known]:
            rows = self._embed([self._speech.cut(start, end) for start, end in new])
            self._known.update(zip(new, rows, strict=True))
        return np.stack([self._known[one.start, one.end] for one in turns])


def check_owners(turns: tuple[Turn, ...], embed: TurnVectors) -> tuple[Turn, ...]:
    """Return one chunk's turns, each of the short ones with the person whom it sounds like."""
    short = [one for one in turns if one.end - one.start < SHORT_SECONDS * embed.rate]
    if not short or len({one.speaker for one in turns}) == 1:
        return turns
    heard = embed(short)
    return reassign_turns(turns, dict(zip(short, heard, strict=True)), _vectors(turns, embed))


def _embed_with(context: Context) -> Embed:
    def embed(segments: Sequence[Audio]) -> Vector:
        with context.engines.turn(Kind.EMBEDDER, cancel=context.cancel):
            return context.engines.embedder().embed(segments, cancel=context.cancel)

    return embed


def _vectors(turns: Sequence[Turn], embed: TurnVectors) -> dict[str, tuple[float, ...]]:
    vectors = {}
    for label in sorted({turn.speaker for turn in turns}):
        own = sorted((t for t in turns if t.speaker == label), key=lambda t: t.start - t.end)
        long = [t for t in own if t.end - t.start >= _SHORTEST_SECONDS * embed.rate] or own[:1]
        rows = embed(long[:_LONGEST_SEGMENTS])
        vectors[label] = tuple(float(x) for x in average_vectors(rows))
    return vectors
