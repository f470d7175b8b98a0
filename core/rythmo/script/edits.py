"""Edit a script by hand, as pure functions: a script in, the changed script out.

Lines keep their ids whatever happens to them. What was set stands in `edited`, so that it wins over what the
engines find when things run again. Every function raises ScriptError for an id that does not exist and for a
value that makes no sense; the script that was given is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from rythmo.counts import format_count
from rythmo.errors import ScriptError
from rythmo.script.clean_text import join_to_one_line
from rythmo.script.edit_marks import add_names, drop_names, require_inside
from rythmo.script.line_ids import make_line_id
from rythmo.script.locks import require_unlocked
from rythmo.script.model import Line, Script, Speaker, Status, remove_cuts, sort_lines
from rythmo.script.on_screen import PictureUnder
from rythmo.script.people import make_speaker_id, make_unnamed_speaker, sort_speaker_ids
from rythmo.script.review_state import ReviewState
from rythmo.script.shared_original import CHECK_TRANSLATION, OUT_OF_DATE

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_NEW_TAKE = frozenset({"text", "translation", "direction", "speaker"})
"""Changes after which a take that a person chose is no longer the one to hear."""
_NEW_PICTURE = frozenset({"speaker", "start", "end"})
"""Changes after which what the picture showed of the speaker no longer holds."""


def edit_line(
    script: Script,
    line_id: str,
    *,
    text: str | None = None,
    translation: str | None = None,
    direction: str | None = None,
    speaker: str | None = None,
    start: int | None = None,
    end: int | None = None,
) -> Script:
    """Return the script with the line's fields set; None leaves a field, an equal value changes nothing.

    `start` and `end` are samples of the programme. A new `text` (what was really said) drops the
    translation, so that it is made afresh; that of an approved line stays. An empty `translation` leaves the
    line silent. Changed words are no longer reviewed or approved. The same `translation` again says that
    it was checked after a correction of the original.
    """
    line = script.line(line_id)
    wanted: dict[str, Any] = {
        "text": text if text is None else join_to_one_line(text),
        "translation": translation if translation is None else join_to_one_line(translation),
        "direction": direction if direction is None else join_to_one_line(direction),
        "speaker": speaker if speaker is None else script.speaker(speaker).id,
        "start": start,
        "end": end,
    }
    changes = {
        name: value for name, value in wanted.items() if value is not None and value != getattr(line, name)
    }
    if not changes:
        # The same words again say that the translation still holds after a correction of the original.
        checked = line if translation is None else line.without_flags(CHECK_TRANSLATION)
        return script if checked == line else script.with_line(checked)
    require_unlocked(line)
    changed = _forget_picture(_apply_changes(line, changes), changes)
    if changes.keys() & {"start", "end"}:
        require_inside(changed, script)
    return _remove_silent_speakers(script.with_line(changed))


def add_line(
    script: Script, start: int, end: int, text: str, *, translation: str = "", speaker: str = ""
) -> tuple[Script, str]:
    """Return the script with a line that was missing at [start, end) in samples, and its id.

    Without a speaker it belongs to whoever has the line next to it. The bed replaces the original there when
    the programme is mixed again. Raises ScriptError for a span outside the programme and for no words.
    """
    words = join_to_one_line(text)
    if not words:
        raise ScriptError("A new line needs the words that are said.", hint="Give them with --text.")
    if not speaker and not script.lines:
        raise ScriptError("There is nobody who could say the line.", hint="Dub the programme first.")
    who = speaker or min(script.lines, key=lambda line: _measure_distance(line, start, end)).speaker
    script, new_id = make_line_id(script, script.speaker(who).id)
    line = Line(
        new_id,
        who,
        start,
        end,
        text=words,
        translation=join_to_one_line(translation),
        edited=("text", "start", "end", "speaker", *(("translation",) if translation else ())),
        shaped=True,
    )
    require_inside(line, script)
    return replace(script, lines=sort_lines((*script.lines, line))), line.id


def leave_speech(script: Script, start: int, end: int) -> Script:
    """Return the script in which speech without a line over [start, end), in samples, is left as it is.

    The original stays in the dub there, and nothing asks for a line any more. Raises ScriptError for a
    stretch outside the programme.
    """
    if not 0 <= start < end <= script.programme.length:
        raise ScriptError("This stretch is not inside the programme.", hint="Give its start, then its end.")
    left = tuple(sorted({*script.left_speech, (start, end)}))
    return replace(script, left_speech=left)


def _measure_distance(line: Line, start: int, end: int) -> int:
    return max(line.start - end, start - line.end)


def use_take(script: Script, line_id: str, take_id: str) -> Script:
    """Return the script with that take chosen; the line's words become those that it says."""
    line = script.line(line_id)
    take = next((take for take in line.takes if take.id == take_id), None)
    require_unlocked(line)
    if take is None:
        known = ", ".join(take.id for take in line.takes) or "none yet"
        raise ScriptError(f"{line.id} has no take {take_id!r}.", hint=f"It has: {known}.")
    # A person may have recorded a line that had no words yet, a laugh for example.
    same = take.text == line.spoken_translation or (take.human and not take.text)
    said: dict[str, Any] = {} if same else {"translation": take.text}
    if said:
        line = replace(line, review=None)
    edited = add_names(line.edited, "chosen", *said)
    if take.id != line.chosen:
        line, edited = remove_cuts(line), drop_names(edited, "placement")
    return script.with_line(replace(line, chosen=take.id, variation=take.variation, edited=edited, **said))


