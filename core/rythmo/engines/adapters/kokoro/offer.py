"""Kokoro's voices for a person to choose from: listed from the model's folder, mixed two at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rythmo.engines.adapters.kokoro.voices import ACCENTS, Blend, Styles, parse_voice
from rythmo.engines.voice_offer import ListedVoice, VoiceOffer
from rythmo.errors import EngineFailedError
from rythmo.models import require_model
from rythmo.script.takes import VoiceRef

NAME = "kokoro"
WHISPERING = frozenset({"af_nicole"})
"""Voices that whisper every line. They are never cast, but can be chosen by name."""
PACE_LIMITS = (0.7, 1.4)
"""Beyond these paces listeners take Kokoro for slowed down or rushed; a fit to a length may go further."""
_GENDERS = {"f": "female", "m": "male"}
_NOTES = {"a": "American", "b": "British"}
_LEAST_SHARE = 0.05


def list_voices(settings: Mapping[str, Any], language: str) -> tuple[ListedVoice, ...]:
    """Return all voices, those made for the language first. Raises EngineMissingError without the model."""
    base = language.lower().replace("_", "-").split("-")[0]
    found = [_describe(name) for name in _styles(settings).names()]
    return tuple(sorted(found, key=lambda one: (one.language != base, one.language, one.id)))


def _describe(name: str) -> ListedVoice:
    note = "whispers" if name in WHISPERING else _NOTES.get(name[0], "")
    return ListedVoice(name, ACCENTS[name[0]][0], _GENDERS.get(name[1], ""), note)


def make_voice(voice: str, settings: Mapping[str, Any]) -> VoiceRef:
    """Return the voice, or the mixture, of that id. Raises EngineFailedError when there is no such voice."""
    parts = sorted(parse_voice(voice).parts, key=lambda part: -part[1])
    there = _styles(settings).names()
    unknown = next((name for name, _ in parts if name not in there), None)
    if unknown is not None:
        raise EngineFailedError(
            f"Kokoro has no voice {unknown!r}.", hint="`rythmo cast PROJECT --voices` lists its voices."
        )
    return VoiceRef(NAME, Blend(tuple(parts)).id)


def mix(first: str, second: str, share: float) -> str:
    """Return the id of a mixture of two voices, of which `share` (0.05 to 0.95) is the first.

    Raises EngineFailedError for a mixture of mixtures, of a voice with itself, and for another share.
    """
    one, other = parse_voice(first), parse_voice(second)
    if len(one.parts) > 1 or len(other.parts) > 1:
        raise EngineFailedError("Kokoro mixes two voices at most.", hint="Choose two voices, not mixtures.")
    names = one.parts[0][0], other.parts[0][0]
    if names[0] == names[1]:
        raise EngineFailedError(
            f"{names[0]} cannot be mixed with itself.", hint="Choose a different second voice."
        )
    part = round(share, 2)
    if not _LEAST_SHARE <= part <= 1 - _LEAST_SHARE:
        raise EngineFailedError(
            f"A share of {share:g} is hardly a mixture.", hint="Choose a share from 0.05 to 0.95."
        )
    parts = sorted(((names[0], part), (names[1], round(1 - part, 2))), key=lambda each: -each[1])
    return Blend(tuple(parts)).id


def _styles(settings: Mapping[str, Any]) -> Styles:
    folder = Path(settings["model"]) if settings.get("model") else require_model(NAME)
    return Styles(folder / "voices")


OFFER = VoiceOffer(list_voices, make_voice, mix, pace=PACE_LIMITS)
