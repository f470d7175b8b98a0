"""DaVinci Resolve: install scripts into `Scripts/Utility`, which every page of Resolve shows.

The folder is the user's own where the system has one, so no administrator is needed. Studio runs the Python
scripts, the free edition the Lua scripts (see docs/resolve.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from rythmo_plugin.installer.machine import Machine, System, command_line, start_words
from rythmo_plugin.installer.parcel import Parcel
from rythmo_plugin.installer.script_constants import fill_constants

HOST = "resolve"
_BLACKMAGIC = ("Blackmagic Design", "DaVinci Resolve")
_SUFFIXES = {".py", ".lua"}


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


def make_parcel(machine: Machine, home: Path, start: list[str] | None = None) -> Parcel:
    """Make the parcel of scripts for a machine.

    `home` is the service's folder, where the scripts find its address and token. `start` are the words of the
    command that starts the service.
    """
    package = resources.files("rythmo_plugin.hosts.resolve")
    values = {
        "RYTHMO_HOME": str(home),
        "RYTHMO_START": command_line(machine, start or start_words()),
        "RYTHMO_LIB": str(package),
    }
    folder, files = script_folder(machine), []
    for entry in sorted(package.joinpath("menu").iterdir(), key=lambda entry: entry.name):
        if Path(entry.name).suffix in _SUFFIXES:
            text = fill_constants(entry.read_text(encoding="utf-8"), values)
            files.append((folder / entry.name, text.encode("utf-8")))
    return Parcel(HOST, tuple(files), _next_steps(), tuple(_warnings(machine, home, package)))


def _warnings(machine: Machine, home: Path, package: Traversable) -> Iterator[str]:
    if not is_installed(machine):
        yield "DaVinci Resolve was not found on this machine; the scripts will work once it is there."
    # On Windows, Lua opens files by the ANSI code page.
    odd = [place for place in (str(home), str(package)) if not place.isascii()]
    if odd and machine.system is System.WINDOWS:
        yield f"The free edition's scripts may fail to open {odd[0]}: Lua on Windows needs ASCII letters."


def _next_steps() -> tuple[str, ...]:
    return (
        "Restart Resolve if it is running, and open a timeline.",
        "Choose Workspace > Scripts > Rythmo - Dub. In the free edition it is Rythmo - Dub (Lua).",
        "After editing the dubbed timeline choose Rythmo - Conform in the same menu.",
    )
