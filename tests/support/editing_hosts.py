"""Editing programs as Rythmo's conform meets them: each rewrites our timelines its own way on the way back.

What each one does is written down, with sources, in docs/timelines.md. A host imports a delivery, the editor
edits it there (`Cut`), and `Host.export` gives what a reader of ours finds in the file that comes back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform.changes import Fate
from rythmo_bridge.conform.places import recount_at_rate
from rythmo_bridge.conform.review import Edit, join_tracks
from rythmo_bridge.formats.edl.reader import read_at
from rythmo_bridge.formats.registry import formats, read_timeline
from rythmo_bridge.timeline import AUDIO_ROLE, Item, Kind, Media, Role, Timeline, Track

_HANDLE = 48_000


@dataclass(frozen=True)
class Host:
    """`rewrite` is what it does to a timeline; `form` the format that it exports. `names_tracks`: a clip's
    track or role still says whose it is; `keeps_levels`: gain, mute and fades come back."""

    name: str
    form: str
    rewrite: Callable[[Timeline], Timeline]
    names_tracks: bool = True
    keeps_levels: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether it places clips between frames."""
        return formats()[self.form].exact

    def export(self, timeline: Timeline, folder: Path, programme: Timeline) -> Edit:
        """The edited timeline as it comes back."""
        form = formats()[self.form]
        paths = form.write(self.rewrite(timeline), folder / f"{self.name} cut{form.suffix}")
        if self.form == "edl":
            read = [read_at(path, programme.frame_rate, programme.start_frame) for path in paths]
            return Edit(join_tracks(read), "cut.edl", by_track=True)
        return Edit(read_timeline(paths[0]), paths[0].name)


def _items(timeline: Timeline, change: Callable[[Track, Item], Item]) -> Timeline:
    tracks = tuple(replace(t, items=tuple(change(t, i) for i in t.items)) for t in timeline.tracks)
    return replace(timeline, tracks=tracks)


def _media(timeline: Timeline, change: Callable[[Media], Media]) -> Timeline:
    return replace(timeline, media={key: change(each) for key, each in timeline.media.items()})


def _anonymous(timeline: Timeline) -> Timeline:
    """Without what only our own files say: ids and words."""
    return _items(timeline, lambda track, item: replace(item, line=None, metadata={}, markers=()))


def _named_by_file(timeline: Timeline) -> Timeline:
    """Clips are called as their files are."""

    def named(track: Track, item: Item) -> Item:
        media = timeline.media_of(item)
        return replace(item, name=media.name) if media else item

    return _items(timeline, named)


def _numbered(timeline: Timeline) -> Timeline:
    """Tracks are called by their numbers."""
    counts = {Kind.VIDEO: 0, Kind.AUDIO: 0}
    tracks = []
    for track in timeline.tracks:
        counts[track.kind] += 1
        name = f"{'V' if track.kind is Kind.VIDEO else 'A'}{counts[track.kind]}"
        tracks.append(replace(track, name=name, role=Role.OTHER, speaker=None))
    return replace(timeline, tracks=tuple(tracks))


def _elsewhere(timeline: Timeline) -> Timeline:
    """Media lies in one folder of the host's."""
    return _media(timeline, lambda m: replace(m, path=Path("/Volumes/Jöb/Audio Files") / m.name))


def _without_timecode(timeline: Timeline) -> Timeline:
    return _media(timeline, lambda media: replace(media, start=0))


def _resolve(timeline: Timeline) -> Timeline:
    return _named_by_file(_anonymous(replace(timeline, name=f"{timeline.name} (Resolve)")))


def _resolve_xml(timeline: Timeline) -> Timeline:
    """The exact rate is lost as well."""
    nominal = Fraction(round(timeline.frame_rate))
    return recount_at_rate(_numbered(_resolve(timeline)), nominal)


def _premiere(timeline: Timeline) -> Timeline:
    return _named_by_file(_anonymous(timeline))


def _nested(timeline: Timeline) -> Timeline:
    """The editor made one nest of all dialogue; it lies on a track of its own."""
    timeline = _premiere(timeline)
    lines = tuple(t for t in timeline.tracks if t.role is Role.DIALOGUE)
    rest = tuple(t for t in timeline.tracks if t.role is not Role.DIALOGUE)
    inner = replace(
        timeline, name="Nested Sequence 01", tracks=lines, start_frame=0, markers=(), subtitles=()
    )
    nest = Item("Nested Sequence 01", 0, timeline.length, kind="nested", nested=inner)
    return replace(timeline, tracks=(*rest, Track("Audio 9", Kind.AUDIO, channels=1, items=(nest,))))


