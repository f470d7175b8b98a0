"""API types of deliveries and of conforming to an edited timeline."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from rythmo_bridge.conform.rows import PlanRow, QuestionRow
from rythmo_plugin.service.schema.base import Asked, Base, MaybePath, Name, PathText

DeliveryStage = Literal["mix", "subtitles", "turnover", "loops", "provenance", "engines"]
SettingValue = bool | int | float | Annotated[str, Meta(max_length=300)]
DeliverySettings = dict[DeliveryStage, dict[Name, SettingValue]]


class DeliverAsked(Asked, frozen=True, kw_only=True):
    """The formats to deliver, and settings of the mix, subtitles, turnover, loops and marks to change first.

    Of `provenance` that is `sign` and `disclosure`, of `engines` the `watermark`. `disclosure_text` are the
    words that say that voices are a machine's, in the dub's language; "" takes Rythmo's own.
    """

    formats: Annotated[list[Name], Meta(min_length=1, max_length=40)]
    settings: DeliverySettings = field(default_factory=dict)
    disclosure_text: Annotated[str, Meta(max_length=500)] | None = None


class DeliveryPlan(Base, frozen=True, kw_only=True):
    """What a delivery would hold: names below `folder`, with "*" where one stands for many."""

    folder: str
    files: list[str]


class WatermarkFacts(Base, frozen=True, kw_only=True):
    """A watermark engine. `command` gets what it lacks; "" when it is ready."""

    name: str
    summary: str
    command: str


class MarkingChoices(Base, frozen=True, kw_only=True):
    """How a delivery says that a machine made it.

    `signer` says in a sentence who signs, or what is wrong with the certificate; `command` installs what
    signing needs, "" where it is there. `disclosure` are the words in the dub's language, and `own_words`
    says that they are the user's.
    """

    signer: str
    command: str
    watermarks: list[WatermarkFacts]
    disclosure: str
    own_words: bool


class DeliveryChoices(Base, frozen=True, kw_only=True):
    """The settings of a project's deliveries in force, and the words that some of them take.

    `signing` says in one sentence what of the last delivery is signed, and by whom.
    """

    settings: DeliverySettings
    loudness: list[str]
    stretchers: list[str]
    signing: str
    marking: MarkingChoices


class DeliveryFacts(Base, frozen=True, kw_only=True):
    """A delivered file. `stale`: the script has changed since it was written. `signed`: it carries a signed
    statement of how it was made."""

    format: str
    name: str
    path: str
    size: int
    url: str
    language: str
    stale: bool
    signed: bool


class RevealAsked(Asked, frozen=True, kw_only=True):
    """A file of the project to show in the file manager."""

    path: PathText


class ConformAsked(Asked, frozen=True, kw_only=True):
    """An edited timeline: the ids of uploads (several if each holds one track, like EDLs), or a path.

    With `partial`, lines on tracks that the timeline lacks are left unchanged. With `accept_missing`, missing
    lines count as removed, even if all of them are missing.
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
    """The codes of the questions that the user answered with yes."""

    accept: Annotated[list[Name], Meta(max_length=10)] = field(default_factory=list)


class Planned(Base, frozen=True, kw_only=True):
    """A conform plan."""

    plan: ConformPlan
