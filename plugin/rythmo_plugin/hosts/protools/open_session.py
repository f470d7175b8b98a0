"""Read the session that is open in Pro Tools, make a new one, refuse one that the dub does not fit."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rythmo.errors import HostError, HostRefusedError, UsageError
from rythmo.files import make_printable
from rythmo.timebase import format_timecode, time_reference
from rythmo_bridge.formats.session_text.sections import split_sections
from rythmo_bridge.formats.session_text.times import SessionClock
from rythmo_bridge.timeline import Timeline
from rythmo_plugin.hosts.protools.commands import Command
from rythmo_plugin.hosts.protools.connection import NO_SESSION, Connection
from rythmo_plugin.hosts.protools.session_text import clock_of, export_text
from rythmo_plugin.hosts.protools.values import name_of_rate

_FORBIDDEN = '<>:"/\\|?*'


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to make: its name and the folder that its own folder goes into."""

    name: str
    folder: Path

    @property
    def file(self) -> Path:
        """The session's file, where Pro Tools writes it."""
        return self.folder / self.name / f"{self.name}.ptx"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """What is known of the open session."""

    name: str
    clock: SessionClock

    @property
    def start(self) -> str:
        """The session's start timecode."""
        return format_timecode(self.clock.start_frame, self.clock.rate, drop=self.clock.drop)


def check_name(name: str) -> str:
    """Return a session's name. Raises UsageError for one that is no name of a file on every system."""
    if not name.strip() or name != name.strip(" .") or any(c in _FORBIDDEN or ord(c) < 32 for c in name):
        raise UsageError(
            f"{name!r} is no name for a session.", hint=f"Leave out {_FORBIDDEN} and end in a letter."
        )
    return name


def read_session(connection: Connection) -> OpenSession | None:
    """Return the open session, None if none is open. Raises HostError.

    Its rates and start are read from the head of its text, whose form is documented and always in timecode.
    """
    try:
        connection.call(Command.GET_SESSION_NAME)
    except HostRefusedError as error:
        if error.code == NO_SESSION:
            return None
        raise
    text = split_sections(export_text(connection, tracks=False))
    return OpenSession(text.head.get("SESSION NAME", ""), clock_of(text))


def require_session(connection: Connection, dub: Timeline, new: NewSession | None) -> OpenSession:
    """Return the session to work in: the open one, or the new one. Raises HostError if the dub does not fit.

    A new session that an earlier run made is used again.
    """
    found = read_session(connection)
    if new is not None and (found is None or found.name != new.name):
        if found is not None:
            raise HostError(
                f"The session {found.name!r} is open in Pro Tools.",
                hint=f"Close it, so that {new.name!r} can be made, or send to the open one (without --new).",
            )
        _make_session(connection, dub, new)
        found = read_session(connection)
    if found is None:
        raise HostError(
            "No session is open in Pro Tools.", hint="Open one, or let Rythmo make one with --new NAME."
        )
    _require_fit(found, dub)
    return found


def _make_session(connection: Connection, dub: Timeline, new: NewSession) -> None:
    """Make the session, or open it if its file exists, with the dub's sample rate, frame rate and start."""
    rate = name_of_rate(dub.frame_rate, drop=dub.drop)
    if rate is None:
        raise HostError(
            f"Pro Tools has no timecode at {float(dub.frame_rate):.3f} frames a second.",
            hint="Open a session of the rate that you mix at, and send to that.",
        )
    if new.file.is_file():
        connection.call(Command.OPEN_SESSION, {"session_path": str(new.file)})
        return
    if not new.folder.is_dir():
        raise HostError(f"There is no folder {make_printable(new.folder)}.", hint="Make it, or name another.")
    connection.call(
        Command.CREATE_SESSION,
        {
            "session_name": new.name,
            # With the separator at its end, as Pro Tools' own paths of folders have.
            "session_location": f"{new.folder.resolve()}{os.sep}",
            "file_type": "FT_WAVE",
            "sample_rate": f"SR_{dub.sample_rate}",
            "bit_depth": "Bit24",
            "input_output_settings": "IO_Last",
            "is_interleaved": True,
            "create_from_template": False,
            "is_cloud_project": False,
        },
    )
    connection.call(Command.SET_SESSION_TIME_CODE_RATE, {"time_code_rate": rate})
    start = format_timecode(dub.start_frame, dub.frame_rate, drop=dub.drop)
    connection.call(
        Command.SET_SESSION_START_TIME,
        {"session_start_time": start, "track_offset_opts": "TimeCode", "maintain_relative_position": False},
    )


def _require_fit(session: OpenSession, dub: Timeline) -> None:
    """Raise HostError unless the dub can lie in the session with every sample in its place."""
    clock = session.clock
    if clock.sample_rate != dub.sample_rate:
        raise HostError(
            f"The session {session.name!r} runs at {clock.sample_rate} Hz, the dub at {dub.sample_rate} Hz.",
            hint=f"Open or make a session at {dub.sample_rate} Hz (--new NAME).",
        )
    if clock.rate != dub.frame_rate:
        raise HostError(
            f"The session {session.name!r} counts {_format_rate(clock.rate)} frames a second, the programme "
            f"{_format_rate(dub.frame_rate)}.",
            hint="Set it in Pro Tools (Setup > Session), or make a new session with --new NAME.",
        )
    if offset_in_session(session, dub) < 0:
        first = format_timecode(dub.start_frame, dub.frame_rate, drop=dub.drop)
        raise HostError(
            f"The session {session.name!r} starts at {session.start}, after the programme's first frame "
            f"({first}).",
            hint="Set an earlier session start in Pro Tools (Setup > Session).",
        )


def offset_in_session(session: OpenSession, dub: Timeline) -> int:
    """Return the sample of the session at which the programme's first frame lies."""
    first = time_reference(dub.start_frame, dub.frame_rate, dub.sample_rate)
    return first - session.clock.start_reference


def _format_rate(rate: Fraction) -> str:
    return f"{round(float(rate), 3):g}"
