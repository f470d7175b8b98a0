"""Builds the small elements of Final Cut Pro X XML for its writer."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from rythmo_bridge.timeline import Item, Kind, Media, Role, Timeline, Track
from rythmo_bridge.xml_text import element


def speed_of(item: Item, media: Media | None, source: int, length: int, delivery: Timeline) -> str:
    """Return the time map of a clip, over all of its media, so that handles stay."""
    if item.speed == 1:
        return ""
    rate = delivery.frame_rate
    own, long = source / rate, length / rate
    used = long * abs(item.speed)
    first, last = own, own + used
    if media is not None and item.speed:
        start = delivery.frame(media.start)
        first = min(first, start / rate)
        last = max(last, (start + delivery.frame(media.length)) / rate)
    if not item.speed:
        ends = (own, own), (own + long, own)
    elif item.speed > 0:
        ends = (own - (own - first) / item.speed, first), (own + (last - own) / item.speed, last)
    else:
        begins = own + used
        ends = (own + (last - begins) / item.speed, last), (own + (first - begins) / item.speed, first)
    points = (
        element("timept", attributes={"time": _seconds(t), "value": _seconds(v), "interp": "linear"})
        for t, v in ends
    )
    return element("timeMap", *points)


_CONFORMED = {
    Fraction(24000, 1001): "23.98",
    Fraction(30000, 1001): "29.97",
    Fraction(60000, 1001): "59.94",
    **{Fraction(rate): str(rate) for rate in (24, 25, 30, 48, 50, 60)},
}


def conform_of(media: Media | None, delivery: Timeline) -> str:
    """Return the element that stops Final Cut from conforming a file of another frame rate.

    The file then plays as fast as it was shot.
    """
    rate = media.frame_rate if media is not None else None
    if rate is None or rate == delivery.frame_rate or rate not in _CONFORMED:
        return ""
    return element("conform-rate", attributes={"scaleEnabled": 0, "srcFrameRate": _CONFORMED[rate]})


def file_contents(delivery: Timeline) -> dict[str, tuple[bool, int]]:
    """Return whether each file has picture, and its channels.

    Its media says so, else the clips that play it.
    """
    found: dict[str, tuple[bool, int]] = {}
    waiting, known = [delivery], {id(delivery)}
    while waiting:
        timeline = waiting.pop()
        for track, item in timeline.items():
            media, sound = timeline.media_of(item), track.kind is Kind.AUDIO
            if media is not None:
                seen, channels = found.get(media.id, (media.has_picture, media.channels))
                found[media.id] = (seen or not sound, channels or (track.channels if sound else 0))
            elif item.nested is not None and id(item.nested) not in known:
                known.add(id(item.nested))
                waiting.append(item.nested)
    return found


def _seconds(time: Fraction) -> str:
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"


def role_of(track: Track) -> str:
    """Return a role for each track, under the roles that every library has; a dot would begin a sub-role."""
    name = track.name.replace(".", " ").replace("?", " ").strip()
    if track.role is Role.DIALOGUE:
        return f"dialogue.{name}"
    return f"effects.{name}" if track.role is Role.ME else name or "dialogue"


def facts_of(item: Item, more: Mapping[str, str]) -> str:
    """Return line id and words as metadata."""
    pairs = dict(more)
    if item.line is not None:
        texts = {key: str(item.metadata.get(key, "")) for key in ("take_id", "text", "translation")}
        voice = {"voice": str(item.metadata["voice"])} if item.metadata.get("voice") else {}
        pairs |= {"line_id": item.line, **texts, **voice}
    if not pairs:
        return ""
    return element("metadata", *(metadata(f"org.rythmo.{key}", value) for key, value in pairs.items()))


def metadata(key: str, value: str) -> str:
    """Return one metadata entry."""
    return element("md", attributes={"key": key, "value": value})
