"""Place a dub on the host's timeline, reading the timeline back after every attempt."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from rythmo.counts import format_count
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
    """Place a new dub on a copy of the timeline or on the open timeline itself."""
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
        yield from _keep_through_save(at)
        if at.compared().complete:
            yield from finish.mute_originals(at, theirs)
            yield from finish.finish_placing(at)
            return
    yield from _import_timeline(at, others)


def place_changes(session: Session, files: HostFiles, before: HostContent, changed: frozenset[str]) -> Talk:
    """Place the lines in `changed` again after a conform, and touch nothing else."""
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
    yield from _keep_through_save(at)
    yield from finish.finish_placing(at)


def _bed_was_cut(session: Session, files: HostFiles, landed: HostContent) -> bool:
    """Return whether the editor moved or cut the M&E (clips without a line); then Rythmo leaves it alone."""
    there = [c for c in landed.clips("audio") if is_ours(c, str(files.folder)) and not line_of(c.file)]
    wanted = [clip for clip in files.layout.clips() if not clip.line]
    if [clip.start for clip in there] == [clip.start for clip in wanted]:
        return False
    for clip in wanted:
        session.note(f"The M&E was cut by hand and is left unchanged; the new M&E is {clip.file.name}.")
    return True


def _tracks_by_line(files: HostFiles, landed: HostContent) -> dict[str, list[int]]:
    """Find the host's tracks for each wanted track: those of its name, else those that hold its clips.

    The editor may have renamed or moved tracks.
    """
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
    """Count the clips on an audio track."""
    return sum(len(track.clips) for track in landed.of("audio") if track.index == index)


def _belongs_to(line: str | None, clips: tuple[WantedClip, ...]) -> bool:
    return any(clip.line == line for clip in clips) if line else any(not clip.line for clip in clips)


def _duplicate_timeline(at: PlacementState) -> Generator[tuple[Step, ...], tuple[Step, ...], bool]:
    """Continue in a copy with an unused name, because a host makes no copy under a name that exists."""
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
    """Try each way on the clips that are still missing; remove clips that landed in the wrong place."""
    rate = at.session.hello.timeline.rate
    at.pool = steps.read_pool((yield tuple(steps.import_steps(at.compared().missing))))
    yield from _add_tracks(at, 1)
    for attempt, way in enumerate(PlacingWay, start=1):
        compared = at.compared()
        if compared.complete:
            break
        if way is PlacingWay.FRESH:
            yield from _add_tracks(at, 2)
            # Resolve counts a WAV at 24 fps and may cut up to one such frame off its end. Accept that only
            # on the last attempt.
            at.slack = math.ceil(rate / _WAV_RATE)
        if compared.astray:
            yield from at.look(step("use"), *steps.remove_steps(compared.astray))
        missing = at.compared().missing
        if missing:
            yield from at.look(*steps.place_steps(way, missing, at.tracks, at.pool, rate))
            if _was_refused_tracks(at):
                break
        at.session.tell(State.PLACING, finish.describe_progress(at, at.compared()), attempt / len(PlacingWay))


def _keep_through_save(at: PlacementState) -> Talk:
    """Save the project, and place again what vanishes.

    Clips of an append that failed midway show in Resolve until the project is saved, and are gone then.
    """
    if at.session.kind != "resolve":
        return
    before = len(at.compared().kept)
    yield from at.look(step("use"), step("save"))
    lost = before - len(at.compared().kept)
    if lost > 0:
        at.session.note(
            f"{format_count(lost, 'clip')} vanished when Resolve saved the project; placed again."
        )
        yield from _place_missing(at)


def _was_refused_tracks(at: PlacementState) -> bool:
    """Return whether none of the added tracks exists.

    In Premiere the first clip makes its track, or is refused, or is reported as placed and is nowhere. Then
    no other way of placing helps, and the tracks come with an imported timeline.
    """
    there = {track.index for track in at.landed.of("audio")}
    return bool(at.added) and there.isdisjoint(at.added)


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
    """Remove the added tracks and import the whole timeline as a new one: the last resort."""
    session, compared = at.session, at.compared()
    lost = f"{format_count(len(compared.missing), 'clip')} could not be placed"
    if at.added:
        yield (step("use"), *(step("drop", "audio", index) for index in sorted(at.added)[::-1]))
    base = f"{session.hello.timeline.name} ({session.choice.language}) import"
    for number in range(1, _NAMES + 1):
        name = base if number == 1 else f"{base} {number}"
        path = write_timeline(at.files, others, name, _FORMATS[session.kind])
        if _find_timeline((yield (step("load", str(path), name),))):
            break
    else:
        session.note(f"{lost}, and the host did not import the timeline {path}.")
        yield from _place_in_part(at, path)
        return
    at.added = []
    session.notes = [note for note in session.notes if not note.startswith("The dub is on")]
    session.note(f"{lost} on the timeline, so the whole timeline was imported as a new one.")
    session.note(f"The dub is on the timeline {name}.")
    yield from at.look()
    at.tracks = _tracks_with_clips(at)
    if at.compared().missing:
        yield from _place_on_imported_tracks(at)
    ours = {index for indices in at.tracks.values() for index in indices}
    yield from finish.mute_originals(at, steps.find_sounding_tracks(at.landed, ours))
    at.slack = math.ceil(session.hello.timeline.rate / _WAV_RATE)
    yield from finish.finish_placing(at)


def _place_on_imported_tracks(at: PlacementState) -> Talk:
    """Place the clips that an import left out. Their tracks are the last ones, in the layout's order."""
    last = [track.index for track in at.landed.of("audio")][-len(at.layout.tracks) :]
    if len(last) < len(at.layout.tracks):
        return
    for track, index in zip(at.layout.tracks, last, strict=True):
        at.tracks[track.key] = [*at.tracks.get(track.key, []), index]
    yield from _place_missing(at)


def _tracks_with_clips(at: PlacementState) -> dict[str, list[int]]:
    """Find the tracks that hold Rythmo's clips. An import does not always keep the names of tracks."""
    folder = str(at.files.folder)
    names = {c.file.name for c in at.layout.clips()}
    holding = [t.index for t in at.landed.of("audio") if any(is_ours(c, folder, names) for c in t.clips)]
    return {track.key: holding for track in at.layout.tracks}


def _place_in_part(at: PlacementState, path: Path) -> Talk:
    """Place what can be placed after a failed import, and name what cannot."""
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
