"""Voices of ElevenLabs: instant clones of the programme's speakers, or the stock voices of the account.

A clone is made when its first line is spoken, once for each speaker and job, and deleted by `close`.
Settings: `model`, `base_url`, `stability`, `similarity`, `style`, `output_rate`, `voices` (ids of stock
voices), `ledger`, `job`, `references` (see remote.cloning), and those of remote.calls.Limits.
Reference: https://elevenlabs.io/docs/api-reference/text-to-speech
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rythmo import languages
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, SpeakerProfile, SpeechRequest
from rythmo.engines.local.seeds import compute_seed
from rythmo.engines.remote.audio_response import call_checked, read_pcm, require_speech
from rythmo.engines.remote.calls import (
    REMOTE_OPTIONS,
    BadAnswerError,
    Clock,
    Limits,
    Remote,
    Trouble,
    read_limits,
    read_retry_after,
)
from rythmo.engines.remote.cloning import Cloner, Clones, VoiceGoneError
from rythmo.engines.remote.keys import missing_key, missing_package, require_key
from rythmo.engines.remote.proxies import check_proxies, is_this_machine
from rythmo.engines.remote.stock_voices import StockVoice, choose_voices, make_stock_offer, named_voices
from rythmo.engines.remote.voice_ledger import CLONE_OPTIONS, RemoteVoice
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken
from rythmo.script.takes import VoiceRef

if TYPE_CHECKING:
    from elevenlabs import ElevenLabs

KEY = "ELEVENLABS_API_KEY"
SERVER = "https://api.elevenlabs.io"
_MULTILINGUAL = "eleven_multilingual_v2"
_WIDER = "eleven_flash_v2_5"
# The languages of eleven_multilingual_v2; eleven_flash_v2_5 adds three.
_LANGUAGES = languages.parse_codes(
    "ar bg cs da de el en es fi fr hi hr id it ja ko ms nl pl pt ro ru sk sv ta tl tr uk zh"
)
_ONLY_WIDER = languages.parse_codes("hu nb no vi")

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="elevenlabs",
    version=_MULTILINGUAL,
    summary="ElevenLabs: clones each speaker from a few seconds of their speech, or uses stock voices.",
    licence="a paid service; ElevenLabs' terms",
    languages=_LANGUAGES | _ONLY_WIDER,
    local=False,
    sends="translated lines, directions and, for clones, references of the speakers go to ElevenLabs",
    capabilities=frozenset({"clones", "multilingual"}),
    rank=30,
    deterministic=False,
    at_once=3,
)


class ElevenLabsVoice:
    """A Voice that uses ElevenLabs."""

    def __init__(self, client: ElevenLabs, server: str, remote: Remote, settings: Mapping[str, Any]) -> None:
        self._model = str(settings.get("model") or "")
        can = INFO.capabilities | ({"direction"} if "v3" in self._model else set())
        self.info = replace(INFO, version=self._model or _MULTILINGUAL, capabilities=can)
        self.usage = remote.usage
        self._client = client
        self._remote = remote
        self._settings = settings
        self._rate = int(settings.get("output_rate", 24_000))
        cloner = Cloner(self._create, self._search, self._delete)
        self._clones = Clones(INFO.name, server, remote, cloner, settings)
        self._stock: tuple[StockVoice, ...] | None = None

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return clones for speakers with references, and stock voices for the others. Nothing is sent yet.

        Raises EngineFailedError when the account has too few stock voices.
        """
        clones = {speaker.id: self._clones.add(speaker) for speaker in speakers if speaker.references}
        others = [speaker for speaker in speakers if speaker.id not in clones]
        used = {voice.id for voice in taken if voice.engine == INFO.name}
        stock = dict(zip([speaker.id for speaker in others], self._choose(others, used), strict=True))
        return tuple(self._ref(clones.get(speaker.id) or stock[speaker.id]) for speaker in speakers)

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the line, spoken, at `output_rate` (24 kHz)."""
        return self._clones.speak(request.voice.id, lambda voice: self._say(request, voice, cancel), cancel)

    def delete_voice(self, voice: RemoteVoice) -> None:
        """Delete one clone; one that no longer exists counts as deleted. Raises EngineFailedError."""
        self._clones.delete(voice)

    def close(self) -> None:
        """Delete this job's clones."""
        self._clones.close()

    def _ref(self, voice_id: str) -> VoiceRef:
        kept = {
            name: self._settings[name]
            for name in ("stability", "similarity", "style")
            if name in self._settings
        }
        return VoiceRef(INFO.name, voice_id, {"model": self.info.version, **kept})

    def _choose(self, speakers: Sequence[SpeakerProfile], used: set[str]) -> tuple[str, ...]:
        if not speakers:
            return ()
        if self._stock is None:
            self._stock = named_voices(self._settings) or self._list_stock()
        return choose_voices(speakers, self._stock, used, service="ElevenLabs")

    def _list_stock(self) -> tuple[StockVoice, ...]:
        def attempt(timeout: float) -> tuple[StockVoice, ...]:
            found = call_checked(
                self._client.voices.search,
                category="premade",
                page_size=100,
                request_options=_options(timeout),
            )
            labels = [(one.voice_id, (one.labels or {}).get("gender", "")) for one in found.voices or ()]
            return tuple(StockVoice(voice_id, gender) for voice_id, gender in sorted(labels))

        return self._remote.call(attempt, what="list its voices")

    def _create(self, name: str, reference: bytes, timeout: float) -> str:
        made = call_checked(
            self._client.voices.ivc.create,
            name=name,
            files=[("reference.wav", reference, "audio/wav")],
            remove_background_noise=False,
            request_options=_options(timeout),
        )
        # For a malformed answer of status 200 the SDK returns an object without its fields.
        if not getattr(made, "voice_id", None):
            raise BadAnswerError("the answer names no voice")
        return str(made.voice_id)

    def _delete(self, voice_id: str, timeout: float) -> None:
        from elevenlabs.core import ApiError

        try:
            self._client.voices.delete(voice_id, request_options=_options(timeout))
        except ApiError as error:
            if _is_gone(error):
                raise VoiceGoneError from error
            raise

    def _search(self, name: str, timeout: float) -> str | None:
        found = call_checked(self._client.voices.search, search=name, request_options=_options(timeout))
        return next((one.voice_id for one in found.voices or () if one.name == name), None)

    def _say(self, request: SpeechRequest, voice: str, cancel: CancelToken) -> Audio:
        self.usage.count(characters=len(request.text))
        return self._remote.call(
            lambda timeout: self._convert(request, voice, timeout), what="speak a line", cancel=cancel
        )

    def _convert(self, request: SpeechRequest, voice: str, timeout: float) -> Audio:
        from elevenlabs.core import ApiError

        convert = self._client.text_to_speech.with_raw_response.convert
        try:
            with convert(voice, request_options=_options(timeout), **self._wishes(request)) as answer:
                kind = answer.headers.get("content-type", "")
                data = b"".join(answer.data)
        except ApiError as error:
            if _is_gone(error):
                raise VoiceGoneError from error
            raise
        if "json" in kind or "html" in kind:
            raise BadAnswerError("the answer is text, not audio")
        return require_speech(read_pcm(data, self._rate), request.text)

    def _wishes(self, request: SpeechRequest) -> dict[str, Any]:
        from elevenlabs import VoiceSettings

        model = self._model or (_WIDER if request.language in _ONLY_WIDER else _MULTILINGUAL)
        settings = {**self._settings, **request.voice.settings}
        wishes: dict[str, Any] = {
            "text": request.text,
            "model_id": model,
            "output_format": f"pcm_{self._rate}",
            "seed": compute_seed(request),
            "voice_settings": VoiceSettings(
                stability=float(settings.get("stability", 0.5)),
                similarity_boost=float(settings.get("similarity", 0.75)),
                style=float(settings.get("style", 0.0)),
            ),
        }
        if "v2_5" in model or "v3" in model:
            # Older models answer 400 when the request names a language.
            wishes["language_code"] = "no" if request.language == "nb" else request.language
        if "v3" in model and request.direction:
            wishes["text"] = f"[{request.direction}] {request.text}"
        return wishes


