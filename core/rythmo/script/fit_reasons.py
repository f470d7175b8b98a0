"""Name a fit's result, flag its problems, and explain it in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rythmo.script.model import Flag, Line, Severity
from rythmo.script.phrases import TakePhrases
from rythmo.script.slots import FitSettings, Slot
from rythmo.script.takes import Piece

FIT_CODES = ("overrun", "self-overlap", "past-end", "fast", "short")
"""The codes of flags that a plan raises; clear them before planning again."""
_HEARD = 0.02
_ROUNDING = 1e-9
"""A pace is a ratio of measured lengths: what was asked for exactly may come out a hair above."""


class FitStep(StrEnum):
    """What the fit came to."""

    AS_SPOKEN = "as spoken"
    SILENCE_AFTER = "into the silence after"
    PAUSES = "pauses shortened"
    SLOWED = "slowed"
    STRETCHED = "stretched"
    LIPS = "to the end of the lips"
    EVENED = "as quick as the lines beside it"
    FLAGGED = "flagged"


def measure_fill(pieces: Sequence[Piece], line: Line) -> float:
    """Return how much of the original line's time the placed speech takes."""
    return (pieces[-1].end - line.start) / max(1, line.end - line.start)


def find_fit_flags(
    line: Line,
    pieces: Sequence[Piece],
    spoken: TakePhrases,
    slot: Slot,
    settings: FitSettings,
    *,
    pace: float,
) -> tuple[Flag, ...]:
    """Return the flags of FIT_CODES for a line that is laid as `pieces`; `pace` is the engine's own hurry."""
    end, speed = pieces[-1].end, pace * max(piece.speed for piece in pieces)
    found = []
    if end > slot.end:
        spoken_by_itself = _format_ms(round(spoken.length * pace), settings)
        message = (
            f"{spoken_by_itself} spoken for a slot of {_format_ms(slot.length, settings)}: "
            f"at {speed:.2f}x it still runs {_format_ms(end - slot.end, settings)} past it."
        )
        found.append(Flag("overrun", message))
    if end > slot.own_next:
        message = (
            f"It runs {_format_ms(end - slot.own_next, settings)} into the same speaker's next line "
            "and sits on a second track; shorten one of them."
        )
        found.append(Flag("self-overlap", message, Severity.ERROR))
    if end > slot.programme_end:
        over = _format_ms(end - slot.programme_end, settings)
        found.append(Flag("past-end", f"It runs {over} past the end of the programme.", Severity.ERROR))
    if end <= slot.end and speed > settings.preferred_speed + _ROUNDING:
        found.append(
            Flag("fast", f"{speed:.2f}x is faster than the preferred {settings.preferred_speed:.2f}x.")
        )
    if measure_fill(pieces, line) < settings.reword_below:
        message = f"It fills {measure_fill(pieces, line):.0%} of the original line; the mouth goes on moving."
        found.append(Flag("short", message, Severity.INFO))
    return tuple(found)


def explain_fit(
    line: Line, pieces: Sequence[Piece], step: FitStep, slot: Slot, settings: FitSettings, *, pace: float
) -> str:
    """One sentence with the figures that decided; a second one where the engine was asked for a length."""
    said = _explain_step(line, pieces, step, slot, settings)
    if abs(pace - 1) < _HEARD:
        return said
    return f"{said} The voice was asked for that length: it speaks at {pace:.2f}x its own pace."


def _explain_step(
    line: Line, pieces: Sequence[Piece], step: FitStep, slot: Slot, settings: FitSettings
) -> str:
    speed = summarise_speed(pieces)
    over = _format_ms(pieces[-1].end - line.end, settings)
    slot_length = _format_ms(slot.length, settings)
    anchors = f" Its {len(pieces)} phrases start where the original's do." if len(pieces) > 1 else ""
    match step:
        case FitStep.AS_SPOKEN:
            return f"It fits the original line as spoken ({measure_fill(pieces, line):.0%} of it).{anchors}"
        case FitStep.SILENCE_AFTER:
            return f"It runs {over} into the silence after the line.{anchors}"
        case FitStep.PAUSES:
            return f"Its pauses were shortened so that it ends within its slot of {slot_length}."
        case FitStep.SLOWED:
            return f"It was shorter than the original line and is slowed to {speed:.2f}x.{anchors}"
        case FitStep.STRETCHED if speed < 1 + _HEARD:
            return f"It fits its slot of {slot_length} at {speed:.3f}x."
        case FitStep.STRETCHED:
            return f"It was too long for its slot of {slot_length} and plays at {speed:.2f}x."
        case FitStep.LIPS:
            how = f"plays at {speed:.2f}x" if speed > 1 else "has its pauses shortened"
            return f"The speaker is on screen: it {how}, so that it ends {over} after the lips.{anchors}"
        case FitStep.EVENED:
            return f"It plays at {speed:.2f}x, so that its tempo is close to that of the lines beside it."
        case FitStep.FLAGGED:
            return (
                f"It is too long even at the limit of {settings.hard_speed:.2f}x: "
                f"{_format_ms(pieces[-1].end - slot.end, settings)} past its slot."
            )


def summarise_speed(pieces: Sequence[Piece]) -> float:
    """Return the speed that describes a placement: its fastest phrase's, or its slowest's where it is
    slowed."""
    speeds = [piece.speed for piece in pieces]
    return max(speeds) if speeds[0] > 1 else min(speeds)


def _format_ms(samples: int, settings: FitSettings) -> str:
    return f"{samples * 1000 / settings.rate:.0f} ms"