def _final_cut(timeline: Timeline) -> Timeline:
    """Clips go to whatever lane is free; their roles say what they are."""
    tracks, lanes = [], []
    for track in timeline.tracks:
        if track.role is not Role.DIALOGUE:
            tracks.append(track)
            continue
        lanes += [replace(i, metadata={AUDIO_ROLE: f"dialogue.{track.name}"}) for i in track.items]
    bare = replace(timeline, tracks=tuple(tracks))
    packed: list[list[Item]] = []
    for item in sorted(lanes, key=lambda each: each.start):
        lane = next((each for each in packed if each[-1].end <= item.start), None)
        if lane is None:
            packed.append([item])
        else:
            lane.append(item)
    named = [Track("", Kind.AUDIO, items=tuple(lane)) for lane in packed]
    full = replace(bare, tracks=(*bare.tracks, *named))
    return _named_by_file(_items(full, lambda track, item: replace(item, line=None)))


def _avid(timeline: Timeline) -> Timeline:
    """Consolidated on export: each clip has a new file with a second of handles; tracks are numbered."""
    media = dict(timeline.media)

    def consolidated(track: Track, item: Item) -> Item:
        file = timeline.media_of(item)
        if file is None or track.role is not Role.DIALOGUE:
            return item
        head = min(item.source, _HANDLE)
        tail = max(0, min(file.length - item.source - item.length, _HANDLE))
        name = f"{Path(file.name).stem}.new.01.wav"
        key = f"{file.id} {item.start}"
        first = item.source - head
        media[key] = replace(
            file,
            id=key,
            name=name,
            path=Path("/Volumes/Avid MediaFiles") / name,
            start=file.start + first,
            length=head + item.length + tail,
        )
        return replace(item, name=name.removesuffix(".wav"), media=key, source=head)

    return _numbered(_anonymous(replace(_items(timeline, consolidated), media=media)))


def _pro_tools(timeline: Timeline) -> Timeline:
    """Clips get numbers, files a folder of the session's."""
    count = 0

    def numbered(track: Track, item: Item) -> Item:
        nonlocal count
        count += 1
        return replace(item, name=f"{item.name}-{count:02}")

    return _elsewhere(_items(_anonymous(timeline), numbered))


def _kdenlive(timeline: Timeline) -> Timeline:
    """Clips, cuts and files; no effects, names of tracks, start or timecode."""

    def plain(track: Track, item: Item) -> Item:
        return replace(item, gain_db=0.0, levels=(), fade_in=0, fade_out=0)

    bare = _without_timecode(_numbered(_named_by_file(_anonymous(_items(timeline, plain)))))
    return replace(bare, start_frame=0, markers=())


def _our_own(timeline: Timeline) -> Timeline:
    return timeline


HOSTS = (
    Host("ours", "otio", _our_own),
    Host("resolve", "otio-resolve", _resolve),
    Host("resolve-xml", "fcp7", _resolve_xml, names_tracks=False),
    Host("resolve-fcpxml", "fcpxml-resolve", _resolve),
    Host("premiere", "fcp7", _premiere),
    Host("premiere-otio", "otio-premiere", _premiere),
    Host("premiere-nest", "fcp7", _nested),
    Host("final-cut", "fcpxml", _final_cut),
    Host("avid", "aaf", _avid, names_tracks=False),
    Host("pro-tools", "aaf", _pro_tools),
    Host("kdenlive", "otio", _kdenlive, names_tracks=False, keeps_levels=False),
    Host("edl", "edl", _our_own, keeps_levels=False),
)


