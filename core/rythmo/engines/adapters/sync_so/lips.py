"""Lips by sync.so: the crops of a line and its take are uploaded, moved there, and fetched.

Each line is paid for by its frames. It is requested under one idempotency key, so that an answer that was
lost on the way is not paid for twice. What was uploaded is deleted by `close`; results stay in the account.
Settings: `model`, `temperature`, `occlusion`, `poll_s`, `base_url`, and those of remote.calls.Limits.
Reference: https://sync.so/docs/api-reference
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from rythmo.engines.adapters.sync_so.account import (
    KEY,
    Account,
    call_sdk,
    connect,
    read_text,
    sdk_options,
)
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.engines.lips import LipFrames, LipRequest
from rythmo.engines.remote.calls import REMOTE_OPTIONS, Clock, Limits, Remote, read_limits
from rythmo.engines.remote.crop_film import H264, CropFilm, read_film, write_h264
from rythmo.engines.remote.http import check_url
from rythmo.engines.remote.keys import missing_key, missing_package
from rythmo.engines.remote.lip_answers import fit_answer
from rythmo.engines.remote.reference import write_wav
from rythmo.errors import EngineFailedError, UselessAnswerError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.timebase import SAMPLE_RATE, nominal_rate

_MODEL = "lipsync-2"
_POLL_S = 5.0
_FAILED = frozenset({"FAILED", "REJECTED"})
# Frames beyond those asked for are read to tell how many came.
_SPARE = 50

INFO = EngineInfo(
    kind=Kind.LIP_SYNC,
    name="sync",
    version=_MODEL,
    summary="sync.so: moves the lips of the face in given boxes, at a price for each frame.",
    licence="a paid service; sync.so's terms",
    local=False,
    sends="faces cut from the film and the lines spoken by them go to sync.so",
    rank=20,
    deterministic=False,
)


class SyncLips:
    """A LipSync that uses sync.so."""

    def __init__(self, account: Account, remote: Remote, settings: Mapping[str, Any]) -> None:
        self._model = str(settings.get("model") or _MODEL)
        self.info = replace(INFO, version=self._model)
        self.usage = remote.usage
        self._account = account
        self._remote = remote
        self._settings = settings
        self._poll_s = float(settings.get("poll_s", _POLL_S))

    def move_lips(
        self, request: LipRequest, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> LipFrames:
        """Return the frames as the service made them, wanted in the lower face of frames with a face only.

        Raises UselessAnswerError when there are fewer, when they are shifted or of another size.
        """
        cancel.check()
        rate = snap_whole(request.rate)
        video = self._account.upload(
            "VIDEO", write_h264(request.frames, rate, cancel=cancel), self._remote, cancel
        )
        sound = self._account.upload("AUDIO", write_wav(retime(request, rate)), self._remote, cancel)
        report(0.2)
        made = self._wait(self._start(request, video, sound, cancel), request, cancel)
        report(0.9)
        film = self._remote.call(
            lambda timeout: self._fetch(made, request, timeout), what="send the lips", cancel=cancel
        )
        answer = self._fit(request, film, rate)
        report(1.0)
        return answer

    def _start(self, request: LipRequest, video: str, sound: str, cancel: CancelToken) -> str:
        from sync.common import Audio as SyncAudio
        from sync.common import Video

        # The same key in every attempt: the service makes and charges for it once.
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        self.usage.count(frames=request.count, seconds=round(request.count / float(request.rate), 3))

        def attempt(timeout: float) -> str:
            made = call_sdk(
                self._account.client.generations.create,
                model=self._model,
                input=[Video(asset_id=video), SyncAudio(asset_id=sound)],
                options=self._options(request),
                request_options={**sdk_options(timeout), "additional_headers": headers},
            )
            return read_text(made, "id")

        return self._remote.call(attempt, what=f"start on the lips of {request.name}", cancel=cancel)

    def _options(self, request: LipRequest) -> Any:
        from sync.common import ActiveSpeaker, GenerationOptions

        boxes = [_whole(face.box, request.side) if face.seen else None for face in request.faces]
        wishes: dict[str, Any] = {}
        if "temperature" in self._settings:
            wishes["temperature"] = float(self._settings["temperature"])
        if "occlusion" in self._settings:
            wishes["occlusion_detection_enabled"] = bool(self._settings["occlusion"])
        return GenerationOptions(
            # Nothing is trimmed where sound and picture differ by less than a frame.
            sync_mode="silence",
            active_speaker_detection=ActiveSpeaker(bounding_boxes=boxes),
            **wishes,
        )

    def _wait(self, generation: str, request: LipRequest, cancel: CancelToken) -> str:
        """Wait for the result and return its address."""
        clock = self._remote.clock
        end = clock.now() + self._remote.limits.deadline_s
        while clock.now() < end:
            found = self._remote.call(
                lambda timeout: self._look(generation, timeout), what="report its progress", cancel=cancel
            )
            if found.status == "COMPLETED":
                return check_url(str(found.output_url))
            if found.status in _FAILED:
                raise UselessAnswerError(
                    f"sync.so could not move the lips of {request.name}: "
                    f"{found.error or found.error_code or 'it gives no reason'}.",
                    hint="Its page of generations may say more. The original lips stay in this line.",
                )
            clock.sleep(self._poll_s, cancel)
        raise EngineFailedError(
            f"sync.so did not finish {request.name} within {self._remote.limits.deadline_s:.0f} s.",
            hint="Raise `deadline_s`.",
        )

    def _look(self, generation: str, timeout: float) -> Any:
        found = call_sdk(
            self._account.client.generations.get, generation, request_options=sdk_options(timeout)
        )
        if read_text(found, "status") == "COMPLETED":
            read_text(found, "output_url")
        return found

    def _fetch(self, address: str, request: LipRequest, timeout: float) -> CropFilm:
        data = self._account.fetch(address, timeout)
        return read_film(data, H264, request.count + _SPARE)

    def _fit(self, request: LipRequest, film: CropFilm, rate: Fraction) -> LipFrames:
        if abs(film.rate - rate) > Fraction(1, 100):
            raise UselessAnswerError(
                f"sync.so gave back {float(film.rate):.3f} frames a second for {float(rate):.3f} "
                f"({request.name}).",
                hint="Frames are lost or doubled in it, so it is not used. Use another engine for this film.",
            )
        seen = [face.seen for face in request.faces]
        # The sound may be rounded up to one frame more.
        frames = film.frames[: request.count, : request.side, : request.side]
        answer = fit_answer(request, CropFilm(frames, None, film.rate), "sync.so")
        answer.masks[[not one for one in seen]] = 0
        return answer

    def close(self) -> None:
        """Delete what was uploaded."""
        self._account.close(self._remote)


def snap_whole(rate: Fraction) -> Fraction:
    """Return the rate at which a film is sent: the service recommends 24, 25 and 30, not 23.976 and 29.97."""
    return Fraction(nominal_rate(rate)) if rate.denominator == 1001 else rate


def retime(request: LipRequest, rate: Fraction) -> Audio:
    """Return the sound as much faster as the film is played, by a thousandth."""
    if rate == request.rate:
        return request.sound
    faster = Audio(request.sound.samples, round(SAMPLE_RATE * rate / request.rate))
    return faster.at_rate(SAMPLE_RATE)


def _whole(box: tuple[float, float, float, float], side: int) -> list[int]:
    return [min(side, max(0, round(edge))) for edge in box]


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the package and a key."""
    return (*missing_package("sync.generations", "sync"), *missing_key(KEY, "sync.so"))


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> SyncLips:
    """Start the engine with the key in SYNC_API_KEY. Raises EngineMissingError without one."""
    limits = read_limits(settings, Limits(concurrency=INFO.at_once, timeout_s=120.0, deadline_s=3600.0))
    account, remote = connect(str(settings.get("base_url") or ""), limits, clock or Clock())
    return SyncLips(account, remote, settings)


ENGINE = EngineSpec(INFO, create, missing, REMOTE_OPTIONS | {"model", "occlusion", "poll_s", "temperature"})
