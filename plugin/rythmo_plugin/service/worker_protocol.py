"""What a worker is told to do, as it goes through the pipe."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from rythmo.script.model import Script

Craft = Literal["warm", "dub", "say", "remake", "qc", "picture", "models"]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order; that to warm up belongs to no job. A dub has a `source` and makes a project below `out`; the
    others have a `project` folder.

    `flags` are settings as the command line would give them. `script` is the script to work on: the service
    keeps the project's script, and nobody else writes it while orders are out.
    """

    job: str
    craft: Craft
    project: str = ""
    source: str = ""
    out: str = ""
    target_language: str = ""
    source_language: str = ""
    script_file: str | None = None
    translation_file: str | None = None
    flags: dict[str, dict[str, Any]] = {}
    formats: list[str] = []
    script: Script | None = None
    line: str = ""
    models: list[str] = []


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line on a worker's input: something to do, or the id of a job that is not wanted any more."""

    order: Order | None = None
    cancel: str | None = None
