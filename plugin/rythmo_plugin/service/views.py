"""Turn core's values into the API's values. Pure, except that it reads facts of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import msgspec

from rythmo import settings_file, trust
from rythmo.engines.voice_offer import read_pace, read_pitch
from rythmo.errors import InputError
from rythmo.media.media_info import MediaInfo
from rythmo.project.kept_loops import find_loops
from rythmo.project.workspace import Project
from rythmo.qc.flag_counts import count_by_severity
from rythmo.qc.intake import list_uncovered_speech
from rythmo.qc.subtitle_norms import SubtitleNorms
from rythmo.script.line_structure import list_restorable
from rythmo.script.loops import LoopSettings
from rythmo.script.model import Line, Programme, Script, Severity, Speaker, Word
from rythmo.script.review_state import Comment
from rythmo.script.shared_original import find_out_of_date
from rythmo.script.slots import FitSettings, find_slots, find_some_slots
from rythmo.script.takes import Piece, Take, VoiceRef
from rythmo.script.voice_edits import VOICE
from rythmo.settings import Settings
from rythmo.stages.lips import load_lips
from rythmo_plugin.service import picture_proxy, schema
from rythmo_plugin.service.projects import OpenProject
from rythmo_plugin.service.signed_urls import UrlSigner

MEDIA = "/media"
PICTURE = "~picture"
POSTER = "~poster"
FACE = "~face-"
LIPS = "~lips-"
# Characters a second over the norm at which a line is marked red. Netflix: 17 for adults, 20 at most.
_RED_ABOVE = 3.0


def media_path(project: str, name: str) -> str:
    """Return the path at which a project's file is served."""
    return f"{MEDIA}/{project}/{name}"


