"""Markers for the findings of the quality check, as memory locations.

PTSL does not document in which form a memory location takes its time: users give timecode, and read it back
as timecode or as samples, after the main counter of the session. So both forms are tried and read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rythmo.counts import format_count
from rythmo.errors import HostRefusedError, InputError
from rythmo.timebase import SAMPLE_RATE, find_frame, format_timecode
from rythmo_bridge.formats.session_text.times import SessionClock
from rythmo_plugin.hosts.protools.commands import Command
from rythmo_plugin.hosts.protools.connection import Connection
from rythmo_plugin.hosts.protools.read_back import read_pages
from rythmo_plugin.hosts.protools.values import is_marker
from rythmo_plugin.hosts.wanted_layout import MARK, WantedMarker

_OUR_MARK = re.compile(rf"\[({MARK}.*)\]\s*\Z", re.DOTALL)
_MOST_TAKEN = 50
_LONGEST_NAME = 31


@dataclass(frozen=True, slots=True)
class MemoryLocation:
    """A marker in the session; `at` is a sample of the session, None if its time cannot be read."""

    number: int
    name: str
    comment: str
    at: int | None


def read_locations(connection: Connection, clock: SessionClock) -> list[MemoryLocation]:
    """Return the markers of the session. Raises HostError."""
    return list(_walk_locations(connection, clock))


def _walk_locations(connection: Connection, clock: SessionClock) -> Iterator[MemoryLocation]:
    for told in read_pages(connection, Command.GET_MEMORY_LOCATIONS, "memory_locations"):
        if not is_marker(told.get("time_properties")):
            continue
        try:
            at = clock.position(str(told.get("start_time", "")).strip())
        except InputError:
            at = None
        yield MemoryLocation(
            int(told.get("number", 0)), str(told.get("name", "")), str(told.get("comments", "")), at
        )


def set_markers(
    connection: Connection, wanted: tuple[WantedMarker, ...], clock: SessionClock, offset: int
) -> str:
    """Make the session hold exactly these markers of ours; return a note if some are missing, else "".

    `offset` is the sample of the session at which the programme begins. The editor's own markers stay.
    Raises HostError.
    """
    marks = {marker.mark: marker for marker in wanted}
    for as_samples in (False, True):
        missing = _clear_stale(connection, marks, clock, offset)
        if not missing:
            return ""
        _create(connection, missing, clock, offset, as_samples=as_samples)
    lost = len(_clear_stale(connection, marks, clock, offset))
    return f"{lost} of {format_count(len(wanted), 'marker')} could not be set." if lost else ""


def _clear_stale(
    connection: Connection, marks: Mapping[str, WantedMarker], clock: SessionClock, offset: int
) -> list[WantedMarker]:
    """Remove markers of ours that are not wanted, stand elsewhere or stand twice; return the missing ones."""
    missing, stale = dict(marks), []
    for each in read_locations(connection, clock):
        mark = _mark_of(each)
        if not mark:
            continue
        marker = missing.get(mark)
        # Timecode cannot tell where in a frame a marker stands.
        if (
            marker
            and each.at is not None
            and abs(each.at - offset - marker.offset) <= SAMPLE_RATE / clock.rate
        ):
            del missing[mark]
        else:
            stale.append(each.number)
    if stale:
        connection.call(Command.CLEAR_MEMORY_LOCATION, {"location_list": stale})
    return list(missing.values())


def _mark_of(location: MemoryLocation) -> str:
    """Return our mark, the last line of the comment, in brackets; "" for a marker of the editor's."""
    match = _OUR_MARK.search(location.comment)
    return match[1] if match else ""


def _create(
    connection: Connection,
    missing: Sequence[WantedMarker],
    clock: SessionClock,
    offset: int,
    *,
    as_samples: bool,
) -> None:
    number = max((each.number for each in read_locations(connection, clock)), default=0)
    for marker in missing:
        at = offset + marker.offset
        body = {
            "name": marker.name[:_LONGEST_NAME],
            "start_time": str(at) if as_samples else _timecode(at, clock),
            "time_properties": "TP_Marker",
            "reference": "MLR_Absolute",
            "location": "MLC_MainRuler",
            "comments": f"{marker.note}\n[{marker.mark}]".strip(),
        }
        number = _create_one(connection, body, number + 1)


def _create_one(connection: Connection, body: Mapping[str, Any], number: int) -> int:
    """Create a memory location under the first free number from `number` on; return the number."""
    for free in range(number, number + _MOST_TAKEN):
        try:
            connection.call(Command.CREATE_MEMORY_LOCATION, {"number": free, **body})
        except HostRefusedError as error:
            # Selections hold numbers too, and are not in the list of markers.
            if "used" in error.message or "exists" in error.message:
                continue
        return free
    return number + _MOST_TAKEN


def _timecode(at: int, clock: SessionClock) -> str:
    frame = find_frame(at + clock.start_reference, clock.rate)
    return format_timecode(frame, clock.rate, drop=clock.drop)