def request_another_take(script: Script, line_id: str) -> Script:
    """Return the script asking for one more take of the words that the line has now.

    The words are kept as they are, also where a rewriting made them: who asks for another take has
    heard these. Raises ScriptError for a line that has nothing to say.
    """
    line = script.line(line_id)
    if not line.spoken_translation:
        raise ScriptError(f"{line.id} has no translation to speak.", hint="Give it one with --translation.")
    require_unlocked(line)
    made = [take.variation for take in line.takes if take.text == line.spoken_translation]
    edited = add_names(drop_names(line.edited, "chosen", "placement"), "translation", "variation")
    return script.with_line(replace(remove_cuts(line), variation=max(made, default=-1) + 1, edited=edited))


def rename_speaker(script: Script, speaker_id: str, name: str) -> Script:
    """Return the script with the speaker's name set. A name is one person's."""
    speaker, name = script.speaker(speaker_id), _clean_name(name)
    _require_free(script, name, speaker.id)
    return _replace_speaker(script, _set_fields(speaker, name=name))


def recolour_speaker(script: Script, speaker_id: str, colour: str) -> Script:
    """Return the script with the speaker's colour set, as #rrggbb."""
    if not _COLOUR.match(colour):
        raise ScriptError(f"{colour!r} is not a colour.", hint="Write it as #4f9dff.")
    return _replace_speaker(script, _set_fields(script.speaker(speaker_id), colour=colour.lower()))


def merge_speakers(script: Script, source: str, into: str) -> Script:
    """Return the script in which all that `source` says is said by `into`; `source` is gone."""
    if script.speaker(source).id == script.speaker(into).id:
        raise ScriptError(f"{source} cannot be merged into itself.", hint="Name two speakers.")
    lines = (line.id for line in script.lines if line.speaker == source)
    return _remove_speaker(_assign_lines(script, set(lines), into), source)


def split_speaker(
    script: Script, speaker_id: str, line_ids: Collection[str], name: str = ""
) -> tuple[Script, str]:
    """Return the script in which those lines of the speaker are said by a new person, and the new speaker's
    id.

    Without a name the new person gets the id's. Raises ScriptError when a line is not that speaker's, when
    none is named, and when all are: that would be a new name, not a split.
    """
    speaker = script.speaker(speaker_id)
    own = {line.id for line in script.lines if line.speaker == speaker_id}
    wrong = [line_id for line_id in line_ids if script.line(line_id).id not in own]
    if wrong:
        raise ScriptError(
            f"{wrong[0]} is not a line of {speaker.name} ({speaker.id}).",
            hint="Only lines of one speaker are split off at once.",
        )
    if not line_ids or own <= set(line_ids):
        raise ScriptError(
            f"{len(set(line_ids))} of {format_count(len(own), 'line')} cannot be split from "
            f"{speaker.name} ({speaker.id}).",
            hint="Name some of the lines, not none and not all; a new name needs no split.",
        )
    # Lines keep the number of whom they were first given to: it must not come to mean somebody else.
    used = {*(s.id for s in script.speakers), *(line.id.partition("_")[0] for line in script.lines)}
    person = make_unnamed_speaker(new_id := make_speaker_id(used))
    if name:
        _require_free(script, _clean_name(name), new_id)
        person = _set_fields(person, name=_clean_name(name))
    people = _sort_speakers((*script.speakers, person))
    return _assign_lines(replace(script, speakers=people), set(line_ids), new_id), new_id


