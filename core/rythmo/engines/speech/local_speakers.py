"""Speakers of a whole recording out of what a network hears in windows of ten seconds.

The segmentation network (segmentation.py) finds up to three people in each window, one every `STEP` seconds,
and numbers them anew in each. The speech of each of those, where nobody else speaks, gets a vector
(voice_network.py). Average linkage of their cosines joins those of one person: above `SAME` they are one. In
a window, two of its people are never the same person. How many speak at a time is the mean over the windows
that hear the moment, and who, is the vote of those windows. This is how pyannote's pipelines work (Bredin,
2023), with another network for the vectors.

`SAME` lies in the middle of the range in which the example, a telephone call and two men one after the
other, none of them a meeting, come out right: 0.45 to 0.65. The meetings of docs/benchmarks/diarization.md
had no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.speech.segmentation import (
    FIRST_FRAME,
    FRAME,
    PEOPLE,
    RATE,
    WINDOW,
    Flags,
)
from rythmo.engines.speech.voice_features import HOP, log_mels
from rythmo.engines.speech.voice_network import Floats, VoiceNetwork, embed_features, pieces
from rythmo.executors import count_cores, start_workers
from rythmo.progress import NEVER

SAME = 0.5
"""The mean cosine of two groups of vectors from which they are one person."""
STEP = 2 * RATE
"""Samples from the start of one window to that of the next."""
_LEAST_CORE = 30
"""Frames (of 17 ms) of a person alone from which a vector takes part in clustering; others follow it."""
_LEAST_ALONE = 18
"""Frames alone under which all of a person's speech is taken, the others in it."""
_LEAST_HEARD = 6
"""Frames under which nobody is made of it."""
_PAUSE, _SHORTEST = round(0.15 * RATE / FRAME), round(0.05 * RATE / FRAME)
"""Frames of silence within a turn, and frames of a turn, under which they are none.

Who says "mm" far from the microphone has few frames: at 0.1 s two of the meetings lack a person, and nothing
is better.
"""


@dataclass(frozen=True, slots=True, eq=False)
class LocalSpeaker:
    """One person of one window: their vector, and the frames in which only they speak."""

    window: int
    number: int
    alone: int
    vector: Floats


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one person's speech in samples at 16 kHz."""

    start: int
    end: int
    person: int


def window_starts(length: int) -> list[int]:
    """Return where windows of a recording of `length` samples start; the last one ends with it."""
    last = max(0, length - WINDOW)
    starts = list(range(0, last + 1, STEP))
    return starts if starts[-1] == last else [*starts, last]


def mark_speech(spans: Sequence[tuple[int, int]], starts: Sequence[int], frames: int) -> Flags:
    """Return flags, shape (windows, frames, 3), in which one person speaks in each window during `spans`.

    `spans` are [start, end) in samples at 16 kHz, from a detector of speech, which tells nobody apart.
    """
    middles = np.asarray(starts)[:, None] + FIRST_FRAME + FRAME * np.arange(frames)[None, :]
    active = np.zeros((len(starts), frames, PEOPLE), np.bool_)
    for start, end in spans:
        active[:, :, 0] |= (middles >= start) & (middles < end)
    return active


def embed_local_speakers(
    network: VoiceNetwork,
    wave: Floats,
    starts: Sequence[int],
    active: Flags,
    *,
    each: Callable[[int], None] = lambda _: None,
) -> list[LocalSpeaker]:
    """Return a vector for everybody heard in each window.

    Windows are looked at side by side on the cores; `each` gets the number that is done, and may raise to
    stop the rest.
    """
    from threadpoolctl import threadpool_limits

    features = log_mels(wave)

    def embed(window: int) -> list[LocalSpeaker]:
        return list(_embed_window(network, window, starts[window], active[window], features))

    found: list[LocalSpeaker] = []
    with threadpool_limits(limits=1, user_api="blas"), start_workers(count_cores(), NEVER) as pool:
        pending = [pool.start(embed, window) for window in range(len(starts))]
        for window, people in enumerate(pending):
            each(window)
            found += people.result()
    return found


def _embed_window(
    network: VoiceNetwork, window: int, start: int, active: Flags, features: Floats
) -> Iterator[LocalSpeaker]:
    crowd = active.sum(axis=1)
    for number in range(PEOPLE):
        heard = active[:, number]
        if heard.sum() < _LEAST_HEARD:
            continue
        alone = heard & (crowd == 1)
        frames = _features_of(alone if alone.sum() >= _LEAST_ALONE else heard, start, features)
        if len(frames):
            vector = embed_features(network, frames[None])[0]
            yield LocalSpeaker(window, number, int(alone.sum()), vector)


