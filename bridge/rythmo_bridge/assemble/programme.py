"""Reads a timeline as a programme to dub: finds its media, plans its sound, and keeps both in the project.

The core calls `look` and `reopen` through the entry-point group `rythmo.assemble`. `reopen` returns what a
project was made from, even if the timeline was edited or its media went offline in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import msgspec

from rythmo.counts import format_count
from rythmo.errors import MissingMediaError, TimelineError, UsageError
from rythmo.files import make_printable, write_atomically
from rythmo.media.decode import choose_stream
from rythmo.media.media_info import MediaInfo
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.project.workspace import hash_values
from rythmo.script.model import Programme
from rythmo.script.store import encode_json, from_builtin
from rythmo.settings import TimelineSettings
from rythmo.timebase import SAMPLE_RATE, format_timecode, snap_rate, time_reference
from rythmo_bridge.assemble.media_search import FoundMedia, MediaFinder, MissingMedia
from rythmo_bridge.assemble.shots import cut_positions
from rythmo_bridge.assemble.sound_plan import (
    FileSound,
    SoundPlan,
    audible_clips,
    every_clip,
    mix_width,
    place_in_file,
    plan_sound,
)
from rythmo_bridge.assemble.sound_render import render_sound
from rythmo_bridge.assemble.track_roles import Use, Uses, sound_uses
from rythmo_bridge.formats.edl.reader import read_at
from rythmo_bridge.formats.registry import read_timeline, timeline_suffixes
from rythmo_bridge.timeline import Item, Kind, Media, Timeline

VERSION = 1
FILE = "timeline.json"
MIX, DIALOGUE, ME = "mix", "dialogue", "me"
_MOST_NAMED = 3
_MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Assembly:
    """A timeline with its media found. Source positions in `timeline` count in the files on this disk.

    `plans` holds the whole mix and, where they are separate, dialogue and M&E. `made` is the key of the
    rendered sound, once there is one.
    """

    path: Path
    timeline: Timeline
    files: Mapping[str, MediaInfo]
    uses: Uses
    plans: Mapping[str, SoundPlan]
    channels: int
    notes: tuple[str, ...] = ()
    made: str = ""
    version: int = VERSION

    @property
    def programme(self) -> Programme:
        """Return what the script stores about the programme."""
        timeline = self.timeline
        return Programme(
            name=self.path.stem,
            source=str(self.path.resolve()),
            length=timeline.length,
            sample_rate=SAMPLE_RATE,
            channels=self.channels,
            frame_rate=timeline.frame_rate,
            start_frame=timeline.start_frame,
            drop=timeline.drop,
            size=timeline.size,
        )

    @property
    def apart(self) -> bool:
        """Whether dialogue and M&E are already on separate tracks."""
        return self.uses.known

    @property
    def cuts(self) -> tuple[int, ...]:
        """Return the cuts of the picture, in samples."""
        return cut_positions(self.timeline)

    @property
    def media(self) -> tuple[Path, ...]:
        """Return the media files that it uses, in order of their paths."""
        return tuple(sorted({info.path for info in self.files.values()}))

    def key(self, digest_file: Callable[[Path], str]) -> str:
        """Return a hash of everything that the sound is made of."""
        if self.made:
            return self.made
        used = sorted({part.media for plan in self.plans.values() for part in plan.parts})
        contents = [digest_file(self.files[media].path) for media in used]
        return hash_values("assemble", VERSION, self.plans, used, contents)

    def render(
        self, what: str, target: Path, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> None:
        """Write the sound of one plan; dialogue is written in one channel.

        Raises:
            MissingMediaError: Media that was found before is gone.
        """
        plan = self.plans[what]
        gone = {self.files[part.media].path for part in plan.parts}
        require_there(self.path, {path: () for path in gone if not path.is_file()})
        timeline = self.timeline
        render_sound(
            plan,
            self.files,
            target,
            mono=what == DIALOGUE,
            time_reference=time_reference(timeline.start_frame, timeline.frame_rate),
            description=f"{what} of {self.path.name}",
            report=report,
            cancel=cancel,
        )

    def save(self, project: Path, key: str) -> None:
        """Keep the assembly in the project.

        Raises:
            OutputError: It cannot be written.
        """
        write_atomically(project / FILE, encode_json(replace(self, made=key)))


def look(path: Path, settings: TimelineSettings) -> Assembly | None:
    """Read the timeline at `path` and find all media that is heard; None if the name is not a timeline's.

    Raises:
        TimelineError: The file cannot be read, or has no sound.
        MissingMediaError: Media is missing; lists every path that was tried.
        UsageError: A named track does not exist.
    """
    if path.suffix.lower() not in timeline_suffixes():
        return None
    finder = MediaFinder(path.absolute().parent, tuple(Path(each) for each in settings.media_dirs))
    timeline, counted = _read(path, settings, finder)
    if timeline.length <= 0:
        raise TimelineError(f"{make_printable(path)} holds no clips.", hint="Export the timeline again.")
    chosen = sound_uses(timeline, _names(settings.dialogue_tracks), _names(settings.me_tracks))
    if not any(media is not None or item.kind == "clip" for item, media in _clips(timeline, Kind.AUDIO)):
        raise TimelineError(
            f"{make_printable(path)} has no sound to dub: it has no sound clips, or all are disabled.",
            hint="Enable the tracks with the original sound, or include them in the export.",
        )
    found, missing = _find_sounding_media(timeline, finder)
    if missing:
        raise _missing_media_error(path, timeline, missing, len(found) + len(missing))
    pictures, unseen = _find_pictures(timeline, finder, found)
    found = {**found, **pictures}
    linked = relink_media(timeline, found)
    files = {media: each.info for media, each in found.items()}
    notes = (*timeline.notes, *counted, *_notes(found, unseen), *chosen.notes)
    return _plan_sounds(path, linked, files, chosen, notes)


def reopen(project: Path) -> Assembly | None:
    """Return what a project was made from; None if that is a media file.

    Raises:
        TimelineError: What the project keeps is damaged.
    """
    path = project / FILE
    if not path.is_file():
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Assembly, dec_hook=_from_builtin)
    except (msgspec.MsgspecError, OSError) as error:
        raise TimelineError(
            f"{make_printable(path)} is damaged: {error}.", hint="Dub the timeline again."
        ) from error
    if found.version > VERSION:
        raise TimelineError(f"{make_printable(path)} was written by a newer Rythmo.", hint="Update Rythmo.")
    return found


def relink_media(timeline: Timeline, found: Mapping[str, FoundMedia]) -> Timeline:
    """Return the timeline with the paths, lengths and timecode of the files found; clips count from there."""
    sounds = {media: file_sound(each.info) for media, each in found.items()}
    frame = round(timeline.sample_rate / timeline.frame_rate)

    def item(each: Item, media: Mapping[str, Media]) -> Item:
        if each.nested is not None:
            inner = replace(each.nested, media={**media, **each.nested.media})
            return replace(each, nested=relink_media(inner, found))
        if each.media not in sounds:
            return each
        source = place_in_file(each, media[each.media], sounds[each.media], frame)
        return replace(each, source=source)

    tracks = tuple(
        replace(track, items=tuple(item(each, timeline.media) for each in track.items))
        for track in timeline.tracks
    )
    media = {
        key: _media_on_disk(each, found[key]) if key in found else each
        for key, each in timeline.media.items()
    }
    return replace(timeline, tracks=tracks, media=media)


def file_sound(info: MediaInfo) -> FileSound:
    """Return what the sound plan needs to know of a file."""
    streams = tuple((stream.index, stream.channels) for stream in info.audio)
    default = choose_stream(info).index if info.audio else -1
    return FileSound(streams, default, info.duration, info.time_reference)


def require_there(path: Path, gone: Mapping[Path, tuple[str, ...]]) -> None:
    """Raise MissingMediaError if files that a stored timeline needs are gone."""
    if gone:
        names = sorted(make_printable(each) for each in gone)
        raise MissingMediaError(
            f"Media of {make_printable(path)} is gone: {', '.join(names[:_MOST_NAMED])}.",
            hint="Restore it, or dub the timeline again with --media-dir DIR.",
            missing=tuple(names),
        )


def _plan_sounds(
    path: Path, timeline: Timeline, files: Mapping[str, MediaInfo], chosen: Uses, notes: tuple[str, ...]
) -> Assembly:
    sounds = {media: file_sound(info) for media, info in files.items()}
    channels = mix_width(timeline, sounds)

    def of(use: Use) -> SoundPlan:
        return plan_sound(timeline, sounds, lambda track, place: chosen.of[track][place] is use, channels)

    if chosen.known:
        # The mix is what people hear before the dub, and a track that is a mix of the others would double it.
        whole = plan_sound(
            timeline, sounds, lambda track, place: chosen.of[track][place] is not Use.MIX, channels
        )
        plans = {MIX: whole, DIALOGUE: of(Use.DIALOGUE), ME: of(Use.ME)}
    else:
        plans = {MIX: plan_sound(timeline, sounds, every_clip, channels)}
    summary = _summarize_notes(plans[MIX].notes)
    return Assembly(path, timeline, files, chosen, plans, channels, (*notes, *summary))


def _summarize_notes(notes: tuple[str, ...]) -> tuple[str, ...]:
    more = len(notes) - _MOST_TOLD
    return (
        notes
        if more <= 0
        else (*notes[:_MOST_TOLD], f"... and {format_count(more, 'more clip')} with such notes.")
    )


def _read(path: Path, settings: TimelineSettings, finder: MediaFinder) -> tuple[Timeline, tuple[str, ...]]:
    """Read the timeline; an EDL at the user's rate, else at that of the pictures it names."""
    rate = settings.rate
    if path.suffix.lower() != ".edl" or not path.is_file() or settings.sequence:
        if rate:
            raise UsageError(
                "--rate is for EDLs; other formats contain their frame rate.", hint="Leave it out."
            )
        return read_timeline(path, settings.sequence), ()
    if rate:
        return read_at(path, snap_rate(rate), None), ()
    timeline = read_timeline(path)
    found = (finder.find(media) for media in timeline.media.values())
    seen = {each.info.frame_rate for each in found if isinstance(each, FoundMedia) and each.info.video}
    if len(seen) == 1:
        return read_at(path, seen.pop(), None), ()
    shown_rate = f"{float(timeline.frame_rate):.3f}".rstrip("0").rstrip(".")
    return timeline, (f"An EDL holds no frame rate: {shown_rate} was inferred. Set another with --rate.",)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _media_on_disk(media: Media, found: FoundMedia) -> Media:
    info = found.info
    return replace(
        media,
        path=found.path,
        length=info.duration,
        start=media.start if info.time_reference is None else info.time_reference,
        start_told=True,
        channels=sum(stream.channels for stream in info.audio),
        sample_rate=choose_stream(info).rate if info.audio else None,
        frame_rate=info.video.frame_rate if info.video else None,
        size=(info.video.width, info.video.height) if info.video else None,
        candidates=(),
    )


