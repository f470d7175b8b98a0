"""Merge what the languages of one programme share: who says what, and when. Pure.

Every language has a whole script of its own. The *original* is the part of it that all of them share: the
programme, the people, and of each line its text, its speaker and its time in the programme's sound. The
script with the highest `Script.original` holds the newest one, and `merge_original` brings it into the
others. Translations, takes, placements and edits of clips stay with their language.

What such a correction makes out of date is flagged and stays as it is until `refresh_line` is called for it,
so that nobody finds a line empty that was finished yesterday.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from rythmo.script.edit_marks import drop_names
from rythmo.script.model import (
    Flag,
    Line,
    Programme,
    Remark,
    Script,
    Severity,
    SoundNote,
    Speaker,
    Status,
    remove_cuts,
    shift_words,
    sort_lines,
)
from rythmo.script.on_screen import FaceName
from rythmo.script.review_state import ReviewState

SHARED_FIELDS = frozenset(
    {
        "id",
        "speaker",
        "start",
        "end",
        "text",
        "words",
        "text_as_shown",
        "language",
        "said_at",
        "shaped",
        "joined_into",
    }
)
"""Fields of a line that belong to the original. `said_at` says where that is, once a language moved it."""
OWN_FIELDS = frozenset({field.name for field in fields(Line)}) - SHARED_FIELDS

OUT_OF_DATE = "out-of-date"
"""Flag of a line, or of the programme, that has to be made again since the original was corrected."""
CHECK_TRANSLATION = "original-changed"
"""Flag of a line whose translation a person wrote before the original was corrected."""
ORIGINAL_FLAGS = frozenset({"foreign-letters", "no-speech"})
"""Flags that were found in the original, so that a further language has them too."""

_LISTENING = frozenset({"separator", "diarizer", "embedder", "transcriber"})
"""Kinds of engines whose work on the original all languages share."""
_SPAN = ("start", "end")
_SHARED_NAMES = ("text", "speaker", *_SPAN)
"""Names in `Line.edited` that are corrections of the original."""
_SHARED_SPEAKER_NAMES = ("name", "colour")


@dataclass(frozen=True, slots=True)
class Original:
    """The shared part of a script. Its lines have no translation, take or place, and lie where they are
    heard."""

    programme: Programme
    source_language: str
    speakers: tuple[Speaker, ...]
    lines: tuple[Line, ...]
    removed: tuple[Line, ...]
    findings: tuple[Remark, ...]
    left_speech: tuple[tuple[int, int], ...]
    faces: tuple[FaceName, ...]
    sounds: tuple[SoundNote, ...]


def extract_original(script: Script) -> Original:
    """Return the shared part of a script, without the marks of who edited what.

    Lines that only this language's timeline lost (`removed_here`) are among its lines. What is measured on
    the sound (prosody, dialogue regions) follows from the rest and is left out.
    """
    here = set(script.removed_here)
    spoken = (*script.lines, *(line for line in script.removed if line.id in here))
    return Original(
        programme=script.programme,
        source_language=script.source_language,
        speakers=tuple(Speaker(one.id, one.name, colour=one.colour) for one in script.speakers),
        lines=sort_lines(_without_marks(extract_line(line)) for line in spoken),
        removed=sort_lines(
            _without_marks(extract_line(line)) for line in script.removed if line.id not in here
        ),
        findings=script.findings,
        left_speech=script.left_speech,
        faces=script.faces,
        sounds=tuple(note for note in script.sounds if note.language == script.source_language),
    )


def extract_line(line: Line) -> Line:
    """Return the shared part of a line, where its original is heard, with the marks of corrections."""
    start, end = line.original_range
    names = [name for name in line.edited if name in _SHARED_NAMES]
    if line.said_at is not None:
        names = [name for name in names if name not in _SPAN]
    return Line(
        line.id,
        line.speaker,
        start,
        end,
        line.text,
        words=shift_words(line.words, start - line.start),
        edited=tuple(names),
        text_as_shown=line.text_as_shown,
        language=line.language,
        shaped=line.shaped,
        joined_into=line.joined_into,
    )


def make_language(first: Script, language: str) -> Script:
    """Return the script of a further language: the original of `first`, with nothing translated yet.

    Directions that a person gave are kept: they say how the original is said.
    """
    here = set(first.removed_here)
    back = tuple(line for line in first.removed if line.id in here)
    return Script(
        programme=first.programme,
        source_language=first.source_language,
        target_language=language,
        speakers=tuple(_without_voice(speaker) for speaker in first.speakers),
        lines=sort_lines(_start_line(line) for line in (*first.lines, *back)),
        dialogue=first.dialogue,
        removed=sort_lines(extract_line(line) for line in first.removed if line.id not in here),
        findings=first.findings,
        left_speech=first.left_speech,
        faces=first.faces,
        sounds=tuple(note for note in first.sounds if note.language == first.source_language),
        engines={kind: name for kind, name in first.engines.items() if kind in _LISTENING},
        original=first.original,
        last_number=first.last_number,
    )


def merge_original(own: Script, newest: Script) -> Script:
    """Return `own`, a script in one language, with the original of `newest`, one in another.

    Lines are matched by id. One that was corrected is flagged `OUT_OF_DATE`, or `CHECK_TRANSLATION` where a
    person wrote its translation, which is kept. A line that is new has no translation yet. One that is gone
    is set aside with its takes, and comes back with them if the correction is undone.

    A line that this language's timeline moved or cut stays where it was put; one that it lost stays lost.
    """
    shared = extract_original(newest)
    marks = {line.id: extract_line(line).edited for line in (*newest.lines, *newest.removed)}
    known = {line.id: line for line in (*own.set_aside, *own.removed, *own.lines)}
    lines = [_merge_line(known.get(line.id), line, marks[line.id]) for line in shared.lines]
    out = [
        replace(known.get(line.id, line), joined_into=line.joined_into, shaped=line.shaped)
        for line in shared.removed
    ]
    here = tuple(name for name in own.removed_here if name in {line.id for line in lines})
    heard = {line.id for line in (*lines, *out)}
    programme_changed = shared.programme != own.programme
    return replace(
        own,
        programme=shared.programme,
        source_language=shared.source_language,
        speakers=_merge_speakers(own, newest),
        lines=sort_lines(line for line in lines if line.id not in here),
        removed=sort_lines((*out, *(line for line in lines if line.id in here))),
        removed_here=here,
        set_aside=sort_lines(line for line in known.values() if line.id not in heard),
        dialogue=newest.dialogue,
        findings=shared.findings,
        left_speech=shared.left_speech,
        faces=shared.faces,
        sounds=(*shared.sounds, *(note for note in own.sounds if note.language != own.source_language)),
        remarks=_flag_programme(own) if programme_changed else own.remarks,
        original=newest.original,
        last_number=max(own.last_number, newest.last_number),
        taken_over=tuple(sorted({*own.taken_over, *find_corrections(own, newest)})),
    )


def find_corrections(before: Script, after: Script) -> frozenset[str]:
    """Return the ids of the lines and speakers whose original differs between two scripts."""
    one, other = (_list_parts(extract_original(script)) for script in (before, after))
    return frozenset(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def claim_corrections(script: Script, newest: Script) -> Script:
    """Return the script, which corrects `newest`, with these corrections no longer another language's."""
    own = find_corrections(newest, script)
    return replace(script, taken_over=tuple(name for name in script.taken_over if name not in own))


