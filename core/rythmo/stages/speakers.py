"""Find each chunk's turns, then match speakers over the whole programme.

Within a chunk the diarizer decides. It hears the dialogue channels as they were recorded, because separation
costs it speech and people; only where a dialogue track was given does it hear that. When a turn begins and
ends is heard in the separated speech, where the diarizer leaves it to that, and the voice of a short turn is
then checked against the others (turn_owners.py). Labels that belong to one
voice are joined by complete linkage on one vector for each label (the mean of up to 3 of its longest segments
of at least 1 s). Between chunks, people are matched by their mean vectors with the Hungarian assignment,
where a new person costs 1 - threshold. Both thresholds belong to the embedder, because cosines of different
embedders are not comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np

from rythmo.casting.speaker_matching import (
    Vector,
    assign_speakers,
    average_vectors,
    group_alike,
    measure_similarity,
    normalise_vector,
)
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

VERSION = 4
_OWNERS_VERSION = 1
_LONGEST_SEGMENTS = 3
_SHORTEST_SECONDS = 1.0
_HAIR = 1e-6
_MOST_TRIES = 64

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
        _diarize(dialogue_mono(read_piece(sound, chunk.start, chunk.end, context)), search, context)


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
    voices = read_audio(context.artefacts.at_hand(separated.speech))
    speech = dialogue_mono(read_piece(sound, chunk.start, chunk.end, context)) if sound else voices
    turns = _diarize(speech, search, context)
    if "coarse-edges" in context.engines.spec(Kind.DIARIZER).info.capabilities:
        turns = fit_to_spans(turns, find_speech(voices))
    embed = TurnVectors(speech, _embed_with(context))
    if search.checked:
        turns = check_owners(turns, embed)
    vectors = _vectors(turns, embed) if search.measured else {}
    moved = tuple(Turn(turn.start + chunk.start, turn.end + chunk.start, turn.speaker) for turn in turns)
    return context.keep_elsewhere("speakers", search.key, ChunkSpeakers(chunk, moved, vectors))


def _diarize(speech: Audio, search: _Search, context: Context) -> tuple[Turn, ...]:
    """Return the diarizer's own turns, stored or new."""

    def listen() -> tuple[Turn, ...]:
        with context.engines.turn(Kind.DIARIZER, cancel=context.cancel):
            return context.engines.diarizer().diarize(
                speech,
                speakers=search.wanted,
                report=context.part("speakers", *search.part),
                cancel=context.cancel,
            )

    return context.artefacts.value("turns", search.heard, tuple[Turn, ...], listen)


def likeness(chunks: Sequence[ChunkSpeakers], context: Context) -> Likeness:
    """Return the embedder's thresholds. Without an embedder they are above every cosine."""
    if not any(chunk.vectors for chunk in chunks):
        return Likeness(1.0, 1.0)
    embedder = context.engines.embedder()
    return Likeness(embedder.same_in_chunk, embedder.same_speaker)


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


@dataclass(frozen=True, slots=True)
class Likeness:
    """The least cosines at which two vectors count as one person, within a chunk and between chunks."""

    in_chunk: float
    over_chunks: float

    def at_least(self, cosine: float) -> Likeness:
        """Return thresholds raised to at least this cosine."""
        return Likeness(max(self.in_chunk, cosine), max(self.over_chunks, cosine))


@dataclass(frozen=True, slots=True)
class _People:
    """The people found: a vector for each, weighted by speaking time, and the owner of each chunk's
    labels."""

    vectors: tuple[Vector, ...]
    owner: Mapping[tuple[int, str], int]


def match(chunks: Sequence[ChunkSpeakers], like: Likeness, count: int = 0) -> tuple[Turn, ...]:
    """Return the programme's turns with one label (S1, S2 ... by first word) for each person.

    Turns that meet at a seam are merged. A `count` above zero is met as far as the diarizer's labels allow:
    the most similar people are merged until there are that many, and with too few, the threshold is raised.
    """
    people = _people(chunks, like)
    for stricter in _cosines_above(min(like.in_chunk, like.over_chunks), chunks) if count else ():
        if len(people.vectors) >= count:
            break
        people = _people(chunks, like.at_least(stricter))
    merged = _merged(people.vectors, count)
    turns = [
        Turn(max(turn.start, left), min(turn.end, right), str(merged[people.owner[index, turn.speaker]]))
        for index, (chunk, left, right) in enumerate(seams(chunks))
        for turn in chunk.turns
        if turn.start < right and turn.end > left
    ]
    return _named(_joined(turns))


def too_few(chunks: Sequence[ChunkSpeakers], like: Likeness, count: int) -> bool:
    """Tell whether several chunks hold fewer people than `count`, so that the diarizer needs the number.

    With the number, it splits a person in chunks where somebody is absent. Matching joins those parts again.
    """
    return len(chunks) > 1 and len(_people(chunks, like).vectors) < count


