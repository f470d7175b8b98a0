"""DaVinci Resolve: install scripts into `Scripts/Utility`, which every page of Resolve shows.

The folder is the user's own where the system has one, so no administrator is needed. Studio runs the Python
scripts, the free edition the Lua scripts (see docs/resolve.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from rythmo_plugin.installer.machine import Machine, System, command_line, start_words
from rythmo_plugin.installer.parcel import Parcel
from rythmo_plugin.installer.resolve_version import find_version
from rythmo_plugin.installer.script_constants import fill_constants, fill_lua_constants

HOST = "resolve"
_BLACKMAGIC = ("Blackmagic Design", "DaVinci Resolve")
_SUFFIXES = {".py", ".lua"}
# From this version on, menu scripts of the free edition can neither open files nor call programs.
_SANDBOXED = (21, 1)


def script_folder(machine: Machine) -> Path:
    """Return the folder in which Resolve looks for the scripts of Workspace > Scripts."""
    scripts = ("Fusion", "Scripts", "Utility")
    match machine.system:
        case System.MACOS:
            return machine.home.joinpath("Library", "Application Support", *_BLACKMAGIC, *scripts)
        case System.WINDOWS:
            return machine.program_data.joinpath(*_BLACKMAGIC, *scripts)
        case System.LINUX:
            return machine.home.joinpath(".local", "share", "DaVinciResolve", *scripts)


def is_installed(machine: Machine) -> bool:
    """Return whether Resolve itself seems to be installed."""
    match machine.system:
        case System.MACOS:
            return any(machine.shared("Applications").glob("DaVinci Resolve*"))
        case System.WINDOWS:
            return machine.programs.joinpath(*_BLACKMAGIC).exists()
        case System.LINUX:
            return machine.shared("opt", "resolve").exists()


def needs_mailbox(version: tuple[int, ...]) -> bool:
    """Return whether this version's free edition reaches Rythmo through the mailbox only."""
    return version >= _SANDBOXED


def make_parcel(machine: Machine, home: Path, start: list[str] | None = None) -> Parcel:
    """Make the parcel of scripts for a machine.

    `home` is the service's folder, where the scripts find its address and token. `start` are the words of the
    command that starts the service.
    """
    package = resources.files("rythmo_plugin.hosts.resolve")
    begin = command_line(machine, start or start_words())
    values = {"RYTHMO_HOME": str(home), "RYTHMO_START": begin, "RYTHMO_LIB": str(package)}
    lua_values = {
        "RYTHMO_HOME": lua_path(machine, home) or str(home).encode(),
        "RYTHMO_START": _encode(machine, begin) or begin.encode(),
        "RYTHMO_LIB": lua_path(machine, Path(str(package))) or str(package).encode(),
    }
    folder, files = script_folder(machine), []
    for entry in sorted(package.joinpath("menu").iterdir(), key=lambda entry: entry.name):
        source, suffix = entry.read_text(encoding="utf-8"), Path(entry.name).suffix
        if suffix in _SUFFIXES:
            is_lua = suffix == ".lua"
            text = fill_lua_constants(source, lua_values) if is_lua else fill_constants(source, values)
            files.append((folder / entry.name, text.encode("utf-8")))
    return Parcel(HOST, tuple(files), _next_steps(machine), tuple(_warnings(machine, home, package)))


def lua_path(machine: Machine, path: Path) -> bytes | None:
    """Return a path as Lua's `loadfile` needs it, or None if no such form exists.

    On Windows that is the ANSI code page, else the 8.3 name (seen by others: tmoroney/auto-subs). Folders
    that do not exist yet have no 8.3 name, so only the part that exists is shortened.
    """
    if (plain := _encode(machine, str(path))) is not None:
        return plain
    there = next((each for each in (path, *path.parents) if each.exists()), None)
    short = machine.shorten(there) if there else None
    if short is None or there is None:
        return None
    return _encode(machine, str(Path(short, path.relative_to(there))))


def _encode(machine: Machine, text: str) -> bytes | None:
    with suppress(UnicodeEncodeError):
        return text.encode(machine.lua_encoding)
    return None


def _warnings(machine: Machine, home: Path, package: Traversable) -> Iterator[str]:
    if not is_installed(machine):
        yield "DaVinci Resolve was not found on this machine; the scripts will work once it is there."
    odd = [place for place in (home, Path(str(package))) if lua_path(machine, place) is None]
    if odd:
        yield (
            f"The free edition's scripts cannot open {odd[0]}: its letters are not in this system's code "
            "page, and it has no 8.3 name. Set RYTHMO_HOME to a folder like C:\\Rythmo, and install Rythmo "
            "below such a folder."
        )


def _next_steps(machine: Machine) -> tuple[str, ...]:
    steps = (
        "Restart Resolve if it is running, and open a timeline.",
        "Choose Workspace > Scripts > Rythmo - Dub. In the free edition it is Rythmo - Dub (Lua).",
        "After editing the dubbed timeline choose Rythmo - Conform in the same menu.",
    )
    if not needs_mailbox(find_version(machine)):
        return steps
    return (
        *steps[:1],
        "In the free edition, start Rythmo first (rythmo serve): from 21.1 on its scripts cannot start it.",
        *steps[1:],
    )
