"""Finds formats through the entry-point group `rythmo.formats`; built-ins register as third parties do.

An entry point is named like its format and refers to a `Format`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path

from rythmo.entries import registered
from rythmo.errors import UsageError
from rythmo_bridge.formats.features import Feature
from rythmo_bridge.timeline import Timeline

GROUP = "rythmo.formats"

Write = Callable[[Timeline, Path], tuple[Path, ...]]
Read = Callable[[Path], Timeline]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to deliver or to read a timeline, subtitles or a list.

    `write` makes the file at the path (and what belongs beside it) and gives every path it made; `read`
    gives the timeline. `suffix` ends the names that are written, `suffixes` are others that are recognised.
    `exact` says that sound lands on its sample by the format itself; elsewhere the media carry what lies
    between two frames. `timeline` is False for subtitles, lists and films. `keeps` is what the file holds,
    `partly` what it holds in another way, with the table's word for it; everything else is lost. `unread` is
    what the file holds and `read` leaves out.
    """

    name: str
    suffix: str
    summary: str
    write: Write | None = None
    read: Read | None = None
    suffixes: tuple[str, ...] = ()
    exact: bool = False
    timeline: bool = True
    keeps: frozenset[Feature] = frozenset()
    partly: Mapping[Feature, str] = field(default_factory=dict)
    unread: frozenset[Feature] = frozenset()


def reading(module: str) -> Read:
    """The `read` of a module of `rythmo_bridge.readers`, loaded when something is read."""

    def read(path: Path) -> Timeline:
        found: Read = import_module(f"rythmo_bridge.readers.{module}").read
        return found(path)

    return read


@cache
def formats() -> Mapping[str, Format]:
    """Every format by name, in order of name."""
    return {each.name: each for each in sorted(registered(GROUP, Format), key=lambda f: f.name)}


def find(name: str) -> Format:
    """The format of that name, or whose suffix it is ("otio", ".otio"). Raises UsageError listing them."""
    wanted = name.strip().lower()
    for each in formats().values():
        if wanted in (each.name, each.suffix, each.suffix.removeprefix(".")):
            return each
    raise UsageError(f"There is no format called {name!r}.", hint=f"There are: {', '.join(formats())}.")


def writers(names: Iterable[str]) -> tuple[tuple[Format, Write], ...]:
    """Formats to write, each once, in the order asked for. Raises UsageError."""
    chosen = {each.name: each for each in (find(name) for name in names)}
    for each in chosen.values():
        if each.write is None:
            able = ", ".join(f.name for f in formats().values() if f.write)
            raise UsageError(f"{each.name} can be read but not written.", hint=f"These can be: {able}.")
    return tuple((each, each.write) for each in chosen.values() if each.write is not None)


def by_path(path: Path) -> Format:
    """The format that a file's name stands for, the longest suffix first. Raises UsageError."""
    name = path.name.lower()
    known = [(suffix, each) for each in formats().values() for suffix in (each.suffix, *each.suffixes)]
    for suffix, each in sorted(known, key=lambda pair: (-len(pair[0]), pair[1].name)):
        if name.endswith(suffix):
            return each
    suffixes = ", ".join(sorted({suffix for suffix, _ in known}))
    raise UsageError(f"{path.name} is of no format that Rythmo knows.", hint=f"It knows: {suffixes}.")
