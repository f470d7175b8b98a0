"""Decide which voices casting must keep: those that a person chose or locked, here or in the cast file."""

from __future__ import annotations

from rythmo.casting.cast_file import Person
from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.errors import EngineRefusedError
from rythmo.script.model import Speaker
from rythmo.script.takes import VoiceRef
from rythmo.script.voice_edits import VOICE


def is_chosen(speaker: Speaker, engine: str) -> bool:
    """Tell whether a person chose the speaker's voice for this engine, or locked it for any."""
    voice = speaker.voice
    if voice is None or speaker.consent or VOICE not in speaker.edited:
        return False
    return voice.engine == engine or speaker.voice_locked


def find_chosen_voice(speaker: Speaker, engine: str, language: str) -> VoiceRef | None:
    """Return the voice that a person chose, or None. `engine` is the job's.

    A voice that is locked to another engine is kept if that engine runs on this machine. Raises
    EngineRefusedError if it does not, because nobody chose for this job to send lines to it.
    """
    voice = speaker.voice
    if voice is None or not is_chosen(speaker, engine):
        return None
    if voice.engine != engine and not _is_ready_here(voice.engine, language):
        raise EngineRefusedError(
            f"The voice of {speaker.name} ({speaker.id}) is locked to {voice.engine}, not used here.",
            hint=f"Choose --voice {voice.engine}, or unlock it: rythmo cast PROJECT --unlock {speaker.id}.",
        )
    return voice


def _is_ready_here(engine: str, language: str) -> bool:
    return any(
        spec.info.name == engine
        and spec.info.local
        and spec.info.speaks(language)
        and not registry.missing(spec)
        for spec in registry.installed()[Kind.VOICE]
    )


def is_locked(speaker: Speaker, voice: VoiceRef, person: Person | None, language: str) -> bool:
    """Tell whether the voice that a speaker gets is locked.

    Args:
        speaker: The speaker, as the script has them.
        voice: The voice that they get.
        person: Who they are in the cast file; None when they are nobody in it, or only a guess.
        language: The target language.
    """
    if VOICE in speaker.edited:
        return speaker.voice_locked and speaker.voice == voice
    stored = person.find_stored_voice(voice.engine, language) if person else None
    return stored is not None and stored.locked and stored.ref == voice
