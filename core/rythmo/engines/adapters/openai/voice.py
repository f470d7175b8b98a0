"""Voices of OpenAI, or of a server with its protocol: stock voices that take stage directions.

Settings: `model`, `voices` (names; other servers have their own), `base_url`, and those of
remote.calls.Limits. Reference: https://platform.openai.com/docs/api-reference/audio/createSpeech
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rythmo import languages
from rythmo.engines.adapters.openai.client import (
    connect,
    connect_compatible,
    missing_compatible,
    missing_openai,
)
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, SpeechRequest
from rythmo.engines.remote.audio_response import read_wav, require_speech
from rythmo.engines.remote.calls import REMOTE_OPTIONS, Clock, Remote
from rythmo.engines.remote.stock_voices import StockSpeaker, StockVoice, make_stock_offer, named_voices
from rythmo.errors import EngineMissingError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken

if TYPE_CHECKING:
    import openai

# From OpenAI's text-to-speech guide. The service states no genders; these are how the voices sound.
_VOICES = (
    *(StockVoice(name, "female") for name in ("coral", "nova", "sage", "shimmer", "marin")),
    *(StockVoice(name, "male") for name in ("ash", "echo", "onyx", "verse", "ballad", "cedar")),
    *(StockVoice(name) for name in ("alloy", "fable")),
)
# The languages that the model's documentation lists (those of Whisper).
_LANGUAGES = languages.parse_codes(
    "af ar az be bg bs ca cs cy da de el en es et fa fi fr gl he hi hr hu hy id is it ja kk kn ko lt "
    "lv mi mk mr ms nb ne nl no pl pt ro ru sk sl sr sv sw ta th tl tr uk ur vi zh"
)
URL_VARIABLE, MODEL_VARIABLE = "RYTHMO_SPEECH_URL", "RYTHMO_SPEECH_MODEL"

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="openai",
    version="gpt-4o-mini-tts",
    summary="OpenAI's stock voices, which take stage directions.",
    licence="a paid service; OpenAI's terms",
    languages=_LANGUAGES,
    local=False,
    sends="translated lines and directions go to OpenAI (or to the `base_url` you set)",
    capabilities=frozenset({"direction", "multilingual"}),
    rank=20,
    deterministic=False,
    at_once=4,
)
COMPATIBLE_INFO = replace(
    INFO,
    name="openai-compatible",
    version="speech",
    summary="A voice server of yours with OpenAI's protocol, such as Kokoro-FastAPI or vLLM.",
    licence="that of the model you run",
    languages=frozenset(),
    sends="translated lines go to the server whose address you give, which may be this machine",
)


class OpenAIVoice(StockSpeaker):
    """A Voice that uses OpenAI's speech protocol."""

    def __init__(
        self, info: EngineInfo, client: openai.OpenAI, remote: Remote, settings: Mapping[str, Any]
    ) -> None:
        super().__init__(info, remote, settings, usual=_VOICES)
        self._client = client
        self._model = str(settings["model"])
        self._kept = {"model": self._model}

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the line, spoken, at the service's rate (24 kHz for OpenAI)."""
        self.usage.count(characters=len(request.text))
        directed: dict[str, Any] = {"instructions": request.direction} if request.direction else {}

        def attempt(timeout: float) -> Audio:
            answer = self._client.audio.speech.create(
                model=self._model,
                voice=request.voice.id,
                input=request.text,
                response_format="wav",
                timeout=timeout,
                **directed,
            )
            return require_speech(read_wav(answer.content), request.text)

        sound = self._remote.call(attempt, what="speak a line", cancel=cancel)
        self.usage.count(seconds=sound.seconds)
        return sound

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> OpenAIVoice:
    """Start the engine for OpenAI or `base_url`, with the key in OPENAI_API_KEY. Raises
    EngineMissingError."""
    settings = {"model": INFO.version, **settings}
    client, remote = connect(settings, clock or Clock())
    info = replace(INFO, version=str(settings["model"]))
    return OpenAIVoice(info, client, remote, settings)


def create_compatible(settings: Mapping[str, Any], clock: Clock | None = None) -> OpenAIVoice:
    """Start the engine for a compatible server.

    Raises EngineMissingError without its address, a model and the names of voices.
    """
    model = settings.get("model") or os.environ.get(MODEL_VARIABLE)
    client, remote = connect_compatible(settings, clock or Clock(), variable=URL_VARIABLE)
    if not model or not named_voices(settings):
        raise EngineMissingError(
            "The openai-compatible voice engine needs the names of a model and of voices.",
            hint='Set `model` and `voices`, for example model = "kokoro", voices = ["af_bella", "am_adam"].',
        )
    info = replace(COMPATIBLE_INFO, version=str(model), address=str(client.base_url))
    return OpenAIVoice(info, client, remote, {**settings, "model": model})


def _keep_model(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"model": str(settings.get("model", INFO.version))}


OPTIONS = REMOTE_OPTIONS | {"model", "voices"}
ENGINE = EngineSpec(
    INFO,
    create,
    missing_openai,
    OPTIONS,
    make_stock_offer(INFO.name, _VOICES, _keep_model),
)


def missing_server() -> tuple[Missing, ...]:
    """Return what is missing of the package and a server's address."""
    return missing_compatible(URL_VARIABLE)


def _keep_compatible_model(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"model": str(settings.get("model") or os.environ.get(MODEL_VARIABLE, ""))}


COMPATIBLE = EngineSpec(
    COMPATIBLE_INFO,
    create_compatible,
    missing_server,
    OPTIONS,
    make_stock_offer(COMPATIBLE_INFO.name, kept=_keep_compatible_model),
)
