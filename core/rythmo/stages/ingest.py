"""Ingest: a media file -> the programme and its sound, decoded once, in programme time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rythmo.errors import MediaError
from rythmo.media.decode import choose, extract
from rythmo.media.probe import MediaInfo, probe
from rythmo.media.scenes import Chunk, cuts, plan_chunks
from rythmo.script.model import Programme
from rythmo.stages import given
from rythmo.stages.context import Context
from rythmo.stages.given import NOTHING, Given
from rythmo.timebase import SAMPLE_RATE, frames_to_samples, seconds_to_samples
from rythmo.workspace import digest

VERSION = 1
"""Part of the keys of what this stage makes; raised when its results change."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """The programme, its sound (48 kHz, 24 bit, exactly the programme's length), and the chunks to work in.

    `key` is the hash of the sound, from which all later keys derive. `given` holds the dialogue and M&E that
    were there already.
    """

    programme: Programme
    info: MediaInfo
    sound: Path
    key: str
    chunks: tuple[Chunk, ...]
    given: Given = NOTHING

    @property
    def background(self) -> Path:
        """What the M&E is outside dialogue: the one that was given, else the programme's own sound."""
        return self.given.me or self.sound


def look(source: Path) -> MediaInfo:
    """Probe the source; raises MediaError for whatever cannot be dubbed. Writes nothing."""
    info = probe(source)
    if not info.audio:
        raise MediaError(f"{source} has no sound to dub.", hint="Choose a file with an audio track.")
    return info


def programme_of(info: MediaInfo) -> Programme:
    """The facts of a file that the script keeps."""
    start = info.start_timecode
    return Programme(
        name=info.path.stem,
        source=str(info.path.resolve()),
        length=info.duration,
        sample_rate=SAMPLE_RATE,
        channels=choose(info).channels,
        frame_rate=info.video.frame_rate if info.video else None,
        start_frame=start.frame if start else 0,
        drop=start.drop if start else False,
    )


def run(info: MediaInfo, context: Context) -> Ingested:
    """Decode the sound once, find the cuts, and plan the chunks."""
    store = context.project.artefacts
    context.step("ingest", 0, 1, info.path.name)
    key = digest("ingest", VERSION, store.source_digest(info.path), info.duration, SAMPLE_RATE)
    sound = store.file(
        "ingest",
        key,
        ".wav",
        lambda path: extract(info, path, report=context.report, cancel=context.cancel),
    )
    programme = programme_of(info)
    chunks = _chunks(info, programme, key, context)
    context.step("ingest", 1, 1, info.path.name)
    found = given.run(context.settings.tracks, info, sound, programme, context)
    return Ingested(programme, info, sound, key, chunks, found)


def _chunks(info: MediaInfo, programme: Programme, key: str, context: Context) -> tuple[Chunk, ...]:
    scenes = context.settings.scenes
    limit = seconds_to_samples(scenes.chunk_seconds)
    overlap = seconds_to_samples(scenes.overlap_seconds)
    if programme.length <= limit or info.video is None:
        return plan_chunks(programme.length, (), limit=limit, overlap=overlap)
    frames = context.project.artefacts.value(
        "cuts",
        digest("cuts", VERSION, key),
        tuple[int, ...],
        lambda: cuts(info, report=context.report, cancel=context.cancel),
    )
    borders = tuple(frames_to_samples(frame, programme.rate) for frame in frames)
    return plan_chunks(programme.length, borders, limit=limit, overlap=overlap)
