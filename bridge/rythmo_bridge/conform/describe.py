"""Describes changes in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rythmo.timebase import format_timecode, nearest_frame
from rythmo_bridge.conform.changes import Change, Fate
from rythmo_bridge.timeline import Timeline


def change_table(changes: Sequence[Change], delivered: Timeline, *, everything: bool = False) -> str:
    """Return a table with a row for each changed line (or for every line), and totals for each kind."""
    rows = [_row(change, delivered) for change in changes if everything or not change.same or change.conflict]
    counted = Counter(fate for change in changes for fate in change.fates)
    total = ", ".join(f"{counted[fate]} {fate}" for fate in Fate if counted[fate])
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *([""] if lines else []), f"{total or 'No lines'}."])


def _row(change: Change, delivered: Timeline) -> tuple[str, str, str, str]:
    told = change_detail(change, delivered)
    if change.conflict:
        told = "; ".join([*([told] if told else []), f"CONFLICT: {change.conflict}"])
    return (
        change.line or change.name or "?",
        timecode(change.start, delivered),
        ", ".join(change.fates),
        told,
    )


def change_detail(change: Change, delivered: Timeline) -> str:
    """Return how far, how much or where to; empty if the kind of change says enough."""
    parts = []
    if Fate.MOVED in change.fates:
        shift = change.pieces[0].shift
        with_it = ", with the picture" if change.with_picture else ""
        at = timecode(change.pieces[0].start, delivered)
        parts.append(f"{_seconds(shift, delivered):+.3f} s to {at}{with_it}")
    for end, lost in (("head", change.head), ("tail", change.tail)):
        if lost:
            parts.append(f"{end} {'less' if lost > 0 else 'more'} {abs(_seconds(lost, delivered)):.3f} s")
    if Fate.OTHER_TRACK in change.fates:
        parts.append(f"now on {change.pieces[0].track!r}")
    if Fate.OTHER_TAKE in change.fates:
        parts.append(f"take {change.pieces[0].take}")
    if Fate.LEVEL in change.fates:
        keyframes = ", keyframes" if change.pieces[0].levels else ""
        parts.append(f"{change.pieces[0].gain_db:+.1f} dB{keyframes}")
    if Fate.FADED in change.fates:
        fades = (change.pieces[0].fade_in, change.pieces[-1].fade_out)
        parts.append("fades {:.3f} s and {:.3f} s".format(*(_seconds(f, delivered) for f in fades)))
    if Fate.RETIMED in change.fates:
        parts.append(f"speed {float(change.pieces[0].speed):.3f}")
    if Fate.DELETED in change.fates and change.with_picture:
        parts.append("its picture is gone too")
    parts += [f"copy at {timecode(copy.start, delivered)}" for copy in change.copies]
    return "; ".join(parts)


def _seconds(samples: int, delivered: Timeline) -> float:
    return samples / delivered.sample_rate


def timecode(position: int, delivered: Timeline) -> str:
    """Return a position as the timeline's own timecode."""
    frame = delivered.start_frame + nearest_frame(position, delivered.frame_rate, delivered.sample_rate)
    return format_timecode(max(0, frame), delivered.frame_rate, drop=delivered.drop)
