"""The client of Rythmo's worker protocol, for voice models in a process or on a machine of their own.

Models such as IndexTTS 2 and 2.5, CosyVoice 2 and 3 and Fun-CineForge pin libraries that conflict with each
other and with ours. A worker wraps one of them; `examples/worker/` contains one to start from.

The protocol is described in docs/worker-protocol.md.
Settings: `base_url` (or RYTHMO_WORKER_URL), `options` (passed to the worker), `references`, and those of
remote.calls.Limits. RYTHMO_WORKER_TOKEN is sent as a bearer token if it is set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, SpeakerProfile, SpeechRequest
from rythmo.engines.local.seeds import compute_seed
from rythmo.engines.remote.audio_response import read_wav, require_speech
from rythmo.engines.remote.calls import REMOTE_OPTIONS, BadAnswerError, Clock, Limits, Remote
from rythmo.engines.remote.http import send_request
from rythmo.engines.remote.reference import ReferenceRules, prepare_reference, write_wav
from rythmo.engines.remote.stock_voices import StockVoice, choose_voices
from rythmo.engines.remote.voice_ledger import CLONE_OPTIONS, PREFIX, CloneBook, clone_book
from rythmo.engines.remote.worker_server import (
    PROTOCOL,
    WorkerServer,
    connect_worker,
    encode_bytes,
    make_headers,
    missing_address,
    require_protocol,
)
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken
from rythmo.script.takes import VoiceRef

URL_VARIABLE = "RYTHMO_WORKER_URL"
_SERVER = WorkerServer("worker engine", URL_VARIABLE, "http://127.0.0.1:8765")

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="worker",
    version="protocol 1",
    summary="A voice model in a process of its own: IndexTTS, CosyVoice, Fun-CineForge, or yours.",
    licence="that of the model you run",
    local=False,
    sends="lines and references go to the worker whose address you give, which may be this machine",
    # All that a model behind a worker may support. The worker itself reports which of them it does.
    capabilities=frozenset({"clones", "direction", "duration_control", "emotion", "feelings", "manner"}),
    rank=30,
    deterministic=False,
)


@dataclass(frozen=True, slots=True)
class About:
    """A worker's description of itself; `reference_rate` is in Hz."""

    name: str
    version: str
    licence: str
    languages: frozenset[str]
    capabilities: frozenset[str]
    voices: tuple[StockVoice, ...]
    reference_rate: int


class WorkerVoice:
    """A Voice that uses a worker."""

    def __init__(self, url: str, about: About, remote: Remote, settings: Mapping[str, Any]) -> None:
        self.info = _describe(about, url)
        self.usage = remote.usage
        self._url = url
        self._about = about
        self._remote = remote
        self._options = dict(settings.get("options", {}))
        self._clones: CloneBook = clone_book(INFO.name, url, settings)

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return clones for speakers with references if the model clones, and the worker's voices for the
        others.

        Raises EngineFailedError when the worker has too few voices of its own.
        """
        clones = {
            s.id: self._reference(s)
            for s in speakers
            if s.references and "clones" in self._about.capabilities
        }
        others = [speaker for speaker in speakers if speaker.id not in clones]
        used = {voice.id for voice in taken if voice.engine == INFO.name}
        chosen = (
            choose_voices(others, self._about.voices, used, service=self._remote.service) if others else ()
        )
        own = dict(zip([speaker.id for speaker in others], chosen, strict=True))
        settings = {"worker": self.info.version}
        return tuple(VoiceRef(INFO.name, clones.get(s.id) or own[s.id], settings) for s in speakers)

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the line, spoken, at the model's own rate."""
        body = json.dumps(self._payload(request), ensure_ascii=False).encode()

        def attempt(timeout: float) -> Audio:
            answer = send_request(
                "POST", f"{self._url}/v1/speak", body=body, headers=make_headers("audio/wav"), timeout=timeout
            )
            return require_speech(read_wav(answer.body), request.text)

        self.usage.count(characters=len(request.text))
        return self._remote.call(attempt, what="speak a line", cancel=cancel)

    def _payload(self, request: SpeechRequest) -> dict[str, Any]:
        can = self._about.capabilities
        clone = request.voice.id.startswith(PREFIX)
        emotion = request.emotion if "emotion" in can else None
        options = request.voice.settings.get("options")
        return {
            "protocol": PROTOCOL,
            "text": request.text,
            "language": request.language,
            "seed": compute_seed(request),
            "voice": None if clone else request.voice.id,
            "reference": encode_bytes(self._clones.sound(request.voice.id)) if clone else None,
            "seconds": request.seconds if "duration_control" in can else None,
            "direction": request.direction if "direction" in can else "",
            "emotion": encode_bytes(self._prepared(emotion)) if emotion and emotion.length else None,
            "feelings": dict(request.feelings) if request.feelings and "feelings" in can else None,
            "manner": asdict(request.manner) if request.manner and "manner" in can else None,
            "options": {**self._options, **(options if isinstance(options, dict) else {})},
        }

    def _reference(self, speaker: SpeakerProfile) -> str:
        rules = ReferenceRules(rate=self._about.reference_rate)
        return self._clones.add(write_wav(prepare_reference(speaker.references, rules)))

    def _prepared(self, emotion: Audio) -> bytes:
        return write_wav(emotion.mono().at_rate(self._about.reference_rate))

    def close(self) -> None:
        """Do nothing: a worker keeps no state for us."""


def _describe(about: About, url: str) -> EngineInfo:
    return replace(
        INFO,
        version=f"{about.name} {about.version}",
        address=url,
        licence=about.licence or INFO.licence,
        languages=about.languages,
        capabilities=about.capabilities,
    )


def read_about(data: Any) -> About:
    """Check and return a worker's description of itself. Raises BadAnswerError."""
    require_protocol(data, "speak")
    try:
        return About(
            name=str(data["name"]),
            version=str(data.get("version", "")),
            licence=str(data.get("licence", "")),
            languages=frozenset(map(str, data.get("languages", ()))),
            capabilities=frozenset(map(str, data.get("capabilities", ()))),
            voices=tuple(StockVoice(str(v["id"]), str(v.get("gender", ""))) for v in data.get("voices", ())),
            reference_rate=int(data.get("reference_rate", 24_000)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswerError(f"its description is incomplete: {error}") from error


def missing() -> tuple[Missing, ...]:
    """Return the worker's address as missing when it isn't set."""
    return missing_address(_SERVER)


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> WorkerVoice:
    """Connect to the worker and read its description.

    Raises EngineMissingError when there is no address or the worker doesn't answer.
    """
    # A model on one GPU speaks one line at a time, so requests wait here, where they can't time out.
    limits = Limits(concurrency=INFO.at_once, timeout_s=300.0, deadline_s=900.0)
    url, remote, about = connect_worker(_SERVER, read_about, settings, limits, clock)
    return WorkerVoice(url, about, remote, settings)


ENGINE = EngineSpec(INFO, create, missing, REMOTE_OPTIONS | CLONE_OPTIONS | {"options"})
