"""API types of faces and lips in a dub that is finished: what they would take, and what was made."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rythmo_plugin.service.schema.base import Asked, Base, Name


class PictureEngine(Base, frozen=True, kw_only=True):
    """An engine that finds faces or makes lips. `sends` says what leaves the machine ("" where nothing does),
    `command` gets what the engine lacks here ("" when it is ready)."""

    name: str
    summary: str
    draft: bool
    local: bool
    sends: str
    ready: bool
    command: str


class LipClipFacts(Base, frozen=True, kw_only=True):
    """One clip with new lips, from sample `start` to `end` of the programme, and the lines it is of.

    `url` plays it in a browser; `lead` is how many seconds of the film it holds before `start`.
    """

    lines: list[str]
    shot: int
    start: int
    end: int
    lead: float
    url: str


class KeptLips(Base, frozen=True, kw_only=True):
    """A part of a line that has no new lips, in seconds, and why."""

    line: str
    reason: str
    seconds: float


class PictureFacts(Base, frozen=True, kw_only=True):
    """What was made of a project's picture.

    `faces` says that somebody looked for faces, and `tracker` is what does it. `lip_engines` can make lips;
    `chosen` is the engine that made them, or that the project's settings name, "" where the choice is open.
    `made` names the engine of the lips that there are, with its version; null where none were made.
    """

    faces: bool
    tracker: PictureEngine | None
    lip_engines: list[PictureEngine]
    chosen: str
    burn: bool
    made: str | None
    draft: bool
    clips: list[LipClipFacts]
    kept: list[KeptLips]


class LipsAsked(Asked, frozen=True, kw_only=True):
    """Lips to make with an `engine`, of all lines or of `lines`. `burn` also delivers the film with them.

    `send` agrees that a service gets the faces, and to its price.
    """

    engine: Name
    lines: Annotated[list[Name], Meta(max_length=5000)] | None = None
    burn: bool = False
    send: bool = False


class LacksConsent(Base, frozen=True, kw_only=True):
    """A speaker whose face may not be changed, and why."""

    speaker: str
    name: str
    why: str


class LipsLeft(Base, frozen=True, kw_only=True):
    """Lines that keep their lips for one reason."""

    reason: str
    lines: list[str]


class LipPlan(Base, frozen=True, kw_only=True):
    """What lips would take, at most: `lines` of `seconds`. `price` is null where none is known, and 0 for
    engines of this machine; `work_seconds` of processor time is null where nobody measured the engine.

    `missing` says what the engine lacks, "" when it is ready.
    """

    lines: int
    seconds: float
    currency: str
    price: float | None
    work_seconds: float | None
    local: bool
    sends: str
    draft: bool
    missing: str
    faces: bool
    consent: list[LacksConsent]
    left: list[LipsLeft]


class FacePlan(Base, frozen=True, kw_only=True):
    """What looking for faces would take: processor time, null where nobody measured the tracker."""

    tracker: PictureEngine | None
    work_seconds: float | None
