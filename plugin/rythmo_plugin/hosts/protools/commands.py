"""The commands of PTSL that are used, and how long each may take.

The numbers, and the names in `values.py`, are those of the protocol's public definition.
"""

from __future__ import annotations

from enum import IntEnum


class Command(IntEnum):
    """A command by its number. Those from 123 on came with Pro Tools 2025.6."""

    CREATE_SESSION = 0
    OPEN_SESSION = 1
    GET_TRACK_LIST = 3
    RENAME_TARGET_TRACK = 8
    GET_TASK_STATUS = 12
    HOST_READY_CHECK = 13
    SAVE_SESSION = 18
    CLEAR = 23
    EXPORT_SESSION_INFO_AS_TEXT = 30
    GET_SESSION_NAME = 42
    GET_SESSION_PATH = 43
    SET_SESSION_TIME_CODE_RATE = 49
    SET_SESSION_START_TIME = 53
    GET_PTSL_VERSION = 55
    CLEAR_MEMORY_LOCATION = 61
    GET_MEMORY_LOCATIONS = 69
    REGISTER_CONNECTION = 70
    CREATE_MEMORY_LOCATION = 71
    CREATE_NEW_TRACKS = 72
    SELECT_TRACKS_BY_NAME = 73
    GET_EDIT_MODE = 74
    SET_EDIT_MODE = 75
    SET_TIMELINE_SELECTION = 81
    SET_TRACK_MUTE_STATE = 85
    IMPORT_AUDIO_TO_CLIP_LIST = 123
    SPOT_CLIPS_BY_ID = 124
    GET_CLIP_LIST = 125
    CREATE_AUDIO_CLIPS = 127
    GET_EDIT_SELECTION = 131

    @property
    def words(self) -> str:
        """The command's name in words, for messages: "create new tracks"."""
        return self.name.replace("_", " ").lower().replace("ptsl", "PTSL")


LEAST_VERSION = 2025
"""The first number of PTSL versions that can place a clip on a track by its id (2025.6; before it, 5)."""

_SECONDS = 20.0
_SLOWER = {
    Command.CREATE_SESSION: 90.0,
    Command.OPEN_SESSION: 90.0,
    Command.SAVE_SESSION: 60.0,
    Command.EXPORT_SESSION_INFO_AS_TEXT: 90.0,
    Command.CREATE_NEW_TRACKS: 40.0,
    Command.IMPORT_AUDIO_TO_CLIP_LIST: 300.0,
    Command.HOST_READY_CHECK: 5.0,
}


def deadline_of(command: Command) -> float:
    """Return the seconds after which a command counts as unanswered."""
    return _SLOWER.get(command, _SECONDS)
