"""Find the version of the installed DaVinci Resolve.

No system says whether it is the free edition or Studio: both install under the same names.
"""

from __future__ import annotations

import plistlib
import re
from contextlib import suppress
from pathlib import Path

from rythmo_plugin.installer.machine import Machine, System

_APPLICATION = ("DaVinci Resolve", "DaVinci Resolve.app", "Contents", "Info.plist")
_NAMED = re.compile(r"DaVinci Resolve(?: Studio)? (\d+(?:\.\d+)+)")


def find_version(machine: Machine) -> tuple[int, ...]:
    """Return the version as numbers, like (21, 1, 1), or an empty tuple if it cannot be found."""
    match machine.system:
        case System.MACOS:
            return _read_plist(machine.shared("Applications").joinpath(*_APPLICATION))
        case System.WINDOWS:
            folder = machine.programs / "Blackmagic Design" / "DaVinci Resolve"
            return _read_file_version(folder / "Resolve.exe")
        case System.LINUX:
            return _read_documents(machine.shared("opt", "resolve", "docs"))


def parse_version(text: str) -> tuple[int, ...]:
    """Return the numbers at the start of a text like `21.1.1.7`, or an empty tuple."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(map(int, found[0].split("."))) if found else ()


def _read_plist(path: Path) -> tuple[int, ...]:
    with suppress(OSError, ValueError, plistlib.InvalidFileException):
        return parse_version(str(plistlib.loads(path.read_bytes()).get("CFBundleShortVersionString", "")))
    return ()


def _read_documents(folder: Path) -> tuple[int, ...]:
    """Read the version from the documents. They name older versions too, so the highest counts."""
    found = []
    for name in ("Welcome.txt", "ReadMe.html"):
        with suppress(OSError):
            found += _NAMED.findall((folder / name).read_text(encoding="utf-8", errors="replace"))
    return max(map(parse_version, found), default=())


def _read_file_version(program: Path) -> tuple[int, ...]:
    """Read the version that Windows keeps in a program's resources."""
    import ctypes

    libraries = getattr(ctypes, "windll", None)  # exists on Windows only
    if libraries is None:
        return ()
    library, name = libraries.version, str(program)
    size = library.GetFileVersionInfoSizeW(name, None)
    data = ctypes.create_string_buffer(size)
    if not size or not library.GetFileVersionInfoW(name, 0, size, data):
        return ()
    value, length = ctypes.c_void_p(), ctypes.c_uint()
    if not library.VerQueryValueW(data, "\\", ctypes.byref(value), ctypes.byref(length)):
        return ()
    # VS_FIXEDFILEINFO: the file version is its third and fourth number.
    numbers = ctypes.cast(value, ctypes.POINTER(ctypes.c_uint32 * 13)).contents
    high, low = numbers[2], numbers[3]
    return (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF)
