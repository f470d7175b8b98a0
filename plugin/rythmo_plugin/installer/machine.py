"""The system and its folders, as a value, so that tests can simulate three systems."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class System(StrEnum):
    """The systems that the hosts run on."""

    MACOS = "macOS"
    WINDOWS = "Windows"
    LINUX = "Linux"


@dataclass(frozen=True, slots=True)
class Machine:
    """A system with the user's home folder, its root (`/`, on Windows `C:/`) and its environment."""

    system: System
    home: Path
    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=dict)
    lua_encoding: str = "utf-8"
    """The encoding in which Lua passes paths to the system: on Windows the ANSI code page."""
    shorten: Callable[[Path], str | None] = lambda _: None
    """Returns the 8.3 name of an existing path, or None. Only Windows has such names, not on every disk."""

    def shared(self, *parts: str) -> Path:
        """Return a path below the root, which all users share."""
        return self.root.joinpath(*parts)

    @property
    def program_data(self) -> Path:
        """The folder of Windows for data that programs share. Every user may write to it."""
        known = self.environment.get("PROGRAMDATA")
        return Path(known) if known else self.root / "ProgramData"

    @property
    def programs(self) -> Path:
        """The folder `Program Files` of Windows."""
        known = self.environment.get("PROGRAMFILES")
        return Path(known) if known else self.root / "Program Files"


def this_machine() -> Machine:
    """Return the machine that this program runs on."""
    names = {"darwin": System.MACOS, "win32": System.WINDOWS}
    system = names.get(sys.platform, System.LINUX)
    if system is not System.WINDOWS:
        return Machine(system, Path.home(), Path("/"), dict(os.environ))
    root = Path(os.environ.get("SYSTEMDRIVE", "C:") + "/")
    return Machine(system, Path.home(), root, dict(os.environ), "mbcs", _find_short_name)


def _find_short_name(path: Path) -> str | None:
    """Return the 8.3 name that Windows keeps for a path, or None."""
    import ctypes

    libraries = getattr(ctypes, "windll", None)  # exists on Windows only
    if libraries is None:
        return None
    name = ctypes.create_unicode_buffer(32768)
    length = libraries.kernel32.GetShortPathNameW(str(path), name, len(name))
    return name.value if 0 < length < len(name) else None


def start_words() -> list[str]:
    """Return the command, as a list of words, that starts the service of this installation."""
    return [sys.executable, "-P", "-m", "rythmo", "serve", "--no-browser"]


_CMD_CHARACTERS = frozenset("&()[]{}^=;!'+,`~|<>@")


def command_line(machine: Machine, words: list[str]) -> str:
    """Quote words as one command line for the system's shell."""
    if machine.system is not System.WINDOWS:
        return shlex.join(words)
    return " ".join(_for_cmd(word) for word in words)


def _for_cmd(word: str) -> str:
    """Quote a word for cmd.exe, where more than spaces is special: a folder may be called `R&D (old)`."""
    text = subprocess.list2cmdline([word])
    return text if text.startswith('"') or not set(word) & _CMD_CHARACTERS else f'"{text}"'
