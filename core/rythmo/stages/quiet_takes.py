"""Takes that are far quieter than their speaker's other takes: asked for again, then flagged.

How quiet a take is can only be told beside the others, so this comes after all lines were voiced.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from statistics import median

from rythmo.errors import EngineFailedError
from rythmo.script.model import Flag, Line, Script
from rythmo.script.slots import Slot
from rythmo.stages import voice_line
from rythmo.stages.context import Context

QUIET_TAKE = "take-quiet"
"""The code of the flag."""

# About half as loud to the ear: more than one reading of a voice differs from the next.
_BELOW_DB = 9.0
# Fewer say nothing of what is usual for a speaker.
_FEWEST_TAKES = 3
_ASKINGS = 2


def voice_louder(
    lines: Sequence[Line],
    fixed: Collection[str],
    script: Script,
    places: Mapping[str, Slot],
    context: Context,
) -> tuple[Line, ...]:
    """Ask again for takes that are far quieter than the same speaker's others, and flag those that stay so.

    `fixed` are ids of lines that keep their takes; a take that a person chose or pinned, and a line with a
    direction, is flagged and not asked for again. A line is as quiet as it should be where the original is.
    """
    levels = _lowered(lines, context)
    usual = _usual(lines, levels)

    def louder(line: Line) -> Line:
        if line.id not in levels or line.speaker not in usual or line.id in fixed:
            return line
        line = line.without_flags(QUIET_TAKE)
        floor = usual[line.speaker] - _BELOW_DB
        if levels[line.id] >= floor:
            return line
        softer = levels[line.id] - voice_line.speech_level(line, context)
        line = _voiced_again(line, floor - softer, script, places[line.id], context)
        below = usual[line.speaker] - softer - voice_line.speech_level(line, context)
        if below <= _BELOW_DB:
            return line
        message = f"The take is {below:.0f} dB quieter than the same speaker's other takes."
        return line.add_flags(Flag(QUIET_TAKE, message))

    return tuple(louder(line) for line in lines)


def _lowered(lines: Sequence[Line], context: Context) -> dict[str, float]:
    """The level of each line's take in dBFS, less what its original is quieter than its speaker's usual.

    How loud a person was recorded says nothing: the mix makes it as loud as the original.
    """
    voiced = [
        line for line in lines if line.take is not None and not (line.take.is_original or line.take.human)
    ]
    own: dict[str, list[float]] = {}
    for line in voiced:
        if (spoken := _original_level(line)) is not None:
            own.setdefault(line.speaker, []).append(spoken)
    levels = {}
    for line in voiced:
        spoken = _original_level(line)
        softer = max(0.0, median(own[line.speaker]) - spoken) if spoken is not None else 0.0
        levels[line.id] = voice_line.speech_level(line, context) + softer
    return levels


def _original_level(line: Line) -> float | None:
    return line.prosody.level_db if line.prosody else None


def _usual(lines: Sequence[Line], levels: Mapping[str, float]) -> dict[str, float]:
    """The median level of each speaker with enough takes."""
    found: dict[str, list[float]] = {}
    for line in lines:
        if line.id in levels:
            found.setdefault(line.speaker, []).append(levels[line.id])
    return {speaker: median(own) for speaker, own in found.items() if len(own) >= _FEWEST_TAKES}


def _voiced_again(line: Line, floor: float, script: Script, slot: Slot, context: Context) -> Line:
    """The line with the first other reading that reaches `floor` (dBFS), else with the loudest one."""
    if line.direction or line.is_pinned or "chosen" in line.edited:
        return line
    speaker = next(person for person in script.speakers if person.id == line.speaker)
    own = context.voiced_by(speaker.voice, script.target_language)
    best, level = line, voice_line.speech_level(line, context)
    for number in range(1, _ASKINGS + 1):
        try:
            other = voice_line.read_again(
                replace(line, takes=best.takes), speaker, slot, script.target_language, number, own
            )
        except EngineFailedError:
            break
        louder = voice_line.speech_level(other, context)
        if louder > level:
            best, level = other, louder
        else:
            best = replace(best, takes=other.takes)
        if level >= floor:
            break
    return best
