"""Plans what is heard in a timeline, to the sample, as a flat list of parts. Pure.

Levels, keyframes, fades, crossfades, mutes, solo, speeds and nested sequences are all resolved here. All that
`sound_render` has to do is add up stretches of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from rythmo.errors import TimelineError
from rythmo.mix.mix_plan import dialogue_channels
from rythmo_bridge.assemble.track_roles import is_heard
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

_LAYOUTS = (1, 2, 6, 8)
_EQUAL_POWER = ("constant power", "equal power", "+3db", "+3 db")
_MOST_PARTS = 200_000
_DEEPEST = 16

Wanted = Callable[[int, int], bool]
"""Decides whether the clip at (audio track, place) of the timeline is part of the sum."""


@dataclass(frozen=True, slots=True)
class FileSound:
    """The sound of a file, as far as a plan needs it.

    `streams` are (index, channels), one of which is the default. Lengths are in samples at 48 kHz. The start
    is in samples since midnight, where the file carries a timecode.
    """

    streams: tuple[tuple[int, int], ...]
    default: int
    length: int
    reference: int | None = None

    def channels(self, chosen: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """Return (stream, channel in it) of `chosen` channels, counted through all streams.

        Without a choice these are the channels of the default stream. Channels that do not exist are left
        out.
        """
        every = [(index, channel) for index, count in self.streams for channel in range(count)]
        if not chosen:
            return tuple(each for each in every if each[0] == self.default)
        return tuple(every[channel] for channel in chosen if channel < len(every))


@dataclass(frozen=True, slots=True)
class Envelope:
    """A gain over time as (record sample, factor) points, ascending; constant beyond the ends.

    With `power` the factors are squared amplitudes, so that two mirrored fades keep the power constant.
    """

    points: tuple[tuple[int, float], ...]
    power: bool = False


@dataclass(frozen=True, slots=True)
class SoundPart:
    """A stretch of the record, `length` samples from `start`, that plays `media` from its sample `source`.

    With a negative `speed`, `source` is the end of what is played. `routes` are (channel of the stream,
    channel of the mix).
    """

    track: str
    start: int
    length: int
    media: str
    stream: int
    source: int
    routes: tuple[tuple[int, int], ...]
    gain: float = 1.0
    envelopes: tuple[Envelope, ...] = ()
    speed: Fraction = Fraction(1)

    @property
    def end(self) -> int:
        """Return the record sample after the last."""
        return self.start + self.length

    @property
    def span(self) -> tuple[int, int]:
        """Return the samples of the file that are played, [first, last); they may reach beyond the file."""
        count = round(self.length * abs(self.speed))
        return (self.source, self.source + count) if self.speed > 0 else (self.source - count, self.source)


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """Everything that is heard. `notes` tell the user about changed speeds and files that end early."""

    length: int
    channels: int
    parts: tuple[SoundPart, ...]
    notes: tuple[str, ...] = ()


def plan_sound(
    timeline: Timeline, files: Mapping[str, FileSound], wanted: Wanted, channels: int
) -> SoundPlan:
    """Plan the sum of the clips that are `wanted`, in `channels` channels.

    `files` holds the sounds by media id.

    Raises:
        TimelineError: Something cannot be reproduced faithfully.
    """
    planner = _Planner(files)
    parts = tuple(planner.timeline(timeline, wanted, channels, 0))
    cut = [_crop_part(part, 0, timeline.length) for part in parts]
    ordered = tuple(sorted((p for p in cut if p is not None), key=lambda p: (p.start, p.track, p.stream)))
    return SoundPlan(timeline.length, channels, ordered, tuple(dict.fromkeys(planner.notes)))


def every_clip(_track: int, _place: int) -> bool:
    """Select every clip: the whole mix."""
    return True


def audible_clips(timeline: Timeline) -> Iterator[tuple[int, int, Track, Item]]:
    """Yield the clips of the sound tracks that are heard, with their track number and place."""
    tracks = timeline.tracks_of(Kind.AUDIO)
    for number, track in enumerate(tracks):
        for place, item in enumerate(track.items):
            if is_heard(track, item, tracks):
                yield number, place, track, item


def mix_width(timeline: Timeline, files: Mapping[str, FileSound], depth: int = 0) -> int:
    """Return how many channels a mix of everything heard has: 1, 2, 6 or 8."""
    if depth > _DEEPEST:
        raise TimelineError("Sequences are nested too deeply.", hint="Export it flat.")
    widest = 1
    for _, _, track, item in audible_clips(timeline):
        count = len(_chosen_channels(item, files, timeline, depth))
        widest = max(widest, count if count in _LAYOUTS else 1, *(output + 1 for output in track.outputs))
    return next(layout for layout in _LAYOUTS if layout >= min(widest, _LAYOUTS[-1]))


def _chosen_channels(
    item: Item, files: Mapping[str, FileSound], timeline: Timeline, depth: int
) -> tuple[object, ...]:
    if item.nested is not None:
        inner = replace(item.nested, media={**timeline.media, **item.nested.media})
        return item.channels or tuple(range(mix_width(inner, files, depth + 1)))
    sound = files.get(item.media or "")
    return sound.channels(item.channels) if sound else ()


def place_in_file(item: Item, media: Media, sound: FileSound, frame: int) -> int:
    """Return the sample of the file at which a clip begins; `frame` is a frame's length in samples.

    A timeline counts from where it believes the file's timecode to begin. If the file itself says otherwise
    (it was trimmed, or is a transcode with handles), the file's timecode decides, provided that the clip then
    lies in the file. The same holds where the timeline does not know the start at all (EDLs).
    """
    length = max(1, round(item.length * abs(item.speed)))
    if sound.reference is None or abs(sound.reference - media.start) <= frame:
        return item.source

    def inside(at: int) -> bool:
        return at >= -frame and at + length <= sound.length + frame

    by_timecode = media.start + item.source - sound.reference
    plain_first = media.start_told and media.start == 0
    readings = (item.source, by_timecode) if plain_first else (by_timecode, item.source)
    return next((at for at in readings if inside(at)), readings[0])


class _Planner:
    def __init__(self, files: Mapping[str, FileSound]) -> None:
        self.files = files
        self.notes: list[str] = []
        self.count = 0

    def timeline(self, timeline: Timeline, wanted: Wanted, channels: int, depth: int) -> Iterator[SoundPart]:
        """Yield the parts of a timeline, in its own time."""
        if depth > _DEEPEST:
            raise TimelineError("Sequences are nested too deeply.", hint="Export it flat.")
        shapes: dict[int, dict[int, _Shape]] = {}
        for number, place, track, item in audible_clips(timeline):
            if not wanted(number, place):
                continue
            if number not in shapes:
                shapes[number] = _shapes(track)
            for part in self.item(item, track, timeline, shapes[number][place], channels, depth):
                self.count += 1
                if self.count > _MOST_PARTS:
                    raise TimelineError("Its sound has too many pieces.", hint="Render it first.")
                yield part

    def item(
        self, item: Item, track: Track, timeline: Timeline, shape: _Shape, channels: int, depth: int
    ) -> Iterator[SoundPart]:
        """Yield what one clip plays."""
        if item.speed == 0:
            self.notes.append(f"{item.name or 'A clip'} is a freeze frame, which is silent.")
            return
        if item.nested is not None:
            yield from self.nested(item, track, timeline, shape, channels, depth)
            return
        media, sound = timeline.media_of(item), self.files.get(item.media or "")
        if media is None or sound is None:
            return
        source = self.source(item, media, sound, timeline)
        # A transition may begin before its clip: it plays what the file has before the clip's first sample.
        # Backwards that lies behind `source`, at the other end of what is played.
        lead = round((item.start - shape.start) * abs(item.speed))
        at = source - lead if item.speed > 0 else source + round(item.length * -item.speed) + lead
        picked = sound.channels(item.channels)
        for stream in dict.fromkeys(index for index, _ in picked):
            routes = tuple(
                (channel, output)
                for place, (index, channel) in enumerate(picked)
                if index == stream
                for output in _outputs(place, len(picked), track.outputs, channels)
            )
            yield SoundPart(
                track.name,
                shape.start,
                shape.end - shape.start,
                media.id,
                stream,
                at,
                routes,
                10 ** (item.gain_db / 20),
                shape.envelopes,
                item.speed,
            )

    def source(self, item: Item, media: Media, sound: FileSound, timeline: Timeline) -> int:
        """Return where in its file a clip begins; raise if it plays nothing of the file."""
        frame = round(timeline.sample_rate / timeline.frame_rate)
        source = place_in_file(item, media, sound, frame)
        length = round(item.length * abs(item.speed))
        if source >= sound.length or source + length <= 0:
            raise TimelineError(
                f"{item.name or media.name} plays {_seconds(source)} s to {_seconds(source + length)} s of"
                f" {media.path or media.name}, which is {_seconds(sound.length)} s long.",
                hint="It may be another file of the same name: give the right folder with --media-dir.",
            )
        if source < -frame or source + length > sound.length + frame:
            self.notes.append(f"{media.name} does not hold all of {item.name}: the rest is silent.")
        if item.speed != 1:
            way = f"at {float(abs(item.speed)) * 100:.4g} %" + (" backwards" if item.speed < 0 else "")
            self.notes.append(
                f"{item.name or media.name} plays {way}: its sound is stretched at the same pitch."
            )
        return source

    def nested(
        self, item: Item, track: Track, timeline: Timeline, shape: _Shape, channels: int, depth: int
    ) -> Iterator[SoundPart]:
        """Yield the parts of a sequence inside a clip, in the time of the outer one."""
        assert item.nested is not None
        if item.speed < 0:
            raise TimelineError(
                f"{item.name} plays a sequence backwards.", hint="Render it, or take it out of the timeline."
            )
        inner = replace(item.nested, media={**timeline.media, **item.nested.media})
        inside = mix_width(inner, self.files)
        chosen = item.channels or tuple(range(inside))
        gain = 10 ** (item.gain_db / 20)
        for part in self.timeline(inner, every_clip, inside, depth + 1):
            routes = tuple(
                (channel, output)
                for channel, middle in part.routes
                if middle in chosen
                for output in _outputs(chosen.index(middle), len(chosen), track.outputs, channels)
            )
            moved = _to_outer_time(part, item) if routes else None
            cut = _crop_part(moved, shape.start, shape.end) if moved is not None else None
            if cut is not None:
                envelopes = (*cut.envelopes, *shape.envelopes)
                yield replace(cut, track=track.name, routes=routes, gain=cut.gain * gain, envelopes=envelopes)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How far a clip is heard, including what transitions use beyond its ends, and its gains."""

    start: int
    end: int
    envelopes: tuple[Envelope, ...] = ()


