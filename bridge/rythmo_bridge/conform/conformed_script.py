"""Applies the changes of an edit to the script, except those that a person has to decide first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rythmo.script.edit_marks import add_names, drop_names
from rythmo.script.model import Line, Programme, Script, remove_cuts, shift_words
from rythmo.script.takes import ClipEdit, GainPoint, Placement
from rythmo_bridge.conform.changes import Change, Fate

_LEVELS = frozenset({Fate.LEVEL, Fate.FADED, Fate.MUTED, Fate.UNMUTED})


@dataclass(frozen=True, slots=True)
class ConformPlan:
    """The script as the edit wants it. Lines with a conflict are unchanged in it."""

    script: Script
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    conflicts: tuple[Change, ...]

    @property
    def applies(self) -> bool:
        """Whether there is anything to apply."""
        return bool(self.changed or self.deleted)


def plan_conform(script: Script, changes: Sequence[Change], *, start_frame: int | None = None) -> ConformPlan:
    """Apply every change without a conflict; `start_frame`, if given, becomes the programme's first frame.

    An editor's cut is kept exactly: takes keep their fit and play where, from where and as loud as the clip
    does. Every line keeps the slot that it was cut with (`Line.until`), so that neighbours that moved or are
    gone change neither its take nor its samples. Deleted lines are recorded, so that they stay deleted.
    """
    conflicts = tuple(change for change in changes if change.conflict)
    wanted = {c.line: c for c in changes if c.line and not c.conflict and not c.same}
    moved = start_frame is not None and start_frame != script.programme.start_frame
    if moved:
        script = replace(script, programme=_set_start(script.programme, start_frame or 0))
    if not wanted:
        return ConformPlan(script, ("programme",) if moved else (), (), conflicts)
    gone = tuple(line for line in script.lines if Fate.DELETED in _fates(wanted, line))
    deleted = tuple(line.id for line in gone)
    kept = tuple(line for line in script.lines if line.id not in deleted)
    held = replace(
        script,
        lines=tuple(map(_keep_slot, kept)),
        removed=(*script.removed, *gone),
        # Other languages of the project keep the line: nobody took it out of their timelines.
        removed_here=(*script.removed_here, *deleted),
    )

    def apply(line: Line) -> Line:
        change = wanted.get(line.id)
        return _apply_change(line, change) if change is not None else line

    result = held.map_lines(apply)
    before = {line.id: line for line in held.lines}
    changed = tuple(line.id for line in result.lines if line != before[line.id])
    return ConformPlan(result, (*(("programme",) if moved else ()), *changed), deleted, conflicts)


def _set_start(programme: Programme, start_frame: int) -> Programme:
    media = programme.start_frame if programme.media_start_frame is None else programme.media_start_frame
    return replace(
        programme,
        start_frame=start_frame,
        media_start_frame=None if media == start_frame else media,
    )


def _fates(wanted: Mapping[str, Change], line: Line) -> tuple[Fate, ...]:
    return wanted[line.id].fates if line.id in wanted else ()


def _keep_slot(line: Line) -> Line:
    """Keep the end of the line's slot, because a person heard and cut it that way."""
    if line.placement is None or line.until is not None or line.locked:
        return line
    return replace(line, until=line.placement.slot_end, edited=add_names(line.edited, "until"))


def _apply_change(line: Line, change: Change) -> Line:
    """Return the line with the position, cut, level and speaker that the edit gave it."""
    heard = line.original_range
    line = _apply_sound(line, change)
    if Fate.MOVED in change.fates:
        line = _forget_picture(_shift_line(line, change.pieces[0].shift), line, change)
    if Fate.OTHER_TRACK in change.fates:
        line = _give_to_speaker(line, change)
    elif Fate.OTHER_TAKE in change.fates:
        line = _use_take(line, change)
    else:
        line = _apply_cut(line, change)
    line = replace(line, conformed=change.mark)
    if line.original_range == heard:
        return line
    return replace(line, said_at=heard, edited=add_names(line.edited, "said_at"))


def _apply_sound(line: Line, change: Change) -> Line:
    """Apply the clip's level, mute and fades."""
    if not _LEVELS & set(change.fates):
        return line
    first, last, clip = change.pieces[0], change.pieces[-1], line.clip
    if Fate.LEVEL in change.fates:
        levels = tuple(GainPoint(level.at, round(level.gain_db, 2)) for level in first.levels)
        clip = replace(clip, gain_db=round(first.gain_db, 2), levels=levels)
    if Fate.FADED in change.fates:
        clip = replace(clip, fade_in=first.fade_in, fade_out=last.fade_out)
    if {Fate.MUTED, Fate.UNMUTED} & set(change.fates):
        clip = replace(clip, muted=Fate.MUTED in change.fates)
    return replace(line, clip=clip, edited=add_names(line.edited, "clip"))


