"""How Kokoro's voices sound, as tools/measure_voices.py measured it: kokoro_profiles.json, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rythmo.engines.kokoro_voices import ACCENTS
from rythmo.engines.likeness import VoiceProfile

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
            )
        )
    return tuple(found)


@cache
def _voices() -> Mapping[str, Mapping[str, Any]]:
    text = Path(__file__).with_name("kokoro_profiles.json").read_text("utf-8")
    voices: Mapping[str, Mapping[str, Any]] = json.loads(text)["voices"]
    return voices
