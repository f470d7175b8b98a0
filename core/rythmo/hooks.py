"""What other distributions and the upper packages plug into core, found through entry points.

Core never imports the bridge or the plugin: they register here.
    rythmo.deliver    bridge = rythmo_bridge.deliver:deliver          (Deliver)
    rythmo.deliver    check  = rythmo_bridge.formats.registry:writers  (raises UsageError for unknown formats)
    rythmo.subtitles  read   = rythmo_bridge.subtitles.read:...       (ReadSubtitles)
    rythmo.subtitles  written = ...:read_as_written                    (with line breaks, for QC)
    rythmo.assemble   look   = rythmo_bridge.assemble.programme:look    (a timeline as a programme, or None)
    rythmo.assemble   reopen = rythmo_bridge.assemble.programme:reopen  (a project's source timeline, or None)
    rythmo.commands   NAME   = module with `add(subparsers)`          (see rythmo.cli)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from rythmo.errors import RythmoError
from rythmo.progress import CancelToken, Fraction01, Report
from rythmo.script.model import Programme, Script
from rythmo.script.subtitle_file import Expected, SubtitleFile
from rythmo.settings import SubtitleSettings, TimelineSettings


class Deliver(Protocol):
    """Writes the deliveries of a project."""

    def __call__(
        self,
        project: Path,
        script: Script,
        formats: Sequence[str],
        *,
        source: Path | None,
        subtitles: SubtitleSettings,
        report: Report,
        cancel: CancelToken,
    ) -> tuple[Path, ...]:
        """The files that were written."""


class Assembly(Protocol):
    """A timeline whose media is found. Sound is made by `render`: "mix" always, "dialogue" (one channel) and
    "me" where they are `apart`; each is as long as the programme, 48 kHz, 24 bit."""

    @property
    def path(self) -> Path:
        """The timeline's file."""

    @property
    def programme(self) -> Programme:
        """The facts that the script keeps."""

    @property
    def apart(self) -> bool:
        """Whether dialogue and M&E are there already."""

    @property
    def cuts(self) -> tuple[int, ...]:
        """The cuts of its picture, in samples."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know."""

    def key(self, digest_file: Callable[[Path], str]) -> str:
        """A hash of everything that its sound is made of."""

    def render(self, what: str, target: Path, *, report: Fraction01, cancel: CancelToken) -> None:
        """Write one sound. Raises MissingMediaError, MediaError, TimelineError, OutputError."""

    def save(self, project: Path, key: str) -> None:
        """Keep it in the project, for `reopened`; `key` is that of what was rendered."""


class ReadSubtitles(Protocol):
    """Reads a subtitle file into cues."""

    def __call__(self, path: Path, sample_rate: int, expected: Expected) -> SubtitleFile:
        """The file's cues in order of start, in samples from its own zero; raises SubtitleError."""


def _only(group: str, name: str) -> Any:
    for entry in entry_points(group=group, name=name):
        return entry.load()
    raise RythmoError(
        f"This installation lacks {group}.{name}.", hint="Install Rythmo again: pip install rythmo"
    )


def deliver() -> Deliver:
    """The bridge's writer."""
    return cast(Deliver, _only("rythmo.deliver", "bridge"))


def assembly(path: Path, settings: TimelineSettings) -> Assembly | None:
    """A timeline with its media; None when the file's name is not that of a timeline.

    Raises TimelineError, MissingMediaError, UsageError.
    """
    return cast("Assembly | None", _only("rythmo.assemble", "look")(path, settings))


def reopened(project: Path) -> Assembly | None:
    """The timeline that a project was made from, as it was; None when it was made from a media file."""
    return cast("Assembly | None", _only("rythmo.assemble", "reopen")(project))


def read_as_written() -> Callable[[Path, int], tuple[tuple[int, int, str], ...]]:
    """The bridge's reader of subtitles as they stand on the screen: (start, end, text with its breaks)."""
    return cast(Callable[[Path, int], tuple[tuple[int, int, str], ...]], _only("rythmo.subtitles", "written"))


def check_formats(names: Sequence[str]) -> None:
    """Raise UsageError, which lists the formats there are, when one of the names is unknown."""
    _only("rythmo.deliver", "check")(names)


def read_subtitles() -> ReadSubtitles:
    """The bridge's subtitle reader."""
    return cast(ReadSubtitles, _only("rythmo.subtitles", "read"))
