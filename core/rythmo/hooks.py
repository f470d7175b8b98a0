"""What other distributions and the upper packages plug into core, found through entry points.

Core never imports the bridge or the plugin: they register here.
    rythmo.deliver    bridge = rythmo_bridge.deliver:deliver          (Deliver)
    rythmo.deliver    check  = rythmo_bridge.formats.registry:writers  (raises UsageError for unknown formats)
    rythmo.subtitles  read   = rythmo_bridge.subtitles.read:...       (ReadSubtitles)
    rythmo.subtitles  written = ...:read_as_written                    (with line breaks, for QC)
    rythmo.commands   NAME   = module with `add(subparsers)`          (see rythmo.cli)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from rythmo.errors import RythmoError
from rythmo.progress import CancelToken, Report
from rythmo.script.model import Script
from rythmo.stages.own_words import Cue


class Deliver(Protocol):
    """Writes the deliveries of a project."""

    def __call__(
        self,
        project: Path,
        script: Script,
        formats: Sequence[str],
        *,
        source: Path | None,
        report: Report,
        cancel: CancelToken,
    ) -> tuple[Path, ...]:
        """The files that were written."""


class ReadSubtitles(Protocol):
    """Reads a subtitle file into cues."""

    def __call__(self, path: Path, sample_rate: int) -> tuple[Cue, ...]:
        """Cues in order of start; raises SubtitleError."""


def _only(group: str, name: str) -> Any:
    for entry in entry_points(group=group, name=name):
        return entry.load()
    raise RythmoError(
        f"This installation lacks {group}.{name}.", hint="Install Rythmo again: pip install rythmo"
    )


def deliver() -> Deliver:
    """The bridge's writer."""
    return cast(Deliver, _only("rythmo.deliver", "bridge"))


def read_as_written() -> Callable[[Path, int], tuple[tuple[int, int, str], ...]]:
    """The bridge's reader of subtitles as they stand on the screen: (start, end, text with its breaks)."""
    return cast(Callable[[Path, int], tuple[tuple[int, int, str], ...]], _only("rythmo.subtitles", "written"))


def check_formats(names: Sequence[str]) -> None:
    """Raise UsageError, which lists the formats there are, when one of the names is unknown."""
    _only("rythmo.deliver", "check")(names)


def read_subtitles() -> ReadSubtitles:
    """The bridge's subtitle reader."""
    return cast(ReadSubtitles, _only("rythmo.subtitles", "read"))
