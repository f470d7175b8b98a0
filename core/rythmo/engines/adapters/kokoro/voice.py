"""Voices by Kokoro-82M, an open model that runs on any CPU: 54 voices in eight languages.

espeak-ng's process turns text into phonemes, and processes that run the model, one for each core, turn these
into sound. The model decides how long each phoneme lasts before it makes any sound. So a line's length is
known in advance, and a wanted length is met with one request. The same text and voice always give the same
samples.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.espeak import process as espeak_process
from rythmo.engines.adapters.espeak.process import EspeakProcesses
from rythmo.engines.adapters.espeak.sound import clean_text
from rythmo.engines.adapters.kokoro import durations, worker
from rythmo.engines.adapters.kokoro.durations import Frames
from rythmo.engines.adapters.kokoro.offer import NAME, OFFER, PACE_LIMITS, WHISPERING
from rythmo.engines.adapters.kokoro.phonemes import symbols
from rythmo.engines.adapters.kokoro.pieces import split_symbols
from rythmo.engines.adapters.kokoro.profiles import EMBEDDER, profiles, surplus
from rythmo.engines.adapters.kokoro.sound import join_pieces
from rythmo.engines.adapters.kokoro.voices import Blend, Styles, parse_voice, phoneme_language
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, SpeakerProfile, SpeechRequest
from rythmo.engines.local.background import in_background
from rythmo.engines.local.child_process import WorkerPool
from rythmo.engines.local.model_files import missing_model, require_folder, stamp_model
from rythmo.engines.local.wheel_weights import ONNXRUNTIME, list_missing
from rythmo.engines.speech import likeness
from rythmo.engines.speech.likeness import VoiceProfile
from rythmo.engines.speech.spoken_text import write_out
from rythmo.engines.voice_offer import read_pace
from rythmo.errors import EngineFailedError, LanguageError
from rythmo.media.audio import Audio
from rythmo.models import require_model
from rythmo.progress import NEVER, CancelToken
from rythmo.script.takes import VoiceRef

FILES = ("model.onnx", "vocab.json", "voices")
_MOST_WORKERS = 8
# The timeout of a request: a line of 20 s takes 40 s on a slow core, and several times that on a busy
# machine.
_SECONDS = 600.0
# The most symbols in one piece, about 11 s. The model accepts 510, but its memory grows with them: 0.42 GB at
# 200.
_LONGEST = 200
# Variations for further takes: another row of the voice's styles (made for shorter or longer texts), and a
# factor on the pace. All rows have the same timbre but different melodies.
_READINGS = ((0, 1.0), (40, 0.96), (-30, 1.04), (90, 1.0), (15, 0.93), (-60, 1.0), (140, 1.05))

OWN_LANGUAGES = frozenset(
    ["en", "en-us", "en-gb", "es", "es-es", "es-419", "fr", "fr-fr", "hi", "it", "pt", "pt-br"]
)
"""Languages with voices of their own and phonemes from espeak-ng."""
DRAFT_LANGUAGES = frozenset(["pt-pt", "ca", "de", "nl", "pl", "ro"])
"""Languages without a voice of their own: other voices speak them with an accent."""

INFO = EngineInfo(
    kind=Kind.VOICE,
    name=NAME,
    version="1.0-1",
    summary="Kokoro-82M: 54 natural voices, matched to each speaker",
    licence="Apache-2.0 (model, voices); GPL-3.0-or-later (espeak-ng, in a process of its own)",
    languages=OWN_LANGUAGES | DRAFT_LANGUAGES,
    capabilities=frozenset({"duration_control", "length", "likeness"}),
    draft_in=DRAFT_LANGUAGES,
    rank=20,
    at_once=min(_MOST_WORKERS, os.cpu_count() or 1),
)


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the model, onnxruntime and espeak-ng."""
    return (*missing_model(NAME, setting="model"), *list_missing(ONNXRUNTIME), *espeak_process.missing())


