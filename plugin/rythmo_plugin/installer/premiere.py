"""Adobe Premiere: pack the panel as a `.ccx` file, which Creative Cloud installs when the user opens it.

A `.ccx` is a plain ZIP. Premiere 26.5.1 was seen to refuse one without a folder around its files and with
permissions of 000 (status -160; leancoderkavy/premiere-pro-mcp, issue 566), while Adobe's own packager was
seen to write none (MehranMarxian/OpenLayer, pull request 24). So there are two: with the folder, and without
it in case a version refuses the first.

Opening it installs for one user; Adobe's command-line installer would install for all users and needs an
administrator. Panels must not be copied into Premiere's folder directly, because Creative Cloud keeps a
database of them.
"""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from rythmo.errors import UsageError
from rythmo.version import __version__
from rythmo_plugin.installer.machine import Machine, System, command_line, start_words
from rythmo_plugin.installer.parcel import Parcel
from rythmo_plugin.installer.script_constants import fill_constants

HOST = "premiere"
BUNDLE_ROOT = "org.rythmo.premiere/"
SUFFIXES = {".html", ".js", ".css", ".json", ".png"}
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the earliest date of a ZIP; a fixed one makes the file reproducible


# The system whose permissions an entry holds; zipfile would write that of the machine it runs on.
_UNIX = 3
_DOS_FOLDER = 0x10


def is_supported(machine: Machine) -> bool:
    """Return whether Premiere exists for the system."""
    return machine.system is not System.LINUX


def is_installed(machine: Machine) -> bool:
    """Return whether Premiere itself seems to be installed."""
    if machine.system is System.MACOS:
        return any(machine.shared("Applications").glob("Adobe Premiere*"))
    return any(machine.programs.joinpath("Adobe").glob("Adobe Premiere*"))


def make_parcel(machine: Machine, home: Path, start: list[str] | None = None) -> Parcel:
    """Make the parcel: the packed panel, and the file that starts the service with the words `start`.

    Raises UsageError on Linux, where there is no Premiere.
    """
    if not is_supported(machine):
        raise UsageError(
            "Premiere does not run on Linux.",
            hint="Install Rythmo on the machine with Premiere, or import a timeline there (--deliver fcp7).",
        )
    panel = home / "premiere" / f"Rythmo-{__version__}.ccx"
    flat = panel.with_name(f"Rythmo-{__version__}-flat.ccx")
    starter = starter_file(machine, home)
    files = (
        (panel, pack_panel(home, starter, BUNDLE_ROOT)),
        (flat, pack_panel(home, starter)),
        (starter, start_script(machine, start or start_words())),
    )
    missing = (
        ()
        if is_installed(machine)
        else ("Premiere was not found on this machine; install the panel once it is there.",)
    )
    return Parcel(HOST, files, _next_steps(panel, flat), missing)


def starter_file(machine: Machine, home: Path) -> Path:
    """Return the path of the file that starts the service, by a double click or the panel's button."""
    name = "Start Rythmo.bat" if machine.system is System.WINDOWS else "Start Rythmo.command"
    return home / "premiere" / name


def start_script(machine: Machine, words: list[str]) -> bytes:
    """Return that file's content. Its window stays open as long as the service runs."""
    line = command_line(machine, words)
    if machine.system is System.WINDOWS:
        # A percent sign begins a variable, and cmd.exe reads batch files in the OEM code page by default.
        return "\r\n".join(
            ["@echo off", "chcp 65001 >nul", "title Rythmo", line.replace("%", "%%"), ""]
        ).encode()
    return f"#!/bin/sh\nexec {line}\n".encode()


def pack_panel(home: Path, starter: Path, root: str = "") -> bytes:
    """Return the `.ccx` file: the panel with the service's folder, the starter and the version filled in.

    With `root` all files lie in that folder. Folders are entries of their own and come before their files.
    """
    values = {"RYTHMO_HOME": str(home), "RYTHMO_STARTER": str(starter)}
    contents = {f"{root}{name}": _content(name, entry, values) for name, entry in panel_files()}
    folders = {
        name[: place + 1]: b"" for name in contents for place, letter in enumerate(name) if letter == "/"
    }
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({**folders, **contents}.items()):
            archive.writestr(_describe_entry(name), content)
    return found.getvalue()


def _describe_entry(name: str) -> zipfile.ZipInfo:
    """Return an archive entry with Unix permissions: 755 for folders, 644 for files."""
    info = zipfile.ZipInfo(name, _EARLIEST)
    info.create_system = _UNIX
    is_folder = name.endswith("/")
    info.compress_type = zipfile.ZIP_STORED if is_folder else zipfile.ZIP_DEFLATED
    mode = stat.S_IFDIR | 0o755 if is_folder else stat.S_IFREG | 0o644
    info.external_attr = mode << 16 | (_DOS_FOLDER if is_folder else 0)
    return info


def panel_files() -> list[tuple[str, Traversable]]:
    """Return the panel's files with their names in the archive, sorted."""
    root = resources.files("rythmo_plugin.hosts.premiere").joinpath("panel")
    return sorted(_walk_files(root, ""), key=lambda found: found[0])


def _walk_files(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk_files(entry, f"{prefix}{entry.name}/")
        elif Path(entry.name).suffix in SUFFIXES:
            found.append((f"{prefix}{entry.name}", entry))
    return found


def _content(name: str, entry: Traversable, values: Mapping[str, str]) -> bytes:
    if name == "manifest.json":
        manifest = json.loads(entry.read_text(encoding="utf-8"))
        return json.dumps({**manifest, "version": _three_numbers(__version__)}, indent=2).encode()
    if name == "settings.js":
        return fill_constants(entry.read_text(encoding="utf-8"), values).encode()
    return entry.read_bytes()


def _three_numbers(version: str) -> str:
    """Return a version of exactly three numbers, as Adobe requires: 1.2.0.dev3 becomes 1.2.0."""
    numbers = [part for part in version.split(".") if part.isdigit()]
    return ".".join([*numbers, "0", "0", "0"][:3])


def _next_steps(panel: Path, flat: Path) -> tuple[str, ...]:
    return (
        f"Open {panel} with a double click: Creative Cloud asks, then installs it.",
        f"If Creative Cloud does nothing, open {flat}.",
        "Start Premiere (25.6 or later) again and choose Window > UXP Plugins > Rythmo.",
        "Press Start Rythmo in the panel if it says that Rythmo is not running.",
    )
