"""Place the dub in the session: read, compare, do what is missing, and read again.

Nothing that a call returns counts, only what is read back. So a call that was not answered, or that did
nothing, is made good in the next round, a run that was killed is continued by the next one, and neither
places anything twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rythmo.errors import HostError, HostRefusedError, HostSilentError
from rythmo.progress import CancelToken
from rythmo_plugin.hosts.compare import Comparison, compare_layout, is_ours
from rythmo_plugin.hosts.protools import edits
from rythmo_plugin.hosts.protools.connection import Connection
from rythmo_plugin.hosts.protools.placed_files import PlacedFile
from rythmo_plugin.hosts.protools.read_back import (
    ListedClip,
    SessionContent,
    read_clip_list,
    read_content,
)
from rythmo_plugin.hosts.protools.values import TRACK_FORMATS
from rythmo_plugin.hosts.steps import track_key
from rythmo_plugin.hosts.wanted_layout import Layout, WantedTrack

Tell = Callable[[float, str], None]
"""Receives the share done (0.0 to 1.0) and a sentence for people."""

_ROUNDS = 4
_NAMES = 9
# How long Pro Tools may stay silent before the sending ends, and how often it is asked meanwhile.
PATIENCE_SECONDS = 180.0
_ASK_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How to deal with a silent Pro Tools: `patience` in seconds, and what waits between two questions."""

    patience: float = PATIENCE_SECONDS
    pause: Callable[[float], None] = time.sleep


@dataclass
class Placing:
    """The state of a placing in one session. `files` are by the key of a wanted clip."""

    connection: Connection
    layout: Layout
    files: Mapping[str, PlacedFile]
    folder: Path
    tell: Tell
    cancel: CancelToken
    manner: Manner
    standing: SessionContent
    problems: dict[str, str] = field(default_factory=dict)
    """What Pro Tools said to each clip that it refused, by the clip's key."""
    notes: list[str] = field(default_factory=list)

    def place(self) -> Comparison:
        """Place what is missing, in as many rounds as it takes; return how the session then compares.

        Raises HostSilentError if Pro Tools stays silent, HostError if it is gone, CancelledError.
        """
        compared, idle = self.compared(), 0
        for _ in range(_ROUNDS):
            # Some refusals pass within a moment, so a round that changed nothing is repeated once.
            if compared.complete or idle > 1:
                break
            try:
                self._round(compared)
            except HostSilentError as error:
                self._wait(error)
            before, compared = compared, self.read_again()
            idle = idle + 1 if compared == before else 0
        return compared

    def compared(self) -> Comparison:
        """Compare the wanted layout with what was read last."""
        return compare_layout(self.layout, self.standing.content, self.own_tracks(), str(self.folder))

    def read_again(self) -> Comparison:
        """Read the session and compare. A silent Pro Tools is waited for."""
        self.standing = self.patiently(lambda: read_content(self.connection, self.folder))
        return self.compared()

    def own_tracks(self) -> dict[str, list[int]]:
        """Return the tracks for each wanted one: those of its name that are empty or hold only our clips."""
        found: dict[str, list[int]] = {}
        for wanted in self.layout.tracks:
            names = _names(wanted.name)
            found[wanted.key] = [
                track.index
                for name in names
                for track in self.standing.content.of("audio")
                if track.name == name and all(is_ours(clip, str(self.folder)) for clip in track.clips)
            ]
        return found

    def patiently(self, work: Callable[[], SessionContent]) -> SessionContent:
        """Do work that changes nothing in the session; if Pro Tools is silent, wait and do it again."""
        try:
            return work()
        except HostSilentError as error:
            self._wait(error)
            return work()

    def _round(self, compared: Comparison) -> None:
        self._remove(compared)
        self._add_tracks(compared)
        tracks, listed = self.own_tracks(), read_clip_list(self.connection)
        wanted = [clip for clip in compared.missing if clip.key in self.files and tracks[track_key(clip)]]
        total = len(self.layout.clips())
        for done, clip in enumerate(wanted, start=total - len(wanted)):
            self.cancel.check()
            self.tell(done / total, f"Placing {clip.line or clip.file.stem}")
            track = self.standing.track(tracks[track_key(clip)][0])
            file = self.files[clip.key]
            try:
                ids = self._clip_ids(file, listed)
                edits.spot_clip(self.connection, ids, track, clip.start, muted=file.muted)
            except HostRefusedError as error:
                self.problems[clip.key] = error.message

    def _clip_ids(self, file: PlacedFile, listed: dict[str, ListedClip]) -> tuple[str, ...]:
        """Return the ids of a file's clip. What an earlier run or call made of it is in the clip list."""
        if file.clip in listed:
            return listed[file.clip].ids
        whole = listed.get(file.imported) or edits.import_file(self.connection, file.path)
        listed[file.imported] = whole
        if not file.whole:
            listed[file.clip] = ListedClip(
                whole.file_id, edits.create_clip(self.connection, whole.file_id, file)
            )
        if not (ids := listed[file.clip].ids):
            del listed[file.clip]
            raise HostRefusedError(f"Pro Tools made no clip of {file.path.name}.", hint="Send again.")
        return ids

    def _remove(self, compared: Comparison) -> None:
        """Remove our clips that lie where none should: takes that were replaced since, or moved."""
        for clip in compared.astray:
            self.cancel.check()
            track = self.standing.track(clip.index)
            try:
                asked = edits.remove_clip(self.connection, track, clip.start, clip.end)
            except HostRefusedError:
                asked = False
            if not asked:
                self._note(
                    f"Remove the clip {clip.name} on {track.name} by hand: it is not of this dub any more."
                )

    def _add_tracks(self, compared: Comparison) -> None:
        lacking = {track_key(clip) for clip in compared.missing}
        own, made = self.own_tracks(), False
        for wanted in self.layout.tracks:
            if wanted.key not in lacking or own[wanted.key]:
                continue
            self.cancel.check()
            self.tell(0.0, f"Adding the track {wanted.name}")
            edits.create_track(self.connection, self._free_name(wanted), wanted.form)
            made = True
        if made:
            self.standing = read_content(self.connection, self.folder)

    def _free_name(self, wanted: WantedTrack) -> str:
        """Return the wanted name, with a number if another track of the session has it."""
        taken = {track.name for track in self.standing.tracks}
        return next((name for name in _names(wanted.name) if name not in taken), wanted.name)

    def _wait(self, error: HostSilentError) -> None:
        """Wait until Pro Tools takes commands again. Raises the error if it does not."""
        waited = 0.0
        while waited < self.manner.patience:
            self.cancel.check()
            self.tell(0.0, f"{error.message} A message box may be open there; close it to go on.")
            if self.connection.is_ready():
                return
            self.manner.pause(_ASK_AGAIN_SECONDS)
            waited += _ASK_AGAIN_SECONDS
        raise error

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def require_forms(layout: Layout) -> None:
    """Raise HostError for a track as wide as Pro Tools has none."""
    for track in layout.tracks:
        if track.form not in TRACK_FORMATS:
            raise HostError(
                f"Pro Tools has no track for {track.name} ({track.form}).",
                hint="Deliver it as stereo, 5.1 or 7.1.",
            )


def _names(name: str) -> list[str]:
    return [name, *(f"{name} ({number})" for number in range(2, _NAMES + 1))]
