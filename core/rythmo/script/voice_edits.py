"""Cast a speaker by hand: choose a voice, lock it, or leave the choice to casting again. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from rythmo.errors import ScriptError
from rythmo.script.edit_marks import add_names, drop_names
from rythmo.script.model import Line, Script, Speaker, remove_cuts
from rythmo.script.takes import Take, TakeKind, VoiceRef

VOICE = "voice"
"""The name in `Speaker.edited` of a voice that a person chose: casting keeps it."""


def choose_voice(script: Script, speaker_id: str, voice: VoiceRef) -> Script:
    """Return the script with that voice chosen for the speaker, whose lines are then voiced again.

    Locked lines keep their takes, and so do lines whose take no engine spoke. Raises ScriptError for a
    speaker that does not exist, and for one whose voice is locked.
    """
    speaker = script.speaker(speaker_id)
    edited = add_names(speaker.edited, VOICE)
    if speaker.voice == voice and not speaker.consent:
        return _replace_speaker(script, replace(speaker, edited=edited))
    require_unlocked_voice(speaker)
    # A chosen voice is no clone, so nobody's consent is needed for it.
    return _recast(script, replace(speaker, voice=voice, consent="", edited=edited))


def release_voice(script: Script, speaker_id: str) -> Script:
    """Return the script with the choice of the speaker's voice left to casting.

    A voice that nobody chose stays. Raises ScriptError for a speaker that does not exist, and for one whose
    voice is locked.
    """
    speaker = script.speaker(speaker_id)
    if VOICE not in speaker.edited:
        return script
    require_unlocked_voice(speaker)
    free = replace(speaker, voice=None, consent="", edited=drop_names(speaker.edited, VOICE))
    return _recast(script, free)


def lock_voice(script: Script, speaker_id: str, *, locked: bool) -> Script:
    """Return the script with the speaker's voice locked, or unlocked. A locked voice counts as chosen.

    Raises ScriptError for a speaker without a voice and for a clone: its owner is asked on every run.
    """
    speaker = script.speaker(speaker_id)
    if speaker.voice_locked == locked:
        return script
    if locked and speaker.voice is None:
        raise ScriptError(f"{speaker.name} has no voice to lock.", hint="Choose one first.")
    if locked and speaker.consent:
        raise ScriptError(
            f"The voice of {speaker.name} is a clone, which cannot be locked: it is made only while there is "
            "consent.",
            hint="Choose one of the engine's own voices to lock it.",
        )
    # Unlocked by hand, a voice stays chosen: what the cast file has locked would lock it again.
    edited = add_names(speaker.edited, VOICE)
    return _replace_speaker(script, replace(speaker, voice_locked=locked, edited=edited))


def require_unlocked_voice(speaker: Speaker) -> None:
    """Raise ScriptError when the speaker's voice is locked."""
    if speaker.voice_locked:
        raise ScriptError(
            f"The voice of {speaker.name} is locked; nothing was changed.",
            hint=f"Unlock it first: the padlock on the page, or rythmo cast PROJECT --unlock {speaker.id}.",
        )


def list_kept_lines(script: Script, speaker_id: str) -> list[str]:
    """Return the ids of the speaker's lines that keep their takes whatever voice is chosen.

    They are locked, or a person spoke them.
    """
    own = (line for line in script.lines if line.speaker == speaker_id)
    return [line.id for line in own if line.locked or line.has_human_take]


def _recast(script: Script, after: Speaker) -> Script:
    def voice_anew(line: Line) -> Line:
        if (
            line.speaker != after.id
            or line.locked
            or line.take is None
            or not _is_spoken_by_engine(line.take)
        ):
            return line
        # A take that was chosen among those of the old voice is no longer the one to hear.
        edited = drop_names(line.edited, "chosen", "variation", "placement")
        return replace(remove_cuts(line), variation=0, edited=edited)

    return _replace_speaker(script, after).map_lines(voice_anew)


def _is_spoken_by_engine(take: Take) -> bool:
    return take.kind is TakeKind.SYNTHETIC


def _replace_speaker(script: Script, speaker: Speaker) -> Script:
    return replace(script, speakers=tuple(speaker if s.id == speaker.id else s for s in script.speakers))