def _shapes(track: Track) -> dict[int, _Shape]:
    """Return the shape of each clip, by its place on the track."""
    found = {
        place: _Shape(item.start, item.end, _clip_envelopes(item)) for place, item in enumerate(track.items)
    }
    for shape in track.transitions:
        if shape.length <= 0:
            continue
        end = shape.start + shape.length
        equal = any(word in shape.name.lower() for word in _EQUAL_POWER)
        before, after = _adjacent_clips(track.items, shape.start, end)
        # Between two clips both are heard for the whole transition, beyond their ends. At a free end there is
        # nothing to cross to, and the fade lies within the clip.
        if before is not None:
            out = Envelope(((shape.start, 1.0), (end, 0.0)), equal)
            found[before] = _add_envelope(found[before], out, end=end if after is not None else None)
        if after is not None:
            into = Envelope(((shape.start, 0.0), (end, 1.0)), equal)
            found[after] = _add_envelope(
                found[after], into, start=shape.start if before is not None else None
            )
    return found


def _add_envelope(
    shape: _Shape, envelope: Envelope, *, start: int | None = None, end: int | None = None
) -> _Shape:
    return _Shape(
        shape.start if start is None else min(start, shape.start),
        shape.end if end is None else max(end, shape.end),
        (*shape.envelopes, envelope),
    )