def _apply_cut(line: Line, change: Change) -> Line:
    """Keep the placement, cut and stretched as the clip is."""
    placement = line.placement
    if placement is None or not set(change.fates) - _LEVELS - {Fate.SPLIT}:
        return line
    clip, names = line.clip, ["placement"]
    if {Fate.TRIMMED_HEAD, Fate.TRIMMED_TAIL, Fate.OPENED} & set(change.fates):
        clip = _trim_clip(clip, placement, change)
        names.append("clip")
    if Fate.TRIMMED_TAIL in change.fates:
        line = replace(line, until=placement.end - clip.tail)
    if Fate.RETIMED in change.fates:
        placement, clip = _stretch_placement(placement, clip, float(abs(change.pieces[0].speed)))
        line, names = replace(line, until=placement.end), [*names, "clip"]
    return replace(line, placement=placement, clip=clip, edited=add_names(line.edited, *names))


def _trim_clip(clip: ClipEdit, placement: Placement, change: Change) -> ClipEdit:
    """Trim more or less; some of the line always remains."""
    length = placement.end - placement.start
    head = min(max(0, clip.head + change.head), length - 1)
    tail = min(max(0, clip.tail + change.tail), length - 1 - head)
    left = length - head - tail
    fade_in = min(clip.fade_in, left)
    return replace(clip, head=head, tail=tail, fade_in=fade_in, fade_out=min(clip.fade_out, left - fade_in))


def _stretch_placement(placement: Placement, clip: ClipEdit, speed: float) -> tuple[Placement, ClipEdit]:
    """Play the line faster by `speed`, from where the clip begins."""
    first = placement.start + clip.head

    def at(position: int) -> int:
        return first + round((position - first) / speed)

    pieces = tuple(
        replace(piece, start=at(piece.start), end=max(at(piece.start) + 1, at(piece.end)))
        for piece in placement.pieces
    )
    stretched = replace(
        placement,
        start=at(placement.start),
        end=max(at(placement.start) + 1, at(placement.end)),
        slot_end=at(placement.end),
        speed=placement.speed * speed,
        pieces=pieces,
    )
    cut = replace(
        clip,
        head=first - stretched.start,
        tail=round(clip.tail / speed),
        levels=tuple(replace(level, at=round(level.at / speed)) for level in clip.levels),
    )
    return stretched, cut


def _give_to_speaker(line: Line, change: Change) -> Line:
    """Give the line to the speaker whose track it lies on, so that it is voiced and fitted again."""
    speaker = change.pieces[0].speaker
    if speaker is None:
        return line
    line = _release_placement(line, change)
    edited = add_names(drop_names(line.edited, "chosen", "variation"), "speaker")
    return replace(line, speaker=speaker, prosody=None, manner=None, variation=0, edited=edited)


def _use_take(line: Line, change: Change) -> Line:
    """Choose the take that the clip plays, with the words of that take."""
    wanted = next((piece.take for piece in change.pieces if piece.take), None)
    take = next((take for take in line.takes if take.id == wanted), None)
    if take is None:
        return line
    line = _release_placement(line, change)
    said: dict[str, Any] = {} if take.text == line.spoken_translation else {"translation": take.text}
    edited = add_names(line.edited, "chosen", *said)
    return replace(line, chosen=take.id, variation=take.variation, edited=edited, **said)


def _release_placement(line: Line, change: Change) -> Line:
    """Let the line be fitted again, up to where the clip ends."""
    line = remove_cuts(line)
    if {Fate.TRIMMED_TAIL, Fate.RETIMED} & set(change.fates):
        end = max(line.start + 1, change.pieces[-1].end)
        line = replace(line, until=end, end=min(line.end, end))
        line = replace(line, edited=add_names(line.edited, "until", "end"))
    return replace(line, edited=drop_names(line.edited, "placement"))


def _shift_line(line: Line, shift: int) -> Line:
    """Move a line later by `shift` samples, with its words, slot and placement."""
    words = shift_words(line.words, shift)
    start = max(0, line.start + shift)
    return replace(
        line,
        start=start,
        end=max(start + 1, line.end + shift),
        words=words,
        until=line.until + shift if line.until is not None else None,
        placement=_shift_placement(line.placement, shift) if line.placement else None,
        edited=add_names(line.edited, "start", "end"),
    )


def _forget_picture(line: Line, before: Line, change: Change) -> Line:
    """Return a line that moved with what is known of the picture at its new place; the rest is looked up.

    A person's decision that the speaker is seen holds while the line still lies half over its old place.
    """
    left = min(line.end, before.end) - max(line.start, before.start)
    keeps = "on_screen" in line.edited and 2 * left >= line.length
    return replace(
        line,
        picture_under=change.under,
        on_screen=line.on_screen if keeps else None,
        edited=line.edited if keeps else drop_names(line.edited, "on_screen"),
    )


def _shift_placement(placement: Placement, shift: int) -> Placement:
    pieces = tuple(
        replace(piece, start=piece.start + shift, end=piece.end + shift) for piece in placement.pieces
    )
    return replace(
        placement,
        start=placement.start + shift,
        end=placement.end + shift,
        slot_end=placement.slot_end + shift,
        pieces=pieces,
    )
