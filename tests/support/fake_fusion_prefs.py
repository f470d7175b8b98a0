# ruff: noqa: N803 - arguments are named as the host names them
"""Fusion's preferences in a fake Resolve, whose file reaches the disk as others saw it do, or worse."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

LATE_SECONDS = 0.15
MANNERS = ("at once", "late", "pieces", "twice")


class Fusion:
    """The object `fusion`. Values are shared by all scripts of one Resolve; `SavePrefs` writes the file.

    Its manner is "at once", "late", "pieces" (half of the file first, in place) or "twice" (what was saved
    is saved again a little later, over anything newer).
    """

    def __init__(self, profiles: Path, manner: str = "at once") -> None:
        assert manner in MANNERS
        self.path, self.manner = profiles / "Default" / "Fusion.prefs", manner
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.values: dict[str, str] = {}
        self.saves = self.largest = 0
        self._timers: list[threading.Timer] = []
        self._write(self._text())

    def GetPrefs(self, PrefName: str) -> str | None:
        return self.values.get(PrefName)

    def SetPrefs(self, PrefName: str, Value: Any) -> None:
        self.values[PrefName] = Value

    def SavePrefs(self) -> None:
        text = self._text()
        self.saves += 1
        self.largest = max(self.largest, len(text))
        if self.manner == "pieces":
            self.path.write_text(text[: len(text) // 2])
        elif self.manner != "late":
            self._write(text)
        if self.manner != "at once":
            timer = threading.Timer(LATE_SECONDS, self._write, (text,))
            self._timers.append(timer)
            timer.start()

    def settle(self) -> None:
        """Wait until everything saved is on disk."""
        for timer in self._timers:
            timer.join()

    def _write(self, text: str) -> None:
        temporary = self.path.with_name(f"{threading.get_ident()}.new")
        temporary.write_text(text)
        temporary.replace(self.path)

    def _text(self) -> str:
        sections: dict[str, list[str]] = {}
        for name, value in self.values.items():
            _, section, key = name.split(".")
            sections.setdefault(section, []).append(f'\t\t\t{key} = "{value}",')
        ours = "".join(f"\t\t{name} = {{\n{chr(10).join(keys)}\n\t\t}},\n" for name, keys in sections.items())
        return (
            '{\n\tLocked = true,\n\tGlobal = {\n\t\tPath = "C:\\\\Users\\\\Zo\u00eb",\n' + ours + "\t},\n}\n"
        )
