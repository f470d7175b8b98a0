"""API types of the machine and the installation: folders, models, engines, formats, languages."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rythmo_plugin.service.schema.base import Asked, Base, Name, PathText


class ServiceFacts(Base, frozen=True, kw_only=True):
    """The service itself. `first_use`: no project is known yet. `example`: the path of the built-in scene."""

    version: str
    ready: bool
    port: int
    example: str | None
    first_use: bool


class EntryCode(Base, frozen=True, kw_only=True):
    """A code that opens the page once, valid for two minutes."""

    code: str


class EnterAsked(Asked, frozen=True, kw_only=True):
    """The code in the address that the browser was started with."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Entered(Base, frozen=True, kw_only=True):
    """The token that every further call carries."""

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
    """An item of a folder. `candidate`: a folder that could be opened."""

    name: str
    path: str
    kind: Literal["folder", "media", "timeline", "project", "subtitles", "cast"]
    size: int = 0
    candidate: bool = False


class Listing(Base, frozen=True, kw_only=True):
    """The items of a folder that Rythmo can use. `parent` is null at the top of an opened folder."""

    path: str | None
    parent: str | None
    entries: list[Entry]


class Upload(Base, frozen=True, kw_only=True):
    """An uploaded file; refer to it by `id`."""

    id: str
    name: str
    size: int


class ImportAsked(Asked, frozen=True, kw_only=True):
    """A file that was dropped on the page: its own name and its size in bytes."""

    name: Name
    size: Annotated[int, Meta(ge=1, le=1 << 44)]


class Import(Base, frozen=True, kw_only=True):
    """A dropped file. `path` is where it lies, once it is there; `received` is how many bytes have come."""

    id: str
    path: str | None
    received: int


class ModelFacts(Base, frozen=True, kw_only=True):
    """A model that can be installed. `accept` is the address of its conditions, `token` says that its hub
    needs
    an account. Sizes are in bytes, 0 if unknown."""

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
    """A set of models. `lacking` are those that are not installed, `download_bytes` is their size."""

    name: str
    summary: str
    models: list[str]
    lacking: list[str]
    download_bytes: int
    command: str


class Models(Base, frozen=True, kw_only=True):
    """All models and sets, and the folder for them."""

    folder: str
    sets: list[ModelSetFacts]
    models: list[ModelFacts]


class ModelsAsked(Asked, frozen=True, kw_only=True):
    """Models and sets to install. `accept` accepts their conditions."""

    names: Annotated[list[Name], Meta(min_length=1, max_length=40)]
    accept: bool = False


class FormatFacts(Base, frozen=True, kw_only=True):
    """A delivery format. `loses` lists what it cannot hold. `timeline` is false for subtitles, lists and
    films; `loops` is true for the scripts and lists that a recording studio works from."""

    name: str
    suffix: str
    title: str
    timeline: bool
    loops: bool
    loses: list[str]


class LanguageFacts(Base, frozen=True, kw_only=True):
    """A target language: the languages it can be translated from here, and whether a voice speaks it."""

    code: str
    name: str
    translate_from: list[str]
    voice: bool


class Check(Base, frozen=True, kw_only=True):
    """One check of `rythmo doctor`."""

    name: str
    ok: bool
    text: str
    hint: str = ""
    command: str = ""


class Checks(Base, frozen=True, kw_only=True):
    """The checks of `rythmo doctor`."""

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