class Views:
    """Makes the API's values of one service, with signed addresses."""

    def __init__(self, tickets: UrlSigner) -> None:
        self._tickets = tickets

    def media(self, project: str, name: str, file: Path | None = None) -> str:
        """Return a file's signed address, which changes when `file` changes."""
        try:
            version = format(file.stat().st_mtime_ns, "x") if file else ""
        except OSError:
            version = ""
        return self._tickets.address(media_path(project, name), version)

    def facts(self, open_: OpenProject) -> schema.ProjectFacts:
        """Return a project as it appears in the list."""
        script, _ = open_.look()
        return schema.ProjectFacts(
            id=open_.id,
            name=open_.project.name,
            root=str(open_.root),
            source=script.programme.source,
            source_language=script.source_language,
            target_language=script.target_language,
            duration=script.programme.length,
            lines=len(script.lines),
            flags=_flag_counts(script),
            updated=open_.project.script_file.stat().st_mtime,
            picture=script.programme.frame_rate is not None,
            languages=[folder.language for folder in open_.project.languages],
            poster=self._poster(open_, script),
        )

    def _poster(self, open_: OpenProject, script: Script) -> str | None:
        if script.programme.frame_rate is None or (source := open_.media(script)) is None:
            return None
        return self.media(open_.id, POSTER, source)

    def project(
        self,
        open_: OpenProject,
        settings: Settings,
        picture_job: str | None,
        languages: list[schema.ProjectLanguage],
    ) -> schema.Project:
        """Return a whole project, in one of its languages."""
        script, revision = open_.look()
        undo, redo = open_.able()
        programme = script.programme
        return schema.Project(
            id=open_.id,
            name=open_.project.name,
            root=str(open_.root),
            source=programme.source,
            source_language=script.source_language,
            target_language=script.target_language,
            duration=programme.length,
            flags=_flag_counts(script),
            updated=open_.project.script_file.stat().st_mtime,
            revision=revision,
            saved=True,
            programme=view_programme(programme, picture_proxy.probe_source(open_.media(script))),
            speakers=view_speakers(script),
            lines=self.lines(open_.id, script, settings.fit),
            loops=view_loops(open_, script, settings.loops),
            engines=dict(script.engines),
            dialogue=[(start, end) for start, end in script.dialogue],
            can_undo=undo,
            can_undo_conform=open_.can_undo_conform,
            can_redo=redo,
            stems=self._stems(open_, script),
            original=self.original(open_.id, open_.project),
            picture=self.picture(open_, script, picture_job),
            limits=view_limits(settings.fit),
            stale=open_.stale,
            asks=view_wishes(open_, script),
            uncovered=uncovered(script),
            removed=[
                schema.RemovedLine(
                    id=line.id, speaker=line.speaker, start=line.start, end=line.end, text=line.text
                )
                for line in list_restorable(script)
            ],
            languages=languages,
            out_of_date=list(find_out_of_date(script)),
            lips=_describe_lips(open_, script),
        )

    def lines(self, project: str, script: Script, fit: FitSettings) -> list[schema.Line]:
        """Return all lines, each with the end of its slot."""
        ends = find_slots(script.lines, script.programme.length, fit)
        rate = script.programme.sample_rate
        return [self.line(project, line, ends[line.id].end, rate) for line in script.lines]

    def some_lines(self, project: str, script: Script, ids: set[str], fit: FitSettings) -> list[schema.Line]:
        """Return the lines of these ids only: a film has two thousand, and an edit changes one."""
        ends = find_some_slots(script.lines, ids, script.programme.length, fit)
        rate = script.programme.sample_rate
        wanted = [line for line in script.lines if line.id in ids]
        return [self.line(project, line, ends[line.id].end, rate) for line in wanted]

    def line(self, project: str, line: Line, slot_end: int, rate: int) -> schema.Line:
        """Return one line."""
        place = line.placement
        prosody = msgspec.to_builtins(line.prosody) if line.prosody else None
        return schema.Line(
            id=line.id,
            speaker=line.speaker,
            start=line.start,
            end=line.end,
            slot_end=slot_end,
            text=line.text,
            translation=line.translation,
            direction=line.direction,
            status=line.status,
            flags=[schema.Flag(code=f.code, message=f.message, severity=f.severity) for f in line.flags],
            takes=[self.take(project, line, take) for take in line.takes],
            chosen=line.chosen,
            placement=schema.Placement(
                start=place.start,
                end=place.end,
                speed=round(place.speed, 4),
                gain_db=place.gain_db,
                reason=place.reason,
                pieces=[_piece(piece) for piece in place.pieces],
            )
            if place
            else None,
            edited=list(line.edited),
            locked=line.locked,
            review=line.review_state,
            comments=[view_comment(comment) for comment in line.comments],
            cps=_reading_speed(line, rate),
            layout=line.layout,
            prosody=prosody,
            on_screen=schema.OnScreen(
                presence=seen.presence,
                share=seen.share,
                face=seen.face,
                limits=list(seen.limits),
                sync=seen.sync,
                lag_ms=seen.lag_ms,
            )
            if (seen := line.on_screen)
            else None,
        )

    def take(self, project: str, line: Line, take: Take) -> schema.Take:
        """Return one take. Takes are never overwritten, so their address needs no version."""
        speed = line.placement.speed if line.placement and take.id == line.chosen else None
        return schema.Take(
            id=take.id,
            length=take.length,
            text=take.text,
            engine=take.engine,
            url=self.media(project, take.file),
            speed=speed,
            human=take.human,
            source=take.source,
            positioned=take.offset is not None,
        )

    def _stems(self, open_: OpenProject, script: Script) -> list[schema.Stem]:
        people = {speaker.id: speaker.name for speaker in script.speakers}
        found = []
        for path in sorted(open_.project.stems.glob("*.wav")):
            name = path.stem
            speaker = name.removeprefix("DX_") if name.startswith("DX_") else None
            titles = {"MIX": "Dubbed mix", "DX": "Dialogue", "ME": "Music and effects"}
            found.append(
                schema.Stem(
                    name=name,
                    title=titles.get(name, people.get(speaker or "", name)),
                    speaker=speaker,
                    url=self.media(open_.id, f"stems/{path.name}", path),
                    peaks=_peaks(open_.id, name),
                )
            )
        return found

    def original(self, project: str, folder: Project) -> schema.Sound:
        """Return the original sound, once it was decoded."""
        path = original_sound(folder)
        if path is None:
            return schema.Sound(url=None, peaks=None)
        name = path.relative_to(folder.home).as_posix()
        return schema.Sound(url=self.media(project, name, path), peaks=_peaks(project, "original"))

    def picture(self, open_: OpenProject, script: Script, job: str | None) -> schema.Picture | None:
        info = picture_proxy.probe_source(open_.media(script))
        if info is None or info.video is None:
            return None
        file = picture_file(open_, script)
        url = self.media(open_.id, PICTURE, file) if file else None
        return schema.Picture(url=url, codec=info.video.codec, playable=file is not None, job=job)


def _describe_lips(open_: OpenProject, script: Script) -> dict[str, str]:
    """Return what happened to the lips of each line; nothing where nobody made any."""
    found = load_lips(open_.project)
    if found is None:
        return {}
    told = {line.id: found.describe_line(line.id) for line in script.lines}
    return {line: text for line, text in told.items() if text}


def picture_file(open_: OpenProject, script: Script) -> Path | None:
    """Return the picture that a browser can play: the source or its copy. None if there is no such file."""
    source = open_.media(script)
    info = picture_proxy.probe_source(source)
    if source is None or info is None or info.video is None:
        return None
    if picture_proxy.is_playable(info):
        return source
    copy = picture_proxy.proxy_path(source, open_.project.home)
    return copy if copy.is_file() else None


