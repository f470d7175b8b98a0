"""Rows of clips of an AAF slot: trimmed, re-timed and made louder together. Times are in seconds. Pure.

The reader builds rows from the inside out, because an effect may enclose a whole sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from rythmo_bridge.formats.aaf.time_warp import Warp
from rythmo_bridge.formats.levels import levels_between, sum_levels
from rythmo_bridge.formats.limits import to_samples
from rythmo_bridge.timeline import Level, Media, Timeline, Transition

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class FoundClip:
    """What a segment resolves to: media (or none), seconds into it, the channel, and what effects add.

    `source` is the lowest time that is played, also when it plays backwards.
    """

    name: str = ""
    media: Media | None = None
    source: Fraction = _ZERO
    channels: tuple[int, ...] = ()
    gain_db: float = 0.0
    levels: tuple[Level, ...] = ()
    enabled: bool = True
    speed: Fraction = Fraction(1)
    kind: str = "clip"
    facts: tuple[tuple[str, str], ...] = ()
    nested: Timeline | None = None


@dataclass(frozen=True, slots=True)
class PlacedClip:
    """A clip from `start` to `end`, in seconds, with its fades."""

    start: Fraction
    end: Fraction
    found: FoundClip
    fade_in: Fraction = _ZERO
    fade_out: Fraction = _ZERO

    def trimmed(self, start: Fraction, end: Fraction) -> PlacedClip:
        """Return the clip with other edges, playing the same material at each moment."""
        found, speed = self.found, self.found.speed
        head, tail = start - self.start, self.end - end
        moved = head * speed if speed > 0 else -tail * speed
        if head and found.levels:
            early = to_samples(head)
            levels = tuple(replace(each, at=each.at - early) for each in found.levels)
            found = replace(found, levels=levels)
        return PlacedClip(
            start, end, replace(found, source=found.source + moved), self.fade_in, self.fade_out
        )

    def shifted(self, by: Fraction) -> PlacedClip:
        """Return the clip moved by a time."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(slots=True)
class ClipRow:
    """Clips and transitions (begin, length), counted from zero; `length` includes the silence at its end."""

    length: Fraction = _ZERO
    clips: list[PlacedClip] = field(default_factory=list)
    transitions: list[tuple[Fraction, Fraction]] = field(default_factory=list)

    def add(self, other: ClipRow, at: Fraction) -> None:
        """Insert another row at a time."""
        self.clips += (each.shifted(at) for each in other.clips) if at else other.clips
        self.transitions += ((begin + at, length) for begin, length in other.transitions)

    def shapes(self) -> Iterator[Transition]:
        """Yield the transitions in samples."""
        for begin, length in self.transitions:
            start = to_samples(begin)
            yield Transition(start, to_samples(begin + length) - start)


def crop_row(row: ClipRow, length: Fraction) -> ClipRow:
    """Return the first `length` seconds of a row."""
    clips = [
        each.trimmed(max(each.start, _ZERO), min(each.end, length))
        for each in row.clips
        if each.start < length and each.end > 0
    ]
    over = [each for each in row.transitions if each[0] >= 0 and sum(each) <= length]
    return ClipRow(length, clips, over)


def is_filled(row: ClipRow) -> bool:
    """Whether one clip lasts as long as the whole row."""
    return len(row.clips) == 1 and not row.clips[0].start and row.clips[0].end == row.length


