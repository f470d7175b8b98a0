"""Recognise lines that have not changed since the last run, so that they are not fitted again.

A line is settled while it, its slot, its speaker's voice, the voice engine and the settings are the same.
Everything else about it (takes, wording, placement) follows from these. A new version of the engine is no
change: an update must not give a finished dub other takes. New takes are spoken by the new version.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from rythmo.engines.base import Kind
from rythmo.files import write_atomically
from rythmo.project.sealed import seal, unseal
from rythmo.project.workspace import hash_values
from rythmo.script import store
from rythmo.script.model import UNEDITED, Line, Script
from rythmo.script.slots import Slot
from rythmo.stages.context import Context

VERSION = 2
# Takes are mono, 24 bit.
_SAMPLE_BYTES = 3


class UnchangedLines:
    """The lines of a script that have not changed since the last run."""

    def __init__(self, script: Script, places: Mapping[str, Slot], context: Context) -> None:
        self._root = context.project.root
        self._places = places
        self._common = _common(script, context)
        self._keys: frozenset[str] = frozenset()
        with suppress(FileNotFoundError, msgspec.MsgspecError):
            self._keys = store.decode_json(unseal(_path(context).read_bytes()), frozenset[str])

    def __contains__(self, line: Line) -> bool:
        take = line.take
        return (
            take is not None
            and bool(self._keys)
            and _key(line, self._places[line.id], self._common) in self._keys
            and _holds(os.path.join(self._root, take.file), take.length)  # noqa: PTH118 - asked of every line
        )


def _holds(path: str, length: int) -> bool:
    """Tell whether a take's file exists at its full length. Its size shows at once if it was cut short."""
    try:
        return os.stat(path).st_size >= length * _SAMPLE_BYTES  # noqa: PTH116 - asked of every line
    except OSError:
        return False


def save_unchanged(script: Script, places: Mapping[str, Slot], context: Context) -> None:
    """Store the script's lines as settled. Raises OutputError."""
    common = _common(script, context)
    keys = sorted(_key(line, places[line.id], common) for line in script.lines)
    write_atomically(_path(context), seal(store.encode_json(keys)))


def _path(context: Context) -> Path:
    return context.project.settled_file


def _common(script: Script, context: Context) -> dict[str, str]:
    """Return for each speaker a hash of what all of the speaker's lines depend on."""
    settings, target = context.settings, script.target_language
    common = {}
    for speaker in script.speakers:
        engine = context.voiced_by(speaker.voice, target).engines.choice(Kind.VOICE, target)
        common[speaker.id] = hash_values(
            VERSION, target, engine, settings.fit, settings.mix.room, speaker.voice
        )
    return common


def _key(line: Line, slot: Slot, common: Mapping[str, str]) -> str:
    # Neither its take nor its placement depends on edits of the clip, on the timeline that the line followed,
    # or on what people say about it.
    bare = replace(line, clip=UNEDITED, conformed="", review=None, comments=())
    return hash_values(common[line.speaker], slot, bare)
