"""Speakers: each chunk's turns, then one identity for each person over the whole programme.

Within a chunk the diarizer decides, and what it split too finely is joined by complete linkage on one vector
for each label (the mean of up to 3 of its longest segments of at least 1 s). Over chunks, people are matched
by their mean vectors with the Hungarian assignment, a new person costing 1 - threshold. Both thresholds
belong to the embedder, because cosines of different embedders do not compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from rythmo.casting.speaker_matching import Vector, alike, assign, cosine, mean_unit, unit
from rythmo.engines.base import Kind, Turn
from rythmo.errors import EngineMissingError
from rythmo.media.audio import Audio
from rythmo.media.scenes import Chunk
from rythmo.media.wav import read_audio
from rythmo.project.workspace import digest
from rythmo.stages.context import Context
from rythmo.stages.separate import Separated

VERSION = 2
_LONGEST_SEGMENTS = 3
_SHORTEST_SECONDS = 1.0
_HAIR = 1e-6
_MOST_TRIES = 64


@dataclass(frozen=True, slots=True)
class ChunkSpeakers:
    """Turns of one chunk in programme time, and a unit vector (or zeros) for each label."""

    chunk: Chunk
    turns: tuple[Turn, ...]
    vectors: dict[str, tuple[float, ...]]


def run(
    separated: Separated, index: int, total: int, context: Context, *, told: bool = False
) -> ChunkSpeakers:
    """Diarize one chunk and measure each of its voices.

    A single chunk whose diarizer was told how many speak needs no vectors, nor does a machine without an
    embedder; several chunks cannot be matched without them: EngineMissingError.
    """
    count = context.settings.speakers.count or None
    # A person may be away in one chunk of many: the count holds over the programme, not for each chunk.
    wanted = count if told or total == 1 else None
    measured = total > 1 or (wanted is None and _can_measure(context))
    key = digest("speakers", VERSION, separated.key, context.engines.stamp(Kind.DIARIZER), wanted)
    if measured:
        key = digest(key, context.engines.stamp(Kind.EMBEDDER))

    def make() -> ChunkSpeakers:
        speech = read_audio(separated.speech)
        with context.engines.turn(Kind.DIARIZER, cancel=context.cancel):
            turns = context.engines.diarizer().diarize(
                speech, speakers=wanted, report=context.part("speakers", index, total), cancel=context.cancel
            )
        vectors = _vectors(speech, turns, context) if measured else {}
        start = separated.chunk.start
        moved = tuple(Turn(turn.start + start, turn.end + start, turn.speaker) for turn in turns)
        return ChunkSpeakers(separated.chunk, moved, vectors)

    found = context.project.artefacts.value("speakers", key, ChunkSpeakers, make)
    context.step("speakers", index + 1, total)
    return found


def likeness(chunks: Sequence[ChunkSpeakers], context: Context) -> Likeness:
    """As the embedder has it; above every cosine without one."""
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


def _vectors(speech: Audio, turns: Sequence[Turn], context: Context) -> dict[str, tuple[float, ...]]:
    vectors = {}
    for label in sorted({turn.speaker for turn in turns}):
        own = sorted((t for t in turns if t.speaker == label), key=lambda t: t.start - t.end)
        long = [t for t in own if t.end - t.start >= _SHORTEST_SECONDS * speech.rate] or own[:1]
        segments = [speech.cut(t.start, t.end) for t in long[:_LONGEST_SEGMENTS]]
        with context.engines.turn(Kind.EMBEDDER, cancel=context.cancel):
            rows = context.engines.embedder().embed(segments, cancel=context.cancel)
        vectors[label] = tuple(float(x) for x in mean_unit(rows))
    return vectors


@dataclass(frozen=True, slots=True)
class Likeness:
    """The cosines from which two vectors count as one person: within a chunk, and over chunks."""

    in_chunk: float
    over_chunks: float

    def at_least(self, cosine: float) -> Likeness:
        """Not less than that."""
        return Likeness(max(self.in_chunk, cosine), max(self.over_chunks, cosine))


@dataclass(frozen=True, slots=True)
class _People:
    """Who was heard: a vector for each, as long as they spoke; and whose each chunk's labels are."""

    vectors: tuple[Vector, ...]
    owner: Mapping[tuple[int, str], int]


