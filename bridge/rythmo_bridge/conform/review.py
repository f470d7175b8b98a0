"""Compares a project with a timeline that was edited: what the command line, the service and the hosts call.

`read_edit` parses the edited timeline once. `review` compares and changes nothing. `decide_script` returns
the script to make deliveries of once every question is answered.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from rythmo.counts import format_count
from rythmo.errors import TimelineError
from rythmo.files import make_printable
from rythmo.project.workspace import Project
from rythmo.script.model import FollowedTimeline, Script
from rythmo_bridge.conform import questions
from rythmo_bridge.conform.changes import Change, Fate, Piece
from rythmo_bridge.conform.classify import LineHistory, classify, lines_of_missing_tracks
from rythmo_bridge.conform.conformed_script import ConformPlan, plan_conform
from rythmo_bridge.conform.flatten import flatten
from rythmo_bridge.conform.foreign import is_foreign
from rythmo_bridge.conform.line_clips import (
    DeliveredLine,
    FoundClips,
    delivered_lines,
    find_line_clips,
    line_starts,
)
from rythmo_bridge.conform.picture import find_picture
from rythmo_bridge.conform.places import align_to_programme
from rythmo_bridge.conform.questions import Question
from rythmo_bridge.deliver import project_timeline
from rythmo_bridge.formats.edl.reader import read_at
from rythmo_bridge.formats.registry import read_timeline
from rythmo_bridge.timeline import Item, Timeline

_FEW = Fraction(1, 5)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edited timeline as it was read.

    `name` is for messages. `by_track` is set for EDLs, which hold one track each and neither gain nor fades.
    `files` are those that it was read from; a host hands over none.
    """

    timeline: Timeline
    name: str
    by_track: bool = False
    files: tuple[FollowedTimeline, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """What an editor did to `script`.

    `delivered` is its timeline as Rythmo has it, `changes` holds one change for each line and each unknown
    clip, `plan` is the script that would follow, `questions` are what a person has to answer before that, and
    `notes` are to be read first.
    """

    script: Script
    delivered: Timeline
    changes: tuple[Change, ...]
    plan: ConformPlan
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


def read_edit(project: Project, edited: Sequence[Path], sequence: str = "") -> Edit:
    """Read an edited timeline: one file, EDLs of several tracks, or a folder of EDLs.

    `sequence` names the timeline to take if a file holds several. An EDL has neither frame rate nor start:
    both are taken from the project.

    Raises:
        ScriptError: There is no project.
        TimelineError: A file cannot be read.
        UsageError: A file is not a timeline.
    """
    programme = project.load().programme
    paths = _files(edited)
    read = [
        read_at(path, programme.rate, programme.start_frame)
        if path.suffix.lower() == ".edl" and path.is_file() and not sequence
        else read_timeline(path, sequence)
        for path in paths
    ]
    by_track = all(path.suffix.lower() == ".edl" for path in paths)
    name = ", ".join(make_printable(path) for path in paths[:3])
    return Edit(join_tracks(read), name, by_track, tuple(_name_file(path) for path in paths))


def _name_file(path: Path) -> FollowedTimeline:
    """Return a file's name and hash; a folder that is one timeline has the hash of its description."""
    inside = next(iter(sorted(path.glob("*.fcpxml"))), path) if path.is_dir() else path
    try:
        with inside.open("rb") as file:
            return FollowedTimeline(path.name, hashlib.file_digest(file, "sha256").hexdigest())
    except OSError:
        return FollowedTimeline(path.name)


def review(project: Project, edit: Edit, *, partial: bool = False, accept_missing: bool = False) -> Review:
    """Compare a project with an edited timeline.

    If the timeline lacks some tracks entirely, their lines raise a question; with `partial` they stay
    unchanged, with `accept_missing` they count as deleted.

    Raises:
        ScriptError: There is no project.
        TimelineError: The timeline is not an edit of this dub: it holds few or none of its lines (unless
            `accept_missing`), or those of another project.
    """
    script = project.load()
    delivered = project_timeline(project.root, script, Path(script.programme.source))
    return compare(script, delivered, edit, partial=partial, accept_missing=accept_missing)


def compare(
    script: Script,
    delivered: Timeline,
    edit: Edit,
    *,
    partial: bool = False,
    accept_missing: bool = False,
) -> Review:
    """Compare a delivered timeline with an edit, as `review` does.

    The only files that are opened are those whose names give no line.
    """
    lines = delivered_lines(delivered)
    flat = flatten(edit.timeline)
    starts = {line.line: line.item.start for line in lines.values()}
    brought = align_to_programme(delivered, flat, line_starts(flat, lines), starts)
    found = find_line_clips(delivered, brought.timeline, lines)
    left = lines_of_missing_tracks(lines.values(), found)
    _require_ours(script, lines, found, left, edit, brought.timeline, accept_missing=accept_missing)
    lost = _has_lost_levels(lines, found)
    leaves = edit.by_track or (not accept_missing and bool(left))
    changes = classify(
        delivered,
        brought.timeline,
        partial=leaves,
        holds_levels=not edit.by_track and not lost,
        known=_line_history(script),
        found=found,
    )
    changes = tuple(_unless_locked(_unless_followed(change, script), script) for change in changes)
    wanted = plan_conform(script, changes, start_frame=None if edit.by_track else brought.start_frame)
    wanted = _with_source(wanted, edit)
    picture = find_picture(delivered, brought.timeline)
    is_partial = edit.by_track or partial or accept_missing
    asked = questions.find_questions(lines, changes, picture, () if is_partial else left)
    counted = Counter(fate for change in changes for fate in change.fates)
    counts = {fate.name.lower(): counted[fate] for fate in Fate if counted[fate]}
    notes = [*edit.timeline.notes, *brought.notes]
    if lost and not edit.by_track:
        notes.append("It has none of the levels and fades that the dub was delivered with: they are kept.")
    if leaves and left and (partial or edit.by_track):
        stay = "it stays" if len(left) == 1 else "they stay"
        count = format_count(len(left), "line is", "lines are")
        notes.append(f"{count} on tracks that it does not hold; {stay} unchanged.")
    return Review(script, delivered, changes, wanted, tuple(notes), asked, counts)


def _with_source(plan: ConformPlan, edit: Edit) -> ConformPlan:
    """Return the plan whose script names the timeline that it follows, where it follows anything of it."""
    if not plan.applies:
        return plan
    new = edit.files or (FollowedTimeline(edit.name),)
    others = tuple(one for one in plan.script.followed if one not in new)
    return replace(plan, script=replace(plan.script, followed=(*others, *new)))


def decide_script(
    found: Review, now: Script, *, keep_conflicts: bool = False, accept: Collection[str] = ()
) -> Script | None:
    """Return the script to make deliveries of; None if nothing changed. `now` is the current script.

    Raises:
        TimelineError: Lines need a decision (with `keep_conflicts` they stay unchanged), a question is open
            whose code is not in `accept`, or the project has changed since the comparison.
    """
    if now != found.script:
        raise TimelineError(
            "The project has changed since it was compared with the timeline; nothing was changed.",
            hint="Compare again.",
        )
    questions.require_answers(found.questions, accept)
    if found.plan.conflicts and not keep_conflicts:
        count = len(found.plan.conflicts)
        raise TimelineError(
            f"{format_count(count, 'line needs', 'lines need')} a decision; nothing was changed.",
            hint="Resolve them in the timeline, or leave those lines unchanged with --keep-conflicts.",
        )
    return found.plan.script if found.plan.applies else None


def _has_lost_levels(lines: dict[str, DeliveredLine], found: FoundClips) -> bool:
    """Whether no clip has gain or fades, although several lines were delivered with them.

    Some hosts export none, and nobody resets all of them at once.
    """
    ours = [
        line.item for line in lines.values() if line.item.gain_db or line.item.levels or _fades(line.item)
    ]
    theirs = (piece for pieces in found.pieces.values() for piece in pieces)
    return len(ours) > 1 and not any(piece.gain_db or piece.levels or _fades(piece) for piece in theirs)


def _fades(clip: Item | Piece) -> int:
    return clip.fade_in + clip.fade_out


def _line_history(script: Script) -> LineHistory:
    chosen = {"chosen", "variation"}
    return LineHistory(
        takes={line.id: frozenset(take.id for take in line.takes) for line in script.lines},
        cuts={line.id: (line.clip.head, line.clip.tail) for line in script.lines},
        by_hand=frozenset(line.id for line in script.lines if chosen & set(line.edited)),
        followed={line.id: line.conformed.partition(" ")[0] for line in script.lines if line.conformed},
    )


def _unless_followed(change: Change, script: Script) -> Change:
    """Treat a line as unedited if its clips lie as in the timeline that it followed last."""
    if not change.line or change.same or not change.mark:
        return change
    if script.line(change.line).conformed != change.mark:
        return change
    return replace(change, fates=(Fate.SAME,), head=0, tail=0, conflict="")


def _unless_locked(change: Change, script: Script) -> Change:
    """Let a person decide about an edit of a locked line: it is not applied."""
    if not change.line or change.same or not script.line(change.line).locked:
        return change
    return replace(change, conflict="; ".join(filter(None, (change.conflict, "the line is locked"))))


def _require_ours(
    script: Script,
    lines: dict[str, DeliveredLine],
    found: FoundClips,
    left: set[str],
    edit: Edit,
    edited: Timeline,
    *,
    accept_missing: bool,
) -> None:
    """Raise TimelineError for a timeline that is no edit of this dub."""
    judged = len(lines) - len(left)
    few = len(found.pieces) < _FEW * judged or not found.pieces
    if lines and few and not accept_missing:
        example = next(iter(lines.values())).item.name
        raise TimelineError(
            f"{edit.name} is not an edit of this dub: {len(found.pieces)} of its "
            f"{format_count(len(lines), 'line')} were recognised. Rythmo looked for line ids, names such as "
            f"{example} and the takes' own sound in {format_count(found.clips, 'clip')} on "
            f"{format_count(len(found.tracks), 'sound track')}, nests included.",
            hint="Export the timeline that holds the dub, with its sound. If the lines really were "
            "deleted, use --accept-missing.",
        )
    if is_foreign(script, lines, found, edited):
        raise TimelineError(
            f"{edit.name} is an edit of another project: its clips have the names of this project's "
            "lines, but other words or lengths.",
            hint=f"Conform it to the project that it was delivered from, not to {script.programme.name}.",
        )


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return the files; those of a folder of EDLs in order of name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir() and path.suffix.lower() != ".fcpxmld":
            inside = sorted(path.glob("*.edl"))
            if not inside:
                raise TimelineError(
                    f"{make_printable(path)} contains no EDL.", hint="Name the timeline itself."
                )
            found += inside
        else:
            found.append(path)
    return found


def join_tracks(read: Sequence[Timeline]) -> Timeline:
    """Join several files as the tracks of one timeline."""
    if len(read) == 1:
        return read[0]
    media = {
        f"{number}/{key}": value for number, each in enumerate(read) for key, value in each.media.items()
    }
    tracks = tuple(
        replace(
            track,
            items=tuple(
                replace(item, media=None if item.media is None else f"{number}/{item.media}")
                for item in track.items
            ),
        )
        for number, each in enumerate(read)
        for track in each.tracks
    )
    notes = tuple(dict.fromkeys(note for each in read for note in each.notes))
    return replace(read[0], tracks=tracks, media=media, notes=notes)
