"""Limits how large a timeline becomes once nested clips are laid out, and notes what a reader left out.

Nested timelines are shared, so a file of two kilobytes can stand for billions of clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rythmo.counts import format_count
from rythmo.errors import TimelineError
from rythmo_bridge.timeline import Timeline

_MOST_CLIPS = 50_000
# Limits on clips, nested ones included. A film of two hours with nested scenes has some tens of thousands,
# and a multicam show may count each clip of an angle at every cut.
_MOST_TIMES = 20
_MOST_NAMED = 3


def require_bounded(timeline: Timeline) -> None:
    """Reject a timeline whose clips, nested ones included, are far more than the file holds.

    Raises:
        TimelineError: There are more than 50 000, and more than twenty times those in the file.
    """
    counts: dict[int, int] = {}
    held = 0

    def count(each: Timeline) -> int:
        nonlocal held
        if id(each) not in counts:
            items = [item for _, item in each.items()]
            held += len(items)
            counts[id(each)] = len(items) + sum(count(i.nested) for i in items if i.nested is not None)
        return counts[id(each)]

    total = count(timeline)
    if total > max(_MOST_CLIPS, _MOST_TIMES * held):
        clips = format_count(total, "clip") if total < 10**12 else "more than a billion clips"
        raise TimelineError(
            f"With nested clips it has {clips}.",
            hint="Export it flat, without compound clips.",
        )


def note_left_out(timeline: Timeline, names: Sequence[str]) -> Timeline:
    """Add a note about clips that were left out because they have no length.

    Raises:
        TimelineError: The timeline holds no other clips.
    """
    if not names:
        return timeline
    told = ", ".join(name or "an unnamed clip" for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    if not any(True for _ in timeline.items()):
        raise TimelineError(
            f"None of its clips has a length ({told}{more}).", hint="Export the timeline again."
        )
    clips = format_count(len(names), "clip")
    note = f"{clips} without length left out: {told}{more}."
    return replace(timeline, notes=(*timeline.notes, note))
