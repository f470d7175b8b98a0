"""Transcribe each chunk's speech into words in programme time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rythmo.engines.base import Kind, Turn
from rythmo.execution.calls import EngineCall
from rythmo.progress import Progress
from rythmo.project.workspace import hash_values
from rythmo.script.model import Word
from rythmo.stages.context import Context
from rythmo.stages.separate import Separated, read_audible

VERSION = 4


def run(
    separated: Separated, turns: Sequence[Turn], index: int, total: int, context: Context, language: str
) -> tuple[Word, ...]:
    """Return the words of one chunk in programme time. `turns`, also in programme time, say where speech
    is."""
    start = separated.chunk.start
    local = tuple(Turn(turn.start - start, turn.end - start, turn.speaker) for turn in turns)
    stamp = context.engines.stamp(Kind.TRANSCRIBER, language)
    key = hash_values("words", VERSION, separated.key, local, stamp, language)

    info, part = context.engines.info(Kind.TRANSCRIBER, language), f"chunk {index + 1}"
    call = EngineCall(
        "transcribe",
        part,
        Kind.TRANSCRIBER,
        language,
        info,
        key,
        hear_words,
        (separated, local, language, key, (index, total)),
        part,
    )
    words = context.artefacts.value("words", key, tuple[Word, ...], lambda: context.carry_out(call))
    heard = tuple(replace(word, start=word.start + start, end=word.end + start) for word in words)
    context.tell(Progress("transcribe", index + 1, total, heard=heard))
    return heard


def hear_words(
    separated: Separated,
    turns: Sequence[Turn],
    language: str,
    key: str,
    part: tuple[int, int],
    context: Context,
) -> tuple[Word, ...]:
    """Transcribe one chunk with the engine of this process. Times are the chunk's own.

    `part` is the chunk's number, counted from 0, and the number of chunks. The result is stored under the
    key.
    """
    speech = read_audible(separated, context)
    with context.engines.turn(Kind.TRANSCRIBER, language, context.cancel):
        words = context.engines.transcriber(language).transcribe(
            speech,
            language=language,
            turns=turns,
            report=context.part("transcribe", *part),
            cancel=context.cancel,
        )
    return context.keep_elsewhere("words", key, tuple(words))