def keep_corrections(before: Script, undone: Script) -> Script:
    """Return `undone`, what undo or redo makes of `before`, with what other languages corrected as it was.

    Undo takes back what was done in this language. A correction that came from another one is theirs.
    """
    undone = replace(undone, original=before.original, taken_over=before.taken_over)
    theirs = set(before.taken_over) & find_corrections(before, undone)
    if not theirs:
        return undone
    lines = {line.id: line for line in before.lines}
    known = {line.id: line for line in (*before.set_aside, *before.removed, *undone.lines)}
    kept = [_merge_line(known.get(name), *_split(lines[name])) for name in theirs if name in lines]
    others = [line for line in undone.lines if line.id not in theirs]
    people = {speaker.id: speaker for speaker in before.speakers}
    out = [line for line in before.removed if line.id in theirs]
    return replace(
        undone,
        lines=sort_lines((*others, *kept)),
        removed=sort_lines((*(line for line in undone.removed if line.id not in theirs), *out)),
        speakers=tuple(
            _merge_speaker(one, people[one.id]) if one.id in theirs and one.id in people else one
            for one in undone.speakers
        ),
    )


def _split(line: Line) -> tuple[Line, tuple[str, ...]]:
    shared = extract_line(line)
    return _without_marks(shared), shared.edited


