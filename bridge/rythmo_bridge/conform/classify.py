"""Says line by line what happened between a delivered timeline and the one that came back. Pure.

Positions that lie on frames are compared within half a frame, others to two samples (two roundings). Where
the timeline was brought to another frame rate, its host rounded every place to the new frames, those of files
as well: then a frame is the measure, and two for what a moved clip lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform import conflicts
from rythmo_bridge.conform.changes import Change, Fate, Piece, mark_of
from rythmo_bridge.conform.line_clips import Delivered, Found, find, plain_name
from rythmo_bridge.conform.picture import Picture, find_picture
from rythmo_bridge.timeline import Level, Timeline

_EXACT = 2
_GAIN_DB = 0.06
"""Hosts write gain in hundredths of a dB, or as a factor of a few digits."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the project knows of its lines besides the timeline that it delivered.

    `takes` are the takes of each line; `cuts` what an earlier edit cut off its head and tail; `by_hand` the
    lines whose take a person chose in the project; `followed` the take in the timeline that each line
    followed last.
    """

    takes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    cuts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()
    followed: Mapping[str, str] = field(default_factory=dict)


_NOTHING = Known()


def classify(
    delivered: Timeline,
    edited: Timeline,
    *,
    partial: bool = False,
    holds_levels: bool = True,
    known: Known = _NOTHING,
    found: Found | None = None,
) -> tuple[Change, ...]:
    """One Change for each line of `delivered`, in order of start, then one for each unknown clip.

    `edited` holds no nests (see `flatten`) and is in the programme's time (see `places`). With `partial`,
    lines of tracks of which it holds nothing are left out. Without `holds_levels` its format has neither
    gain nor fades, and leaves out clips that are off (EDLs). `found` is what `find` gives, where it was asked
    already.
    """
    found = found or find(delivered, edited)
    lines = sorted(found.known.values(), key=lambda each: (each.item.start, each.line))
    judged = {line.line for line in lines} - (unjudged(lines, found) if partial else set())
    judge = _Judge(delivered, edited, found, find_picture(delivered, edited), known, holds_levels)
    changes = [judge.change(line) for line in lines if line.line in judged]
    return (*changes, *(_unknown(name, piece) for name, piece in found.unknown))


def unjudged(lines: Iterable[Delivered], found: Found) -> set[str]:
    """The lines of tracks of which nothing is in the edited timeline: neither a clip nor an empty track."""
    tracks: dict[str, list[str]] = {}
    for line in lines:
        tracks.setdefault(line.track, []).append(line.line)
    return {
        line
        for track, own in tracks.items()
        if plain_name(track) not in found.tracks and not any(line in found.pieces for line in own)
        for line in own
    }


def _unknown(name: str, piece: Piece) -> Change:
    return Change("", (Fate.UNKNOWN,), piece.start, piece.end, (piece,), name=name)


@dataclass(frozen=True, slots=True)
class _Judge:
    delivered: Timeline
    edited: Timeline
    found: Found
    picture: Picture
    known: Known
    holds_levels: bool
    exact_places: dict[int, bool] = field(default_factory=dict)

    def change(self, line: Delivered) -> Change:
        """What happened to one line."""
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
        )

    def lost(self, line: Delivered, main: Sequence[Piece]) -> tuple[int, int]:
        """Samples of the line that are missing at its head and tail; negative: how much more is heard, where
        an earlier edit had cut that off."""
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
        """A piece that did not move by more than its host rounds is where it was heard."""
        if piece.content == piece.start or abs(piece.shift) > self.tolerance(piece):
            return piece
        return replace(piece, content=piece.start)

    def tolerance(self, piece: Piece) -> int:
        """How far a piece may seem to have moved. A host that does not count in frames places it exactly."""
        if self.exact(piece):
            return _EXACT
        return self.frame // 2 if self.same_rate else self.frame + _EXACT

    def slack(self, piece: Piece) -> int:
        """How much a piece may seem to have lost at its ends."""
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
        """Whether the timeline still has the rate that it was delivered with."""
        return self.edited.frame_rate == self.delivered.frame_rate

    @property
    def frame(self) -> int:
        """Samples in a frame of the edited timeline."""
        return frames_to_samples(1, self.edited.frame_rate, self.edited.sample_rate)

    def sorted_out(
        self, pieces: Sequence[Piece], line: Delivered
    ) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        """The pieces of the line itself, no sample twice, and copies. What stayed in place is the line."""
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

    def rank(self, piece: Piece, line: Delivered) -> tuple[object, ...]:
        """In place before moved, on its own track before elsewhere, early before late."""
        stayed = abs(piece.shift) <= self.tolerance(piece)
        return not stayed, piece.speaker != line.speaker, not piece.enabled, piece.start, piece.track

    def other_take(self, line: Delivered, main: Sequence[Piece]) -> str:
        """The take that the clips play, where it is not the one that was delivered."""
        takes = {piece.take for piece in main if piece.take}
        return takes.pop() if len(takes) == 1 and line.take and line.take not in takes else ""

    def fates(
        self, line: Delivered, main: Sequence[Piece], copies: Sequence[Piece], head: int, tail: int
    ) -> Iterable[Fate]:
        """All that holds."""
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

    def sound(self, line: Delivered, main: Sequence[Piece]) -> Iterable[Fate]:
        """What was done to how loud it is."""
        on = any(piece.enabled for piece in main)
        if line.item.enabled and not on:
            yield Fate.MUTED
        if on and not line.item.enabled:
            yield Fate.UNMUTED
        if not self.holds_levels:
            return
        if any(abs(piece.gain_db - line.item.gain_db) > _GAIN_DB for piece in main) or not _alike(
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
        self, line: Delivered, fates: Sequence[Fate], main: Sequence[Piece], under: int | None
    ) -> Iterable[str]:
        """What cannot be followed without a decision."""
        slack = max(self.slack(piece) for piece in main)
        if line.line in self.found.disagreeing:
            yield self.found.disagreeing[line.line]
        yield from conflicts.of_pieces(main, fates, slack)
        over = main[-1].end - max(self.delivered.length, line.item.end)
        if over > self.tolerance(main[-1]) + slack:
            yield f"it ends {over / self.delivered.sample_rate:.3f} s after the programme's end"
        if under and abs(under - main[0].shift) > self.picture.tolerance:
            yield "the picture under it moved, and the line did not move with it"
        take = self.other_take(line, main)
        if take and take != self.known.followed.get(line.line):
            yield from self.take_conflicts(line, take)

    def take_conflicts(self, line: Delivered, take: str) -> Iterable[str]:
        """Why another take in the timeline cannot be taken over."""
        if self.known.takes and take not in self.known.takes.get(line.line, ()):
            yield f"its clip plays take {take}, which the project does not have"
        elif line.line in self.known.by_hand and line.take != self.known.followed.get(line.line):
            yield f"its clip plays take {take}, and {line.take} was chosen in the project"


def _alike(some: Sequence[Level], others: Sequence[Level], near: int) -> bool:
    return len(some) == len(others) and all(
        abs(a.at - b.at) <= near and abs(a.gain_db - b.gain_db) <= _GAIN_DB
        for a, b in zip(some, others, strict=True)
    )


def _on_border(position: int, timeline: Timeline) -> bool:
    """Whether a position is that of a frame, but for two roundings."""
    border = frames_to_samples(timeline.frame(position), timeline.frame_rate, timeline.sample_rate)
    return abs(position - border) <= _EXACT
