"""Recognition of many short sounds together: a recogniser works on windows of half a minute, however little
is said in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from rythmo.engines.base import Transcriber, Turn
from rythmo.executors import start_workers
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken
from rythmo.script.model import Word

_PAUSE_SECONDS = 1.0
"""Silence between two sounds, so that no word runs into the next."""
_PACK_SECONDS = 28.0
"""The length of sounds and silences together that is heard at once."""


def transcribe_packed(
    engine: Transcriber,
    sounds: Sequence[Audio],
    *,
    language: str,
    cancel: CancelToken = NEVER,
    at_once: int = 1,
) -> tuple[tuple[Word, ...], ...]:
    """Return the words of each sound, with positions in samples of that sound. All have the same rate.

    `at_once` packs are heard at the same time, for an engine that hands them to several workers.
    """

    def hear(pack: range) -> list[tuple[Word, ...]]:
        return _hear_pack(engine, [sounds[index].mono() for index in pack], language, cancel)

    with start_workers(at_once, cancel) as workers:
        heard = workers.run_all(hear, pack_sounds([sound.seconds for sound in sounds]))
    return tuple(words for pack in heard for words in pack)


def pack_sounds(seconds: Sequence[float]) -> list[range]:
    """Return runs of neighbouring sounds of which each fits into a pack; a long one is a pack by itself."""
    firsts, filled = [], _PACK_SECONDS
    for index, length in enumerate(seconds):
        filled += length + _PAUSE_SECONDS
        if filled > _PACK_SECONDS:
            firsts.append(index)
            filled = length + _PAUSE_SECONDS
    return [range(first, end) for first, end in pairwise([*firsts, len(seconds)])]


def _hear_pack(
    engine: Transcriber, sounds: Sequence[Audio], language: str, cancel: CancelToken
) -> list[tuple[Word, ...]]:
    rate = sounds[0].rate
    pause = np.zeros((1, round(_PAUSE_SECONDS * rate)), np.float32)
    joined = np.concatenate([part for sound in sounds for part in (sound.samples, pause)], axis=1)
    starts = np.cumsum([0, *(sound.length + pause.shape[1] for sound in sounds)]).tolist()
    turns = [
        Turn(start, start + sound.length, str(number))
        for number, (start, sound) in enumerate(zip(starts, sounds, strict=False))
    ]
    words = engine.transcribe(Audio(joined, rate), language=language, turns=turns, cancel=cancel)
    found: list[list[Word]] = [[] for _ in sounds]
    for word in words:
        middle = (word.start + word.end) / 2
        # The pause after a sound belongs to it half, and half to the one that follows.
        nearest = min(turns, key=lambda turn: max(turn.start - middle, middle - turn.end))
        found[turns.index(nearest)].append(_moved(word, nearest))
    return [tuple(own) for own in found]


def _moved(word: Word, turn: Turn) -> Word:
    start, end = (min(max(at - turn.start, 0), turn.end - turn.start) for at in (word.start, word.end))
    return replace(word, start=start, end=end)
