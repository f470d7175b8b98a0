"""Turn a media file or a timeline into the programme and its sound, decoded once, in programme time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rythmo import hooks, trust
from rythmo.errors import MediaError
from rythmo.hooks import TimelineProgramme
from rythmo.media.decode import choose_stream, extract_sound
from rythmo.media.media_info import MediaInfo
from rythmo.media.probe import probe
from rythmo.media.scenes import Chunk, find_cuts, plan_chunks
from rythmo.media.tracks import choose_track
from rythmo.project.workspace import Project, hash_values
from rythmo.script.model import Programme, Script
from rythmo.settings import TimelineSettings, TrackSettings
from rythmo.stages import existing_tracks
from rythmo.stages.context import Context
from rythmo.stages.existing_tracks import NOTHING, ExistingTracks
from rythmo.timebase import SAMPLE_RATE, Timecode, frames_to_samples, seconds_to_samples, time_reference

_BY_ITSELF = TimelineSettings()

VERSION = 1
"""Part of the keys of what this stage makes; raised when its results change."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """The programme, its sound (48 kHz, 24 bit, exactly the programme's length), and the chunks to work in.

    `key` is the hash of the sound, from which all later keys derive. `given` holds existing dialogue and M&E.
    """

    programme: Programme
    info: MediaInfo
    sound: Path
    key: str
    chunks: tuple[Chunk, ...]
    given: ExistingTracks = NOTHING
    notes: tuple[str, ...] = ()

    @property
    def background(self) -> Path:
        """The M&E outside dialogue: an existing M&E track, else the programme's own sound."""
        return self.given.me or self.sound


@dataclass(frozen=True, slots=True)
class TimelineInfo(MediaInfo):
    """The facts about a timeline, as for a media file, and the object that renders its sound."""

    assembly: TimelineProgramme | None = None


def probe_source(source: Path, settings: TimelineSettings = _BY_ITSELF) -> MediaInfo:
    """Probe the source, and find the media of a timeline. Writes nothing.

    Raises MediaError, TimelineError or MissingMediaError for a source that cannot be dubbed.
    """
    assembly = hooks.open_timeline(source, settings)
    if assembly is not None:
        return _facts(assembly)
    info = probe(source)
    if not info.audio:
        raise MediaError(f"{source} has no sound to dub.", hint="Choose a file with an audio track.")
    return info


def with_track(info: MediaInfo, tracks: TrackSettings, language: str) -> MediaInfo:
    """Return the source with the sound track to dub chosen, and notes for the user.

    Raises UsageError for a track that does not exist.
    """
    if isinstance(info, TimelineInfo):
        return info
    choice = choose_track(info, language, tracks.audio)
    notes = (choice.note, _rate_note(info))
    return replace(info, chosen=choice.stream.index, notes=tuple(note for note in notes if note))


def _rate_note(info: MediaInfo) -> str:
    if info.video is None or not info.video.variable_rate:
        return ""
    rate = float(info.video.frame_rate)
    return (
        f"The frames of {info.path.name} come at a variable rate, most of them at {rate:.6g} a second: the "
        f"timeline runs at {rate:.6g}. Sound and picture stay in step by their times."
    )


def reopen_source(script: Script, project: Project) -> MediaInfo:
    """Return the source of a project: its media file, or its timeline as it was when dubbed.

    Raises UntrustedError for media outside the project that the user has not allowed.
    """
    trust.require_media(project.root, script)
    assembly = hooks.reopen_timeline(project.home)
    if assembly is not None:
        return _facts(assembly)
    info, number = probe_source(Path(script.programme.source)), script.programme.sound_track
    if 0 < number <= len(info.audio):
        return replace(info, chosen=info.audio[number - 1].index)
    return info


def is_apart(info: MediaInfo) -> bool:
    """Tell whether the source has dialogue and M&E on separate tracks."""
    return isinstance(info, TimelineInfo) and info.assembly is not None and info.assembly.apart


def _facts(assembly: TimelineProgramme) -> TimelineInfo:
    programme = assembly.programme
    start = Timecode(programme.start_frame, programme.rate, programme.drop)
    reference = time_reference(programme.start_frame, programme.rate)
    return TimelineInfo(
        assembly.path, "timeline", programme.length, None, (), start, reference, assembly=assembly
    )


def programme_of(info: MediaInfo) -> Programme:
    """Return the facts about a source that the script keeps."""
    if isinstance(info, TimelineInfo) and info.assembly is not None:
        return info.assembly.programme
    start = info.start_timecode
    return Programme(
        name=info.path.stem,
        source=str(info.path.resolve()),
        length=info.duration,
        sample_rate=SAMPLE_RATE,
        channels=choose_stream(info).channels,
        frame_rate=info.video.frame_rate if info.video else None,
        start_frame=start.frame if start else 0,
        drop=start.drop if start else False,
        size=(info.video.width, info.video.height) if info.video else None,
        sound_track=info.audio.index(choose_stream(info)) + 1 if info.chosen is not None else 0,
    )


def run(info: MediaInfo, context: Context) -> Ingested:
    """Decode the sound once, find the cuts, and plan the chunks."""
    if isinstance(info, TimelineInfo) and info.assembly is not None:
        return _assembled(info, info.assembly, context)
    store = context.artefacts
    context.step("ingest", 0, 1, info.path.name)
    # The default track is left out of the key, so that older projects still find their sound in the cache.
    usual = choose_stream(replace(info, chosen=None)).index
    track = () if info.chosen in (None, usual) else (info.chosen,)
    key = hash_values("ingest", VERSION, store.source_digest(info.path), info.duration, SAMPLE_RATE, *track)
    sound = store.file(
        "ingest",
        key,
        ".wav",
        lambda path: extract_sound(info, path, report=context.report, cancel=context.cancel),
    )
    programme = programme_of(info)
    chunks = _chunks(info, programme, key, context)
    context.step("ingest", 1, 1, info.path.name)
    found = existing_tracks.run(context.settings.tracks, info, sound, programme, context)
    return Ingested(programme, info, sound, key, chunks, found, info.notes)


def _assembled(info: TimelineInfo, assembly: TimelineProgramme, context: Context) -> Ingested:
    """Ingest a timeline, whose cuts are known."""
    store, programme = context.artefacts, assembly.programme
    context.step("ingest", 0, 1, info.path.name)
    made = assembly.key(store.source_digest)
    key = hash_values("ingest", VERSION, made, info.duration, SAMPLE_RATE)

    def sound(what: str, folder: str) -> Path:
        def make(path: Path) -> None:
            report = context.part("ingest", 0, 1, f"{what} of {info.path.name}")
            assembly.render(what, path, report=report, cancel=context.cancel)

        return store.file(folder, hash_values(key, what), ".wav", make)

    mix = sound("mix", "ingest")
    if existing_tracks.roles_with_track(context.settings.tracks):
        parts = existing_tracks.run(context.settings.tracks, info, mix, programme, context)
    elif assembly.apart:
        parts = ExistingTracks(
            sound("dialogue", "given"), sound("me", "given"), key=hash_values("apart", key)
        )
    else:
        parts = NOTHING
    assembly.save(context.project.home, made)
    trust.save_permissions(context.project.home, timeline=trust.hash_timeline(context.project.home))
    scenes = context.settings.scenes
    limit, overlap = seconds_to_samples(scenes.chunk_seconds), seconds_to_samples(scenes.overlap_seconds)
    chunks = plan_chunks(programme.length, assembly.cuts, limit=limit, overlap=overlap)
    context.step("ingest", 1, 1, info.path.name)
    return Ingested(programme, info, mix, key, chunks, parts, assembly.notes)


def _chunks(info: MediaInfo, programme: Programme, key: str, context: Context) -> tuple[Chunk, ...]:
    scenes = context.settings.scenes
    limit = seconds_to_samples(scenes.chunk_seconds)
    overlap = seconds_to_samples(scenes.overlap_seconds)
    if programme.length <= limit or info.video is None:
        return plan_chunks(programme.length, (), limit=limit, overlap=overlap)
    frames = _find_cut_frames(info, key, context)
    borders = tuple(frames_to_samples(frame, programme.rate) for frame in frames)
    return plan_chunks(programme.length, borders, limit=limit, overlap=overlap)


def find_cut_frames(ingested: Ingested, context: Context) -> tuple[int, ...]:
    """Return the frames of a film that begin a new scene, found once and kept."""
    return _find_cut_frames(ingested.info, ingested.key, context)


def _find_cut_frames(info: MediaInfo, key: str, context: Context) -> tuple[int, ...]:
    return context.artefacts.value(
        "cuts",
        hash_values("cuts", VERSION, key),
        tuple[int, ...],
        lambda: find_cuts(info, report=context.report, cancel=context.cancel),
    )
