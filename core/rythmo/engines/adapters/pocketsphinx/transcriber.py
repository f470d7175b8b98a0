"""Transcriber "pocketsphinx": English, on the CPU, with the model that is in its wheel.

It writes bare lower-case words; their capitals and full stops are a heuristic (english_case.py). What it is
given to decode at once is planned in utterances.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.engines.speech.utterances import utterances
from rythmo.errors import LanguageError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, silent
from rythmo.script.model import Word

RATE = 16_000
FRAME = 160
_SILENT = 1e-3
_PAUSE = RATE // 2
_LEAST_CONFIDENCE = 0.25
"""Posterior of the likeliest word of a stretch. On the example, words made of music had 0.2 at most."""

INFO = EngineInfo(
    kind=Kind.TRANSCRIBER,
    name="pocketsphinx",
    version="5.1.1+utterances1",
    summary="CMU Sphinx's English model, with word times; right on clean studio speech, a draft elsewhere.",
    licence="BSD-2-Clause",
    languages=frozenset({"en"}),
    capabilities=frozenset({"words", "punctuation"}),
    draft=True,
    rank=10,
    at_once=2,
)


class SphinxTranscriber:
    """Transcriber for English."""

    info = INFO

    def __init__(self) -> None:
        self._free: list[Any] = [self._new()]

    @staticmethod
    def _new() -> Any:
        from pocketsphinx import Decoder

        return Decoder(samprate=RATE, loglevel="FATAL", cmn="batch")

    @contextmanager
    def _own(self) -> Iterator[Any]:
        """A decoder (100 MB) holds the state of one utterance: each request has one for itself."""
        try:
            decoder = self._free.pop()
        except IndexError:
            decoder = self._new()
        try:
            yield decoder
        finally:
            self._free.append(decoder)

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = silent,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Words in order of start. Raises LanguageError for anything but English."""
        if language != "en":
            raise LanguageError(f"pocketsphinx does not work in {language!r}.", hint="It works in: en.")
        wave = speech.mono().at_rate(RATE).samples[0]
        found: list[Word] = []
        spans = utterances(wave, [_at_rate(turn, RATE / speech.rate) for turn in turns])
        with self._own() as decoder:
            for number, (start, end) in enumerate(spans):
                cancel.check()
                report(number / len(spans))
                found += _decode(decoder, wave, start, end)
        cancel.check()
        words = [_in_samples(word, speech) for word in written(found, turns, RATE / speech.rate)]
        report(1.0)
        return tuple(sorted(words, key=lambda word: (word.start, word.end)))

    def close(self) -> None:
        """Nothing is held but memory."""


def _decode(decoder: Any, wave: Any, start: int, end: int) -> list[Word]:
    """Bare words in samples of `wave`."""
    pcm = (np.clip(wave[start:end], -1, 1) * 32767).astype("<i2").tobytes()
    if end <= start or float(np.abs(wave[start:end]).max()) < _SILENT:
        return []  # of digital silence the decoder makes a word
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    words = []
    for segment in decoder.seg() or ():
        text = segment.word.split("(")[0]
        if not text or text[0] in "<[":
            continue
        first, last = segment.start_frame * FRAME, (segment.end_frame + 1) * FRAME
        words.append(Word(text, start + first, min(start + last, end), round(segment.prob, 4)))
    return words


def _at_rate(turn: Turn, factor: float) -> Turn:
    return Turn(round(turn.start * factor), round(turn.end * factor), turn.speaker)


def _in_samples(word: Word, speech: Audio) -> Word:
    start, end = (min(round(x * speech.rate / RATE), speech.length) for x in (word.start, word.end))
    return replace(word, start=start, end=end)


def written(words: Sequence[Word], turns: Sequence[Turn], factor: float) -> list[Word]:
    """Capitals and full stops, speaker by speaker; `factor` brings the turns to the words' rate."""
    from rythmo.engines.adapters.pocketsphinx.english_case import sentences

    said: dict[str, list[Word]] = {}
    for word in sorted(words, key=lambda word: word.start):
        shared = [
            (min(word.end, turn.end * factor) - max(word.start, turn.start * factor), turn.speaker)
            for turn in turns
        ]
        said.setdefault(max(shared, default=(0.0, ""))[1], []).append(word)
    return [word for group in said.values() for word in sentences(_likely(group), RATE)]


def _likely(words: Sequence[Word]) -> list[Word]:
    """Without the stretches between pauses in which no word at all is likely: music heard as speech."""
    groups: list[list[Word]] = []
    for word in words:
        if groups and word.start - groups[-1][-1].end < _PAUSE:
            groups[-1].append(word)
        else:
            groups.append([word])
    return [
        word
        for group in groups
        for word in group
        if max(one.confidence or 0.0 for one in group) >= _LEAST_CONFIDENCE
    ]


def create(_settings: Mapping[str, Any]) -> SphinxTranscriber:
    """Has no settings."""
    return SphinxTranscriber()


def missing() -> tuple[Missing, ...]:
    """The package, which brings its model."""
    return () if find_spec("pocketsphinx") else (Missing("pocketsphinx", "pip install pocketsphinx"),)


ENGINE = EngineSpec(INFO, create, missing)
