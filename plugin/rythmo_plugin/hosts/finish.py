"""How a placing ends: the original off, subtitles and markers on, and the truth about what stands where."""

from __future__ import annotations

from pathlib import Path

from rythmo.timebase import format_timecode
from rythmo_bridge.formats.reader_items import line_of
from rythmo_plugin.hosts import captions_and_markers
from rythmo_plugin.hosts.compare import Compared
from rythmo_plugin.hosts.line_protocol import Step, step
from rythmo_plugin.hosts.placement_state import Standing
from rythmo_plugin.hosts.reports import HostTimeline
from rythmo_plugin.hosts.session import Row, State, Talk

_NAMED = 5
"""Lines that a sentence names; the rows name all."""


def silence(at: Standing, theirs: list[int]) -> Talk:
    """The sound that the dub was made from is switched off, not deleted."""
    if not theirs:
        return
    yield from at.look(step("use"), *(step("enable", "audio", index, 0) for index in theirs))
    still = [t for t in at.landed.of("audio") if t.index in theirs and t.enabled]
    for track in still:
        at.session.note(f"Switch off track A{track.index} ({track.name}) by hand: the host did not.")


def count(at: Standing, compared: Compared) -> str:
    """How many clips stand right."""
    wanted = len(at.layout.clips())
    return f"{len(compared.kept)} of {clips(wanted)} stand where they should."


def clips(number: int) -> str:
    """That many clips, in words."""
    return "1 clip" if number == 1 else f"{number} clips"


def failed(at: Standing, compared: Compared, path: Path) -> tuple[Step, ...]:
    """Nothing could be placed; `path` is the timeline to import by hand."""
    _rows(at, compared)
    return at.session.end(
        State.FAILED,
        "The host would neither place the clips nor import the timeline.",
        f"If a message box is open in the host, close it and run again; or import {path} by hand.",
    )


def finished(at: Standing) -> Talk:
    """Subtitles, markers, a last look, and the truth about it."""
    yield from captions_and_markers.subtitles(at)
    yield from captions_and_markers.markers(at)
    yield from at.look()
    session, compared = at.session, at.compared()
    session.placed = len(compared.kept)
    _rows(at, compared)
    for line in at.layout.lost:
        session.note(f"The take of {line} is not on the disk, so it was not placed.")
    if compared.short:
        frames = max(frames for _, frames in compared.short)
        session.note(f"The host cut the tails of {clips(len(compared.short))}, by up to {_frames(frames)}.")
    if compared.complete and not at.layout.lost:
        yield session.end(State.DONE, _all_stand(len(compared.kept)))
        return
    yield session.end(State.PARTLY, " ".join([count(at, compared), *_wrong(compared)]))


def _wrong(compared: Compared) -> list[str]:
    """What is missing and what stands wrong, by line."""
    missing = [clip.line or clip.file.name for clip in compared.missing]
    astray = [line_of(clip.file) or clip.name for clip in compared.astray]
    said = [f"Missing: {_some(missing)}."] if missing else []
    return [*said, f"In the wrong place: {_some(astray)}."] if astray else said


def _some(names: list[str]) -> str:
    """A few names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _all_stand(count: int) -> str:
    return (
        "The one clip stands where it should."
        if count == 1
        else f"All {count} clips stand where they should."
    )


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def _rows(at: Standing, compared: Compared) -> None:
    host = at.session.hello.timeline
    rows = [
        Row("missing", _timecode(clip.start, host), clip.line or "M&E", clip.file.name, conflict=True)
        for clip in compared.missing
    ]
    rows += [
        Row(
            "in the wrong place",
            _timecode(clip.start, host),
            line_of(clip.file) or "M&E",
            clip.name,
            conflict=True,
        )
        for clip in compared.astray
    ]
    at.session.rows = [*(row for row in at.session.rows if not row.conflict), *rows]


def _timecode(frame: int, host: HostTimeline) -> str:
    return format_timecode(max(0, frame), host.rate, drop=host.drop)
