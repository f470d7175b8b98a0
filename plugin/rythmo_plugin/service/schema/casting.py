"""API types of casting by hand: the voices to choose from, auditions, and saving the cast."""

from __future__ import annotations

from rythmo_plugin.service.schema.base import Asked, Base, Name, PathText
from rythmo_plugin.service.schema.edits import VoiceAsked


class ListedVoice(Base, frozen=True, kw_only=True):
    """A voice to choose. `language` is "" where it speaks all of its engine's languages alike."""

    id: str
    language: str
    language_name: str
    gender: str
    note: str


class VoiceShelf(Base, frozen=True, kw_only=True):
    """The voices that a project's speakers can have, those made for its language first.

    `pace` and `pitch` are the limits of what can be set, null where nothing can; `why_none` says why there is
    nothing to choose. `sends` says what leaves this machine. `cast_file` is the project's.
    """

    engine: str
    local: bool
    sends: str
    mixes: bool
    pace: tuple[float, float] | None
    pitch: tuple[float, float] | None
    voices: list[ListedVoice]
    why_none: str = ""
    cast_file: str | None = None


class AuditionAsked(Asked, frozen=True, kw_only=True):
    """A line to hear in a voice, or a sample without a line. `send` agrees to the price of a service."""

    voice: VoiceAsked
    line: Name | None = None
    send: bool = False


class SaveCastAsked(Asked, frozen=True, kw_only=True):
    """The cast file, new or existing, in an opened folder."""

    path: PathText
