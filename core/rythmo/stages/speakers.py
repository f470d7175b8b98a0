"""Speakers: each chunk's turns, then one identity for each person over the whole programme.

Within a chunk the diarizer decides. Over chunks, people are matched by their mean vectors with the Hungarian
assignment, a new speaker costing 1 - threshold; the threshold belongs to the embedder, because cosines of
different embedders do not compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import Kind, Turn
from rythmo.media.audio import Audio
from rythmo.media.scenes import Chunk
from rythmo.media.wav import read_audio
from rythmo.stages.context import Context
from rythmo.stages.separate import Separated
from rythmo.workspace import digest

VERSION = 1
_LONGEST_SEGMENTS = 3
_SHORTEST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ChunkSpeakers:
    """Turns of one chunk in programme time, and a unit vector (or zeros) for each label."""

    chunk: Chunk
    turns: tuple[Turn, ...]
    vectors: dict[str, tuple[float, ...]]


def run(separated: Separated, index: int, total: int, context: Context) -> ChunkSpeakers:
    """Diarize one chunk and measure each of its voices (the vectors only where chunks must be matched)."""
    count = context.settings.speakers.count or None
    # A person may be away in one chunk of many: the count holds over the programme, not for each chunk.
    wanted = count if total == 1 else None
    key = digest("speakers", VERSION, separated.key, context.engines.stamp(Kind.DIARIZER), wanted)
    if total > 1:
        key = digest(key, context.engines.stamp(Kind.EMBEDDER))

    def make() -> ChunkSpeakers:
        speech = read_audio(separated.speech)
        with context.engines.turn(Kind.DIARIZER, cancel=context.cancel):
            turns = context.engines.diarizer().diarize(
                speech, speakers=wanted, report=context.part("speakers", index, total), cancel=context.cancel
            )
        vectors = _vectors(speech, turns, context) if total > 1 else {}
        start = separated.chunk.start
        moved = tuple(Turn(turn.start + start, turn.end + start, turn.speaker) for turn in turns)
        return ChunkSpeakers(separated.chunk, moved, vectors)

    found = context.project.artefacts.value("speakers", key, ChunkSpeakers, make)
    context.step("speakers", index + 1, total)
    return found


def _vectors(speech: Audio, turns: Sequence[Turn], context: Context) -> dict[str, tuple[float, ...]]:
    embedder = context.engines.embedder()
    vectors = {}
    for label in sorted({turn.speaker for turn in turns}):
        own = sorted((t for t in turns if t.speaker == label), key=lambda t: t.start - t.end)
        long = [t for t in own if t.end - t.start >= _SHORTEST_SECONDS * speech.rate] or own[:1]
        segments = [speech.cut(t.start, t.end) for t in long[:_LONGEST_SEGMENTS]]
        with context.engines.turn(Kind.EMBEDDER, cancel=context.cancel):
            rows = embedder.embed(segments, cancel=context.cancel)
        vectors[label] = tuple(float(x) for x in _unit(rows.mean(axis=0)))
    return vectors


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector


def match(chunks: Sequence[ChunkSpeakers], threshold: float, count: int = 0) -> tuple[Turn, ...]:
    """One programme-wide label (S1, S2 ... by first word) for each person; seams merged, not doubled.

    `threshold` is the cosine from which two vectors count as one person. A `count` above zero is obeyed
    as far as that many voices were heard.
    """
    people: list[NDArray[np.float32]] = []
    owner: dict[tuple[int, str], int] = {}
    for index, chunk in enumerate(chunks):
        labels = sorted({turn.speaker for turn in chunk.turns})
        vectors = [np.asarray(chunk.vectors.get(label, ()), np.float32) for label in labels]
        for label, person in zip(labels, _assign(vectors, people, threshold), strict=True):
            vector = vectors[labels.index(label)]
            spoken = float(sum(t.end - t.start for t in chunk.turns if t.speaker == label))
            if person == len(people):
                people.append(vector * spoken)
            elif vector.size:
                people[person] = people[person] + vector * spoken
            owner[index, label] = person
    merged = _merged(people, count)
    turns = [
        Turn(max(turn.start, left), min(turn.end, right), str(merged[owner[index, turn.speaker]]))
        for index, (chunk, left, right) in enumerate(seams(chunks))
        for turn in chunk.turns
        if turn.start < right and turn.end > left
    ]
    return _named(_joined(turns))


def _assign(
    vectors: Sequence[NDArray[np.float32]], people: Sequence[NDArray[np.float32]], threshold: float
) -> list[int]:
    """For each vector the person it is, or a new index. Hungarian; a new person costs 1 - threshold."""
    from scipy.optimize import linear_sum_assignment

    known = len(people)
    cost = np.full((len(vectors), known + len(vectors)), 1.0 - threshold)
    for row, vector in enumerate(vectors):
        for column, person in enumerate(people):
            cost[row, column] = (
                1.0 - float(_unit(vector) @ _unit(person)) if vector.size and person.size else 2.0
            )
    rows, columns = linear_sum_assignment(cost)
    chosen = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    result, fresh = [], known
    for row in range(len(vectors)):
        if chosen[row] < known:
            result.append(chosen[row])
        else:
            result.append(fresh)
            fresh += 1
    return result


def _merged(people: Sequence[NDArray[np.float32]], count: int) -> list[int]:
    """Merge the most alike until no more than `count` are left (0: leave them)."""
    if not count or len(people) <= count or any(not person.size for person in people):
        return list(range(len(people)))
    from scipy.cluster.hierarchy import fcluster, linkage

    unit = np.stack([_unit(person) for person in people])
    return [int(label) for label in fcluster(linkage(unit, "average", metric="cosine"), count, "maxclust")]


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
