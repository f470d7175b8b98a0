"""Casting by likeness: for each speaker the voice, or mixture of two, that sounds most like them. Pure.

It works for any engine that lists its voices with their profiles. A profile describes how a voice sounds: a
speaker embedder's vector, pitch, range and brightness. A mixture is assumed to sound like something between
its parts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import SpeakerProfile

Mixture = tuple[tuple[str, float], ...]
"""(voice, share), the larger share first; one part, or two whose shares sum to 1."""

SEPARATE = 1.0
"""The distance from which listeners can tell two voices apart."""
_WORTH_HEARING = 0.5
"""The least distance between two voices proposed for one speaker: nearer ones are hardly a choice."""
# In cosines of CAM++, of which two pieces of one voice mostly have over 0.6, and two voices of one sex 0.2.
_UNLIKE_COSINE = 0.4
_UNLIKE_SEMITONES = 5.0
_SHARES = (0.7, 0.5)
# The largest distance between the two parts of a mixture; beyond it the mixture sounds like neither.
_FURTHEST_SEMITONES = 7.0
_OF_VECTOR, _OF_SEMITONES, _OF_RANGE, _OF_BRIGHTNESS = 0.5, 0.03, 0.10, 0.05
# Costs, relative to a cosine of 2, of a voice of another language (it has an accent), of a mixture with such
# a voice, and of any mixture.
_FOREIGN, _HALF_FOREIGN, _MIXED = 0.15, 0.04, 0.01


@dataclass(frozen=True, slots=True, eq=False)
class VoiceProfile:
    """How a voice sounds; `language` is the ISO code that it was made for, and `vector` has length 1.

    Only voices of the same `family` (women's, men's) are mixed, because other mixtures sound unnatural.
    """

    id: str
    language: str
    pitch_hz: float
    pitch_low_hz: float
    pitch_high_hz: float
    brightness_hz: float
    vector: NDArray[np.float32]
    family: str = ""

    @property
    def octaves(self) -> float:
        """The range of its pitch in octaves."""
        return math.log2(self.pitch_high_hz / self.pitch_low_hz)


@dataclass(frozen=True, slots=True, eq=False)
class _Option:
    mixture: Mixture
    profile: VoiceProfile
    penalty: float


def cast(
    speakers: Sequence[SpeakerProfile],
    voices: Sequence[VoiceProfile],
    language: str,
    taken: Sequence[Mixture] = (),
) -> tuple[Mixture, ...]:
    """Return a voice for each speaker, distinct from all others and from those in `taken`.

    The closest pair of speaker and voice is chosen first, then the next closest. When every voice is too
    close to one in use, the speaker gets the one furthest from all of them. The result is deterministic.
    """
    known = {voice.id: voice for voice in voices}
    options = list(_options(voices, language))
    members = [
        blend_profiles(mixture, known) for mixture in taken if all(name in known for name, _ in mixture)
    ]
    found: dict[int, Mixture] = {}
    costs = [[_cost(speaker, option, place) for place, option in enumerate(options)] for speaker in speakers]
    while len(found) < len(speakers):
        open_ = [index for index in range(len(speakers)) if index not in found]
        free = [place for place, option in enumerate(options) if _apart(option.profile, members)]
        if free:
            index, place = min(
                ((i, p) for i in open_ for p in free), key=lambda pair: (costs[pair[0]][pair[1]], pair)
            )
        else:
            index, place = open_[0], _furthest(options, members)
        found[index] = options[place].mixture
        members.append(options[place].profile)
    return tuple(found[index] for index in range(len(speakers)))


def propose(
    speaker: SpeakerProfile,
    voices: Sequence[VoiceProfile],
    language: str,
    taken: Sequence[Mixture],
    shown: Sequence[Mixture],
    count: int,
) -> tuple[Mixture, ...]:
    """Return up to `count` voices to choose from for one speaker, those that sound most like them first.

    None could be confused with a voice in `taken`, which other speakers have. They differ audibly from each
    other and from the voices in `shown`, which are proposed already. The result is deterministic.
    """
    known = {voice.id: voice for voice in voices}
    others, members = (
        [blend_profiles(mixture, known) for mixture in mixtures if all(name in known for name, _ in mixture)]
        for mixtures in (taken, shown)
    )
    options = [option for option in _options(voices, language) if _apart(option.profile, others)]
    costs = {id(option): _cost(speaker, option, place) for place, option in enumerate(options)}
    found: list[Mixture] = []
    for option in sorted(options, key=lambda one: costs[id(one)]):
        if len(found) == count:
            break
        if all(distance(option.profile, member) >= _WORTH_HEARING for member in members):
            found.append(option.mixture)
            members.append(option.profile)
    return tuple(found)


def blend_profiles(mixture: Mixture, voices: Mapping[str, VoiceProfile]) -> VoiceProfile:
    """Return the profile of a mixture: between its parts, by their shares."""
    first = voices[mixture[0][0]]
    if len(mixture) == 1:
        return first
    parts = [(voices[name], share) for name, share in mixture]

    def between(name: str) -> float:
        return math.exp(sum(share * math.log(getattr(voice, name)) for voice, share in parts))

    vector = np.sum([np.float32(share) * voice.vector for voice, share in parts], axis=0)
    return replace(
        first,
        id="+".join(name for name, _ in mixture),
        pitch_hz=between("pitch_hz"),
        pitch_low_hz=between("pitch_low_hz"),
        pitch_high_hz=between("pitch_high_hz"),
        brightness_hz=between("brightness_hz"),
        vector=vector / max(float(np.linalg.norm(vector)), 1e-9),
    )


def distance(one: VoiceProfile, other: VoiceProfile) -> float:
    """Return how different two voices are; from `SEPARATE` up, listeners can tell them apart."""
    cosine = float(one.vector @ other.vector)
    return (
        max(0.0, 1 - cosine) / _UNLIKE_COSINE + _semitones(one.pitch_hz, other.pitch_hz) / _UNLIKE_SEMITONES
    )


def _options(voices: Sequence[VoiceProfile], language: str) -> Iterable[_Option]:
    """Yield single voices, mixtures of two voices of the language, and of one with a foreign one."""
    known = {voice.id: voice for voice in voices}
    base = language.lower().replace("_", "-").split("-")[0]
    own = [voice for voice in voices if voice.language == base]
    others = [voice for voice in voices if voice.language != base]
    for voice in (*own, *others):
        yield _Option(((voice.id, 1.0),), voice, 0.0 if voice.language == base else _FOREIGN)
    pairs = [(one, two, _MIXED) for one, two in permutations(own, 2)]
    pairs += [(one, two, _HALF_FOREIGN) for one in own for two in others]
    if not own:
        pairs += [(one, two, _FOREIGN) for one, two in combinations(others, 2)]
    for one, two, penalty in pairs:
        if one.family != two.family or _semitones(one.pitch_hz, two.pitch_hz) > _FURTHEST_SEMITONES:
            continue
        for share in _SHARES:
            if share == 0.5 and penalty == _MIXED and one.id > two.id:
                # Half and half is the same mixture in both orders.
                continue
            mixture = ((one.id, share), (two.id, round(1 - share, 2)))
            yield _Option(mixture, blend_profiles(mixture, known), penalty)


def _cost(speaker: SpeakerProfile, option: _Option, place: int) -> float:
    """Return how different a voice is from a speaker; unknown properties of the speaker cost nothing."""
    voice, prosody = option.profile, speaker.prosody
    cost = option.penalty + place * 1e-6
    if len(speaker.vector) == voice.vector.size and voice.vector.size:
        cost += _OF_VECTOR * (1 - float(np.asarray(speaker.vector, np.float32) @ voice.vector))
    if prosody.pitch_hz:
        cost += _OF_SEMITONES * _semitones(prosody.pitch_hz, voice.pitch_hz)
    if prosody.pitch_low_hz and prosody.pitch_high_hz:
        octaves = math.log2(prosody.pitch_high_hz / prosody.pitch_low_hz)
        cost += _OF_RANGE * abs(octaves - voice.octaves)
    if prosody.brightness_hz:
        cost += _OF_BRIGHTNESS * abs(math.log2(prosody.brightness_hz / voice.brightness_hz))
    return cost


def _apart(voice: VoiceProfile, members: Sequence[VoiceProfile]) -> bool:
    return all(distance(voice, member) >= SEPARATE for member in members)


def _furthest(options: Sequence[_Option], members: Sequence[VoiceProfile]) -> int:
    """Return the index of the option whose nearest neighbour is furthest."""
    return max(
        range(len(options)),
        key=lambda place: (min(distance(options[place].profile, member) for member in members), -place),
    )


def _semitones(one: float, other: float) -> float:
    return abs(12 * math.log2(one / other))
