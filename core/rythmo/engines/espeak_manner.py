"""How espeak-ng's voice says one line: as the original was said, or as a person directs. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from rythmo.engines.espeak_tune import Tuning
from rythmo.script.model import Manner

_MOST_SEMITONES = 4.0
"""A voice that leaves its register further than that is somebody else's."""
_RANGE_LIMITS = (0.7, 1.4)
_PACE_LIMITS = (0.8, 1.3)
_TILT_A_DB = 0.3
"""Who speaks louder sounds brighter (vocal effort); the level itself is the mix's, line by line."""
_MOST_TILT_DB = 3.0
_WHISPERS = ("whisper", "whisperf")
_HIGH_HZ = 160.0

# Words of a direction, in the languages that directions are most often written in.
_WORDS = (
    (r"whisper|susurr|chuchot|flüster|sussurr", Manner(whispered=True)),
    (r"shout|yell|scream|loud|grit|cri[ea]|schrei|laut|urla|forte", Manner(pitch=4.0, range=1.3, level=8.0)),
    (r"quiet|soft|low voice|bajo|baja|bas\b|leise|piano", Manner(pitch=-1.0, range=0.9, level=-8.0)),
    (r"quick|fast|hurr|rápid|rapid|vite|schnell|veloc", Manner(pace=1.25)),
    (r"slow|despacio|lent|langsam", Manner(pace=0.8)),
    (r"excited|happy|glad|alegr|joyeu|fröhlich", Manner(pitch=2.0, range=1.3, pace=1.1)),
    (r"sad|tired|triste|cansad|fatigu|traurig|müde", Manner(pitch=-1.0, range=0.8, pace=0.9)),
)


def manner_of(direction: str, measured: Manner | None) -> Manner:
    """What a person's words come to; without any that are understood, what was measured."""
    found = [manner for words, manner in _WORDS if re.search(words, direction, re.IGNORECASE)]
    if not found:
        return measured or Manner()
    whole = Manner()
    for one in found:
        whole = Manner(
            whole.pitch + one.pitch,
            whole.range * one.range,
            whole.pace * one.pace,
            whole.level + one.level,
            whole.whispered or one.whispered,
        )
    return whole


def played(tuning: Tuning, manner: Manner) -> tuple[Tuning, float]:
    """The voice in that manner, and a factor on its pace."""
    shift = 2 ** (_within(manner.pitch, -_MOST_SEMITONES, _MOST_SEMITONES) / 12)
    wider = _within(manner.range, *_RANGE_LIMITS)
    low, high = tuning.design.low * shift, tuning.design.high * shift
    middle, half = (low + high) / 2, (high - low) / 2 * wider
    design = replace(
        tuning.design, low=round(middle - half), high=max(round(middle + half), round(middle - half) + 4)
    )
    if manner.whispered:
        design = replace(design, variant=_WHISPERS[tuning.pitch_hz >= _HIGH_HZ])
    tilt = _within(manner.level * _TILT_A_DB, -_MOST_TILT_DB, _MOST_TILT_DB)
    pace = _within(manner.pace, *_PACE_LIMITS)
    return replace(tuning, design=design, tilt_db=round(tuning.tilt_db + tilt, 1)), pace


def _within(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
