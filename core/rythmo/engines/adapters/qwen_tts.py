"""Voices by Qwen3-TTS on this machine: clones from a few seconds of a speaker's speech, in ten languages.

Settings: `model` (a folder of a Base model), `device`, `max_new_tokens`, `references`.
RYTHMO_QWEN_TTS_MODEL names a folder for all projects. Weights are never downloaded here.
Base models have no voices of their own, so that a speaker without a reference cannot be cast.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rythmo import languages
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, SpeakerProfile, SpeechRequest
from rythmo.engines.local.background import in_background
from rythmo.engines.local.devices import (
    MODELS,
    load_torch,
    measure_size,
    mute_library,
    pick_device,
    run_in_batches,
)
from rythmo.engines.local.model_files import find_weights, require_folder, stamp_model
from rythmo.engines.local.seeds import compute_seed
from rythmo.engines.remote.audio_response import read_wav, require_speech
from rythmo.engines.remote.calls import BadAnswerError
from rythmo.engines.remote.keys import missing_package
from rythmo.engines.remote.reference import ReferenceRules, prepare_reference, write_wav
from rythmo.engines.remote.voice_ledger import clone_book
from rythmo.errors import EngineFailedError, EngineMissingError
from rythmo.media.audio import Audio
from rythmo.models import get_command
from rythmo.progress import NEVER, CancelToken
from rythmo.script.takes import VoiceRef

_VARIABLE = "RYTHMO_QWEN_TTS_MODEL"
_FILES = ("config.json", "speech_tokenizer")
_NAMES = ("Qwen3-TTS-12Hz-1.7B-Base", "Qwen3-TTS-12Hz-0.6B-Base")
_GET = get_command("qwen3-tts-1.7b")
_RULES = ReferenceRules(rate=24_000)
# The model makes 12 frames a second. Half a second for each character is slower than anybody speaks.
_FRAMES_PER_CHARACTER = 6
_MOST_FRAMES = 2048
_TRIES = 3

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="qwen-tts",
    version="3",
    summary="Qwen3-TTS on this machine: clones each speaker from a few seconds of their speech.",
    licence="Apache-2.0 (code and weights)",
    languages=frozenset({"zh", "en", "ja", "ko", "de", "fr", "ru", "pt", "es", "it"}),
    capabilities=frozenset({"clones", "needs_reference"}),
    rank=60,
    # Each line is seeded, but a GPU may round differently each time.
    deterministic=False,
)


class QwenVoice:
    """A Voice that runs Qwen3-TTS on this machine."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        load_torch()
        self._folder = folder
        self._device = pick_device(str(settings.get("device", "auto")))
        self._most = int(settings.get("max_new_tokens", _MOST_FRAMES))
        self._clones = clone_book(INFO.name, "here", settings)
        self._prompts: dict[str, Any] = {}
        self._lock = threading.Lock()
        self.info = replace(INFO, version=f"{version('qwen-tts')} {stamp_model(folder)}")

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return a clone for each speaker. Raises EngineFailedError for a speaker without a reference."""
        without = [speaker.name or speaker.id for speaker in speakers if not speaker.references]
        if without:
            raise EngineFailedError(
                f"Qwen3-TTS has no reference for {', '.join(without)}.",
                hint="Record consent for their voice, or choose an engine with stock voices.",
            )
        references = (write_wav(prepare_reference(speaker.references, _RULES)) for speaker in speakers)
        return tuple(VoiceRef(INFO.name, self._clones.add(sound)) for sound in references)

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the line at 24 kHz. A runaway or silent result is repeated with another seed, up to three
        times.

        Raises EngineFailedError when all attempts fail.
        """
        cancel.check()
        reason = ""
        for attempt in range(_TRIES):
            try:
                sound = in_background(lambda number=attempt: self._say(request, number), cancel)  # type: ignore[misc]  # a default binds the loop's value
                return require_speech(sound, request.text)
            except BadAnswerError as error:
                reason = str(error)
                cancel.check()
        raise EngineFailedError(
            f"Qwen3-TTS could not speak {request.text!r}: {reason}.",
            hint="Change the wording, or use another reference.",
        )

    def _say(self, request: SpeechRequest, attempt: int) -> Audio:
        torch = load_torch()
        frames = min(self._most, 60 + _FRAMES_PER_CHARACTER * len(request.text))

        def run(_: int) -> Any:
            # One line at a time, because torch has one random generator for the whole process.
            with self._model() as model, self._lock, torch.random.fork_rng(devices=self._cuda()):
                torch.manual_seed(compute_seed(request, attempt))
                return model.generate_voice_clone(
                    text=request.text,
                    language=languages.language_name(request.language),
                    voice_clone_prompt=self._prompt(model, request.voice.id),
                    max_new_tokens=frames,
                )

        waves, rate = run_in_batches(2, run, free=lambda: MODELS.free(device=self._device))
        return Audio(np.asarray(waves[0], np.float32).reshape(1, -1), int(rate))

    def _prompt(self, model: Any, voice_id: str) -> Any:
        if voice_id not in self._prompts:
            sound = read_wav(self._clones.sound(voice_id))
            # Timbre only, because the words of the reference aren't known here.
            self._prompts[voice_id] = model.create_voice_clone_prompt(
                ref_audio=(sound.samples[0], sound.rate), x_vector_only_mode=True
            )
        return self._prompts[voice_id]

    def _cuda(self) -> list[int]:
        return [int(self._device.partition(":")[2] or 0)] if self._device.startswith("cuda") else []

    def _model(self) -> AbstractContextManager[Any]:
        key = (INFO.name, str(self._folder), self._device)
        return MODELS.use(key, self._load, device=self._device, needs=measure_size(self._folder))

    def _load(self) -> Any:
        torch = load_torch()
        with mute_library():
            from qwen_tts import Qwen3TTSModel

            kind = torch.bfloat16 if self._device.startswith("cuda") else torch.float32
            # "eager" works on every machine; flash attention doesn't.
            return Qwen3TTSModel.from_pretrained(
                str(self._folder),
                device_map=self._device,
                dtype=kind,
                attn_implementation="eager",
                local_files_only=True,
            )

    def close(self) -> None:
        """Free the speakers' prompts; the model stays loaded for the next job until its memory is needed."""
        self._prompts.clear()


def _find() -> Path | None:
    return find_weights(_NAMES, [f"Qwen/{name}" for name in _NAMES], _FILES, _VARIABLE)


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the package and a Base model."""
    weights = () if _find() else (Missing("a Qwen3-TTS Base model", _GET, setting="model"),)
    return (*missing_package("qwen_tts", "qwen-tts"), *weights)


def create(settings: Mapping[str, Any]) -> QwenVoice:
    """Start with the model in the settings, or an installed one. Raises EngineMissingError."""
    wanted = settings.get("model")
    folder = require_folder(Path(str(wanted)), _FILES, "Qwen3-TTS model") if wanted else _find()
    if folder is None:
        raise EngineMissingError("Qwen3-TTS finds no model.", hint=f"Get one with: {_GET}")
    return QwenVoice(folder, settings)


ENGINE = EngineSpec(INFO, create, missing, frozenset({"device", "model", "max_new_tokens"}))
