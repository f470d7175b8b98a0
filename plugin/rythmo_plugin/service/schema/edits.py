"""API types of the user's edits and their results."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from rythmo_plugin.service.schema.base import Asked, Base, Name, Text
from rythmo_plugin.service.schema.jobs import Job
from rythmo_plugin.service.schema.projects import Line, Speaker

Samples = Annotated[int, Meta(ge=0, le=48_000 * 48 * 3600)]
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]


class LineSeen(Asked, frozen=True, kw_only=True):
    """What the client saw of a line's fields when its user began to edit them. Another value by now is a
    conflict, and nothing is overwritten."""

    text: Text | UnsetType = UNSET
    translation: Text | UnsetType = UNSET
    direction: Text | UnsetType = UNSET
    speaker: Name | UnsetType = UNSET
    start: Samples | UnsetType = UNSET
    end: Samples | UnsetType = UNSET


class LineAsked(Asked, frozen=True, kw_only=True):
    """Changes of a line. Omitted fields stay the same. `voice` false: do not speak the line yet."""

    text: Text | UnsetType = UNSET
    translation: Text | UnsetType = UNSET
    direction: Text | UnsetType = UNSET
    speaker: Name | UnsetType = UNSET
    start: Samples | UnsetType = UNSET
    end: Samples | UnsetType = UNSET
    seen: LineSeen = LineSeen()
    voice: bool = True
    revision: int | None = None


class Edited(Base, frozen=True, kw_only=True):
    """A line after an edit, with the job that speaks it."""

    line: Line
    revision: int
    job: Job | None = None


class AddLineAsked(Asked, frozen=True, kw_only=True):
    """A line that is missing, over [start, end). Without a translation it is translated, without a speaker it
    belongs to whoever has the line next to it."""

    start: Samples
    end: Samples
    text: Annotated[str, Meta(min_length=1, max_length=5000)]
    translation: Text = ""
    speaker: Annotated[str, Meta(max_length=200)] = ""
    revision: int | None = None


class SplitLineAsked(Asked, frozen=True, kw_only=True):
    """Where a line is split: before a recognised `word` (counted from 0), at a `character` of its text, or
    `at` a position in samples; exactly one of them. `seen_text`: the text that the client saw."""

    word: Annotated[int, Meta(ge=0, le=100_000)] | UnsetType = UNSET
    character: Annotated[int, Meta(ge=0, le=100_000)] | UnsetType = UNSET
    at: Samples | UnsetType = UNSET
    seen_text: Text | UnsetType = UNSET
    revision: int | None = None


class JoinLinesAsked(Asked, frozen=True, kw_only=True):
    """Neighbouring lines that become one, which has the id of the first. `across_speakers` allows lines of
    different speakers."""

    lines: Annotated[list[Name], Meta(min_length=2, max_length=1000)]
    across_speakers: bool = False
    revision: int | None = None


class LockAsked(Asked, frozen=True, kw_only=True):
    """Whether nothing may change the line."""

    locked: bool
    revision: int | None = None


class ScreenAsked(Asked, frozen=True, kw_only=True):
    """Whether a line's speaker is on screen; null: what is found in the picture."""

    presence: Literal["on", "partly", "off"] | None
    revision: int | None = None


class NameFaceAsked(Asked, frozen=True, kw_only=True):
    """Whose face it is: a speaker's id, "" for somebody who says nothing, null: what is found counts."""

    speaker: Annotated[str, Meta(max_length=200)] | None
    revision: int | None = None


class LeaveAsked(Asked, frozen=True, kw_only=True):
    """A stretch [start, end) of speech without a line that stays as it is."""

    start: Samples
    end: Samples
    revision: int | None = None


class ChoiceAsked(Asked, frozen=True, kw_only=True):
    """The take to use."""

    take: Name
    revision: int | None = None


class VoiceAsked(Asked, frozen=True, kw_only=True):
    """A voice of the project's engine. With a `second` one it is a mixture, of which `share` is the first.
    Without `pace` (a factor) or `pitch` (semitones) the voice has its own."""

    engine: Name
    id: Name
    second: Name = ""
    share: Annotated[float, Meta(ge=0, le=1)] = 0.5
    pace: Annotated[float, Meta(ge=0.1, le=10)] | None = None
    pitch: Annotated[float, Meta(ge=-24, le=24)] | None = None


class SpeakerAsked(Asked, frozen=True, kw_only=True):
    """Changes of a speaker. Omitted fields stay the same. A `voice` of null leaves the choice to casting."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    voice: VoiceAsked | UnsetType | None = UNSET
    voice_locked: bool | UnsetType = UNSET
    revision: int | None = None


class MergeAsked(Asked, frozen=True, kw_only=True):
    """The speaker who takes over all the lines."""

    into: Name
    revision: int | None = None


class SplitAsked(Asked, frozen=True, kw_only=True):
    """The lines that belong to another speaker, and that speaker's name."""

    lines: Annotated[list[Name], Meta(min_length=1, max_length=5000)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    revision: int | None = None


class Changed(Base, frozen=True, kw_only=True):
    """What an edit changed: `lines` that are not as they were, and ids of those that are gone in `removed`.
    `speaker` is the new one after a split, `what` the edit that was undone or done again."""

    revision: int
    lines: list[Line]
    speakers: list[Speaker]
    can_undo: bool
    can_redo: bool
    speaker: str | None = None
    removed: list[str] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    what: str = ""
