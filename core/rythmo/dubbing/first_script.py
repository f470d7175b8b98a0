"""Make the script before translation and voicing, from recognised words or from the user's own files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from rythmo import languages
from rythmo.counts import format_count
from rythmo.dubbing.analysis import Analysis
from rythmo.dubbing.job import Cues, Job
from rythmo.script.diff import carry_over_edits
from rythmo.script.locks import keep_locked
from rythmo.script.model import Flag, Line, Remark, Script, Severity, SoundNote, Speaker
from rythmo.script.people import make_unnamed_speaker, sort_speaker_ids
from rythmo.script.subtitle_file import FileCue, SubtitleFile
from rythmo.script.text_checks import is_in_script
from rythmo.stages import cast, mixdown, script_timing, speech_coverage, user_script, user_translation
from rythmo.stages import lines as line_stage
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested
from rythmo.stages.listening_check import find_wordless
from rythmo.stages.separate import speech_of
from rythmo.timebase import SAMPLE_RATE, seconds_to_samples


@dataclass
class _Told:
    """Notes for the user of this run, and remarks that stay with the project."""

    notes: list[str] = field(default_factory=list)
    findings: list[Remark] = field(default_factory=list)

    def finding(self, position: int, code: str, message: str, severity: Severity = Severity.WARNING) -> None:
        """Add a note that is also a remark."""
        self.notes.append(message)
        self.findings.append(Remark(position, Flag(code, message, severity)))


def make_script(
    job: Job, ingested: Ingested, heard: Analysis, cues: Cues, context: Context
) -> tuple[Script, tuple[str, ...]]:
    """Return the new script with the user's edits of the project's old one, and notes for the user.

    Raises SubtitleError when no cue of a file lies inside the programme.
    """
    told = _Told(list(heard.notes), list(heard.findings))
    programme = ingested.programme
    people, lines, sounds = _lines(job, ingested, heard, cues.script, context, told)
    lines = tuple(_in_letters(line, job.source_language) for line in lines)
    uncovered = speech_coverage.find_uncovered(lines, heard.turns)
    dialogue = mixdown.regions(
        lines, heard.turns, programme.length, context.settings.mix, speech_of(heard.separated)
    )
    script = Script(
        programme=programme,
        source_language=job.source_language,
        target_language=job.target_language,
        speakers=people,
        lines=lines,
        dialogue=dialogue,
        sounds=sounds,
    )
    if context.project.exists():
        script = carry_over_edits(context.project.load(), script)
        uncovered = speech_coverage.find_uncovered(script.lines, heard.turns)
    script = replace(script, speakers=cast.speakers_of(script.lines, script.speakers))
    names = {speaker.id: speaker.name for speaker in script.speakers}
    wordless = find_wordless(uncovered, speech_of(heard.separated), job.source_language, context)
    if note := speech_coverage.note_on([turn for turn in uncovered if turn not in wordless]):
        told.notes.append(note)
    told.findings += speech_coverage.remarks_on(uncovered, names, wordless)
    if cues.translation.cues:
        script = _translated(job, script, cues.translation, told)
    findings = tuple(sorted(told.findings, key=lambda remark: (remark.position, remark.flag.code)))
    return replace(script, findings=findings), tuple(told.notes)


def _in_letters(line: Line, language: str) -> Line:
    """Flag a line whose words are not in the writing system of the original language."""
    if is_in_script(line.spoken_text, language):
        return line
    name = languages.language_name(language)
    return line.add_flags(Flag("foreign-letters", f"The words are not in the letters of {name}."))


def _lines(
    job: Job, ingested: Ingested, heard: Analysis, file: SubtitleFile, context: Context, told: _Told
) -> tuple[tuple[Speaker, ...], tuple[Line, ...], tuple[SoundNote, ...]]:
    settings, programme = context.settings.lines, ingested.programme
    people = tuple(
        make_unnamed_speaker(found) for found in sort_speaker_ids(turn.speaker for turn in heard.turns)
    )
    if not file.cues:
        lines = line_stage.build(heard.words, heard.turns, programme.sample_rate, settings)
        if not lines:
            told.notes.append("No speech was found: the M&E is the original, and there are no lines.")
        return people, lines, ()
    told.notes += file.notes
    cues, moved = _placed(file.cues, ingested, heard, context.settings.script.offset, told)
    own = user_script.trim_to_programme(cues, programme.length)
    _tell_outside(len(cues) - len(own), str(job.script), told)
    snap = seconds_to_samples(settings.snap_seconds)
    people, lines = user_script.lines_from_cues(own, heard.turns, people, programme.length, snap)
    lines = speech_coverage.flag_silent(lines, heard.turns)
    return people, lines, _sounds(file.sounds, moved, programme.length, job.source_language)


@dataclass(frozen=True, slots=True)
class _Move:
    """The correction of a file's times: multiply by `speed`, then add `samples`."""

    samples: int = 0
    speed: Any = 1


