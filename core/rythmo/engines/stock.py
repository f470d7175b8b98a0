"""Casting from a service's stock voices: by pitch where the service says who sounds like what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rythmo.engines.base import SpeakerProfile
from rythmo.errors import EngineFailedError

# Between the medians of men's (about 120 Hz) and women's (about 210 Hz) voices; Titze 1989.
_HIGH_HZ = 165.0


@dataclass(frozen=True, slots=True)
class StockVoice:
    """A voice everybody can use; `gender` as the service says ("male", "female", or nothing)."""

    id: str
    gender: str = ""


def choose_voices(
    speakers: Sequence[SpeakerProfile], voices: Sequence[StockVoice], used: Collection[str], *, service: str
) -> tuple[str, ...]:
    """A voice of its own for each speaker, of fitting pitch where there is one; the same choice every time.

    Raises EngineFailedError when there are fewer voices than speakers.
    """
    left = [voice for voice in voices if voice.id not in used]
    if len(left) < len(speakers):
        raise EngineFailedError(
            f"{service} has {len(left)} free stock voices for {len(speakers)} speakers.",
            hint="Name more of them in `voices`, or clone the speakers with their consent.",
        )
    chosen = []
    for speaker in speakers:
        wanted = _wanted(speaker)
        voice = next((one for one in left if wanted and one.gender == wanted), left[0])
        left.remove(voice)
        chosen.append(voice.id)
    return tuple(chosen)


def _wanted(speaker: SpeakerProfile) -> str:
    pitch = speaker.prosody.pitch_hz
    if pitch is None:
        return ""
    return "female" if pitch >= _HIGH_HZ else "male"