def _list_parts(original: Original) -> dict[str, object]:
    found: dict[str, object] = {line.id: (line, "removed") for line in original.removed}
    found |= {line.id: line for line in original.lines}
    return found | {speaker.id: speaker for speaker in original.speakers}


def find_out_of_date(script: Script) -> tuple[str, ...]:
    """Return the ids of the lines that have to be made again since the original was corrected."""
    return tuple(line.id for line in script.lines if _is_out_of_date(line))


def is_out_of_date(script: Script) -> bool:
    """Tell whether anything of the script has to be made again since the original was corrected."""
    return bool(find_out_of_date(script)) or any(one.flag.code == OUT_OF_DATE for one in script.remarks)


def refresh_script(script: Script) -> Script:
    """Return the script with all that is out of date ready to be translated and voiced again."""
    return replace(
        script.map_lines(refresh_line),
        remarks=tuple(one for one in script.remarks if one.flag.code != OUT_OF_DATE),
    )


def refresh_line(line: Line) -> Line:
    """Return the line ready to be made again if it is out of date: without a translation of other words."""
    if not _is_out_of_date(line):
        return line
    line = line.without_flags(OUT_OF_DATE)
    if line.status is not Status.RECOGNISED or line.review_state is not ReviewState.NEW:
        return line
    return replace(line, translation="", translation_as_shown="")


def _is_out_of_date(line: Line) -> bool:
    return any(flag.code == OUT_OF_DATE for flag in line.flags)


def _merge_line(own: Line | None, shared: Line, marks: tuple[str, ...]) -> Line:
    """Return a language's own line with the original of `shared`, whose corrections are `marks`."""
    if own is None:
        return replace(shared, edited=marks).add_flags(_out_of_date("The line is new in the original."))
    before = extract_line(own)
    line = replace(own, edited=_merge_marks(own, before, shared, marks), shaped=shared.shaped)
    if _without_marks(before) == shared:
        return line
    line = _merge_span(line, own, shared)
    line = replace(line, text_as_shown=shared.text_as_shown, language=shared.language)
    if line.speaker != shared.speaker:
        line = _give_to_speaker(line, shared.speaker)
    return _merge_text(line, shared.text)


def _merge_marks(own: Line, before: Line, shared: Line, marks: Iterable[str]) -> tuple[str, ...]:
    """Return what persons set: here, in the original, and in it before where that is still so."""
    moved = own.said_at is not None
    here = [name for name in own.edited if name not in _SHARED_NAMES or (moved and name in _SPAN)]
    kept = [name for name in before.edited if getattr(before, name) == getattr(shared, name)]
    return _keep_order(own.edited, (*here, *marks, *kept))


