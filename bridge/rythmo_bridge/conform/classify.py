"""Says line by line what happened between a delivered timeline and the one that came back. Pure.

Positions that lie on frames are compared within half a frame, others to two samples (two roundings). Where
the timeline was brought to another frame rate, its host rounded every place to the new frames, those of files
as well: then a frame is the measure, and two for what a moved clip lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform.changes import Change, Fate, Piece
from rythmo_bridge.conform.line_clips import Delivered, Found, delivered_lines, find
from rythmo_bridge.timeline import Item, Kind, Timeline, Track

_EXACT = 2


def classify(delivered: Timeline, edited: Timeline, *, partial: bool = False) -> tuple[Change, ...]:
    """One Change for each line of `delivered`, in order of start, then one for each unknown clip.

    With `partial`, `edited` holds only some tracks (EDLs do): lines of speakers of whom it holds nothing
    are left out.
    """
    found = find(delivered, edited)
    picture = _Picture.of(delivered, edited)
    known = delivered_lines(delivered)
    heard = {known[line].speaker for line in found.pieces}
    judge = _Judge(delivered, edited, found, picture)
    lines = sorted(known.values(), key=lambda each: (each.item.start, each.line))
    changes = [judge.change(line) for line in lines if not partial or line.speaker in heard]
    return (*changes, *(_unknown(name, piece) for name, piece in found.unknown))


def _unknown(name: str, piece: Piece) -> Change:
    return Change("", (Fate.UNKNOWN,), piece.start, piece.end, (piece,), name=name)


@dataclass(frozen=True, slots=True)
class _Picture:
    """Where the programme's picture went: (first record sample as delivered, its end, shift) of each cut."""

    cuts: tuple[tuple[int, int, int], ...]
    tolerance: int

    @staticmethod
    def of(delivered: Timeline, edited: Timeline) -> _Picture:
        """From the clips that play the files of the delivered picture, by the timecode in them."""
        shots = [shot for track in delivered.tracks_of(Kind.VIDEO) for shot in _shots(track, delivered)]
        frame = frames_to_samples(1, delivered.frame_rate, delivered.sample_rate)
        cuts = []
        for track in edited.tracks_of(Kind.VIDEO):
            for name, label, item in _shots(track, edited):
                played = [shot for shot in shots if shot[0] == name]
                # Hosts that forget a file's timecode count from the file's beginning instead.
                starts = {shot[1] - shot[2].source for shot in played} if label == item.source else {0}
                for _, theirs, shot in played:
                    for shift in starts:
                        at = label + shift
                        first, last = max(at, theirs), min(at + item.length, theirs + shot.length)
                        if last - first > frame // 2:
                            begin = shot.start + first - theirs
                            cuts.append((begin, begin + last - first, item.start + first - at - begin))
        return _Picture(tuple(cuts), frame)

    def shift(self, position: int) -> int | None:
        """How far the picture at a delivered position moved; None when it is not there or there twice."""
        shifts = {shift for first, end, shift in self.cuts if first <= position < end}
        return shifts.pop() if len(shifts) == 1 else None


def _shots(track: Track, timeline: Timeline) -> Iterable[tuple[str, int, Item]]:
    """(name of the file, timecode of the first sample, clip) of each clip that plays a file."""
    for item in track.items:
        media = timeline.media_of(item)
        if media is not None:
            yield Path(media.name).stem.lower(), media.start + item.source, item


@dataclass(frozen=True, slots=True)
class _Judge:
    delivered: Timeline
    edited: Timeline
    found: Found
    picture: _Picture

    def change(self, line: Delivered) -> Change:
        """What happened to one line."""
        start, end = line.item.start, line.item.end
        pieces = tuple(self.settled(piece) for piece in self.found.pieces.get(line.line, ()))
        if not pieces:
            return Change(line.line, (Fate.DELETED,), start, end, with_picture=self.cut_away(start, end))
        main, copies = self.sorted_out(pieces, line)
        head = max(0, main[0].content - start)
        tail = max(0, line.until - max(piece.content_end for piece in main))
        fates = tuple(self.fates(line, main, copies, head, tail)) or (Fate.SAME,)
        under = self.picture.shift(start)
        moved = Fate.MOVED in fates
        together = moved and under is not None and abs(under - main[0].shift) <= self.picture.tolerance
        return Change(
            line.line,
            fates,
            start,
            end,
            main,
            copies,
            head if Fate.TRIMMED_HEAD in fates else 0,
            tail if Fate.TRIMMED_TAIL in fates else 0,
            with_picture=together,
            conflict=self.conflict(line, fates, main, under),
        )

    def cut_away(self, start: int, end: int) -> bool:
        """Whether the picture of a line is gone as well."""
        return bool(self.picture.cuts) and not any(a < end and start < b for a, b, _ in self.picture.cuts)

    def settled(self, piece: Piece) -> Piece:
        """A piece that did not move by more than its host rounds is where it was heard."""
        return replace(piece, content=piece.start) if abs(piece.shift) <= self.tolerance(piece) else piece

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
        return not _on_border(piece.start, self.edited)

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
        if len(main) > 1:
            yield Fate.SPLIT
        if copies:
            yield Fate.COPIED
        if any(piece.speed != line.item.speed for piece in main):
            yield Fate.RETIMED
        if any(piece.speaker != line.speaker for piece in main):
            yield Fate.OTHER_TRACK
        if line.item.enabled and not any(piece.enabled for piece in main):
            yield Fate.MUTED

    def conflict(
        self, line: Delivered, fates: Sequence[Fate], main: Sequence[Piece], under: int | None
    ) -> str:
        """What cannot be followed without a decision."""
        reasons = []
        slack = max(self.slack(piece) for piece in main)
        if line.line in self.found.disagreeing:
            reasons.append(self.found.disagreeing[line.line])
        if len(main) > 1 and not _whole(main, slack):
            reasons.append(f"it lies in {len(main)} pieces that no longer join")
        if Fate.COPIED in fates:
            reasons.append("it is there more than once, and a line has one place")
        if len({piece.speaker for piece in main}) > 1:
            reasons.append("its pieces lie on tracks of different speakers")
        elif Fate.OTHER_TRACK in fates and main[0].speaker is None:
            reasons.append(f"the track {main[0].track!r} is no speaker's")
        if any(piece.speed <= 0 for piece in main):
            reasons.append("it plays backwards or stands still")
        if main[0].start < 0:
            reasons.append("it begins before the programme")
        left = under is not None and abs(under - main[0].shift) > self.picture.tolerance
        if left and under:
            reasons.append("the picture under it moved, and the line did not move with it")
        return "; ".join(reasons)


def _on_border(position: int, timeline: Timeline) -> bool:
    """Whether a position is that of a frame, but for two roundings."""
    border = frames_to_samples(timeline.frame(position), timeline.frame_rate, timeline.sample_rate)
    return abs(position - border) <= _EXACT


def _whole(pieces: Sequence[Piece], slack: int) -> bool:
    """Whether a blade went through it and nothing else: the pieces follow each other with nothing between."""
    return all(
        abs(after.content - before.content_end) <= slack and abs(after.start - before.end) <= slack
        for before, after in pairwise(pieces)
    )
