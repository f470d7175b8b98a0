"""Adobe Premiere: the panel, packed as a `.ccx` that Creative Cloud installs when it is opened.

A `.ccx` is a plain ZIP. Opening it is the way for one user; Adobe's command-line installer would install for
all users and asks for an administrator. Premiere's own folder of panels must not be written to directly: a
database of Creative Cloud's would not know of it.
"""

from __future__ import annotations

import io
import json
import zipfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from rythmo.errors import UsageError
from rythmo.version import __version__
from rythmo_plugin.installer.constants import filled
from rythmo_plugin.installer.machine import Machine, System
from rythmo_plugin.installer.parcel import Parcel

HOST = "premiere"
SUFFIXES = {".html", ".js", ".css", ".json", ".png"}
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # a ZIP has no earlier date, and the same panel gives the same bytes


def is_there(machine: Machine) -> bool:
    """Whether Premiere itself seems to be installed."""
    if machine.system is System.MACOS:
        return any(machine.shared("Applications").glob("Adobe Premiere*"))
    return any(machine.programs.joinpath("Adobe").glob("Adobe Premiere*"))


def parcel(machine: Machine, home: Path) -> Parcel:
    """The packed panel. Raises UsageError on Linux, where there is no Premiere."""
    if machine.system is System.LINUX:
        raise UsageError(
            "Premiere does not run on Linux.",
            hint="Install Rythmo where Premiere is. Its .xml timelines (--deliver fcp7) open there as well.",
        )
    panel = home / "premiere" / f"Rythmo-{__version__}.ccx"
    missing = () if is_there(machine) else ("Premiere was not found here; the panel waits for it.",)
    return Parcel(HOST, ((panel, packed(home)),), _next(panel), missing)


def packed(home: Path) -> bytes:
    """The `.ccx`: the panel's files, with the service's folder filled in and the version in the manifest."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, entry in panel_files():
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, _content(name, entry, home))
    return found.getvalue()


def panel_files() -> list[tuple[str, Traversable]]:
    """The files of the panel by their name in the package, sorted."""
    root = resources.files("rythmo_plugin.hosts.premiere").joinpath("panel")
    return sorted(_below(root, ""), key=lambda found: found[0])


def _below(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _below(entry, f"{prefix}{entry.name}/")
        elif Path(entry.name).suffix in SUFFIXES:
            found.append((f"{prefix}{entry.name}", entry))
    return found


def _content(name: str, entry: Traversable, home: Path) -> bytes:
    if name == "manifest.json":
        manifest = json.loads(entry.read_text(encoding="utf-8"))
        return json.dumps({**manifest, "version": _three_numbers(__version__)}, indent=2).encode()
    if name == "settings.js":
        return filled(entry.read_text(encoding="utf-8"), {"RYTHMO_HOME": str(home)}).encode()
    return entry.read_bytes()


def _three_numbers(version: str) -> str:
    """Adobe wants exactly three numbers: 1.2.0.dev3 becomes 1.2.0."""
    numbers = [part for part in version.split(".") if part.isdigit()]
    return ".".join([*numbers, "0", "0", "0"][:3])


def _next(panel: Path) -> tuple[str, ...]:
    return (
        f"Open {panel} (a double click): Creative Cloud asks, then installs it.",
        "Start Premiere 25.6 or later again: Window > UXP Plugins > Rythmo.",
        "To take it out: Creative Cloud > Plugins > Manage plugins > Rythmo > Uninstall.",
    )
