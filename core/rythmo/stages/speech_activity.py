"""Search again for speech where the recogniser found words but the diarizer found nobody."""

from __future__ import annotations

from collections.abc import Sequence

from rythmo.counts import format_count
from rythmo.media.audio import Audio
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.script.model import Flag, Remark, Severity, Word
from rythmo.stages.heard_words import CleanedWords, Span, merge_spans
from rythmo.timebase import SAMPLE_RATE

_AROUND = 2 * SAMPLE_RATE
_LONGEST = 60 * SAMPLE_RATE
_GROUP = SAMPLE_RATE
_MOST_WORDS = 12


def listen_again(words: Sequence[Word], speech: ChunkedAudio) -> tuple[Span, ...]:
    """Return spans of speech around these words, by Silero's network at its lowest thresholds.

    Returns nothing when the network is not installed. Positions are samples.
    """
    from rythmo.engines.local.wheel_weights import ONNXRUNTIME, SILERO, list_missing, weight_file
    from rythmo.engines.speech import vad

    if not words or list_missing(SILERO, ONNXRUNTIME):
        return ()
    network = vad.load_network(weight_file(SILERO))
    found: list[Span] = []
    for start, end in _stretches(words):
        wave = speech.read(start, end).mono().at_rate(vad.RATE).samples[0]
        # Digital silence has no level to judge by.
        if not wave.any():
            continue
        spans = vad.speech_spans(vad.speech_probability(network, wave), vad.LADDER[-1])
        for low, high in vad.spans_in_samples(wave, spans):
            found.append((start + low * SAMPLE_RATE // vad.RATE, start + high * SAMPLE_RATE // vad.RATE))
    return tuple(merge_spans(found))


def find_speech(speech: Audio) -> tuple[Span, ...]:
    """Return the spans of speech in a chunk's separated speech, by Silero's network, in samples of it.

    Returns nothing when the network is not installed.
    """
    from rythmo.engines.local.wheel_weights import ONNXRUNTIME, SILERO, list_missing, weight_file
    from rythmo.engines.speech import vad

    if list_missing(SILERO, ONNXRUNTIME):
        return ()
    wave = speech.mono().at_rate(vad.RATE).samples[0]
    spans = vad.find_speech(vad.load_network(weight_file(SILERO)), wave)
    return tuple((low * speech.rate // vad.RATE, high * speech.rate // vad.RATE) for low, high in spans)


def _stretches(words: Sequence[Word]) -> list[Span]:
    around = merge_spans([(max(0, word.start - _AROUND), word.end + _AROUND) for word in words])
    return [(at, min(at + _LONGEST, end)) for start, end in around for at in range(start, end, _LONGEST)]


def findings_on(cleaned: CleanedWords) -> tuple[Remark, ...]:
    """Return a remark for each run of words that was left out."""
    silent = (
        Remark(
            group[0].start,
            Flag(
                "words-in-silence",
                f"The recogniser wrote “{_quoted(group)}” where nobody speaks: it was left out.",
                Severity.INFO,
            ),
            group[-1].end,
        )
        for group in _grouped(cleaned.dropped)
    )
    looped = (
        Remark(
            group[0].start,
            Flag(
                "repeated-words",
                f"The recogniser wrote “{_quoted(group)}” over again: it was kept once. Listen to the "
                "original.",
                Severity.WARNING,
            ),
            group[-1].end,
        )
        for group in _grouped(cleaned.looped)
    )
    return (*silent, *looped)


def notes_on(cleaned: CleanedWords) -> tuple[str, ...]:
    """Return notes for the command line."""
    notes = []
    if cleaned.dropped:
        many = len(cleaned.dropped)
        what = format_count(many, "word of the recogniser lies", "words of the recogniser lie")
        notes.append(f"{what} where nobody speaks, and {'was' if many == 1 else 'were'} left out.")
    if cleaned.looped:
        words = format_count(len(cleaned.looped), "word was", "words were")
        notes.append(f"The recogniser repeated itself: {words} left out.")
    if cleaned.moved:
        what = format_count(cleaned.moved, "word was", "words were")
        notes.append(f"{what} placed before the speech by the recogniser, and moved to where it begins.")
    return tuple(notes)


def _grouped(words: Sequence[Word]) -> list[list[Word]]:
    groups: list[list[Word]] = []
    for word in words:
        if groups and word.start - groups[-1][-1].end <= _GROUP:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _quoted(words: Sequence[Word]) -> str:
    text = " ".join(word.text for word in words[:_MOST_WORDS])
    return text + (" ..." if len(words) > _MOST_WORDS else "")