def warp_row(row: ClipRow, warp: Warp, length: Fraction) -> ClipRow:
    """Return a row as a time warp plays it, for `length` seconds of the record."""
    if not warp.speed:
        return _hold_frame(row, warp.first, length)
    speed, top = warp.speed, warp.first + length * abs(warp.speed)

    def record(time: Fraction) -> Fraction:
        return (time - warp.first) / speed if speed > 0 else (top - time) / -speed

    if is_filled(row):
        # Avid rounds the input's length down to whole frames, so one clip is stretched to fill the effect.
        only = row.clips[0].trimmed(warp.first, top)
        return ClipRow(length, [_change_speed(only, _ZERO, length, speed)])
    clips = []
    for each in row.clips:
        edges = sorted((record(each.start), record(each.end)))
        clips.append(_change_speed(each, edges[0], edges[1], speed))
    over = [(min(record(begin), record(begin + long)), long / abs(speed)) for begin, long in row.transitions]
    return crop_row(ClipRow(length, sorted(clips, key=lambda each: each.start), over), length)


def _change_speed(clip: PlacedClip, start: Fraction, end: Fraction, speed: Fraction) -> PlacedClip:
    found = clip.found
    if found.levels and speed > 0:
        levels = tuple(replace(each, at=round(each.at / speed)) for each in found.levels)
        found = replace(found, levels=levels)
    fades = (clip.fade_in, clip.fade_out) if speed > 0 else (clip.fade_out, clip.fade_in)
    changed = replace(found, speed=(found.speed * speed).limit_denominator(100_000))
    return PlacedClip(start, end, changed, *(each / abs(speed) for each in fades))


def _hold_frame(row: ClipRow, at: Fraction, length: Fraction) -> ClipRow:
    """Hold one frame of a row for a whole length."""
    shown = next((each for each in row.clips if each.start <= at < each.end), None)
    shown = shown or next(iter(row.clips), None)
    if shown is None:
        return ClipRow(length)
    first = shown.trimmed(min(max(at, shown.start), shown.end), shown.end).found
    return ClipRow(length, [PlacedClip(_ZERO, length, replace(first, speed=Fraction(0), levels=()))])


def add_gain(row: ClipRow, gain_db: float, levels: Sequence[Level]) -> ClipRow:
    """Add a gain, or keyframes of one, to all of a row."""
    return ClipRow(row.length, [_add_clip_gain(each, gain_db, levels) for each in row.clips], row.transitions)


def _add_clip_gain(clip: PlacedClip, gain_db: float, levels: Sequence[Level]) -> PlacedClip:
    found = replace(clip.found, gain_db=round(clip.found.gain_db + gain_db, 4))
    if levels:
        begin, end = to_samples(clip.start), to_samples(clip.end)
        own = levels_between(levels, begin, end)
        gains = {each.gain_db for each in own}
        if len(gains) == 1:
            found = replace(found, gain_db=round(found.gain_db + gains.pop(), 4))
        else:
            found = replace(found, levels=sum_levels(found.levels, own))
    return replace(clip, found=found)


def disable_row(row: ClipRow) -> ClipRow:
    """Return a row whose clips are neither heard nor seen."""
    clips = [replace(each, found=replace(each.found, enabled=False)) for each in row.clips]
    return ClipRow(row.length, clips, row.transitions)


def layer_rows(rows: Sequence[ClipRow]) -> ClipRow:
    """Merge rows that play at the same time into one; clips may overlap."""
    full = [row for row in rows if row.clips]
    if len(full) < 2:
        return full[0] if full else ClipRow()
    found = ClipRow(max(row.length for row in full))
    for row in full:
        found.add(row, _ZERO)
    return found


def combine_channels(rows: Iterable[ClipRow]) -> ClipRow:
    """Merge the channels of one sound, a row for each, into one row with all channels.

    Rows whose clips lie elsewhere than those of the first are left out.
    """
    full = [row for row in rows if row.clips]
    if not full:
        return ClipRow()
    places = [(each.start, each.end) for each in full[0].clips]
    same = [row for row in full if [(each.start, each.end) for each in row.clips] == places]
    clips = []
    for together in zip(*(row.clips for row in same), strict=True):
        channels = tuple(channel for each in together for channel in each.found.channels)
        clips.append(replace(together[0], found=replace(together[0].found, channels=channels)))
    return ClipRow(full[0].length, clips, full[0].transitions)
