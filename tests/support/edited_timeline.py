"""A delivered timeline as an editor leaves it."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio

RATE = 48_000


def moved(delivered: Path, line: str, samples: int, target: Path) -> Path:
    """All that lies on the track of that line, later by so many samples of 48 kHz."""
    timeline = otio.adapters.read_from_file(str(delivered))
    for track in timeline.tracks:
        gap = next((item for item in track if isinstance(item, otio.schema.Gap)), None)
        if gap is not None and any(line in str(item.metadata) for item in track):
            before = gap.source_range
            more = otio.opentime.RationalTime(samples, RATE).rescaled_to(before.duration.rate)
            gap.source_range = otio.opentime.TimeRange(before.start_time, before.duration + more)
            break
    otio.adapters.write_to_file(timeline, str(target))
    return target


def one_track(delivered: Path, line: str, target: Path) -> Path:
    """Of the dialogue only the track of that line, as an editor exports it; the rest as it is."""
    timeline = otio.adapters.read_from_file(str(delivered))
    for track in list(timeline.tracks):
        if track.name.startswith("DX ") and not any(line in str(item.metadata) for item in track):
            timeline.tracks.remove(track)
    otio.adapters.write_to_file(timeline, str(target))
    return target