def _options(timeout: float) -> Any:
    # The SDK's type asks for whole seconds, but it passes the number to httpx unchanged. Its retries are off:
    # see remote/calls.py.
    return {"max_retries": 0, "timeout_in_seconds": timeout}


def _is_gone(error: Any) -> bool:
    return error.status_code == 404 or "voice_not_found" in str(error.body)


def explain_error(error: Exception, now: datetime) -> Trouble:
    """Return what an error of the SDK means for the next attempt."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return Trouble("no answer in time")
    if isinstance(error, httpx.HTTPError):
        return Trouble(f"no connection ({error})")
    status, body = getattr(error, "status_code", None), getattr(error, "body", None)
    if status is None or status < 400:
        return Trouble("the answer is not valid", retry=True)
    detail = body.get("detail") if isinstance(body, dict) else None
    reason = detail.get("message") or detail.get("status") if isinstance(detail, dict) else detail or body
    spent = "quota_exceeded" in str(body)
    return Trouble(
        f"{status}, {reason}",
        status,
        read_retry_after(getattr(error, "headers", None) or {}, now),
        False if spent else None,
    )


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the package and a key."""
    return (*missing_package("elevenlabs", "elevenlabs"), *missing_key(KEY, "ElevenLabs"))


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> ElevenLabsVoice:
    """Start the engine with the key in ELEVENLABS_API_KEY. Raises EngineMissingError without one."""
    key = require_key(KEY, "ElevenLabs").reveal()
    import httpx
    from elevenlabs import ElevenLabs
    from elevenlabs.core import ApiError

    server = str(settings.get("base_url") or SERVER)
    check_proxies(server, "httpx")
    limits = read_limits(settings, Limits(concurrency=INFO.at_once, timeout_s=120.0))
    hint = f"Check the key in {KEY}, and that your plan allows this (instant clones need a paid plan)."
    remote = Remote(
        "ElevenLabs",
        (ApiError, httpx.HTTPError),
        explain_error,
        hint,
        limits,
        secrets=(key,),
        clock=clock or Clock(),
    )
    own = httpx.Client(trust_env=False, follow_redirects=True) if is_this_machine(server) else None
    client = ElevenLabs(api_key=key, base_url=server, httpx_client=own)
    return ElevenLabsVoice(client, server, remote, settings)


ENGINE = EngineSpec(
    INFO,
    create,
    missing,
    REMOTE_OPTIONS | CLONE_OPTIONS | {"model", "output_rate", "similarity", "stability", "style", "voices"},
    make_stock_offer(INFO.name),
)
