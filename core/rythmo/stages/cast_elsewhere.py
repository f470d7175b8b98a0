"""Let a voice engine cast, also one that only the workers of a cluster have."""

from __future__ import annotations

from collections.abc import Sequence

from rythmo.engines.base import Kind, SpeakerProfile
from rythmo.execution.calls import EngineCall
from rythmo.project.workspace import hash_values
from rythmo.script.takes import VoiceRef
from rythmo.stages.context import Context
from rythmo.stages.shared_references import keep_reference


def cast_anywhere(
    profiles: Sequence[SpeakerProfile], taken: Sequence[VoiceRef], language: str, context: Context
) -> tuple[VoiceRef, ...]:
    """Return a voice for each speaker, different from those in `taken`.

    An engine of this process casts here: it is quick, and the engine must know its references.
    """
    if not context.engines.is_absent(Kind.VOICE, language):
        voice = context.engines.voice(language)
        return tuple(voice.cast(profiles, language=language, taken=taken))
    info = context.engines.info(Kind.VOICE, language)
    people = [(profile.id, profile.prosody, len(profile.references)) for profile in profiles]
    key = hash_values("cast elsewhere", info.stamp, people, taken)
    arguments = (tuple(profiles), tuple(taken), language)
    call = EngineCall("cast", "the speakers", Kind.VOICE, language, info, key, cast_voices, arguments)
    return context.carry_out(call)


def cast_voices(
    profiles: Sequence[SpeakerProfile], taken: Sequence[VoiceRef], language: str, context: Context
) -> tuple[VoiceRef, ...]:
    """Cast with the engine of this process, and put the references of its clones into the store."""
    voices = tuple(context.engines.voice(language).cast(profiles, language=language, taken=taken))
    for voice in voices:
        keep_reference(voice, context)
    return voices
