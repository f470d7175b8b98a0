"""Send a dub to Pro Tools: what `rythmo send protools` and the page's "Send to Pro Tools" call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rythmo.counts import format_count
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress
from rythmo.script.model import Script
from rythmo.timebase import format_timecode, nearest_frame
from rythmo_bridge.formats.reader_items import line_of
from rythmo_bridge.script_timeline import script_timeline
from rythmo_plugin.hosts.compare import Comparison
from rythmo_plugin.hosts.protools import edits
from rythmo_plugin.hosts.protools.connection import PORT, Connection
from rythmo_plugin.hosts.protools.memory_locations import set_markers
from rythmo_plugin.hosts.protools.open_session import (
    NewSession,
    OpenSession,
    offset_in_session,
    require_session,
)
from rythmo_plugin.hosts.protools.placed_files import PlacedFile, protools_folder, write_placed_files
from rythmo_plugin.hosts.protools.placing import Manner, Placing, require_forms
from rythmo_plugin.hosts.protools.read_back import SessionContent, read_content
from rythmo_plugin.hosts.protools.wanted_session import WantedSession, plan_session
from rythmo_plugin.hosts.session import Row
from rythmo_plugin.hosts.steps import find_sounding_tracks
from rythmo_plugin.hosts.wanted_layout import Layout, make_layout

STAGE = "send"
_NOT_SAVED = "The session was not saved: look at it in Pro Tools and save it there."


@dataclass(frozen=True, slots=True)
class SendOptions:
    """What to send, and where to.

    `new` is a session to make; without it the open one is used. `takes` also lays down the other takes of
    each line, on muted tracks. `mute` mutes the tracks that sound in the open session, at the first sending.
    """

    new: NewSession | None = None
    takes: bool = False
    mute: bool = True
    markers: bool = True
    port: int = PORT


@dataclass(frozen=True, slots=True)
class SendResult:
    """What stands in the session after a sending, as read back. `rows` name clips that are not in place."""

    session: str
    placed: int
    wanted: int
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every clip is in place, and no clip of another dub of ours stands there."""
        return not self.rows

    @property
    def sentence(self) -> str:
        """What was done, in a sentence."""
        wanted = format_count(self.wanted, "clip is", "clips are")
        return f"{self.placed} of {wanted} in place in the session {self.session}."


@dataclass
class _Sending:
    """One sending: the connection and what is known so far."""

    connection: Connection
    script: Script
    root: Path
    options: SendOptions
    report: Report
    cancel: CancelToken
    manner: Manner
    notes: list[str] = field(default_factory=list)


def send_project(
    script: Script,
    root: Path,
    options: SendOptions,
    *,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
    manner: Manner | None = None,
    connect: Callable[[int], Connection] = Connection,
) -> SendResult:
    """Place a dub in Pro Tools, and return what stands there then.

    Run again it continues: what stands in its place already is left alone.

    Args:
        script: The dub.
        root: The folder of the dubbed language.
        options: What to send, and where to.
        report: Receives progress; its text says when Pro Tools waits for the user.
        cancel: Stops between two calls.
        manner: How long a silent Pro Tools is waited for.
        connect: Makes the connection to a port.

    Raises:
        HostError: Pro Tools is not there, is too old, stays silent, or its session does not fit the dub.
        OutputError: A file cannot be written.
        MediaError: A take is damaged.
        CancelledError: The user stopped it. What was placed stays.
    """
    with connect(options.port) as connection:
        connection.register()
        sending = _Sending(connection, script, root, options, report, cancel, manner or Manner())
        return _send(sending)


