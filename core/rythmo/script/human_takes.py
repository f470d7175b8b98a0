"""Human takes in a script: add one, lay it in its line, and flag one whose words have changed since. Pure.

A human take stays chosen whatever happens to the line's words, its speaker's voice or the engines. Only a
person who chooses another take, or asks for one, replaces it. When the line says something else than the
take, the line is flagged.
"""

from __future__ import annotations

from dataclasses import replace

from rythmo.errors import ScriptError
from rythmo.script.edit_marks import add_names, drop_names
from rythmo.script.fit import FitDecision, plan_fit
from rythmo.script.fit_reasons import FitStep, find_fit_flags
from rythmo.script.locks import require_unlocked
from rythmo.script.model import Flag, Line, Script, Severity, remove_cuts
from rythmo.script.phrases import TakePhrases
from rythmo.script.slots import FitSettings, Slot
from rythmo.script.takes import Piece, Placement, Take, TakeLayout

HUMAN_OUT_OF_DATE = "human-take-outdated"
HUMAN_CODES = (HUMAN_OUT_OF_DATE,)
"""The codes of flags that `flag_human_take` raises."""


def add_human_take(
    script: Script,
    line_id: str,
    take: Take,
    *,
    choose: bool = True,
    layout: TakeLayout | None = None,
) -> Script:
    """Return the script with a human take added to the line, and chosen unless told otherwise.

    The words that the line has now are kept when the programme is dubbed again: a person has spoken them.
    `layout` None leaves how the line's human takes are laid. A take that the line has already is only chosen.
    Raises LockedLineError, and ScriptError for a line that does not exist.
    """
    line = script.line(line_id)
    require_unlocked(line)
    if all(known.id != take.id for known in line.takes):
        line = replace(line, takes=(*line.takes, take))
    if not choose:
        return script.with_line(line)
    script = script.with_line(_choose(line, take))
    return script if layout is None else set_layout(script, line_id, layout)


def _choose(line: Line, take: Take) -> Line:
    edited = add_names(drop_names(line.edited, "placement"), "chosen")
    if line.translation:
        edited = add_names(edited, "translation")
    if take.id != line.chosen:
        line = remove_cuts(line)
    return replace(line, chosen=take.id, edited=edited)


def set_layout(script: Script, line_id: str, layout: TakeLayout) -> Script:
    """Return the script with the line's human takes laid that way; where an editor placed the take no longer
    counts.

    Raises LockedLineError, and ScriptError for a line without a human take, or for RECORDED when nothing is
    known of where the take was recorded.
    """
    line = script.line(line_id)
    require_unlocked(line)
    if not line.has_human_take:
        raise ScriptError(
            f"{line.id} has no human take chosen.", hint="Takes of engines are always fitted to their slot."
        )
    if layout is TakeLayout.RECORDED and line.take is not None and line.take.offset is None:
        raise ScriptError(
            f"Where {line.take.id} of {line.id} was recorded is not known.",
            hint="It has no time reference, and was not recorded against the picture.",
        )
    edited = add_names(drop_names(line.edited, "placement"), "layout")
    return script.with_line(replace(line, layout=layout, edited=edited))


def flag_human_take(line: Line) -> Line:
    """Return the line with a flag where its human take says other words than the line, and without one
    elsewhere."""
    bare = line.without_flags(*HUMAN_CODES)
    take = bare.take
    if take is None or not take.human or take.text == bare.spoken_translation:
        return bare
    said = f"“{take.text}”" if take.text else "nothing"
    message = (
        f"The human take {take.id} was recorded when the line said {said}; it is kept. "
        "Record it again, choose another take, or write its words back."
    )
    return bare.add_flags(Flag(HUMAN_OUT_OF_DATE, message, Severity.WARNING))


def lay_human_take(line: Line, spoken: TakePhrases, slot: Slot, settings: FitSettings) -> FitDecision:
    """Place the line's human take, whose speech is `spoken`, as `Line.layout` asks for.

    As performed, it keeps its pace and its pauses: nothing is stretched, and what does not fit is flagged.
    The line must have a human take.
    """
    assert line.take is not None
    if line.layout is TakeLayout.FITTED:
        return plan_fit(line, spoken, slot, settings)
    start, reason = line.start, "As performed; its first word is on the line's start."
    if line.layout is TakeLayout.RECORDED and line.take.offset is not None:
        start = line.start + line.take.offset + spoken.start
        reason = "As performed, where it was recorded against the picture."
    # What was performed before the programme's first frame cannot be heard.
    cut = min(max(0, -start), spoken.length - 1)
    start += cut
    piece = Piece(spoken.start + cut, spoken.end, start, start + spoken.length - cut)
    flags = find_fit_flags(line, (piece,), spoken, slot, settings, pace=1.0)
    end = max(piece.end, min(piece.end + settings.tail, slot.end))
    placement = Placement(piece.start, end, slot.end, reason=reason, pieces=(piece,))
    step = FitStep.FLAGGED if any(flag.code in _TOO_LONG for flag in flags) else FitStep.AS_SPOKEN
    return FitDecision(placement, step, flags)


_TOO_LONG = ("overrun", "self-overlap", "past-end")
