"""Where a system keeps what the installer looks for. A value, so that tests can have three systems."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
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
    """A system, the user's home folder, and the folder that everything else is found below (`/` on a real
    machine; on Windows a drive, `C:/`)."""

    system: System
    home: Path
    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=dict)

    def shared(self, *parts: str) -> Path:
        """A path that all users of the machine share."""
        return self.root.joinpath(*parts)

    @property
    def program_data(self) -> Path:
        """Windows keeps there what programs share; any user may write."""
        known = self.environment.get("PROGRAMDATA")
        return Path(known) if known else self.root / "ProgramData"

    @property
    def programs(self) -> Path:
        """`Program Files`."""
        known = self.environment.get("PROGRAMFILES")
        return Path(known) if known else self.root / "Program Files"


def this_machine() -> Machine:
    """The machine that this program runs on."""
    names = {"darwin": System.MACOS, "win32": System.WINDOWS}
    system = names.get(sys.platform, System.LINUX)
    root = Path(os.environ.get("SYSTEMDRIVE", "C:") + "/") if system is System.WINDOWS else Path("/")
    return Machine(system, Path.home(), root, dict(os.environ))


def start_words() -> list[str]:
    """How this very installation starts its service."""
    return [sys.executable, "-m", "rythmo", "serve", "--no-browser"]


_CMD_CHARACTERS = frozenset("&()[]{}^=;!'+,`~|<>@")


def command_line(machine: Machine, words: list[str]) -> str:
    """One line that the system's shell takes apart into the same words."""
    if machine.system is not System.WINDOWS:
        return shlex.join(words)
    return " ".join(_for_cmd(word) for word in words)


def _for_cmd(word: str) -> str:
    """A word for cmd.exe, to which more than a space means something: a folder may be called `R&D (old)`."""
    text = subprocess.list2cmdline([word])
    return text if text.startswith('"') or not set(word) & _CMD_CHARACTERS else f'"{text}"'
