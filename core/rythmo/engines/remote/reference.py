"""References: the clean speech of a speaker that a voice is cloned from, cut to what services accept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from rythmo.errors import EngineError
from rythmo.media.audio import Audio, make_silence

_GAP_MS = 150
_AUDIBLE = 1e-3


@dataclass(frozen=True, slots=True)
class ReferenceRules:
    """A service's rules for a reference; times are in seconds, `rate` in Hz.

    The longest segments are joined up to `target_s`, and the result is never longer than `longest_s`. Less
    than `shortest_s` is padded with silence to `padded_s`.
    """

    rate: int = 44_100
    target_s: float = 8.0
    longest_s: float = 15.0
    shortest_s: float = 1.5
    padded_s: float = 2.0


def prepare_reference(segments: Sequence[Audio], rules: ReferenceRules | None = None) -> Audio:
    """Return one mono reference at `rules.rate` from clean segments of one speaker.

    The longest segments are taken until there are `target_s`, and joined in their original order with short
    gaps. Raises EngineError when none of them is audible.
    """
    rules = rules or ReferenceRules()
    heard = [segment.mono().at_rate(rules.rate) for segment in segments]
    heard = [
        segment for segment in heard if segment.length and float(np.abs(segment.samples).max()) > _AUDIBLE
    ]
    if not heard:
        raise EngineError(
            "There is no clean speech to clone this voice from.", hint="Use a stock voice for it."
        )
    chosen = _join(_longest(heard, round(rules.target_s * rules.rate)), rules.rate)
    chosen = chosen.cut(0, round(rules.longest_s * rules.rate))
    if chosen.length >= round(rules.shortest_s * rules.rate):
        return chosen
    padding = make_silence(1, max(0, round(rules.padded_s * rules.rate) - chosen.length), rules.rate)
    return Audio(np.concatenate([chosen.samples, padding.samples], axis=1), rules.rate)


def _longest(segments: Sequence[Audio], enough: int) -> list[Audio]:
    order = sorted(range(len(segments)), key=lambda index: (-segments[index].length, index))
    taken: list[int] = []
    for index in order:
        if sum(segments[i].length for i in taken) >= enough:
            break
        taken.append(index)
    return [segments[index] for index in sorted(taken)]


def _join(segments: Sequence[Audio], rate: int) -> Audio:
    gap = np.zeros((1, rate * _GAP_MS // 1000), np.float32)
    parts = [part for segment in segments for part in (segment.samples, gap)]
    return Audio(np.concatenate(parts[:-1], axis=1), rate)


def write_wav(audio: Audio) -> bytes:
    """Return the audio as a 16-bit WAV, clipped to full scale. The same audio always gives the same bytes."""
    import soundfile

    file = BytesIO()
    clipped = np.clip(audio.samples, -1.0, 1.0 - 2.0**-15)
    soundfile.write(file, clipped.T, audio.rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def fingerprint(reference: bytes) -> str:
    """Return a short name of a reference by its content: 16 hexadecimal digits."""
    return hashlib.sha256(reference).hexdigest()[:16]
