"""Casting from a service's stock voices, by pitch when the service states the voices' gender."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rythmo.counts import format_count
from rythmo.engines.base import EngineInfo, SpeakerProfile
from rythmo.engines.remote.calls import Remote
from rythmo.engines.voice_offer import ListedVoice, VoiceOffer
from rythmo.errors import EngineFailedError
from rythmo.script.takes import VoiceRef

# Halfway between the median pitch of men (about 120 Hz) and of women (about 210 Hz); Titze 1989.
_HIGH_HZ = 165.0


@dataclass(frozen=True, slots=True)
class StockVoice:
    """A ready-made voice; `gender` is what the service states ("male", "female", or "")."""

    id: str
    gender: str = ""


class StockSpeaker:
    """The base class of engines that have stock voices only."""

    def __init__(
        self, info: EngineInfo, remote: Remote, settings: Mapping[str, Any], usual: Sequence[StockVoice] = ()
    ) -> None:
        """Take the voices from the settings, else from `usual`; if both are empty, the service lists them."""
        self.info = info
        self.usage = remote.usage
        self._remote = remote
        self._named = named_voices(settings) or tuple(usual)
        self._kept: dict[str, Any] = {}
        """Settings that are stored with each cast voice."""

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return a voice of that language for each speaker, by pitch.

        Raises EngineFailedError when there are fewer voices than speakers.
        """
        if not speakers:
            return ()
        used = {voice.id for voice in taken if voice.engine == self.info.name}
        voices = self._named or self._voices_of(language)
        chosen = choose_voices(speakers, voices, used, service=self._remote.service)
        return tuple(VoiceRef(self.info.name, name, dict(self._kept)) for name in chosen)

    def _voices_of(self, language: str) -> Sequence[StockVoice]:
        """Return the service's voices for a language."""
        return ()

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


def named_voices(settings: Mapping[str, Any]) -> tuple[StockVoice, ...]:
    """Return the voices that an engine's settings name."""
    return tuple(StockVoice(str(name)) for name in settings.get("voices", ()))


def _keep_nothing(_settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class ListStock:
    """Lists the voices of a service that a person can choose: those that its settings name, else the `usual`
    ones. The service is not asked, because a list is no reason to send anything."""

    usual: tuple[StockVoice, ...] = ()

    def __call__(self, settings: Mapping[str, Any], _language: str) -> tuple[ListedVoice, ...]:
        """Return the voices, in the order in which they are cast."""
        voices = named_voices(settings) or self.usual
        return tuple(ListedVoice(one.id, gender=one.gender) for one in voices)


@dataclass(frozen=True, slots=True)
class MakeStock:
    """Makes a voice of those that a list has. Another id may be a clone, which nobody's consent is recorded
    for."""

    engine: str
    listed: ListStock
    kept: Callable[[Mapping[str, Any]], Mapping[str, Any]]

    def __call__(self, voice: str, settings: Mapping[str, Any]) -> VoiceRef:
        """Return the voice of that id. Raises EngineFailedError for one that is not listed."""
        if all(one.id != voice for one in self.listed(settings, "")):
            raise EngineFailedError(
                f"{self.engine} has no stock voice {voice!r} here.",
                hint=f"Name it in the engine's settings: --set {self.engine}.voices=[...]",
            )
        return VoiceRef(self.engine, voice, dict(self.kept(settings)))


def make_stock_offer(
    engine: str,
    usual: Sequence[StockVoice] = (),
    kept: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _keep_nothing,
) -> VoiceOffer:
    """Return what a service offers. `kept` picks the engine's settings that are stored with a voice."""
    listed = ListStock(tuple(usual))
    return VoiceOffer(listed, MakeStock(engine, listed, kept))


def choose_voices(
    speakers: Sequence[SpeakerProfile], voices: Sequence[StockVoice], used: Collection[str], *, service: str
) -> tuple[str, ...]:
    """Return a different voice for each speaker, of matching pitch if possible. The choice is deterministic.

    Raises EngineFailedError when there are fewer voices than speakers.
    """
    left = [voice for voice in voices if voice.id not in used]
    if len(left) < len(speakers):
        raise EngineFailedError(
            f"{service} has {format_count(len(left), 'free stock voice')} for "
            f"{format_count(len(speakers), 'speaker')}.",
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
