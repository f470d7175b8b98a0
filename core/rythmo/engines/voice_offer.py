"""What a voice engine offers to a person who casts by hand. It is told without starting the engine.

The voice that a person chooses is a `VoiceRef` whose settings may hold a pace and a pitch. They belong to the
voice, so they stay with the speaker, go into the cast file, and are part of each take's cache key.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rythmo.errors import UsageError
from rythmo.script.takes import VoiceRef

PACE, PITCH = "pace", "pitch"
"""Names in `VoiceRef.settings`: a factor on the voice's own pace, and a shift of pitch in semitones."""
_UNCHANGED = {PACE: 1.0, PITCH: 0.0}
_NAMES = {PACE: "a pace", PITCH: "a pitch"}
_UNITS = {PACE: "", PITCH: " semitones"}


@dataclass(frozen=True, slots=True)
class ListedVoice:
    """A voice to choose.

    `language` is the ISO 639-1 code of the language that it was made for; "" when it speaks all of its
    engine's languages alike. `gender` is "female", "male" or "", as the engine states it.
    """

    id: str
    language: str = ""
    gender: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class VoiceOffer:
    """The voices of an engine, and what can be set on them.

    Args:
        list_voices: Takes the engine's settings and a language; returns all voices, those made for that
            language first.
        make_voice: Takes a voice's id, or a mixture's, and the engine's settings; returns the voice. Raises
            EngineError for an id that is not one of the engine's.
        mix: Takes two ids and the share of the first (0 to 1); returns the mixture's id. None when the engine
            cannot mix. Raises EngineError for voices that do not mix.
        pace: The slowest and the fastest pace, as factors; None when it cannot be set.
        pitch: The lowest and the highest shift of pitch in semitones; None when it cannot be set.
    """

    list_voices: Callable[[Mapping[str, Any], str], tuple[ListedVoice, ...]]
    make_voice: Callable[[str, Mapping[str, Any]], VoiceRef]
    mix: Callable[[str, str, float], str] | None = None
    pace: tuple[float, float] | None = None
    pitch: tuple[float, float] | None = None

    def limits(self, name: str) -> tuple[float, float] | None:
        """Return the limits of `PACE` or `PITCH`, or None when the engine cannot set it."""
        return self.pace if name == PACE else self.pitch


def read_pace(voice: VoiceRef) -> float:
    """Return the voice's pace as a factor; 1.0 is its own."""
    return _read_number(voice, PACE)


def read_pitch(voice: VoiceRef) -> float:
    """Return the voice's shift of pitch in semitones; 0.0 is its own."""
    return _read_number(voice, PITCH)


def _read_number(voice: VoiceRef, name: str) -> float:
    value = voice.settings.get(name)
    # A cast file or a script may hold anything.
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable and value is not None else _UNCHANGED[name]


def set_on_voice(voice: VoiceRef, offer: VoiceOffer, name: str, value: float) -> VoiceRef:
    """Return the voice with a pace or a pitch (`name`). Its own pace or pitch is no setting.

    Raises UsageError for what the engine cannot set, and for a value outside its limits.
    """
    settings = {key: kept for key, kept in voice.settings.items() if key != name}
    if value == _UNCHANGED[name]:
        return replace(voice, settings=settings)
    limits = offer.limits(name)
    if limits is None:
        raise UsageError(
            f"{voice.engine} cannot set {_NAMES[name]}.", hint="Choose another voice, or another engine."
        )
    if not limits[0] <= value <= limits[1]:
        raise UsageError(
            f"{_NAMES[name].capitalize()} of {value:g}{_UNITS[name]} is outside what {voice.engine} can do.",
            hint=f"Choose from {limits[0]:g} to {limits[1]:g}{_UNITS[name]}.",
        )
    return replace(voice, settings={**settings, name: round(value, 3)})


def describe_voice(voice: VoiceRef) -> str:
    """Describe a voice in one short text: its id, and its pace and pitch where they are set."""
    pace, pitch = read_pace(voice), read_pitch(voice)
    parts = [voice.id, f"pace {pace:g}" if pace != 1.0 else "", f"pitch {pitch:+g}" if pitch else ""]
    return ", ".join(part for part in parts if part)
