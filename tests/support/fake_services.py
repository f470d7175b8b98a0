"""Fakes of paid services: they speak the real protocol, keep state, and count what would cost money."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import numpy as np
from fake_http import Answer, Loopback, Request, as_json


def voice_like(key: str, text: str, rate: int) -> np.ndarray:
    """A tone whose pitch depends on the voice and whose length on the text: int16 samples."""
    hertz = 100 + sum(key.encode()) % 200
    seconds = 0.3 + 0.06 * len(text)
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype("<i2")


@dataclass
class FakeElevenLabs:
    """Voices that can be made, found, used and deleted; `made` and `spoken` are what would be paid for."""

    server: Loopback
    voices: dict[str, str] = field(default_factory=dict)
    stock: dict[str, str] = field(
        default_factory=lambda: {"stock-m": "male", "stock-f": "female", "stock-n": ""}
    )
    made: list[str] = field(default_factory=list)
    spoken: list[tuple[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.server.route = self.route

    def route(self, request: Request) -> Answer:
        if request.headers.get("xi-api-key") != "xi-test-key":
            return as_json({"detail": {"status": "invalid_api_key", "message": "Invalid API key"}}, 401)
        path = urlsplit(request.path)
        with self._lock:
            if path.path == "/v1/voices/add":
                return self._add(request)
            if path.path == "/v2/voices":
                return self._list(parse_qs(path.query))
            if request.method == "DELETE":
                return self._delete(path.path.rsplit("/", 1)[1])
            if path.path.startswith("/v1/text-to-speech/"):
                return self._speak(request, path.path.rsplit("/", 1)[1], parse_qs(path.query))
        return as_json({"detail": "Not Found"}, 404)

    def _add(self, request: Request) -> Answer:
        name = re.search(rb'name="name"\r\n\r\n([^\r]+)', request.body)
        assert name, "the form has a name"
        assert b"RIFF" in request.body, "the form has a WAV"
        voice = f"voice{len(self.made)}"
        self.made.append(name[1].decode())
        self.voices[voice] = name[1].decode()
        return as_json({"voice_id": voice, "requires_verification": False})

    def _list(self, query: dict[str, list[str]]) -> Answer:
        wanted = query.get("search", [""])[0]
        found = [{"voice_id": k, "name": v, "labels": {}} for k, v in self.voices.items() if wanted in v]
        if query.get("category") == ["premade"]:
            found = [{"voice_id": k, "name": k, "labels": {"gender": v}} for k, v in self.stock.items()]
        return as_json({"voices": found, "has_more": False, "total_count": len(found)})

    def _delete(self, voice: str) -> Answer:
        if self.voices.pop(voice, None) is None:
            return as_json({"detail": {"status": "voice_not_found", "message": "gone"}}, 404)
        self.deleted.append(voice)
        return as_json({"status": "ok"})

    def _speak(self, request: Request, voice: str, query: dict[str, list[str]]) -> Answer:
        if voice not in self.voices and voice not in self.stock:
            return as_json({"detail": {"status": "voice_not_found", "message": "gone"}}, 404)
        body = json.loads(request.body)
        rate = int(query["output_format"][0].removeprefix("pcm_"))
        self.spoken.append((voice, body["text"]))
        data = voice_like(voice, body["text"], rate).tobytes()
        return Answer(data, content_type="audio/pcm", headers={"request-id": f"r{len(self.spoken)}"})
