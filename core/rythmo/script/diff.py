"""Carry a person's edits from the old script of a programme to a new one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rythmo.script.kept_structure import find_absorbed, is_held, renew_words
from rythmo.script.line_ids import find_last_number
from rythmo.script.model import Line, Script, Speaker, sort_lines
from rythmo.script.people import (
    is_unnamed,
    make_speaker_id,
    make_unnamed_speaker,
    match_people,
    measure_overlap,
    sort_speaker_ids,
)
from rythmo.script.recut import follow_cut, list_words

_SAME = 0.5
_SAME_SPEAKER = 0.25


def carry_over_edits(old: Script, new: Script) -> Script:
    """Return the new script with ids, takes and edits of the old.

    A speaker of the new script is the speaker of the old one who spoke at those times, whatever their
    labels. A line keeps its id for ever: a new line that covers mostly the same time as an old one is that
    line, whoever of its speaker first. Fields that a person set stay as they set them, also where speakers
    were merged and split; takes are kept as alternates. What a person took out does not come back, and lines
    that a person split, joined, added or locked stay so. In a new cut of the film, that time is where the
    same words are said now.
    """
    old = follow_cut(old, new.lines)
    who = _map_speakers(old, new)
    found = [replace(line, speaker=who[line.speaker]) for line in new.lines]
    every, out = (*old.lines, *old.removed), {line.id for line in old.removed}
    pairs = _match_lines(every, found)
    absorbed = find_absorbed(old, found, pairs)
    highest = find_last_number(old)
    lines = [_keep_held(line, found, absorbed) for line in old.lines if is_held(line)]
    for line in found:
        before = pairs.get(line.id)
        if line.id in absorbed or (before is not None and before.id in out):
            continue
        if before is not None:
            lines.append(_keep_edits(before, line))
            continue
        given = _assign_by_hand(line, old.lines)
        if every:
            highest += 1
            given = replace(given, id=f"{given.speaker}_{highest:04}")
        lines.append(given)
    ordered = sort_lines(lines)
    speakers = _merge_people(old, new, who, ordered)
    programme = new.programme
    if old.programme.media_start_frame == programme.start_frame and old.programme.rate == programme.rate:
        # An edited timeline moved the programme's start; its media still begins where it did.
        programme = replace(
            programme,
            start_frame=old.programme.start_frame,
            media_start_frame=old.programme.media_start_frame,
        )
    return replace(
        new,
        programme=programme,
        lines=ordered,
        speakers=speakers,
        removed=old.removed,
        left_speech=old.left_speech,
        faces=old.faces,
        last_number=highest if highest > find_last_number(old) else old.last_number,
        original=old.original,
        removed_here=old.removed_here,
        followed=old.followed,
        taken_over=old.taken_over,
        set_aside=old.set_aside,
    )


def _keep_held(line: Line, found: Sequence[Line], absorbed: Mapping[str, Line | None]) -> Line:
    by_hand = "speaker" in line.edited
    taken = (one for one in found if one.id in absorbed and (by_hand or one.speaker == line.speaker))
    return renew_words(line, taken)


def _map_speakers(old: Script, new: Script) -> dict[str, str]:
    """New speaker -> id in the project: that of the old speaker, or one that nobody has had.

    Several may map to one: speakers that a person merged are recognised separately in every run.
    """
    who = match_people(old.lines, new.lines)
    used = {*(s.id for s in old.speakers), *(line.id.partition("_")[0] for line in old.lines)}
    for label in sort_speaker_ids({*(s.id for s in new.speakers), *(line.speaker for line in new.lines)}):
        if label not in who:
            own = [line for line in new.lines if line.speaker == label]
            who[label] = _find_manual_speaker(own, old.lines) or (
                make_speaker_id(used) if label in used else label
            )
            used.add(who[label])
    return who


def _find_manual_speaker(lines: Sequence[Line], old: Iterable[Line]) -> str | None:
    """Whom a person said to be the speaker of most of this time."""
    time: Counter[str] = Counter()
    for before in old:
        if "speaker" in before.edited:
            time[before.speaker] += sum(measure_overlap(before, line) for line in lines)
    if not time:
        return None
    most = max(sort_speaker_ids(time), key=lambda speaker: time[speaker])
    return most if 2 * time[most] > sum(line.length for line in lines) else None


def _assign_by_hand(line: Line, old: Sequence[Line]) -> Line:
    """Give a new line to the speaker whom a person set for that time."""
    speaker = _find_manual_speaker([line], old)
    return replace(line, speaker=speaker, edited=(*line.edited, "speaker")) if speaker else line


def _match_lines(old: Sequence[Line], new: Sequence[Line]) -> dict[str, Line]:
    """New id -> old line: the same words first, then whoever shares most time; each old line once."""
    candidates = sorted(
        (
            (-_measure_likeness(before, line), before.start, line.id, before)
            for before in old
            for line in new
            if before.start < line.end and line.start < before.end
        ),
        key=lambda candidate: candidate[:3],
    )
    pairs: dict[str, Line] = {}
    taken: set[str] = set()
    for likeness, _, new_id, before in candidates:
        if -likeness >= _SAME and new_id not in pairs and before.id not in taken:
            pairs[new_id] = before
            taken.add(before.id)
    return pairs | _match_moved_lines(
        [line for line in old if line.id not in taken], [line for line in new if line.id not in pairs]
    )


def _match_moved_lines(old: Iterable[Line], new: Sequence[Line]) -> dict[str, Line]:
    """Lines that a person moved to another time are heard where they were: known by their words."""
    pairs: dict[str, Line] = {}
    for before in old:
        same = [line for line in new if line.id not in pairs and list_words(line) == list_words(before)]
        if same and {"start", "end"} & set(before.edited):
            pairs[min(same, key=lambda line: (abs(line.start - before.start), line.id)).id] = before
    return pairs


def _measure_likeness(before: Line, line: Line) -> float:
    joint = max(before.end, line.end) - min(before.start, line.start)
    return measure_overlap(before, line) / max(1, joint) + (
        _SAME_SPEAKER if before.speaker == line.speaker else 0.0
    )


def _keep_edits(before: Line, line: Line) -> Line:
    names = {*before.edited, "id", "takes", "chosen", "edited", "review", "comments"}
    kept: Line = replace(line, **{name: getattr(before, name) for name in names})
    same = kept.speaker == before.speaker
    return replace(kept, prosody=before.prosody, manner=before.manner) if same else kept


def _merge_people(
    old: Script, new: Script, who: Mapping[str, str], lines: Iterable[Line]
) -> tuple[Speaker, ...]:
    """Everybody who speaks: as the old script knows them, or new."""
    known = {speaker.id: speaker for speaker in old.speakers}
    found = {who[speaker.id]: speaker for speaker in reversed(new.speakers)}
    ids = sort_speaker_ids(line.speaker for line in lines)
    return tuple(_merge_person(speaker, known.get(speaker), found.get(speaker)) for speaker in ids)


def _merge_person(speaker_id: str, before: Speaker | None, found: Speaker | None) -> Speaker:
    if found is None:
        return before or make_unnamed_speaker(speaker_id)
    named = replace(found, id=speaker_id)
    if is_unnamed(found):
        named = replace(named, name=before.name if before else make_unnamed_speaker(speaker_id).name)
    if before is None:
        return named
    kept: dict[str, Any] = {"voice": found.voice or before.voice, "colour": before.colour or found.colour}
    kept["consent"] = "" if found.voice else before.consent
    kept["voice_locked"] = before.voice_locked
    kept |= {name: getattr(before, name) for name in before.edited}
    return replace(named, edited=tuple(dict.fromkeys((*before.edited, *found.edited))), **kept)
