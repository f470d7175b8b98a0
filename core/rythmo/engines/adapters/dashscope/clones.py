"""Clones of Qwen-TTS at DashScope: enrolment, look-up and deletion.

This uses plain HTTP. The SDK's VoiceEnrollmentService is for clones of CosyVoice, needs a reference at a
public address, and repeats requests by itself. Here the reference is part of the request. Reference:
https://www.alibabacloud.com/help/en/model-studio/qwen-tts-voice-cloning
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from rythmo.engines.adapters.dashscope.client import Account
from rythmo.engines.remote.calls import BadAnswerError
from rythmo.engines.remote.cloning import Cloner, VoiceGoneError
from rythmo.engines.remote.http import StatusError, send_request
from rythmo.engines.remote.reference import ReferenceRules, fingerprint

RULES = ReferenceRules(rate=24_000, target_s=12.0, longest_s=20.0, shortest_s=3.0, padded_s=3.0)
"""The service's rules: 10 to 20 s of mono at 24 kHz or more, of which at least 3 s are speech."""

_MODEL = "qwen-voice-enrollment"
_PAGE = 100


def make_cloner(account: Account, target: str) -> Cloner:
    """Return the functions that create, find and delete clones for `target`, a model of Qwen-TTS.

    A clone works with one model only.
    """

    def create(name: str, reference: bytes, timeout: float) -> str:
        sound = f"data:audio/wav;base64,{base64.b64encode(reference).decode('ascii')}"
        wanted = {"target_model": target, "preferred_name": shorten_name(name), "audio": {"data": sound}}
        voice = _ask(account, {"action": "create", **wanted}, timeout).get("voice")
        if not voice:
            raise BadAnswerError("the answer names no voice")
        return str(voice)

    def search(name: str, timeout: float) -> str | None:
        page = 0
        while True:
            found = _ask(account, {"action": "list", "page_size": _PAGE, "page_index": page}, timeout)
            voices = found.get("voice_list")
            if not isinstance(voices, list):
                raise BadAnswerError("the answer is not a list of voices")
            # The service makes the preferred name a part of the voice's id.
            ours = [one for one in voices if f"-{shorten_name(name)}-" in str(one.get("voice"))]
            if ours or len(voices) < _PAGE:
                return next((str(one["voice"]) for one in ours if one.get("target_model") == target), None)
            page += 1

    def delete(voice: str, timeout: float) -> None:
        try:
            _ask(account, {"action": "delete", "voice": voice}, timeout)
        except StatusError as error:
            if is_gone(error.body):
                raise VoiceGoneError from error
            raise

    return Cloner(create, search, delete)


def shorten_name(name: str) -> str:
    """Return a name that the service accepts: at most 16 letters and digits."""
    return fingerprint(name.encode())


def is_gone(refusal: bytes | str) -> bool:
    """Return whether a refusal means that the voice does not exist."""
    text = refusal.decode("utf-8", "replace") if isinstance(refusal, bytes) else refusal
    return "VoiceNotFound" in text or "voice not found" in text.lower()


def _ask(account: Account, wanted: Mapping[str, Any], timeout: float) -> Mapping[str, Any]:
    body = json.dumps({"model": _MODEL, "input": wanted}).encode()
    url = f"{account.url}/services/audio/tts/customization"
    answer = send_request("POST", url, body=body, headers=account.headers(), timeout=timeout).json()
    output = answer.get("output") if isinstance(answer, dict) else None
    if not isinstance(output, Mapping):
        raise BadAnswerError("the answer is empty")
    return output
