"""Finds which samples of a line a clip plays: where its first sample was heard in the delivery. Pure.

The timecode of a delivered take's file is the position at which it was heard. Hosts that forget a file's
timecode count from its beginning instead. A take also has two files: the placed one, which begins with its
sound, and the one for formats that count in frames, which begins on the frame border before it.
"""

from __future__ import annotations

from dataclasses import dataclass

from rythmo.timebase import frames_to_samples, time_reference
from rythmo_bridge.conform.changes import source_length
from rythmo_bridge.timeline import Item, Media, Timeline

_ROUNDED = 2


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to count: the clip's first sample was heard at `content`.

    It applies to a file of `length` samples (None: any).
    """

    content: int
    length: int | None = None


def content_of(
    item: Item, media: Media | None, original: Item, original_media: Media | None, delivered: Timeline
) -> int:
    """Return the record sample of the delivered timeline at which the clip's first sample was heard.

    Among the possible readings, one that lies inside the line is preferred, then one that the file's length
    agrees with, then one that leaves the clip in place.
    """
    base = (original_media.start if original_media else 0) + original.source
    label = (media.start if media else 0) + item.source
    placed_length = original_media.length if original_media else None
    by_timecode = original.start + label - base
    untouched = (original.start, original.length) == (item.start, item.length)
    if untouched and by_timecode == item.start and media is not None and media.length == placed_length:
        return item.start
    rate, samples = delivered.frame_rate, delivered.sample_rate
    border = _floor(original.start, delivered)
    framed = frames_to_samples(-(-(original.end - border) * rate // samples), rate, samples)
    readings = (
        _Reading(by_timecode, placed_length),
        _Reading(label - time_reference(delivered.start_frame, rate, samples)),
        _Reading(original.start + item.source - original.source, placed_length),
        _Reading(border + item.source, framed),
    )
    length = source_length(item.length, item.speed)
    frame = frames_to_samples(1, rate, samples) + 1

    def rank(reading: _Reading) -> tuple[int, bool, int]:
        early = max(0, original.start - frame - reading.content)
        late = max(0, reading.content + length - original.end - frame)
        fits = (
            media is not None
            and reading.length is not None
            and media.length > 0
            and abs(media.length - reading.length) <= _ROUNDED
        )
        return early + late, not fits, abs(item.start - reading.content)

    return min(readings, key=rank).content


def guess_content(item: Item, original: Item) -> int:
    """Return the record sample of the delivered timeline at which the clip's first sample was probably heard.

    For formats that do not say which part of its media a clip plays. A clip of the line's length was at most
    moved; one that still ends where the line ends was cut at its head; any other was cut at its tail.
    """
    if item.length != original.length and item.end == original.end:
        return item.start
    return original.start


def _floor(position: int, delivery: Timeline) -> int:
    border = frames_to_samples(delivery.frame(position), delivery.frame_rate, delivery.sample_rate)
    if border <= position:
        return border
    return frames_to_samples(delivery.frame(position) - 1, delivery.frame_rate, delivery.sample_rate)
