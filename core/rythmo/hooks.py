"""Call the functions that the bridge, the plugin and other packages register through entry points.

Core never imports the bridge or the plugin. They register under these groups and names:
    rythmo.deliver    bridge = rythmo_bridge.deliver:deliver          (Deliver)
    rythmo.deliver    check  = rythmo_bridge.formats.registry:writers  (raises UsageError for unknown formats)
    rythmo.subtitles  read   = rythmo_bridge.script_input:read_file     (ReadSubtitles)
    rythmo.subtitles  written = rythmo_bridge.subtitles.srt:read_as_written  (cues as shown on screen, for QC)
    rythmo.assemble   look   = rythmo_bridge.assemble.programme:look    (a timeline as a programme, or None)
    rythmo.assemble   reopen = rythmo_bridge.assemble.programme:reopen  (a project's source timeline, or None)
    rythmo.assemble   film   = rythmo_bridge.assemble.film:make_film    (a timeline's picture as one film)
    rythmo.commands   NAME   = module with `add(subparsers)`          (see rythmo.cli)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from rythmo.errors import RythmoError
from rythmo.progress import CancelToken, Fraction01, Report
from rythmo.project.workspace import Artefacts
from rythmo.script.loops import LoopSettings
from rythmo.script.model import Programme, Script
from rythmo.script.subtitle_file import ExpectedSubtitles, SubtitleFile
from rythmo.settings import SubtitleSettings, TimelineSettings


class Deliver(Protocol):
    """A function that writes the deliveries of a project."""

    def __call__(
        self,
        project: Path,
        script: Script,
        formats: Sequence[str],
        *,
        source: Path | None,
        subtitles: SubtitleSettings,
        loops: LoopSettings,
        report: Report,
        cancel: CancelToken,
    ) -> tuple[Path, ...]:
        """Write the deliveries and return their files.

        Args:
            project: The project's folder.
            script: The lines to deliver.
            formats: Names of the formats to write.
            source: The programme's media file, or None for one made from a timeline.
            subtitles: The subtitle norms to follow.
            loops: Where recording loops end.
            report: Receives the progress.
            cancel: Stops the work.
        """


class TimelineProgramme(Protocol):
    """A timeline used as the programme, with all its media found.

    `render` makes its sound: "mix" always, "dialogue" (one channel) and "me" when `apart` is true. Each has
    the programme's full length at 48 kHz and 24 bits.
    """

    @property
    def path(self) -> Path:
        """The timeline's file."""

    @property
    def programme(self) -> Programme:
        """The facts about the programme that the script keeps."""

    @property
    def apart(self) -> bool:
        """Whether the timeline has dialogue and M&E on separate tracks."""

    @property
    def cuts(self) -> tuple[int, ...]:
        """The cuts of its picture, in samples at 48 kHz."""

    @property
    def media(self) -> tuple[Path, ...]:
        """The media files that it uses, in order of their paths."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the user."""

    def key(self, digest_file: Callable[[Path], str]) -> str:
        """Hash everything that its sound is made of."""

    def render(self, what: str, target: Path, *, report: Fraction01, cancel: CancelToken) -> None:
        """Write one sound. Raises MissingMediaError, MediaError, TimelineError, OutputError."""

    def save(self, project: Path, key: str) -> None:
        """Keep the timeline in the project for `reopen_timeline`. `key` identifies the rendered sound."""


class ReadSubtitles(Protocol):
    """A function that reads a subtitle file into cues."""

    def __call__(self, path: Path, sample_rate: int, expected: ExpectedSubtitles) -> SubtitleFile:
        """Return the file's cues in order of start, in samples from its own zero. Raises SubtitleError."""


# To look through all installed packages takes some 25 ms, and a dub asks several times.
@cache
def _load_hook(group: str, name: str) -> Any:
    for entry in entry_points(group=group, name=name):
        return entry.load()
    raise RythmoError(
        f"This installation lacks {group}.{name}.", hint="Install Rythmo again: pip install rythmo"
    )


def load_deliverer() -> Deliver:
    """Return the bridge's function that writes deliveries."""
    return cast(Deliver, _load_hook("rythmo.deliver", "bridge"))


def open_timeline(path: Path, settings: TimelineSettings) -> TimelineProgramme | None:
    """Open a timeline with its media. None when the file's suffix is not that of a timeline.

    Raises TimelineError, MissingMediaError, UsageError.
    """
    return cast("TimelineProgramme | None", _load_hook("rythmo.assemble", "look")(path, settings))


def reopen_timeline(project: Path) -> TimelineProgramme | None:
    """Open the timeline a project was made from, as it was then. None for a project made from a media
    file."""
    return cast("TimelineProgramme | None", _load_hook("rythmo.assemble", "reopen")(project))


def make_timeline_film(
    timeline: TimelineProgramme, store: Artefacts, *, report: Fraction01, cancel: CancelToken
) -> Path | None:
    """Return a film of a timeline's edited picture; None where it has none, or where media is missing.

    Raises MediaError, OutputError, CancelledError.
    """
    make = _load_hook("rythmo.assemble", "film")
    return cast("Path | None", make(timeline, store, report=report, cancel=cancel))


def load_shown_cue_reader() -> Callable[[Path, int], tuple[tuple[int, int, str], ...]]:
    """Return the bridge's reader of cues as shown on screen: (start, end, text with line breaks)."""
    return cast(
        Callable[[Path, int], tuple[tuple[int, int, str], ...]], _load_hook("rythmo.subtitles", "written")
    )


def check_formats(names: Sequence[str]) -> None:
    """Raise UsageError, which lists the known formats, when a name is unknown."""
    _load_hook("rythmo.deliver", "check")(names)


def load_subtitle_reader() -> ReadSubtitles:
    """Return the bridge's subtitle reader."""
    return cast(ReadSubtitles, _load_hook("rythmo.subtitles", "read"))
