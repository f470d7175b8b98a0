"""Transcriber "pocketsphinx": English, on the CPU, with the model that is in its wheel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.errors import LanguageError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, silent
from rythmo.script.model import Word

RATE = 16_000
FRAME = 160
PAD = RATE // 5
_SILENT = 1e-3

INFO = EngineInfo(
    kind=Kind.TRANSCRIBER,
    name="pocketsphinx",
    version="5.1.1",
    summary="CMU Sphinx's English model, with word times; right on clean studio speech, a draft elsewhere.",
    licence="BSD-2-Clause",
    languages=frozenset({"en"}),
    capabilities=frozenset({"words"}),
    draft=True,
    rank=10,
)


class SphinxTranscriber:
    """Transcriber for English."""

    info = INFO

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._decoder = Decoder(samprate=RATE, loglevel="FATAL", cmn="batch")

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
        spans = [(round(t.start * RATE / speech.rate), round(t.end * RATE / speech.rate)) for t in turns]
        words: list[Word] = []
        for number, (start, end) in enumerate(spans or [(0, wave.size)]):
            cancel.check()
            report(number / max(1, len(spans)))
            words += self._decode(wave, max(0, start - PAD), min(wave.size, end + PAD), speech)
        report(1.0)
        return tuple(sorted(words, key=lambda w: (w.start, w.end)))

    def _decode(self, wave: Any, start: int, end: int, speech: Audio) -> list[Word]:
        pcm = (np.clip(wave[start:end], -1, 1) * 32767).astype("<i2").tobytes()
        if end <= start or float(np.abs(wave[start:end]).max()) < _SILENT:
            return []  # of digital silence the decoder makes a word
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        if self._decoder.hyp() is None:
            return []
        words = []
        for segment in self._decoder.seg() or ():
            text = segment.word.split("(")[0]
            if not text or text[0] in "<[":
                continue
            a = round((start + segment.start_frame * FRAME) * speech.rate / RATE)
            b = round((start + (segment.end_frame + 1) * FRAME) * speech.rate / RATE)
            words.append(Word(text, min(a, speech.length), min(b, speech.length)))
        return words

    def close(self) -> None:
        """Nothing is held but memory."""


def create(_settings: Mapping[str, Any]) -> SphinxTranscriber:
    """Has no settings."""
    return SphinxTranscriber()


def missing() -> tuple[Missing, ...]:
    """The package, which brings its model."""
    return () if find_spec("pocketsphinx") else (Missing("pocketsphinx", "pip install pocketsphinx"),)


ENGINE = EngineSpec(INFO, create, missing)
