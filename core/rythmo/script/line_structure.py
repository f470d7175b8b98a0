"""Split, join, delete and restore lines, as pure functions: a script in, the changed script out.

The first part of a split keeps the line's id and comments, and a joined line has the id of its first; every
other id is new and was never used. Recordings are never lost: those of a split line stay with its first part,
and lines that were joined or deleted keep theirs in `Script.removed`. All of it stays when the programme is
heard again (see `script.kept_structure`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rythmo.errors import ScriptError
from rythmo.script.edit_marks import add_names, drop_names
from rythmo.script.fit_reasons import FIT_CODES
from rythmo.script.line_ids import make_line_id
from rythmo.script.locks import require_unlocked
from rythmo.script.model import Flag, Line, Script, Status, remove_cuts, sort_lines
from rythmo.script.people import make_unnamed_speaker, sort_speaker_ids
from rythmo.script.review_state import Comment
from rythmo.script.takes import UNEDITED, ClipEdit
from rythmo.script.text_cuts import Cut, join_texts, split_markup, split_translation

# Fields that a person may have set and that say something about the sound of a line as it was.
_OF_ONE_TAKE = ("chosen", "variation", "placement", "until", "said_at")
_MEASURED = (*FIT_CODES, "same-take", "no-direction", "voice-failed", "limited")


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of a split line has for itself, in samples and words."""

    start: int
    end: int
    text: str
    translation: str
    edited: tuple[str, ...]
    shown: str
    translation_shown: str


def split_line(script: Script, line_id: str, cut: Cut) -> tuple[Script, str]:
    """The script with the line split at a cut (see `script.text_cuts`), and the id of the second part.

    A translation that a person wrote is cut at the best place; the machine's stays where its sentences answer
    to those of the text, else both parts are translated again. Both parts are voiced again.

    Raises ScriptError for a line or a cut that does not exist, and LockedLineError.
    """
    line = script.line(line_id)
    require_unlocked(line)
    text = line.text[: cut.character].strip(), line.text[cut.character :].strip()
    if not (text[0] and text[1] and line.start < cut.end <= cut.start < line.end):
        raise ScriptError(f"{line.id} cannot be split there.", hint="Split it between two of its words.")
    first, second = _make_parts(line, cut, text)
    script, new_id = make_line_id(script, line.speaker)
    clip, words = remove_cuts(line).clip, max(0, min(cut.word, len(line.words)))
    heard = _split_original(line, first, second)
    head = replace(
        _make_part(line, first),
        words=line.words[:words],
        said_at=heard[0],
        clip=replace(clip, fade_out=0),
    )
    tail = replace(
        _make_part(line, second),
        id=new_id,
        words=line.words[words:],
        takes=(),
        comments=(),
        said_at=heard[1],
        clip=replace(clip, fade_in=0),
        until=line.until if line.until is not None and line.until > second.start else None,
    )
    if tail.until is not None:
        tail = replace(tail, edited=add_names(tail.edited, "until"))
    if line.said_at is not None:
        head, tail = (replace(part, edited=add_names(part.edited, "said_at")) for part in (head, tail))
    return replace(script, lines=sort_lines([*_without(script, {line.id}), head, tail])), new_id


def join_lines(script: Script, line_ids: Collection[str], *, across_speakers: bool = False) -> Script:
    """The script with neighbouring lines made one, which has the id and the speaker of the first of them.

    No other line of theirs may lie between. Lines of different speakers are joined only `across_speakers`,
    where nobody speaks between them. The joined line is voiced again.

    Raises ScriptError for fewer than two lines and for lines that are no neighbours, and LockedLineError.
    """
    wanted = {script.line(line_id).id for line_id in line_ids}
    lines = [line for line in script.lines if line.id in wanted]
    if len(lines) < 2:
        raise ScriptError("One line cannot be joined.", hint="Name two lines or more that follow each other.")
    require_unlocked(*lines)
    _require_neighbours(script, lines, across_speakers=across_speakers)
    first, gone = lines[0], lines[1:]
    joined = _join(lines)
    removed = tuple(replace(line, joined_into=first.id) for line in gone)
    return _without_silent(
        replace(
            script,
            lines=sort_lines([*_without(script, wanted), joined]),
            removed=(*script.removed, *removed),
        )
    )


