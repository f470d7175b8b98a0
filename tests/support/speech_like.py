"""Sound to try engines on: two voices that take turns every two seconds."""

from __future__ import annotations

from functools import cache

import numpy as np

from rythmo.engines import registry
from rythmo.engines.base import Kind, SpeakerProfile, SpeechRequest
from rythmo.media.audio import Audio
from rythmo.script.model import Prosody

RATE = 48_000
SENTENCES = ("I never knew that you were here.", "Where is the other one now?", "Come in and close the door.")


@cache
def two_voices(seconds: float) -> Audio:
    """Stereo at 48 kHz: spoken by espeak where it is installed, buzzing tones elsewhere."""
    length = round(seconds * RATE)
    sound = np.zeros(length, np.float32)
    for number, start in enumerate(range(0, length, 2 * RATE)):
        part = sentence(number)[: min(length - start, round(1.9 * RATE))]
        sound[start : start + part.size] = part
    noise = 1e-3 * np.random.default_rng(0).normal(size=length)
    return Audio(np.stack([sound + noise, 0.9 * sound - noise]).astype(np.float32), RATE)


@cache
def sentence(number: int) -> np.ndarray:
    """One of three sentences, mono at 48 kHz: spoken by espeak where it is installed, a buzz elsewhere."""
    spec = next((one for one in registry.installed()[Kind.VOICE] if one.info.name == "espeak"), None)
    if spec is None or spec.missing():
        time = np.arange(round(1.7 * RATE)) / RATE
        return (0.3 * np.sign(np.sin(2 * np.pi * (110 + 90 * (number % 2)) * time))).astype(np.float32)
    voice = spec.create({})
    people = [SpeakerProfile(f"S{n}", "", Prosody(pitch_hz=hertz)) for n, hertz in enumerate((110.0, 210.0))]
    refs = voice.cast(people, language="en")
    request = SpeechRequest(SENTENCES[number % 3], "en", refs[number % 2], seconds=1.8)
    sound = voice.speak(request).at_rate(RATE).samples[0]
    voice.close()
    return sound
