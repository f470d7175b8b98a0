"""Recognition by DashScope's Fun-ASR, with word times; the sound is uploaded to the service's own store.

Settings: `model`, `base_url` (the region), `poll_s`, and those of remote.Limits.
Reference: https://www.alibabacloud.com/help/en/model-studio/fun-asr-recorded-speech-recognition-restful-api
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Turn
from rythmo.engines.dashscope_client import Account, checked, connect, missing
from rythmo.engines.http_call import call, check_url
from rythmo.engines.remote import BadAnswerError, Clock, Limits, Remote
from rythmo.engines.wordtimes import Timed, spread, to_words
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, silent
from rythmo.script.model import Word

_RATE = 16_000
_POLL_S = 2.0

INFO = EngineInfo(
    kind=Kind.TRANSCRIBER,
    name="dashscope",
    version="fun-asr",
    summary="Alibaba's Fun-ASR in the cloud, with word times.",
    licence="a paid service; Alibaba Cloud's terms",
    languages=frozenset(
        {"zh", "yue", "en", "ja", "ko", "vi", "id", "th", "ms", "tl", "ar", "hi", "de", "fr", "es"}
    ),
    local=False,
    sends="the separated speech goes to Alibaba Cloud (Singapore, unless `base_url` names another region)",
    capabilities=frozenset({"words"}),
    rank=20,
    deterministic=False,
    at_once=3,
)


class DashScopeTranscriber:
    """A Transcriber of Fun-ASR."""

    def __init__(self, account: Account, remote: Remote, settings: Mapping[str, Any]) -> None:
        self._model = str(settings.get("model", INFO.version))
        self.info = replace(INFO, version=self._model)
        self.usage = remote.usage
        self._account = account
        self._remote = remote
        self._poll_s = float(settings.get("poll_s", _POLL_S))

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = silent,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Words with sample positions of `speech`."""
        if speech.length == 0:
            return ()
        cancel.check()
        self.usage.count(seconds=speech.seconds)
        address = self._remote.call(
            lambda timeout: self._upload(speech, timeout), what="take a sound", cancel=cancel
        )
        report(0.3)
        task = self._remote.call(
            lambda timeout: self._start(address, language, timeout),
            what="start a transcription",
            cancel=cancel,
        )
        found = self._wait(task, cancel)
        report(0.9)
        data = self._remote.call(
            lambda timeout: call("GET", found, timeout=timeout).json(),
            what="send a transcript",
            cancel=cancel,
        )
        report(1.0)
        return to_words(read_transcript(data, language), speech.rate, end=speech.length)

    def _upload(self, speech: Audio, timeout: float) -> str:
        import soundfile
        from dashscope.utils.oss_utils import OssUtils

        samples = speech.mono().at_rate(_RATE).samples[0].clip(-1, 1)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.flac"
            soundfile.write(path, samples, _RATE, format="FLAC", subtype="PCM_16")
            url, _ = OssUtils.upload(self._model, str(path), **self._account.options(timeout))
        return str(url)

    def _start(self, address: str, language: str, timeout: float) -> str:
        from dashscope.audio.asr import Transcription

        answer = Transcription.async_call(
            model=self._model,
            file_urls=[address],
            language_hints=[language],
            # Without it the service takes only addresses that the whole world can read.
            headers={"X-DashScope-OssResourceResolve": "enable"},
            **self._account.options(timeout),
        )
        return str(checked(answer).task_id)

    def _wait(self, task: str, cancel: CancelToken) -> str:
        clock = self._remote.clock
        end = clock.now() + self._remote.limits.deadline_s
        while clock.now() < end:
            output = self._remote.call(
                lambda timeout: self._fetch(task, timeout), what="say how far it is", cancel=cancel
            )
            status = output.get("task_status")
            if status == "SUCCEEDED":
                return _result(output)
            if status not in {"PENDING", "RUNNING"}:
                raise _failed(output)
            clock.sleep(self._poll_s, cancel)
        raise EngineFailedError(
            f"DashScope did not finish within {self._remote.limits.deadline_s:.0f} s.",
            hint="Raise `deadline_s`.",
        )

    def _fetch(self, task: str, timeout: float) -> Any:
        from dashscope.audio.asr import Transcription

        return checked(Transcription.fetch(task, **self._account.options(timeout)))

    def close(self) -> None:
        """Nothing to free."""


def _result(output: Any) -> str:
    first: Mapping[str, Any] = next(iter(output.get("results") or ()), {})
    # Silence is a failed subtask with a code of its own.
    if first.get("subtask_status") != "SUCCEEDED":
        raise _failed(first)
    return check_url(str(first.get("transcription_url")))


def _failed(what: Mapping[str, Any]) -> EngineFailedError:
    said = what.get("message") or what.get("code") or what.get("task_status") or "no reason given"
    return EngineFailedError(f"DashScope could not transcribe this: {said}.", hint="Is there speech in it?")


def read_transcript(data: Any, language: str) -> list[Timed]:
    """Words of the service's transcript (times in milliseconds). Raises BadAnswerError."""
    try:
        sentences = [one for channel in data["transcripts"] for one in channel["sentences"]]
        return [word for one in sentences for word in _sentence(one, language)]
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswerError(f"the transcript is not whole: {error}") from error


def _sentence(sentence: Mapping[str, Any], language: str) -> list[Timed]:
    words = sentence.get("words") or ()
    if not words:
        return spread(sentence["text"], sentence["begin_time"] / 1000, sentence["end_time"] / 1000, language)
    return [
        Timed(
            word["text"].strip() + word.get("punctuation", "").strip(),
            word["begin_time"] / 1000,
            word["end_time"] / 1000,
        )
        for word in words
    ]


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> DashScopeTranscriber:
    """Start with the key in DASHSCOPE_API_KEY. Raises EngineMissingError without one."""
    account, remote = connect(
        settings, clock or Clock(), Limits(concurrency=INFO.at_once, timeout_s=120.0, deadline_s=1800.0)
    )
    return DashScopeTranscriber(account, remote, settings)


ENGINE = EngineSpec(INFO, create, missing)
