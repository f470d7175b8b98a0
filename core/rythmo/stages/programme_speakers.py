"""Match the speakers of all chunks over the whole programme. Pure, but for the embedder's thresholds.

Labels that belong to one voice of a chunk are joined by complete linkage. Between chunks, people are matched
by their mean vectors with the Hungarian assignment, where a new person costs 1 - threshold. Both thresholds
belong to the embedder, because cosines of different embedders are not comparable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from rythmo.casting.speaker_matching import (
    Vector,
    assign_speakers,
    group_alike,
    measure_similarity,
    normalise_vector,
)
from rythmo.engines.base import Turn
from rythmo.stages.context import Context
from rythmo.stages.speakers import ChunkSpeakers

_HAIR = 1e-6
_MOST_TRIES = 64


@dataclass(frozen=True, slots=True)
class Likeness:
    """The least cosines at which two vectors count as one person, within a chunk and between chunks."""

    in_chunk: float
    over_chunks: float

    def at_least(self, cosine: float) -> Likeness:
        """Return thresholds raised to at least this cosine."""
        return Likeness(max(self.in_chunk, cosine), max(self.over_chunks, cosine))


def find_likeness(chunks: Sequence[ChunkSpeakers], context: Context) -> Likeness:
    """Return the embedder's thresholds. Without an embedder they are above every cosine."""
    if not any(chunk.vectors for chunk in chunks):
        return Likeness(1.0, 1.0)
    embedder = context.engines.embedder()
    return Likeness(embedder.same_in_chunk, embedder.same_speaker)


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
