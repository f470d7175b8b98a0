"""Makes a timeline of a dubbed script: a track for each speaker, the M&E, the original, subtitles and
markers.

The only disk access is to the headers of takes and stems, for their lengths and time references.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rythmo.media.riff import read_header
from rythmo.project_paths import find_home, path_in
from rythmo.script.loop_numbers import LoopPlan
from rythmo.script.model import Line, Script, Severity, Speaker, shift_words
from rythmo.script.takes import Placement
from rythmo.timebase import frames_to_samples, time_reference
from rythmo_bridge.colours import SPEAKER_PALETTE, Colour, nearest_colour
from rythmo_bridge.subtitles.conventions import Conventions, cues_of
from rythmo_bridge.subtitles.cues import Subtitles
from rythmo_bridge.timeline import DialogueEntry, Item, Kind, Level, Marker, Media, Role, Timeline, Track

__all__ = ["ProgrammeSource", "Timeline", "script_timeline"]

_SEVERITY_COLOURS = {Severity.INFO: Colour.BLUE, Severity.WARNING: Colour.YELLOW, Severity.ERROR: Colour.RED}
_ORIGINAL_LINK = "original"
COMMENT = "comment"
"""Names the markers of open comments, after the line's id."""


@dataclass(frozen=True, slots=True)
class ProgrammeSource:
    """What is known of the programme's own media; `length` is in samples at the project's rate."""

    path: Path
    length: int
    channels: int = 0
    sample_rate: int | None = None
    frame_rate: Fraction | None = None
    size: tuple[int, int] | None = None


def script_timeline(
    script: Script,
    project: Path,
    source: ProgrammeSource | None = None,
    *,
    conventions: Conventions | None = None,
    loops: LoopPlan | None = None,
) -> Timeline:
    """Return the timeline of a script whose files are in the folder `project`, with the recording loops of
    `loops`.

    Lines without a chosen take have no item. A take's placed sound (stretched and levelled by the mix, in
    `takes/placed/`) is used if it exists, else the take itself.

    Raises:
        MediaError: A file exists but cannot be read.
    """
    programme = script.programme
    rate = programme.rate
    origin = time_reference(programme.start_frame, rate, programme.sample_rate)
    files = _Files(project, programme.sample_rate, origin)
    dubbed = _speaker_tracks(script, files, _language_mark(script, project))
    stem = _stem_track("M&E", Role.ME, files, "stems/ME.wav", programme.length)
    media_start = (
        programme.start_frame if programme.media_start_frame is None else programme.media_start_frame
    )
    begins = time_reference(media_start, rate, programme.sample_rate)
    picture, sound = _original_tracks(source, files, programme.length, begins, drop=programme.drop)
    mix = files.add("stems/MIX.wav")
    rules = conventions or Conventions()
    return Timeline(
        name=f"{programme.name}{_language_mark(script, project)}",
        frame_rate=rate,
        length=programme.length,
        sample_rate=programme.sample_rate,
        start_frame=programme.start_frame,
        drop=programme.drop,
        language=script.target_language,
        size=source.size if source else None,
        tracks=(*picture, *dubbed, *stem, *sound),
        media=dict(files.media),
        subtitles=tuple(
            Subtitles(language, cues_of(script, rules, translated=translated))
            for language, translated in ((script.target_language, True), (script.source_language, False))
        ),
        dialogue=tuple(_dialogue(script, loops.find_numbers() if loops else {})),
        loops=loops.loops if loops else (),
        source_language=script.source_language,
        markers=tuple(_markers(script)),
        print_master=mix.id if mix else None,
    )


