"""Subtitles and markers: what goes onto a timeline beside the sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rythmo_bridge.subtitles.srt import read_as_written
from rythmo_plugin.hosts import steps
from rythmo_plugin.hosts.compare import cues_wrong, missing_markers
from rythmo_plugin.hosts.line_protocol import step
from rythmo_plugin.hosts.placement_state import Standing
from rythmo_plugin.hosts.session import Talk


def subtitles(at: Standing) -> Talk:
    """The target language's subtitles on the first subtitle track, if nobody else's are there."""
    path, session = at.layout.subtitles, at.session
    if path is None or not cues_wrong(at.layout, at.landed):
        return
    into_bin = (step("bin", steps.BIN), step("import", path.name, str(path)))
    if session.hello.wants.get("subtitles") == "bin":
        # Premiere has no call that makes a caption track.
        yield into_bin
        session.note(f"{path.name} is in the bin {steps.BIN}: drag it onto the timeline for a caption track.")
        return
    old = at.landed.clips("subtitle")
    if old and not _own_cues(at, path.parent):
        session.note(
            f"The timeline has subtitles already, so ours were not added: {path.name} is in the bin."
        )
        yield into_bin
        return
    clear = [step("use"), *steps.removals(old)] if old else [step("use")]
    yield from at.look(*clear, *into_bin, step("subtitle", path.name))
    if cues_wrong(at.layout, at.landed):
        # Some versions want the place told, though most then put the cues at the end.
        again = steps.removals(at.landed.clips("subtitle"))
        start = session.hello.timeline.start_frame
        yield from at.look(step("use"), *again, step("subtitle", path.name, start))
    if wrong := cues_wrong(at.layout, at.landed):
        yield from at.look(step("use"), *steps.removals(at.landed.clips("subtitle")))
        session.note(
            f"{wrong} subtitles would not stand on their frames, so they were taken off again: "
            f"drag {path.name} from the bin {steps.BIN} to the timeline's start."
        )


def _own_cues(at: Standing, folder: Path) -> bool:
    """Whether every subtitle there is one that we brought earlier."""
    known = {
        _plain(text)
        for path in folder.glob("*.srt")
        for _, _, text in read_as_written(path, at.files.delivery.sample_rate)
    }
    return all(_plain(clip.name) in known for clip in at.landed.clips("subtitle"))


def _plain(text: str) -> str:
    return " ".join(text.split())


def markers(at: Standing) -> Talk:
    """What QC found, as markers."""
    wanted = steps.free_markers(at.layout.markers, steps.editors_markers(at.landed))
    layout = replace(at.layout, markers=tuple(wanted))
    if not missing_markers(layout, at.landed):
        return
    yield from at.look(step("use"), *steps.markings(at.layout.markers, at.landed))
    if lost := missing_markers(layout, at.landed):
        at.session.note(f"{len(lost)} of {len(wanted)} markers could not be set.")
