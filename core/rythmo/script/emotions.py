"""Feelings: a direction that lists emotions and their strengths, for voices that take such a vector. Pure.

"sad 0.7, afraid 0.2" is one; "sadly, under her breath" is not, and stays words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = ("happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")
"""The eight of IndexTTS 2, in its order."""
_PART = re.compile(rf"\s*({'|'.join(NAMES)})\s*[:= ]\s*(0?\.\d+|[01](?:\.0*)?)\s*\Z", re.IGNORECASE)
_STRONG, _FAINT = 0.7, 0.3


def parse_emotions(direction: str) -> Mapping[str, float]:
    """Emotion -> strength, 0 to 1, in the order of `NAMES`; empty where the direction is anything else."""
    parts = [_PART.match(part) for part in direction.split(",")] if direction.strip() else []
    found = {part[1].lower(): float(part[2]) for part in parts if part}
    if not parts or len(found) != len(parts) or not any(found.values()):
        return {}
    return {name: found[name] for name in NAMES if name in found}


def describe_emotions(feelings: Mapping[str, float]) -> str:
    """Describe the emotions in words, the strongest first."""
    ordered = sorted(feelings.items(), key=lambda one: -one[1])
    return ", ".join(f"{_name_strength(strength)}{name}" for name, strength in ordered if strength > 0)


def _name_strength(strength: float) -> str:
    if strength >= _STRONG:
        return "very "
    return "slightly " if strength < _FAINT else ""
