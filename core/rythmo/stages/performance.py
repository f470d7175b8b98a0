"""Measure how each original line is performed, relative to its speaker's habit.

A line's pitch, level and pace say little by themselves: a quick talker is quick in every line. What counts
is the distance from the median of the speaker's lines. It is stored in coarse steps, so that the edit of one
line, which moves the medians a little, does not change the manner of all the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from rythmo.executors import count_cores, start_workers
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.prosody import measure_prosody
from rythmo.project.workspace import hash_values
from rythmo.script.model import Line, Manner, Prosody, Script
from rythmo.stages.context import Context
from rythmo.timebase import SAMPLE_RATE

VERSION = 1
# A speaker with fewer lines has no habit to compare with.
_FEWEST_LINES = 3
# A shorter line has too few frames to measure its pace or its range.
_SHORTEST_SECONDS = 0.6
_SEMITONES = 1.0
_FACTOR = 0.1
# Variation of pace and range between lines spoken in one manner. A smaller difference is not audible.
_SCATTER_OCTAVES = 0.2
_DECIBELS = 2.0
_MOST_SEMITONES, _MOST_FACTOR, _MOST_DECIBELS = 6.0, 1.5, 12.0

# Shouting raises level and pitch together; level alone may be the microphone's distance.
_LOUD_DB, _HIGH_SEMITONES = 6.0, 3.0
_QUIET_DB = -10.0
_WHISPER_DB = -6.0
_QUICK, _SLOW = 1.3, 0.7


def run(script: Script, speech: ChunkedAudio, context: Context, *, only: str | None = None) -> Script:
    """Measure the prosody of every original line, and derive its manner where possible.

    `only` is the id of a single line to measure; the others keep their values.
    """
    ledger = context.ledger("line-prosody", Prosody)

    def prosody(line: Line) -> Prosody:
        context.cancel.check()
        start, end = line.original_range
        return ledger.value(
            hash_values(VERSION, speech.key, start, end), lambda: measure_prosody(speech.read(start, end))
        )

    wanted = [line for line in script.lines if only in (None, line.id)]
    with start_workers(count_cores(), context.cancel) as pool:
        found = dict(zip((line.id for line in wanted), pool.run_all(prosody, wanted), strict=True))
    measured = tuple(
        _measured(line, found[line.id]) if line.id in found else (line, True) for line in script.lines
    )
    context.ledgers.save()
    usual = habits([line for line, _ in measured])
    return replace(
        script,
        lines=tuple(
            line if known else replace(line, manner=manner_of(line, usual.get(line.speaker)))
            for line, known in measured
        ),
    )


def _measured(line: Line, prosody: Prosody) -> tuple[Line, bool]:
    """Return the line with its prosody, and whether its manner is known from before.

    The manner stays while the line's original sound does. Otherwise an edit of one line, which moves its
    speaker's medians a little, could make another line on the border of two steps be voiced again.
    """
    if line.locked:
        return line, True
    return replace(line, prosody=prosody), line.prosody == prosody


@dataclass(frozen=True, slots=True)
class Habit:
    """The medians of a speaker's lines: their prosody, and letters per second."""

    prosody: Prosody
    letters: float | None


def habits(lines: Sequence[Line]) -> Mapping[str, Habit]:
    """Return the habit of each speaker with enough lines."""
    own: dict[str, list[Line]] = {}
    for line in lines:
        if line.prosody is not None and _long_enough(line):
            own.setdefault(line.speaker, []).append(line)
    return {speaker: _habit(found) for speaker, found in own.items() if len(found) >= _FEWEST_LINES}


def _habit(lines: Sequence[Line]) -> Habit:
    def middle(name: str) -> float | None:
        return _middle(getattr(line.prosody, name) for line in lines)

    prosody = Prosody(**{name: middle(name) for name in Prosody.__slots__})
    return Habit(prosody, _middle(_letters_a_second(line) for line in lines))


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None


def _letters_a_second(line: Line) -> float | None:
    """Return letters per second over the time of the line's words.

    Syllables counted in the sound vary more between lines of one pace (0.17 to 0.51 octaves, against 0.11 to
    0.13, on 258 lines of flite).
    """
    spoken = sum(word.end - word.start for word in line.words) if line.words else line.length
    letters = sum(map(str.isalnum, line.spoken_text))
    return letters / (spoken / SAMPLE_RATE) if spoken > 0 and letters else None


def manner_of(line: Line, habit: Habit | None) -> Manner | None:
    """Compare the line with its speaker's habit. None when either is unknown or they do not differ."""
    if line.prosody is None or habit is None or not _long_enough(line):
        return None
    said, usual = line.prosody, habit.prosody
    louder = _more(said.level_db, usual.level_db)
    if said.pitch_hz is None:
        # Unvoiced and soft is a whisper; unvoiced and loud is a laugh, a cough, or speech under noise.
        return Manner(whispered=True) if usual.pitch_hz and louder <= _WHISPER_DB else None
    manner = Manner(
        pitch=_step(
            _clear(_octaves(said.pitch_hz, usual.pitch_hz), 1 / 12) * 12, _SEMITONES, _MOST_SEMITONES
        ),
        range=_factor(_clear(_octaves(_range(said), _range(usual)))),
        pace=_factor(_clear(_octaves(_letters_a_second(line), habit.letters))),
        level=_step(louder, _DECIBELS, _MOST_DECIBELS),
    )
    return None if manner == Manner() else manner


def in_words(line: Line) -> str:
    """Describe clearly audible manner in words for engines that take a written direction, else ""."""
    manner = line.manner
    if manner is None or "direction" in line.edited:
        return ""
    if manner.whispered:
        return "whispered"
    words = []
    if manner.level >= _LOUD_DB and manner.pitch >= _HIGH_SEMITONES:
        words.append("shouted")
    elif manner.level <= _QUIET_DB:
        words.append("quietly")
    if manner.pace >= _QUICK:
        words.append("quickly")
    elif manner.pace <= _SLOW:
        words.append("slowly")
    return ", ".join(words)


def _long_enough(line: Line) -> bool:
    return line.length >= _SHORTEST_SECONDS * SAMPLE_RATE


def _range(prosody: Prosody) -> float | None:
    low, high = prosody.pitch_low_hz, prosody.pitch_high_hz
    return high / low if low and high else None


def _more(value: float | None, usual: float | None) -> float:
    return 0.0 if value is None or usual is None else value - usual


def _octaves(value: float | None, usual: float | None) -> float:
    return math.log2(value / usual) if value and usual else 0.0


def _clear(octaves: float, scatter: float = _SCATTER_OCTAVES) -> float:
    """Return 0 for a difference within the usual variation of one manner."""
    return octaves if abs(octaves) >= scatter else 0.0


def _step(value: float, step: float, most: float) -> float:
    # Adding zero turns -0.0 into 0.0: one manner has one key.
    return min(most, max(-most, round(value / step) * step)) + 0.0


def _factor(octaves: float) -> float:
    """Return a factor in steps of a tenth, limited to `_MOST_FACTOR` and its inverse."""
    bounded = min(_MOST_FACTOR, max(1 / _MOST_FACTOR, 2.0**octaves))
    return float(round(round(bounded / _FACTOR) * _FACTOR, 1))
