"""Separate, diarize and transcribe all chunks in parallel, then match speakers and join words."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from rythmo.dubbing.job import Job
from rythmo.engines.base import Kind, Turn
from rythmo.executors import gather_results, start_workers
from rythmo.script.model import Remark, Word
from rythmo.stages import (
    heard_words,
    programme_speakers,
    separate,
    speakers,
    speech_activity,
    stitch,
    transcribe,
)
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested
from rythmo.stages.separate import Separated, speech_of

_CHUNKS_AT_ONCE = 3
"""One chunk is separated while the previous one is diarized and the one before that transcribed. The engines
themselves limit their parallel requests (`EngineInfo.at_once`)."""
_FETCHED_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Analysis:
    """The turns of the whole programme, the words if recognition ran, and notes on words that were
    dropped."""

    separated: tuple[Separated, ...]
    turns: tuple[Turn, ...]
    words: tuple[Word, ...]
    notes: tuple[str, ...] = ()
    findings: tuple[Remark, ...] = ()


def separate_chunks(ingested: Ingested, context: Context) -> tuple[Separated, ...]:
    """Separate every chunk into speech and bed."""
    with start_workers(_chunks_at_once(context), context.cancel) as pool:
        return tuple(pool.run_all(lambda i: separate.run(ingested, i, context), range(len(ingested.chunks))))


def _chunks_at_once(context: Context) -> int:
    """Return how many chunks are on their way: elsewhere one for each lane, and one that is being stored."""
    if context.executor is None:
        return _CHUNKS_AT_ONCE
    return max(_CHUNKS_AT_ONCE, context.at_once(Kind.DIARIZER) + 1)


def analyse_chunks(ingested: Ingested, job: Job, context: Context) -> Analysis:
    """Find who speaks when, and the words. There are no words when the user brings the script."""
    total, own_script = len(ingested.chunks), job.script is not None

    def chunk(index: int) -> tuple[Separated, speakers.ChunkSpeakers, tuple[Word, ...]]:
        with start_workers(1, context.cancel) as own:
            ahead = own.start(lambda number: speakers.listen_ahead(ingested, number, context), index)
            parts = separate.request(ingested, index, context)
            arriving.append(beside.start(fetch, parts))
            ahead.result()
        found = speakers.run(ingested, parts, index, context)
        if own_script:
            return parts, found, ()
        return parts, found, transcribe.run(parts, found.turns, index, total, context, job.source_language)

    def fetch(parts: Separated) -> Separated:
        return separate.fetch(parts, context)

    # Sound that another machine separated arrives while that machine goes on with it.
    arriving: list[Future[Separated]] = []
    with (
        start_workers(_FETCHED_AT_ONCE, context.cancel) as beside,
        start_workers(_chunks_at_once(context), context.cancel) as pool,
    ):
        done = pool.run_all(chunk, range(total))
        gather_results(arriving)
    chunks = [found for _, found, _ in done]
    turns = _turns(ingested, [parts for parts, _, _ in done], chunks, context)
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
    """Keep the words that lie in speech, searching again for speech around words outside all turns."""
    cleaned = heard_words.clean_words(words, turns)
    if not cleaned.dropped:
        return cleaned
    activity = speech_activity.listen_again(cleaned.dropped, speech_of(separated))
    return heard_words.clean_words(words, turns, activity) if activity else cleaned


def _turns(
    ingested: Ingested, parts: Sequence[Separated], chunks: Sequence[speakers.ChunkSpeakers], context: Context
) -> tuple[Turn, ...]:
    """Return the turns of the whole programme."""
    like, count = programme_speakers.find_likeness(chunks, context), context.settings.speakers.count
    if programme_speakers.too_few(chunks, like, count):
        with start_workers(_chunks_at_once(context), context.cancel) as pool:
            chunks = pool.run_all(
                lambda n: speakers.run(ingested, parts[n], n, context, told=True), range(len(parts))
            )
    return programme_speakers.match(chunks, like, count)
