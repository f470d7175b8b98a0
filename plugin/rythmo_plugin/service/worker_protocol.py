"""The messages that the service sends to a worker through its pipe."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from rythmo.script.model import Script
from rythmo.script.takes import VoiceRef
from rythmo_plugin.service.packed_scripts import PackedScript

Craft = Literal[
    "warm", "dub", "say", "remake", "qc", "picture", "models", "language",
    "audition", "propose", "cast", "send", "faces", "lips",
]  # fmt: skip


class SendOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What to send to Pro Tools: `new` names a session to make in `folder`; see `SendOptions`."""

    new: str = ""
    folder: str = ""
    takes: bool = False
    mute: bool = True
    markers: bool = True
    port: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order. A `warm` order belongs to no job; its `job` is "".

    A dub has a `source` and makes a project below `out`; the others have a `project` folder. `flags` are
    settings in the form of command-line flags. `script` is the script to work on, which goes over the pipe
    packed: the service owns the project's script, and the worker never writes it. An `audition` speaks its
    `line`, or a sample without one, in the `voice`; `propose` is about a `speaker`; `cast` saves the cast to
    the `cast_file`; `lips` are made of `lines`, or of all lines without any.
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
    lines: list[str] = []
    models: list[str] = []
    speaker: str = ""
    voice: VoiceRef | None = None
    cast_file: str = ""
    send: SendOrder | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line on a worker's input: an order (without its script) and its script, or the id of a job to
    cancel."""

    order: Order | None = None
    script: PackedScript | None = None
    cancel: str | None = None
