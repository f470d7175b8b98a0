"""Lists what a person has to answer before an edit is applied. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rythmo.counts import format_count
from rythmo.errors import TimelineError
from rythmo_bridge.conform.changes import Change, Fate
from rythmo_bridge.conform.line_clips import DeliveredLine, join_names
from rythmo_bridge.conform.picture import Picture

MISSING, DELETIONS, RECUT = "missing", "deletions", "recut"
_MANY = Fraction(1, 4)
_A_FEW = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A stable `code`, a sentence, and how to answer it.

    While a question that is not `acceptable` is open, the edit cannot be applied.
    """

    code: str
    message: str
    hint: str
    acceptable: bool = True


def find_questions(
    lines: Mapping[str, DeliveredLine], changes: Sequence[Change], picture: Picture, left: Collection[str]
) -> tuple[Question, ...]:
    """Return the questions that an edit raises; `left` are the lines of tracks that it does not hold."""
    asked = []
    if picture.moved:
        asked.append(_recut(picture))
    if left:
        tracks = dict.fromkeys(lines[line].track for line in sorted(left))
        asked.append(
            Question(
                MISSING,
                f"The edited timeline does not hold {join_names(tracks)}: {_count(len(left))} not judged.",
                "With --partial those lines stay unchanged; with --accept-missing they are deleted.",
            )
        )
    gone = [change.line for change in changes if Fate.DELETED in change.fates]
    judged = sum(1 for change in changes if change.line)
    if len(gone) > _A_FEW and len(gone) > _MANY * judged:
        asked.append(
            Question(
                DELETIONS,
                f"{len(gone)} of {format_count(judged, 'line')} would be deleted: {join_names(gone)}.",
                "If the edit did delete them, use --accept-deletions.",
            )
        )
    return tuple(asked)


def require_answers(questions: Sequence[Question], accept: Collection[str]) -> None:
    """Raise TimelineError for the first question that is still open."""
    for question in questions:
        if not question.acceptable or question.code not in accept:
            raise TimelineError(f"{question.message} Nothing was changed.", hint=question.hint)


def _recut(picture: Picture) -> Question:
    count = len(picture.moved)
    return Question(
        RECUT,
        f"The picture was re-edited: {format_count(count, 'piece lies', 'pieces lie')} elsewhere, and "
        "the M&E, the film and the original of this project would not follow.",
        "Restore the picture to conform only the lines; or export the new cut with its picture and "
        "original sound, without the dub's own tracks, and dub that (`rythmo dub CUT.otio`).",
        acceptable=False,
    )


def _count(lines: int) -> str:
    return format_count(lines, "line was", "lines were")
