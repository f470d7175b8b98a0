"""How Kokoro's voices sound, as tools/measure_voices.py measured it: profiles.json, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rythmo.engines.adapters.kokoro.voices import ACCENTS, Blend
from rythmo.engines.speech.likeness import VoiceProfile

EMBEDDER = "resemblyzer"
"""The embedder of the vectors."""


@cache
def profiles() -> tuple[VoiceProfile, ...]:
    """Return the profiles of all voices, in order of name."""
    found = []
    for name, facts in sorted(_voices().items()):
        vector = np.asarray(facts["vector"], np.float32)
        found.append(
            VoiceProfile(
                name,
                ACCENTS[name[0]][0],
                facts["pitch_hz"],
                facts["pitch_low_hz"],
                facts["pitch_high_hz"],
                facts["brightness_hz"],
                vector / np.linalg.norm(vector),
                family=name[1],
            )
        )
    return tuple(found)


def surplus(voice: Blend) -> float:
    """Return by how many seconds a voice is heard for less than its frames; 0 for one that is not known."""
    known = _voices()
    return float(sum(share * known.get(name, {}).get("surplus_seconds", 0.0) for name, share in voice.parts))


@cache
def _voices() -> Mapping[str, Mapping[str, Any]]:
    text = Path(__file__).with_name("profiles.json").read_text("utf-8")
    voices: Mapping[str, Mapping[str, Any]] = json.loads(text)["voices"]
    return voices
