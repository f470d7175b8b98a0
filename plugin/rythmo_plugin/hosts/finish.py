"""Finish a placing: mute the original sound, add subtitles and markers, and report what is not in place."""

from __future__ import annotations

from pathlib import Path

from rythmo.counts import format_count
from rythmo.timebase import format_timecode
from rythmo_bridge.formats.reader_items import line_of
from rythmo_plugin.hosts import captions_and_markers
from rythmo_plugin.hosts.compare import Comparison
from rythmo_plugin.hosts.line_protocol import Step, step
from rythmo_plugin.hosts.placement_state import PlacementState
from rythmo_plugin.hosts.reports import HostTimeline
from rythmo_plugin.hosts.session import Row, State, Talk

# How many lines a message names; the table of rows names all.
_NAMED = 5


def mute_originals(at: PlacementState, theirs: list[int]) -> Talk:
    """Switch off the tracks `theirs`, which hold the sound that was dubbed. They are not deleted."""
    if not theirs:
        return
    yield from at.look(step("use"), *(step("enable", "audio", index, 0) for index in theirs))
    still = [t for t in at.landed.of("audio") if t.index in theirs and t.enabled]
    for track in still:
        at.session.note(f"Switch off track A{track.index} ({track.name}) by hand: the host did not do it.")


def describe_progress(at: PlacementState, compared: Comparison) -> str:
    """Return a sentence that says how many clips are in place."""
    wanted = len(at.layout.clips())
    return f"{len(compared.kept)} of {format_count(wanted, 'clip is', 'clips are')} in place."


def report_failure(at: PlacementState, compared: Comparison, path: Path) -> tuple[Step, ...]:
    """End the session because nothing could be placed. `path` is the timeline to import by hand."""
    _show_faults(at, compared)
    return at.session.end(
        State.FAILED,
        "The host neither placed the clips nor imported the timeline.",
        f"If a message box is open in the host, close it and run the script again, or import {path} by hand.",
    )


def finish_placing(at: PlacementState) -> Talk:
    """Add subtitles and markers, read the timeline back once more, and end the session with the result."""
    yield from captions_and_markers.place_subtitles(at)
    yield from captions_and_markers.set_markers(at)
    yield from _read_back(at)
    session, compared = at.session, at.compared()
    session.placed = len(compared.kept)
    _show_faults(at, compared)
    for line in at.layout.lost:
        session.note(f"The file of the take of {line} is missing, so the line was not placed.")
    if compared.short:
        frames = max(frames for _, frames in compared.short)
        cut = format_count(len(compared.short), "clip")
        session.note(f"The host cut the end of {cut}, by up to {format_count(frames, 'frame')}.")
    if compared.complete and not at.layout.lost:
        yield session.end(State.DONE, _describe_success(len(compared.kept)))
        return
    yield session.end(State.PARTLY, " ".join([describe_progress(at, compared), *_describe_faults(compared)]))


def _read_back(at: PlacementState) -> Talk:
    """Read the timeline back; in Resolve after saving the project, at which clips may vanish."""
    if at.session.kind != "resolve":
        yield from at.look()
        return
    cues = len(at.landed.clips("subtitle"))
    yield from at.look(step("use"), step("save"))
    lost = cues - len(at.landed.clips("subtitle"))
    if lost > 0 and at.layout.subtitles is not None:
        at.session.note(
            f"{format_count(lost, 'subtitle')} vanished when Resolve saved the project: drag "
            f"{at.layout.subtitles.name} from the bin to the start of the timeline."
        )


def _describe_faults(compared: Comparison) -> list[str]:
    """Return sentences that name the lines that are missing or in the wrong place."""
    missing = [clip.line or clip.file.name for clip in compared.missing]
    astray = [line_of(clip.file) or clip.name for clip in compared.astray]
    said = [f"Missing: {_list_some(missing)}."] if missing else []
    return [*said, f"In the wrong place: {_list_some(astray)}."] if astray else said


def _list_some(names: list[str]) -> str:
    """Join the first few names, and say how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _describe_success(count: int) -> str:
    return "The only clip is in place." if count == 1 else f"All {format_count(count, 'clip')} are in place."


def _show_faults(at: PlacementState, compared: Comparison) -> None:
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
