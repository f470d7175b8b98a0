"""Reads the small elements of Final Cut Pro 7 XML: counts, rates, timecodes, levels, links, markers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from xml.etree.ElementTree import Element

from rythmo.errors import TimelineError
from rythmo.timebase import can_drop, parse_timecode
from rythmo_bridge.colours import PREMIERE_LABELS, RGB, Colour
from rythmo_bridge.formats.levels import decibels, fcp7_levels
from rythmo_bridge.formats.limits import frame_rate, frames_to_samples
from rythmo_bridge.timeline import Level, Marker, Media, Timeline


def text_of(element: Element, path: str) -> str:
    """Return the text at a path, without blanks around it; empty if there is none."""
    return (element.findtext(path) or "").strip()


def name_in(element: Element) -> str:
    """Return a name as written: blanks at its ends belong to it, but blanks alone are no name."""
    text = element.findtext("name") or ""
    return text if text.strip() else ""


def frame_count(element: Element, path: str, default: int = 0) -> int:
    """Return a count of frames; some programs write fractions, which are cut off."""
    text = text_of(element, path)
    if not text:
        return default
    try:
        return int(text) if text.lstrip("+-").isdigit() else math.floor(float(text))
    except (ValueError, OverflowError) as error:
        raise TimelineError(f"{path} is {text[:30]!r}, which is not a number of frames.") from error


def rate_of(element: Element) -> Fraction | None:
    """Return a rate: timebase 30 with ntsc TRUE is 30000/1001."""
    rate = element.find("rate")
    base = text_of(rate, "timebase") if rate is not None else ""
    if rate is None or not base:
        return None
    return _exact_rate(base, text_of(rate, "ntsc").upper() == "TRUE")


@lru_cache(maxsize=64)
def _exact_rate(base: str, ntsc: bool) -> Fraction:  # noqa: FBT001 - as the file says
    exact = frame_rate(base)
    return exact * 1000 / 1001 if ntsc and exact.denominator == 1 else exact


def timecode_of(element: Element | None, rate: Fraction) -> tuple[int, bool, str]:
    """Return the first frame, the drop-frame flag, and the reel."""
    if element is None:
        return 0, False, ""
    own = rate_of(element) or rate
    drop = text_of(element, "displayformat").upper() == "DF" and can_drop(own)
    reel = text_of(element, "reel/name")
    if text_of(element, "frame"):
        frame = frame_count(element, "frame")
    else:
        label = text_of(element, "string").replace(";", ":")
        frame = parse_timecode(label, own, drop=drop).frame if label else 0
    return max(0, frame if own == rate else round(frame * rate / own)), drop, reel


def flag_of(element: Element, path: str, *, default: bool = True) -> bool:
    """Return the boolean at a path."""
    text = text_of(element, path).upper()
    return default if not text else text != "FALSE"


def size_of(element: Element | None) -> tuple[int, int] | None:
    """Return width and height; None if either is missing."""
    if element is None:
        return None
    width, height = frame_count(element, "width"), frame_count(element, "height")
    return (width, height) if width > 0 and height > 0 else None


def _parameters(effects: Iterable[Element], effect_id: str) -> dict[str, str] | None:
    for effect in effects:
        if text_of(effect, "effectid") == effect_id:
            return {text_of(p, "parameterid"): text_of(p, "value") for p in effect.findall("parameter")}
    return None


def number_of(text: str, default: float) -> float:
    """Return a finite number; `default` for anything else."""
    try:
        value = float(text)
    except ValueError:
        return default
    return value if math.isfinite(value) else default


def gain_of(effects: Iterable[Element]) -> float:
    """Return the gain in dB; xmeml's level is a factor."""
    return decibels(number_of((_parameters(effects, "audiolevels") or {}).get("level", ""), 1.0))


def levels_of(effects: Iterable[Element], clip: Element, rate: Fraction) -> tuple[Level, ...]:
    """Return the keyframes of a clip's level."""
    parameters = (
        p for e in effects if text_of(e, "effectid") == "audiolevels" for p in e.findall("parameter")
    )
    return fcp7_levels(parameters, max(0, frame_count(clip, "in")), rate)


def channel_of(clip: Element, media: Media | None, nested: Timeline | None) -> tuple[int, ...]:
    """Return the channel of its file that a clip plays; empty if the file has only one.

    Premiere puts a mono file on both sides of a stereo track and counts them as its channels 1 and 2.
    """
    index = frame_count(clip, "sourcetrack/trackindex")
    if index < 1 or (media is None and nested is None) or (media and media.channels == 1):
        return ()
    known = media.channels if media else 0
    return ((index - 1) % known if known else index - 1,)


def outputs_of(elements: Sequence[Element]) -> tuple[int, ...]:
    """Return the side of the mix for each of Final Cut's tracks: odd outputs left, even ones right.

    Premiere pans by the kind of its tracks, and writes 1 for mono tracks in the centre.
    """
    outputs = [frame_count(element, "outputchannelindex") for element in elements]
    by_kind = any("premiereTrackType" in element.attrib for element in elements)
    if by_kind or len(set(outputs)) < 2 or min(outputs) < 1:
        return ()
    return tuple((output - 1) % 2 for output in outputs)


def links_of(sequence: Element) -> dict[str, str]:
    """Return the id of the first clip of its group, by clip id. A clip's own channels share a group too."""
    found: dict[str, str] = {}
    for clip in (*sequence.iter("clipitem"), *sequence.iter("generatoritem")):
        refs = [text_of(link, "linkclipref") for link in clip.findall("link")]
        if len(refs) > 1:
            found[clip.get("id", "")] = min(refs)
    return found


def logging_info(log: Element) -> dict[str, str]:
    """Return line id, words and take that our writer stored in the logging information."""
    names = {"description": "translation", "lognote": "text", "scene": "scene", "shottake": "take_id"}
    return {ours: text_of(log, theirs) for theirs, ours in names.items() if text_of(log, theirs)}


def label_of(clip: Element) -> Colour | None:
    """Return the colour of Premiere's label."""
    name = text_of(clip, "labels/label2")
    return next((colour for colour, label in PREMIERE_LABELS.items() if label == name), None)


def markers_of(parent: Element, rate: Fraction, first: int = 0) -> Iterator[Marker]:
    """Yield the markers of a sequence, or those within a clip that begins with its frame `first`."""
    last = (
        first + frame_count(parent, "out") - frame_count(parent, "in") if parent.tag == "clipitem" else None
    )
    for marker in parent.findall("marker"):
        start, end = frame_count(marker, "in"), frame_count(marker, "out", -1)
        if start < first or (last is not None and start >= last):
            continue
        at = frames_to_samples(start - first, rate)
        length = frames_to_samples(end - first, rate) - at if end > start else 0
        yield Marker(
            at, text_of(marker, "name"), text_of(marker, "comment"), length, _colour(marker.find("color"))
        )


def _colour(element: Element | None) -> Colour:
    if element is None:
        return Colour.YELLOW
    wanted = [frame_count(element, part) for part in ("red", "green", "blue")]
    return min(RGB, key=lambda colour: sum((a - b) ** 2 for a, b in zip(RGB[colour], wanted, strict=True)))
