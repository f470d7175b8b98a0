"""Which reader reads which file: by suffix, then third parties' formats that can read."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from rythmo.errors import TimelineError, UsageError
from rythmo.files import shown
from rythmo_bridge.formats.registry import Read, by_path
from rythmo_bridge.timeline import Timeline

READERS = {
    ".aaf": "aaf",
    ".edl": "edl",
    ".fcpxml": "fcpxml",
    ".fcpxmld": "fcpxml",
    ".otio": "otio",
    ".otioz": "otio",
    ".xml": "fcp7",
}
"""Suffix -> module."""


def read_timeline(path: Path, sequence: str = "") -> Timeline:
    """The timeline in a file; of several the one called `sequence`, else the first, which `notes` then say.

    Raises:
        TimelineError: The file cannot be read.
        UsageError: It is no timeline, or holds none of that name.
    """
    read = reader_of(path)
    if not sequence:
        return read(path)
    if path.suffix.lower() not in READERS or path.suffix.lower() == ".edl":
        raise UsageError(f"{shown(path)} holds one timeline.", hint="Leave out --sequence.")
    module = import_module(f"rythmo_bridge.readers.{READERS[path.suffix.lower()]}")
    found: Timeline = module.read(path, sequence)
    return found


def reader_of(path: Path) -> Read:
    """What reads a file of that name. Raises UsageError, TimelineError when there is no such file."""
    if not path.exists():
        raise TimelineError(f"There is no file {shown(path)}.", hint="Check the path.")
    module = READERS.get(path.suffix.lower())
    if module is not None:
        read: Read = import_module(f"rythmo_bridge.readers.{module}").read
        return read
    other = by_path(path).read
    if other is None:
        known = ", ".join(READERS)
        raise UsageError(f"{shown(path)} is no timeline that Rythmo reads.", hint=f"It reads: {known}.")
    return other
