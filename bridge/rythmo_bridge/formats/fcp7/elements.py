"""Builds the small elements of Final Cut Pro 7 XML for its writer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from rythmo.timebase import nominal_rate
from rythmo_bridge.colours import PREMIERE_LABELS
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track
from rythmo_bridge.xml_text import element, leaf

_SILENCE_DB = -144.0


def rate_of(rate: Fraction) -> str:
    """Return a `rate` element: 23.976 is timebase 24 with ntsc TRUE."""
    return element("rate", leaf("timebase", nominal_rate(rate)), leaf("ntsc", flag(rate.denominator == 1001)))


def flag(value: bool) -> str:  # noqa: FBT001 - the value itself is the flag
    """Return xmeml's form of a boolean."""
    return "TRUE" if value else "FALSE"


def factor_of(gain_db: float) -> str:
    """Return a gain as a factor; readers treat silence as -144 dB."""
    return f"{10 ** (gain_db / 20):.9f}" if gain_db > _SILENCE_DB else "0"


def state_of(track: Track) -> tuple[str, str]:
    """Return the elements for a track's enabled and locked state."""
    return leaf("enabled", flag(track.enabled)), leaf("locked", flag(track.locked))


def clip_id(kind: Kind, place: tuple[int, int], mark: str) -> str:
    """Return the id of a clip, unique in the document; `place` is the number of track and clip."""
    return f"clipitem{mark}-{'v' if kind is Kind.VIDEO else 'a'}{place[0]}-{place[1]}"


def source_track(channel: int) -> str:
    """Return the element that names the channel, from 0, that a clip plays."""
    return element("sourcetrack", leaf("mediatype", "audio"), leaf("trackindex", channel + 1))


def sound_characteristics(sample_rate: int) -> str:
    """Return the format of sound at a sample rate."""
    return element("samplecharacteristics", leaf("depth", 24), leaf("samplerate", sample_rate))


def sound_of(media: Media) -> str:
    """Return the `audio` element of a file; empty if it has no sound."""
    if not media.channels:
        return ""
    return element(
        "audio",
        sound_characteristics(media.sample_rate or 48_000),
        leaf("channelcount", media.channels),
    )


def generator_of(item: Item, kind: Kind) -> str:
    """Return the generator for a clip without a file: Final Cut's Text for a title, its Slug for all else.

    Hosts drop a `clipitem` that names no file.
    """
    name = "Text" if item.kind == "title" and kind is Kind.VIDEO else "Slug"
    words = (
        element("parameter", leaf("parameterid", "str"), leaf("name", "Text"), leaf("value", item.name))
        if name == "Text"
        else ""
    )
    return element(
        "effect",
        leaf("name", name),
        leaf("effectid", name),
        leaf("effectcategory", name),
        leaf("effecttype", "generator"),
        leaf("mediatype", kind.value),
        words,
    )


def effect_filter(name: str, kind: str, *parameters: str) -> str:
    """Return a filter around an effect with its parameters."""
    return element(
        "filter",
        element(
            "effect",
            leaf("name", name),
            leaf("effectid", name.lower().replace(" ", "")),
            leaf("effectcategory", "motion" if kind == "video" else "audiolevels"),
            leaf("effecttype", "motion" if kind == "video" else "audiolevels"),
            leaf("mediatype", kind),
            *parameters,
        ),
    )