class _Files:
    """Collects the media of one timeline. Each file is opened once."""

    def __init__(self, project: Path, rate: int, origin: int) -> None:
        self.media: dict[str, Media] = {}
        self.project = project.absolute()
        self.rate = rate
        self.origin = origin

    def add(self, relative: str) -> Media | None:
        """Return the media at a path relative to the project; None if there is no such file."""
        if relative not in self.media:
            path = path_in(self.project, relative)
            try:
                facts = read_header(path)
            except FileNotFoundError:
                return None
            # Without a bext chunk, a host counts the file from zero.
            start = (facts.time_reference or 0) * self.rate // facts.rate
            length = facts.length * self.rate // facts.rate
            self.media[relative] = Media(relative, path.name, path, length, start, facts.channels, facts.rate)
        return self.media[relative]

    def missing(self, relative: str, length: int) -> Media:
        """Return a file that does not exist yet, so that the timeline still says where it belongs."""
        path = path_in(self.project, relative)
        self.media[relative] = Media(relative, path.name, path, length, 0, 1, self.rate)
        return self.media[relative]


def _language_mark(script: Script, project: Path) -> str:
    """Return what tells the timelines and tracks of a further language from those of the first one."""
    return "" if find_home(project) == project else f" {script.target_language}"


def _speaker_tracks(script: Script, files: _Files, mark: str) -> list[Track]:
    tracks = []
    for index, speaker in enumerate(script.speakers):
        colour = nearest_colour(speaker.colour, SPEAKER_PALETTE[index % len(SPEAKER_PALETTE)])
        lines = [line for line in script.lines if line.speaker == speaker.id and line.take and line.placement]
        items = [_take_item(line, files, colour) for line in lines]
        tracks += [
            _speaker_track(speaker, f"{speaker.name}{mark}", lane, colour, placed)
            for lane, placed in enumerate(_lanes(items), start=1)
        ]
    return tracks


def _speaker_track(speaker: Speaker, title: str, lane: int, colour: Colour, items: tuple[Item, ...]) -> Track:
    name = f"DX {title}" if lane == 1 else f"DX {title} ({lane})"
    return Track(name, Kind.AUDIO, Role.DIALOGUE, channels=1, colour=colour, speaker=speaker.id, items=items)


def _take_item(line: Line, files: _Files, colour: Colour) -> Item:
    take, placement = line.take, line.placement
    assert take is not None
    assert placement is not None
    placed = files.add(f"takes/placed/{Path(take.file).name}")
    media = placed or files.add(take.file) or files.missing(take.file, take.length)
    start, end = line.heard_range or (placement.start, placement.end)
    source = line.clip.head + (_handle(placed, placement, files.origin) if placed else 0)
    wanted = max(1, end - start)
    return Item(
        name=Path(take.file).stem,
        start=start,
        # An unplaced take may be longer or shorter than its range; a clip never runs past its media.
        length=min(wanted, max(1, media.length - source)) if media.length else wanted,
        media=media.id,
        source=source,
        line=line.id,
        enabled=not line.clip.muted,
        gain_db=round(line.clip.gain_db + (0.0 if placed else placement.gain_db), 2),
        fade_in=line.clip.fade_in,
        fade_out=line.clip.fade_out,
        levels=tuple(Level(point.at, point.gain_db) for point in line.clip.levels),
        colour=colour,
        metadata={
            "take_id": take.id,
            "speaker": line.speaker,
            "text": line.text,
            "translation": line.translation,
            "voice": str(take.kind),
            **_describe_picture(line),
        },
    )


def _describe_picture(line: Line) -> dict[str, str]:
    """Return what the picture shows of the speaker, for a clip's metadata; empty where nobody looked."""
    seen = line.on_screen
    if seen is None:
        return {}
    found = {"on_screen": seen.presence.value, "face": seen.face, "lips": " ".join(seen.limits)}
    return {name: value for name, value in found.items() if value}


def _handle(placed: Media, placement: Placement, origin: int) -> int:
    """Return the length of a placed file's handle, which its TimeReference gives."""
    handle = origin + placement.start - placed.start
    return handle if handle > 0 and placed.length == placement.end - placement.start + 2 * handle else 0


def _lanes(items: Iterable[Item]) -> list[tuple[Item, ...]]:
    """Spread items so that none overlap: hosts drop the later of two that do."""
    lanes: list[list[Item]] = [[]]
    for item in sorted(items, key=lambda i: (i.start, i.name)):
        for lane in lanes:
            if not lane or lane[-1].end <= item.start:
                lane.append(item)
                break
        else:
            lanes.append([item])
    return [tuple(lane) for lane in lanes]


