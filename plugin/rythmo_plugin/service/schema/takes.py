"""API types of human takes: files that are imported, and recordings made on the page."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from rythmo.script.takes import TakeLayout
from rythmo_plugin.service.schema.base import Asked, Base, Name

_MOST_SAMPLES = 48_000 * 48 * 3600


class TakesAsked(Asked, frozen=True, kw_only=True):
    """Recorded files by their uploads. `lines` says which line a file is of, by the file's name, where its
    name does not say it."""

    uploads: Annotated[list[Name], Meta(min_length=1, max_length=2000)]
    lines: dict[Name, Name] = field(default_factory=dict)


class TakeRow(Base, frozen=True, kw_only=True):
    """A recorded file with its line, or why it is not taken (`code`, `refusal`).

    `length` is that of the file and `spoken` that of the speech in it, in samples; null for what is no sound.
    `positioned`: the file says where it was recorded. `known` is the take that the line has of it already.
    """

    id: str
    name: str
    line: str
    code: str
    refusal: str
    length: int | None
    spoken: int | None
    positioned: bool
    known: str
    notes: list[str]


class TakePlan(Base, frozen=True, kw_only=True):
    """Which file is which line. Nothing is changed until it is taken."""

    id: str
    rows: list[TakeRow]
    counts: dict[str, int]


class TakeRowsAsked(Asked, frozen=True, kw_only=True):
    """The files that are taken, as ids of rows. The last file of a line is chosen if `choose` is set.
    `layout` null leaves how the lines' human takes are laid."""

    rows: Annotated[list[Name], Meta(max_length=2000)]
    choose: bool = True
    layout: TakeLayout | None = None


class LayoutAsked(Asked, frozen=True, kw_only=True):
    """How a line's human take is laid."""

    layout: TakeLayout
    revision: int | None = None


class Recording(Base, frozen=True, kw_only=True):
    """A recording that is being sent: how many of its bytes have come."""

    id: str
    received: int


class RecordingAsked(Asked, frozen=True, kw_only=True):
    """A recording that was sent whole and becomes a take of a line.

    `size` is that of its WAV file in bytes. `position` is the programme's sample at which its first sample
    was recorded, after the latency was taken off; null where it was not recorded against the picture.
    """

    recording: Name
    size: Annotated[int, Meta(ge=1, le=1 << 30)]
    position: Annotated[int, Meta(ge=-_MOST_SAMPLES, le=_MOST_SAMPLES)] | None = None
    layout: TakeLayout | None = None