def match(chunks: Sequence[ChunkSpeakers], like: Likeness, count: int = 0) -> tuple[Turn, ...]:
    """One programme-wide label (S1, S2 ... by first word) for each person; seams merged, not doubled.

    A `count` above zero is obeyed as far as that many labels were heard: the most alike are merged until no
    more are left, and where fewer were found, more likeness is asked for until there are enough.
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
    """Whether fewer people than `count` were heard in several chunks, so that the diarizer must be told.

    Told, it splits somebody wherever one of them is away; matched over all chunks, the parts come together.
    """
    return len(chunks) > 1 and len(_people(chunks, like).vectors) < count


def _people(chunks: Sequence[ChunkSpeakers], like: Likeness) -> _People:
    """Chunk by chunk: each voice is somebody known, or new."""
    people: list[Vector] = []
    owner: dict[tuple[int, str], int] = {}
    for index, chunk in enumerate(chunks):
        voices = _voices(chunk, like.in_chunk)
        known = tuple(people)
        for (labels, vector), person in zip(
            voices, assign([vector for _, vector in voices], known, like.over_chunks), strict=True
        ):
            if person is None:
                person = len(people)  # noqa: PLW2901 - somebody new has the next number
                people.append(vector)
            else:
                people[person] = people[person] + vector
            owner.update({(index, label): person for label in labels})
    return _whole(people, owner, like)


def _whole(people: Sequence[Vector], owner: Mapping[tuple[int, str], int], like: Likeness) -> _People:
    """Those who turn out to be one now that all of them were heard: a chunk gives each person one voice, and
    what it split too far apart for its own few seconds is new there, but not beside the whole programme's."""
    groups = alike(people, like.over_chunks)
    place = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    vectors = [np.zeros_like(people[group]) for group in place]
    for person, group in zip(people, groups, strict=True):
        vectors[place[group]] = vectors[place[group]] + person
    return _People(tuple(vectors), {label: place[groups[person]] for label, person in owner.items()})


def _voices(chunk: ChunkSpeakers, threshold: float) -> list[tuple[tuple[str, ...], Vector]]:
    """The chunk's labels, those of one voice together, with a vector as long as the voice speaks."""
    labels = sorted({turn.speaker for turn in chunk.turns})
    vectors = [np.asarray(chunk.vectors.get(label, ()), np.float32) for label in labels]
    voices: dict[int, tuple[tuple[str, ...], Vector]] = {}
    for label, vector, group in zip(labels, vectors, alike(vectors, threshold), strict=True):
        spoken = np.float32(sum(t.end - t.start for t in chunk.turns if t.speaker == label))
        before, total = voices.get(group, ((), np.zeros_like(vector)))
        voices[group] = ((*before, label), total + vector * spoken)
    return list(voices.values())


def _cosines_above(threshold: float, chunks: Sequence[ChunkSpeakers]) -> list[float]:
    """Every likeness of two labels that is above the threshold, a hair more, from the least up."""
    vectors = [np.asarray(vector, np.float32) for chunk in chunks for vector in chunk.vectors.values()]
    pairs = (cosine(one, other) for one, other in combinations(vectors, 2))
    found = sorted({likeness + _HAIR for likeness in pairs if likeness >= threshold})
    return found[:: max(1, len(found) // _MOST_TRIES)]


def _merged(people: Sequence[Vector], count: int) -> list[int]:
    """Merge the most alike until no more than `count` are left (0: leave them)."""
    owner = list(range(len(people)))
    heard = [index for index, person in enumerate(people) if person.any()]
    if not count or len(people) <= count or len(heard) < 2:
        return owner
    from scipy.cluster.hierarchy import cut_tree, linkage

    rows = np.stack([unit(people[index]) for index in heard])
    # Not fcluster: where distances are equal it gives fewer than were asked for.
    groups = cut_tree(linkage(rows, "average", metric="cosine"), min(count, len(heard)))[:, 0]
    for index, group in zip(heard, groups.tolist(), strict=True):
        owner[index] = len(people) + group
    return owner


def seams(chunks: Sequence[ChunkSpeakers]) -> list[tuple[ChunkSpeakers, int, int]]:
    """Each chunk with the range it is responsible for: the middle of every overlap is the border."""
    borders = [0] + [(a.chunk.end + b.chunk.start) // 2 for a, b in pairwise(chunks)]
    ends = [*borders[1:], max((chunk.chunk.end for chunk in chunks), default=0)]
    return list(zip(chunks, borders, ends, strict=True))


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    """Turns of one person that touch become one, so that a seam leaves no cut."""
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
