"""sync.so as its reference describes it (August 2026): assets in three steps, generations, idempotency keys.

Instead of lips it paints the lower half of each box as bright as the sound is loud in that frame.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from io import BytesIO
from typing import Any

import numpy as np
import soundfile
from fake_http import Answer, Loopback, Request, as_json

from rythmo.engines.remote.crop_film import H264, CropFilm, read_film, write_h264

KEY = "sk-sync-0123456789abcdef"


@dataclass
class FakeSync:
    """`charged` are the generations that were paid for; `files` what lies in the account's library."""

    server: Loopback
    charged: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    fails: str = ""
    """Why generations fail, if they do."""
    spoil: Callable[[CropFilm], CropFilm] = lambda film: film
    """What the service does to a film beyond its lips."""
    _stored: dict[str, bytes] = field(default_factory=dict)
    _by_key: dict[str, str] = field(default_factory=dict)
    _results: dict[str, bytes] = field(default_factory=dict)
    _looks: int = 0

    def __post_init__(self) -> None:
        self.server.route = self.route

    def route(self, request: Request) -> Answer:
        path = request.path
        if path.startswith("/store/"):
            assert request.method == "PUT" and "x-api-key" not in request.headers
            assert request.headers["content-type"] in {"video/mp4", "audio/wav"}
            self._stored[path.removeprefix("/store/")] = request.body
            return Answer(b"")
        if path.startswith("/result/"):
            assert "x-api-key" not in request.headers
            return Answer(self._results[path.removeprefix("/result/")], content_type="video/mp4")
        if request.headers.get("x-api-key") != KEY:
            return as_json({"message": "Invalid API key", "statusCode": 401}, 401)
        return self._api(request)

    def _api(self, request: Request) -> Answer:
        path, method = request.path, request.method
        if path == "/v2/assets/upload":
            wanted = request.json()
            assert set(wanted) == {"fileName", "contentType", "size"}
            number = str(len(self._stored) + len(self.files))
            self._stored[number] = b""
            place = {"uploadUrl": f"{self.server.url}/store/{number}", "url": f"https://assets/{number}"}
            return as_json({**place, "expiresIn": 3600}, 201)
        if path == "/v2/assets":
            wanted = request.json()
            data = self._stored[wanted["url"].rsplit("/", 1)[1]]
            if not data:
                return as_json({"message": "nothing was uploaded", "errorCode": "asset_not_uploaded"}, 422)
            name = f"asset-{len(self.files) + len(self.deleted)}"
            self.files[name] = (wanted["type"], data)
            return as_json({"id": name, "type": wanted["type"], "visibility": "USER"}, 201)
        if path.startswith("/v2/assets/") and method == "DELETE":
            name = path.rsplit("/", 1)[1]
            if self.files.pop(name, None) is None:
                return as_json({"message": "unknown", "errorCode": "asset_not_found"}, 404)
            self.deleted.append(name)
            return as_json({"id": name})
        if path == "/v2/generate" and method == "POST":
            return self._generate(request)
        if path.startswith("/v2/generate/"):
            return self._look(path.rsplit("/", 1)[1])
        return as_json({"message": "no such path", "statusCode": 404}, 404)

    def _generate(self, request: Request) -> Answer:
        key, body = request.headers["idempotency-key"], request.json()
        if key not in self._by_key:
            refused = self._make(body, f"generation-{len(self.charged)}")
            if refused:
                return as_json({"message": refused, "statusCode": 422}, 422)
            self._by_key[key] = f"generation-{len(self.charged)}"
            self.charged.append(body)
            self._looks = 0
        return as_json(self._generation(self._by_key[key], "PENDING"), 201)

    def _generation(self, name: str, status: str, **more: Any) -> dict[str, Any]:
        body = {"model": "lipsync-2", "input": [], "status": status, "createdAt": "2026-11-30T12:00:00Z"}
        return {"id": name, **body, **more}

    def _look(self, name: str) -> Answer:
        self._looks += 1
        if self._looks < 2:
            return as_json(self._generation(name, "PROCESSING"))
        if self.fails:
            return as_json(self._generation(name, "FAILED", error=self.fails, errorCode="generation_failed"))
        result = {"outputUrl": f"{self.server.url}/result/{name}", "outputDuration": 1.0}
        return as_json(self._generation(name, "COMPLETED", **result))

    def _make(self, body: dict[str, Any], name: str) -> str:
        """Make the result; return why not."""
        video, sound = (self.files[one["assetId"]] for one in body["input"])
        assert [one["type"] for one in body["input"]] == ["video", "audio"]
        assert (video[0], sound[0]) == ("VIDEO", "AUDIO")
        boxes = body["options"]["active_speaker_detection"]["bounding_boxes"]
        film = read_film(video[1], H264, 10_000)
        samples, rate = soundfile.read(BytesIO(sound[1]))
        if len(boxes) != len(film.frames):
            return f"{len(boxes)} boxes for {len(film.frames)} frames"
        if any(box is not None and not all(isinstance(edge, int) for edge in box) for box in boxes):
            return "a box has four whole numbers"
        made = film.frames.copy()
        edges = np.round(np.arange(len(made) + 1) / float(film.rate) * rate).astype(int)
        for number, box in enumerate(boxes):
            if box:
                left, top, right, bottom = box
                level = np.abs(samples[edges[number] : edges[number + 1]]).mean()
                made[number, (top + bottom) // 2 : bottom, left:right] = round(255 * min(1.0, level))
        film = self.spoil(replace(film, frames=made))
        self._results[name] = write_h264(film.frames, Fraction(film.rate))
        return ""


def sent_boxes(service: FakeSync) -> list[Any]:
    """The boxes of the last generation."""
    return json.loads(
        json.dumps(service.charged[-1]["options"]["active_speaker_detection"]["bounding_boxes"])
    )
