"""Reads the small objects of OpenTimelineIO's JSON: times, ranges, effects, markers, hosts' metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rythmo.errors import TimelineError
from rythmo.script.model import Severity
from rythmo_bridge.colours import Colour
from rythmo_bridge.formats.limits import any_rate, to_samples
from rythmo_bridge.timeline import Marker, Media, Timeline, Transition

Object = Mapping[str, Any]


# Schema names from before OpenTimelineIO's first release, which it still reads.
_OLD_NAMES = {"Sequence": "Track", "Filler": "Gap", "SerializeableCollection": "SerializableCollection"}


def schema_of(thing: Any) -> str:
    """Return an object's schema without its version, under its current name."""
    name = str(thing.get("OTIO_SCHEMA", "")).partition(".")[0] if isinstance(thing, Mapping) else ""
    return _OLD_NAMES.get(name, name)


@dataclass(frozen=True, slots=True)
class Time:
    """A RationalTime: `value` units at `rate` units a second."""

    value: Fraction
    rate: Fraction

    @property
    def seconds(self) -> Fraction:
        """Return the time in seconds."""
        return self.value / self.rate


def time_of(thing: Any) -> Time | None:
    """Return a RationalTime; None for anything else."""
    if not isinstance(thing, Mapping):
        return None
    # Fraction of an infinite float raises OverflowError, which the reader reports.
    return Time(Fraction(thing["value"]), any_rate(thing["rate"]))


def range_of(thing: Any) -> tuple[Time, Time] | None:
    """Return start and length of a TimeRange; None for anything else.

    Raises:
        TimelineError: A part is missing, or the length is negative.
    """
    if not isinstance(thing, Mapping):
        return None
    start, length = time_of(thing.get("start_time")), time_of(thing.get("duration"))
    if start is None or length is None:
        raise TimelineError("A time range has no start or no duration.")
    if length.value < 0:
        raise TimelineError("A clip has a negative duration.")
    return start, length


def times_of(timeline: Object) -> Iterable[Time]:
    """Yield the lengths of all children of a timeline's tracks."""
    for track in (timeline.get("tracks") or {}).get("children") or ():
        for child in track.get("children") or () if isinstance(track, Mapping) else ():
            span = range_of(child.get("source_range")) if isinstance(child, Mapping) else None
            if span:
                yield span[1]


def fills_track(child: Any) -> bool:
    """Whether a child takes up time on its track; transitions do not."""
    return schema_of(child) != "Transition"


def host_metadata(thing: Object, key: str) -> Object:
    """Return the metadata that a host stored under its key; empty if there is none."""
    metadata = thing.get("metadata")
    found = metadata.get(key) if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def rythmo_metadata(thing: Object) -> Object:
    """Return the metadata that Rythmo stored."""
    return host_metadata(thing, "rythmo")


def size_of(timeline: Object) -> tuple[int, int] | None:
    """Return width and height of the picture, which only Premiere writes."""
    size = host_metadata(timeline, "PremierePro_OTIO").get("VideoResolution")
    return (int(size["width"]), int(size["height"])) if isinstance(size, Mapping) else None


def channels_of(track: Object) -> int:
    """Return the channels of a sound track by Premiere's or Resolve's metadata; 0 if unknown."""
    layout = host_metadata(track, "PremierePro_OTIO").get("AudioChannels")
    if isinstance(layout, Mapping):
        return int(layout.get("NumberOfChannels") or 0)
    kind = str(host_metadata(track, "Resolve_OTIO").get("Audio Type", ""))
    names = {"Mono": 1, "Stereo": 2, "5.1": 6, "7.1": 8}
    return names.get(kind) or int(kind.removeprefix("Adaptive ") if kind.startswith("Adaptive ") else 0)


def chosen_channels(resolve: Object, media: Media | None) -> tuple[int, ...]:
    """Return the channels that sound; empty if it is all of them."""
    told = resolve.get("Channels") or ()
    channels = tuple(int(c.get("Source Channel ID", 0)) for c in told if isinstance(c, Mapping))
    return () if media is None or channels == tuple(range(media.channels)) else channels


def reference_of(clip: Object) -> Object | None:
    """Return the active media reference of a clip."""
    found = clip.get("media_reference")
    many = clip.get("media_references")
    if isinstance(many, Mapping):
        found = many.get(str(clip.get("active_media_reference_key") or "DEFAULT_MEDIA"))
    return found if isinstance(found, Mapping) else None


def kind_of(child: Object, media: Media | None, nested: Timeline | None) -> str:
    """Return the `Item.kind` of a child: "nested", a generator's kind, or "clip"."""
    if nested is not None:
        return "nested"
    reference = reference_of(child)
    if media is None and reference is not None and schema_of(reference) == "GeneratorReference":
        return str(reference.get("generator_kind") or "generator")
    return "clip"


def effects_of(child: Object) -> Iterable[Object]:
    """Return the effects of a child."""
    return (each for each in child.get("effects") or () if isinstance(each, Mapping))


def speed_of(child: Object) -> Fraction:
    """Return the speed of a child: 0 for a freeze frame."""
    for effect in effects_of(child):
        if schema_of(effect) == "FreezeFrame":
            return Fraction(0)
        if schema_of(effect) == "LinearTimeWarp":
            return Fraction(effect.get("time_scalar", 1)).limit_denominator(100_000)
    return Fraction(1)


def gain_of(child: Object, ours: Object) -> float:
    """Return the gain in dB: Rythmo's own, else the volume of Resolve's effect."""
    if "gain_db" in ours:
        return float(ours["gain_db"])
    volumes = (host_metadata(effect, "Resolve_OTIO").get("volume") for effect in effects_of(child))
    return float(next((v for v in volumes if isinstance(v, int | float)), 0.0))


def colour_of(value: Any) -> Colour | None:
    """Return a marker's or clip's colour; None for an unknown one."""
    name = str(value or "").upper()
    return Colour(name) if name in Colour.__members__ else None


def transition_of(child: Object, position: Fraction) -> Transition:
    """Return the transition over a cut at `position`, in seconds."""
    before, after = time_of(child.get("in_offset")), time_of(child.get("out_offset"))
    start = to_samples(position - (before.seconds if before else 0))
    end = to_samples(position + (after.seconds if after else 0))
    return Transition(start, max(0, end - start), str(child.get("name") or "dissolve"))


def markers_of(parent: Object, origin: Fraction) -> Iterable[Marker]:
    """Yield the markers of a clip or stack, counted from its first sample."""
    for marker in parent.get("markers") or ():
        # Version 1 of the schema called it `range`.
        span = range_of(marker.get("marked_range") or marker.get("range"))
        if span is None:
            continue
        ours = rythmo_metadata(marker)
        start = ours.get("start")
        length = ours.get("length")
        severity = str(ours.get("severity") or "")
        yield Marker(
            start=start if isinstance(start, int) else to_samples(span[0].seconds - origin),
            name=str(marker.get("name") or ""),
            note=str(marker.get("comment") or ""),
            length=length if isinstance(length, int) else to_samples(span[1].seconds),
            colour=colour_of(marker.get("color")) or Colour.YELLOW,
            severity=Severity(severity) if severity in set(Severity) else None,
            line=str(ours.get("line_id") or "") or None,
        )
