"""Bring the mix to a delivery's loudness: one gain for every stem, and a true-peak ceiling.

The gain also changes the M&E, which is then the original times that gain and no longer its bits. So this is
done only on request.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from rythmo.errors import UsageError
from rythmo.media.wav import from_int24
from rythmo.mix.loudness import SILENCE, LoudnessMeter
from rythmo.mix.mix_plan import MixPlan
from rythmo.mix.mixer import UNTOUCHED, Master, MeBlock, Mixer
from rythmo.mix.render import BLOCK_SECONDS
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress


@dataclass(frozen=True, slots=True)
class LoudnessTarget:
    """A delivery specification: loudness in LUFS, its tolerance in LU, the highest true peak in dBTP.

    `by_dialogue` measures only where somebody speaks.
    """

    name: str
    lufs: float
    true_peak: float
    tolerance: float
    by_dialogue: bool = False


# EBU R 128; Netflix Sound Mix Specifications: -27 LKFS +/-2 LU over dialogue, -2 dBTP.
TARGETS = {
    "r128": LoudnessTarget("EBU R128", -23.0, -1.0, 0.5),
    "netflix": LoudnessTarget("Netflix", -27.0, -2.0, 2.0, by_dialogue=True),
}
NONE = "none"

# LU; closer than this is not worth another pass over the mix.
_CLOSE = 0.1
_ROUNDS = 3
# The ceiling lies below the limit: a smooth curve moves the peaks between samples a little.
_MARGIN_DB = 0.15
_MOST_DB = 30.0


@dataclass(frozen=True, slots=True)
class MasteredMix:
    """The master to render with, and the measured loudness in LUFS without and with it."""

    master: Master
    before: float
    after: float


def parse_target(name: str) -> LoudnessTarget | None:
    """Return the target of that name, None for "none". Raises UsageError for other names."""
    if name == NONE:
        return None
    if name not in TARGETS:
        raise UsageError(
            f"There is no loudness target {name!r}.", hint=f"There are: {', '.join([NONE, *TARGETS])}."
        )
    return TARGETS[name]


def ceiling_of(wanted: LoudnessTarget) -> float:
    """Return the highest true peak to render with, as a linear factor."""
    return float(10 ** ((wanted.true_peak - _MARGIN_DB) / 20))


def is_master_for(master: Master, wanted: LoudnessTarget) -> bool:
    """Tell whether a master was made for that target."""
    return master.true_peak and math.isclose(master.ceiling, ceiling_of(wanted))


def find_master(
    wanted: LoudnessTarget | None,
    plan: MixPlan,
    project: Path,
    me: MeBlock,
    *,
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> MasteredMix:
    """Find the gain that brings the mix to the target, with the ceiling in force.

    Mixes without writing: once, and again for each correction that the ceiling makes necessary (at most
    twice). Silence is not changed. Raises as `render_stems` does.
    """
    if wanted is None:
        return MasteredMix(UNTOUCHED, SILENCE, SILENCE)
    before = _measure_mix(Mixer(plan, project, me), wanted, report, cancel)
    if before == SILENCE:
        return MasteredMix(UNTOUCHED, before, before)
    ceiling = ceiling_of(wanted)
    gain_db, after = 0.0, before
    for _ in range(_ROUNDS):
        gain_db = max(-_MOST_DB, min(_MOST_DB, gain_db + wanted.lufs - after))
        master = Master(10 ** (gain_db / 20), ceiling, true_peak=True)
        after = _measure_mix(Mixer(plan, project, me, master), wanted, report, cancel)
        if math.isclose(after, wanted.lufs, abs_tol=_CLOSE):
            break
    return MasteredMix(master, before, after)


def _measure_mix(mixer: Mixer, wanted: LoudnessTarget, report: Fraction01, cancel: CancelToken) -> float:
    plan = mixer.plan
    meter = LoudnessMeter(plan.rate, plan.channels, peaks=False)
    for block in mixer.blocks(0, plan.length, plan.rate * BLOCK_SECONDS):
        cancel.check()
        meter.add(from_int24(block.stems["MIX"]))
        report(block.end / plan.length)
    if not wanted.by_dialogue:
        return meter.result().integrated
    return meter.dialogue((item.start, item.end) for stem in plan.stems for item in stem.items)