def _send(sending: _Sending) -> SendResult:
    options, connection = sending.options, sending.connection
    delivery = script_timeline(sending.script, sending.root)
    session = require_session(connection, delivery, options.new)
    offset = offset_in_session(session, delivery)
    wanted = plan_session(
        sending.script,
        delivery,
        sending.root,
        offset,
        takes=options.takes,
        original=options.new is not None,
    )
    layout, files, folder = _write_files(sending, wanted)
    placing = Placing(
        connection,
        layout,
        files,
        folder,
        lambda done, text: sending.report(Progress(STAGE, done, 1.0, text)),
        sending.cancel,
        sending.manner,
        read_content(connection, folder),
    )
    first = not any(placing.own_tracks().values())
    theirs = find_sounding_tracks(placing.standing.content, ())
    foreign = [placing.standing.track(index).name for index in theirs]
    compared = placing.place()
    muted = _mute(sending, placing, wanted, foreign if first and options.mute else [])
    if options.markers and (note := set_markers(connection, layout.markers, session.clock, offset)):
        sending.notes.append(note)
    if options.new is not None:
        edits.save_session(connection)
    else:
        sending.notes.append(_NOT_SAVED)
    compared = placing.read_again()
    return _describe(sending, placing, session, wanted, compared, muted)


def _write_files(sending: _Sending, wanted: WantedSession) -> tuple[Layout, dict[str, PlacedFile], Path]:
    """Write the files, and return the layout, the files by the key of their clip, and their folder."""
    folder = protools_folder(sending.root, wanted.timeline.language)
    made = write_placed_files(
        wanted.timeline,
        folder,
        report=lambda done: sending.report(Progress(STAGE, done * 0.1, 1.0, "Writing the takes")),
        cancel=sending.cancel,
    )
    layout = make_layout(wanted.timeline, {key: folder / f"{file.clip}.wav" for key, file in made.items()})
    require_forms(layout)
    return layout, {f"{number}.{place}": file for (number, place), file in made.items()}, folder


def _mute(sending: _Sending, placing: Placing, wanted: WantedSession, foreign: list[str]) -> tuple[str, ...]:
    """Mute the tracks of other takes, of the original, and the session's own; return the latter's names."""
    standing = placing.standing
    own = [
        standing.track(index).name
        for track in placing.layout.tracks
        if track.name in wanted.muted
        for index in placing.own_tracks()[track.key]
    ]
    names = [*own, *foreign]
    loud = [track.name for track in standing.tracks if track.name in names and not track.muted]
    if loud:
        edits.mute_tracks(sending.connection, loud)
        placing.read_again()
        for track in placing.standing.tracks:
            if track.name in loud and not track.muted:
                sending.notes.append(f"Mute the track {track.name} by hand: Pro Tools did not do it.")
    return tuple(name for name in foreign if name in loud)


def _describe(
    sending: _Sending,
    placing: Placing,
    session: OpenSession,
    wanted: WantedSession,
    compared: Comparison,
    muted: tuple[str, ...],
) -> SendResult:
    timecode = _Timecodes(session, placing.standing)
    rows = [
        Row(
            "missing",
            timecode.of(c.start),
            c.line or c.file.stem,
            placing.problems.get(c.key, ""),
            conflict=True,
        )
        for c in compared.missing
    ]
    rows += [
        Row(
            "in the wrong place",
            timecode.of(c.start),
            line_of(c.file) or c.name,
            timecode.track(c.index),
            conflict=True,
        )
        for c in compared.astray
    ]
    lost = [
        f"The file of the take of {line} is missing, so the line was not placed."
        for line in placing.layout.lost
    ]
    rows += [Row("missing", "", line, "no file", conflict=True) for line in placing.layout.lost]
    mutes = [f"Muted: {', '.join(muted)}."] if muted else []
    return SendResult(
        session.name,
        len(compared.kept),
        len(placing.layout.clips()) + len(placing.layout.lost),
        tuple(rows),
        tuple(dict.fromkeys([*wanted.notes, *lost, *placing.notes, *mutes, *sending.notes])),
        muted,
    )


@dataclass(frozen=True, slots=True)
class _Timecodes:
    session: OpenSession
    standing: SessionContent

    def of(self, sample: int) -> str:
        """Return the timecode of a sample of the session."""
        clock = self.session.clock
        frame = nearest_frame(sample + clock.start_reference, clock.rate)
        return format_timecode(max(0, frame), clock.rate, drop=clock.drop)

    def track(self, index: int) -> str:
        """Return the name of a track."""
        return f"on {self.standing.track(index).name}"