@dataclass
class Cut:
    """A timeline in an editor's hands: everything moves by whole frames. `wanted` is what happened to each
    line."""

    timeline: Timeline
    rng: random.Random
    host: Host
    wanted: dict[str, set[Fate]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wanted = {item.line: {Fate.SAME} for _, item in self.timeline.items() if item.line}

    def edit(self, kind: str) -> None:
        """One edit of that kind, of a line that is untouched."""
        free = [
            (t, i)
            for t, track in enumerate(self.timeline.tracks)
            for i, item in enumerate(track.items)
            if item.line in self.wanted and self.wanted[item.line] == {Fate.SAME}
        ]
        if free:
            t, i = self.rng.choice(free)
            items = list(self.timeline.tracks[t].items)
            getattr(self, f"_{kind}")(t, i, items, items[i])

    def _frames(self, low: int, high: int) -> int:
        return frames_to_samples(self.rng.randrange(low, high), self.timeline.frame_rate)

    def _put(self, t: int, items: list[Item]) -> None:
        tracks = list(self.timeline.tracks)
        tracks[t] = replace(tracks[t], items=tuple(sorted(items, key=lambda item: item.start)))
        self.timeline = replace(self.timeline, tracks=tuple(tracks))

    def _done(self, t: int, items: list[Item], item: Item, *fates: Fate) -> None:
        self._put(t, items)
        self.wanted[item.line or ""] = set(fates)

    def _delete(self, t: int, i: int, items: list[Item], item: Item) -> None:
        del items[i]
        self._done(t, items, item, Fate.DELETED)

    def _head(self, t: int, i: int, items: list[Item], item: Item) -> None:
        cut = self._frames(3, 15)
        items[i] = replace(item, start=item.start + cut, source=item.source + cut, length=item.length - cut)
        self._done(t, items, item, Fate.TRIMMED_HEAD)

    def _tail(self, t: int, i: int, items: list[Item], item: Item) -> None:
        items[i] = replace(item, length=item.length - self._frames(3, 15))
        self._done(t, items, item, Fate.TRIMMED_TAIL)

    def _blade(self, t: int, i: int, items: list[Item], item: Item) -> None:
        at = self._frames(8, 12)
        second = replace(item, start=item.start + at, source=item.source + at, length=item.length - at)
        items[i : i + 1] = [replace(item, length=at), second]
        self._done(t, items, item, Fate.SPLIT)

    def _slide(self, t: int, i: int, items: list[Item], item: Item) -> None:
        after = items[i + 1].start if i + 1 < len(items) else self.timeline.length
        room = self.timeline.frame(after - item.end)
        if room > 4:
            items[i] = replace(item, start=item.start + self._frames(2, min(room - 1, 60)))
            self._done(t, items, item, Fate.MOVED)

    def _slip(self, t: int, i: int, items: list[Item], item: Item) -> None:
        by = self._frames(3, 10)
        items[i] = replace(item, source=item.source + by, length=item.length - by)
        self._done(t, items, item, Fate.MOVED, Fate.TRIMMED_HEAD)

    def _track(self, t: int, i: int, items: list[Item], item: Item) -> None:
        speakers = [n for n, track in enumerate(self.timeline.tracks) if track.speaker is not None]
        other = next(n for n in speakers if n != t)
        taken = self.timeline.tracks[other].items
        if self.host.names_tracks and all(e.end <= item.start or item.end <= e.start for e in taken):
            del items[i]
            self._put(other, [*taken, item])
            self._done(t, items, item, Fate.OTHER_TRACK)

    def _gain(self, t: int, i: int, items: list[Item], item: Item) -> None:
        if self.host.keeps_levels:
            items[i] = replace(item, gain_db=self.rng.choice([-12.0, -4.5, -1.0, 3.0]))
            self._done(t, items, item, Fate.LEVEL)

    def _mute(self, t: int, i: int, items: list[Item], item: Item) -> None:
        if self.host.keeps_levels:
            items[i] = replace(item, enabled=False)
            self._done(t, items, item, Fate.MUTED)

    def _fade(self, t: int, i: int, items: list[Item], item: Item) -> None:
        if self.host.keeps_levels:
            items[i] = replace(item, fade_in=self._frames(3, 6), fade_out=self._frames(3, 6))
            self._done(t, items, item, Fate.FADED)


EDITS = ("delete", "head", "tail", "blade", "slide", "slip", "track", "gain", "mute", "fade")


def edited(timeline: Timeline, host: Host, seed: int) -> Cut:
    """The timeline after several edits, which the seed chooses."""
    rng = random.Random(seed)
    cut = Cut(timeline, rng, host)
    for kind in rng.sample(EDITS, rng.randint(3, len(EDITS))):
        cut.edit(kind)
    return cut
