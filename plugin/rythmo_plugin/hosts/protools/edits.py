"""The edits that are made in the session, one function each. What they return is never taken for success."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rythmo.errors import HostRefusedError
from rythmo_plugin.hosts.protools.commands import Command
from rythmo_plugin.hosts.protools.connection import Connection
from rythmo_plugin.hosts.protools.placed_files import PlacedFile
from rythmo_plugin.hosts.protools.read_back import ListedClip, ProTrack, read_pages
from rythmo_plugin.hosts.protools.values import (
    AUDIO_TRACK,
    SAMPLES,
    TRACK_FORMATS,
    is_set,
    is_shuffle,
    location,
    media_position,
)

# A file in the session's own format is only copied, any other only converted, and the wrong one of the two is
# refused ("No audio files were imported"). Now and then a file was refused that went in a moment later.
_OPERATIONS = ("CopyAudio", "ConvertAudio", "CopyAudio", "ConvertAudio")


def create_track(connection: Connection, name: str, form: str) -> None:
    """Make one sound track of this name at the end of the session. Raises HostError."""
    answer = connection.call(
        Command.CREATE_NEW_TRACKS,
        {
            "number_of_tracks": 1,
            "track_name": name,
            "track_format": TRACK_FORMATS[form],
            "track_type": AUDIO_TRACK,
            "track_timebase": "TTB_Samples",
            "insertion_point_position": "TIPoint_Last",
        },
    )
    made = answer.get("created_track_names")
    if isinstance(made, list) and made and made[0] != name:
        connection.call(Command.RENAME_TARGET_TRACK, {"current_name": str(made[0]), "new_name": name})


def import_file(connection: Connection, path: Path) -> ListedClip:
    """Import a file into the clip list, and return its clip.

    Raises HostError, HostRefusedError if Pro Tools imported nothing.
    """
    problem = ""
    for operation in _OPERATIONS:
        try:
            answer = connection.call(
                Command.IMPORT_AUDIO_TO_CLIP_LIST,
                {"file_list": [str(path.absolute())], "audio_operations": operation},
            )
        except HostRefusedError as error:
            problem = error.message
            continue
        for entry in _rows(answer, "file_list"):
            for file in _rows(entry, "destination_file_list"):
                if ids := file.get("clip_id_list"):
                    return ListedClip(str(file.get("file_id", "")), tuple(str(each) for each in ids))
        failed = [str(each.get("failure_message", "")) for each in _rows(answer, "failure_list")]
        problem = "; ".join(failed) or problem
    raise HostRefusedError(
        f"Pro Tools did not import {path.name}: {problem or 'no reason given'}",
        hint="Check the disk of the session, and send again.",
    )


def create_clip(connection: Connection, file_id: str, wanted: PlacedFile) -> tuple[str, ...]:
    """Make the clip that plays the middle of a mono file, and return its ids. Raises HostError."""
    start, end = wanted.head, wanted.head + wanted.length
    channel = {"name": "SChannel_Mono", "index": 0}
    clip = {
        "file_id": file_id,
        "src_start_point": media_position(start),
        "src_end_point": media_position(end),
        "src_sync_point": media_position(start),
        "src_channel": channel,
        "dst_channel": channel,
        "start_point": media_position(start),
        "end_point": media_position(end),
    }
    entry = {"name": wanted.clip, "channel_format": "SFormat_Mono", "clip_info": [clip]}
    answer = connection.call(Command.CREATE_AUDIO_CLIPS, {"clip_list": [entry]})
    return tuple(str(each) for made in _rows(answer, "clip_list") for each in made.get("clip_ids", ()))


def spot_clip(
    connection: Connection, ids: Sequence[str], track: ProTrack, sample: int, *, muted: bool
) -> None:
    """Place a clip with its start at a sample of the session. Raises HostError."""
    body: dict[str, Any] = {
        "src_clips": list(ids),
        # Only one of id and name may be given.
        "dst_track_id": track.id,
        "dst_location_data": {"location_type": "SLType_Start", "location": location(sample)},
    }
    if muted:
        body["clip_instance_attributes"] = {"is_muted": True}
    connection.call(Command.SPOT_CLIPS_BY_ID, body)


def mute_tracks(connection: Connection, names: Iterable[str]) -> None:
    """Mute tracks. Raises HostError."""
    connection.call(Command.SET_TRACK_MUTE_STATE, {"track_names": list(names), "enabled": True})


def remove_clip(connection: Connection, track: ProTrack, start: int, end: int) -> bool:
    """Remove what lies in a range of one track, and return whether Pro Tools was asked to.

    Clear removes whatever is selected, on every track that is selected. So it is sent only if the selection
    reads back as exactly this range, on exactly this track. Raises HostError.
    """
    mode = connection.call(Command.GET_EDIT_MODE).get("current_setting")
    if is_shuffle(mode):
        # In Shuffle, Clear pulls all later clips to the left.
        connection.call(Command.SET_EDIT_MODE, {"edit_mode": "EMO_Slip"})
    try:
        connection.call(
            Command.SELECT_TRACKS_BY_NAME, {"track_names": [track.name], "selection_mode": "SM_Replace"}
        )
        asked = {"in_time": str(start), "out_time": str(end), "location_type": SAMPLES}
        connection.call(Command.SET_TIMELINE_SELECTION, asked)
        found = connection.call(Command.GET_EDIT_SELECTION, {"location_type": SAMPLES})
        if (str(found.get("in_time")), str(found.get("out_time"))) != (str(start), str(end)):
            return False
        if _selected_tracks(connection) != [track.name]:
            return False
        connection.call(Command.CLEAR)
        return True
    finally:
        if is_shuffle(mode):
            with suppress(HostRefusedError):
                connection.call(Command.SET_EDIT_MODE, {"edit_mode": mode})


def _selected_tracks(connection: Connection) -> list[str]:
    """Return the names of the tracks that the edit selection lies on, of any kind."""
    return [
        str(told.get("name"))
        for told in read_pages(connection, Command.GET_TRACK_LIST, "track_list")
        if is_set((told.get("track_attributes") or {}).get("has_edit_selection"))
    ]


def save_session(connection: Connection) -> None:
    """Save the session. Raises HostError."""
    connection.call(Command.SAVE_SESSION)


def _rows(answer: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = answer.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
