"""Voices of Google Cloud Text-to-Speech through its REST interface.

Settings: `voices` (names), `families` (kinds of voices, best first), `base_url`, and those of
remote.calls.Limits. Reference: https://cloud.google.com/text-to-speech/docs/reference/rest
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from rythmo import languages
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, SpeechRequest
from rythmo.engines.remote.audio_response import read_wav, require_speech
from rythmo.engines.remote.calls import REMOTE_OPTIONS, BadAnswerError, Clock, Limits, Remote, read_limits
from rythmo.engines.remote.http import ERRORS, check_url, explain_error, send_request
from rythmo.engines.remote.keys import Key, missing_key, require_key
from rythmo.engines.remote.stock_voices import StockSpeaker, StockVoice, make_stock_offer
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken

KEY = "GOOGLE_API_KEY"
SERVER = "https://texttospeech.googleapis.com"
_RATE = 24_000
_FAMILIES = ("Chirp3-HD", "Neural2", "Wavenet", "Standard")
_LANGUAGES = languages.parse_codes(
    "ar bg bn ca cs da de el en es et eu fi fr gl gu he hi hr hu id is it ja kn ko lt lv ml mr ms nb "
    "nl no pa pl pt ro ru sk sl sr sv sw ta te th tr uk ur vi yue zh"
)
# The service uses its own codes for a few languages.
_CODES = {"zh": "cmn", "no": "nb", "tl": "fil"}

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="google",
    version="v1",
    summary="Google Cloud's neural voices.",
    licence="a paid service; Google Cloud's terms",
    languages=_LANGUAGES,
    local=False,
    sends="translated lines go to Google Cloud",
    rank=20,
    deterministic=False,
    at_once=4,
)


class GoogleVoice(StockSpeaker):
    """A Voice of Google Cloud."""

    def __init__(self, server: str, key: Key, remote: Remote, settings: Mapping[str, Any]) -> None:
        super().__init__(INFO, remote, settings)
        self._server = server
        self._key = key
        self._families = tuple(settings.get("families", _FAMILIES))
        self._lists: dict[str, tuple[StockVoice, ...]] = {}

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the line, spoken, at 24 kHz."""
        # A voice's name begins with its language and region: es-US-Neural2-A.
        body = {
            "input": {"text": request.text},
            "voice": {"languageCode": "-".join(request.voice.id.split("-")[:2]), "name": request.voice.id},
            "audioConfig": {"audioEncoding": "LINEAR16", "sampleRateHertz": _RATE},
        }
        data = json.dumps(body, ensure_ascii=False).encode()
        self.usage.count(characters=len(request.text))

        def attempt(timeout: float) -> Audio:
            url = f"{self._server}/v1/text:synthesize"
            answer = send_request("POST", url, body=data, headers=self._headers(), timeout=timeout).json()
            return require_speech(read_wav(_sound(answer)), request.text)

        return self._remote.call(attempt, what="speak a line", cancel=cancel)

    def _voices_of(self, language: str) -> tuple[StockVoice, ...]:
        if language not in self._lists:
            url = f"{self._server}/v1/voices?languageCode={quote(_CODES.get(language, language))}"
            answer = self._remote.call(partial(self._ask, url), what="list its voices")
            self._lists[language] = self._sorted(answer)
        return self._lists[language]

    def _ask(self, url: str, timeout: float) -> Any:
        answer = send_request("GET", url, headers=self._headers(), timeout=timeout).json()
        if not isinstance(answer, dict):
            raise BadAnswerError("the answer is not a list of voices")
        return answer

    def _sorted(self, answer: Mapping[str, Any]) -> tuple[StockVoice, ...]:
        found = []
        for voice in answer.get("voices", ()):
            name = str(voice.get("name", ""))
            family = next((n for n, one in enumerate(self._families) if one in name), None)
            if family is not None:
                found.append((family, name, StockVoice(name, str(voice.get("ssmlGender", "")).lower())))
        return tuple(voice for _, _, voice in sorted(found, key=lambda one: one[:2]))

    def _headers(self) -> dict[str, str]:
        # The key goes into a header, because addresses end up in logs.
        return {"content-type": "application/json", "x-goog-api-key": self._key.reveal()}


def _sound(answer: Any) -> bytes:
    try:
        return base64.b64decode(answer["audioContent"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise BadAnswerError("there is no audio in the answer") from error


def missing() -> tuple[Missing, ...]:
    """Return the key as missing when there is none."""
    return missing_key(KEY, "Google Cloud")


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> GoogleVoice:
    """Start the engine with the key in GOOGLE_API_KEY. Raises EngineMissingError without one."""
    key = require_key(KEY, "Google Cloud")
    limits = read_limits(settings, Limits(concurrency=INFO.at_once))
    hint = f"Check the key in {KEY}, and that the Text-to-Speech API is enabled for it."
    remote = Remote(
        "Google Cloud", ERRORS, explain_error, hint, limits, secrets=(key.reveal(),), clock=clock or Clock()
    )
    return GoogleVoice(check_url(str(settings.get("base_url") or SERVER)), key, remote, settings)


ENGINE = EngineSpec(
    INFO, create, missing, REMOTE_OPTIONS | {"families", "voices"}, make_stock_offer(INFO.name)
)
