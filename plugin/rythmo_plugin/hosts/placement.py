"""Bringing a dub onto the host's timeline, and not believing that it is there before it was read back."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from rythmo_bridge.formats.reader_items import line_of
from rythmo_bridge.timeline import Timeline
from rythmo_plugin.hosts import finish, steps
from rythmo_plugin.hosts import reports as hosts_reports
from rythmo_plugin.hosts.clip_files import HostFiles, write_timeline
from rythmo_plugin.hosts.compare import is_ours
from rythmo_plugin.hosts.line_protocol import Step, step
from rythmo_plugin.hosts.placement_state import PlacementState
from rythmo_plugin.hosts.reports import HostContent, HostTimeline
from rythmo_plugin.hosts.session import Session, State, Talk
from rythmo_plugin.hosts.steps import PlacingWay
from rythmo_plugin.hosts.wanted_layout import WantedClip

_NAMES = 9
_WAV_RATE = 24
_FORMATS = {"resolve": "otio-resolve", "premiere": "fcp7"}


def place_dub(session: Session, files: HostFiles, others: Timeline | None, before: HostContent) -> Talk:
    """A dub that is not on the timeline yet: on a copy, or added to the timeline that is open."""
    session.tell(State.PLACING, "Placing the dub on the timeline.", 0.0)
    session.wanted = len(files.layout.clips())
    at = PlacementState(
        session, files, before, steps.find_own_tracks(files.layout, before, str(files.folder))
    )
    ready = True
    if session.choice.duplicate:
        ready = yield from _duplicate_timeline(at)
    if ready:
        theirs = steps.find_sounding_tracks(at.landed, ())
        yield from _place_missing(at)
        if at.compared().complete:
            yield from finish.mute_originals(at, theirs)
            yield from finish.finish_placing(at)
            return
    yield from _import_timeline(at, others)


def place_changes(session: Session, files: HostFiles, before: HostContent, changed: frozenset[str]) -> Talk:
    """After a conform: lines in `changed` are placed anew, and nothing else is touched."""
    session.tell(State.PLACING, "Placing what changed.", 0.0)
    touched = changed if _bed_was_cut(session, files, before) else changed | {""}
    tracks = tuple(
        replace(track, clips=tuple(clip for clip in track.clips if clip.line in touched))
        for track in files.layout.tracks
    )
    files = replace(files, layout=replace(files.layout, tracks=tracks))
    session.wanted = len(files.layout.clips())
    at = PlacementState(session, files, before, _tracks_by_line(files, before), changed=touched)
    yield from _place_missing(at)
    yield from finish.finish_placing(at)


def _bed_was_cut(session: Session, files: HostFiles, landed: HostContent) -> bool:
    """Whether the editor moved or cut the M&E: then it is theirs. (It belongs to no line.)"""
    there = [c for c in landed.clips("audio") if is_ours(c, str(files.folder)) and not line_of(c.file)]
    wanted = [clip for clip in files.layout.clips() if not clip.line]
    if [clip.start for clip in there] == [clip.start for clip in wanted]:
        return False
    for clip in wanted:
        session.note(f"The M&E was cut by hand and stays as it is; the new one is {clip.file.name}.")
    return True


def _tracks_by_line(files: HostFiles, landed: HostContent) -> dict[str, list[int]]:
    """The editor may have renamed and moved tracks: a track is the one of our name, else that with most of
    its clips."""
    folder, found = str(files.folder), {}
    for wanted in files.layout.tracks:
        named = [t.index for t in landed.of("audio") if t.name == wanted.name]
        holding = [t.index for t in landed.of("audio") if any(is_ours(c, folder) for c in t.clips)]
        own = [
            t.index
            for t in landed.of("audio")
            if any(_belongs_to(line_of(c.file), wanted.clips) for c in t.clips if is_ours(c, folder))
        ]
        found[wanted.key] = [i for i in named if i in holding or not _count_clips(landed, i)] or own
    return found


def _count_clips(landed: HostContent, index: int) -> int:
    """How many clips an audio track holds."""
    return sum(len(track.clips) for track in landed.of("audio") if track.index == index)


def _belongs_to(line: str | None, clips: tuple[WantedClip, ...]) -> bool:
    return any(clip.line == line for clip in clips) if line else any(not clip.line for clip in clips)


def _duplicate_timeline(at: PlacementState) -> Generator[tuple[Step, ...], tuple[Step, ...], bool]:
    """Work goes on in a copy whose name nobody has yet: a name that is taken gives nothing."""
    session = at.session
    base = f"{session.hello.timeline.name} ({session.choice.language})"
    for number in range(1, _NAMES + 1):
        name = base if number == 1 else f"{base} {number}"
        reports = yield (step("use"), step("duplicate", name))
        if made := _find_timeline(reports):
            if made.start_frame != session.hello.timeline.start_frame:
                break
            session.note(f"The dub is on the timeline {name}.")
            yield from at.look()
            return True
    session.note("The host did not make a copy of the timeline.")
    return False


def _find_timeline(reports: tuple[Step, ...]) -> HostTimeline | None:
    return next((hosts_reports.read_host_timeline(each) for each in reports if each.verb == "timeline"), None)


def _place_missing(at: PlacementState) -> Talk:
    """Try each way on what is still missing, reading back after each. What stands wrong is taken away."""
    rate = at.session.hello.timeline.rate
    at.pool = steps.read_pool((yield tuple(steps.import_steps(at.compared().missing))))
    yield from _add_tracks(at, 1)
    for attempt, way in enumerate(PlacingWay, start=1):
        compared = at.compared()
        if compared.complete:
            break
        if way is PlacingWay.FRESH:
            yield from _add_tracks(at, 2)
            # A host that counts a WAV in 24ths may cut its end by less than one; only now that is let pass.
            at.slack = math.ceil(rate / _WAV_RATE)
        if compared.astray:
            yield from at.look(step("use"), *steps.remove_steps(compared.astray))
        missing = at.compared().missing
        if missing:
            yield from at.look(*steps.place_steps(way, missing, at.tracks, at.pool, rate))
        at.session.tell(State.PLACING, finish.describe_progress(at, at.compared()), attempt / len(PlacingWay))


def _add_tracks(at: PlacementState, number: int) -> Talk:
    missing = at.compared().missing
    lacking = {steps.track_key(clip) for clip in missing}
    wanted = [
        track
        for track in at.layout.tracks
        if track.key in lacking and (number > 1 or not at.tracks.get(track.key))
    ]
    if not wanted:
        return
    made = steps.read_made_tracks((yield (step("use"), *steps.track_steps(wanted, number))))
    for key, index in made.items():
        at.tracks.setdefault(key, []).append(index)
        at.added.append(index)


def _import_timeline(at: PlacementState, others: Timeline | None) -> Talk:
    """The last way: take back what was added, and import the whole timeline as a new one."""
    session, compared = at.session, at.compared()
    lost = f"{finish.format_clips(len(compared.missing))} could not be placed"
    if at.added:
        yield (step("use"), *(step("drop", "audio", index) for index in sorted(at.added)[::-1]))
    base = f"{session.hello.timeline.name} ({session.choice.language}) import"
    for number in range(1, _NAMES + 1):
        name = base if number == 1 else f"{base} {number}"
        path = write_timeline(at.files, others, name, _FORMATS[session.kind])
        if _find_timeline((yield (step("load", str(path), name),))):
            break
    else:
        session.note(f"{lost}, and the host would not import the timeline {path}.")
        yield from _place_in_part(at, path)
        return
    at.added = []
    session.notes = [note for note in session.notes if not note.startswith("The dub is on")]
    session.note(f"{lost} on the timeline, so the whole timeline was imported as a new one.")
    session.note(f"The dub is on the timeline {name}.")
    yield from at.look()
    at.tracks = _tracks_with_clips(at)
    ours = {index for indices in at.tracks.values() for index in indices}
    yield from finish.mute_originals(at, steps.find_sounding_tracks(at.landed, ours))
    at.slack = math.ceil(session.hello.timeline.rate / _WAV_RATE)
    yield from finish.finish_placing(at)


def _tracks_with_clips(at: PlacementState) -> dict[str, list[int]]:
    """Imports keep the order of tracks, not always their names: a track of ours is one with our clips."""
    folder = str(at.files.folder)
    names = {c.file.name for c in at.layout.clips()}
    holding = [t.index for t in at.landed.of("audio") if any(is_ours(c, folder, names) for c in t.clips)]
    return {track.key: holding for track in at.layout.tracks}


def _place_in_part(at: PlacementState, path: Path) -> Talk:
    """Neither way did it all: what can be placed stands again, and what cannot is named."""
    if at.added:
        at.added = []
        yield from at.look()
        at.tracks = steps.find_own_tracks(at.layout, at.landed, str(at.files.folder))
        yield from _place_missing(at)
    compared = at.compared()
    if not compared.kept:
        yield finish.report_failure(at, compared, path)
        return
    ours = {index for indices in at.tracks.values() for index in indices}
    yield from finish.mute_originals(at, steps.find_sounding_tracks(at.landed, ours))
    yield from finish.finish_placing(at)
