"""Send scripts to a worker as what changed since the last one.

A film's script is five megabytes. Writing and reading it took 50 to 200 ms of each new take, which had
changed one line. Both ends remember the lines of the script that went over the pipe last: messages are never
lost or swapped there, and a new worker process starts with a new pipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from rythmo.script.model import Line, Script


class PackedScript(msgspec.Struct, frozen=True):
    """A script in parts: everything but its lines, the ids of its lines in order, and the lines that are not
    those that went over last."""

    head: Script
    order: tuple[str, ...]
    lines: tuple[Line, ...]


class ScriptPacker:
    """The service's end of one pipe. Not thread-safe."""

    def __init__(self) -> None:
        self._sent: Mapping[str, Line] = {}

    def pack(self, script: Script) -> PackedScript:
        """Return the script for the worker, which must get it before any other."""
        # Lines are values: the same object is the same line.
        changed = tuple(line for line in script.lines if self._sent.get(line.id) is not line)
        self._sent = {line.id: line for line in script.lines}
        return PackedScript(replace(script, lines=()), tuple(self._sent), changed)


class ScriptUnpacker:
    """The worker's end of one pipe. Not thread-safe."""

    def __init__(self) -> None:
        self._known: Mapping[str, Line] = {}

    def unpack(self, packed: PackedScript) -> Script:
        """Return the script that was packed.

        Raises msgspec.ValidationError for a script that builds on lines that never came.
        """
        known = {**self._known, **{line.id: line for line in packed.lines}}
        if missing := [ident for ident in packed.order if ident not in known]:
            raise msgspec.ValidationError(f"line {missing[0]} was never sent")
        self._known = {ident: known[ident] for ident in packed.order}
        return replace(packed.head, lines=tuple(self._known.values()))
