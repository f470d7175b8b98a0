"""What the attributes and small elements of Final Cut Pro X XML mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from xml.etree.ElementTree import Element

from rythmo.errors import TimelineError
from rythmo_bridge.readers.limits import to_samples
from rythmo_bridge.timeline import Marker, Media

_TIME = re.compile(r"([-+]?\d{1,20}(?:\.\d{1,20})?)(?:/(\d{1,20}))?s?\Z")


def lane_of(element: Element) -> int:
    text = element.get("lane", "0")
    try:
        return max(-999, min(999, int(text)))
    except ValueError as error:
        raise TimelineError(f"{text[:20]!r} is no lane.") from error


def seconds(element: Element, name: str) -> Fraction:
    """`1001/24000s` exactly; zero without."""
    text = element.get(name)
    if text is None:
        return Fraction(0)
    match = _TIME.match(text.strip())
    if not match or not int(match[2] or 1):
        raise TimelineError(f"{name} is {text[:40]!r}, which is no time.")
    return Fraction(match[1]) / int(match[2] or 1)


def senses(element: Element, media: Media | None, resource: Element | None, only: str) -> tuple[bool, bool]:
    """Whether a clip is seen and whether it is heard."""
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


def senses_inside(pairs: Iterable[tuple[Element, Fraction]]) -> Iterator[tuple[Element, Fraction]]:
    """Video and audio elements, and those that hang on them, with what shifts their source."""
    for element, shift in pairs:
        yield element, shift
        for child in element:
            if child.tag in {"video", "audio"}:
                start = seconds(element, "start")
                yield child, shift + start - seconds(element, "offset")


def source_channels(element: Element, media: Media | None) -> tuple[int, ...]:
    """The channels that `srcCh` names; none when it is all of them."""
    told = [part.strip() for part in (element.get("srcCh") or "").split(",")]
    channels = tuple(int(part) - 1 for part in told if part.isdigit() and int(part) > 0)
    return () if media is None or channels == tuple(range(media.channels)) else channels


def gain_of(element: Element) -> float:
    """Of `adjust-volume`, in dB, with or without the unit."""
    adjust = element.find("adjust-volume")
    if adjust is not None and adjust.find("param/keyframeAnimation") is not None:
        return 0.0
    return decibels_of((adjust.get("amount") or "0") if adjust is not None else "0")


def decibels_of(text: str) -> float:
    """`-6dB` or, as Resolve has it, `-6`."""
    try:
        value = float(text.strip().removesuffix("dB"))
    except ValueError:
        return 0.0
    return max(-144.0, min(144.0, value)) if value == value else 0.0  # noqa: PLR0124 - NaN differs from itself


def fade_of(element: Element, name: str) -> int:
    """How long a clip's sound fades in or out, in samples."""
    shape = element.find(f"adjust-volume/param/{name}")
    return max(0, to_samples(seconds(shape, "duration"))) if shape is not None else 0


def speed_of(element: Element) -> Fraction:
    """Of a straight time map its slope; other maps are a mean."""
    points = element.findall("timeMap/timept")
    if len(points) < 2:
        return Fraction(1)
    time = seconds(points[-1], "time") - seconds(points[0], "time")
    value = seconds(points[-1], "value") - seconds(points[0], "value")
    return (value / time).limit_denominator(100_000) if time else Fraction(1)


def markers_of(element: Element, start: Fraction, at: Fraction) -> Iterator[Marker]:
    """Markers and chapters of an element that begins at `at` in record seconds."""
    for child in element:
        if child.tag in {"marker", "chapter-marker"}:
            position = to_samples(at + seconds(child, "start") - start)
            if position >= 0:
                length = to_samples(seconds(child, "duration"))
                yield Marker(position, child.get("value", ""), child.get("note", ""), max(0, length))


def size_of(form: Element | None) -> tuple[int, int] | None:
    """Width and height of a format."""
    if form is None:
        return None
    width, height = count_of(form.get("width"), 0), count_of(form.get("height"), 0)
    return (width, height) if width and height else None


def count_of(text: str | None, default: int) -> int:
    """A small number."""
    return int(text) if text and text.isdigit() and len(text) < 7 else default


def audio_rate(text: str) -> int | None:
    """`48000` on assets, `48k` on sequences."""
    plain = text.removesuffix("k")
    try:
        value = float(plain) * (1000 if text.endswith("k") else 1)
    except ValueError:
        return None
    return int(value) if 0 < value <= 1_000_000 else None
