"""Measures that need an engine: what a recogniser understands, and whose voice it is. All are optional."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import SpeakerEmbedder, Transcriber, Turn
from rythmo.media.audio import Audio
from rythmo.media.wav import WavReader
from rythmo.progress import NEVER, CancelToken, Fraction01, silent
from rythmo.qc.line_measures import word_error
from rythmo.qc.packed_listening import transcribe_packed
from rythmo.qc.report_model import LineMeasures
from rythmo.qc.stray_speech import HearsSpeech
from rythmo.script.model import Word
from rythmo.script.sound_notes import spoken

_LEAST_SECONDS = 0.8
"""Below this an embedder hears too little of a voice."""
_DOUBT = 0.25
"""The share of a line's words missed, in company of other lines, from which it is heard by itself."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Who listens: engines that are already running, or None. `transcriber` must know the target language;
    `quality` gives an opinion score from 1 to 5; `speech` tells where somebody speaks."""

    transcriber: Transcriber | None = None
    embedder: SpeakerEmbedder | None = None
    quality: Callable[[Audio], float] | None = None
    speech: HearsSpeech | None = None
    chosen: frozenset[str] | None = None
    """Ids of the lines that the transcriber hears; None: all."""


def listen_to(
    lines: Sequence[LineMeasures],
    stems: Mapping[str, WavReader],
    language: str,
    ears: Ears,
    *,
    originals: Collection[str] = (),
    report: Fraction01 = silent,
    cancel: CancelToken = NEVER,
) -> tuple[LineMeasures, ...]:
    """The lines with what the engines say of them; not of `originals`, whose sound is no dub."""
    sounds = {
        line.id: sound
        for line in lines
        if line.id not in originals and (sound := _sound(line, stems)) is not None
    }
    words = _hear_all(lines, sounds, language, ears, cancel)
    heard = []
    for done, line in enumerate(lines):
        cancel.check()
        report(done / max(1, len(lines)))
        sound = sounds.get(line.id)
        known = words.get(line.id)
        heard.append(line if sound is None else _heard(line, sound, ears, known, cancel))
    report(1.0)
    return _alike(heard, stems, ears.embedder, cancel) if ears.embedder is not None else tuple(heard)


def _sound(line: LineMeasures, stems: Mapping[str, WavReader]) -> Audio | None:
    stem = stems.get(line.speaker)
    if stem is None or line.silent or line.placed_start is None or line.placed_end is None:
        return None
    return Audio(stem.read(line.placed_start, line.placed_end - line.placed_start), stem.rate)


def _hear_all(
    lines: Sequence[LineMeasures],
    sounds: Mapping[str, Audio],
    language: str,
    ears: Ears,
    cancel: CancelToken,
) -> Mapping[str, tuple[Word, ...]]:
    """Return what the transcriber hears in each line that it listens to.

    Several lines are heard at a time. A line of which it then missed much is heard once more by itself,
    because in company a short line can be lost.
    """
    engine = ears.transcriber
    if engine is None:
        return {}
    chosen = [line for line in lines if line.id in sounds and (ears.chosen is None or line.id in ears.chosen)]
    together = getattr(engine, "transcribe_each", partial(transcribe_packed, engine))
    found = together([sounds[line.id] for line in chosen], language=language, cancel=cancel)
    out = {}
    for line, in_company in zip(chosen, found, strict=True):
        words, sound = in_company, sounds[line.id]
        if word_error(spoken(line.translation), _text(words)) > _DOUBT:
            turn = Turn(0, sound.length, line.speaker)
            words = engine.transcribe(sound, language=language, turns=[turn], cancel=cancel)
        out[line.id] = words
    return out


def _heard(
    line: LineMeasures,
    sound: Audio,
    ears: Ears,
    words: tuple[Word, ...] | None,
    cancel: CancelToken,
) -> LineMeasures:
    if ears.transcriber is not None and words is not None:
        turn = Turn(0, sound.length, line.speaker)
        line = replace(
            line,
            heard=_text(words),
            word_error=round(word_error(spoken(line.translation), _text(words)), 4),
            heard_language=_language(sound, turn, words, ears.transcriber, cancel),
            confidence=_confidence(words),
        )
    if ears.quality is not None:
        line = replace(line, mos=round(ears.quality(sound), 2))
    return line


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _language(
    sound: Audio,
    turn: Turn,
    words: Sequence[Word],
    transcriber: Transcriber,
    cancel: CancelToken,
) -> str | None:
    """The language of a line that is long enough to tell it; None where the recogniser knows only one."""
    find = getattr(transcriber, "find_language", None)
    if find is None or sound.seconds < _LEAST_SECONDS or not words:
        return None
    return find(sound, turns=[turn], cancel=cancel) or None


def _confidence(words: Sequence[Word]) -> float | None:
    known = [word.confidence for word in words if word.confidence is not None]
    return round(sum(known) / len(known), 4) if known else None


def _alike(
    lines: Sequence[LineMeasures],
    stems: Mapping[str, WavReader],
    embedder: SpeakerEmbedder,
    cancel: CancelToken,
) -> tuple[LineMeasures, ...]:
    sounds = [_sound(line, stems) for line in lines]
    enough = [i for i, sound in enumerate(sounds) if sound is not None and sound.seconds >= _LEAST_SECONDS]
    if not enough:
        return tuple(lines)
    vectors = embedder.embed([sound for i in enough if (sound := sounds[i]) is not None], cancel=cancel)
    found = likenesses([lines[i].speaker for i in enough], vectors)
    out = list(lines)
    for index, (own, other) in zip(enough, found, strict=True):
        out[index] = replace(out[index], likeness=own, likeness_other=other)
    return tuple(out)


def likenesses(
    speakers: Sequence[str], vectors: NDArray[np.float32]
) -> tuple[tuple[float | None, float | None], ...]:
    """For each row: cosine to the mean of its speaker's other rows, and the highest to another's mean."""
    sums = {name: vectors[[s == name for s in speakers]].sum(axis=0) for name in set(speakers)}
    found = []
    for speaker, vector in zip(speakers, vectors, strict=True):
        own = _cosine(sums[speaker] - vector, vector)
        others = [_cosine(total, vector) for name, total in sums.items() if name != speaker]
        found.append((own, max((value for value in others if value is not None), default=None)))
    return tuple(found)


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float | None:
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return round(float(one @ other) / size, 4) if size > 1e-6 else None