def _clips(timeline: Timeline, kind: Kind) -> Iterator[tuple[Item, Media | None]]:
    """Yield the clips that are heard or seen, nested ones included, with their media."""
    tracks = timeline.tracks_of(kind)
    if kind is Kind.AUDIO:
        items = [item for _, _, _, item in audible_clips(timeline)]
    else:
        items = [item for track in tracks if track.enabled for item in track.items if item.enabled]
    for item in items:
        if item.nested is not None:
            yield from _clips(replace(item.nested, media={**timeline.media, **item.nested.media}), kind)
        else:
            yield item, timeline.media_of(item)


def _find_sounding_media(
    timeline: Timeline, finder: MediaFinder
) -> tuple[dict[str, FoundMedia], list[MissingMedia]]:
    """Find the media of everything that is heard; return it, and what is missing."""
    spans: dict[str, list[tuple[int, int]]] = {}
    media: dict[str, Media] = {}
    missing: dict[str, MissingMedia] = {}
    for item, each in _clips(timeline, Kind.AUDIO):
        if each is not None:
            media[each.id] = each
            spans.setdefault(each.id, []).append((item.source, round(item.length * abs(item.speed))))
        elif item.kind == "clip":
            missing.setdefault(item.name, MissingMedia(make_printable(item.name or "An unnamed clip"), ()))
    found: dict[str, FoundMedia] = {}
    for key, each in media.items():
        result = finder.find(each, spans[key])
        if isinstance(result, FoundMedia) and not result.info.audio:
            result = MissingMedia(
                make_printable(each.name), (), f"{make_printable(result.path)} has no sound."
            )
        if isinstance(result, FoundMedia):
            found[key] = result
        else:
            missing[key] = result
    return found, list(missing.values())


