"""Write the WAV files that a host plays: one for each clip, exactly as long as the clip.

A host caches what it knows about a file (length, waveform), so a file name must never get new content: each
name ends with a hash of the sound. The host plays whole files and needs no in and out points. Some hosts
count those in a rate of their own: Resolve counts a WAV at 24 frames a second on any timeline.
The files carry no timecode. Only the timeline says where they play, so a moved clip keeps its file.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.media.bwf import Bext, BwfWriter, build_ixml
from rythmo.media.wav import WavReader
from rythmo.scratch import scratch_folder, sweep_scratch
from rythmo_bridge.formats.registry import writers
from rythmo_bridge.frame_grid import on_frames
from rythmo_bridge.timeline import Item, Media, Timeline
from rythmo_plugin.hosts.reports import HostTimeline
from rythmo_plugin.hosts.wanted_layout import Layout, count_in_host_frames, make_layout, own_tracks

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class HostFiles:
    """The wanted layout, the folder of its files, and the timeline in the host's frames that plays them."""

    layout: Layout
    folder: Path
    delivery: Timeline


def host_folder(project: Path, language: str) -> Path:
    """Return the folder of the WAV files that hosts play. Timeline readers recognise takes by its name."""
    return project / "deliver" / language / "host" / "media"


def write_host_files(delivery: Timeline, host: HostTimeline, project: Path) -> HostFiles:
    """Write the files that do not exist yet, and return them with the layout they belong to.

    Raises OutputError when a file cannot be written, MediaError when a take or stem is damaged.
    """
    folder = host_folder(project, delivery.language)
    folder.mkdir(parents=True, exist_ok=True)
    sweep_scratch(folder)
    # Beside the files that are made of it, so that they are renamed, not copied.
    with scratch_folder("frames", folder) as scratch:
        framed = on_frames(count_in_host_frames(delivery, host), scratch)
        made = dict(_write_clips(framed, folder))
    subtitles = _write_subtitles(framed, folder.parent)
    return HostFiles(make_layout(framed, made, subtitles), folder, _play_host_files(framed, made))


def write_timeline(files: HostFiles, others: Timeline | None, name: str, form: str) -> Path:
    """Write a timeline that the host imports when it cannot place the clips.

    It holds the editor's own tracks (`others`, as exported) with their sound switched off, then Rythmo's
    tracks. `form` is the name of a delivery format. Raises OutputError.
    """
    delivery = files.delivery
    if others is not None:
        theirs = tuple(replace(track, enabled=track.kind != "audio") for track in others.tracks)
        brought = (replace(media, id=f"editor/{key}") for key, media in others.media.items())
        media = {**{each.id: each for each in brought}, **delivery.media}
        theirs = tuple(
            replace(
                track,
                items=tuple(
                    replace(item, media=f"editor/{item.media}" if item.media in others.media else None)
                    for item in track.items
                ),
            )
            for track in theirs
        )
        length = max(delivery.length, others.length)
        delivery = replace(
            delivery, name=name, length=length, tracks=(*theirs, *own_tracks(delivery)), media=media
        )
    ((chosen, write),) = writers([form])
    return write(delivery, files.folder.parent / f"timeline{chosen.suffix}")[0]


def _write_clips(framed: Timeline, folder: Path) -> Iterator[tuple[tuple[int, int], Path]]:
    for number, track in enumerate(own_tracks(framed)):
        for place, item in enumerate(track.items):
            media = framed.media_of(item)
            if media is not None and media.path is not None and media.path.is_file():
                yield (number, place), _clip_file(framed, item, media, folder)


def _clip_file(framed: Timeline, item: Item, media: Media, folder: Path) -> Path:
    """Write the item's sound to a file of its own, named after the item and a hash of the sound."""
    assert media.path is not None
    frames = framed.frame(item.end) - framed.frame(item.start)
    whole = math.ceil(frames * framed.sample_rate / framed.frame_rate)
    with WavReader(media.path) as reader:
        count = min(whole, reader.length - item.source)
        found = hashlib.sha256(f"{reader.channels}:{framed.sample_rate}:{count}".encode())
        for block in _blocks(reader, item.source, count):
            found.update(np.ascontiguousarray(block).tobytes())
        path = folder / f"{item.name}-{found.hexdigest()[:10]}.wav"
        if path.is_file():
            return path
        facts = build_ixml(take=item.name, line=item.line or "")
        bext = Bext(description=item.name)
        with BwfWriter(path, framed.sample_rate, reader.channels, bext, facts, length=count) as out:
            for block in _blocks(reader, item.source, count):
                out.write(block)
    return path


def _blocks(reader: WavReader, start: int, count: int) -> Iterator[NDArray[np.int32]]:
    for at in range(start, start + count, _BLOCK):
        yield reader.read_int(at, min(_BLOCK, start + count - at))


def _write_subtitles(framed: Timeline, folder: Path) -> Path | None:
    """Write the target language's subtitles. The name holds a hash, because hosts cache what they read."""
    if not framed.subtitles or not framed.subtitles[0].cues:
        return None
    ((_, write),) = writers(["srt"])
    path = write(replace(framed, subtitles=framed.subtitles[:1]), folder / f"{framed.language}.srt")[0]
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    return path.replace(folder / f"{framed.language}-{mark}.srt")


def _play_host_files(framed: Timeline, made: dict[tuple[int, int], Path]) -> Timeline:
    """Return the timeline with its items playing the files in `made`."""
    media = dict(framed.media)
    tracks = {}
    for number, track in enumerate(own_tracks(framed)):
        items = []
        for place, item in enumerate(track.items):
            path = made.get((number, place))
            old = framed.media_of(item)
            if path is not None and old is not None:
                key = f"host/{path.name}"
                media[key] = replace(
                    old, id=key, name=path.name, path=path.absolute(), start=0, length=item.length
                )
                items.append(replace(item, media=key, source=0))
            else:
                items.append(item)
        tracks[id(track)] = replace(track, items=tuple(items))
    return replace(framed, tracks=tuple(tracks.get(id(t), t) for t in framed.tracks), media=media)
