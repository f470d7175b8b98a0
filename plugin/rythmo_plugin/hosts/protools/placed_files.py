"""The WAV files that Pro Tools imports, with the handles of each take.

Pro Tools copies a file into the session under its name, so a name must never get new content: it ends with a
hash of the file. Each file carries its place as TimeReference, so that a mixer can spot it back to where it
was delivered.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rythmo.files import make_atomically
from rythmo.media.bwf import Bext, BwfWriter, build_ixml
from rythmo.media.wav import WavReader
from rythmo.mix.clip_levels import apply_clip_levels
from rythmo.mix.mix_plan import MixItem
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.script.takes import ClipEdit, GainPoint
from rythmo_bridge.timeline import Item, Media, Timeline
from rythmo_plugin.hosts.wanted_layout import own_tracks

_BLOCK = 1 << 20
WHOLE = "whole"
"""Ends the name of a file with handles: the clip that plays its middle has the name without it."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file and the part of it that plays: `length` samples after `head`. `clip` is the clip's name."""

    clip: str
    path: Path
    head: int
    length: int
    channels: int
    whole: bool
    muted: bool = False

    @property
    def imported(self) -> str:
        """The name of the clip that Pro Tools makes of the whole file."""
        return self.path.stem


Files = Mapping[tuple[int, int], PlacedFile]
"""By the number of a track among the wanted ones, and the place of the item in it."""


def protools_folder(root: Path, language: str) -> Path:
    """Return the folder of the files, below the folder of a dubbed language."""
    return root / "deliver" / language / "protools" / "media"


def write_placed_files(
    timeline: Timeline,
    folder: Path,
    *,
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> dict[tuple[int, int], PlacedFile]:
    """Write the files that do not exist yet; a missing take has no entry.

    Raises OutputError when a file cannot be written, MediaError when one is damaged, CancelledError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [
        ((number, place), item)
        for number, track in enumerate(own_tracks(timeline))
        for place, item in enumerate(track.items)
    ]
    made = {}
    for done, (key, item) in enumerate(wanted, start=1):
        cancel.check()
        media = timeline.media_of(item)
        if media is not None and media.path is not None and media.path.is_file():
            made[key] = _write_file(item, media, timeline, folder)
        report(done / len(wanted))
    return made


def _write_file(item: Item, media: Media, timeline: Timeline, folder: Path) -> PlacedFile:
    assert media.path is not None
    if item.gain_db or item.levels or item.fade_in or item.fade_out:
        return _write_levelled(item, media, timeline, folder)
    whole = (item.source, item.length) == (0, media.length)
    mark = _hash_file(media.path, f"{item.source}:{item.length}")
    clip = f"{item.name}-{mark}"
    path = folder / f"{clip if whole else f'{clip}-{WHOLE}'}.wav"
    if not path.is_file():
        _link_or_copy(media.path, path)
    return PlacedFile(clip, path, item.source, item.length, media.channels, whole, muted=not item.enabled)


def _write_levelled(item: Item, media: Media, timeline: Timeline, folder: Path) -> PlacedFile:
    """Write the clip's sound at its level: PTSL has no call for gain or fades. Such a file has no handles."""
    assert media.path is not None
    levels = tuple(GainPoint(level.at, level.gain_db) for level in item.levels)
    edit = ClipEdit(gain_db=item.gain_db, fade_in=item.fade_in, fade_out=item.fade_out, levels=levels)
    mixed = MixItem(item.line or "", media.path, item.start, item.end, edit)
    clip = f"{item.name}-{_hash_file(media.path, f'{item.source}:{item.length}:{edit}')}"
    path = folder / f"{clip}.wav"
    made = PlacedFile(clip, path, 0, item.length, media.channels, whole=True, muted=not item.enabled)
    if path.is_file():
        return made
    bext = Bext(description=item.name, time_reference=media.start + item.source)
    facts = build_ixml(take=item.name, line=item.line or "")
    with (
        WavReader(media.path) as reader,
        BwfWriter(path, timeline.sample_rate, media.channels, bext, facts, length=item.length) as out,
    ):
        for at in range(0, item.length, _BLOCK):
            block = reader.read_int(item.source + at, min(_BLOCK, item.length - at))
            out.write(apply_clip_levels(block, mixed, item.start + at))
    return made


def _hash_file(path: Path, more: str) -> str:
    found = hashlib.sha256(more.encode())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()[:10]


def _link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the disk has no links. A take is never written into."""
    with suppress(OSError):
        os.link(source, target)
        return
    make_atomically(target, lambda path: shutil.copyfile(source, path))
