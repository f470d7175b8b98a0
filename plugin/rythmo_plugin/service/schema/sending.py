"""API types of sending a dub to a program that mixes."""

from __future__ import annotations

from typing import Literal

from rythmo_plugin.service.schema.base import Asked, Base, MaybePath, Name

MixingHost = Literal["protools"]


class SendAsked(Asked, frozen=True, kw_only=True):
    """What to send. `new` names a session to make in `folder` (default: beside the project); without it the
    open session is used. `takes`: also the other takes of each line, on muted tracks. `mute`: mute the tracks
    that sound in the open session. `markers`: a memory location for each finding."""

    host: MixingHost = "protools"
    new: Name | None = None
    folder: MaybePath = None
    takes: bool = False
    mute: bool = True
    markers: bool = True


class SendState(Base, frozen=True, kw_only=True):
    """Whether a dub could be sent now: what was found, and what to do if it could not. `session` is a name
    for a new session."""

    host: MixingHost
    ready: bool
    found: str
    todo: str
    session: str


class ClipAstray(Base, frozen=True, kw_only=True):
    """A clip that is missing or in the wrong place: `what` is wrong, `where` (timecode), its line, a note."""

    what: str
    where: str
    line: str
    note: str


class Sent(Base, frozen=True, kw_only=True):
    """What stands in the session after a sending, as read back. `rows` are clips that are not in place."""

    session: str
    placed: int
    wanted: int
    sentence: str
    rows: list[ClipAstray]
