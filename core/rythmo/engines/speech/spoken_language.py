"""The decision about the language of each stretch of speech. Pure: likelihoods in, language codes out.

A recogniser's guess about two seconds of speech is often wrong, but hardly ever about ten. So all stretches
are decided together: the expected language is kept until another has clearly more evidence, and a change of
language costs as much evidence as a stretch of a few seconds provides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# The length from which a stretch counts in full; a shorter one counts in proportion, being less reliable.
_FULL_WEIGHT_S = 4.0
# The least likelihood, so that no single guess counts for more than 100 to 1.
_FLOOR = 0.01
# The cost of a change of language, in nats: a foreign word or name in a sentence is not a change.
_CHANGE = 2.0
# The cost of a stretch in an unexpected language, in nats: related languages (Galician and Portuguese, Danish
# and Norwegian) are easily confused.
_UNEXPECTED = 0.5
# A language is considered if some stretch of at least `_SHORTEST_S` has more than this likelihood.
_SURE = 0.5
_SHORTEST_S = 1.5


@dataclass(frozen=True, slots=True)
class HeardStretch:
    """A stretch of speech of `seconds`, and how likely it is in each language (0 to 1, by code)."""

    seconds: float
    likelihoods: Mapping[str, float]


def decide_languages(stretches: Sequence[HeardStretch], expected: str) -> list[str]:
    """Return one language code for each stretch: the likeliest sequence, `expected` where there is doubt."""
    if not stretches:
        return []
    candidates = [expected, *sorted(_considered(stretches) - {expected})]
    costs = [_costs(stretch, candidates, expected) for stretch in stretches]
    # Viterbi: the cheapest way to reach each candidate at each stretch.
    reached, steps = costs[0], []
    for here in costs[1:]:
        cheapest = min(range(len(reached)), key=lambda n: reached[n])
        change = reached[cheapest] + _CHANGE
        came = [n if reached[n] <= change else cheapest for n in range(len(reached))]
        reached = [min(reached[n], change) + here[n] for n in range(len(reached))]
        steps.append(came)
    at = min(range(len(reached)), key=lambda n: reached[n])
    path = [at]
    for came in reversed(steps):
        at = came[at]
        path.append(at)
    return [candidates[n] for n in reversed(path)]


def find_main_language(stretches: Sequence[HeardStretch]) -> str:
    """Return the language with the most evidence over all stretches; "" when there are none."""
    totals: dict[str, float] = {}
    for stretch in stretches:
        for code, likelihood in stretch.likelihoods.items():
            totals[code] = totals.get(code, 0.0) + _weight(stretch) * likelihood
    return max(sorted(totals), key=lambda code: totals[code], default="")


def _considered(stretches: Sequence[HeardStretch]) -> set[str]:
    return {
        code
        for stretch in stretches
        for code, likelihood in stretch.likelihoods.items()
        if likelihood > _SURE and stretch.seconds >= _SHORTEST_S
    }


def _costs(stretch: HeardStretch, candidates: Sequence[str], expected: str) -> list[float]:
    weight = _weight(stretch)
    return [
        -weight * math.log(max(_FLOOR, stretch.likelihoods.get(code, 0.0)))
        + (0.0 if code == expected else _UNEXPECTED * weight)
        for code in candidates
    ]


def _weight(stretch: HeardStretch) -> float:
    return min(1.0, stretch.seconds / _FULL_WEIGHT_S)