def _find_pictures(
    timeline: Timeline, finder: MediaFinder, found: Mapping[str, FoundMedia]
) -> tuple[dict[str, FoundMedia], list[MissingMedia]]:
    """Find the media of the picture that is not found yet. What is missing only prevents a film."""
    more: dict[str, FoundMedia] = {}
    missing: dict[str, MissingMedia] = {}
    for _, media in _clips(timeline, Kind.VIDEO):
        if media is None or media.id in found or media.id in more or media.id in missing:
            continue
        result = finder.find(media)
        if isinstance(result, FoundMedia):
            more[media.id] = result
        else:
            missing[media.id] = result
    return more, list(missing.values())


def _missing_media_error(
    path: Path, timeline: Timeline, missing: list[MissingMedia], total: int
) -> MissingMediaError:
    names = [each.name for each in missing]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    start = format_timecode(timeline.start_frame, timeline.frame_rate, drop=timeline.drop)
    hint = "Give their folder with --media-dir DIR; repeat the option for more folders."
    if path.suffix.lower() == ".otioz":
        hint = (
            "If the bundle contains its media, unpack it (it is a zip file) and dub its content.otio. " + hint
        )
    return MissingMediaError(
        f"{make_printable(path)} ({make_printable(timeline.name)}, from {start}) cannot be heard: "
        f"{len(missing)} of {format_count(total, 'media file is', 'media files are')}"
        f" missing ({', '.join(names[:_MOST_NAMED])}{more}).",
        hint=hint,
        missing=tuple(str(each) for each in missing),
    )


def _notes(found: Mapping[str, FoundMedia], unseen: list[MissingMedia]) -> Iterator[str]:
    moved = [each.path for each in found.values() if each.moved]
    if moved:
        names = ", ".join(make_printable(path) for path in moved[:_MOST_NAMED])
        more = f" and {len(moved) - _MOST_NAMED} more" if len(moved) > _MOST_NAMED else ""
        yield f"Found elsewhere than in the timeline: {names}{more}."
    if unseen:
        names = ", ".join(each.name for each in unseen[:_MOST_NAMED])
        yield f"The picture of {format_count(len(unseen), 'file')} is missing ({names}): no film can be made."


def _from_builtin(kind: type, value: Any) -> Any:
    if issubclass(kind, PurePath):
        return kind(value)
    return from_builtin(kind, value)
