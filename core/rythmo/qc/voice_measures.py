"""Measure what needs an engine: what a recogniser understands, and whose voice it is. All optional."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import SpeakerEmbedder, Transcriber, Turn
from rythmo.executors import start_workers
from rythmo.media.audio import Audio
from rythmo.media.wav import WavReader
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.qc.line_measures import word_error
from rythmo.qc.packed_listening import transcribe_packed
from rythmo.qc.report_model import LineMeasures
from rythmo.qc.stray_speech import HearsSpeech
from rythmo.script.model import Word
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.script.takes import TakeKind

# In a shorter line an embedder hears too little of a voice.
_LEAST_SECONDS = 0.8
# The share of a line's words missed, next to other lines, from which it is heard again by itself.
_DOUBTFUL_ERROR = 0.25


@dataclass(frozen=True, slots=True)
class Listeners:
    """Engines that listen to the lines, already running, or None.

    `transcriber` must know the target language. `quality` returns an opinion score from 1 to 5. `speech`
    returns where somebody speaks.
    """

    transcriber: Transcriber | None = None
    embedder: SpeakerEmbedder | None = None
    quality: Callable[[Audio], float] | None = None
    speech: HearsSpeech | None = None
    chosen: frozenset[str] | None = None
    """Ids of the lines that the transcriber hears; None means all."""


def measure_voices(
    lines: Sequence[LineMeasures],
    stems: Mapping[str, WavReader],
    language: str,
    ears: Listeners,
    *,
    originals: Collection[str] = (),
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> tuple[LineMeasures, ...]:
    """Add the engines' measures to the lines, except `originals`, whose sound is not dubbed."""
    sounds = {
        line.id: sound
        for line in lines
        if line.id not in originals and (sound := _read_line(line, stems)) is not None
    }
    words = _hear_all(lines, sounds, language, ears, cancel)

    def measure(line: LineMeasures) -> LineMeasures:
        sound = sounds.get(line.id)
        return line if sound is None else _measure_line(line, sound, ears, words.get(line.id), cancel)

    heard = []
    with start_workers(_count_listeners(ears), cancel) as pool:
        for done, line in enumerate([pool.start(measure, line) for line in lines]):
            report(done / len(lines))
            heard.append(line.result())
    report(1.0)
    return _add_likenesses(heard, stems, ears.embedder, cancel) if ears.embedder is not None else tuple(heard)


def _read_line(line: LineMeasures, stems: Mapping[str, WavReader]) -> Audio | None:
    stem = stems.get(line.speaker)
    if stem is None or line.silent or line.placed_start is None or line.placed_end is None:
        return None
    return Audio(stem.read(line.placed_start, line.placed_end - line.placed_start), stem.rate)


def _hear_all(
    lines: Sequence[LineMeasures],
    sounds: Mapping[str, Audio],
    language: str,
    ears: Listeners,
    cancel: CancelToken,
) -> Mapping[str, tuple[Word, ...]]:
    """Return what the transcriber hears in each line that it listens to.

    Several lines are heard at a time. A line of which it then missed much is heard again by itself, because
    next to others a short line can be lost.
    """
    engine = ears.transcriber
    if engine is None:
        return {}
    chosen = [line for line in lines if line.id in sounds and (ears.chosen is None or line.id in ears.chosen)]
    hear_each = getattr(engine, "transcribe_each", partial(transcribe_packed, engine))
    found = hear_each([sounds[line.id] for line in chosen], language=language, cancel=cancel)
    out = {line.id: together for line, together in zip(chosen, found, strict=True)}
    doubtful = [
        line
        for line in chosen
        if word_error(strip_sound_notes(line.translation), _join_words(out[line.id])) > _DOUBTFUL_ERROR
    ]

    def hear_again(line: LineMeasures) -> tuple[Word, ...]:
        sound = sounds[line.id]
        turn = Turn(0, sound.length, line.speaker)
        return engine.transcribe(sound, language=language, turns=[turn], cancel=cancel)

    with start_workers(_count_listeners(ears), cancel) as pool:
        again = pool.run_all(hear_again, doubtful)
    return out | {line.id: words for line, words in zip(doubtful, again, strict=True)}


def _count_listeners(ears: Listeners) -> int:
    """Return how many lines the engines listen to at a time."""
    return ears.transcriber.info.at_once if ears.transcriber is not None else 1


def _measure_line(
    line: LineMeasures, sound: Audio, ears: Listeners, words: tuple[Word, ...] | None, cancel: CancelToken
) -> LineMeasures:
    if ears.transcriber is not None and words is not None:
        turn = Turn(0, sound.length, line.speaker)
        text = _join_words(words)
        line = replace(
            line,
            heard=text,
            word_error=round(word_error(strip_sound_notes(line.translation), text), 4),
            heard_language=_find_language(sound, turn, words, ears.transcriber, cancel),
            confidence=_mean_confidence(words),
        )
    if ears.quality is not None:
        line = replace(line, mos=round(ears.quality(sound), 2))
    return line


def _join_words(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _find_language(
    sound: Audio,
    turn: Turn,
    words: Sequence[Word],
    transcriber: Transcriber,
    cancel: CancelToken,
) -> str | None:
    """Return the language of a line that is long enough; None where the recogniser knows only one."""
    find = getattr(transcriber, "find_language", None)
    if find is None or sound.seconds < _LEAST_SECONDS or not words:
        return None
    return find(sound, turns=[turn], cancel=cancel) or None


def _mean_confidence(words: Sequence[Word]) -> float | None:
    known = [word.confidence for word in words if word.confidence is not None]
    return round(sum(known) / len(known), 4) if known else None


def _add_likenesses(
    lines: Sequence[LineMeasures],
    stems: Mapping[str, WavReader],
    embedder: SpeakerEmbedder,
    cancel: CancelToken,
) -> tuple[LineMeasures, ...]:
    sounds = [_read_line(line, stems) for line in lines]
    enough = [i for i, sound in enumerate(sounds) if sound is not None and sound.seconds >= _LEAST_SECONDS]
    if not enough:
        return tuple(lines)
    vectors = embedder.embed([sound for i in enough if (sound := sounds[i]) is not None], cancel=cancel)
    found = compute_likenesses([_name_voice(lines[i]) for i in enough], vectors)
    out = list(lines)
    for index, (own, other) in zip(enough, found, strict=True):
        out[index] = replace(out[index], likeness=own, likeness_other=other)
    return tuple(out)


def _name_voice(line: LineMeasures) -> str:
    """Name whose voice a line should have: that of a person is not that of the speaker's other lines."""
    return f"{line.speaker} {line.voice}" if line.voice is TakeKind.HUMAN else line.speaker


def compute_likenesses(
    speakers: Sequence[str], vectors: NDArray[np.float32]
) -> tuple[tuple[float | None, float | None], ...]:
    """Compare the voice vectors, one row for each line.

    For each row: the cosine to the mean of its speaker's other rows, and the highest cosine to another
    speaker's mean.
    """
    sums = {name: vectors[[s == name for s in speakers]].sum(axis=0) for name in set(speakers)}
    found = []
    for speaker, vector in zip(speakers, vectors, strict=True):
        own = _cosine(sums[speaker] - vector, vector)
        others = [_cosine(total, vector) for name, total in sums.items() if name != speaker]
        found.append((own, max((value for value in others if value is not None), default=None)))
    return tuple(found)


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float | None:
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    # A vector of zeros (silence) has no direction.
    return round(float(one @ other) / size, 4) if size > 1e-6 else None
