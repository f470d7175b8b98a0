"""Merge the user's edits with what a worker made meanwhile. Pure.

A worker gets a script and returns it with takes, placements and flags. Meanwhile the user may have edited the
service's copy. What the user changed wins, everything else comes from the worker, and no take is ever lost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rythmo.script.model import Line, Script, Speaker
from rythmo.script.undo import merge_takes


def merge_scripts(base: Script, mine: Script, theirs: Script) -> Script:
    """Return `mine` (the service's script) merged with `theirs` (what the worker made of `base`)."""
    before = {line.id: line for line in base.lines}
    made = {line.id: line for line in theirs.lines}

    def line_of(line: Line) -> Line:
        result = made.get(line.id)
        # The very same line, where the worker left it alone: saving knows it again.
        if result is None or result == line:
            return line
        return _merge_line(before.get(line.id), line, result)

    # A line that was deleted or joined meanwhile keeps the take that was being made of it.
    removed = tuple(
        replace(line, takes=merge_takes(line.takes, made[line.id].takes)) if line.id in made else line
        for line in mine.removed
    )
    return replace(
        mine.map_lines(line_of),
        removed=removed,
        speakers=_merge_speakers(base, mine, theirs),
        engines=_merge_engines(base, mine, theirs),
        remarks=theirs.remarks if mine.remarks == base.remarks else mine.remarks,
    )


def _merge_engines(base: Script, mine: Script, theirs: Script) -> dict[str, str]:
    """Merge who did what; an engine that the worker left out, such as a watermark turned off, is left out."""
    gone = set(base.engines) - set(theirs.engines)
    return {kind: stamp for kind, stamp in {**mine.engines, **theirs.engines}.items() if kind not in gone}


def _merge_line(before: Line | None, mine: Line, theirs: Line) -> Line:
    takes = merge_takes(mine.takes, theirs.takes)
    about: dict[str, Any] = {"review": mine.review, "comments": mine.comments}
    if mine.locked:
        return replace(mine, takes=takes)
    # A comment that was made meanwhile is no change of what sounds: what the worker made of the line stands.
    unchanged = before is not None and replace(mine, **about) == replace(before, **about)
    return replace(theirs, takes=takes, **about) if unchanged else replace(mine, takes=takes)


def _merge_speakers(base: Script, mine: Script, theirs: Script) -> tuple[Speaker, ...]:
    before = {speaker.id: speaker for speaker in base.speakers}
    made = {speaker.id: speaker for speaker in theirs.speakers}

    def speaker_of(speaker: Speaker) -> Speaker:
        result = made.get(speaker.id)
        if result is None:
            return speaker
        if speaker == before.get(speaker.id):
            return result
        # The user renamed or recast the speaker meanwhile; take from the worker only what is missing.
        return replace(
            speaker, voice=speaker.voice or result.voice, prosody=speaker.prosody or result.prosody
        )

    return tuple(speaker_of(speaker) for speaker in mine.speakers)
