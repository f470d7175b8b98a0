"""Classifies, line by line, what changed between a delivered timeline and its edited version. Pure.

Positions on frame borders are compared within half a frame, others within two samples (two roundings). If the
timeline was converted to another frame rate, its host rounded every position to the new frames, also those in
files: the tolerance is then one frame, and two frames for what a moved clip lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform import conflicts
from rythmo_bridge.conform.changes import Change, Fate, Piece, mark_of
from rythmo_bridge.conform.line_clips import DeliveredLine, FoundClips, find_line_clips, plain_name
from rythmo_bridge.conform.picture import Picture, find_picture
from rythmo_bridge.conform.shown_picture import ShownPicture, find_shown_picture
from rythmo_bridge.timeline import Level, Timeline

_EXACT = 2
# Tolerance for gain: hosts write hundredths of a dB, or a factor of a few digits.
_GAIN_DB = 0.06


@dataclass(frozen=True, slots=True)
class LineHistory:
    """What the project knows of its lines besides the timeline that it delivered.

    `takes` are the takes of each line. `cuts` is what an earlier edit cut off its head and tail. `by_hand`
    are the lines whose take a person chose in the project. `followed` is the take that each line adopted from
    a timeline last.
    """

    takes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    cuts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()
    followed: Mapping[str, str] = field(default_factory=dict)


_NOTHING = LineHistory()


def classify(
    delivered: Timeline,
    edited: Timeline,
    *,
    partial: bool = False,
    holds_levels: bool = True,
    known: LineHistory = _NOTHING,
    found: FoundClips | None = None,
) -> tuple[Change, ...]:
    """Compare two timelines and return what happened to each line.

    There is one Change for each line of `delivered`, in order of start, then one for each unknown clip.

    Args:
        delivered: The timeline that Rythmo delivered.
        edited: The timeline that came back, without nests (see `flatten`) and in the programme's time (see
            `places`).
        partial: Leave out the lines of tracks of which `edited` holds nothing.
        holds_levels: False for a format without gain and fades that leaves out disabled clips (EDLs).
        known: What the project knows of its lines.
        found: The result of `find_line_clips`, if the caller has it already.
    """
    found = found or find_line_clips(delivered, edited)
    lines = sorted(found.known.values(), key=lambda each: (each.item.start, each.line))
    judged = {line.line for line in lines} - (lines_of_missing_tracks(lines, found) if partial else set())
    picture, shown = find_picture(delivered, edited), find_shown_picture(delivered, edited)
    judge = _Judge(delivered, edited, found, picture, shown, known, holds_levels)
    changes = [judge.change(line) for line in lines if line.line in judged]
    return (*changes, *(_unknown_clip(name, piece) for name, piece in found.unknown))


def lines_of_missing_tracks(lines: Iterable[DeliveredLine], found: FoundClips) -> set[str]:
    """Return the lines whose tracks are missing from the edited timeline.

    A track is missing if neither a clip nor an empty track is left of it.
    """
    tracks: dict[str, list[str]] = {}
    for line in lines:
        tracks.setdefault(line.track, []).append(line.line)
    return {
        line
        for track, own in tracks.items()
        if plain_name(track) not in found.tracks and not any(line in found.pieces for line in own)
        for line in own
    }


def _unknown_clip(name: str, piece: Piece) -> Change:
    return Change("", (Fate.UNKNOWN,), piece.start, piece.end, (piece,), name=name)


@dataclass(frozen=True, slots=True)
class _Judge:
    delivered: Timeline
    edited: Timeline
    found: FoundClips
    picture: Picture
    shown: ShownPicture
    known: LineHistory
    holds_levels: bool
    exact_places: dict[int, bool] = field(default_factory=dict)

    def change(self, line: DeliveredLine) -> Change:
        """Return what happened to one line."""
        start, end = line.item.start, line.item.end
        pieces = tuple(self.settled(piece) for piece in self.found.pieces.get(line.line, ()))
        if not pieces:
            if not line.item.enabled and not self.holds_levels:
                return Change(line.line, (Fate.SAME,), start, end)
            gone = self.picture.is_gone(start, end)
            return Change(line.line, (Fate.DELETED,), start, end, with_picture=gone)
        main, copies = self.sorted_out(pieces, line)
        head, tail = self.lost(line, main)
        fates = tuple(self.fates(line, main, copies, head, tail)) or (Fate.SAME,)
        under = self.picture.shift(start)
        moved = Fate.MOVED in fates
        together = moved and under is not None and abs(under - main[0].shift) <= self.picture.tolerance
        opened = Fate.OPENED in fates
        return Change(
            line.line,
            fates,
            start,
            end,
            main,
            copies,
            head if Fate.TRIMMED_HEAD in fates or (opened and head < 0) else 0,
            tail if Fate.TRIMMED_TAIL in fates or (opened and tail < 0) else 0,
            with_picture=together,
            conflict="; ".join(self.conflicts(line, fates, main, under)),
            mark="" if fates == (Fate.SAME,) else mark_of((*main, *copies)),
            under=self.shown.find_under(main[0].start, main[-1].end, main[0].shift) if moved else None,
        )

    def lost(self, line: DeliveredLine, main: Sequence[Piece]) -> tuple[int, int]:
        """Return the samples of the line that are missing at its head and tail.

        Negative numbers: how much more is heard, where an earlier edit had cut that off.
        """
        if self.other_take(line, main):
            return 0, 0
        head = main[0].content - line.item.start
        end = max(piece.content_end for piece in main)
        tail = line.until - end if end < line.until else min(0, line.item.end - end)
        cut_head, cut_tail = self.known.cuts.get(line.line, (0, 0))
        near = (1 if self.same_rate else 2) * self.frame + _EXACT
        head = max(head, -cut_head) if head > 0 or (cut_head and head < -near) else 0
        tail = max(tail, -cut_tail) if tail > 0 or (cut_tail and tail < -near) else 0
        return head, tail

    def settled(self, piece: Piece) -> Piece:
        """Return the piece at its old place if it moved by no more than its host rounds."""
        if piece.content == piece.start or abs(piece.shift) > self.tolerance(piece):
            return piece
        return replace(piece, content=piece.start)

    def tolerance(self, piece: Piece) -> int:
        """Return how far a piece may seem to have moved. A host that does not count in frames is exact."""
        if self.exact(piece):
            return _EXACT
        return self.frame // 2 if self.same_rate else self.frame + _EXACT

    def slack(self, piece: Piece) -> int:
        """Return how much a piece may seem to have lost at its ends."""
        if self.exact(piece):
            return _EXACT
        if not self.same_rate:
            return 2 * self.frame
        return self.frame // 2 if _on_border(piece.content, self.delivered) else self.frame

    def exact(self, piece: Piece) -> bool:
        """Whether a piece begins between two frames."""
        position = piece.start
        if position not in self.exact_places:
            self.exact_places[position] = not _on_border(position, self.edited)
        return self.exact_places[position]

    @property
    def same_rate(self) -> bool:
        """Whether the timeline still has the frame rate that it was delivered with."""
        return self.edited.frame_rate == self.delivered.frame_rate

    @property
    def frame(self) -> int:
        """Return the samples in a frame of the edited timeline."""
        return frames_to_samples(1, self.edited.frame_rate, self.edited.sample_rate)

    def sorted_out(
        self, pieces: Sequence[Piece], line: DeliveredLine
    ) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        """Split pieces into those of the line itself, without repeated samples, and copies.

        The pieces that stayed in place are the line.
        """
        main: list[Piece] = []
        copies: list[Piece] = []
        for piece in sorted(pieces, key=lambda p: self.rank(p, line)):
            slack = self.slack(piece)
            over = any(
                min(piece.content_end, each.content_end) - max(piece.content, each.content) > slack
                for each in main
            )
            (copies if over else main).append(piece)
        return tuple(sorted(main, key=lambda p: (p.content, p.start))), tuple(copies)

    def rank(self, piece: Piece, line: DeliveredLine) -> tuple[object, ...]:
        """Rank pieces: in place before moved, on the line's own track before others, early before late."""
        stayed = abs(piece.shift) <= self.tolerance(piece)
        return not stayed, piece.speaker != line.speaker, not piece.enabled, piece.start, piece.track

    def other_take(self, line: DeliveredLine, main: Sequence[Piece]) -> str:
        """Return the take that the clips play if it is not the delivered one."""
        takes = {piece.take for piece in main if piece.take}
        return takes.pop() if len(takes) == 1 and line.take and line.take not in takes else ""

    def fates(
        self, line: DeliveredLine, main: Sequence[Piece], copies: Sequence[Piece], head: int, tail: int
    ) -> Iterable[Fate]:
        """Yield everything that applies to the line."""
        slack = max(self.slack(piece) for piece in main)
        if any(abs(piece.shift) > self.tolerance(piece) for piece in main):
            yield Fate.MOVED
        if head > slack:
            yield Fate.TRIMMED_HEAD
        if tail > slack:
            yield Fate.TRIMMED_TAIL
        if min(head, tail) < 0:
            yield Fate.OPENED
        if len(main) > 1:
            yield Fate.SPLIT
        if copies:
            yield Fate.COPIED
        if any(piece.speed != line.item.speed for piece in main):
            yield Fate.RETIMED
        if any(piece.speaker != line.speaker for piece in main):
            yield Fate.OTHER_TRACK
        take = self.other_take(line, main)
        if take and take != self.known.followed.get(line.line):
            yield Fate.OTHER_TAKE
        yield from self.sound(line, main)

    def sound(self, line: DeliveredLine, main: Sequence[Piece]) -> Iterable[Fate]:
        """Yield the changes to its loudness."""
        on = any(piece.enabled for piece in main)
        if line.item.enabled and not on:
            yield Fate.MUTED
        if on and not line.item.enabled:
            yield Fate.UNMUTED
        if not self.holds_levels:
            return
        if any(abs(piece.gain_db - line.item.gain_db) > _GAIN_DB for piece in main) or not _levels_match(
            main[0].levels, line.item.levels, self.frame
        ):
            yield Fate.LEVEL
        near = self.frame + _EXACT
        if (
            abs(main[0].fade_in - line.item.fade_in) > near
            or abs(main[-1].fade_out - line.item.fade_out) > near
        ):
            yield Fate.FADED

    def conflicts(
        self, line: DeliveredLine, fates: Sequence[Fate], main: Sequence[Piece], under: int | None
    ) -> Iterable[str]:
        """Yield what cannot be applied without a decision."""
        slack = max(self.slack(piece) for piece in main)
        if line.line in self.found.disagreeing:
            yield self.found.disagreeing[line.line]
        yield from conflicts.piece_conflicts(main, fates, slack)
        over = main[-1].end - max(self.delivered.length, line.item.end)
        if over > self.tolerance(main[-1]) + slack:
            yield f"it ends {over / self.delivered.sample_rate:.3f} s after the programme's end"
        if under and abs(under - main[0].shift) > self.picture.tolerance:
            yield "the picture under it moved, and the line did not move with it"
        take = self.other_take(line, main)
        if take and take != self.known.followed.get(line.line):
            yield from self.take_conflicts(line, take)

    def take_conflicts(self, line: DeliveredLine, take: str) -> Iterable[str]:
        """Yield why another take in the timeline cannot be adopted."""
        if self.known.takes and take not in self.known.takes.get(line.line, ()):
            yield f"its clip plays take {take}, which the project does not have"
        elif line.line in self.known.by_hand and line.take != self.known.followed.get(line.line):
            yield f"its clip plays take {take}, and {line.take} was chosen in the project"


def _levels_match(some: Sequence[Level], others: Sequence[Level], near: int) -> bool:
    return len(some) == len(others) and all(
        abs(a.at - b.at) <= near and abs(a.gain_db - b.gain_db) <= _GAIN_DB
        for a, b in zip(some, others, strict=True)
    )


def _on_border(position: int, timeline: Timeline) -> bool:
    """Whether a position is that of a frame, within two roundings."""
    border = frames_to_samples(timeline.frame(position), timeline.frame_rate, timeline.sample_rate)
    return abs(position - border) <= _EXACT
