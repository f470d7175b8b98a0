"""Brings together what a person did and what the engines made meanwhile. Pure.

A worker gets a script, works on it for a while, and gives it back with takes, places and flags. The script
that the service keeps may have been edited since. Whatever a person touched stays as the person left it; all
else is the worker's; and no take is ever lost.
"""

from __future__ import annotations

from dataclasses import replace

from rythmo.script.model import Line, Script, Speaker, Take


def merged(base: Script, mine: Script, theirs: Script) -> Script:
    """`mine` with what the worker made of `base`, which is `theirs`."""
    before = {line.id: line for line in base.lines}
    made = {line.id: line for line in theirs.lines}

    def line_of(line: Line) -> Line:
        result = made.get(line.id)
        return line if result is None else _line(before.get(line.id), line, result)

    return replace(
        mine.map_lines(line_of),
        speakers=_speakers(base, mine, theirs),
        engines={**mine.engines, **theirs.engines},
        remarks=theirs.remarks if mine.remarks == base.remarks else mine.remarks,
    )


def _line(before: Line | None, mine: Line, theirs: Line) -> Line:
    takes = together(mine.takes, theirs.takes)
    return replace(theirs if mine == before else mine, takes=takes)


def together(mine: tuple[Take, ...], theirs: tuple[Take, ...]) -> tuple[Take, ...]:
    """All takes, each once, in order of their number."""
    known = {take.id: take for take in (*theirs, *mine)}
    return tuple(known[name] for name in sorted(known, key=lambda name: (len(name), name)))


def _speakers(base: Script, mine: Script, theirs: Script) -> tuple[Speaker, ...]:
    before = {speaker.id: speaker for speaker in base.speakers}
    made = {speaker.id: speaker for speaker in theirs.speakers}

    def speaker_of(speaker: Speaker) -> Speaker:
        result = made.get(speaker.id)
        if result is None:
            return speaker
        if speaker == before.get(speaker.id):
            return result
        # Renamed or given a voice meanwhile; a voice that was missing is the worker's.
        return replace(
            speaker, voice=speaker.voice or result.voice, prosody=speaker.prosody or result.prosody
        )

    return tuple(speaker_of(speaker) for speaker in mine.speakers)
