"""Read back what stands in the session: tracks, clips to the sample, memory locations.

The clips come from the session's text, the tracks' states from the list of tracks. A clip of ours is known by
its name, which ends with a hash of its sound; Pro Tools adds a number to a name that is taken, and a letter
to the names of channels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rythmo_bridge.formats.session_text.reader import plain_track_name
from rythmo_bridge.formats.session_text.sections import each_clip, split_sections
from rythmo_plugin.hosts.protools.commands import Command
from rythmo_plugin.hosts.protools.connection import Connection
from rythmo_plugin.hosts.protools.session_text import clock_of, export_text
from rythmo_plugin.hosts.protools.values import is_audio_track
from rythmo_plugin.hosts.reports import HostClip, HostContent, HostTrack

_OURS = re.compile(r"(.+-[0-9a-f]{10})(?:-\d{2,3})?(?:\.[A-Za-z0-9]{1,4})?\Z")
_CHANNEL = re.compile(r"\.[A-Za-z0-9]{1,4}\Z")
_PAGE = 500
_MOST_PAGES = 400


@dataclass(frozen=True, slots=True)
class ProTrack:
    """A sound track of the session; `index` is its place among the sound tracks, from 1."""

    name: str
    id: str
    index: int
    muted: bool


@dataclass(frozen=True, slots=True)
class SessionContent:
    """What stands in the session, in the form that is compared, and the tracks by index."""

    content: HostContent
    tracks: tuple[ProTrack, ...]

    def track(self, index: int) -> ProTrack:
        """Return the sound track at an index."""
        return self.tracks[index - 1]


def clip_file(name: str) -> str:
    """Return the name of the file that a clip's name stands for; "" if it is none of ours."""
    match = _OURS.match(name.strip())
    return f"{match[1]}.wav" if match else ""


def read_content(connection: Connection, folder: Path) -> SessionContent:
    """Read the session. Clips of ours get a path in `folder`, for the comparison. Raises HostError."""
    tracks = tuple(read_tracks(connection))
    text = split_sections(export_text(connection))
    clock = clock_of(text)
    rows = {track.name: track for track in text.tracks}
    plain = {plain_track_name(name): name for name in rows}
    found = []
    for track in tracks:
        listed = rows.get(track.name) or rows.get(plain.get(track.name, ""))
        clips = [
            _clip(row.name, clock.position(row.start), clock.position(row.end), track, folder)
            for row, _ in (each_clip(listed) if listed is not None else ())
        ]
        found.append(HostTrack("audio", track.index, track.name, "", not track.muted, tuple(clips)))
    return SessionContent(HostContent(tuple(found)), tracks)


def _clip(name: str, start: int, end: int, track: ProTrack, folder: Path) -> HostClip:
    file = clip_file(name)
    return HostClip("audio", track.index, start, end - start, name, str(folder / file) if file else "")


def read_tracks(connection: Connection) -> Iterator[ProTrack]:
    """Yield the sound tracks of the session, in order. Raises HostError."""
    index = 0
    for told in read_pages(connection, Command.GET_TRACK_LIST, "track_list"):
        if not is_audio_track(told.get("type")):
            continue
        index += 1
        muted = bool((told.get("track_attributes") or {}).get("is_muted"))
        yield ProTrack(str(told.get("name", "")), str(told.get("id", "")), index, muted)


@dataclass(frozen=True, slots=True)
class ListedClip:
    """A clip of the session's clip list: its file, and an id for each channel."""

    file_id: str
    ids: tuple[str, ...]


def read_clip_list(connection: Connection) -> dict[str, ListedClip]:
    """Return the clips of the session's clip list by name, without the channels' letters. Raises HostError.

    Of several files with clips of one name, the first counts.
    """
    found: dict[str, ListedClip] = {}
    # Released versions call the list clip_list, the definition calls it clips.
    for told in read_pages(connection, Command.GET_CLIP_LIST, "clips", "clip_list"):
        name = _CHANNEL.sub("", str(told.get("clip_full_name", "")))
        file, clip = str(told.get("file_id", "")), str(told.get("clip_id", ""))
        known = found.setdefault(name, ListedClip(file, ()))
        if clip and known.file_id == file:
            found[name] = ListedClip(file, (*known.ids, clip))
    return found


def read_pages(
    connection: Connection, command: Command, *keys: str, body: Mapping[str, Any] | None = None
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a command that answers in pages. Raises HostError.

    The total that Pro Tools gives was seen to be that of the page, so a page that is not full is the last.
    """
    offset = 0
    for _ in range(_MOST_PAGES):
        asked = {**(body or {}), "pagination_request": {"limit": _PAGE, "offset": offset}}
        answer = connection.call(command, asked)
        rows: list[Any] = next((answer[key] for key in keys if isinstance(answer.get(key), list)), [])
        yield from (row for row in rows if isinstance(row, dict))
        if len(rows) < _PAGE:
            return
        offset += len(rows)