def _features_of(frames: NDArray[np.bool_], start: int, features: Floats) -> Floats:
    """Return the features during the frames of a window that starts at sample `start`."""
    middles = (start + FIRST_FRAME + FRAME * np.flatnonzero(frames)) // HOP
    rows = np.unique(np.concatenate([middles - 1, middles, middles + 1]))
    kept = features[rows[(rows >= 0) & (rows < len(features))]]
    return next(iter(pieces(kept, len(kept))), kept)


def join_local_speakers(
    found: Sequence[LocalSpeaker],
    starts: Sequence[int],
    active: Flags,
    length: int,
    *,
    count: int | None = None,
) -> list[Stretch]:
    """Return the stretches of each person in order of start; people are numbered by their first words.

    A `count` is met as long as so many people were heard in any of the windows.
    """
    if not found:
        return []
    vectors = np.stack([one.vector for one in found])
    centres = _centres(vectors, np.array([one.alone for one in found]), count)
    owner = _assign(found, vectors, centres)
    speaking = _vote(found, owner, starts, active, (length, len(centres)))
    stretches = [
        Stretch(first, last, person)
        for person in range(len(centres))
        for first, last in _runs(speaking[:, person], length)
    ]
    return _by_first_word(sorted(stretches, key=lambda one: (one.start, one.person)))


def _centres(vectors: Floats, alone: NDArray[np.intp], count: int | None) -> Floats:
    """Return one unit vector for each person."""
    from scipy.cluster.hierarchy import cut_tree, fcluster, linkage

    core = np.flatnonzero(alone >= _LEAST_CORE)
    if len(core) < (count or 1):
        core = np.argsort(-alone, kind="stable")[: max(count or 1, len(core))]
    if len(core) == 1 or count == 1:
        labels = np.zeros(len(core), np.intp)
    else:
        tree = linkage(vectors[core].astype(np.float64), "average", metric="cosine")
        # Not fcluster for a count: with equal distances it returns fewer clusters than requested.
        labels = cut_tree(tree, count)[:, 0] if count else fcluster(tree, 1 - SAME, "distance") - 1
    weighted = vectors[core] * np.maximum(alone[core], 1)[:, None]
    sums = np.stack([weighted[labels == label].sum(axis=0) for label in range(int(labels.max()) + 1)])
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9), np.float32)


def _assign(found: Sequence[LocalSpeaker], vectors: Floats, centres: Floats) -> list[int]:
    """Return the person of each local speaker: the nearest one, but if possible nobody twice in a window."""
    from scipy.optimize import linear_sum_assignment

    distance = -(vectors @ centres.T)
    owner = distance.argmin(axis=1)
    windows = np.array([one.window for one in found])
    for window in np.unique(windows):
        rows = np.flatnonzero(windows == window)
        own, people = linear_sum_assignment(distance[rows])
        owner[rows[own]] = people
    return [int(person) for person in owner]


def _vote(
    found: Sequence[LocalSpeaker],
    owner: Sequence[int],
    starts: Sequence[int],
    active: Flags,
    size: tuple[int, int],
) -> Flags:
    """Return who speaks in each frame of the recording, (frames, people)."""
    length, people = size
    frames = max(1, (length - FIRST_FRAME) // FRAME + 1)
    votes = np.zeros((frames, people), np.float32)
    crowd, heard = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
    for window, start in enumerate(starts):
        first = round(start / FRAME)
        own = active[window][: frames - first]
        here = slice(first, first + len(own))
        mine = np.zeros((len(own), people), np.bool_)
        for one, person in zip(found, owner, strict=True):
            if one.window == window:
                mine[:, person] |= own[:, one.number]
        votes[here] += mine
        crowd[here] += own.sum(axis=1)
        heard[here] += 1
    number = np.rint(crowd / np.maximum(heard, 1))
    rank = np.argsort(np.argsort(-votes, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray((rank < number[:, None]) & (votes > 0), np.bool_)


def _runs(flags: NDArray[np.bool_], length: int) -> list[tuple[int, int]]:
    """Return (start, end) in samples of each run, without pauses and turns that are too short."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    runs: list[tuple[int, int]] = []
    for first, last in edges.reshape(-1, 2).tolist():
        if runs and first - runs[-1][1] < _PAUSE:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    half = FIRST_FRAME - FRAME // 2
    return [
        (max(0, half + FRAME * first), min(length, half + FRAME * last))
        for first, last in runs
        if last - first >= _SHORTEST
    ]


def _by_first_word(stretches: Sequence[Stretch]) -> list[Stretch]:
    order: dict[int, int] = {}
    return [Stretch(one.start, one.end, order.setdefault(one.person, len(order))) for one in stretches]
