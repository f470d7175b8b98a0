"""espeak-ng's variants for a person to choose from, and any of them at another pitch or formant factor."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from rythmo.engines.adapters.espeak.cast import HIGH_VARIANTS, LOW_VARIANTS
from rythmo.engines.adapters.espeak.tune import Tuning
from rythmo.engines.adapters.espeak.voices import Design
from rythmo.engines.voice_offer import ListedVoice, VoiceOffer
from rythmo.errors import EngineFailedError
from rythmo.script.takes import VoiceRef

NAME = "espeak"
PACE_LIMITS = (0.7, 1.4)
PITCH_LIMITS = (-4.0, 4.0)
"""In semitones; beyond them the voice sounds like another person, whom another variant makes better."""
_LOW_HZ, _HIGH_HZ = 110, 205
# The 90th percentile of pitch divided by the 10th, as for a speaker whose range is not known (tune.py).
_RANGE = 1.3
_ID = re.compile(r"([A-Za-z][A-Za-z0-9]{0,15})-([01]\.\d\d)-(\d{2,3})Hz")


def list_voices(_settings: Mapping[str, Any], _language: str) -> tuple[ListedVoice, ...]:
    """Return every variant at a usual pitch. All of them speak all languages."""
    return (
        *(ListedVoice(f"{name}-1.00-{_LOW_HZ}Hz", gender="male") for name in LOW_VARIANTS),
        *(ListedVoice(f"{name}-1.00-{_HIGH_HZ}Hz", gender="female") for name in HIGH_VARIANTS),
    )


def make_voice(voice: str, _settings: Mapping[str, Any]) -> VoiceRef:
    """Return the voice of an id like "m3-1.00-110Hz": variant, formant factor, pitch.

    Raises EngineFailedError for another id, and for a variant that is not listed.
    """
    found = _ID.fullmatch(voice)
    if found is None or found[1] not in (*LOW_VARIANTS, *HIGH_VARIANTS):
        raise EngineFailedError(
            f"{voice!r} is not a voice of espeak.", hint="Write one like m3-1.00-110Hz or f2-0.94-205Hz."
        )
    formants, pitch = float(found[2]), float(found[3])
    if not (0.8 <= formants <= 1.2 and 55 <= pitch <= 420):
        raise EngineFailedError(
            f"espeak cannot speak as {voice}.",
            hint="Formants go from 0.80 to 1.20, the pitch from 55 to 420 Hz.",
        )
    half = math.sqrt(_RANGE)
    tuning = Tuning(Design(found[1], round(pitch / half), round(pitch * half), formants), pitch)
    return VoiceRef(NAME, tuning.name, tuning.settings())


OFFER = VoiceOffer(list_voices, make_voice, pace=PACE_LIMITS, pitch=PITCH_LIMITS)
