"""Place subtitles and markers on a host's timeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rythmo.counts import format_count
from rythmo_bridge.subtitles.srt import read_as_written
from rythmo_plugin.hosts import steps
from rythmo_plugin.hosts.compare import count_misplaced_cues, find_missing_markers
from rythmo_plugin.hosts.line_protocol import step
from rythmo_plugin.hosts.placement_state import PlacementState
from rythmo_plugin.hosts.session import Talk


def place_subtitles(at: PlacementState) -> Talk:
    """Place the target language's subtitles on the first subtitle track, unless it holds other subtitles."""
    path, session = at.layout.subtitles, at.session
    if path is None or not count_misplaced_cues(at.layout, at.landed):
        return
    into_bin = (step("bin", steps.BIN), step("import", path.name, str(path)))
    if session.hello.wants.get("subtitles") == "bin":
        # Premiere (26.3 and earlier) has no call that makes a caption track. One that the editor made of our
        # file can be named.
        yield (*into_bin, step("captions", str(path.parent), f"Subtitles ({at.files.delivery.language})"))
        session.note(f"{path.name} is in the bin {steps.BIN}: drag it onto the timeline for a caption track.")
        return
    old = at.landed.clips("subtitle")
    if old and not _own_cues(at, path.parent):
        session.note(
            f"The timeline already has subtitles, so ours were not added: {path.name} is in the bin."
        )
        yield into_bin
        return
    clear = [step("use"), *steps.remove_steps(old)] if old else [step("use")]
    yield from at.look(*clear, *into_bin, step("subtitle", path.name))
    if count_misplaced_cues(at.layout, at.landed):
        # Some versions of Resolve need a frame here; most put the cues at the end if they get one.
        again = steps.remove_steps(at.landed.clips("subtitle"))
        start = session.hello.timeline.start_frame
        yield from at.look(step("use"), *again, step("subtitle", path.name, start))
    if wrong := count_misplaced_cues(at.layout, at.landed):
        yield from at.look(step("use"), *steps.remove_steps(at.landed.clips("subtitle")))
        session.note(
            f"{format_count(wrong, 'subtitle')} landed on the wrong frame, so all of them were removed "
            f"again: drag {path.name} from the bin {steps.BIN} to the start of the timeline."
        )


def _own_cues(at: PlacementState, folder: Path) -> bool:
    """Return whether Rythmo placed every subtitle that is on the timeline."""
    known = {
        _collapse_spaces(text)
        for path in folder.glob("*.srt")
        for _, _, text in read_as_written(path, at.files.delivery.sample_rate)
    }
    return all(_collapse_spaces(clip.name) in known for clip in at.landed.clips("subtitle"))


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())


def set_markers(at: PlacementState) -> Talk:
    """Set a marker for each finding of the quality check."""
    wanted = steps.move_to_free_frames(at.layout.markers, steps.find_editor_frames(at.landed))
    layout = replace(at.layout, markers=tuple(wanted))
    if not find_missing_markers(layout, at.landed):
        return
    yield from at.look(step("use"), *steps.marker_steps(at.layout.markers, at.landed))
    if lost := find_missing_markers(layout, at.landed):
        at.session.note(f"{len(lost)} of {format_count(len(wanted), 'marker')} could not be set.")
