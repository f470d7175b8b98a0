"""Voices of DashScope's Qwen-TTS: stock voices in ten languages.

Settings: `model`, `voices`, `base_url` (the region), and those of remote.Limits.
Reference: https://www.alibabacloud.com/help/en/model-studio/qwen-tts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rythmo import languages
from rythmo.engines.answers import read_wav, require_speech
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, SpeakerProfile, SpeechRequest
from rythmo.engines.dashscope_client import Account, checked, connect, missing
from rythmo.engines.http_call import call, check_url
from rythmo.engines.remote import BadAnswerError, Clock, Limits, Remote
from rythmo.engines.stock import StockVoice, choose_voices
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken
from rythmo.script.model import VoiceRef

_VOICES = (
    *(StockVoice(name, "female") for name in ("Cherry", "Jennifer", "Katerina", "Serena", "Chelsie", "Kiki")),
    *(StockVoice(name, "male") for name in ("Ethan", "Ryan", "Elias", "Nofish", "Marcus", "Peter", "Eric")),
)

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="dashscope",
    version="qwen3-tts-flash",
    summary="Alibaba's Qwen-TTS: stock voices in ten languages.",
    licence="a paid service; Alibaba Cloud's terms",
    languages=frozenset({"zh", "en", "de", "it", "pt", "es", "ja", "ko", "fr", "ru"}),
    local=False,
    sends="translated lines go to Alibaba Cloud (Singapore, unless `base_url` names another region)",
    rank=20,
    deterministic=False,
    at_once=3,
)


class DashScopeVoice:
    """A Voice of Qwen-TTS."""

    def __init__(self, account: Account, remote: Remote, settings: Mapping[str, Any]) -> None:
        self._model = str(settings.get("model", INFO.version))
        self.info = replace(INFO, version=self._model)
        self.usage = remote.usage
        self._account = account
        self._remote = remote
        self._voices = tuple(StockVoice(str(name)) for name in settings.get("voices", ())) or _VOICES

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Stock voices by pitch. Raises EngineFailedError when there are fewer than speakers."""
        used = {voice.id for voice in taken if voice.engine == INFO.name}
        chosen = choose_voices(speakers, self._voices, used, service="DashScope")
        return tuple(VoiceRef(INFO.name, name, {"model": self._model}) for name in chosen)

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """The line at 24 kHz."""
        self.usage.count(characters=len(request.text))
        return self._remote.call(
            lambda timeout: self._say(request, timeout), what="speak a line", cancel=cancel
        )

    def _say(self, request: SpeechRequest, timeout: float) -> Audio:
        from dashscope import MultiModalConversation

        answer = MultiModalConversation.call(
            model=self._model,
            text=request.text,
            voice=request.voice.id,
            language_type=languages.name(request.language),
            stream=False,
            **self._account.options(timeout),
        )
        audio = checked(answer).get("audio") or {}
        if not audio.get("url"):
            raise BadAnswerError("the answer names no sound")
        sound = call("GET", check_url(audio["url"]), timeout=timeout)
        return require_speech(read_wav(sound.body), request.text)

    def close(self) -> None:
        """Nothing to free."""


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> DashScopeVoice:
    """Start with the key in DASHSCOPE_API_KEY. Raises EngineMissingError without one."""
    account, remote = connect(settings, clock or Clock(), Limits(concurrency=INFO.at_once))
    return DashScopeVoice(account, remote, settings)


ENGINE = EngineSpec(INFO, create, missing)
