"""The profiles of Kokoro's voices in profiles.json, which tools/measure_voices.py measures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rythmo.engines.adapters.kokoro.voices import ACCENTS, Blend
from rythmo.engines.speech.likeness import VoiceProfile

EMBEDDER = "campplus"
"""The embedder that made the vectors."""


@cache
def profiles() -> tuple[VoiceProfile, ...]:
    """Return the profiles of all voices, in order of name. The file is read once."""
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
    """Return how many seconds of a voice's last frames are silent; 0 for an unknown voice."""
    known = _voices()
    return float(sum(share * known.get(name, {}).get("surplus_seconds", 0.0) for name, share in voice.parts))


@cache
def _voices() -> Mapping[str, Mapping[str, Any]]:
    text = Path(__file__).with_name("profiles.json").read_text("utf-8")
    voices: Mapping[str, Mapping[str, Any]] = json.loads(text)["voices"]
    return voices