def delete_lines(script: Script, line_ids: Collection[str]) -> Script:
    """The script without the lines, which are kept in `removed` with their takes.

    They stay out when the programme is heard again. Under them the background goes on without a voice.

    Raises ScriptError for a line that does not exist, and LockedLineError.
    """
    gone = [script.line(line_id) for line_id in dict.fromkeys(line_ids)]
    require_unlocked(*gone)
    ids = {line.id for line in gone}
    if not ids:
        return script
    removed = tuple(line for line in script.lines if line.id in ids)
    return _without_silent(replace(script, lines=_without(script, ids), removed=(*script.removed, *removed)))


def restore_line(script: Script, line_id: str) -> Script:
    """The script with a deleted line back as it was.

    Raises ScriptError for a line that was not deleted, and for one whose words are in another line since they
    were joined.
    """
    line = find_removed(script, line_id)
    if line is None:
        known = ", ".join(one.id for one in list_restorable(script)) or "none"
        raise ScriptError(f"{line_id} was not deleted.", hint=f"Deleted lines: {known}.")
    if line.joined_into:
        raise ScriptError(
            f"The words of {line_id} are in {line.joined_into}, which it was joined to.",
            hint=f"Split {line.joined_into}, or undo the join.",
        )
    back = replace(
        script,
        lines=sort_lines([*script.lines, line]),
        removed=tuple(one for one in script.removed if one.id != line_id),
    )
    if any(speaker.id == line.speaker for speaker in script.speakers):
        return back
    people = {one.id: one for one in (*script.speakers, make_unnamed_speaker(line.speaker))}
    return replace(back, speakers=tuple(people[one] for one in sort_speaker_ids(people)))


def find_removed(script: Script, line_id: str) -> Line | None:
    """The line among those that were joined away or deleted; None when it is not there."""
    return next((line for line in reversed(script.removed) if line.id == line_id), None)


def list_restorable(script: Script) -> list[Line]:
    """The deleted lines that can be restored, in order of start."""
    return list(sort_lines(line for line in script.removed if not line.joined_into))


def _make_parts(line: Line, cut: Cut, text: tuple[str, str]) -> tuple[_Part, _Part]:
    by_hand = line.is_approved or "translation" in line.edited
    words = ("", "")
    edited = drop_names(line.edited, *_OF_ONE_TAKE)
    if line.translation:
        *halves, sure = split_translation(line.translation, text)
        words = (halves[0], halves[1]) if by_hand or sure else words
    marks = (edited, edited)
    if by_hand and line.translation and not words[1]:
        # There is nowhere to cut what the person wrote: the second part is translated.
        marks = (edited, drop_names(edited, "translation"))
    shown = split_markup(line.text_as_shown, text) if line.text_as_shown else ("", "")
    own = line.translation_as_shown if all(words) else ""
    translated = split_markup(own, words) if own else ("", "")
    return (
        _Part(line.start, cut.end, text[0], words[0], marks[0], shown[0], translated[0]),
        _Part(cut.start, line.end, text[1], words[1], marks[1], shown[1], translated[1]),
    )


def _make_part(line: Line, part: _Part) -> Line:
    """The line with the words and times of a part, and nothing of what depended on the whole."""
    return replace(
        _unvoiced(line),
        start=part.start,
        end=part.end,
        text=part.text,
        translation=part.translation,
        edited=part.edited,
        text_as_shown=part.shown,
        translation_as_shown=part.translation_shown,
        status=Status.TRANSLATED if part.translation else Status.RECOGNISED,
    )


def _unvoiced(line: Line) -> Line:
    """The line asking for a new take: its old ones say other words, and are kept as alternates."""
    return replace(
        line,
        chosen=None,
        placement=None,
        prosody=None,
        manner=None,
        variation=0,
        until=None,
        conformed="",
        shaped=True,
        review=None,
        flags=_lasting_flags(line.flags),
        edited=drop_names(line.edited, *_OF_ONE_TAKE),
    )


