"""The subtitle cue that a person brings as a script or a translation."""

from __future__ import annotations

from typing import Protocol


class Cue(Protocol):
    """Describe a subtitle as the bridge reads it; `start` and `end` are samples of the programme."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def speaker(self) -> str | None: ...