def _people(chunks: Sequence[ChunkSpeakers], like: Likeness) -> _People:
    """Match the voices of each chunk in turn with the people known so far, or add a new person."""
    people: list[Vector] = []
    owner: dict[tuple[int, str], int] = {}
    for index, chunk in enumerate(chunks):
        voices = _voices(chunk, like.in_chunk)
        known = tuple(people)
        for (labels, vector), person in zip(
            voices, assign_speakers([vector for _, vector in voices], known, like.over_chunks), strict=True
        ):
            if person is None:
                person = len(people)  # noqa: PLW2901 - somebody new has the next number
                people.append(vector)
            else:
                people[person] = people[person] + vector
            owner.update({(index, label): person for label in labels})
    return _whole(people, owner, like)


def _whole(people: Sequence[Vector], owner: Mapping[tuple[int, str], int], like: Likeness) -> _People:
    """Merge people whose vectors over the whole programme belong to one person.

    A chunk may split a person whose few seconds there sound too different, which only the other chunks show.
    """
    groups = group_alike(people, like.over_chunks)
    place = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    vectors = [np.zeros_like(people[group]) for group in place]
    for person, group in zip(people, groups, strict=True):
        vectors[place[group]] = vectors[place[group]] + person
    return _People(tuple(vectors), {label: place[groups[person]] for label, person in owner.items()})


def _voices(chunk: ChunkSpeakers, threshold: float) -> list[tuple[tuple[str, ...], Vector]]:
    """Group the chunk's labels by voice, each with a vector weighted by its speaking time."""
    labels = sorted({turn.speaker for turn in chunk.turns})
    vectors = [np.asarray(chunk.vectors.get(label, ()), np.float32) for label in labels]
    voices: dict[int, tuple[tuple[str, ...], Vector]] = {}
    for label, vector, group in zip(labels, vectors, group_alike(vectors, threshold), strict=True):
        spoken = np.float32(sum(t.end - t.start for t in chunk.turns if t.speaker == label))
        before, total = voices.get(group, ((), np.zeros_like(vector)))
        voices[group] = ((*before, label), total + vector * spoken)
    return list(voices.values())


def _cosines_above(threshold: float, chunks: Sequence[ChunkSpeakers]) -> list[float]:
    """Return thresholds just above each cosine of two labels that reaches `threshold`, in rising order."""
    vectors = [np.asarray(vector, np.float32) for chunk in chunks for vector in chunk.vectors.values()]
    pairs = (measure_similarity(one, other) for one, other in combinations(vectors, 2))
    found = sorted({likeness + _HAIR for likeness in pairs if likeness >= threshold})
    return found[:: max(1, len(found) // _MOST_TRIES)]


def _merged(people: Sequence[Vector], count: int) -> list[int]:
    """Merge the most similar people until at most `count` are left; 0 merges none."""
    owner = list(range(len(people)))
    heard = [index for index, person in enumerate(people) if person.any()]
    if not count or len(people) <= count or len(heard) < 2:
        return owner
    from scipy.cluster.hierarchy import cut_tree, linkage

    rows = np.stack([normalise_vector(people[index]) for index in heard])
    # Not fcluster: with equal distances it returns fewer clusters than requested.
    groups = cut_tree(linkage(rows, "average", metric="cosine"), min(count, len(heard)))[:, 0]
    for index, group in zip(heard, groups.tolist(), strict=True):
        owner[index] = len(people) + group
    return owner


def seams(chunks: Sequence[ChunkSpeakers]) -> list[tuple[ChunkSpeakers, int, int]]:
    """Return each chunk with the range it covers; borders lie in the middle of the overlaps."""
    borders = [0] + [(a.chunk.end + b.chunk.start) // 2 for a, b in pairwise(chunks)]
    ends = [*borders[1:], max((chunk.chunk.end for chunk in chunks), default=0)]
    return list(zip(chunks, borders, ends, strict=True))


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    """Join touching turns of one person, so that a seam leaves no cut."""
    joined: list[Turn] = []
    last: dict[str, int] = {}
    for turn in sorted(turns, key=lambda t: (t.start, t.speaker)):
        before = last.get(turn.speaker)
        if before is not None and joined[before].end >= turn.start:
            joined[before] = Turn(joined[before].start, max(joined[before].end, turn.end), turn.speaker)
        else:
            last[turn.speaker] = len(joined)
            joined.append(turn)
    return joined


def _named(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    names: dict[str, str] = {}
    for turn in turns:
        names.setdefault(turn.speaker, f"S{len(names) + 1}")
    return tuple(Turn(turn.start, turn.end, names[turn.speaker]) for turn in turns)
