"""Opens a script or subtitle file as a Timeline without media, so that every list and script format can be
written from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rythmo.errors import UsageError
from rythmo.files import make_printable
from rythmo.languages import language_names
from rythmo.script.language_check import guess_language
from rythmo.script.loop_numbers import LoopPlan, plan_loops
from rythmo.script.loops import LoopSettings, make_loop
from rythmo.script.model import Line, Programme, Script, Speaker, sort_lines
from rythmo.script.subtitle_file import ExpectedSubtitles, FileCue
from rythmo.timebase import SAMPLE_RATE, seconds_to_samples
from rythmo_bridge.script_timeline import script_timeline
from rythmo_bridge.subtitles.cue_text import decode_file, plain_text, read_bytes
from rythmo_bridge.subtitles.cues import Cue, Subtitles
from rythmo_bridge.subtitles.other_formats import parse_document
from rythmo_bridge.subtitles.script_document import ScriptDocument, find_text
from rythmo_bridge.subtitles.srt import read_file
from rythmo_bridge.subtitles.stl_reader import looks_like_stl, parse_stl
from rythmo_bridge.timeline import Timeline

SUFFIXES = frozenset(
    {".srt", ".vtt", ".ass", ".ssa", ".ttml", ".dfxp", ".dapt"}
    | {".detx", ".stl", ".sbv", ".sub", ".txt", ".mpl"}
)
"""The last suffixes of files that are opened as scripts."""
_MARKUP = frozenset({".xml"})
"""Suffixes of timelines that scripts share."""
_USUAL_RATE = Fraction(25)
_UNKNOWN = "und"
_IN_NAME = re.compile(r"\.([a-z]{2,3})(?:[-_][A-Za-z]{2,4})?\Z")


def is_script_file(path: Path) -> bool:
    """Whether a file is opened as a script; of XML files, those that hold one."""
    suffix = path.suffix.lower()
    if suffix not in _MARKUP:
        return suffix in SUFFIXES
    try:
        with path.open("rb") as file:
            head = file.read(4096).decode("utf-8", "replace")
    except OSError:
        return False
    return bool(re.search(r"<(?:\w+:)?(?:tt|detx)[\s>]", head))


def open_script_file(
    path: Path, rate: Fraction | None = None, settings: LoopSettings | None = None
) -> Timeline:
    """Return a script file's lines, loops and subtitles as a timeline.

    `rate` is the picture's, for files that do not say; without it 25. Loops that the file does not number
    are planned by `settings`.

    Raises:
        SubtitleError: The file cannot be read.
        UsageError: It has no lines.
    """
    data = read_bytes(path)
    if not looks_like_stl(data):
        document = parse_document(decode_file(data, path).text, path, rate)
        if document is not None:
            return _open_document(document, path, document.rate or rate or _USUAL_RATE, settings)
        return _open_subtitles(path, rate or _USUAL_RATE, settings)
    stl = parse_stl(data, path, rate)
    return _open_subtitles(path, stl.rate, settings, language=stl.language, start=stl.start)


def _open_document(
    document: ScriptDocument, path: Path, rate: Fraction, settings: LoopSettings | None
) -> Timeline:
    if not any(event.texts for event in document.events):
        raise UsageError(f"{make_printable(path)} has no lines.", hint="Is it the right file?")
    source = document.source_language or document.language or _guess(path, _all_text(document))
    target = document.language or source
    people = _name_people(event.speakers[0] if event.speakers else "" for event in document.events)
    lines, loops = [], {}
    for number, event in enumerate(document.events, 1):
        speaker = people[event.speakers[0] if event.speakers else ""]
        start = max(0, seconds_to_samples(event.start))
        end = max(start + 1, seconds_to_samples(event.end))
        translation = find_text((text for text in event.texts if text.translated), target)
        original = " ".join(text.text for text in event.texts if not text.translated)
        line = Line(
            event.id or f"line{number}",
            speaker.id,
            start,
            end,
            " ".join(plain_text(original).split()),
            translation=" ".join(plain_text(translation).split()),
            direction=event.direction,
        )
        lines.append(line)
        loops[line.id] = event.loop
    title = document.title or path.stem
    script = _make_script(title, rate, document.start or 0, (source, target), people.values(), lines)
    timeline = script_timeline(script, path.parent, loops=_plan(script, loops, settings))
    screens = {event.id: event.screen for event in document.events}
    dialogue = tuple(replace(entry, on_screen=screens.get(entry.line, "")) for entry in timeline.dialogue)
    shots = tuple(seconds_to_samples(shot) for shot in document.shots)
    return _keep_filled(replace(timeline, dialogue=dialogue, shots=shots))


def _open_subtitles(
    path: Path, rate: Fraction, settings: LoopSettings | None, *, language: str = "", start: int = 0
) -> Timeline:
    """Open subtitles. Subtitles that are written again keep their cues as they are."""
    read = read_file(path, SAMPLE_RATE, ExpectedSubtitles(rate=rate))
    language = language or _guess(path, " ".join(cue.text for cue in read.cues))
    people = _name_people(cue.speaker or "" for cue in read.cues)
    lines = [
        Line(
            f"line{number}",
            people[cue.speaker or ""].id,
            max(0, cue.start),
            max(cue.end, cue.start + 1, 1),
            cue.text,
        )
        for number, cue in enumerate(read.cues, 1)
    ]
    script = _make_script(path.stem, rate, start, (language, language), people.values(), lines)
    timeline = script_timeline(script, path.parent, loops=_plan(script, {}, settings))
    cues = tuple(_make_cue(cue) for cue in sorted((*read.cues, *read.sounds), key=lambda cue: cue.start))
    return replace(timeline, subtitles=(Subtitles(language, cues),), notes=read.notes)


def _make_cue(cue: FileCue) -> Cue:
    return Cue(cue.start, cue.end, cue.shown or cue.text, cue.speaker)


def _make_script(
    title: str,
    rate: Fraction,
    start: int,
    languages: tuple[str, str],
    people: Iterable[Speaker],
    lines: Sequence[Line],
) -> Script:
    length = max((line.end for line in lines), default=1)
    programme = Programme(title, "", length, SAMPLE_RATE, 2, rate, start)
    return Script(programme, *languages, speakers=tuple(people), lines=sort_lines(lines))


def _name_people(names: Iterable[str]) -> dict[str, Speaker]:
    """Return a speaker for each name, in order of first use; lines without one get one without a name."""
    return {name: Speaker(f"S{number}", name) for number, name in enumerate(dict.fromkeys(names), 1)}


def _plan(script: Script, told: dict[str, str], settings: LoopSettings | None) -> LoopPlan:
    """Return the loops that the file numbers; planned ones where it numbers none."""
    numbered: dict[str, list[Line]] = {}
    for line in script.lines:
        if told.get(line.id):
            numbered.setdefault(told[line.id], []).append(line)
    if not numbered:
        return plan_loops(script.lines, settings or LoopSettings())
    loops = [make_loop(number, lines) for number, lines in numbered.items()]
    return LoopPlan(tuple(sorted(loops, key=lambda loop: loop.start)), used=tuple(numbered))


def _keep_filled(timeline: Timeline) -> Timeline:
    """Leave out subtitles of a language that has none."""
    filled = tuple(one for one in timeline.subtitles if one.cues)
    return replace(timeline, subtitles=tuple({one.language: one for one in filled}.values()))


def _all_text(document: ScriptDocument) -> str:
    return " ".join(text.text for event in document.events for text in event.texts)


def _guess(path: Path, text: str) -> str:
    """Return the language that a file's name tells, else the one that its words read as."""
    named = _IN_NAME.search(path.stem)
    if named and named.group(1) in language_names():
        return named.group(1)
    return guess_language(text) or _UNKNOWN