def _stem_track(name: str, role: Role, files: _Files, relative: str, length: int) -> list[Track]:
    media = files.add(relative)
    if media is None:
        return []
    item = Item(media.name.removesuffix(".wav"), 0, min(length, media.length), media.id)
    return [Track(name, Kind.AUDIO, role, channels=media.channels, items=(item,))]


def _original_tracks(
    source: ProgrammeSource | None, files: _Files, length: int, begins: int, *, drop: bool
) -> tuple[list[Track], list[Track]]:
    if source is None:
        return [], []
    media = Media(
        id="source",
        name=source.path.name,
        path=source.path.absolute(),
        length=source.length,
        start=begins,
        channels=source.channels,
        sample_rate=source.sample_rate,
        frame_rate=source.frame_rate,
        size=source.size,
        drop=drop,
    )
    files.media[media.id] = media
    link = _ORIGINAL_LINK if source.channels and media.has_picture else None
    item = Item(source.path.stem, 0, min(length, source.length), media.id, link=link)
    picture = [Track("Picture", Kind.VIDEO, Role.PICTURE, items=(item,))] if media.has_picture else []
    sound = (
        [
            Track(
                "Original",
                Kind.AUDIO,
                Role.ORIGINAL,
                enabled=False,
                channels=source.channels,
                items=(_mute_item(item),),
            )
        ]
        if source.channels
        else []
    )
    return picture, sound


def _mute_item(item: Item) -> Item:
    """Disable an item. Hosts differ in whether they read a track's or a clip's state, so both carry it."""
    return Item(item.name, item.start, item.length, item.media, enabled=False, link=item.link)


def _dialogue(script: Script, loops: Mapping[str, str]) -> Iterable[DialogueEntry]:
    names = {speaker.id: speaker.name for speaker in script.speakers}
    for line in script.lines:
        placed = line.placement
        start, end = line.heard_range or (line.start, line.end)
        yield DialogueEntry(
            line=line.id,
            speaker=names.get(line.speaker, line.speaker),
            start=start,
            end=end,
            text=line.text,
            translation=line.translation,
            take=Path(line.take.file).stem if line.take else "",
            voice=line.take.kind if line.take else "",
            speed=placed.speed if placed else 1.0,
            status=line.status.value,
            notes=tuple(flag.message for flag in line.flags),
            speaker_id=line.speaker,
            loop=loops.get(line.id, ""),
            direction=line.direction,
            spoken=(line.start, line.end),
            words=shift_words(line.words, line.start - line.original_range[0]),
            phrases=tuple((piece.start, piece.end) for piece in placed.pieces) if placed else (),
            recorded=line.take.text if line.take else "",
            engine=line.take.engine if line.take else "",
            on_screen=line.on_screen.code if line.on_screen else "",
            language=line.language,
        )


def _markers(script: Script) -> Iterable[Marker]:
    one_frame = frames_to_samples(1, script.programme.rate, script.programme.sample_rate)
    for line in script.lines:
        start, _ = line.heard_range or (line.start, line.end)
        for flag in line.flags:
            yield Marker(
                start=start,
                name=f"{line.id} {flag.code}",
                note=flag.message,
                length=one_frame,
                colour=_SEVERITY_COLOURS[flag.severity],
                severity=flag.severity,
                line=line.id,
            )
        for comment in line.open_comments:
            yield Marker(
                start=start,
                name=f"{line.id} {COMMENT}",
                note=f"{comment.author}: {comment.text}",
                length=one_frame,
                colour=Colour.PURPLE,
                line=line.id,
            )
    for remark in script.remarks:
        flag = remark.flag
        yield Marker(
            start=remark.position,
            name=flag.code,
            note=flag.message,
            # Speech without a line is marked over its whole length.
            length=max(one_frame, (remark.end or 0) - remark.position),
            colour=_SEVERITY_COLOURS[flag.severity],
            severity=flag.severity,
        )
