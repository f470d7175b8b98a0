"""The edit: which shot stands on which frames, decided from the lines."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .programme import Line
from .story import FRAME_RATE, RATE

_LEAD = RATE // 8
"""A cut comes this long before the line it is for."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A camera set-up from frame `start` on; `guard` and `cat` say who has arrived by then."""

    name: str
    start: int
    guard: bool = False
    cat: bool = False


_SEEN = {"wide": ("ANNA", "GEORGE"), "anna": ("ANNA",), "george": ("GEORGE",), "guard": ("GUARD",)}


def people_in(shot: Shot) -> tuple[str, ...]:
    """Whose faces a shot shows."""
    arrived = ("GUARD",) if shot.name == "wide" and shot.guard else ()
    return (*_SEEN.get(shot.name, ()), *arrived)


def share_seen(line: Line, shots: tuple[Shot, ...]) -> float:
    """The share of a line's frames in which the picture shows its speaker."""
    first, last = _frame(line.start), max(_frame(line.start) + 1, _frame(line.end))
    shown = {shot.start: people_in(shot) for shot in shots}
    seen = [shown[max(start for start in shown if start <= frame)] for frame in range(first, last)]
    return round(sum(line.speaker in people for people in seen) / len(seen), 3)


def _frame(sample: int) -> int:
    return int(Fraction(sample) * FRAME_RATE / RATE)


def edit(lines: tuple[Line, ...]) -> tuple[Shot, ...]:
    """The shots in order, the first at frame 0."""
    at = {line.id: line for line in lines}
    before = {name: line.start - _LEAD for name, line in at.items()}
    plan = (
        ("outside", 0),
        ("wide", before["L01"] - int(0.7 * RATE)),
        ("george", before["L02"]),
        ("anna", before["L03"]),
        ("george", before["L04"]),
        ("wide", at["L04"].end + int(0.5 * RATE)),
        ("bag", before["L05"] - int(1.4 * RATE)),
        ("anna", before["L05"]),
        ("george", before["L06"]),
        ("anna", before["L07"]),
        ("george", before["L08"]),
        ("guard", before["L09"] - int(0.9 * RATE)),
        ("wide", before["L10"]),
        ("bag", before["L11"]),
        ("guard", before["L12"]),
        ("wide", before["L13"]),
        ("george", before["L14"]),
        ("anna", before["L15"]),
        ("guard", before["L16"]),
        ("wide", at["L16"].end + int(0.5 * RATE)),
        ("guard", before["L17"]),
        ("george", before["L19"]),
        ("wide", before["L20"]),
        ("bag", at["L20"].end + int(0.9 * RATE)),
        ("outside", at["L20"].end + int(2.4 * RATE)),
    )
    arrives, appears = before["L09"] - RATE, before["L11"]
    return tuple(Shot(name, _frame(start), start >= arrives, start >= appears) for name, start in plan)
