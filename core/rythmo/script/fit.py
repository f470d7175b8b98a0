"""Fit: where each take sits and how fast it plays, and why. Pure: values in, values out.

The order, and never another: as spoken; into the silence after; another wording; the engine's own
duration control; stretch, preferred up to 1.2 and at most 1.5; then the line is flagged.

Four rules cannot all hold when a take is far too long: starts never move, words are never cut, speed
has a limit, a speaker does not speak over themself. Rythmo keeps the first three without exception.
A take that at the limit still reaches into the same speaker's next line is placed whole, flagged as an
error ("self-overlap"), and `assign_lanes` puts whichever comes second on another track of that speaker, so
that two items of one track never overlap and nothing is lost for the editor to repair.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rythmo.script.fit_reasons import (
    FitStep,
    explain_fit,
    find_fit_flags,
    measure_fill,
    summarise_speed,
)
from rythmo.script.model import Flag, Line
from rythmo.script.phrases import TakePhrases, find_original_phrases, match_phrases
from rythmo.script.slots import FitSettings, Slot
from rythmo.script.takes import Piece, Placement


class RetakeKind(StrEnum):
    """What another take should do better."""

    SHORTER = "shorter wording"
    LONGER = "longer wording"
    DURATION = "duration control"


@dataclass(frozen=True, slots=True)
class RetakeRequest:
    """Another take is wanted: `length` samples of speech, `ratio` times what was spoken now."""

    ask: RetakeKind
    length: int
    ratio: float


@dataclass(frozen=True, slots=True)
class FitDecision:
    """How a take is placed, and why. With `wants` set another take may do better; this placement holds
    if none comes."""

    placement: Placement
    step: FitStep
    flags: tuple[Flag, ...] = ()
    retake: RetakeRequest | None = None


def plan_fit(
    line: Line,
    spoken: TakePhrases,
    slot: Slot,
    settings: FitSettings | None = None,
    *,
    rewrites_left: int = 0,
    duration_control: bool = False,
    pace: float = 1.0,
    least_tempo: float = 0.0,
) -> FitDecision:
    """Place a take of `line` whose speech is `spoken`, and say why.

    `rewrites_left`: how many more wordings may be asked for; `duration_control`: the engine can still be
    asked for a length; `pace`: how much faster than by itself it spoke this take, because it was asked for
    one. The limits of speed hold for both together: hurried words are hurried whoever hurries them.
    `least_tempo`: how fast both together have to be at least, because the lines beside it are.
    The decision's flags belong on the line in place of those of FIT_CODES.
    """
    asked = settings or FitSettings()
    settings = asked.after_pace(pace)
    options = _Options.of(line, spoken, settings)
    wants = _choose_retake(line, options, slot, settings, rewrites_left, duration_control=duration_control)
    pieces, step = _place_take(line, options, slot, settings)
    if summarise_speed(pieces) * pace < least_tempo:
        pieces, step = _lay_faster(options, least_tempo / pace, max(slot.end, pieces[-1].end)), FitStep.EVENED
    found = find_fit_flags(line, pieces, spoken, slot, asked, pace=pace)
    if any(flag.code in ("overrun", "self-overlap", "past-end") for flag in found):
        step = FitStep.FLAGGED
    why = explain_fit(line, pieces, step, slot, asked, pace=pace)
    spoken_until = pieces[-1].end
    # A room may ring on, but never into the next line.
    end = max(spoken_until, min(spoken_until + settings.tail, slot.end))
    placement = Placement(
        line.start,
        end,
        slot.end,
        speed=summarise_speed(pieces),
        reason=why,
        pieces=pieces,
        pace=round(pace, 4),
    )
    return FitDecision(placement, step, found, wants)


_MISS = 1.03
"""Engines meet a length within some percent: asked for the limit itself, they would often pass it."""
_Layout = Callable[[float], tuple[Piece, ...]]


@dataclass(frozen=True, slots=True)
class _Options:
    """The ways to lay a take: on the original's onsets (`anchored`, at a speed), and with its pauses
    scaled (`squeezed`, from 1.0 as spoken to 0.0 as short as they may be) or at that least (`packed`)."""

    anchored: _Layout
    squeezed: _Layout
    packed: _Layout

    @classmethod
    def of(cls, line: Line, spoken: TakePhrases, settings: FitSettings) -> _Options:
        grouped, onsets = match_phrases(find_original_phrases(line, settings.phrase_pause), spoken)
        least = settings.least_pause
        loose = [b[0] - a[1] for a, b in pairwise(spoken.phrases)]
        gaps = [min(gap, least) for gap in loose]

        def squeezed(share: float) -> tuple[Piece, ...]:
            scaled = [
                least_gap + int((gap - least_gap) * share) for gap, least_gap in zip(loose, gaps, strict=True)
            ]
            return _lay_phrases(spoken, line.start, scaled, (), 1.0)

        return cls(
            anchored=lambda speed: _lay_phrases(grouped, line.start, [least] * len(onsets), onsets, speed),
            squeezed=squeezed,
            packed=lambda speed: _lay_phrases(spoken, line.start, gaps, (), speed),
        )


def _lay_phrases(
    spoken: TakePhrases, start: int, gaps: Sequence[int], onsets: Sequence[int], speed: float
) -> tuple[Piece, ...]:
    """Lay the phrases one after another at one speed.

    Each starts at its onset, or `gaps` after the one before where that ends later.
    """
    pieces: list[Piece] = []
    for index, (a, b) in enumerate(spoken.phrases):
        at = start if index == 0 else pieces[-1].end + gaps[index - 1]
        if index < len(onsets):
            at = max(at, onsets[index])
        pieces.append(Piece(a, b, at, at + _scale_length(b - a, speed)))
    return tuple(pieces)


def _scale_length(length: int, speed: float) -> int:
    """Rounded towards the length as spoken, so that no limit is passed by a fraction of a sample."""
    return max(1, math.ceil(length / speed) if speed >= 1 else math.floor(length / speed))


def _place_take(
    line: Line, options: _Options, slot: Slot, settings: FitSettings
) -> tuple[tuple[Piece, ...], FitStep]:
    natural = options.anchored(1.0)
    if natural[-1].end <= line.end:
        # The limit is approached from 1.0, so the answer is the one closest to as spoken.
        # Slowed as far as it may be and still far too short, it would be slow for nothing.
        short = settings.slowest * settings.fill_below <= measure_fill(natural, line) < settings.fill_below
        slow = _find_closest_fit(options.anchored, settings.slowest, 1.0, line.end) if short else None
        return (slow, FitStep.SLOWED) if slow else (natural, FitStep.AS_SPOKEN)
    if natural[-1].end <= slot.end:
        return _lay_with_lips(line, options, natural, settings)
    for lay, hard, step in (
        (options.squeezed, 0.0, FitStep.PAUSES),
        (options.anchored, settings.preferred_speed, FitStep.STRETCHED),
        (options.packed, settings.hard_speed, FitStep.STRETCHED),
    ):
        if pieces := _find_closest_fit(lay, 1.0, hard, slot.end):
            return pieces, step
    return options.packed(settings.hard_speed), FitStep.FLAGGED


def _lay_with_lips(
    line: Line, options: _Options, natural: tuple[Piece, ...], settings: FitSettings
) -> tuple[tuple[Piece, ...], FitStep]:
    """Lay a take that goes on into the silence: as spoken, or a little hurried where the lips are seen."""
    closed = line.end + settings.lips_late
    if settings.with_lips and natural[-1].end > closed:
        speed = max(1.0, min(settings.lips_speed, settings.preferred_speed))
        for lay, hard in ((options.squeezed, 0.0), (options.anchored, speed)):
            if pieces := _find_closest_fit(lay, 1.0, hard, closed):
                return pieces, FitStep.LIPS
    return natural, FitStep.SILENCE_AFTER


def _lay_faster(options: _Options, speed: float, end: int) -> tuple[Piece, ...]:
    """At that speed: on the original's onsets where it ends in time, else with the shortest pauses."""
    anchored = options.anchored(speed)
    return anchored if anchored[-1].end <= end else options.packed(speed)


