"""The choice of an espeak-ng timbre for each speaker. Pure planning; nothing is spoken."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

# Groups of variants that sound alike, the preferred one first. Cosines by the Resemblyzer encoder on three
# Spanish lines at one pitch: 0.96 within a voice, 0.93 to 0.99 within a group, 0.55 to 0.91 between groups.
# Shifting the formants by 6 % gives 0.92 to 0.95, by 12 % 0.79 to 0.85.
_LOW = (("m3", "m1"), ("m7", "Mario", "Denis"), ("max", "m4"), ("m2", "m6"), ("m8",))
_HIGH = (("f2", "f1", "f5"), ("f3", "f4", "linda"), ("belinda",), ("shelby",), ("steph",), ("grandma",))
_GROUP = {variant: group[0] for groups in (_LOW, _HIGH) for group in groups for variant in group}
LOW_VARIANTS = tuple(variant for group in _LOW for variant in group)
HIGH_VARIANTS = tuple(variant for group in _HIGH for variant in group)
# Relative shifts of the formants to try.
_SHIFTS = (0.0, 0.06, -0.06, 0.12, -0.12)
BETWEEN_HZ = 160.0
# Pitches for speakers whose pitch is unknown, alternately low and high.
_UNKNOWN_HZ = (110.0, 205.0, 135.0, 180.0, 95.0, 235.0)
SEPARATE = 1.0
"""The distance from which listeners can tell two voices apart: another group, 12 % of formants, or 4
semitones."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """The properties by which listeners tell voices apart: variant, formant factor, and pitch in Hz."""

    variant: str
    formants: float
    pitch_hz: float


def voice_distance(one: Timbre, other: Timbre) -> float:
    """Return how different two voices are; from `SEPARATE` up, listeners can tell them apart."""
    semitones = abs(12 * math.log2(one.pitch_hz / other.pitch_hz))
    tract = abs(math.log(one.formants / other.formants))
    return _unlike(one.variant, other.variant) + tract / 0.113 + semitones / 4


def _unlike(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return 0.4 if _GROUP.get(one, one) == _GROUP.get(other, other) else 1.0


def default_pitch(index: int) -> float:
    """Return a pitch in Hz for the index-th speaker, when their own is unknown."""
    return _UNKNOWN_HZ[index % len(_UNKNOWN_HZ)]


def variants_for_pitch(pitch_hz: float) -> tuple[str, ...]:
    """Return the variants that suit a pitch: first one of each group, then the others."""
    groups = _HIGH if pitch_hz >= BETWEEN_HZ else _LOW
    return tuple(group[place] for place in range(3) for group in groups if place < len(group))


def choose_timbre(
    pitch_hz: float, brightness_hz: float | None, members: Sequence[Timbre], natural: Mapping[str, float]
) -> Timbre:
    """Return the timbre nearest in brightness that is distinct from all `members`.

    `natural` is each variant's own brightness in Hz. When no timbre is distinct, the one farthest from its
    nearest neighbour is returned.
    """
    options = [
        (_mismatch(index, shift, natural[variant], brightness_hz), Timbre(variant, 1 + shift, pitch_hz))
        for (index, variant), shift in product(enumerate(variants_for_pitch(pitch_hz)), _SHIFTS)
    ]
    free = [(cost + _crowd(timbre, members), timbre) for cost, timbre in options if _apart(timbre, members)]
    if free:
        return min(free, key=lambda option: option[0])[1]
    return max(
        (timbre for _, timbre in options), key=lambda timbre: min(voice_distance(timbre, m) for m in members)
    )


def _mismatch(preference: int, shift: float, natural: float, wanted: float | None) -> float:
    octaves = abs(math.log2(natural * (1 + shift) / wanted)) if wanted else 0.0
    return octaves + 0.04 * preference + 2.0 * abs(shift)


def _apart(timbre: Timbre, members: Sequence[Timbre]) -> bool:
    return all(voice_distance(timbre, member) >= SEPARATE for member in members)


def _crowd(timbre: Timbre, members: Sequence[Timbre]) -> float:
    """Return the extra cost of a variant that is already used, and of near neighbours."""
    used = sum(timbre.variant == member.variant for member in members)
    near = min((voice_distance(timbre, member) for member in members), default=9.0)
    return 0.8 * used + 0.25 * max(0.0, 3.0 - near)