def _placed(
    cues: tuple[FileCue, ...], ingested: Ingested, heard: Analysis, wanted: str, told: _Told
) -> tuple[tuple[FileCue, ...], _Move]:
    """Return the script's cues in programme time, with the offset that the user chose."""
    programme = ingested.programme
    given = None if wanted in ("", script_timing.AUTO) else script_timing.parse_offset(wanted)
    if given is not None:
        return script_timing.shift_cues(cues, given), _Move(given)
    cues, by_timecode = script_timing.rebase_cues(cues, programme)
    if by_timecode:
        told.notes.append(
            f"The script counts from {_clock(-by_timecode)}: it was read as the programme's start timecode."
        )
    spans = [(cue.start, cue.end) for cue in cues]
    found = script_timing.find_offset(spans, heard.turns, programme.length)
    if found is None:
        return cues, _Move(by_timecode)
    late = "late" if found.samples < 0 else "early"
    pace = "" if found.speed == 1 else f" and runs at {float(1 / found.speed):.4f} times the film's speed"
    what = f"The script is {abs(found.seconds):.2f} s {late}{pace} against the speech"
    if wanted == script_timing.AUTO:
        told.notes.append(f"{what}: it was moved by {found.seconds:+.2f} s.")
        moved = script_timing.shift_cues(cues, found.samples, found.speed)
        return moved, _Move(round(by_timecode * found.speed) + found.samples, found.speed)
    told.finding(
        0,
        "script-offset",
        f"{what} ({found.before:.0%} of it lies on speech, {found.match:.0%} would). It was left as it is: "
        "--script-offset auto moves it.",
    )
    return cues, _Move(by_timecode)


def _clock(samples: int) -> str:
    seconds = round(samples / SAMPLE_RATE)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _tell_outside(count: int, name: str, told: _Told) -> None:
    if count:
        what = format_count(count, "cue lies", "cues lie")
        left = "was" if count == 1 else "were"
        told.notes.append(f"{what} outside the programme and {left} left out ({name}).")


def _sounds(cues: tuple[FileCue, ...], moved: _Move, length: int, language: str) -> tuple[SoundNote, ...]:
    placed = script_timing.shift_cues(cues, moved.samples, moved.speed)
    return tuple(
        SoundNote(max(0, cue.start), min(cue.end, length), cue.text, language)
        for cue in placed
        if cue.start < length and cue.end > 0
    )


def add_translation(job: Job, script: Script, file: SubtitleFile) -> tuple[Script, tuple[str, ...]]:
    """Return the script with the user's translation on its lines, and notes for the user."""
    told = _Told()
    return (_translated(job, script, file, told) if file.cues else script), tuple(told.notes)


def _translated(job: Job, script: Script, file: SubtitleFile, told: _Told) -> Script:
    """Return the script with the user's translation on its lines."""
    told.notes += file.notes
    names = {speaker.id: speaker.name for speaker in script.speakers}
    cues, by_timecode = script_timing.rebase_cues(file.cues, script.programme)
    paired = user_translation.pair_translation(script.lines, cues, names)
    if paired.moved:
        late = "late" if paired.moved < 0 else "early"
        told.notes.append(
            f"The translation is {abs(paired.moved) / SAMPLE_RATE:.2f} s {late} against the script: it was "
            "paired as if it were not."
        )
    if paired.shared:
        what = format_count(paired.shared, "cue of the translation was", "cues of the translation were")
        told.notes.append(f"{what} shared out over the lines that it covers.")
    outside = sum(not -1 < cue.start < script.programme.length for cue in paired.unpaired)
    _tell_outside(outside, str(job.translation), told)
    lost = len(paired.unpaired) - outside
    if lost:
        what, was = ("lies", "was") if lost == 1 else ("lie", "were")
        told.notes.append(
            f"{format_count(lost, 'cue')} of {job.translation} {what} where nobody speaks and {was} left out."
        )
    moved = _Move(by_timecode + paired.moved)
    sounds = _sounds(file.sounds, moved, script.programme.length, script.target_language)
    translated = replace(script, lines=paired.lines, sounds=(*script.sounds, *sounds))
    return keep_locked(script, translated)
