"""Plan what a session gets: the dub's tracks in samples, other takes, the original.

The layout is the one of the other hosts, with a "frame" of one sample: Pro Tools places clips to the sample.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from rythmo.files import make_printable
from rythmo.media.riff import read_header
from rythmo.project_paths import find_home, path_in
from rythmo.script.model import Line, Script
from rythmo_bridge.alternates import alternate_name
from rythmo_bridge.formats.reader_items import pack_items
from rythmo_bridge.timeline import Item, Kind, Media, Role, Timeline, Track
from rythmo_plugin.hosts.wanted_layout import own_tracks

ORIGINAL = "Original"


@dataclass(frozen=True, slots=True)
class WantedSession:
    """The tracks to place, as a timeline that counts samples from the session's first one.

    `muted` are the names of tracks that are placed muted. `notes` say what is left out.
    """

    timeline: Timeline
    muted: frozenset[str]
    notes: tuple[str, ...] = ()


def plan_session(
    script: Script, delivery: Timeline, root: Path, offset: int, *, takes: bool, original: bool
) -> WantedSession:
    """Return what a session gets: the tracks of `delivery` that Rythmo adds, and on muted tracks other takes
    of each line (`takes`) and the original sound (`original`).

    `root` is the folder of the dubbed language, `offset` the sample of the session at which the programme
    begins.
    """
    found = _Media(root, dict(delivery.media))
    dub = own_tracks(delivery)
    others = tuple(_other_takes(script, dub, found)) if takes else ()
    first, notes = _original(script, found) if original else ((), ())
    counted = replace(
        delivery,
        frame_rate=Fraction(delivery.sample_rate),
        start_frame=offset,
        drop=False,
        tracks=(*dub, *others, *first),
        media=found.media,
        subtitles=(),
    )
    muted = frozenset(track.name for track in (*others, *first))
    return WantedSession(counted, muted, notes)


@dataclass(frozen=True, slots=True)
class _Media:
    root: Path
    media: dict[str, Media]

    def add(self, key: str, path: Path) -> Media | None:
        """Return the media of a WAV file; None if there is none."""
        try:
            facts = read_header(path)
        except FileNotFoundError:
            return None
        start = facts.time_reference or 0
        self.media[key] = Media(key, path.name, path, facts.length, start, facts.channels, facts.rate)
        return self.media[key]


def _other_takes(script: Script, dub: Iterable[Track], found: _Media) -> Iterator[Track]:
    """Yield tracks of the takes that were not chosen: first one other take of each line, then a second ..."""
    names: dict[str, str] = {}
    for track in dub:
        if track.speaker is not None:
            names.setdefault(track.speaker, track.name)
    rows: Mapping[tuple[str, int], list[Item]] = defaultdict(list)
    for line in script.lines:
        for rank, item in enumerate(_take_items(line, found), start=1):
            rows[line.speaker, rank].append(item)
    for (speaker, rank), items in sorted(rows.items()):
        if speaker in names:
            blank = Track(alternate_name(names[speaker], rank), Kind.AUDIO, Role.DIALOGUE, speaker=speaker)
            yield from pack_items(blank, items)


def _take_items(line: Line, found: _Media) -> Iterator[Item]:
    if line.placement is None:
        return
    for take in reversed(line.takes):
        media = None if take.id == line.chosen else found.add(take.file, path_in(found.root, take.file))
        if media is not None:
            yield Item(Path(take.file).stem, line.placement.start, media.length, media.id, line=line.id)


def _original(script: Script, found: _Media) -> tuple[tuple[Track, ...], tuple[str, ...]]:
    """Return a track with the programme's own sound, if its decoded sound is in the project's cache."""
    programme = script.programme
    for path in sorted((find_home(found.root) / "cache" / "ingest").glob("*.wav")):
        media = found.add(f"original/{path.name}", path)
        if media is not None and (media.length, media.channels) == (programme.length, programme.channels):
            item = Item(ORIGINAL, 0, media.length, media.id)
            return (Track(ORIGINAL, Kind.AUDIO, Role.ME, channels=media.channels, items=(item,)),), ()
    return (), (f"The original sound is not in the session: import {make_printable(programme.source)}.",)
