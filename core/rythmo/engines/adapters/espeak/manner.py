"""The manner in which espeak-ng speaks a line: that of the original, or a person's direction. Pure
functions."""

from __future__ import annotations

import re
from dataclasses import replace

from rythmo.engines.adapters.espeak.tune import Tuning
from rythmo.script.model import Manner

# The largest shift of pitch; beyond it the voice sounds like another person.
_MOST_SEMITONES = 4.0
_RANGE_LIMITS = (0.7, 1.4)
_PACE_LIMITS = (0.8, 1.3)
# dB of tilt for each dB of level: louder speech is brighter (vocal effort). The mix sets the level itself.
_TILT_A_DB = 0.3
_MOST_TILT_DB = 3.0
_WHISPERS = ("whisper", "whisperf")
_HIGH_HZ = 160.0
# The lowest end of a melody relative to the voice's pitch; the same limit as in tune.py.
_LOWEST_END = 0.62

# Stems of words in directions, in the languages that directions are most often written in.
_WORDS = (
    (r"whisper|susurr|chuchot|flüster|sussurr", Manner(whispered=True)),
    (
        r"shout|yell|scream|loud|grita|grite|gritó|cri(?:e|é|ant)|schrei|laut|url(?:a|o)|forte",
        Manner(pitch=4.0, range=1.3, level=8.0),
    ),
    (
        r"quiet|soft|low voice|voz baj|bajito|à voix basse|leise|piano\b",
        Manner(pitch=-1.0, range=0.9, level=-8.0),
    ),
    (r"quick|fast|hurr|rápid|rapid|vite\b|schnell|veloc", Manner(pace=1.25)),
    (r"slow|despacio|lent[aoe]|lentement|langsam", Manner(pace=0.8)),
    (r"excited|happ[yi]|glad|alegr|joyeu|fröhlich", Manner(pitch=2.0, range=1.3, pace=1.1)),
    (r"sad(?:ly)?\b|tired|triste|cansad|fatigu|traurig|müde", Manner(pitch=-1.0, range=0.8, pace=0.9)),
)
# A negation directly before a word, or with one word between: "not so loud".
_NOT = (
    r"(?P<no>\b(?:not|\w+n[\u2019']t|never|without|less|no|sin|menos|sans|pas|moins|nicht|ohne|weniger|non|meno)"
    r"\s+(?:\w+\s+)?)?"
)


def choose_manner(direction: str, measured: Manner | None) -> Manner:
    """Return the manner that a direction asks for; when no word of it is understood, the measured manner."""
    found = [manner for words, manner in _WORDS if _asks_for(words, direction)]
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


def _asks_for(words: str, direction: str) -> bool:
    found = re.finditer(rf"{_NOT}\b(?:{words})", direction, re.IGNORECASE)
    return any(one["no"] is None for one in found)


def apply_manner(tuning: Tuning, manner: Manner) -> tuple[Tuning, float]:
    """Return the tuning for that manner, and a factor on its pace."""
    shift = 2 ** (_within(manner.pitch, -_MOST_SEMITONES, _MOST_SEMITONES) / 12)
    design = replace(
        tuning.design, low=round(tuning.design.low * shift), high=round(tuning.design.high * shift)
    )
    if manner.whispered:
        design = replace(design, variant=_WHISPERS[tuning.pitch_hz >= _HIGH_HZ])
    tuning = replace(tuning, design=design, pitch_hz=tuning.pitch_hz * shift)
    tuning = _widened(tuning, _within(manner.range, *_RANGE_LIMITS))
    tilt = _within(manner.level * _TILT_A_DB, -_MOST_TILT_DB, _MOST_TILT_DB)
    pace = _within(manner.pace, *_PACE_LIMITS)
    return replace(tuning, tilt_db=round(tuning.tilt_db + tilt, 1)), pace


def _widened(tuning: Tuning, factor: float) -> Tuning:
    """Widen the range of the melody by a factor; the pitch stays.

    The low end stops where lines would end in a creak, so that a voice with a wide range is widened less.
    """
    low, high = tuning.design.low, tuning.design.high
    pitch = min(max(tuning.pitch_hz, low + 1.0), high - 1.0)
    lowest = min(float(low), _LOWEST_END * pitch)
    factor = min(factor, (pitch - lowest) / (pitch - low))
    low, high = round(pitch - (pitch - low) * factor), round(pitch + (high - pitch) * factor)
    return replace(tuning, design=replace(tuning.design, low=low, high=max(high, low + 4)))


def _within(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
