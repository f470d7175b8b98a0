"""Voice each line, measure the take, and fit it to its slot; request another take where that helps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rythmo.engines.base import EngineInfo, Kind
from rythmo.errors import EngineFailedError, MediaError
from rythmo.media.wav import read_audio
from rythmo.mix.take_check import TAKE_CODES, CheckedTake, check_take
from rythmo.project.workspace import hash_values
from rythmo.script.fit import FitDecision, RetakeKind, measure_strain, plan_fit
from rythmo.script.fit_reasons import FIT_CODES
from rythmo.script.human_takes import flag_human_take, lay_human_take
from rythmo.script.model import Flag, Line, Severity, Speaker, Status
from rythmo.script.phrases import TakePhrases
from rythmo.script.slots import FitSettings, Slot
from rythmo.script.take_length import LENGTH_CODES, judge_length
from rythmo.script.takes import Take
from rythmo.stages.context import Context
from rythmo.stages.predicted_length import PredictedTake, Reword, choose_by_prediction
from rythmo.stages.recordings import record_request
from rythmo.stages.take_files import TAKE_CHANGED, free_take_name, put_take, restore_take
from rythmo.stages.voice_request import NO_DIRECTION, VoiceRequest, build_request, flag_unused_direction
from rythmo.timebase import SAMPLE_RATE

VOICE_FAILED = "voice-failed"
SAME_TAKE = "same-take"
DOUBTFUL = ("take-hiss", "take-click", *LENGTH_CODES)
"""Flags of a take that another reading may avoid."""
_TAKE_FLAGS = (*TAKE_CODES, *LENGTH_CODES, SAME_TAKE, NO_DIRECTION)
_ASKINGS = 3
# Version of the analysis of takes; raising it keeps the takes themselves.
_HEARING = 4
_RING = SAMPLE_RATE // 4


@dataclass(frozen=True, slots=True)
class _Speech:
    """The position of speech in a take, and the flags of the take."""

    spoken: TakePhrases
    flags: tuple[Flag, ...]
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """A take and the position of speech in it."""

    take: Take
    spoken: TakePhrases


def run(
    line: Line, speaker: Speaker, slot: Slot, language: str, rewrite: Reword | None, context: Context
) -> Line:
    """Return the line with the best-fitting take. A line that cannot be voiced is flagged, never fatal."""
    context.cancel.check()
    if line.has_human_take:
        return _lay_human_take(line, slot, context)
    if not line.spoken_translation:
        return replace(line, chosen=None, placement=None).without_flags(*FIT_CODES, VOICE_FAILED)
    if line.is_pinned and has_same_words(line, speaker) and _is_there(line, context):
        return line
    try:
        line, decision = _fitted(line, speaker, slot, language, rewrite, context)
    except EngineFailedError as error:
        flag = Flag(VOICE_FAILED, f"{error.message} {error.hint}".strip(), Severity.ERROR)
        return replace(line, chosen=None, placement=None).add_flags(flag)
    placed = replace(line, placement=decision.placement, status=Status.VOICED)
    return placed.without_flags(*FIT_CODES, VOICE_FAILED).add_flags(*decision.flags)


def _lay_human_take(line: Line, slot: Slot, context: Context) -> Line:
    """Place the line's human take. One that is gone or unusable is flagged, and stays chosen."""
    assert line.take is not None
    try:
        restored = restore_take(line, line.take, context)
        if restored.is_pinned:
            return flag_human_take(restored)
        heard = _heard(restored, line.take, context)
    except (EngineFailedError, MediaError) as error:
        flag = Flag(VOICE_FAILED, f"{error.message} {error.hint}".strip(), Severity.ERROR)
        return flag_human_take(replace(line, placement=None)).add_flags(flag)
    decision = lay_human_take(restored, heard.spoken, slot, _fit_settings(restored, context))
    placed = replace(restored, placement=decision.placement, status=Status.VOICED)
    placed = placed.without_flags(*FIT_CODES, *_TAKE_FLAGS, VOICE_FAILED)
    return flag_human_take(placed.add_flags(*heard.flags, *decision.flags))


def fit_again(line: Line, slot: Slot, least_tempo: float, context: Context) -> Line:
    """Place the chosen take again at no less than `least_tempo`. A line without a placement stays
    unchanged."""
    take, placement = line.take, line.placement
    if take is None or placement is None:
        return line
    decision = plan_fit(
        line,
        _heard(line, take, context).spoken,
        slot,
        _fit_settings(line, context),
        pace=placement.pace,
        least_tempo=least_tempo,
    )
    placed = replace(decision.placement, gain_db=placement.gain_db)
    return replace(line, placement=placed).without_flags(*FIT_CODES).add_flags(*decision.flags)


