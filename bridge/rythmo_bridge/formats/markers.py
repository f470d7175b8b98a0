"""Writes markers in the EDL form that Resolve imports (Timelines > Import > Timeline Markers from EDL)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rythmo.files import write_atomically
from rythmo.timebase import format_timecode
from rythmo_bridge.colours import Colour
from rythmo_bridge.formats.registry import Format
from rythmo_bridge.timeline import Marker, Timeline

RESOLVE_COLOURS = {
    Colour.PINK: "Pink",
    Colour.RED: "Red",
    Colour.ORANGE: "Sand",
    Colour.YELLOW: "Yellow",
    Colour.GREEN: "Green",
    Colour.CYAN: "Cyan",
    Colour.BLUE: "Blue",
    Colour.PURPLE: "Purple",
    Colour.MAGENTA: "Fuchsia",
    Colour.BLACK: "Cocoa",
    Colour.WHITE: "Cream",
}


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the timeline's markers; no file if there are none."""
    if not delivery.markers:
        return ()
    write_atomically(target, render(delivery).encode())
    return (target,)


def render(delivery: Timeline) -> str:
    """Return the list's text."""
    lines = [f"TITLE: {_plain(delivery.name)} markers"]
    lines += [f"FCM: {'DROP FRAME' if delivery.drop else 'NON-DROP FRAME'}", ""]
    for number, marker in enumerate(sorted(delivery.markers, key=lambda m: m.start), start=1):
        lines += _event(delivery, marker, number)
    return "\r\n".join(lines) + "\r\n"


def _event(delivery: Timeline, marker: Marker, number: int) -> Iterable[str]:
    frame = delivery.start_frame + delivery.frame(marker.start)
    # Every event is one frame long; the marker's own length follows |D:.
    start, end = (format_timecode(f, delivery.frame_rate, drop=delivery.drop) for f in (frame, frame + 1))
    yield f"{number:03}  001      V     C        {start} {end} {start} {end}"
    colour = RESOLVE_COLOURS[marker.colour]
    length = max(1, delivery.frame(marker.length))
    yield f"{_plain(marker.note)} |C:ResolveColor{colour} |M:{_plain(marker.name)} |D:{length}"
    yield ""


def _plain(text: str) -> str:
    """Put text on one line, without the bar that separates the fields."""
    return " ".join(text.replace("|", "/").split())


FORMAT = Format("markers", ".markers.edl", "QC markers as an EDL for Resolve", write=write, timeline=False)
