"""Build the request that a voice engine receives for a line.

Timbre comes from the voice. The delivery comes from the user's direction (words, or a vector of feelings),
else from the original: its sound, its measured manner, or that manner in words. Each engine gets what it can
use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from rythmo.engines.base import EngineInfo, SpeechRequest
from rythmo.project.workspace import hash_values
from rythmo.script import emotions
from rythmo.script.model import Flag, Line, Severity
from rythmo.script.takes import VoiceRef
from rythmo.stages.context import Context
from rythmo.stages.performance import in_words

DIRECTION, EMOTION, MANNER, FEELINGS = "direction", "emotion", "manner", "feelings"
"""Capabilities of voices: written direction, the original's sound, its measured manner, a feelings vector."""
BY_ORIGINAL, BY_MANNER, BY_WORDS = "original line", "manner", "manner in words"
"""What of the original an engine received, as recorded in takes."""
NO_DIRECTION = "no-direction"


@dataclass(frozen=True, slots=True)
class VoiceRequest:
    """A speech request, the range of original sound sent with it, and what of the original it follows."""

    request: SpeechRequest
    original: tuple[int, int] | None = None
    follows: tuple[str, ...] = ()

    def with_sound(self, context: Context) -> SpeechRequest:
        """Return the request with the original's sound, as the engine receives it."""
        if self.original is None or context.speech is None:
            return self.request
        return replace(self.request, emotion=context.speech.read(*self.original))

    def key(self, context: Context) -> str:
        """Hash the request. The original counts by its sound, not by its position."""
        if self.original is None or context.speech is None:
            return hash_values(self.request, None)
        speech, span = context.speech, self.original
        sound = context.ledger("original-sound", str).value(
            hash_values(speech.key, span),
            lambda: hashlib.sha256(speech.read(*span).samples.tobytes()).hexdigest()[:32],
        )
        return hash_values(self.request, sound)


def build_request(
    line: Line, voice: VoiceRef, language: str, seconds: float | None, info: EngineInfo, context: Context
) -> VoiceRequest:
    """Build the request for a line. A direction replaces the original's sound."""
    can = info.capabilities
    wanted = emotions.parse_emotions(line.direction)
    vector = wanted if FEELINGS in can else {}
    words = emotions.describe_emotions(wanted) or line.direction
    direction = words if DIRECTION in can and not vector else ""
    original = None
    if EMOTION in can and context.speech and not direction and not vector:
        original = line.original_range
    manner = line.manner if MANNER in can else None
    follows = [BY_ORIGINAL] if original else []
    follows += [BY_MANNER] if manner else []
    if DIRECTION in can and not (direction or vector or original or manner) and in_words(line):
        direction, follows = in_words(line), [BY_WORDS]
    request = SpeechRequest(
        line.spoken_translation,
        language,
        voice,
        seconds=seconds,
        direction=direction,
        manner=manner,
        variation=line.variation,
        feelings=vector,
    )
    return VoiceRequest(request, original, tuple(follows))


def flag_unused_direction(line: Line, info: EngineInfo) -> tuple[Flag, ...]:
    """Flag a direction that the engine cannot follow."""
    can = info.capabilities
    if (
        not line.direction
        or DIRECTION in can
        or (FEELINGS in can and emotions.parse_emotions(line.direction))
    ):
        return ()
    message = f"{info.name} takes no directions: the line's direction has no effect."
    return (Flag(NO_DIRECTION, message, Severity.INFO),)
