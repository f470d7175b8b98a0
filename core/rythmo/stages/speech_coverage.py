"""Compare lines with detected speech: find speech without a line, and lines without speech. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rythmo.counts import format_count
from rythmo.engines.base import Turn
from rythmo.qc.intake import UNCOVERED
from rythmo.script.model import Flag, Line, Remark, Severity
from rythmo.stages.heard_words import Span, count_covered, merge_spans
from rythmo.timebase import SAMPLE_RATE

NO_SPEECH = "no-speech"
# Shorter stretches are breaths, laughter, and ends detected a little too long.
_SHORTEST = SAMPLE_RATE * 7 // 10
_JOIN = SAMPLE_RATE * 3 // 10
_PAD = SAMPLE_RATE // 4
_LEAST_SHARE = 0.1


def find_uncovered(lines: Sequence[Line], turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return stretches of at least 0.7 s of speech without a line, as turns in order of start.

    The original stays in the dub there, because the words are unknown.
    """
    spoken = merge_spans([(line.original_range[0] - _PAD, line.original_range[1] + _PAD) for line in lines])
    found: list[Turn] = []
    for turn in sorted(turns, key=lambda turn: (turn.start, turn.end)):
        for start, end in uncovered_parts((turn.start, turn.end), spoken):
            last = found[-1] if found else None
            if last and last.speaker == turn.speaker and start - last.end <= _JOIN:
                found[-1] = Turn(last.start, max(end, last.end), last.speaker)
            else:
                found.append(Turn(start, end, turn.speaker))
    return tuple(turn for turn in found if turn.end - turn.start >= _SHORTEST)


def uncovered_parts(span: Span, others: Sequence[Span]) -> list[Span]:
    """Return the parts of a span that none of the others (in order, disjoint) covers."""
    found, at = [], span[0]
    for start, end in others:
        if end <= at:
            continue
        if start >= span[1]:
            break
        if start > at:
            found.append((at, start))
        at = max(at, end)
    if at < span[1]:
        found.append((at, span[1]))
    return found


def remarks_on(
    uncovered: Sequence[Turn], names: dict[str, str], wordless: Collection[Turn] = ()
) -> tuple[Remark, ...]:
    """A remark on each stretch, whose end is kept, so that a line can be made of it.

    In those of `wordless` a recogniser heard no word: they are told as notes.
    """
    return tuple(
        Remark(
            turn.start,
            Flag(
                UNCOVERED,
                f"Something like a voice is heard for {_seconds(turn)}, with no word in it, and no line: "
                "the original stays in the dub.",
                Severity.INFO,
            )
            if turn in wordless
            else Flag(
                UNCOVERED,
                f"{names.get(turn.speaker, 'Somebody else')} speaks for {_seconds(turn)} and no line says "
                "it: the original stays in the dub. Make a line of it, or leave it.",
                Severity.WARNING,
            ),
            turn.end,
        )
        for turn in uncovered
    )


def note_on(uncovered: Sequence[Turn]) -> str:
    """Return the note for the command line; "" when everything is covered."""
    if not uncovered:
        return ""
    at = uncovered[0].start // SAMPLE_RATE
    first = f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"
    total = sum(turn.end - turn.start for turn in uncovered) / SAMPLE_RATE
    if len(uncovered) == 1:
        return (
            f"One stretch of speech ({total:.1f} s at {first}) is in no line: the original stays there. "
            "`rythmo line PROJECT --add` makes a line of it."
        )
    stretches = format_count(len(uncovered), "stretch", "stretches")
    return (
        f"{stretches} of speech ({total:.1f} s, the first at {first}) are in no line: the original stays "
        "there. `rythmo line PROJECT --add` makes a line of one."
    )


def flag_silent(lines: Sequence[Line], turns: Sequence[Turn]) -> tuple[Line, ...]:
    """Flag lines during which nobody is heard."""
    speech = merge_spans([(turn.start, turn.end) for turn in turns])
    return tuple(
        line.add_flags(Flag(NO_SPEECH, "Nobody is heard speaking here; the line is dubbed all the same."))
        if count_covered(speech, line.start, line.end) < _LEAST_SHARE * line.length
        else line
        for line in lines
    )


def _seconds(turn: Turn) -> str:
    return f"{(turn.end - turn.start) / SAMPLE_RATE:.1f} s"