def _adjacent_clips(items: Sequence[Item], start: int, end: int) -> tuple[int | None, int | None]:
    """Return the places of the outgoing and incoming clip of a transition; None on a side without one."""
    before = [n for n, item in enumerate(items) if start <= item.end <= end and item.start < start]
    after = [n for n, item in enumerate(items) if start <= item.start <= end < item.end]
    return next(iter(before), None), next(iter(after), None)


def _clip_envelopes(item: Item) -> tuple[Envelope, ...]:
    """Return a clip's own keyframes and fades."""
    found = []
    if item.levels:
        points = ((item.start + level.at, 10 ** (level.gain_db / 20)) for level in item.levels)
        found.append(Envelope(_ascending(points)))
    if item.fade_in:
        found.append(Envelope(((item.start, 0.0), (item.start + item.fade_in, 1.0))))
    if item.fade_out:
        found.append(Envelope(((item.end - item.fade_out, 1.0), (item.end, 0.0))))
    return tuple(found)


def _ascending(points: Iterable[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Keep the last of several points at one sample."""
    return tuple(sorted(dict(points).items()))


def _outputs(place: int, count: int, told: Sequence[int], channels: int) -> tuple[int, ...]:
    """Return the mix channels that channel `place` of `count` goes to."""
    if told:
        return (min(told[place % len(told)], channels - 1),)
    if count in _LAYOUTS[1:]:
        return (min(place, channels - 1),)
    # No layout of the mix, such as three channels, and no routing: it is taken for dialogue.
    return dialogue_channels(channels)


def _to_outer_time(part: SoundPart, item: Item) -> SoundPart:
    """Convert a part from the time of a nested sequence to that of the clip that plays it."""

    def outer(position: int) -> int:
        return item.start + round((position - item.source) / item.speed)

    start = outer(part.start)
    envelopes = tuple(
        replace(each, points=tuple((outer(at), gain) for at, gain in each.points)) for each in part.envelopes
    )
    speed = part.speed * item.speed
    return replace(part, start=start, length=outer(part.end) - start, envelopes=envelopes, speed=speed)


def _crop_part(part: SoundPart, start: int, end: int) -> SoundPart | None:
    """Return what of a part lies in [start, end)."""
    first, last = max(part.start, start), min(part.end, end)
    if first >= last:
        return None
    late = round((first - part.start) * part.speed)
    return replace(part, start=first, length=last - first, source=part.source + late)


def _seconds(samples: int) -> str:
    return f"{samples / 48_000:.2f}"
