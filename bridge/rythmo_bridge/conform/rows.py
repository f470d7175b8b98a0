"""A review as plain values, with one row for each line and each unknown clip.

The command line, the service, the page and the hosts all use the same rows.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rythmo.script.model import Line
from rythmo_bridge.conform.changes import Change, Piece
from rythmo_bridge.conform.describe import change_detail, timecode
from rythmo_bridge.conform.review import Review


class PieceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One clip of a line; positions in samples of the programme."""

    track: str
    speaker: str | None
    start: int
    end: int
    shift: int
    speed: float


class PlanRow(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one line, or to a clip that belongs to none (`line` is empty).

    `from` and `to` are [start, end) in samples; `to` is null for a line that is gone. `what` describes the
    change, `note` says how far and where to, and `reason` explains a conflict.
    """

    line: str = ""
    name: str = ""
    speaker: str | None = None
    what: str = ""
    fates: list[str] = []
    from_: tuple[int, int] | None = msgspec.field(name="from", default=None)
    to: tuple[int, int] | None = None
    timecode: str = ""
    text: str = ""
    note: str = ""
    conflict: bool = False
    reason: str = ""
    head: int = 0
    tail: int = 0
    with_picture: bool = False
    pieces: list[PieceRow] = []
    copies: list[PieceRow] = []

    @property
    def is_told(self) -> bool:
        """Whether a person has to see the row: something happened, or has to be decided."""
        return self.conflict or self.fates != ["same"]


class QuestionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A question to answer first; if it is not `acceptable`, the plan cannot be applied."""

    code: str
    message: str
    hint: str
    acceptable: bool = True


def plan_rows(found: Review) -> list[PlanRow]:
    """Return a row for each change, in order."""
    lines = {line.id: line for line in found.script.lines}
    return [_row(change, found, lines.get(change.line)) for change in found.changes]


def question_rows(found: Review) -> list[QuestionRow]:
    """Return the open questions."""
    return [
        QuestionRow(code=each.code, message=each.message, hint=each.hint, acceptable=each.acceptable)
        for each in found.questions
    ]


def review_data(found: Review) -> dict[str, Any]:
    """Return the review as plain values for JSON; positions in samples of the programme."""
    return {
        "rows": msgspec.to_builtins(plan_rows(found)),
        "counts": found.counts,
        "conflicts": len(found.plan.conflicts),
        "applies": found.plan.applies,
        "notes": list(found.notes),
        "questions": msgspec.to_builtins(question_rows(found)),
    }


def _row(change: Change, found: Review, line: Line | None) -> PlanRow:
    return PlanRow(
        line=change.line,
        name=change.name,
        speaker=line.speaker if line else None,
        what=", ".join(change.fates),
        fates=[fate.name.lower() for fate in change.fates],
        from_=(change.start, change.end),
        to=(change.pieces[0].start, change.pieces[-1].end) if change.pieces else None,
        timecode=timecode(change.start, found.delivered),
        text=(line.translation or line.text) if line else "",
        note=change_detail(change, found.delivered),
        conflict=bool(change.conflict),
        reason=change.conflict,
        head=change.head,
        tail=change.tail,
        with_picture=change.with_picture,
        pieces=[_piece(piece) for piece in change.pieces],
        copies=[_piece(piece) for piece in change.copies],
    )


def _piece(piece: Piece) -> PieceRow:
    return PieceRow(
        track=piece.track,
        speaker=piece.speaker,
        start=piece.start,
        end=piece.end,
        shift=piece.shift,
        speed=float(piece.speed),
    )
