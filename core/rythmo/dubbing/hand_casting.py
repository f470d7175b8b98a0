"""Cast by hand: which voices there are to choose from, what a person wrote as one, and hearing them first.

The voices are those of the engine that the project speaks with. Nothing is sent to a service before the user
has seen what that costs and agreed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rythmo.counts import format_count
from rythmo.dubbing import costs
from rythmo.dubbing.bookkeeping import price_table
from rythmo.dubbing.pinned_engines import pin_engines
from rythmo.dubbing.pipeline import Material
from rythmo.engines import registry
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.prices import EngineUsage, PriceTable
from rythmo.engines.speech.sample_sentences import sample_text
from rythmo.engines.voice_offer import PACE, PITCH, ListedVoice, VoiceOffer, set_on_voice
from rythmo.errors import EngineRefusedError, ScriptError, UsageError
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.script.model import Script, Speaker
from rythmo.script.takes import VoiceRef
from rythmo.settings import Settings
from rythmo.stages import auditions
from rythmo.stages.auditions import Audition
from rythmo.stages.context import Context

AUTO = "auto"
"""Written in place of a voice: the choice is left to Rythmo."""


@dataclass(frozen=True, slots=True)
class VoiceShelf:
    """The voices that a project can choose from, and the engine that speaks with them."""

    spec: EngineSpec
    settings: Settings
    language: str

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self.spec.info.name

    @property
    def offer(self) -> VoiceOffer:
        """What the engine offers. Raises UsageError when its voices cannot be chosen."""
        if self.spec.voices is None:
            raise UsageError(
                f"The voices of {self.engine} cannot be chosen by hand: it lists none.",
                hint="Dub with another engine to choose voices: --voice NAME.",
            )
        return self.spec.voices

    def list_voices(self) -> tuple[ListedVoice, ...]:
        """Return all voices, those made for the target language first. Raises EngineError."""
        return self.offer.list_voices(self._own_settings(), self.language)

    def make_voice(
        self, text: str, present: VoiceRef | None = None, known: Sequence[Speaker] = ()
    ) -> VoiceRef:
        """Return the voice that a person wrote: an id, a mixture as the engine writes it, or "A+B" in halves.

        The pace and pitch of the `present` voice are kept, and all of it where the id is the same. A voice
        that one of the `known` speakers has is the same voice, tuned as it is for them. Raises EngineError
        for what is not one of the engine's voices, and UsageError where it cannot mix.
        """
        voice = text.strip()
        if present is not None and (present.engine, present.id) == (self.engine, voice):
            return present
        first, plus, second = voice.partition("+")
        if plus and "*" not in voice:
            voice = self.mix(first.strip(), second.strip(), 0.5)
        made = _find_tuned(known, self.engine, voice) or self.offer.make_voice(voice, self._own_settings())
        for name in (PACE, PITCH):
            value = present.settings.get(name) if present else None
            if value is not None and self.offer.limits(name):
                made = set_on_voice(made, self.offer, name, value)
        return made

    def mix(self, first: str, second: str, share: float) -> str:
        """Return the id of a mixture of two voices. Raises UsageError where the engine cannot mix."""
        if self.offer.mix is None:
            raise UsageError(f"{self.engine} cannot mix voices.", hint="Choose one voice.")
        return self.offer.mix(first, second, share)

    def adjust(self, voice: VoiceRef, *, pace: float | None = None, pitch: float | None = None) -> VoiceRef:
        """Return the voice with a pace (a factor) or a pitch (semitones); None leaves it as it is.

        Raises UsageError for what the engine cannot set.
        """
        for name, value in ((PACE, pace), (PITCH, pitch)):
            if value is not None:
                voice = set_on_voice(voice, self.offer, name, value)
        return voice

    def describe_price(self, texts: Sequence[str]) -> str:
        """Describe what it sends and costs to hear these texts; "" for an engine of this machine."""
        info = self.spec.info
        if info.local:
            return ""
        letters = sum(map(len, texts))
        model = str(self._own_settings().get("model") or info.version)
        # Speech is priced by length at some services: a second for every 15 letters.
        units = {"characters": float(letters), "seconds": round(letters / 15, 1)}
        bill = costs.price(
            [EngineUsage(str(Kind.VOICE), info.name, model, len(texts), 0, units)], self._table()
        )
        return f"{format_count(letters, 'character goes', 'characters go')} to {info.name}: {bill.told()}"

    def require_agreed(self, texts: Sequence[str], *, agreed: bool) -> None:
        """Raise EngineRefusedError with the price when texts would leave this machine unagreed."""
        if (price := self.describe_price(texts)) and not agreed:
            raise EngineRefusedError(f"{price}. Nothing was sent.", hint="Agree with --send.")

    def _own_settings(self) -> dict[str, object]:
        return dict(registry.options_of(self.settings.options, Kind.VOICE, self.engine))

    def _table(self) -> PriceTable:
        return price_table(self.settings)


def _find_tuned(speakers: Sequence[Speaker], engine: str, voice_id: str) -> VoiceRef | None:
    """Return the voice of that id which a speaker has, without pace and pitch. No clone is one."""
    for speaker in speakers:
        voice = speaker.voice
        if voice and not speaker.consent and (voice.engine, voice.id) == (engine, voice_id):
            kept = {key: value for key, value in voice.settings.items() if key not in (PACE, PITCH)}
            return replace(voice, settings=kept)
    return None


def open_shelf(script: Script, settings: Settings) -> VoiceShelf:
    """Return the voices that a project's speakers can have: those of the engine that speaks its lines.

    An engine that can only clone is stood in for by a local one. Raises EngineError when no engine is ready.
    """
    settings = pin_engines(settings, script, [Kind.VOICE])
    language = script.target_language
    name = settings.engine_names()[Kind.VOICE]
    spec = registry.choose(Kind.VOICE, name, language=language, settings=settings.options)
    if "needs_reference" in spec.info.capabilities:
        spec = registry.choose_stand_in(language)
    return VoiceShelf(spec, settings, language)


def texts_of(script: Script, line_id: str, count: int) -> list[str]:
    """Return the texts that auditions of `count` voices speak: the line's, or the sample's without a line."""
    text = script.line(line_id).spoken_translation if line_id else sample_text(script.target_language)
    return [text] * count


def audition(
    script: Script, line_id: str, voice: VoiceRef, material: Callable[[], Material], context: Context
) -> Audition:
    """Speak a line, or a sample when `line_id` is "", in a voice of the project's engine.

    Raises ScriptError for a voice of another engine, EngineError.
    """
    _require_own_engine(script, voice, context)
    if not line_id:
        return auditions.audition_sample(voice, script.target_language, context)
    return auditions.audition_line(script, line_id, voice, _sound_of(material), context)


def propose(
    script: Script, speaker_id: str, material: Callable[[], Material], context: Context, count: int = 3
) -> tuple[VoiceRef, ...]:
    """Return up to `count` voices for a speaker to choose from, the present one first. Nothing is sent.

    Raises ScriptError for a speaker that does not exist, EngineError.
    """
    name = _voice_engine(script, context)
    own = context.voiced_by(VoiceRef(name, ""), script.target_language)
    offer = own.engines.spec(Kind.VOICE, script.target_language).voices
    return auditions.propose_voices(script, speaker_id, offer, _sound_of(material), own, count)


def _sound_of(material: Callable[[], Material]) -> auditions.Sound:
    def read() -> tuple[ChunkedAudio, ChunkedAudio]:
        sound = material()
        return sound.speech, sound.bed

    return read


def _voice_engine(script: Script, context: Context) -> str:
    info = context.engines.spec(Kind.VOICE, script.target_language).info
    if "needs_reference" in info.capabilities:
        return registry.choose_stand_in(script.target_language).info.name
    return info.name


def _require_own_engine(script: Script, voice: VoiceRef, context: Context) -> None:
    """Refuse a voice of an engine that the project does not use: it might send the line somewhere."""
    if voice.engine != (name := _voice_engine(script, context)):
        raise ScriptError(
            f"This project speaks with {name}, not with {voice.engine}.",
            hint="To change the engine, dub again with --voice.",
        )
