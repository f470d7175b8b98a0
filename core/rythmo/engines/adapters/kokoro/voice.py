"""Voices by Kokoro-82M, an open model that runs on any processor: 54 voices in eight languages.

Text becomes phonemes in espeak-ng's process and sound in processes that run the model, one for each core.
The model says how long each phoneme lasts before it makes any sound, so a line's length is known beforehand,
and a wanted length is met in one go. The same text and voice give the same samples, always.
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
from rythmo.engines.adapters.kokoro.phonemes import symbols
from rythmo.engines.adapters.kokoro.pieces import sentence, split
from rythmo.engines.adapters.kokoro.profiles import EMBEDDER, profiles, surplus
from rythmo.engines.adapters.kokoro.sound import joined
from rythmo.engines.adapters.kokoro.voices import ACCENTS, Blend, Styles, parse, phoneme_language
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, SpeakerProfile, SpeechRequest
from rythmo.engines.local.background import in_background
from rythmo.engines.local.child_process import WorkerPool
from rythmo.engines.local.model_files import missing_model, require_folder, stamp_model
from rythmo.engines.local.wheel_weights import ONNXRUNTIME, list_missing
from rythmo.engines.speech import likeness
from rythmo.engines.speech.likeness import VoiceProfile
from rythmo.engines.speech.spoken_text import write_out
from rythmo.errors import EngineFailedError, LanguageError
from rythmo.media.audio import Audio
from rythmo.models import require_model
from rythmo.progress import NEVER, CancelToken
from rythmo.script.model import VoiceRef

NAME = "kokoro"
FILES = ("model.onnx", "vocab.json", "voices")
_MOST_WORKERS = 8
_SECONDS = 600.0
"""Per request: a line of 20 s takes 40 s of a slow core; on a crowded machine several times that."""
_WHISPERING = {"af_nicole"}
"""Nobody is cast with a voice that whispers every line; it can be chosen by name."""
_LONGEST = 200
"""Symbols in one piece, about 11 s. The model takes 510, but its memory grows with them: 0.42 GB at 200."""
_READINGS = ((0, 1.0), (40, 0.96), (-30, 1.04), (90, 1.0), (15, 0.93), (-60, 1.0), (140, 1.05))
"""Of further takes: another row of the voice's styles (made for shorter or longer texts), a factor on the
pace. The timbre is the same in all rows; the melody is not."""

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
    """Name what is not here: the model, onnxruntime, espeak-ng."""
    return (*missing_model(NAME, setting="model"), *list_missing(ONNXRUNTIME), *espeak_process.missing())


class KokoroVoice:
    """The engine. Safe over threads: lines are spoken side by side, on a process for each core."""

    likeness_embedder = EMBEDDER

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Settings: `model` (a folder), `workers` (default: cores, at most 8), `device` (auto, cpu, cuda,
        coreml). Nothing starts before the first line. Raises EngineMissingError."""
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
        """What it is, with the fingerprint of the model's files."""
        return replace(INFO, version=f"{INFO.version} {stamp_model(self._folder)}")

    @cached_property
    def _table(self) -> Mapping[str, int]:
        table: Mapping[str, int] = json.loads((self._folder / "vocab.json").read_text("utf-8"))["vocab"]
        return table

    @cached_property
    def _profiles(self) -> tuple[VoiceProfile, ...]:
        """Of the voices that are cast: not those of languages whose phonemes we cannot make."""
        there = {*self.styles.names()} - _WHISPERING
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

    def warm(self) -> None:
        """Start the processes and load the model in each."""
        tokens, style = [0, self._table["a"], 0], self._style(parse(self.styles.names()[0]), [0, 0, 0], 0)
        request = {"tokens": tokens, "style": style}

        def load(_: int) -> None:
            # Who closes the engine meanwhile needs no model.
            with suppress(EngineFailedError):
                self._asked({**request, "speed": 1.0}, NEVER)
                self._asked(request, NEVER)

        with ThreadPoolExecutor(self._workers) as threads:
            list(threads.map(load, range(self._workers)))

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Give each speaker the voice, or the mixture of two, that is most like theirs, and all another."""
        _require_language(language)
        mixtures = [parse(voice.id).parts for voice in taken if voice.engine == NAME]
        chosen = likeness.cast(speakers, self._profiles, language, mixtures)
        return tuple(VoiceRef(NAME, Blend(mixture).id) for mixture in chosen)

    def frames_of(self, request: SpeechRequest) -> list[Frames]:
        """Return how many frames each symbol of the request's text lasts, piece by piece."""
        voice, pieces = self._pieces(request)
        return [self._measured(piece, voice, request.variation, NEVER) for piece in pieces]

    def predict_seconds(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> float:
        """Return how long the request's speech would be, without its making; takes some 30 ms.

        Raises EngineFailedError for text without a letter or digit, LanguageError.
        """
        voice, pieces = self._pieces(request)
        frames = [self._measured(piece, voice, request.variation, cancel) for piece in pieces]
        return durations.seconds_of(frames, self._speed(frames, voice, request), surplus(voice))

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Speak one line: 24 kHz mono, its silence trimmed.

        `seconds` is met to about 50 ms at speeds from 0.5 to 2; beyond them the nearest is returned. Raises
        EngineFailedError for text without a letter or digit, LanguageError.
        """
        cancel.check()
        voice, pieces = self._pieces(request)
        frames = [self._measured(piece, voice, request.variation, cancel) for piece in pieces]
        speed = self._speed(frames, voice, request)
        return joined([self._spoken(piece, voice, request.variation, speed, cancel) for piece in pieces])

    def voices(self, language: str) -> tuple[str, ...]:
        """Return the names of all voices, those made for the language first."""
        base = language.lower().replace("_", "-").split("-")[0]
        return tuple(sorted(self.styles.names(), key=lambda name: (ACCENTS[name[0]][0] != base, name)))

    def sample(self, voice: str, language: str, *, cancel: CancelToken = NEVER) -> Audio:
        """Speak a short sentence with a voice, or a mixture, for people to choose by."""
        ref = VoiceRef(NAME, parse(voice).id)
        return self.speak(SpeechRequest(sentence(language), language, ref), cancel=cancel)

    def _pieces(self, request: SpeechRequest) -> tuple[Blend, list[list[int]]]:
        """The voice, and the tokens of the text in pieces that the model takes."""
        if request.voice.engine != NAME:
            raise EngineFailedError(
                f"{NAME} cannot speak with a voice of {request.voice.engine!r}.",
                hint="Cast the speaker again.",
            )
        _require_language(request.language)
        voice = parse(request.voice.id)
        tag = phoneme_language(voice, request.language)
        text = clean_text(write_out(request.text, tag))
        spoken = symbols(text, tag, lambda texts: self._espeak.phonemes(texts, tag), self._table)
        pieces = [[0, *(self._table[char] for char in piece), 0] for piece in split(spoken, _LONGEST)]
        if not pieces:
            raise EngineFailedError(
                f"There is nothing to speak in {request.text!r}.", hint="Write a word, or leave the line out."
            )
        return voice, pieces

    def _speed(self, frames: Sequence[Frames], voice: Blend, request: SpeechRequest) -> float:
        if request.seconds is not None and request.seconds > 0:
            return durations.speed_for(frames, request.seconds, surplus(voice))
        return _reading(request.variation)[1]

    def _measured(self, piece: list[int], voice: Blend, variation: int, cancel: CancelToken) -> Frames:
        """How many frames each symbol lasts at speed 1; asked once for each text and voice."""
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
        # Two tokens are no symbols; the styles are counted from a text of one symbol.
        row = len(piece) - 3 + _reading(variation)[0]
        return base64.b64encode(self.styles.style(voice, row).tobytes()).decode("ascii")

    def _asked(self, request: Mapping[str, Any], cancel: CancelToken) -> NDArray[np.float32]:
        _, body = in_background(lambda: self._pool.ask(request, seconds=_SECONDS), cancel)
        return np.frombuffer(body, "<f4")


def _reading(variation: int) -> tuple[int, float]:
    return _READINGS[variation % len(_READINGS)]


def _require_language(language: str) -> None:
    tag = language.lower().replace("_", "-")
    if tag not in INFO.languages and tag.split("-")[0] not in INFO.languages:
        raise LanguageError(
            f"Kokoro does not speak {language!r}.",
            hint="`rythmo engines` lists the languages of each engine.",
        )


ENGINE = EngineSpec(info=INFO, create=KokoroVoice, missing=missing)