class KokoroVoice:
    """A Voice that runs Kokoro. Thread-safe: lines are spoken in parallel, in one process for each core."""

    likeness_embedder = EMBEDDER

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Create the engine; processes start with the first line.

        Settings: `model` (a folder), `workers` (default: cores, at most 8), `device` (auto, cpu, cuda,
        coreml). Raises EngineMissingError without the model, EngineFailedError for an unknown device.
        """
        folder = Path(settings["model"]) if settings.get("model") else require_model(NAME)
        self._folder = require_folder(folder, FILES, "model of Kokoro")
        self._device = str(settings.get("device", "auto"))
        if self._device not in ("auto", "cpu", "cuda", "coreml"):
            raise EngineFailedError(
                f"Kokoro has no device {self._device!r}.", hint="Use auto, cpu, cuda or coreml."
            )
        self._workers = max(1, int(settings.get("workers", INFO.at_once)))
        self._espeak = EspeakProcesses(1)
        self.styles = Styles(self._folder / "voices")
        self._frames: dict[tuple[tuple[int, ...], str, int], Frames] = {}
        self._lock = threading.Lock()

    @cached_property
    def info(self) -> EngineInfo:
        """The engine's info, with the fingerprint of the model's files in its version."""
        return replace(INFO, version=f"{INFO.version} {stamp_model(self._folder)}")

    @cached_property
    def _table(self) -> Mapping[str, int]:
        table: Mapping[str, int] = json.loads((self._folder / "vocab.json").read_text("utf-8"))["vocab"]
        return table

    @cached_property
    def _profiles(self) -> tuple[VoiceProfile, ...]:
        """The profiles of the voices for casting, without languages whose phonemes we can't make."""
        there = {*self.styles.names()} - WHISPERING
        return tuple(one for one in profiles() if one.id in there and one.language in OWN_LANGUAGES)

    @cached_property
    def _pool(self) -> WorkerPool:
        model = str(self._folder / "model.onnx")
        command = (sys.executable, "-I", "-m", worker.__name__, model, self._device)
        return WorkerPool(command, name="Kokoro", size=self._workers)

    def close(self) -> None:
        """End the worker processes."""
        self._espeak.close()
        if "_pool" in self.__dict__:
            self._pool.close()

    def rest(self) -> None:
        """End the processes that are idle, each of which takes some 400 MB after long lines."""
        if "_pool" in self.__dict__:
            self._pool.rest()

    def warm(self) -> None:
        """Start the processes and load the model in each."""
        tokens, style = (
            [0, self._table["a"], 0],
            self._style(parse_voice(self.styles.names()[0]), [0, 0, 0], 0),
        )
        request = {"tokens": tokens, "style": style}

        def load(_: int) -> None:
            # If the engine is closed in the meantime, no model is needed.
            with suppress(EngineFailedError):
                self._asked({**request, "speed": 1.0}, NEVER)
                self._asked(request, NEVER)

        with ThreadPoolExecutor(self._workers) as threads:
            list(threads.map(load, range(self._workers)))

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return for each speaker the voice, or mixture of two, that sounds most like them; all are
        different."""
        _require_language(language)
        chosen = likeness.cast(speakers, self._profiles, language, _mixtures(taken))
        return tuple(VoiceRef(NAME, Blend(mixture).id) for mixture in chosen)

    def propose(
        self,
        speaker: SpeakerProfile,
        *,
        language: str,
        taken: Sequence[VoiceRef],
        shown: Sequence[VoiceRef],
        count: int,
    ) -> tuple[VoiceRef, ...]:
        """Return the voices, or mixtures of two, that sound most like the speaker and differ audibly."""
        _require_language(language)
        found = likeness.propose(speaker, self._profiles, language, _mixtures(taken), _mixtures(shown), count)
        return tuple(VoiceRef(NAME, Blend(mixture).id) for mixture in found)

    def frames_of(self, request: SpeechRequest) -> list[Frames]:
        """Return the frames of each symbol of the request's text, for each piece."""
        voice, pieces = self._pieces(request)
        return [self._measured(piece, voice, request.variation, NEVER) for piece in pieces]

    def predict_seconds(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> float:
        """Return the length of the line in seconds without speaking it, which takes about 30 ms.

        Raises EngineFailedError for text without a letter or digit, LanguageError.
        """
        voice, pieces = self._pieces(request)
        frames = [self._measured(piece, voice, request.variation, cancel) for piece in pieces]
        return durations.seconds_of(frames, self._speed(frames, voice, request), surplus(voice))

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return one line as 24 kHz mono, trimmed of silence.

        `seconds` is met to about 50 ms at speeds from 0.5 to 2; beyond that the nearest length is returned.

        Raises EngineFailedError for text without a letter or digit, LanguageError.
        """
        cancel.check()
        voice, pieces = self._pieces(request)
        frames = [self._measured(piece, voice, request.variation, cancel) for piece in pieces]
        speed = self._speed(frames, voice, request)
        return join_pieces([self._spoken(piece, voice, request.variation, speed, cancel) for piece in pieces])

    def _pieces(self, request: SpeechRequest) -> tuple[Blend, list[list[int]]]:
        """Return the voice, and the tokens of the text in pieces that fit the model."""
        if request.voice.engine != NAME:
            raise EngineFailedError(
                f"{NAME} cannot speak with a voice of {request.voice.engine!r}.",
                hint="Cast the speaker again.",
            )
        _require_language(request.language)
        voice = parse_voice(request.voice.id)
        tag = phoneme_language(voice, request.language)
        text = clean_text(write_out(request.text, tag))
        spoken = symbols(text, tag, lambda texts: self._espeak.phonemes(texts, tag), self._table)
        pieces = [[0, *(self._table[char] for char in piece), 0] for piece in split_symbols(spoken, _LONGEST)]
        if not pieces:
            raise EngineFailedError(
                f"There is nothing to speak in {request.text!r}.",
                hint="Write at least one word, or delete the line.",
            )
        return voice, pieces

    def _speed(self, frames: Sequence[Frames], voice: Blend, request: SpeechRequest) -> float:
        if request.seconds is not None and request.seconds > 0:
            return durations.speed_for(frames, request.seconds, surplus(voice))
        slowest, fastest = PACE_LIMITS
        return _reading(request.variation)[1] * min(max(read_pace(request.voice), slowest), fastest)

    def _measured(self, piece: list[int], voice: Blend, variation: int, cancel: CancelToken) -> Frames:
        """Return the frames of each symbol at speed 1; they are cached for each text and voice."""
        key = (tuple(piece), voice.id, _reading(variation)[0])
        with self._lock:
            known = self._frames.get(key)
        if known is None:
            known = self._asked({"tokens": piece, "style": self._style(voice, piece, variation)}, cancel)
            with self._lock:
                self._frames[key] = known
        return known

    def _spoken(
        self, piece: list[int], voice: Blend, variation: int, speed: float, cancel: CancelToken
    ) -> NDArray[np.float32]:
        style = self._style(voice, piece, variation)
        return self._asked({"tokens": piece, "style": style, "speed": speed}, cancel)

    def _style(self, voice: Blend, piece: list[int], variation: int) -> str:
        # Two of the tokens are not symbols, and the first style is for a text of one symbol.
        row = len(piece) - 3 + _reading(variation)[0]
        return base64.b64encode(self.styles.style(voice, row).tobytes()).decode("ascii")

    def _asked(self, request: Mapping[str, Any], cancel: CancelToken) -> NDArray[np.float32]:
        _, body = in_background(lambda: self._pool.ask(request, seconds=_SECONDS), cancel)
        return np.frombuffer(body, "<f4")


def _mixtures(voices: Sequence[VoiceRef]) -> list[likeness.Mixture]:
    return [parse_voice(voice.id).parts for voice in voices if voice.engine == NAME]


def _reading(variation: int) -> tuple[int, float]:
    return _READINGS[variation % len(_READINGS)]


def _require_language(language: str) -> None:
    tag = language.lower().replace("_", "-")
    if tag not in INFO.languages and tag.split("-")[0] not in INFO.languages:
        raise LanguageError(
            f"Kokoro does not speak {language!r}.",
            hint="`rythmo engines` lists the languages of each engine.",
        )


ENGINE = EngineSpec(
    info=INFO,
    create=KokoroVoice,
    missing=missing,
    options=frozenset({"model", "device", "workers"}),
    voices=OFFER,
)
