"""Recognise lines that nothing has happened to, so that they are neither voiced nor fitted again.

A line is settled when an earlier run left it exactly so: with its words, times, chosen take and placement,
its speaker's voice, the voice engine and the settings. States of earlier runs count too, so that what is
undone is not made again. Its slot may have changed around it (a neighbour was moved, deleted, added) as long
as what is heard still lies inside, and nothing would be gained by more room.
A new version of the engine is no change: an update must not give a finished dub other takes. New takes are
spoken by the new version.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from rythmo.engines.base import Kind
from rythmo.files import write_atomically
from rythmo.project.sealed import seal, unseal
from rythmo.project.workspace import hash_values
from rythmo.script import store
from rythmo.script.edit_marks import drop_names
from rythmo.script.fit_reasons import FIT_CODES
from rythmo.script.model import Line, Script
from rythmo.script.on_screen import OnScreen
from rythmo.script.slots import FitSettings, Slot
from rythmo.script.takes import UNEDITED, TakeLayout
from rythmo.stages.context import Context

VERSION = 3
# Takes are mono, 24 bit.
_SAMPLE_BYTES = 3
# Flags of a take that would gain by more room.
_CRAMPED = tuple(code for code in FIT_CODES if code != "short")
# States of lines that are remembered: of a film's 2000 lines, those of the last 25 runs and more.
_MOST_KEYS = 50_000
_LATER_OF_LINE: dict[str, object] = {"layout": TakeLayout.START.value, "on_screen": None}
_LATER_OF_FIT = ("lips_late", "lips_speed", "unseen_reword_above", "unseen_reword_below", "with_lips")
_LATER_OF_TAKE: dict[str, object] = {"human": False, "source": "", "offset": None}


class UnchangedLines:
    """The lines of a script that have not changed since the last run."""

    def __init__(self, script: Script, places: Mapping[str, Slot], context: Context) -> None:
        self._root = context.project.root
        self._places = places
        self._common = _common(script, context)
        self._keys = frozenset(_read_keys(context))

    def __contains__(self, line: Line) -> bool:
        if line.locked:
            return True
        take = line.take
        return (
            take is not None
            and bool(self._keys)
            and _still_fits(line, self._places[line.id])
            and _key(line, self._common) in self._keys
            and _holds(os.path.join(self._root, take.file), take.length)  # noqa: PTH118 - asked of every line
        )


def _still_fits(line: Line, slot: Slot) -> bool:
    """Tell whether a placed line needs no other fit in its slot."""
    placement = line.placement
    if placement is None or placement.slot_end == slot.end:
        return True
    if placement.slot_end < slot.end:
        return not any(flag.code in _CRAMPED for flag in line.flags)
    return placement.end <= slot.end


def _holds(path: str, length: int) -> bool:
    """Tell whether a take's file exists at its full length. Its size shows at once if it was cut short."""
    try:
        return os.stat(path).st_size >= length * _SAMPLE_BYTES  # noqa: PTH116 - asked of every line
    except OSError:
        return False


def save_unchanged(script: Script, context: Context) -> None:
    """Store the script's lines as settled, beside those of earlier runs. Raises OutputError."""
    common = _common(script, context)
    now = sorted(_key(line, common) for line in script.lines)
    known = dict.fromkeys((*now, *_read_keys(context)))
    write_atomically(_path(context), seal(store.encode_json(list(known)[:_MOST_KEYS])))


def _read_keys(context: Context) -> tuple[str, ...]:
    with suppress(FileNotFoundError, msgspec.MsgspecError):
        return store.decode_json(unseal(_path(context).read_bytes()), tuple[str, ...])
    return ()


def _path(context: Context) -> Path:
    return context.project.settled_file


def _common(script: Script, context: Context) -> dict[str, str]:
    """Return for each speaker a hash of what all of the speaker's lines depend on."""
    settings, target = context.settings, script.target_language
    common = {}
    for speaker in script.speakers:
        engine = context.voiced_by(speaker.voice, target).engines.choice(Kind.VOICE, target)
        common[speaker.id] = hash_values(
            VERSION, target, engine, _plain_fit(settings.fit), settings.mix.room, speaker.voice
        )
    return common


def _plain_fit(fit: FitSettings) -> object:
    """Return the fit's settings as they are hashed: later ones count only where they are not the default."""
    plain, default = (msgspec.to_builtins(one, order="deterministic") for one in (fit, FitSettings()))
    for name in _LATER_OF_FIT:
        if plain[name] == default[name]:
            del plain[name]
    return msgspec.Raw(msgspec.json.encode(plain))


def _key(line: Line, common: Mapping[str, str]) -> str:
    """Hash everything of a line that its take and placement follow from, or that is them."""
    bare = replace(
        line,
        takes=(line.take,) if line.take else (),
        # Whoever confirms the words that a line has changes nothing of them.
        edited=drop_names(line.edited, "translation") if line.translation else line.edited,
        # What is remarked on it, an edit of its clip and the timeline that it followed change neither.
        flags=(),
        clip=UNEDITED,
        conformed="",
        review=None,
        comments=(),
        locked=False,
        shaped=False,
        # The fit follows whether the speaker is seen, not how well.
        on_screen=OnScreen(line.on_screen.presence) if line.on_screen else None,
    )
    return hash_values(common[line.speaker], _without_later_fields(bare))


def _without_later_fields(line: Line) -> object:
    """Return the line as it is hashed: fields that later versions added count only where they are set.

    So a project of an older version has the same keys, and an update leaves its lines as they are.
    """
    plain: Any = msgspec.to_builtins(line, enc_hook=store.to_builtin, order="deterministic")
    for name, default in _LATER_OF_LINE.items():
        if plain[name] == default:
            del plain[name]
    for take in plain["takes"]:
        for name, default in _LATER_OF_TAKE.items():
            if take[name] == default:
                del take[name]
    return msgspec.Raw(msgspec.json.encode(plain))