def speech_level(line: Line, context: Context) -> float:
    """The level of the words of the line's take in dBFS (RMS). The line must have a take."""
    assert line.take is not None
    return _heard(line, line.take, context).level_dbfs


def read_again(
    line: Line, speaker: Speaker, slot: Slot, language: str, number: int, context: Context
) -> Line:
    """The line with another reading of its words chosen and placed, the `number`th after its own.

    The line must have a take and a placement. Raises EngineFailedError.
    """
    assert line.take is not None and line.placement is not None
    first, pace = line.variation, line.placement.pace
    length = _heard(line, line.take, context).spoken.length
    seconds = length / SAMPLE_RATE if pace != 1 else None
    line, recorded = _one_take(replace(line, variation=first + number), speaker, language, seconds, context)
    decision = plan_fit(line, recorded.spoken, slot, _fit_settings(line, context), pace=pace)
    placed = replace(line, variation=first, placement=decision.placement)
    return placed.without_flags(*FIT_CODES).add_flags(*decision.flags)


def has_same_words(line: Line, speaker: Speaker) -> bool:
    """Tell whether the chosen take has these words in this voice, so that the engine need not speak."""
    take = line.take
    return take is not None and take.text == line.spoken_translation and take.voice == speaker.voice


def _is_there(line: Line, context: Context) -> bool:
    return line.take is not None and (context.project.root / line.take.file).is_file()


def _fitted(
    line: Line, speaker: Speaker, slot: Slot, language: str, rewrite: Reword | None, context: Context
) -> tuple[Line, FitDecision]:
    settings = _fit_settings(line, context)
    info = context.engines.info(Kind.VOICE, language)
    if line.take is not None and "chosen" in line.edited:
        return line, plan_fit(line, _heard(line, line.take, context).spoken, slot, settings)
    rewrites = settings.rewrites if rewrite and "translation" not in line.edited else 0
    ahead = choose_by_prediction(line, speaker, slot, language, settings, rewrite, rewrites, context)
    if ahead is not None:
        return _spoken_once(ahead, speaker, slot, language, settings, context)
    duration_control = "duration_control" in info.capabilities
    seconds, natural = None, 0
    attempts: list[tuple[Line, FitDecision]] = []
    while True:
        line, recorded = _record(line, speaker, language, seconds, context)
        decision = plan_fit(
            line,
            recorded.spoken,
            slot,
            settings,
            rewrites_left=rewrites,
            duration_control=duration_control,
            pace=1.0 if seconds is None else natural / recorded.spoken.length,
        )
        attempts.append((line, decision))
        want = decision.retake
        if want is None:
            return _best(attempts)
        if want.ask is RetakeKind.DURATION:
            natural, seconds, duration_control = recorded.spoken.length, want.length / SAMPLE_RATE, False
            continue
        other = rewrite(line, want.ratio) if rewrite else None
        rewrites = rewrites - 1 if other else 0
        line = replace(line, translation=other or line.translation)


# A take is requested again when it missed the length by more; a smaller miss is stretched inaudibly.
_PAYS = 0.08


def _spoken_once(
    ahead: PredictedTake, speaker: Speaker, slot: Slot, language: str, settings: FitSettings, context: Context
) -> tuple[Line, FitDecision]:
    """Record one take at the predicted length, and a second only when the first missed by much."""
    attempts: list[tuple[Line, FitDecision]] = []
    line, seconds, natural = ahead.line, ahead.seconds, ahead.natural / SAMPLE_RATE
    for last in (False, True):
        line, recorded = _record(line, speaker, language, seconds, context)
        pace = natural / seconds if seconds else 1.0
        decision = plan_fit(line, recorded.spoken, slot, settings, duration_control=not last, pace=pace)
        attempts.append((line, decision))
        want = decision.retake
        if want is None or abs(math.log(want.ratio)) < _PAYS:
            break
        # The voice aims at its own prediction of the length: correct the request by what the take missed.
        seconds = (seconds or natural) * want.ratio
    return _best(attempts)


def _best(attempts: Sequence[tuple[Line, FitDecision]]) -> tuple[Line, FitDecision]:
    """Return the attempt that fits best, not always the last. The line keeps the takes of all attempts."""
    line, decision = min(attempts, key=lambda attempt: measure_strain(attempt[1], attempt[0]))
    return replace(line, takes=attempts[-1][0].takes), decision