def original_sound(folder: Project) -> Path | None:
    """Return the decoded sound of the programme, or None after the cache was cleared."""
    found = sorted((folder.artefacts.root / "ingest").glob("*.wav"), key=lambda path: path.stat().st_mtime_ns)
    return found[-1] if found else None


def view_word(word: Word) -> schema.Word:
    """Return one recognised word."""
    return schema.Word(text=word.text, start=word.start, end=word.end, confidence=word.confidence)


def view_comment(comment: Comment) -> schema.Comment:
    """Return one comment."""
    return schema.Comment(
        id=comment.id,
        author=comment.author,
        time=comment.time,
        text=comment.text,
        resolved=comment.resolved,
    )


def view_speakers(script: Script) -> list[schema.Speaker]:
    """Return the speakers with their numbers of lines."""
    counts = Counter(line.speaker for line in script.lines)
    return [view_speaker(one, counts) for one in script.speakers]


def view_speaker(one: Speaker, counts: Mapping[str, int]) -> schema.Speaker:
    """Return one speaker."""
    return schema.Speaker(
        id=one.id,
        name=one.name,
        colour=one.colour,
        voice=view_voice(one.voice, clone=bool(one.consent)) if one.voice else None,
        voice_chosen=VOICE in one.edited,
        voice_locked=one.voice_locked,
        lines=counts.get(one.id, 0),
    )


def view_voice(voice: VoiceRef, *, clone: bool = False) -> schema.Voice:
    """Return a voice with the pace and pitch that it is set to."""
    return schema.Voice(
        engine=voice.engine, id=voice.id, pace=read_pace(voice), pitch=read_pitch(voice), clone=clone
    )


def view_loops(open_: OpenProject, script: Script, settings: LoopSettings) -> list[schema.Loop]:
    """Return the recording loops. Where the kept numbers are damaged, there are none: a delivery says why."""
    try:
        plan = find_loops(open_.root, script, settings)
    except InputError:
        return []
    return [
        schema.Loop(
            number=loop.number,
            start=loop.start,
            end=loop.end,
            lines=list(loop.lines),
            speakers=list(loop.speakers),
        )
        for loop in plan.loops
    ]


def view_limits(fit: FitSettings) -> schema.Limits:
    """Return the limits of reading speed and stretching."""
    norm = SubtitleNorms().characters_per_second
    return schema.Limits(
        cps_amber=norm,
        cps_red=norm + _RED_ABOVE,
        speed_preferred=fit.preferred_speed,
        speed_hard=fit.hard_speed,
    )


def view_wishes(open_: OpenProject, script: Script) -> list[schema.Wish]:
    """Return the settings and media of the project that wait for the user's consent."""
    wishes = trust.find_undecided_settings(
        open_.root, settings_file.find_restricted_in_file(open_.root / "settings.toml")
    )
    media = trust.find_unapproved_media(open_.root, script)
    return [
        *(schema.Wish(name=wish.name, value=wish.printable_value, why=wish.why) for wish in wishes),
        *(schema.Wish(name="media", value=path, why="is played from outside the project") for path in media),
    ]


def uncovered(script: Script) -> list[schema.Uncovered]:
    """Return the speech that no line covers, in order of start."""
    return [
        schema.Uncovered(
            start=one.position,
            end=one.end or one.position,
            message=one.flag.message,
            words=one.flag.severity is not Severity.INFO,
        )
        for one in list_uncovered_speech(script)
    ]


def view_programme(programme: Programme, info: MediaInfo | None = None) -> schema.Programme:
    """Return the programme, with the size of its picture where its media is at hand."""
    size = schema.Size(width=info.video.width, height=info.video.height) if info and info.video else None
    return schema.Programme(
        name=programme.name,
        length=programme.length,
        sample_rate=programme.sample_rate,
        channels=programme.channels,
        frame_rate=_rate(programme.frame_rate) if programme.frame_rate else None,
        rate=_rate(programme.rate),
        start_frame=programme.start_frame,
        drop=programme.drop,
        picture=size,
    )


def _piece(piece: Piece) -> schema.Piece:
    return schema.Piece(
        source_start=piece.source_start, source_end=piece.source_end, start=piece.start, end=piece.end
    )


def _rate(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"


def _reading_speed(line: Line, rate: int) -> float:
    end = max(line.end, line.placement.end if line.placement else 0)
    return round(len(line.translation) * rate / max(1, end - line.start), 1)


def _flag_counts(script: Script) -> schema.FlagCounts:
    counts = count_by_severity(script)
    error, warning, info = (counts.get(one, 0) for one in (Severity.ERROR, Severity.WARNING, Severity.INFO))
    return schema.FlagCounts(error=error, warning=warning, info=info)


def _peaks(project: str, stem: str) -> str:
    return f"/api/v1/projects/{project}/peaks/{stem}"
