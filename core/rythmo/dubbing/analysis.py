"""Hearing: separation, speakers and words of all chunks, side by side; then who is who and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rythmo.dubbing.job import Job
from rythmo.engines.base import Turn
from rythmo.executors import start_workers
from rythmo.script.model import Remark, Word
from rythmo.stages import heard_words, separate, speakers, speech_activity, stitch, transcribe
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested
from rythmo.stages.separate import Separated, speech_of

_CHUNKS_AT_ONCE = 3
"""A chunk is separated while the one before is diarized and the one before that written down; the engines
themselves say how many requests they take (`EngineInfo.at_once`)."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the chunks gave: turns of the whole programme and the words, if recognition ran; and what a person
    should know of words that were not believed."""

    separated: tuple[Separated, ...]
    turns: tuple[Turn, ...]
    words: tuple[Word, ...]
    notes: tuple[str, ...] = ()
    findings: tuple[Remark, ...] = ()


def separate_chunks(ingested: Ingested, context: Context) -> tuple[Separated, ...]:
    """Every chunk's speech and bed."""
    with start_workers(_CHUNKS_AT_ONCE, context.cancel) as pool:
        return tuple(pool.all(lambda i: separate.run(ingested, i, context), range(len(ingested.chunks))))


def analyse_chunks(ingested: Ingested, job: Job, context: Context) -> Analysis:
    """Who speaks when, and what; no words where the user brings the script."""
    total, own_script = len(ingested.chunks), job.script is not None

    def chunk(index: int) -> tuple[Separated, speakers.ChunkSpeakers, tuple[Word, ...]]:
        parts = separate.run(ingested, index, context)
        found = speakers.run(parts, index, total, context)
        if own_script:
            return parts, found, ()
        return parts, found, transcribe.run(parts, found.turns, index, total, context, job.source_language)

    with start_workers(_CHUNKS_AT_ONCE, context.cancel) as pool:
        done = pool.all(chunk, range(total))
    chunks = [found for _, found, _ in done]
    turns = _turns([parts for parts, _, _ in done], chunks, context)
    words = stitch.join_words(ingested.chunks, [words for _, _, words in done])
    separated = tuple(parts for parts, _, _ in done)
    cleaned = _believed(words, turns, separated)
    return Analysis(
        separated,
        turns,
        cleaned.words,
        speech_activity.notes_on(cleaned),
        speech_activity.findings_on(cleaned),
    )


def _believed(
    words: Sequence[Word], turns: Sequence[Turn], separated: Sequence[Separated]
) -> heard_words.CleanedWords:
    """The words that somebody says: held against the turns, and where those have nobody, against a second
    look for speech."""
    cleaned = heard_words.clean_words(words, turns)
    if not cleaned.dropped:
        return cleaned
    activity = speech_activity.listen_again(cleaned.dropped, speech_of(separated))
    return heard_words.clean_words(words, turns, activity) if activity else cleaned


def _turns(
    parts: Sequence[Separated], chunks: Sequence[speakers.ChunkSpeakers], context: Context
) -> tuple[Turn, ...]:
    """Who speaks when in the whole programme."""
    like, count = speakers.likeness(chunks, context), context.settings.speakers.count
    if speakers.too_few(chunks, like, count):
        with start_workers(_CHUNKS_AT_ONCE, context.cancel) as pool:
            chunks = pool.all(
                lambda n: speakers.run(parts[n], n, len(parts), context, told=True), range(len(parts))
            )
    return speakers.match(chunks, like, count)
