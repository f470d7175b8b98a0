"""Have Pro Tools export its session as text, in samples. This is the read-back that is documented best."""

from __future__ import annotations

from typing import Any

from rythmo.errors import HostError, HostRefusedError, InputError
from rythmo.scratch import scratch_folder
from rythmo_bridge.formats.session_text.reader import decode_text
from rythmo_bridge.formats.session_text.sections import SessionText, is_session_text
from rythmo_bridge.formats.session_text.times import SessionClock, make_clock
from rythmo_plugin.hosts.protools.commands import Command
from rythmo_plugin.hosts.protools.connection import TOO_LONG, Connection


def export_text(connection: Connection, *, tracks: bool = True) -> str:
    """Return the session's text, with the clips of all tracks if `tracks`.

    A text that is too long for an answer is written to a file instead. Raises HostError.
    """
    body: dict[str, Any] = {
        "include_file_list": False,
        "include_clip_list": False,
        "include_markers": False,
        "include_plugin_list": False,
        "include_track_edls": tracks,
        "text_as_file_format": "UTF8",
        "output_type": "ESI_String",
    }
    if tracks:
        body |= {
            "show_sub_frames": False,
            "include_user_timestamps": False,
            "track_list_type": "AllTracks",
            "fade_handling_type": "DontShowCrossfades",
            "track_offset_options": "Samples",
        }
    try:
        text = str(connection.call(Command.EXPORT_SESSION_INFO_AS_TEXT, body).get("session_info", ""))
    except HostRefusedError as error:
        if error.code != TOO_LONG:
            raise
        text = _export_file(connection, body)
    if not is_session_text(text):
        raise HostError(
            "Pro Tools did not export its session as text.", hint="Deliver an AAF and import that."
        )
    return text


def clock_of(text: SessionText) -> SessionClock:
    """Return how the session counts, from the head of its text. Raises HostError if that makes no sense."""
    head = text.head
    try:
        return make_clock(
            head.get("SAMPLE RATE", ""),
            head.get("SESSION START TIMECODE", ""),
            head.get("TIMECODE FORMAT", ""),
        )
    except InputError as error:
        raise HostError(
            f"What Pro Tools says of its session cannot be read: {error.message}.",
            hint="Deliver an AAF and import that.",
        ) from error


def _export_file(connection: Connection, body: dict[str, Any]) -> str:
    with scratch_folder("protools") as folder:
        path = folder / "session.txt"
        connection.call(
            Command.EXPORT_SESSION_INFO_AS_TEXT, {**body, "output_type": "ESI_File", "output_path": str(path)}
        )
        return decode_text(path.read_bytes()) if path.is_file() else ""
