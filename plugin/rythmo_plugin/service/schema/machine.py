"""What this machine and this installation have: folders, engines, formats, languages."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rythmo_plugin.service.schema.base import Asked, Base, Name, PathText


class ServiceFacts(Base, frozen=True, kw_only=True):
    """Who answers. `first_use`: no project was ever opened. `example`: the built-in scene, if it is there."""

    version: str
    ready: bool
    port: int
    example: str | None
    first_use: bool


class EntryCode(Base, frozen=True, kw_only=True):
    """A code that opens the page once, within two minutes."""

    code: str


class EnterAsked(Asked, frozen=True, kw_only=True):
    """The code that a browser was started with."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Entered(Base, frozen=True, kw_only=True):
    """What every further call carries."""

    token: str


class FolderAsked(Asked, frozen=True, kw_only=True):
    """A folder to open."""

    path: PathText


class Folder(Base, frozen=True, kw_only=True):
    """A folder that the user opened."""

    id: str
    path: str
    name: str


class Entry(Base, frozen=True, kw_only=True):
    """A thing in a folder."""

    name: str
    path: str
    kind: Literal["folder", "media", "timeline", "project", "subtitles"]
    size: int = 0
    candidate: bool = False


class Listing(Base, frozen=True, kw_only=True):
    """A folder's content that Rythmo can use. `parent` is null at the edge of what was opened."""

    path: str | None
    parent: str | None
    entries: list[Entry]


class Upload(Base, frozen=True, kw_only=True):
    """A file that was sent; name it by `id`."""

    id: str
    name: str
    size: int


class ModelFacts(Base, frozen=True, kw_only=True):
    """A model that can be fetched. `accept` is the address of conditions, `token` says that the hub asks for
    an account; sizes are in bytes, 0 where nobody can say."""

    name: str
    kind: str
    engine: str
    summary: str
    languages: str
    licence: str
    accept: str
    token: bool
    extra: str
    download_bytes: int
    installed_bytes: int
    memory_mb: int
    installed: bool
    folder: str


class ModelSetFacts(Base, frozen=True, kw_only=True):
    """Several models by one name; `lacking` are those that are not installed, `download_bytes` their size."""

    name: str
    summary: str
    models: list[str]
    lacking: list[str]
    download_bytes: int
    command: str


class Models(Base, frozen=True, kw_only=True):
    """All models and sets, and the folder that they are in."""

    folder: str
    sets: list[ModelSetFacts]
    models: list[ModelFacts]


class ModelsAsked(Asked, frozen=True, kw_only=True):
    """Models and sets to fetch; `accept` accepts the conditions that some come under."""

    names: Annotated[list[Name], Meta(min_length=1, max_length=40)]
    accept: bool = False


class FormatFacts(Base, frozen=True, kw_only=True):
    """A delivery format; `loses` says in words what it cannot hold. `timeline` is false for subtitles, lists
    and films."""

    name: str
    suffix: str
    title: str
    timeline: bool
    loses: list[str]


class LanguageFacts(Base, frozen=True, kw_only=True):
    """A target language: what it can be translated from here, and whether a voice speaks it."""

    code: str
    name: str
    translate_from: list[str]
    voice: bool


class Check(Base, frozen=True, kw_only=True):
    """One thing the doctor looked at."""

    name: str
    ok: bool
    text: str
    hint: str = ""
    command: str = ""


class Checks(Base, frozen=True, kw_only=True):
    """What the doctor found."""

    checks: list[Check]


class MissingPart(Base, frozen=True, kw_only=True):
    """What an engine lacks here, and the command that gets it; empty where there is none."""

    what: str
    command: str


class EngineFacts(Base, frozen=True, kw_only=True):
    """An engine. `sends` says what leaves the machine; `why` and `command` sum up what is missing."""

    kind: str
    name: str
    version: str
    summary: str
    licence: str
    languages: list[str]
    local: bool
    sends: str
    capabilities: list[str]
    draft: bool
    available: bool
    missing: list[MissingPart]
    ready: bool
    why: str
    command: str


class Engines(Base, frozen=True, kw_only=True):
    """All engines."""

    engines: list[EngineFacts]
