"""Reads the attributes and small elements of Final Cut Pro X XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from xml.etree.ElementTree import Element

from rythmo.errors import TimelineError
from rythmo_bridge.formats.limits import to_samples
from rythmo_bridge.timeline import Marker, Media

_WORDS = "org.rythmo."
_MOST_CHANNELS = 1024
_TIME = re.compile(r"([-+]?\d{1,20}(?:\.\d{1,20})?)(?:/(\d{1,20}))?s?\Z")


def lane_of(element: Element) -> int:
    """Return the lane of an element, 0 for the storyline, within ±999.

    Raises:
        TimelineError: The lane is not a number.
    """
    text = element.get("lane", "0")
    try:
        return max(-999, min(999, int(text)))
    except ValueError as error:
        raise TimelineError(f"{text[:20]!r} is not a lane.") from error


def seconds(element: Element, name: str) -> Fraction:
    """Return an exact time such as `1001/24000s`; zero if there is none."""
    text = element.get(name)
    if text is None:
        return Fraction(0)
    match = _TIME.match(text.strip())
    if not match or not int(match[2] or 1):
        raise TimelineError(f"{name} is {text[:40]!r}, which is not a time.")
    return Fraction(match[1]) / int(match[2] or 1)


def seen_and_heard(
    element: Element, media: Media | None, resource: Element | None, only: str
) -> tuple[bool, bool]:
    """Return whether a clip is seen and whether it is heard."""
    if element.tag in {"title", "video"}:
        return True, False
    if element.tag == "audio":
        return False, True
    seen, heard = True, True
    if media is not None:
        seen, heard = media.has_picture, media.channels > 0
    elif resource is None and element.tag == "asset-clip":
        heard = False
    return seen and only != "audio", heard and only != "video"


def media_elements(clip: Element) -> Iterator[tuple[Element, Fraction]]:
    """Yield the video and audio elements in a `clip`, and those attached to them.

    Each comes with the difference between the clip's time and that of what it is attached to. Sound that was
    detached from its picture is attached to a gap.
    """
    plain = [child for child in clip if child.tag in {"video", "audio"}]
    inner = [child for child in plain if child.get("lane") in (None, "0")] or plain[:1]
    for element in inner:
        yield element, Fraction(0)
    for holder in (*inner, *(child for child in clip if child.tag == "gap")):
        for child in holder:
            if child.tag in {"video", "audio"}:
                yield child, seconds(holder, "start") - seconds(holder, "offset")


def source_channels(element: Element, media: Media | None) -> tuple[int, ...]:
    """Return the channels that `srcCh` names; empty if it is all of them."""
    channels = tuple(_channels(element))
    return () if media is None or channels == tuple(range(media.channels)) else channels


def _channels(element: Element) -> Iterator[int]:
    for part in (element.get("srcCh") or "").split(","):
        number = part.strip()
        if number.isdigit() and 0 < int(number) <= _MOST_CHANNELS:
            yield int(number) - 1


def sounding_channels(element: Element, media: Media | None) -> tuple[int, ...]:
    """Return the enabled channels of a clip; empty if it is all of them. An `audio` element has its own."""
    sources = element.findall("audio-channel-source")
    if not sources:
        return source_channels(element, media)
    enabled = {channel for each in sources if _is_on(each) for channel in _channels(each)}
    channels = tuple(sorted(enabled))
    return () if media is None or channels == tuple(range(media.channels)) else channels


def has_audible_channel(element: Element) -> bool:
    """Whether any channel of a clip is enabled."""
    sources = element.findall("audio-channel-source")
    return not sources or any(_is_on(each) for each in sources)


def channel_gain(element: Element) -> float:
    """Return the gain in dB that all enabled channels of a clip have in common."""
    gains = {gain_of(each) for each in element.findall("audio-channel-source") if _is_on(each)}
    return gains.pop() if len(gains) == 1 else 0.0


def muted_roles(element: Element) -> frozenset[str]:
    """Return the roles inside a clip that the clip disables."""
    roles = element.iterfind(".//audio-role-source")
    return frozenset(each.get("role", "") for each in roles if not _is_on(each)) - {""}


_MUTE_HOLDERS = frozenset({"mute", "adjust-volume", "audio-channel-source", "audio-role-source"})


def mute_ranges(element: Element, start: Fraction, length: Fraction) -> list[tuple[int, int]]:
    """Return the muted parts of a clip, in samples from its start, where its own time is `start`.

    Mutes of one channel or role among several enabled ones are left out.
    """
    if not any(child.tag in _MUTE_HOLDERS for child in element):
        return []
    sources = [s for name in ("audio-channel-source", "audio-role-source") for s in element.findall(name)]
    on = [each for each in sources if _is_on(each)]
    if len(on) > 1 and len({tuple(_spans(each)) for each in on}) > 1:
        on = []
    spans = [*_spans(element), *(_spans(on[0]) if on else ())]
    found = []
    for begin, long in spans:
        # Without a start it is the whole clip.
        first = max(Fraction(0), begin - start) if begin is not None else Fraction(0)
        last = min(length, begin - start + long) if begin is not None and long is not None else length
        if first < last:
            found.append((to_samples(first), to_samples(last)))
    return sorted(found)


def _spans(element: Element) -> list[tuple[Fraction | None, Fraction | None]]:
    return [
        (
            seconds(each, "start") if each.get("start") is not None else None,
            seconds(each, "duration") if each.get("duration") is not None else None,
        )
        for each in (*element.findall("mute"), *element.findall("adjust-volume/mute"))
    ]


def _is_on(source: Element) -> bool:
    return source.get("active") != "0" and source.get("enabled") != "0"


def own_facts(element: Element) -> dict[str, str]:
    """Return what our own writer stores with a clip or asset."""
    return {
        each.get("key", "").removeprefix(_WORDS): each.get("value", "")
        for each in element.findall("metadata/md")
        if each.get("key", "").startswith(_WORDS)
    }


def gain_of(element: Element) -> float:
    """Return the gain of `adjust-volume` in dB, with or without the unit."""
    adjust = element.find("adjust-volume")
    if adjust is not None and adjust.find("param/keyframeAnimation") is not None:
        return 0.0
    return decibels_of((adjust.get("amount") or "0") if adjust is not None else "0")


def decibels_of(text: str) -> float:
    """Return the dB of `-6dB` or, as Resolve writes it, `-6`."""
    try:
        value = float(text.strip().removesuffix("dB"))
    except ValueError:
        return 0.0
    return max(-144.0, min(144.0, value)) if value == value else 0.0  # noqa: PLR0124 - NaN differs from itself


def fade_of(element: Element, name: str) -> int:
    """Return how long a clip's sound fades in or out, in samples."""
    shape = element.find(f"adjust-volume/param/{name}")
    return max(0, to_samples(seconds(shape, "duration"))) if shape is not None else 0


def markers_of(element: Element, start: Fraction, at: Fraction, factor: Fraction) -> Iterator[Marker]:
    """Yield markers and chapters of an element whose own time `start` is at `at` in record seconds.

    `factor` is record seconds for each of the element's own.
    """
    for child in element:
        if child.tag in {"marker", "chapter-marker"}:
            position = to_samples(at + (seconds(child, "start") - start) * factor)
            if position >= 0:
                length = to_samples(seconds(child, "duration"))
                yield Marker(position, child.get("value", ""), child.get("note", ""), max(0, length))


def size_of(form: Element | None) -> tuple[int, int] | None:
    """Return width and height of a format."""
    if form is None:
        return None
    width, height = count_of(form.get("width"), 0), count_of(form.get("height"), 0)
    return (width, height) if width and height else None


def count_of(text: str | None, default: int) -> int:
    """Return a small number."""
    return int(text) if text and text.isdigit() and len(text) < 7 else default


def audio_rate(text: str) -> int | None:
    """Return a sample rate: `48000` on assets, `48k` on sequences."""
    plain = text.removesuffix("k")
    try:
        value = float(plain) * (1000 if text.endswith("k") else 1)
    except ValueError:
        return None
    return int(value) if 0 < value <= 1_000_000 else None