def _merge_span(line: Line, own: Line, shared: Line) -> Line:
    """Take the time and the words of the original, unless this language's timeline moved the line."""
    if own.said_at is not None:
        words = shift_words(shared.words, own.start - shared.start)
        return replace(line, said_at=(shared.start, shared.end), words=words)
    same = (own.start, own.end) == (shared.start, shared.end)
    line = replace(line, start=shared.start, end=shared.end, words=shared.words)
    if same or line.is_pinned or line.locked:
        return line
    return line.add_flags(_out_of_date("The time of the line was corrected in the original."))


def _give_to_speaker(line: Line, speaker: str) -> Line:
    if line.locked:
        message = "The line was given to another speaker in the original; it is locked, and keeps its take."
        return replace(line, speaker=speaker).add_flags(Flag(CHECK_TRANSLATION, message))
    line = replace(_drop_take(line), speaker=speaker)
    # How it is said was measured against another person's habit.
    line = replace(line, prosody=None, manner=None)
    return line.add_flags(_out_of_date("The line was given to another speaker."))


def _merge_text(line: Line, text: str) -> Line:
    if line.text == text:
        return line
    line = replace(line, text=text)
    if line.review_state is not ReviewState.NEW or line.locked:
        message = "The words of the original were corrected after this translation was written: check it."
        checked = None if line.review is None else ReviewState.TRANSLATED
        return replace(line, review=checked).add_flags(Flag(CHECK_TRANSLATION, message))
    line = replace(_drop_take(line), status=Status.RECOGNISED)
    return line.add_flags(_out_of_date("The words of the original were corrected."))


def _drop_take(line: Line) -> Line:
    """Return the line without a person's choice of its take; what a person recorded stays chosen."""
    if line.has_human_take:
        return line
    edited = drop_names(line.edited, "chosen", "variation", "placement")
    return replace(remove_cuts(line), variation=0, edited=edited)


def _out_of_date(reason: str) -> Flag:
    return Flag(OUT_OF_DATE, f"{reason} It is made again when this language is brought up to date.")


def _flag_programme(own: Script) -> tuple[Remark, ...]:
    message = "The programme itself was changed, for all languages. Bring this one up to date."
    others = (one for one in own.remarks if one.flag.code != OUT_OF_DATE)
    return (Remark(0, Flag(OUT_OF_DATE, message, Severity.WARNING)), *others)


def _merge_speakers(own: Script, newest: Script) -> tuple[Speaker, ...]:
    """Return the people of the newest original, with the voices that they have in this language."""
    known = {speaker.id: speaker for speaker in own.speakers}
    return tuple(_merge_speaker(known.get(one.id), one) for one in newest.speakers)


def _merge_speaker(own: Speaker | None, shared: Speaker) -> Speaker:
    if own is None:
        return _without_voice(shared)
    names = [name for name in own.edited if name not in _SHARED_SPEAKER_NAMES]
    marks = [name for name in shared.edited if name in _SHARED_SPEAKER_NAMES]
    edited = _keep_order(own.edited, dict.fromkeys((*names, *marks)))
    return replace(own, name=shared.name, colour=shared.colour, edited=edited)


def _without_voice(speaker: Speaker) -> Speaker:
    edited = tuple(name for name in speaker.edited if name in _SHARED_SPEAKER_NAMES)
    return replace(speaker, voice=None, consent="", voice_locked=False, edited=edited)


def _start_line(line: Line) -> Line:
    """Return the line as a further language begins with it."""
    start = extract_line(line)
    flags = tuple(flag for flag in line.flags if flag.code in ORIGINAL_FLAGS)
    if "direction" in line.edited:
        start = replace(start, direction=line.direction, edited=(*start.edited, "direction"))
    return replace(start, flags=flags)


def _without_marks(line: Line) -> Line:
    return replace(line, edited=())


def _keep_order(before: Iterable[str], now: Iterable[str]) -> tuple[str, ...]:
    """Return the names of `now`, those of `before` first and in their order."""
    wanted = list(now)
    return tuple(dict.fromkeys((*(name for name in before if name in wanted), *wanted)))
