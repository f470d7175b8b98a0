"""What a project delivers, and how an edited timeline comes back."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from rythmo_bridge.conform.rows import PlanRow, QuestionRow
from rythmo_plugin.service.schema.base import Asked, Base, MaybePath, Name, PathText


class DeliverAsked(Asked, frozen=True, kw_only=True):
    """Formats by name."""

    formats: Annotated[list[Name], Meta(min_length=1, max_length=40)]


class DeliveryFacts(Base, frozen=True, kw_only=True):
    """A delivered file. `stale`: the script changed since."""

    format: str
    name: str
    path: str
    size: int
    url: str
    language: str
    stale: bool


class RevealAsked(Asked, frozen=True, kw_only=True):
    """A file of the project to show in the file manager."""

    path: PathText


class ConformAsked(Asked, frozen=True, kw_only=True):
    """An edited timeline: the ids of uploads (several where each is one track, as in EDLs), or a path.

    With `partial` lines of tracks that it does not hold stay as they are; with `accept_missing` they, and be
    it all lines, count as taken out.
    """

    uploads: Annotated[list[Name], Meta(max_length=100)] = field(default_factory=list)
    path: MaybePath = None
    partial: bool = False
    accept_missing: bool = False


class ConformPlan(Base, frozen=True, kw_only=True):
    """What an edited timeline would change."""

    id: str
    rows: list[PlanRow]
    counts: dict[str, int]
    conflicts: int
    applies: bool
    notes: list[str] = field(default_factory=list)
    questions: list[QuestionRow] = field(default_factory=list)


class ApplyAsked(Asked, frozen=True, kw_only=True):
    """The codes of the questions that the person answered with yes."""

    accept: Annotated[list[Name], Meta(max_length=10)] = field(default_factory=list)


class Planned(Base, frozen=True, kw_only=True):
    """A conform plan."""

    plan: ConformPlan
