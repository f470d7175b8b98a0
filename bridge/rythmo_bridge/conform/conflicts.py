"""Finds what about a line's clips cannot be applied without a decision, whatever the line is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rythmo.counts import format_count
from rythmo_bridge.conform.changes import Fate, Piece


def piece_conflicts(main: Sequence[Piece], fates: Sequence[Fate], slack: int) -> Iterable[str]:
    """Yield a sentence for each conflict; `main` are the line's own clips in order of content."""
    if len(main) > 1 and not _is_whole(main, slack):
        yield f"it is in {format_count(len(main), 'piece')} that no longer join"
    if len({(piece.enabled, round(piece.gain_db, 1)) for piece in main}) > 1:
        yield "its pieces have different levels"
    if Fate.COPIED in fates:
        yield "it occurs more than once, but a line has only one position"
    if len({piece.speaker for piece in main}) > 1:
        yield "its pieces are on tracks of different speakers"
    elif Fate.OTHER_TRACK in fates and main[0].speaker is None:
        yield f"the track {main[0].track!r} belongs to no speaker"
    if any(piece.speed <= 0 for piece in main):
        yield "it plays backwards or is frozen"
    elif len({piece.speed for piece in main}) > 1:
        yield "its pieces have different speeds"
    if main[0].start < 0:
        yield "it begins before the start of the programme"


def _is_whole(pieces: Sequence[Piece], slack: int) -> bool:
    """Whether the pieces follow each other without a gap, as after a razor cut and nothing else."""
    return all(
        abs(after.content - before.content_end) <= slack and abs(after.start - before.end) <= slack
        for before, after in pairwise(pieces)
    )