def _fit_settings(line: Line, context: Context) -> FitSettings:
    """Return the fit settings. With room acoustics on, a line may ring on after its last word."""
    fit, mix = context.settings.fit.for_presence(line.on_screen), context.settings.mix
    return replace(fit, tail=max(fit.tail, _RING)) if mix.room else fit


def _record(
    line: Line, speaker: Speaker, language: str, seconds: float | None, context: Context
) -> tuple[Line, Recorded]:
    """Record a take of the line's wording and choose it.

    A faulty take (broken off, noise around it, sound after its words) is requested again in other readings.
    The one with the fewest faults is chosen, and flagged if any remain.
    """
    first = line.variation
    tries: list[tuple[Line, Recorded]] = []
    for variation in range(first, first + _ASKINGS):
        spoken_line, recorded = _one_take(
            replace(line, variation=variation), speaker, language, seconds, context
        )
        line = replace(line, takes=spoken_line.takes)
        if tries and recorded.take.id in {known.take.id for _, known in tries}:
            break
        tries.append((spoken_line, recorded))
        if not _doubts(spoken_line):
            break
    best, recorded = min(tries, key=lambda made: _doubts(made[0]))
    return replace(best, takes=line.takes, variation=first), recorded


def _doubts(line: Line) -> int:
    return sum(flag.code in DOUBTFUL for flag in line.flags)


def _one_take(
    line: Line, speaker: Speaker, language: str, seconds: float | None, context: Context
) -> tuple[Line, Recorded]:
    """Record and choose the take of one reading. An equal earlier take is used again."""
    if speaker.voice is None:
        raise EngineFailedError(f"{speaker.name} has no voice yet.", hint="Run the dub again.")
    info = context.engines.info(Kind.VOICE, language)
    wanted = build_request(line, speaker.voice, language, seconds, info, context)
    key, file = record_request(wanted, line, context)
    known = next((take for take in line.takes if take.key == key), None)
    twin = None if known or not line.variation else _twin(line, file, context)
    known = known or twin
    take = known or _new_take(line, file, key, wanted, info, context)
    changed = put_take(file, take, context)
    takes = line.takes if known else (*line.takes, take)
    line = replace(line, takes=takes, chosen=take.id)
    heard = _heard(line, take, context)
    length = judge_length(heard.spoken.length / SAMPLE_RATE, take.text, language)
    flags = (
        *heard.flags,
        *changed,
        *length,
        *flag_unused_direction(line, info),
        *((_same(info),) if twin else ()),
    )
    line = line.without_flags(TAKE_CHANGED, *_TAKE_FLAGS)
    return line.add_flags(*flags), Recorded(take, heard.spoken)


def _twin(line: Line, file: Path, context: Context) -> Take | None:
    """Return a take of the line with the same recording, when the engine has no other reading of the
    words."""
    sound = file.read_bytes()
    there = ((take, context.project.file(take.file)) for take in line.takes)
    return next((take for take, path in there if path.is_file() and path.read_bytes() == sound), None)


def _same(info: EngineInfo) -> Flag:
    message = f"{info.name} says these words the same way each time: change them, or the direction."
    return Flag(SAME_TAKE, message, Severity.INFO)


def _heard(line: Line, take: Take, context: Context) -> _Speech:
    """Find the speech in a take. The result is stored, because the edit of one line needs all of them."""

    def make() -> _Speech:
        heard = check_take(read_audio(context.project.file(take.file)), line.length)
        return _Speech(heard.spoken, heard.flags, round(_level(heard), 2))

    if not take.key:
        return make()
    return context.ledger("spoken", _Speech).value(hash_values(_HEARING, take.key, line.length), make)


def _level(heard: CheckedTake) -> float:
    """The level of the words alone in dBFS, without the pauses between them."""
    powers = [np.square(heard.samples[a:b], dtype=np.float64).sum() for a, b in heard.spoken.phrases]
    return 10 * math.log10(sum(powers) / max(1, sum(b - a for a, b in heard.spoken.phrases)) + 1e-12)


def _new_take(
    line: Line, file: Path, key: str, wanted: VoiceRequest, info: EngineInfo, context: Context
) -> Take:
    """Return a take of the recording under the next free number."""
    request = wanted.request
    take_id, name = free_take_name(line, file, context.project)
    return Take(
        take_id,
        name,
        read_audio(file).length,
        request.text,
        info.stamp,
        request.voice,
        key,
        request.variation,
        request.direction,
        wanted.follows,
        request.feelings,
    )
