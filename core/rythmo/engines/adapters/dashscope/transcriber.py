"""Recognition by DashScope's Fun-ASR, with word times. The sound is uploaded to the service's own store.

Settings: `model`, `base_url` (the region), `poll_s`, and those of remote.Limits.
Reference: https://www.alibabacloud.com/help/en/model-studio/fun-asr-recorded-speech-recognition-restful-api
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import quote

from rythmo.engines.adapters.dashscope.client import Account, DashScopeError, call_sdk, connect, missing
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Turn
from rythmo.engines.remote.calls import REMOTE_OPTIONS, BadAnswerError, Clock, Limits, Remote
from rythmo.engines.remote.http import check_url, send_request
from rythmo.engines.speech.word_repair import TimedWord
from rythmo.engines.speech.word_times import spread_words, to_words
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
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
    """A Transcriber that uses Fun-ASR."""

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
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Return the words, with positions in samples of `speech`."""
        if speech.length == 0:
            return ()
        cancel.check()
        self.usage.count(seconds=speech.seconds)
        sound = _flac(speech)
        address = self._remote.call(
            lambda timeout: self._upload(sound, timeout), what="accept a recording", cancel=cancel
        )
        report(0.3)
        task = self._remote.call(
            lambda timeout: self._start(address, language, timeout),
            what="start a transcription",
            cancel=cancel,
        )
        found = self._wait(task, cancel)
        report(0.9)
        timed = self._remote.call(
            lambda timeout: read_transcript(send_request("GET", found, timeout=timeout).json(), language),
            what="send a transcript",
            cancel=cancel,
        )
        report(1.0)
        return to_words(timed, speech.rate, end=speech.length)

    def _upload(self, sound: bytes, timeout: float) -> str:
        """Upload the sound to the service's store, which keeps it for two days; return its address."""
        from dashscope.utils.oss_utils import OssUtils

        leave = call_sdk(OssUtils.get_upload_certificate, model=self._model, **self._account.options(timeout))
        return upload_file(leave, "speech.flac", sound, timeout)

    def _start(self, address: str, language: str, timeout: float) -> str:
        from dashscope.audio.asr import Transcription

        # The SDK's own retry could start, and charge for, the same transcription twice.
        Transcription.MAX_QUERY_TRY_COUNT = 0
        output = call_sdk(
            Transcription.async_call,
            model=self._model,
            file_urls=[address],
            language_hints=[language],
            # Without this header the service accepts public addresses only.
            headers={"X-DashScope-OssResourceResolve": "enable"},
            **self._account.options(timeout),
        )
        return _text(output, "task_id")

    def _wait(self, task: str, cancel: CancelToken) -> str:
        clock = self._remote.clock
        end = clock.now() + self._remote.limits.deadline_s
        while clock.now() < end:
            output = self._remote.call(
                lambda timeout: self._fetch(task, timeout), what="report its progress", cancel=cancel
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

    def _fetch(self, task: str, timeout: float) -> Mapping[str, Any]:
        # Without the SDK, which waits five minutes for an answer and retries by itself.
        url = f"{self._account.url}/tasks/{quote(task, safe='')}"
        answer = send_request("GET", url, headers=self._account.headers(), timeout=timeout).json()
        output = answer.get("output") if isinstance(answer, dict) else None
        if not isinstance(output, Mapping):
            raise BadAnswerError("the answer is empty")
        _text(output, "task_status")
        return output

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


def _flac(speech: Audio) -> bytes:
    import soundfile

    file = BytesIO()
    samples = speech.mono().at_rate(_RATE).samples[0].clip(-1, 1)
    soundfile.write(file, samples, _RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def upload_file(leave: Mapping[str, Any], name: str, data: bytes, timeout: float) -> str:
    """Upload a file to Alibaba's object store with an upload certificate; return its address there.

    This does not use the SDK, which waits an hour for an answer and does not distinguish refusals.

    Raises BadAnswerError when the certificate is incomplete, DashScopeError when the store refuses the file.
    """
    import requests

    try:
        key = f"{leave['upload_dir']}/{name}"
        form = {
            "OSSAccessKeyId": leave["oss_access_key_id"],
            "Signature": leave["signature"],
            "policy": leave["policy"],
            "key": key,
            "x-oss-object-acl": leave["x_oss_object_acl"],
            "x-oss-forbid-overwrite": leave["x_oss_forbid_overwrite"],
            "success_action_status": "200",
        }
        host = check_url(str(leave["upload_host"]))
    except KeyError as error:
        raise BadAnswerError(f"the upload certificate lacks {error}") from error
    answer = requests.post(host, data=form, files={"file": (name, data)}, timeout=timeout)
    if answer.status_code != 200:
        raise DashScopeError(answer.status_code, "store", answer.text[:200], answer.headers)
    return f"oss://{key}"


def _text(output: Mapping[str, Any], name: str) -> str:
    if not isinstance(output.get(name), str):
        raise BadAnswerError(f"the answer has no {name}")
    return str(output[name])


def _result(output: Any) -> str:
    first: Mapping[str, Any] = next(iter(output.get("results") or ()), {})
    # For a silent recording the service reports a failed subtask, with its own code.
    if first.get("subtask_status") != "SUCCEEDED":
        raise _failed(first)
    return check_url(str(first.get("transcription_url")))


def _failed(what: Mapping[str, Any]) -> EngineFailedError:
    reason = what.get("message") or what.get("code") or what.get("task_status") or "no reason given"
    return EngineFailedError(
        f"DashScope could not transcribe this recording: {reason}.", hint="Check that there is speech in it."
    )


def read_transcript(data: Any, language: str) -> list[TimedWord]:
    """Return the words of the service's transcript (its times are in ms). Raises BadAnswerError."""
    try:
        sentences = [one for channel in data["transcripts"] for one in channel["sentences"]]
        return [word for one in sentences for word in _sentence(one, language)]
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswerError(f"the transcript is incomplete: {error}") from error


def _sentence(sentence: Mapping[str, Any], language: str) -> list[TimedWord]:
    words = sentence.get("words") or ()
    if not words:
        return spread_words(
            sentence["text"], sentence["begin_time"] / 1000, sentence["end_time"] / 1000, language
        )
    return [
        TimedWord(
            word["text"].strip() + word.get("punctuation", "").strip(),
            word["begin_time"] / 1000,
            word["end_time"] / 1000,
        )
        for word in words
    ]


def create(settings: Mapping[str, Any], clock: Clock | None = None) -> DashScopeTranscriber:
    """Start the engine with the key in DASHSCOPE_API_KEY. Raises EngineMissingError without one."""
    account, remote = connect(
        settings, clock or Clock(), Limits(concurrency=INFO.at_once, timeout_s=120.0, deadline_s=1800.0)
    )
    return DashScopeTranscriber(account, remote, settings)


ENGINE = EngineSpec(INFO, create, missing, REMOTE_OPTIONS | {"model", "poll_s"})
