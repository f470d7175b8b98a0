"""Fit: where each take sits and how fast it plays, and why. Pure: values in, values out.

The order, and never another: as spoken; into the silence after; another wording; the engine's own
duration control; stretch, preferred up to 1.2 and at most 1.5; then the line is flagged.

Four rules cannot all hold when a take is far too long: starts never move, words are never cut, speed
has a limit, a speaker does not speak over themself. Rythmo keeps the first three without exception.
A take that at the limit still reaches into the same speaker's next line is placed whole, flagged as an
error ("self-overlap"), and `lanes` puts whichever comes second on another track of that speaker, so
that two items of one track never overlap and nothing is lost for the editor to repair.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rythmo.script.model import Flag, Line, Piece, Placement, Severity
from rythmo.script.phrases import Spoken, match, original_phrases
from rythmo.script.slots import FitSettings, Slot, lanes, slots

__all__ = ["FIT_CODES", "Ask", "FitDecision", "FitSettings", "Slot", "Step", "Want", "lanes", "plan", "slots"]

FIT_CODES = ("overrun", "self-overlap", "past-end", "fast", "short")
"""The codes of flags that a plan raises; clear them before planning again."""


class Step(StrEnum):
    """What the fit came to."""

    AS_SPOKEN = "as spoken"
    SILENCE_AFTER = "into the silence after"
    PAUSES = "pauses shortened"
    SLOWED = "slowed"
    STRETCHED = "stretched"
    FLAGGED = "flagged"


class Ask(StrEnum):
    """What could still be tried with another take."""

    SHORTER = "shorter wording"
    LONGER = "longer wording"
    DURATION = "duration control"


@dataclass(frozen=True, slots=True)
class Want:
    """Another take is wanted: `length` samples of speech, `ratio` times what was spoken now."""

    ask: Ask
    length: int
    ratio: float


@dataclass(frozen=True, slots=True)
class FitDecision:
    """How a take is placed, and why. With `wants` set another take may do better; this placement holds
    if none comes."""

    placement: Placement
    step: Step
    flags: tuple[Flag, ...] = ()
    wants: Want | None = None


def plan(
    line: Line,
    spoken: Spoken,
    slot: Slot,
    settings: FitSettings | None = None,
    *,
    rewrites_left: int = 0,
    duration_control: bool = False,
) -> FitDecision:
    """Place a take of `line` whose speech is `spoken`, and say why.

    `rewrites_left`: how many more wordings may be asked for; `duration_control`: the engine can still be
    asked for a length. The decision's flags belong on the line in place of those of FIT_CODES.
    """
    settings = settings or FitSettings()
    options = _Options.of(line, spoken, settings)
    wants = _want(line, options, slot, settings, rewrites_left, duration_control=duration_control)
    pieces, step = _place(line, options, slot, settings)
    flags = _flags(line, pieces, spoken, slot, settings)
    if any(flag.code in ("overrun", "self-overlap", "past-end") for flag in flags):
        step = Step.FLAGGED
    speed = (
        max(piece.speed for piece in pieces) if pieces[0].speed > 1 else min(piece.speed for piece in pieces)
    )
    reason = _reason(line, pieces, step, speed, slot, settings)
    spoken_until = pieces[-1].end
    # A room may ring on, but never into the next line.
    end = max(spoken_until, min(spoken_until + settings.tail, slot.end))
    placement = Placement(line.start, end, slot.end, speed=speed, reason=reason, pieces=pieces)
    return FitDecision(placement, step, flags, wants)


_Lay = Callable[[float], tuple[Piece, ...]]


@dataclass(frozen=True, slots=True)
class _Options:
    """The ways to lay a take: on the original's onsets (`anchored`, at a speed), and with its pauses
    scaled (`squeezed`, from 1.0 as spoken to 0.0 as short as they may be) or at that least (`packed`)."""

    anchored: _Lay
    squeezed: _Lay
    packed: _Lay

    @classmethod
    def of(cls, line: Line, spoken: Spoken, settings: FitSettings) -> _Options:
        grouped, onsets = match(original_phrases(line, settings.phrase_pause), spoken)
        least = settings.least_pause
        loose = [b[0] - a[1] for a, b in pairwise(spoken.phrases)]
        gaps = [min(gap, least) for gap in loose]

        def squeezed(share: float) -> tuple[Piece, ...]:
            scaled = [
                least_gap + int((gap - least_gap) * share) for gap, least_gap in zip(loose, gaps, strict=True)
            ]
            return _lay(spoken, line.start, scaled, (), 1.0)

        return cls(
            anchored=lambda speed: _lay(grouped, line.start, [least] * len(onsets), onsets, speed),
            squeezed=squeezed,
            packed=lambda speed: _lay(spoken, line.start, gaps, (), speed),
        )


def _lay(
    spoken: Spoken, start: int, gaps: Sequence[int], onsets: Sequence[int], speed: float
) -> tuple[Piece, ...]:
    """The phrases one after another at one speed, each at its onset or, where the one before it is not
    done yet, its gap after that."""
    pieces: list[Piece] = []
    for index, (a, b) in enumerate(spoken.phrases):
        at = start if index == 0 else pieces[-1].end + gaps[index - 1]
        if index < len(onsets):
            at = max(at, onsets[index])
        pieces.append(Piece(a, b, at, at + _stretched(b - a, speed)))
    return tuple(pieces)


def _stretched(length: int, speed: float) -> int:
    """Rounded towards the length as spoken, so that no limit is passed by a fraction of a sample."""
    return max(1, math.ceil(length / speed) if speed >= 1 else math.floor(length / speed))


def _place(
    line: Line, options: _Options, slot: Slot, settings: FitSettings
) -> tuple[tuple[Piece, ...], Step]:
    natural = options.anchored(1.0)
    if natural[-1].end <= line.end:
        # The limit is approached from 1.0, so the answer is the one closest to as spoken.
        short = _fill(natural, line) < settings.fill_below
        slow = _until(options.anchored, settings.slowest, 1.0, line.end) if short else None
        return (slow, Step.SLOWED) if slow else (natural, Step.AS_SPOKEN)
    if natural[-1].end <= slot.end:
        return natural, Step.SILENCE_AFTER
    for lay, hard, step in (
        (options.squeezed, 0.0, Step.PAUSES),
        (options.anchored, settings.preferred_speed, Step.STRETCHED),
        (options.packed, settings.hard_speed, Step.STRETCHED),
    ):
        if pieces := _until(lay, 1.0, hard, slot.end):
            return pieces, step
    return options.packed(settings.hard_speed), Step.FLAGGED


def _until(lay: _Lay, easy: float, hard: float, end: int) -> tuple[Piece, ...] | None:
    """The laying closest to `easy` that ends in time; None when not even `hard` does.

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


