"""Choose a line's wording and duration from the length that the voice predicts, before it speaks.

A voice that predicts lengths (capability `length`) then speaks once, with the wording and duration that fit.
Other voices speak first, and speak again if the take does not fit (stages/voice_line.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rythmo.engines.abilities import LengthPredictor
from rythmo.engines.base import Kind, SpeechRequest
from rythmo.execution.calls import EngineCall
from rythmo.project.workspace import hash_values
from rythmo.script.fit import FitDecision, RetakeRequest, measure_strain, plan_fit
from rythmo.script.model import Line, Speaker
from rythmo.script.phrases import make_single_phrase
from rythmo.script.slots import FitSettings, Slot
from rythmo.stages.context import Context
from rythmo.stages.voice_request import build_request
from rythmo.timebase import SAMPLE_RATE

VERSION = 1
Reword = Callable[[Line, float], str | None]
"""Takes a line and the ratio of wanted to present length; returns another wording, or None without one."""


@dataclass(frozen=True, slots=True)
class PredictedTake:
    """A line in the wording to speak, the duration to request in seconds (None: the voice's own), and the
    predicted natural length in samples."""

    line: Line
    seconds: float | None
    natural: int


def choose_by_prediction(
    line: Line,
    speaker: Speaker,
    slot: Slot,
    language: str,
    settings: FitSettings,
    reword: Reword | None,
    rewrites: int,
    context: Context,
) -> PredictedTake | None:
    """Choose the wording and duration by the lengths that the engine predicts; None when it predicts none.

    Args:
        line: The line to speak.
        speaker: Its speaker, with a voice.
        slot: The time that the line may fill.
        language: The target language.
        settings: The limits of the fit.
        reword: Finds another wording, or None when that is not possible.
        rewrites: How often the line may be reworded.
        context: The job.
    """
    if speaker.voice is None or "length" not in context.engines.info(Kind.VOICE, language).capabilities:
        return None
    attempts: list[tuple[PredictedTake, FitDecision]] = []
    while True:
        natural = _predicted(line, speaker, language, context)
        decision = plan_fit(line, make_single_phrase(natural), slot, settings, duration_control=True)
        attempts.append((PredictedTake(line, _seconds(decision.retake), natural), decision))
        want = plan_fit(line, make_single_phrase(natural), slot, settings, rewrites_left=rewrites).retake
        if want is None:
            break
        other = reword(line, want.ratio) if reword else None
        rewrites = rewrites - 1 if other else 0
        line = replace(line, translation=other or line.translation)
    return min(attempts, key=lambda attempt: measure_strain(attempt[1], attempt[0].line))[0]


def _seconds(want: RetakeRequest | None) -> float | None:
    return want.length / SAMPLE_RATE if want else None


def _predicted(line: Line, speaker: Speaker, language: str, context: Context) -> int:
    """Return the engine's predicted length in samples at the voice's own pace, once for each wording."""
    assert speaker.voice is not None
    info = context.engines.info(Kind.VOICE, language)
    wanted = build_request(line, speaker.voice, language, None, info, context)

    def make() -> int:
        return context.carry_out(
            EngineCall(
                "voice",
                line.id,
                Kind.VOICE,
                language,
                info,
                key,
                predict_samples,
                (wanted.with_sound(context),),
                speaker.id,
            )
        )

    key = hash_values(VERSION, context.engines.stamp(Kind.VOICE, language), wanted.key(context))
    return context.ledger("lengths", int).value(key, make)


def predict_samples(request: SpeechRequest, context: Context) -> int:
    """Return the length that the voice engine of this process predicts for a request, in samples."""
    engine: object = context.engines.voice(request.language)
    assert isinstance(engine, LengthPredictor)
    return max(1, round(engine.predict_seconds(request, cancel=context.cancel) * SAMPLE_RATE))
