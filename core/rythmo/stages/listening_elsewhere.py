"""A recogniser for quality control whose requests run where the job's other requests do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from rythmo.engines.base import EngineInfo, Kind, Transcriber, Turn
from rythmo.execution.calls import EngineCall
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.project.workspace import hash_values
from rythmo.script.model import Word
from rythmo.stages.context import Context

STAGE = "qc"


def find_transcriber(language: str, context: Context) -> Transcriber:
    """Return the job's recogniser of a language: the engine of this process, or one that asks workers.

    Raises EngineError when there is none.
    """
    info = context.engines.spec(Kind.TRANSCRIBER, language).info
    if context.sends_away(info):
        return TranscriberElsewhere(language, context)
    return context.engines.transcriber(language)


class TranscriberElsewhere:
    """A transcriber that hands each request to the job's executor. It may be used from several threads."""

    def __init__(self, language: str, context: Context) -> None:
        self._language, self._context = language, context
        self.info: EngineInfo = context.engines.info(Kind.TRANSCRIBER, language)

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = ignore_progress,  # noqa: ARG002 - the executor reports where it runs
        cancel: CancelToken = NEVER,  # noqa: ARG002 - the job's own token reaches the workers
    ) -> tuple[Word, ...]:
        """Return the words, as the engine of a worker hears them."""
        arguments = (speech, language, tuple(turns))
        call = EngineCall(
            STAGE,
            f"{speech.seconds:.0f} s of takes",
            Kind.TRANSCRIBER,
            self._language,
            self.info,
            self._key("words", speech),
            hear_back,
            arguments,
        )
        return self._context.carry_out(call)

    def find_language(
        self,
        speech: Audio,
        *,
        turns: Sequence[Turn] = (),
        cancel: CancelToken = NEVER,  # noqa: ARG002 - the job's own token reaches the workers
    ) -> str:
        """Return the language that a worker's engine hears; "" where it knows only one."""
        call = EngineCall(
            STAGE,
            "a language",
            Kind.TRANSCRIBER,
            self._language,
            self.info,
            self._key("language", speech),
            hear_language,
            (speech, self._language, tuple(turns)),
        )
        return self._context.carry_out(call)

    def close(self) -> None:
        """Close nothing: the engines belong to the workers."""

    def _key(self, what: str, speech: Audio) -> str:
        sound = hashlib.sha256(speech.samples.tobytes()).hexdigest()
        return hash_values(STAGE, what, self._language, speech.rate, sound)


def hear_back(speech: Audio, language: str, turns: Sequence[Turn], context: Context) -> tuple[Word, ...]:
    """Transcribe a sound with the engine of this process."""
    with context.engines.turn(Kind.TRANSCRIBER, language, context.cancel):
        engine = context.engines.transcriber(language)
        return tuple(engine.transcribe(speech, language=language, turns=turns, cancel=context.cancel))


def hear_language(speech: Audio, language: str, turns: Sequence[Turn], context: Context) -> str:
    """Find the language of a sound with the engine of this process; "" where it cannot."""
    find = getattr(context.engines.transcriber(language), "find_language", None)
    if find is None:
        return ""
    with context.engines.turn(Kind.TRANSCRIBER, language, context.cancel):
        return find(speech, turns=turns, cancel=context.cancel) or ""
