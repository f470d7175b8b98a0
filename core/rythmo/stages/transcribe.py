"""Transcribe: each chunk's speech -> words in programme time; seams give no doubled and no lost word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rythmo.engines.base import Kind, Turn
from rythmo.media.audio import Audio
from rythmo.media.wav import read_audio
from rythmo.script.model import Word
from rythmo.stages.context import Context
from rythmo.stages.separate import Separated
from rythmo.stages.speakers import ChunkSpeakers, seams
from rythmo.workspace import digest

VERSION = 2
_BED_SHARE = 0.15
"""Of the bed, given back to the speech: separation leaves holes that recognisers mishear. On the example
pocketsphinx's word error was 0.16 without, 0.08 with 0.1 to 0.2, 0.12 with half, 0.14 on the mix itself."""
_NEAR = 40
"""Words looked back on at a seam; an overlap of a few seconds holds fewer."""


def run(
    separated: Separated, turns: Sequence[Turn], index: int, total: int, context: Context, language: str
) -> tuple[Word, ...]:
    """Words of one chunk, in programme time; `turns` (programme time too) say where speech is."""
    start = separated.chunk.start
    local = tuple(Turn(turn.start - start, turn.end - start, turn.speaker) for turn in turns)
    stamp = context.engines.stamp(Kind.TRANSCRIBER, language)
    key = digest("words", VERSION, separated.key, local, stamp, language)

    def make() -> tuple[Word, ...]:
        with context.engines.turn(Kind.TRANSCRIBER, language, context.cancel):
            return context.engines.transcriber(language).transcribe(
                _audible(separated),
                language=language,
                turns=local,
                report=context.part("transcribe", index, total),
                cancel=context.cancel,
            )

    words = context.project.artefacts.value("words", key, tuple[Word, ...], make)
    context.step("transcribe", index + 1, total)
    return tuple(Word(w.text, w.start + start, w.end + start, w.confidence) for w in words)


def _audible(separated: Separated) -> Audio:
    """What the recogniser hears: the speech, mono, with a little of the bed."""
    speech, bed = read_audio(separated.speech).mono(), read_audio(separated.bed).mono()
    return Audio(speech.samples + np.float32(_BED_SHARE) * bed.samples, speech.rate)


def joined(chunks: Sequence[ChunkSpeakers], words: Sequence[Sequence[Word]]) -> tuple[Word, ...]:
    """All words, each once: a chunk gives those whose middle lies in the range it is responsible for.

    Two chunks place a word at a seam a few hundredths of a second apart, so that each may think the
    other responsible: what neither gave is added where nothing else was heard at that time.
    """
    kept: list[Word] = []
    left_over: list[Word] = []
    for (_, left, right), said in zip(seams(chunks), words, strict=True):
        for word in said:
            middle = (word.start + word.end) // 2
            (kept if left <= middle < right and not _heard(word, kept[-_NEAR:]) else left_over).append(word)
    for word in left_over:
        if not _heard(word, kept):
            kept.append(word)
    return tuple(sorted(kept, key=lambda word: (word.start, word.end)))


def _heard(word: Word, kept: Sequence[Word]) -> bool:
    """Whether one of the kept words covers the middle of this one, or the other way round."""
    middle = (word.start + word.end) // 2
    return any(
        old.start <= middle < old.end or word.start <= (old.start + old.end) // 2 < word.end for old in kept
    )