def _fill(pieces: Sequence[Piece], line: Line) -> float:
    return (pieces[-1].end - line.start) / max(1, line.end - line.start)


def _want(
    line: Line,
    options: _Options,
    slot: Slot,
    settings: FitSettings,
    rewrites_left: int,
    *,
    duration_control: bool,
) -> Want | None:
    """What to ask for next: a wording while there are rewrites, then a length from the engine."""
    length = options.squeezed(0.0)[-1].end - line.start
    natural = options.anchored(1.0)[-1].end - line.start
    original = line.end - line.start
    if length > max(1, slot.length):
        need = length / max(1, slot.length)
        if rewrites_left > 0 and need > settings.reword_above:
            return Want(Ask.SHORTER, slot.length, 1 / need)
        return Want(Ask.DURATION, slot.length, 1 / need) if duration_control else None
    fill = natural / max(1, original)
    if rewrites_left > 0 and fill < settings.reword_below:
        return Want(Ask.LONGER, original, 1 / fill)
    if duration_control and fill < settings.slowest:
        return Want(Ask.DURATION, original, 1 / fill)
    return None


def _flags(
    line: Line, pieces: Sequence[Piece], spoken: Spoken, slot: Slot, settings: FitSettings
) -> tuple[Flag, ...]:
    end, speed = pieces[-1].end, max(piece.speed for piece in pieces)
    flags = []
    if end > slot.end:
        message = (
            f"{_ms(spoken.length, settings)} spoken for a slot of {_ms(slot.length, settings)}: "
            f"at {speed:.2f}x it still runs {_ms(end - slot.end, settings)} past it."
        )
        flags.append(Flag("overrun", message))
    if end > slot.own_next:
        message = (
            f"It runs {_ms(end - slot.own_next, settings)} into the same speaker's next line "
            "and sits on a second track; shorten one of them."
        )
        flags.append(Flag("self-overlap", message, Severity.ERROR))
    if end > slot.programme_end:
        over = _ms(end - slot.programme_end, settings)
        flags.append(Flag("past-end", f"It runs {over} past the end of the programme.", Severity.ERROR))
    if end <= slot.end and speed > settings.preferred_speed:
        flags.append(
            Flag("fast", f"{speed:.2f}x is faster than the preferred {settings.preferred_speed:.2f}x.")
        )
    if _fill(pieces, line) < settings.reword_below:
        message = f"It fills {_fill(pieces, line):.0%} of the original line; the mouth goes on moving."
        flags.append(Flag("short", message, Severity.INFO))
    return tuple(flags)


def _reason(
    line: Line, pieces: Sequence[Piece], step: Step, speed: float, slot: Slot, settings: FitSettings
) -> str:
    """One sentence with the figures that decided."""
    over = _ms(pieces[-1].end - line.end, settings)
    anchors = f" Its {len(pieces)} phrases start where the original's do." if len(pieces) > 1 else ""
    match step:
        case Step.AS_SPOKEN:
            return f"It fits the original line as spoken ({_fill(pieces, line):.0%} of it).{anchors}"
        case Step.SILENCE_AFTER:
            return f"It runs {over} into the silence after the line.{anchors}"
        case Step.PAUSES:
            return (
                f"Its pauses were shortened so that it ends within its slot of {_ms(slot.length, settings)}."
            )
        case Step.SLOWED:
            return f"It was shorter than the original line and is slowed to {speed:.2f}x.{anchors}"
        case Step.STRETCHED:
            return f"It was too long for its slot of {_ms(slot.length, settings)} and plays at {speed:.2f}x."
        case Step.FLAGGED:
            return (
                f"It is too long even at the limit of {settings.hard_speed:.2f}x: "
                f"{_ms(pieces[-1].end - slot.end, settings)} past its slot."
            )


def _ms(samples: int, settings: FitSettings) -> str:
    return f"{samples * 1000 / settings.rate:.0f} ms"
