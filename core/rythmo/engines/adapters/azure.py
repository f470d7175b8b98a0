"""Neural voices of Azure Speech through its REST interface, with duration control and speaking styles.

Settings: `region` (or AZURE_SPEECH_REGION), `voices` (names), `base_url`, and those of remote.Limits.
Reference: https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from rythmo import languages
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, SpeechRequest
from rythmo.engines.remote.audio_response import read_wav, require_speech
from rythmo.engines.remote.calls import REMOTE_OPTIONS, BadAnswerError, Clock, Limits, Remote, read_limits
from rythmo.engines.remote.http import ERRORS, check_url, explain_error, send_request
from rythmo.engines.remote.keys import Key, missing_key, require_key, variable_command
from rythmo.engines.remote.stock_voices import StockSpeaker, StockVoice, make_stock_offer
from rythmo.errors import EngineMissingError, UsageError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken

KEY = "AZURE_SPEECH_KEY"
REGION = "AZURE_SPEECH_REGION"
_FORMAT = "riff-24khz-16bit-mono-pcm"
_NAMESPACES = 'xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="http://www.w3.org/2001/mstts"'
# XML 1.0 can't represent these characters, not even escaped.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LANGUAGES = languages.parse_codes(
    "af am ar az bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja "
    "jv ka kk km kn ko lo lt lv mk ml mn mr ms mt my nb ne nl no pa pl ps pt ro ru si sk sl so sq sr "
    "su sv sw ta te th tr uk ur uz vi yue zh zu"
)
# Azure lists Norwegian as Bokmål.
_CODES = {"no": "nb"}

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="azure",
    version="v1",
    summary="Azure's neural voices, with speaking styles and true duration control.",
    licence="a paid service; Microsoft's terms",
    languages=_LANGUAGES,
    local=False,
    sends="translated lines and directions go to Microsoft Azure, to the region you choose",
    capabilities=frozenset({"direction", "duration_control"}),
    rank=20,
    deterministic=False,
    at_once=4,
)


class AzureVoice(StockSpeaker):
    """A Voice of Azure Speech."""

    def __init__(self, server: str, key: Key, remote: Remote, settings: Mapping[str, Any]) -> None:
        super().__init__(INFO, remote, settings)
        self._server = server
        self._key = key
        self._known: tuple[dict[str, Any], ...] | None = None

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the line at 24 kHz; `seconds` is met between half and twice the voice's own pace."""
        style = (
            request.direction
            if request.direction in self._styles(request.voice.id, request.direction)
            else ""
        )
        body = build_ssml(request.text, request.voice.id, style=style, seconds=request.seconds).encode()
        headers = self._headers() | {
            "content-type": "application/ssml+xml",
            "x-microsoft-outputformat": _FORMAT,
        }
        self.usage.count(characters=len(request.text))

        def attempt(timeout: float) -> Audio:
            answer = send_request(
                "POST", f"{self._server}/cognitiveservices/v1", body=body, headers=headers, timeout=timeout
            )
            return require_speech(read_wav(answer.body), request.text)

        return self._remote.call(attempt, what="speak a line", cancel=cancel)

    def _styles(self, voice: str, direction: str) -> tuple[str, ...]:
        if not direction:
            return ()
        return next(
            (tuple(one.get("StyleList", ())) for one in self._list() if one.get("ShortName") == voice), ()
        )

    def _voices_of(self, language: str) -> tuple[StockVoice, ...]:
        wanted = _CODES.get(language, language)
        own = [one for one in self._list() if str(one.get("Locale", "")).split("-")[0] == wanted]
        voices = [StockVoice(str(one.get("ShortName")), str(one.get("Gender", "")).lower()) for one in own]
        return tuple(sorted(voices, key=lambda one: one.id))

    def _list(self) -> tuple[dict[str, Any], ...]:
        if self._known is None:
            self._known = self._remote.call(self._ask, what="list its voices")
        return self._known

    def _ask(self, timeout: float) -> tuple[dict[str, Any], ...]:
        url = f"{self._server}/cognitiveservices/voices/list"
        answer = send_request("GET", url, headers=self._headers(), timeout=timeout).json()
        if not isinstance(answer, list):
            raise BadAnswerError("the answer is not a list of voices")
        return tuple(one for one in answer if isinstance(one, dict))

    def _headers(self) -> dict[str, str]:
        return {"ocp-apim-subscription-key": self._key.reveal(), "user-agent": "rythmo"}


def build_ssml(text: str, voice: str, *, style: str = "", seconds: float | None = None) -> str:
    """Return the line as SSML. Its text is escaped, so that nothing in it acts as markup."""
    spoken = escape(_NOT_XML.sub(" ", text))
    if style:
        spoken = f"<mstts:express-as style={quoteattr(style)}>{spoken}</mstts:express-as>"
    length = "" if seconds is None else f'<mstts:audioduration value="{round(seconds * 1000)}ms"/>'
    locale = quoteattr("-".join(voice.split("-")[:2]))
    return (
        f'<speak version="1.0" {_NAMESPACES} xml:lang={locale}>'
        f"<voice name={quoteattr(voice)}>{length}{spoken}</voice></speak>"
    )


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the key and its region."""
    region = (
        ()
        if os.environ.get(REGION)
        else (Missing("a region", variable_command(REGION, "westeurope"), setting="region"),)
    )
    return (*missing_key(KEY, "Azure Speech"), *region)


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> AzureVoice:
    """Start the engine with the key in AZURE_SPEECH_KEY.

    Raises EngineMissingError without a key or a region, UsageError when the region can't be one.
    """
    key = require_key(KEY, "Azure Speech")
    region = str(settings.get("region") or os.environ.get(REGION, ""))
    url = settings.get("base_url") or (f"https://{region}.tts.speech.microsoft.com" if region else "")
    if not url:
        raise EngineMissingError("Azure needs a region.", hint=variable_command(REGION, "westeurope"))
    if region and not region.isalnum():
        raise UsageError(f"{region!r} is not an Azure region.", hint="Write it like this: westeurope.")
    limits = read_limits(settings, Limits(concurrency=INFO.at_once))
    hint = f"Check the key in {KEY} and that it belongs to the region in {REGION}."
    remote = Remote(
        "Azure", ERRORS, explain_error, hint, limits, secrets=(key.reveal(),), clock=clock or Clock()
    )
    return AzureVoice(check_url(str(url)), key, remote, settings)


ENGINE = EngineSpec(INFO, create, missing, REMOTE_OPTIONS | {"region", "voices"}, make_stock_offer(INFO.name))
