"""Speak a line, or a sample sentence, in a voice that nobody has been given yet, and propose such voices.

Recordings lie in the cache under the key of what was spoken, as those of takes do. So no take of the project
is touched, a voice that was auditioned is not spoken again, and the voice that is then chosen has its take of
that line already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rythmo.engines import registry
from rythmo.engines.abilities import VoiceProposer
from rythmo.engines.base import Kind, SpeakerProfile, SpeechRequest
from rythmo.engines.pool import EnginePool
from rythmo.engines.speech.sample_sentences import sample_text
from rythmo.engines.voice_offer import VoiceOffer
from rythmo.errors import EngineFailedError, ScriptError
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.wav import read_audio
from rythmo.script.model import Line, Prosody, Script, Speaker
from rythmo.script.takes import VoiceRef
from rythmo.stages import cast, speaker_samples
from rythmo.stages.context import Context
from rythmo.stages.predicted_length import choose_by_prediction
from rythmo.stages.recordings import record_request
from rythmo.stages.translate_and_voice import places_of
from rythmo.stages.voice_request import EMOTION, VoiceRequest, build_request
from rythmo.timebase import SAMPLE_RATE

_USUAL_SECONDS = 3.0
"""A line of about this length tells most about a voice in the shortest time."""
_SAMPLE_SECONDS = 10
# Between the median pitch of men and that of women.
_HIGH_HZ = 165.0

Sound = Callable[[], tuple[ChunkedAudio, ChunkedAudio]]
"""Returns the programme's speech and bed. It is called only when a voice engine needs them."""


@dataclass(frozen=True, slots=True)
class Audition:
    """A recording in the cache: which voice speaks, and for how many seconds. `line` is "" for a sample."""

    voice: VoiceRef
    file: Path
    seconds: float
    line: str = ""


def choose_line(script: Script, speaker_id: str) -> Line:
    """Return the line of the speaker that is best to hear voices by: of about three seconds.

    Raises ScriptError for a speaker that does not exist or has nothing to say.
    """
    speaker = script.speaker(speaker_id)
    own = [line for line in script.lines if line.speaker == speaker.id and line.spoken_translation]
    if not own:
        raise ScriptError(f"{speaker.name} has no translated line to hear.", hint="Translate one first.")
    usual = _USUAL_SECONDS * script.programme.sample_rate
    return min(own, key=lambda line: (abs(line.length - usual), line.start))


def audition_line(script: Script, line_id: str, voice: VoiceRef, sound: Sound, context: Context) -> Audition:
    """Speak a line in a voice, at the pace that its place in the programme needs.

    Raises ScriptError for a line without words to speak, EngineError.
    """
    line, language = script.line(line_id), script.target_language
    if not line.spoken_translation:
        raise ScriptError(f"{line.id} has no translation to speak.", hint="Translate it first.")
    own = context.voiced_by(voice, language)
    info = own.engines.info(Kind.VOICE, language)
    if EMOTION in info.capabilities:
        own = replace(own, speech=sound()[0])
    speaker = replace(script.speaker(line.speaker), voice=voice)
    slot = places_of(script, context)[line.id]
    ahead = choose_by_prediction(line, speaker, slot, language, context.settings.fit, None, 0, own)
    wanted = build_request(line, voice, language, ahead.seconds if ahead else None, info, own)
    return _record(wanted, line, line.id, own)


def audition_sample(voice: VoiceRef, language: str, context: Context) -> Audition:
    """Speak a sample sentence of the language in a voice. Raises EngineError."""
    text = sample_text(language)
    line = Line("sample", "sample", 0, _SAMPLE_SECONDS * SAMPLE_RATE, text)
    wanted = VoiceRequest(SpeechRequest(text, language, voice))
    return _record(wanted, line, "", context.voiced_by(voice, language))


def _record(wanted: VoiceRequest, line: Line, line_id: str, context: Context) -> Audition:
    _, file = record_request(wanted, line, context)
    context.ledgers.save()
    return Audition(wanted.request.voice, file, read_audio(file).seconds, line_id)


def propose_voices(
    script: Script,
    speaker_id: str,
    offer: VoiceOffer | None,
    sound: Sound,
    context: Context,
    count: int = 3,
) -> tuple[VoiceRef, ...]:
    """Return up to `count` different voices for a speaker: the present one, then those that suit best.

    An engine on this machine proposes them by likeness or casts the speaker several times over, and never
    gives a voice that another speaker has. For a service, the voices that it offers are taken in their order,
    those of fitting gender first; nothing is sent. `context` must be that of the engine of the voices.
    """
    speaker = script.speaker(speaker_id)
    info = context.engines.info(Kind.VOICE, script.target_language)
    others = tuple(one.voice for one in script.speakers if one.voice and one.id != speaker.id)
    own = speaker.voice if speaker.voice and not speaker.consent else None
    found = [own] if own is not None and own.engine == info.name else []
    if info.local and "needs_reference" not in info.capabilities:
        more = _ask_engine(script, speaker, others, found, sound, context, count - len(found))
    else:
        more = _pick_listed(speaker, others, offer, context, info.name)
    return tuple([*found, *(voice for voice in more if voice not in found)][:count])


def _ask_engine(
    script: Script,
    speaker: Speaker,
    taken: tuple[VoiceRef, ...],
    shown: Sequence[VoiceRef],
    sound: Sound,
    context: Context,
    count: int,
) -> list[VoiceRef]:
    """Let the engine propose `count` voices, or cast the speaker as often, each time without those before."""
    language, engines = script.target_language, context.engines

    def hear(ears: EnginePool, speaker_id: str) -> tuple[float, ...]:
        speech, bed = sound()
        vector = speaker_samples.vector(script, speaker_id, speech, bed, replace(context, engines=ears))
        return tuple(map(float, vector))

    profile = SpeakerProfile(speaker.id, speaker.name, speaker.prosody or Prosody())
    profiles = cast.add_vectors([profile], engines, language, hear)
    engine: object = engines.voice(language)
    if isinstance(engine, VoiceProposer):
        return list(engine.propose(profiles[0], language=language, taken=taken, shown=shown, count=count))
    found: list[VoiceRef] = []
    # An engine that has no more voices to give says so by failing.
    with suppress(EngineFailedError):
        while len(found) < count:
            found += cast.make_voices(profiles, (*taken, *shown, *found), language, engines, context)
    return found


def _pick_listed(
    speaker: Speaker, taken: tuple[VoiceRef, ...], offer: VoiceOffer | None, context: Context, engine: str
) -> list[VoiceRef]:
    if offer is None:
        return []
    settings = registry.options_of(context.settings.options, Kind.VOICE, engine)
    used = {voice.id for voice in taken if voice.engine == engine}
    listed = [one for one in offer.list_voices(settings, "") if one.id not in used]
    pitch = speaker.prosody.pitch_hz if speaker.prosody else None
    wanted = "" if pitch is None else "female" if pitch >= _HIGH_HZ else "male"
    ordered = sorted(listed, key=lambda one: bool(wanted) and one.gender != wanted)
    return [offer.make_voice(one.id, settings) for one in ordered]
