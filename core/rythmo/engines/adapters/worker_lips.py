"""The client of Rythmo's worker protocol for lip-sync models in a process or on a machine of their own.

LatentSync and MuseTalk need a GPU and pin old libraries; `examples/worker/models` wraps them. A worker gets
one face in one line of one shot, without loss, and answers in the same way.

The protocol is described in docs/worker-protocol.md.
Settings: `base_url` (or RYTHMO_LIPS_WORKER_URL), `options` (passed to the worker), and those of
remote.calls.Limits. RYTHMO_WORKER_TOKEN is sent as a bearer token if it is set.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.engines.lips import LipFrames, LipRequest
from rythmo.engines.remote.calls import REMOTE_OPTIONS, BadAnswerError, Clock, Limits, Remote
from rythmo.engines.remote.crop_film import LOSSLESS, CropFilm, read_film, write_lossless
from rythmo.engines.remote.http import send_request
from rythmo.engines.remote.lip_answers import fit_answer
from rythmo.engines.remote.reference import write_wav
from rythmo.engines.remote.worker_server import (
    PROTOCOL,
    WorkerServer,
    connect_worker,
    encode_bytes,
    make_headers,
    missing_address,
    require_protocol,
)
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

URL_VARIABLE = "RYTHMO_LIPS_WORKER_URL"
_SERVER = WorkerServer("worker engine for lips", URL_VARIABLE, "http://127.0.0.1:8766")
# Frames beyond those asked for are read to tell how many came; more of them would only cost memory.
_SPARE = 50
_LARGEST = 1 << 30

INFO = EngineInfo(
    kind=Kind.LIP_SYNC,
    name="worker",
    version="protocol 1",
    summary="A lip-sync model in a process of its own: LatentSync, MuseTalk, or yours.",
    licence="that of the model you run",
    local=False,
    sends="faces cut from the film and the lines spoken by them go to the worker whose address you give, "
    "which may be this machine",
    rank=30,
    deterministic=False,
)


@dataclass(frozen=True, slots=True)
class About:
    """A worker's description of itself."""

    name: str
    version: str
    licence: str


class WorkerLips:
    """A LipSync that uses a worker."""

    def __init__(self, url: str, about: About, remote: Remote, settings: Mapping[str, Any]) -> None:
        self.info = replace(
            INFO,
            version=f"{about.name} {about.version}",
            address=url,
            licence=about.licence or INFO.licence,
        )
        self.usage = remote.usage
        self._url = url
        self._name = about.name
        self._remote = remote
        self._options = dict(settings.get("options", {}))

    def move_lips(
        self, request: LipRequest, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> LipFrames:
        """Return the frames as the worker made them, wanted in the lower face only.

        Raises UselessAnswerError when there are more or fewer, when they are shifted or of another size.
        """
        cancel.check()
        body = json.dumps(self._payload(request, cancel), ensure_ascii=False, default=float).encode()
        report(0.1)

        def attempt(timeout: float) -> CropFilm:
            answer = send_request(
                "POST",
                f"{self._url}/v1/lips",
                body=body,
                headers=make_headers("video/x-msvideo"),
                timeout=timeout,
                largest=_LARGEST,
            )
            return read_film(answer.body, LOSSLESS, request.count + _SPARE)

        self.usage.count(frames=request.count, seconds=round(request.count / float(request.rate), 3))
        film = self._remote.call(attempt, what=f"move the lips of {request.name}", cancel=cancel)
        made = fit_answer(request, film, self._name)
        report(1.0)
        return made

    def _payload(self, request: LipRequest, cancel: CancelToken) -> dict[str, Any]:
        video = write_lossless(request.frames, request.rate, cancel=cancel)
        return {
            "protocol": PROTOCOL,
            "name": request.name,
            # The same for the same crops, so that a line that is made again looks the same.
            "seed": zlib.crc32(request.frames[0].tobytes()),
            "rate": f"{request.rate.numerator}/{request.rate.denominator}",
            "count": request.count,
            "side": request.side,
            "video": encode_bytes(video),
            "sound": encode_bytes(write_wav(request.sound)),
            "faces": [asdict(face) for face in request.faces],
            "options": self._options,
        }

    def close(self) -> None:
        """Do nothing: a worker keeps no state for us."""


def read_about(data: Any) -> About:
    """Check and return a worker's description of itself.

    Raises BadAnswerError, and EngineMissingError for a worker that only speaks.
    """
    require_protocol(data, "lips")
    try:
        return About(str(data["name"]), str(data.get("version", "")), str(data.get("licence", "")))
    except (KeyError, TypeError) as error:
        raise BadAnswerError(f"its description is incomplete: {error}") from error


def missing() -> tuple[Missing, ...]:
    """Return the worker's address as missing when it isn't set."""
    return missing_address(_SERVER)


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> WorkerLips:
    """Connect to the worker and read its description.

    Raises EngineMissingError when there is no address, when the worker doesn't answer or only speaks.
    """
    # Diffusion takes minutes for a long line.
    limits = Limits(concurrency=INFO.at_once, timeout_s=1800.0, deadline_s=7200.0)
    url, remote, about = connect_worker(_SERVER, read_about, settings, limits, clock)
    return WorkerLips(url, about, remote, settings)


ENGINE = EngineSpec(INFO, create, missing, REMOTE_OPTIONS | {"options"})
