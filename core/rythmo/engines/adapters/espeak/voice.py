"""Draft voices by espeak-ng in 100 languages. The library runs in processes of its own.

A voice is one of espeak-ng's variants with pitch, range, formants and brightness tuned to the original
speaker, as measured by `media.prosody`. All settings are in `VoiceRef.settings`: the same voice and text
always give the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rythmo.engines.adapters.espeak import cast
from rythmo.engines.adapters.espeak.cast import Timbre
from rythmo.engines.adapters.espeak.manner import apply_manner, choose_manner
from rythmo.engines.adapters.espeak.offer import NAME, OFFER
from rythmo.engines.adapters.espeak.process import EspeakProcesses, missing
from rythmo.engines.adapters.espeak.sound import Waveform, clean_text, finish_waveform, tune_rate
from rythmo.engines.adapters.espeak.tune import Model, Tuning, natural_brightness, tune, vary_take
from rythmo.engines.adapters.espeak.voices import CODES, VERSION, compose_voice_file, find_code
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, SpeakerProfile, SpeechRequest
from rythmo.engines.voice_offer import read_pace, read_pitch
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken
from rythmo.script.model import Manner
from rythmo.script.takes import VoiceRef

_MOST_WORKERS = 4
_NATURAL_RATE = 170

INFO = EngineInfo(
    kind=Kind.VOICE,
    name=NAME,
    version=f"{VERSION}-3",
    summary="espeak-ng: synthetic voices matched in pitch, range and brightness; a draft, plainly artificial",
    licence="GPL-3.0-or-later (espeak-ng, in a process of its own)",
    languages=frozenset(CODES),
    capabilities=frozenset({"direction", "duration_control", "manner", "rules"}),
    draft=True,
    rank=10,
    at_once=min(_MOST_WORKERS, os.cpu_count() or 1),
)


class EspeakVoice:
    """A Voice that speaks with espeak-ng. Thread-safe: lines are spoken in parallel, in one process for each
    core."""

    info = INFO

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Create the engine. Settings: `workers` (default: cores, at most 4). Processes start with the first
        line."""
        self._processes = EspeakProcesses(int(settings.get("workers", INFO.at_once)))
        self._natural: dict[tuple[str, str], float] = {}

    def close(self) -> None:
        """End the worker processes."""
        self._processes.close()

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return a voice for each speaker, tuned to their measured prosody and distinct from all others.

        Raises LanguageError, EngineFailedError.
        """
        members = [_timbre(voice) for voice in taken if voice.engine == NAME]
        voices = []
        for index, speaker in enumerate(speakers):
            prosody = speaker.prosody
            pitch = prosody.pitch_hz or cast.default_pitch(index + len(taken))
            natural = self._brightness(cast.variants_for_pitch(pitch), pitch, language)
            timbre = cast.choose_timbre(pitch, prosody.brightness_hz, members, natural)
            members.append(timbre)
            tuning = tune(self._model(language), timbre, prosody, language)
            voices.append(_reference(tuning))
        return tuple(voices)

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return one line as 22.05 kHz mono, trimmed of silence, at the voice's constant level.

        `seconds` is met within 3 % between 80 and 400 words a minute; beyond that the nearest length is
        returned. The line follows the manner of the original, or a direction that contains known words.

        Raises EngineFailedError for text without a letter or digit, LanguageError.
        """
        cancel.check()
        text = clean_text(request.text)
        tuning, pace = vary_take(_shift_pitch(request.voice), request.variation)
        tuning, own_pace = apply_manner(tuning, choose_manner(request.direction, request.manner))

        def say(words_a_minute: int) -> Waveform:
            cancel.check()
            return self._say(tuning, text, request.language, words_a_minute)

        natural = round(_NATURAL_RATE * pace * own_pace * read_pace(request.voice))
        return finish_waveform(
            tune_rate(say, request.seconds, natural=natural), tuning.tilt_db, tuning.gain_db
        )

    def _say(self, tuning: Tuning, text: str, language: str, words_a_minute: int) -> Waveform:
        spoken = self._processes.language(language)
        voice = compose_voice_file(spoken, self._variant(tuning.design.variant), tuning.design)
        header, body = self._processes.speak(voice, text, words_a_minute)
        return Waveform(
            np.frombuffer(body, "<i2").astype(np.float32) / np.float32(32768), int(header["rate"])
        )

    def _variant(self, name: str) -> str:
        path = self._processes.data / "voices" / "!v" / name
        if not name.isalnum() or not path.is_file():
            raise EngineFailedError(f"espeak-ng has no variant {name!r}.", hint="Cast this speaker again.")
        return path.read_text("utf-8")

    def _model(self, language: str) -> Model:
        return lambda tuning, text: finish_waveform(
            self._say(tuning, text, language, _NATURAL_RATE), tuning.tilt_db, tuning.gain_db
        )

    def _brightness(self, variants: Sequence[str], pitch: float, language: str) -> dict[str, float]:
        """Return each variant's brightness, measured once for each language and register."""
        code, model = find_code(language) or "", self._model(language)
        register = 110.0 if pitch < cast.BETWEEN_HZ else 205.0
        for variant in variants:
            if (code, variant) not in self._natural:
                self._natural[code, variant] = natural_brightness(model, variant, register, language)
        return {variant: self._natural[code, variant] for variant in variants}


def _reference(tuning: Tuning) -> VoiceRef:
    return VoiceRef(NAME, tuning.name, tuning.settings())


def _tuning(voice: VoiceRef) -> Tuning:
    if voice.engine != NAME:
        raise EngineFailedError(
            f"{NAME} cannot speak with a voice of {voice.engine!r}.", hint="Cast the speaker again."
        )
    return Tuning.of(voice.settings)


def _shift_pitch(voice: VoiceRef) -> Tuning:
    """Return the voice's tuning at the pitch that a person set."""
    pitch = read_pitch(voice)
    return apply_manner(_tuning(voice), Manner(pitch=pitch))[0] if pitch else _tuning(voice)


def _timbre(voice: VoiceRef) -> Timbre:
    return _tuning(voice).timbre


ENGINE = EngineSpec(
    info=INFO, create=EspeakVoice, missing=missing, options=frozenset({"workers"}), voices=OFFER
)
