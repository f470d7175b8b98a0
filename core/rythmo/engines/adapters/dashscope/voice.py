"""Voices of DashScope's Qwen-TTS in ten languages: stock voices, and clones of the programme's speakers.

Settings: `model` (qwen3-tts-flash; qwen3-tts-instruct-flash takes directions; a name with "realtime" in it is
used over a websocket), `clone_model` (the model that speaks with clones), `voices`, `base_url` (the region),
`ledger`, `job`, `references` (see remote.cloning), and those of remote.calls.Limits.
Reference: https://www.alibabacloud.com/help/en/model-studio/qwen-tts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rythmo import languages
from rythmo.engines.adapters.dashscope.client import Account, DashScopeError, call_sdk, connect, missing
from rythmo.engines.adapters.dashscope.clones import RULES, is_gone, make_cloner
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, SpeakerProfile, SpeechRequest
from rythmo.engines.remote.audio_response import read_pcm, read_wav, require_speech
from rythmo.engines.remote.calls import REMOTE_OPTIONS, BadAnswerError, Clock, Limits, Remote
from rythmo.engines.remote.cloning import Clones, VoiceGoneError
from rythmo.engines.remote.http import check_url, send_request
from rythmo.engines.remote.stock_voices import StockVoice, choose_voices, make_stock_offer, named_voices
from rythmo.engines.remote.voice_ledger import CLONE_OPTIONS, PREFIX, RemoteVoice
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken
from rythmo.script.takes import VoiceRef

_VOICES = (
    *(StockVoice(name, "female") for name in ("Cherry", "Jennifer", "Katerina", "Serena", "Chelsie", "Kiki")),
    *(StockVoice(name, "male") for name in ("Ethan", "Ryan", "Elias", "Nofish", "Marcus", "Peter", "Eric")),
)
_CLONES, _REALTIME_CLONES = "qwen3-tts-vc-2026-01-22", "qwen3-tts-vc-realtime-2026-01-15"

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="dashscope",
    version="qwen3-tts-flash",
    summary="Alibaba's Qwen-TTS: stock voices, or clones of each speaker, in ten languages.",
    licence="a paid service; Alibaba Cloud's terms",
    languages=frozenset({"zh", "en", "de", "it", "pt", "es", "ja", "ko", "fr", "ru"}),
    local=False,
    sends="translated lines, directions and, for clones, references of the speakers go to Alibaba Cloud "
    "(Singapore, unless `base_url` names another region)",
    capabilities=frozenset({"clones", "multilingual"}),
    rank=20,
    deterministic=False,
    at_once=3,
)


class DashScopeVoice:
    """A Voice that uses Qwen-TTS."""

    def __init__(self, account: Account, remote: Remote, settings: Mapping[str, Any]) -> None:
        self._model = str(settings.get("model", INFO.version))
        usual = _REALTIME_CLONES if _is_realtime(self._model) else _CLONES
        self._clone_model = str(settings.get("clone_model", usual))
        directed = {"direction"} if "instruct" in self._model else set()
        self.info = replace(INFO, version=self._model, capabilities=INFO.capabilities | directed)
        self.usage = remote.usage
        self._account = account
        self._remote = remote
        self._voices = named_voices(settings) or _VOICES
        # A clone works with one model only, so each model has a job of its own.
        job = f"{settings.get('job', '')} {self._clone_model}".strip()
        self._clones = Clones(
            INFO.name, account.url, remote, make_cloner(account, self._clone_model), {**settings, "job": job}
        )

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return clones for speakers with references, and stock voices by pitch for the others.

        Nothing is sent yet.

        Raises EngineFailedError when there are fewer stock voices than speakers.
        """
        clones = {speaker.id: self._clones.add(speaker, RULES) for speaker in speakers if speaker.references}
        others = [speaker for speaker in speakers if speaker.id not in clones]
        used = {voice.id for voice in taken if voice.engine == INFO.name}
        chosen = choose_voices(others, self._voices, used, service="DashScope")
        stock = dict(zip([speaker.id for speaker in others], chosen, strict=True))
        return tuple(self._ref(clones.get(speaker.id) or stock[speaker.id]) for speaker in speakers)

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the line, spoken, at 24 kHz."""
        self.usage.count(characters=len(request.text))

        def say(voice: str) -> Audio:
            return self._remote.call(
                lambda timeout: self._say(request, voice, timeout), what="speak a line", cancel=cancel
            )

        return self._clones.speak(request.voice.id, say, cancel)

    def delete_voice(self, voice: RemoteVoice) -> None:
        """Delete one clone; one that no longer exists counts as deleted. Raises EngineFailedError."""
        self._clones.delete(voice)

    def close(self) -> None:
        """Delete this job's clones."""
        self._clones.close()

    def _ref(self, voice_id: str) -> VoiceRef:
        return VoiceRef(INFO.name, voice_id, {"model": self._speaks_with(voice_id)})

    def _speaks_with(self, voice_id: str) -> str:
        return self._clone_model if voice_id.startswith(PREFIX) else self._model

    def _say(self, request: SpeechRequest, voice: str, timeout: float) -> Audio:
        model = self._speaks_with(request.voice.id)
        try:
            sound = (self._stream if _is_realtime(model) else self._fetch)(request, model, voice, timeout)
        except DashScopeError as error:
            if is_gone(str(error)):
                raise VoiceGoneError from error
            raise
        return require_speech(sound, request.text)

    def _fetch(self, request: SpeechRequest, model: str, voice: str, timeout: float) -> Audio:
        from dashscope import MultiModalConversation

        output = call_sdk(
            MultiModalConversation.call,
            model=model,
            text=request.text,
            voice=voice,
            language_type=languages.language_name(request.language),
            stream=False,
            **({"instructions": request.direction} if _directs(model, request) else {}),
            **self._account.options(timeout),
        )
        audio = output.get("audio")
        if not isinstance(audio, Mapping) or not audio.get("url"):
            raise BadAnswerError("the answer contains no audio address")
        return read_wav(send_request("GET", check_url(str(audio["url"])), timeout=timeout).body)

    def _stream(self, request: SpeechRequest, model: str, voice: str, timeout: float) -> Audio:
        from rythmo.engines.adapters.dashscope import realtime

        data = realtime.stream_line(
            self._account,
            model=model,
            voice=voice,
            text=request.text,
            language=languages.language_name(request.language),
            instructions=request.direction if _directs(model, request) else "",
            timeout=timeout,
        )
        return read_pcm(data, realtime.RATE)


def _is_realtime(model: str) -> bool:
    return "realtime" in model


def _directs(model: str, request: SpeechRequest) -> bool:
    return bool(request.direction) and "instruct" in model


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> DashScopeVoice:
    """Start the engine with the key in DASHSCOPE_API_KEY. Raises EngineMissingError without one."""
    account, remote = connect(settings, clock or Clock(), Limits(concurrency=INFO.at_once))
    return DashScopeVoice(account, remote, settings)


def _keep_model(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"model": str(settings.get("model", INFO.version))}


ENGINE = EngineSpec(
    INFO,
    create,
    missing,
    REMOTE_OPTIONS | CLONE_OPTIONS | {"model", "clone_model", "voices"},
    make_stock_offer(INFO.name, _VOICES, _keep_model),
)
