"""Decide which face is which speaker, by who is seen, and whose mouth moves, while somebody speaks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.mouth import LEAST_SECONDS, MouthCurve, compare

Floats = NDArray[np.float64]
_MARGIN_SECONDS = 0.25
"""How far around a line the mouth is looked at as well: closed before, open in it, says much."""
_LEAST_SCORE = 0.08
_LEAST_SEEN = 0.4
_ALONE_SHARE = 0.6
_STILL = 0.02
"""Movement a frame, in scaled opening, below which a mouth stands still."""
_SPOKEN_OVER = 0.3
"""The share of a line from which on another line counts as said at the same time."""
# What another's face must show to contradict a line's speaker: seconds, correlation, and how much more than
# the speaker's own face. A line of hardly more than a second needs more of both.
_CONTRADICTS = ((1.5, 0.5, 0.3), (1.0, 0.8, 0.5))


@dataclass(frozen=True, slots=True, eq=False)
class SpokenLine:
    """A line's frames [first, last), its speaker, and the envelope of its speech.

    The envelope has a margin of frames on both sides.
    """

    id: str
    speaker: str
    first: int
    last: int
    margin: int
    envelope: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A person's mouths, a curve for each track."""

    id: str
    curves: Mapping[int, MouthCurve]
    usual_motion: float = field(default=0.0)

    def cut(self, first: int, last: int) -> Floats:
        """Return the mouth of frames [first, last); NaN where it is not seen."""
        out = np.full(max(0, last - first), np.nan)
        for curve in self.curves.values():
            part = curve.cut(first, last)
            out = np.where(np.isfinite(part), part, out)
        return out


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """What one person's mouth did during one line: seconds seen, correlation, and its movement.

    `motion` is against the person's usual movement, -1 to 1; `is_moving` says whether it moves at all.
    """

    line: str
    speaker: str
    person: str
    seconds: float
    correlation: float | None
    motion: float
    is_moving: bool

    @property
    def score(self) -> float:
        """How much it speaks for this person as the speaker, for each second seen: about -1 to 1."""
        return (self.correlation or 0.0) + 0.4 * self.motion


def margin_of(rate: float) -> int:
    """Return the frames around a line that are looked at as well."""
    return round(_MARGIN_SECONDS * rate)


def make_person(name: str, curves: Mapping[int, MouthCurve]) -> Person:
    """Return a person with the usual movement of the mouth, over all tracks."""
    moved = [np.abs(np.diff(curve.opening)) for curve in curves.values()]
    steps = np.concatenate(moved) if moved else np.empty(0)
    steps = steps[np.isfinite(steps)]
    return Person(name, curves, float(steps.mean()) if steps.size else 0.0)


def weigh_line(line: SpokenLine, person: Person, rate: float, lag: int = 0) -> LineEvidence | None:
    """Return what a person's mouth says about a line; None where it is not seen long enough."""
    mouth = person.cut(line.first - line.margin, line.last + line.margin)
    inside = mouth[line.margin : len(mouth) - line.margin]
    seconds = float(np.isfinite(inside).sum()) / rate
    if seconds < _LEAST_SEEN:
        return None
    steps = np.abs(np.diff(inside))
    steps = steps[np.isfinite(steps)]
    moving = float(steps.mean()) if steps.size else 0.0
    usual = max(person.usual_motion, _STILL)
    motion = float(np.clip(np.log2((moving + _STILL / 2) / (usual + _STILL / 2)), -1.0, 1.0))
    sync = compare(mouth, line.envelope, rate, lag)
    correlation = sync.correlation if sync else None
    return LineEvidence(line.id, line.speaker, person.id, seconds, correlation, motion, moving > _STILL)


def name_people(
    evidence: Sequence[LineEvidence],
    lines: Sequence[SpokenLine],
    together: frozenset[frozenset[str]],
    rate: float,
    decided: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the speaker of each person who is one; `decided` are a person's decisions and come first.

    `together` are pairs of people who are seen in one frame: they are not the same speaker. Several people
    may be one speaker otherwise, whose face was not known again.
    """
    named = dict(decided or {})
    scores = _score_pairs(evidence, lines, rate)
    for score, person, speaker in sorted(((s, p, q) for (p, q), s in scores.items()), reverse=True):
        if score < _LEAST_SCORE:
            break
        taken = {other for other, who in named.items() if who == speaker}
        if person not in named and not any(frozenset({person, other}) in together for other in taken):
            named[person] = speaker
    return {person: speaker for person, speaker in named.items() if speaker}


def _score_pairs(
    evidence: Sequence[LineEvidence], lines: Sequence[SpokenLine], rate: float
) -> dict[tuple[str, str], float]:
    """Return the mean score a second of each (person, speaker), with how much more often they go together."""
    length: dict[str, float] = {}
    for line in lines:
        length[line.speaker] = length.get(line.speaker, 0.0) + (line.last - line.first) / rate
    seen: dict[tuple[str, str], float] = {}
    total: dict[tuple[str, str], float] = {}
    for one in evidence:
        pair = one.person, one.speaker
        seen[pair] = seen.get(pair, 0.0) + one.seconds
        total[pair] = total.get(pair, 0.0) + one.seconds * one.score
    found: dict[tuple[str, str], float] = {}
    for (person, speaker), seconds in seen.items():
        if seconds < LEAST_SECONDS:
            continue
        share = seconds / length[speaker]
        others = [
            (seen.get((person, other), 0.0), whole) for other, whole in length.items() if other != speaker
        ]
        rest = sum(whole for _, whole in others)
        elsewhere = sum(part for part, _ in others) / rest if rest else 0.0
        # Somebody who is seen for most of the only speaker's lines needs no other proof.
        alone = 0.3 if not rest and share >= _ALONE_SHARE else 0.0
        # Little to see is little to go by: a second or two are discounted.
        trust = seconds / (seconds + 1.0)
        found[person, speaker] = (
            trust * (total[person, speaker] / seconds + 0.5 * (share - elsewhere)) + alone
        )
    return found


def _is_spoken_over(line: SpokenLine, other: SpokenLine) -> bool:
    """Tell whether another line lasts for much of this one."""
    shared = min(line.last, other.last) - max(line.first, other.first)
    return other.id != line.id and shared >= _SPOKEN_OVER * (line.last - line.first)


def find_contradiction(
    line: SpokenLine,
    evidence: Sequence[LineEvidence],
    named: Mapping[str, str],
    lines: Iterable[SpokenLine] = (),
) -> str:
    """Return the speaker whose face moves with a line that is another's; "" where nothing contradicts.

    `evidence` is that of this line. The face of its own speaker must be unseen, or follow it clearly less. A
    face whose speaker says one of the `lines` at the same time moves for that one, and says nothing.
    """
    known = [one for one in evidence if one.correlation is not None and one.person in named]
    busy = {line.speaker, *(other.speaker for other in lines if _is_spoken_over(line, other))}
    others = [one for one in known if named[one.person] not in busy and one.is_moving]
    best = max(others, key=lambda one: one.correlation or 0.0, default=None)
    if best is None or best.correlation is None:
        return ""
    own = [one.correlation or 0.0 for one in known if named[one.person] == line.speaker]
    highest = max([0.0, *own])
    if not any(
        best.seconds >= seconds and best.correlation >= least and highest <= best.correlation - more
        for seconds, least, more in _CONTRADICTS
    ):
        return ""
    return named[best.person]