def _find_closest_fit(lay: _Layout, easy: float, hard: float, end: int) -> tuple[Piece, ...] | None:
    """Return the layout closest to `easy` that ends in time; None when not even `hard` does.

    Length falls steadily from easy to hard, so 40 halvings find the edge to far below a sample.
    """
    if (pieces := lay(easy))[-1].end <= end:
        return pieces
    best = lay(hard)
    if best[-1].end > end:
        return None
    for _ in range(40):
        middle = (easy + hard) / 2
        if (pieces := lay(middle))[-1].end <= end:
            best, hard = pieces, middle
        else:
            easy = middle
    return best


def _choose_retake(
    line: Line,
    options: _Options,
    slot: Slot,
    settings: FitSettings,
    rewrites_left: int,
    *,
    duration_control: bool,
) -> RetakeRequest | None:
    """Return what to ask for next: a wording while there are rewrites, then a length from the engine."""
    length = options.squeezed(0.0)[-1].end - line.start
    natural = options.anchored(1.0)[-1].end - line.start
    original = line.end - line.start
    if length > max(1, slot.length):
        need = length / max(1, slot.length)
        if rewrites_left > 0 and need > settings.reword_above:
            return RetakeRequest(RetakeKind.SHORTER, slot.length, 1 / need)
        return _request_length(length, slot.length, settings) if duration_control else None
    share = natural / max(1, original)
    if rewrites_left > 0 and share < settings.reword_below:
        return RetakeRequest(RetakeKind.LONGER, original, 1 / share)
    # Nothing is gained by asking for a length that a stretch reaches too, or that is not slow enough.
    if duration_control and settings.slowest_spoken * settings.fill_below <= share < settings.slowest:
        return _request_length(natural, original, settings)
    return None


def _request_length(now: int, wanted: int, settings: FitSettings) -> RetakeRequest:
    """Ask the engine for a length that it can speak at a pace that can be listened to."""
    fastest = max(1.0, settings.hard_speed / _MISS)
    ratio = min(max(wanted / max(1, now), 1 / fastest), 1 / settings.slowest_spoken)
    return RetakeRequest(RetakeKind.DURATION, math.ceil(now * ratio), ratio)


def measure_strain(decision: FitDecision, line: Line) -> tuple[int, float]:
    """Return how far a placement is from speech at its own pace in its own time, the worst first: samples
    past the slot, then change of speed and half of the time left empty. Of several takes the one with the
    least is the best."""
    placement = decision.placement
    over = max(0, placement.end - placement.slot_end)
    empty = 1 - (placement.end - placement.start) / max(1, line.length)
    return over, abs(math.log(placement.speed)) + max(0.0, empty) / 2
