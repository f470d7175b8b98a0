"""Finds formats through the entry-point group `rythmo.formats`; built-ins register as third parties do.

An entry point has the name of its format and refers to a `Format`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from rythmo.errors import TimelineError, UsageError
from rythmo.files import make_printable
from rythmo.installed_plugins import load_registered
from rythmo_bridge.formats.features import Feature
from rythmo_bridge.timeline import Timeline

GROUP = "rythmo.formats"

Write = Callable[[Timeline, Path], tuple[Path, ...]]
Read = Callable[[Path], Timeline]
ReadNamed = Callable[[Path, str], Timeline]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that a timeline, subtitles or a list can be written to or read from.

    `write` makes the file at a path, with what belongs beside it, and returns all paths. `read` returns the
    timeline; `read_named` returns one by name, from a file that may hold several. `suffix` ends the names of
    written files; `suffixes` are others that are recognised.

    `names` gives the names of what `write` makes, from the name without a suffix and the languages, the main
    one first; without it that is one file.

    `exact` means that the format itself places sound to the sample; with others the media files make up for
    starts between two frames. `timeline` is False for subtitles, scripts, lists and films; `loops` is True
    for those that name recording loops, whose numbers are then kept. `keeps` is what the file holds, `partly`
    what it holds in another way, with the table's word for it; everything else is lost. `unread` is what the
    file holds and `read` leaves out.
    """

    name: str
    suffix: str
    summary: str
    write: Write | None = None
    read: Read | None = None
    read_named: ReadNamed | None = None
    suffixes: tuple[str, ...] = ()
    names: Callable[[str, tuple[str, ...]], tuple[str, ...]] | None = None
    exact: bool = False
    timeline: bool = True
    loops: bool = False
    keeps: frozenset[Feature] = frozenset()
    partly: Mapping[Feature, str] = field(default_factory=dict)
    unread: frozenset[Feature] = frozenset()


def lazy_reader(module: str) -> Read:
    """Return the `read` function of a module by its dotted name; the module loads when a file is read."""

    def read(path: Path) -> Timeline:
        load: Read = import_module(module).read
        return load(path)

    return read


def lazy_named_reader(module: str) -> ReadNamed:
    """Return the `read` function of a module, for files that may hold several timelines."""

    def read(path: Path, name: str) -> Timeline:
        load: ReadNamed = import_module(module).read
        return load(path, name)

    return read


@cache
def formats() -> Mapping[str, Format]:
    """Return every format by name, in order of name."""
    return {each.name: each for each in sorted(load_registered(GROUP, Format), key=lambda f: f.name)}


def find_format(name: str) -> Format:
    """Return the format with a name or suffix ("otio", ".otio").

    Raises:
        UsageError: There is none; the message lists them.
    """
    wanted = name.strip().lower()
    for each in formats().values():
        if wanted in (each.name, each.suffix, each.suffix.removeprefix(".")):
            return each
    raise UsageError(f"There is no format called {name!r}.", hint=f"There are: {', '.join(formats())}.")


def writers(names: Iterable[str]) -> tuple[tuple[Format, Write], ...]:
    """Return the formats to write, each once, in the order requested.

    Raises:
        UsageError: A format is unknown or cannot be written.
    """
    chosen = {each.name: each for each in (find_format(name) for name in names)}
    for each in chosen.values():
        if each.write is None:
            able = ", ".join(f.name for f in formats().values() if f.write)
            raise UsageError(f"{each.name} can be read but not written.", hint=f"These can: {able}.")
    return tuple((each, each.write) for each in chosen.values() if each.write is not None)


def format_by_path(path: Path) -> Format:
    """Return the format of a file by its name, the longest suffix first.

    Raises:
        UsageError: No format has that suffix.
    """
    return _by_suffix(path, formats().values()) or _unknown(path, formats().values())


def read_timeline(path: Path, sequence: str = "") -> Timeline:
    """Read the timeline in a file; of several, the one called `sequence`, else the first, with a note.

    Raises:
        TimelineError: The file cannot be read.
        UsageError: It is no timeline, or holds none of that name.
    """
    form = _readable_format(path)
    if not sequence:
        assert form.read is not None
        return form.read(path)
    if form.read_named is None:
        raise UsageError(f"{make_printable(path)} holds one timeline.", hint="Leave out --sequence.")
    return form.read_named(path, sequence)


def _readable_format(path: Path) -> Format:
    if not path.exists():
        raise TimelineError(f"There is no file {make_printable(path)}.", hint="Check the path.")
    return _by_suffix(path, _readable()) or _unknown(path, _readable())


@cache
def timeline_suffixes() -> frozenset[str]:
    """Return the last suffixes (".otio") of files that can be read as timelines, in lower case."""
    return frozenset(f".{suffix.rpartition('.')[2]}" for suffix, _ in _suffixes(_readable()))


def _readable() -> tuple[Format, ...]:
    return tuple(each for each in formats().values() if each.read is not None)


def _suffixes(among: Iterable[Format]) -> list[tuple[str, Format]]:
    known = [(suffix, each) for each in among for suffix in (each.suffix, *each.suffixes)]
    return sorted(known, key=lambda pair: (-len(pair[0]), pair[1].name))


def _by_suffix(path: Path, among: Iterable[Format]) -> Format | None:
    name = path.name.lower()
    return next((each for suffix, each in _suffixes(among) if name.endswith(suffix)), None)


def _unknown(path: Path, among: Iterable[Format]) -> NoReturn:
    suffixes = ", ".join(sorted({f".{suffix.rpartition('.')[2]}" for suffix, _ in _suffixes(among)}))
    raise UsageError(
        f"Rythmo does not know the format of {make_printable(path)}.",
        hint=f"It knows files that end in {suffixes}.",
    )