def _give_to(line: Line, speaker: str) -> Line:
    changes = {"speaker": speaker}
    return _forget_picture(_apply_changes(line, changes), changes)


def _forget_picture(line: Line, changes: Collection[str]) -> Line:
    """Return the line without what the picture showed of its speaker, where that no longer holds."""
    if "start" in changes and line.said_at is not None:
        # Whoever moves it here, and not in a timeline, sees the project's own picture.
        line = replace(line, picture_under=PictureUnder.STAYED)
    stays = "on_screen" in line.edited or not _NEW_PICTURE.intersection(changes)
    return line if stays else replace(line, on_screen=None)


def _apply_text(line: Line, changes: dict[str, Any]) -> Line:
    """Return the line ready for the new text of the original that is among the changes."""
    if not changes["text"]:
        raise ScriptError(
            f"{line.id} would have no text.", hint="To leave a line silent, give an empty translation."
        )
    if line.is_approved:
        # The approved words stay; somebody has to look at them again.
        return replace(line, review=ReviewState.TRANSLATED)
    if "translation" in changes:
        return line
    # New words of the original are translated afresh, even where a person had put words before.
    return replace(
        line,
        translation="",
        status=Status.RECOGNISED,
        review=None,
        edited=drop_names(line.edited, "translation"),
    )


def _apply_changes(line: Line, changes: dict[str, Any]) -> Line:
    if "text" in changes:
        line = _apply_text(line, changes)
    if changes.keys() & {"text", "translation"}:
        line = line.without_flags(OUT_OF_DATE, CHECK_TRANSLATION)
    if "translation" in changes:
        line = replace(line, review=None)
    edited = add_names(line.edited, *changes)
    # What a person recorded stays where an editor put it, whatever the line says now.
    if not line.has_human_take or changes.keys() & {"start", "end"}:
        edited = drop_names(edited, "placement")
    if "end" in changes and line.until is not None:
        # Whoever sets its end anew means another than the one at which a timeline cut it.
        line, edited = replace(line, until=None), drop_names(edited, "until")
    if "speaker" in changes:
        # How it is said is told against another person's habit.
        line = replace(line, prosody=None, manner=None)
    if changes.keys() & _NEW_TAKE and not line.has_human_take:
        line, edited = replace(remove_cuts(line), variation=0), drop_names(edited, "chosen", "variation")
    return replace(line, edited=edited, **changes)


def _assign_lines(script: Script, line_ids: Collection[str], speaker: str) -> Script:
    """The lines, now that speaker's. Raises LockedLineError."""
    require_unlocked(*(line for line in script.lines if line.id in line_ids))
    return script.map_lines(lambda line: _give_to(line, speaker) if line.id in line_ids else line)


def _remove_silent_speakers(script: Script) -> Script:
    """Remove speakers who have no lines left."""
    speaking = {line.speaker for line in script.lines}
    return replace(script, speakers=tuple(s for s in script.speakers if s.id in speaking))


def _remove_speaker(script: Script, speaker: str) -> Script:
    return replace(script, speakers=tuple(s for s in script.speakers if s.id != speaker))


def _replace_speaker(script: Script, speaker: Speaker) -> Script:
    return replace(script, speakers=tuple(speaker if s.id == speaker.id else s for s in script.speakers))


def _sort_speakers(speakers: Collection[Speaker]) -> tuple[Speaker, ...]:
    by_id = {speaker.id: speaker for speaker in speakers}
    return tuple(by_id[speaker] for speaker in sort_speaker_ids(by_id))


def _set_fields(speaker: Speaker, **fields: Any) -> Speaker:
    return replace(speaker, edited=add_names(speaker.edited, *fields), **fields)


def _require_free(script: Script, name: str, speaker_id: str) -> None:
    for other in script.speakers:
        if other.id != speaker_id and other.name.casefold() == name.casefold():
            raise ScriptError(
                f"{other.id} is called {other.name} already.",
                hint=f"If they are one person, merge them: --merge {speaker_id}={other.id}.",
            )


def _clean_name(name: str) -> str:
    clean = join_to_one_line(name)
    if not clean:
        raise ScriptError("A speaker needs a name.", hint="Write at least one letter.")
    return clean