def _parameter(name: str, value: object, *keyframes: str) -> str:
    return element("parameter", leaf("parameterid", name), leaf("value", value), *keyframes)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The frames that a clip plays, as it counts itself and as its file does.

    `first` and `whole` are the clip's first frame and whole length. The others are the frames of the file at
    both ends. A re-timed clip counts stretched frames.
    """

    first: int
    whole: int
    begins: int
    ends: int
    last: int


def stretch_of(item: Item, source: int, length: int, whole: int) -> Stretch:
    """Return what `item` plays from frame `source` of a file of `whole` frames, over its own `length`."""
    if item.speed in (0, 1):
        return Stretch(source, max(whole, source + length), source, source + length * int(item.speed), whole)
    speed, used = abs(item.speed), round(length * abs(item.speed))
    # Rounded down, so that the file's frame written beside it never lies below the exact position.
    before = math.floor(source / speed)
    own = max(round(whole / speed), before + length)
    whole = max(whole, source + used)
    if item.speed > 0:
        return Stretch(before, own, source, source + used, whole)
    return Stretch(own - before - length, own, source + used, source, whole)


def speed_of(item: Item, stretch: Stretch, length: int) -> str:
    """Return the time remap of a clip: the speed in percent, with the file's frames at some of the clip's."""
    forward = item.speed > 0
    graph = {
        0: 0 if forward else stretch.last,
        stretch.whole: stretch.last if forward else 0,
        stretch.first: stretch.begins,
        stretch.first + length: stretch.ends,
    }
    if not item.speed:
        graph = {stretch.first: stretch.begins, stretch.first + length: stretch.begins}
    points = [
        element("keyframe", leaf("when", when), leaf("value", value)) for when, value in sorted(graph.items())
    ]
    return effect_filter(
        "Time Remap",
        "video",
        _parameter("variablespeed", 0),
        _parameter("speed", f"{float(abs(item.speed)) * 100:g}"),
        _parameter("reverse", flag(item.speed < 0)),
        _parameter("frameblending", "FALSE"),
        _parameter("graphdict", stretch.begins, *points),
    )


def log_of(item: Item) -> str:
    """Return line id and words, which hosts show as scene, take and note."""
    if item.line is None:
        return ""
    return element(
        "logginginfo",
        leaf("description", item.metadata.get("translation", "")),
        leaf("scene", item.line),
        leaf("shottake", item.metadata.get("take_id", "")),
        leaf("lognote", item.metadata.get("text", "")),
    )


def comments_of(item: Item) -> str:
    """Return what is heard in a line's take ("human take"), as the comment that hosts show with the clip."""
    voice = item.metadata.get("voice")
    return element("comments", leaf("mastercomment1", f"{voice} take")) if item.line and voice else ""


def label_of(item: Item) -> str:
    """Return the clip's colour as one of Premiere's labels."""
    if item.colour is None:
        return ""
    return element("labels", leaf("label2", PREMIERE_LABELS.get(item.colour, "Iris")))


def links_of(delivery: Timeline, mark: str) -> dict[tuple[Kind, int, int], tuple[str, ...]]:
    """Return the link elements for each clip, by its place.

    They name everything that moves with it: its other channels, and the items of the same link.
    """
    groups: dict[object, list[tuple[Kind, int, int]]] = {}
    for kind in Kind:
        number = 0
        for track in delivery.tracks_of(kind):
            for _ in range(track.channels if kind is Kind.AUDIO else 1):
                number += 1
                for place, item in enumerate(track.items, start=1):
                    key = item.link if item.link is not None else (id(track), place)
                    groups.setdefault(key, []).append((kind, number, place))
    found: dict[tuple[Kind, int, int], tuple[str, ...]] = {}
    for members in groups.values():
        if len(members) > 1:
            links = tuple(_link(*member, mark) for member in members)
            found.update(dict.fromkeys(members, links))
    return found


def _link(kind: Kind, number: int, place: int, mark: str) -> str:
    return element(
        "link",
        leaf("linkclipref", clip_id(kind, (number, place), mark)),
        leaf("mediatype", kind.value),
        leaf("trackindex", number),
        leaf("clipindex", place),
        leaf("groupindex", 1) if kind is Kind.AUDIO else "",
    )


OUTPUTS = element(
    "outputs",
    *(
        element(
            "group",
            leaf("index", index),
            leaf("numchannels", 1),
            leaf("downmix", 0),
            element("channel", leaf("index", index)),
        )
        for index in (1, 2)
    ),
)
