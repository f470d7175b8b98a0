"""Aligns an edited timeline with the programme's frame rate, first frame and timecode. Pure.

A host that loses the NTSC flag writes 24 where it counted 23.976. A leader, or another start timecode, moves
everything by one distance. Neither is an edit of a line, so both are undone before lines are compared, and
reported in one note.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import median

from rythmo.timebase import format_timecode, frames_to_samples
from rythmo_bridge.conform.picture import find_picture
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track


@dataclass(frozen=True, slots=True)
class AlignedEdit:
    """The edited timeline in the programme's time.

    `start_frame` is the timecode at which the programme now begins (None: unchanged). `notes` say what was
    undone.
    """

    timeline: Timeline
    start_frame: int | None = None
    notes: tuple[str, ...] = ()


def align_to_programme(
    delivered: Timeline, edited: Timeline, lines: Mapping[str, int], starts: Mapping[str, int]
) -> AlignedEdit:
    """Undo a lost frame rate and a common shift.

    `lines` are the positions of the lines' clips in the edited timeline, `starts` those in the delivered one,
    both in samples.
    """
    notes: list[str] = []
    if edited.frame_rate != delivered.frame_rate:
        ratio = edited.frame_rate / delivered.frame_rate
        counted = {line: round(start * ratio) for line, start in lines.items()}
        by_frames = recount_at_rate(edited, delivered.frame_rate)
        lost = _misfit(delivered, by_frames, counted, starts) < _misfit(delivered, edited, lines, starts)
        notes.append(_rate_note(delivered, edited, by_frames=lost))
        if lost:
            edited, lines = by_frames, counted
    shift = _common_shift(delivered, edited, lines, starts)
    if shift:
        notes.append(_shift_note(delivered, shift))
        edited = _shift_earlier(edited, shift)
    start = _start(delivered, edited, notes)
    return AlignedEdit(edited, start, tuple(notes))


def recount_at_rate(timeline: Timeline, rate: Fraction) -> Timeline:
    """Return the timeline with the same frame numbers at another rate."""
    ratio = timeline.frame_rate / rate

    def scaled(samples: int) -> int:
        return round(samples * ratio)

    def item(each: Item) -> Item:
        start, end = scaled(each.start), scaled(each.end)
        return replace(
            each,
            start=start,
            length=end - start,
            source=scaled(each.source),
            fade_in=scaled(each.fade_in),
            fade_out=scaled(each.fade_out),
            levels=tuple(replace(level, at=scaled(level.at)) for level in each.levels),
        )

    def media(each: Media) -> Media:
        return replace(each, start=scaled(each.start), length=scaled(each.length))

    def track(each: Track) -> Track:
        transitions = tuple(
            replace(t, start=scaled(t.start), length=scaled(t.length)) for t in each.transitions
        )
        return replace(each, items=tuple(item(i) for i in each.items), transitions=transitions)

    return replace(
        timeline,
        frame_rate=rate,
        length=scaled(timeline.length),
        tracks=tuple(track(each) for each in timeline.tracks),
        media={key: media(each) for key, each in timeline.media.items()},
    )


def _misfit(
    delivered: Timeline, edited: Timeline, lines: Mapping[str, int], starts: Mapping[str, int]
) -> float:
    """Return how badly a frame rate fits, in samples.

    This is the lines' median deviation plus the picture's shift. A wrong rate drifts, and moves whatever is
    placed by a file's timecode.
    """
    shifts = [lines[line] - starts[line] for line in lines if line in starts]
    middle = median(shifts) if shifts else 0
    spread = median([abs(shift - middle) for shift in shifts] or [0])
    picture = find_picture(delivered, edited)
    return spread + min((abs(cut.shift) for cut in picture.cuts), default=0)


def _most_common_shift(
    lines: Mapping[str, int], starts: Mapping[str, int], delivered: Timeline
) -> tuple[int, int | None]:
    """Return how many lines moved equally far, to the frame, and how many frames that is."""
    shifts = Counter(delivered.frame(lines[line] - starts[line]) for line in lines if line in starts)
    if not shifts:
        return 0, None
    frames, count = min(shifts.most_common(), key=lambda each: (-each[1], abs(each[0])))
    return count, frames


def _common_shift(
    delivered: Timeline, edited: Timeline, lines: Mapping[str, int], starts: Mapping[str, int]
) -> int:
    """Return how far the picture and most lines moved together; without picture, the stems and most lines."""
    picture = find_picture(delivered, edited)
    if not picture.cuts:
        picture = find_picture(delivered, edited, Kind.AUDIO)
    shift = picture.common_shift
    if shift is None or abs(shift) <= picture.tolerance:
        return 0
    count, frames = _most_common_shift(lines, starts, delivered)
    if frames is None or 2 * count <= len(lines):
        return 0
    together = frames_to_samples(frames, delivered.frame_rate, delivered.sample_rate)
    return shift if abs(together - shift) <= picture.tolerance else 0


def _shift_earlier(timeline: Timeline, shift: int) -> Timeline:
    """Move every position earlier by `shift` samples."""

    def track(each: Track) -> Track:
        items = tuple(replace(item, start=item.start - shift) for item in each.items)
        transitions = tuple(replace(t, start=t.start - shift) for t in each.transitions)
        return replace(each, items=items, transitions=transitions)

    return replace(
        timeline,
        start_frame=timeline.start_frame + timeline.frame(shift),
        tracks=tuple(track(each) for each in timeline.tracks),
    )


def _start(delivered: Timeline, edited: Timeline, notes: list[str]) -> int | None:
    """Return the programme's new first frame, if the timeline has one; a host that writes 0 has lost it."""
    if edited.frame_rate != delivered.frame_rate or edited.start_frame == delivered.start_frame:
        return None
    was = format_timecode(delivered.start_frame, delivered.frame_rate, drop=delivered.drop)
    if edited.start_frame <= 0:
        notes.append(f"The edited timeline has lost its start timecode; the programme still begins at {was}.")
        return None
    now = format_timecode(edited.start_frame, delivered.frame_rate, drop=delivered.drop)
    notes.append(
        f"The programme begins at {now} in the edited timeline, not at {was}; lines keep their positions."
    )
    return edited.start_frame


def _shift_note(delivered: Timeline, shift: int) -> str:
    what, side = ("a leader", "later") if shift > 0 else ("a cut beginning", "earlier")
    seconds = abs(shift) / delivered.sample_rate
    return f"Picture and lines lie {seconds:.3f} s {side} ({what}): positions are counted from the picture."


def _rate_note(delivered: Timeline, edited: Timeline, *, by_frames: bool) -> str:
    theirs, ours = f"{float(edited.frame_rate):.3f}", f"{float(delivered.frame_rate):.3f}"
    if by_frames:
        return (
            f"The edited timeline says {theirs} frames a second, but its positions match {ours}: the "
            "exact rate was lost, so frames are counted as before."
        )
    return (
        f"The edited timeline runs at {theirs} frames a second, not {ours}: positions are compared in time, "
        "not in frames."
    )