def _lasting_flags(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """The flags that are about the original; those about its take are found again."""
    return tuple(
        flag for flag in flags if flag.code not in _MEASURED and not flag.code.startswith(("qc-", "take-"))
    )


def _split_original(
    line: Line, first: _Part, second: _Part
) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Where the originals of both parts are heard, for a line that an editor moved."""
    if line.said_at is None:
        return None, None
    start, end = line.said_at
    scale = (end - start) / line.length
    middle = start + round((first.end - line.start) * scale)
    after = start + round((second.start - line.start) * scale)
    middle = max(start + 1, min(middle, end - 1))
    return (start, middle), (max(middle, min(after, end - 1)), end)


def _require_neighbours(script: Script, lines: Sequence[Line], *, across_speakers: bool) -> None:
    people = {line.speaker for line in lines}
    if len(people) > 1 and not across_speakers:
        raise ScriptError(
            f"{lines[0].id} and {next(line.id for line in lines if line.speaker != lines[0].speaker)} are "
            "lines of different speakers.",
            hint="Join them all the same with --across-speakers, or give one to the other speaker first.",
        )
    row = [line.id for line in script.lines if len(people) > 1 or line.speaker in people]
    places = [row.index(line.id) for line in lines]
    if any(after != before + 1 for before, after in pairwise(places)):
        between = row[next(before for before, after in pairwise(places) if after != before + 1) + 1]
        raise ScriptError(
            f"{lines[0].id} and {lines[-1].id} are no neighbours: {between} lies between them.",
            hint="Join the lines between as well.",
        )


def _join(lines: Sequence[Line]) -> Line:
    first, last = lines[0], max(lines, key=lambda line: line.end)
    silent = [line for line in lines if not line.translation and "translation" not in line.edited]
    by_hand = any("translation" in line.edited for line in lines)
    translation = join_texts([line.translation for line in lines]) if by_hand or not silent else ""
    moved = any(line.said_at is not None for line in lines)
    heard = min(line.original_range[0] for line in lines), max(line.original_range[1] for line in lines)
    edited = drop_names(add_names((), *(name for line in lines for name in line.edited)), *_OF_ONE_TAKE)
    if moved:
        edited = add_names(edited, "said_at")
    under = {line.picture_under for line in lines if line.is_moved}
    flags: dict[str, Flag] = {flag.code: flag for line in lines for flag in _lasting_flags(line.flags)}
    directions = dict.fromkeys(line.direction for line in lines if line.direction)
    languages = {line.language for line in lines}
    return replace(
        _unvoiced(first),
        end=max(line.end for line in lines),
        text=join_texts([line.text for line in lines]),
        words=tuple(sorted((word for line in lines for word in line.words), key=lambda word: word.start)),
        translation=translation,
        direction="; ".join(directions),
        said_at=heard if moved else None,
        picture_under=under.pop() if len(under) == 1 else None,
        until=last.until,
        edited=add_names(edited, "until") if last.until is not None else edited,
        clip=_join_clips(first.clip, lines[-1].clip),
        status=Status.TRANSLATED if translation else Status.RECOGNISED,
        flags=tuple(flags.values()),
        comments=_join_comments(lines),
        text_as_shown=_join_shown([line.text_as_shown or line.text for line in lines], lines),
        translation_as_shown="",
        language=first.language if len(languages) == 1 else "",
    )


def _join_comments(lines: Sequence[Line]) -> tuple[Comment, ...]:
    """The comments of all of them in order of time; those of the first line keep their ids."""
    own = lines[0].comments
    others = [comment for line in lines[1:] for comment in line.comments]
    first = 1 + max((int(comment.id[1:]) for comment in own if comment.id[1:].isdecimal()), default=0)
    renamed = [replace(comment, id=f"c{number}") for number, comment in enumerate(others, first)]
    return tuple(sorted((*own, *renamed), key=lambda comment: comment.time))


def _join_shown(shown: Sequence[str], lines: Sequence[Line]) -> str:
    return "\n".join(shown) if any(line.text_as_shown for line in lines) else ""


def _join_clips(first: ClipEdit, last: ClipEdit) -> ClipEdit:
    """The first one's level, faded in as the first and out as the last."""
    if first == last == UNEDITED:
        return UNEDITED
    return replace(first, head=0, tail=0, levels=(), fade_out=last.fade_out)


def _without(script: Script, ids: Collection[str]) -> tuple[Line, ...]:
    return tuple(line for line in script.lines if line.id not in ids)


def _without_silent(script: Script) -> Script:
    """The script without speakers who have no line left."""
    speaking = {line.speaker for line in script.lines}
    return replace(script, speakers=tuple(one for one in script.speakers if one.id in speaking))
