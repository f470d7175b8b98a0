"""Recognition by OpenAI, or by a server with its protocol, with word times.

Of OpenAI's models only `whisper-1` times words. The text of others is spread over each piece.
Settings: `model`, `base_url`, `piece_seconds`, and those of remote.calls.Limits.
Reference: https://platform.openai.com/docs/api-reference/audio/createTranscription
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from rythmo.engines.adapters.openai.client import (
    connect,
    connect_compatible,
    missing_compatible,
    missing_openai,
)
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.engines.remote.calls import REMOTE_OPTIONS, BadAnswerError, Clock, Limits, Remote
from rythmo.engines.speech.word_repair import TimedWord, insert_missing_words
from rythmo.engines.speech.word_times import pieces, spread_words, to_words
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.script.model import Word

if TYPE_CHECKING:
    import openai

_RATE = 16_000
# The service accepts 25 MB; ten minutes of 16 kHz FLAC are about 12 MB.
_PIECE_S = 600.0
URL_VARIABLE, MODEL_VARIABLE = "RYTHMO_TRANSCRIBE_URL", "RYTHMO_TRANSCRIBE_MODEL"

INFO = EngineInfo(
    kind=Kind.TRANSCRIBER,
    name="openai",
    version="whisper-1",
    summary="OpenAI's Whisper in the cloud, with word times.",
    licence="a paid service; OpenAI's terms",
    local=False,
    sends="the separated speech goes to OpenAI (or to the `base_url` you set)",
    capabilities=frozenset({"words"}),
    rank=30,
    deterministic=False,
    at_once=3,
)
COMPATIBLE_INFO = replace(
    INFO,
    name="openai-compatible",
    version="transcription",
    summary="A recogniser on a server of yours with OpenAI's protocol, such as Speaches or vLLM.",
    licence="that of the model you run",
    sends="the separated speech goes to the server whose address you give, which may be this machine",
)


class OpenAITranscriber:
    """A Transcriber that uses OpenAI's transcription protocol."""

    def __init__(
        self, info: EngineInfo, client: openai.OpenAI, remote: Remote, settings: Mapping[str, Any]
    ) -> None:
        self.info = info
        self.usage = remote.usage
        self._client = client
        self._remote = remote
        self._model = str(settings["model"])
        self._piece_s = float(settings.get("piece_seconds", _PIECE_S))

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Return words with positions in samples of `speech`; long audio is cut into pieces where nobody
        speaks."""
        parts = pieces(speech, turns, self._piece_s)
        words: list[Word] = []
        for number, (start, end) in enumerate(parts):
            report(number / len(parts))
            timed = self._ask(speech.cut(start, end), language, cancel)
            words.extend(to_words(timed, speech.rate, offset=start, end=end))
        report(1.0)
        return tuple(words)

    def _ask(self, piece: Audio, language: str, cancel: CancelToken) -> list[TimedWord]:
        data = _flac(piece)
        self.usage.count(seconds=piece.seconds)
        timed = "transcribe" not in self._model

        def attempt(timeout: float) -> list[TimedWord]:
            create: Any = self._client.audio.transcriptions.create
            options: dict[str, Any] = {"response_format": "json"}
            if timed:
                options = {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]}
            try:
                answer = create(
                    file=("speech.flac", data, "audio/flac"),
                    model=self._model,
                    language=language,
                    temperature=0,
                    timeout=timeout,
                    **options,
                )
            except (json.JSONDecodeError, UnicodeDecodeError) as error:
                raise BadAnswerError("the answer is not valid JSON") from error
            return read_answer(answer, piece.seconds, language)

        return self._remote.call(attempt, what="transcribe a piece", cancel=cancel)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def read_answer(answer: Any, seconds: float, language: str) -> list[TimedWord]:
    """Return the words of an answer with words, with segments only, or with text only. Raises
    BadAnswerError."""
    text = getattr(answer, "text", None)
    if not isinstance(text, str):
        raise BadAnswerError("the answer has no text in it")
    segments = getattr(answer, "segments", None) or ()
    words = getattr(answer, "words", None)
    if words:
        timed = [TimedWord(one.word, one.start, one.end, _confidence(one.start, segments)) for one in words]
        return insert_missing_words(timed, text)
    if segments:
        return [
            word
            for one in segments
            for word in spread_words(one.text, one.start, one.end, language, _sure(one))
        ]
    return spread_words(text, 0.0, seconds, language)


def _confidence(start: float, segments: Sequence[Any]) -> float | None:
    return next((_sure(one) for one in segments if one.start <= start < one.end), None)


def _sure(segment: Any) -> float | None:
    logarithm = getattr(segment, "avg_logprob", None)
    return None if logarithm is None else min(1.0, math.exp(logarithm))


def _flac(piece: Audio) -> bytes:
    import soundfile

    file = BytesIO()
    soundfile.write(
        file, piece.mono().at_rate(_RATE).samples[0].clip(-1, 1), _RATE, format="FLAC", subtype="PCM_16"
    )
    return file.getvalue()


_LIMITS = Limits(concurrency=INFO.at_once, timeout_s=300.0, deadline_s=1200.0)


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> OpenAITranscriber:
    """Start the engine for OpenAI or `base_url`, with the key in OPENAI_API_KEY. Raises
    EngineMissingError."""
    settings = {"model": INFO.version, **settings}
    client, remote = connect(settings, clock or Clock(), _LIMITS)
    return OpenAITranscriber(replace(INFO, version=str(settings["model"])), client, remote, settings)


def create_compatible(settings: Mapping[str, Any], clock: Clock | None = None) -> OpenAITranscriber:
    """Start the engine for a compatible server. Raises EngineMissingError without its address."""
    model = settings.get("model") or os.environ.get(MODEL_VARIABLE) or "whisper-1"
    client, remote = connect_compatible(settings, clock or Clock(), _LIMITS, variable=URL_VARIABLE)
    info = replace(COMPATIBLE_INFO, version=str(model), address=str(client.base_url))
    return OpenAITranscriber(info, client, remote, {**settings, "model": model})


OPTIONS = REMOTE_OPTIONS | {"model", "piece_seconds"}
ENGINE = EngineSpec(INFO, create, missing_openai, OPTIONS)


def missing_server() -> tuple[Missing, ...]:
    """Return what is missing of the package and a server's address."""
    return missing_compatible(URL_VARIABLE)


COMPATIBLE = EngineSpec(COMPATIBLE_INFO, create_compatible, missing_server, OPTIONS)
