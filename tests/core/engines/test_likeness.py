"""Casting by likeness: the nearest voice, all different, the language's own first, the same every time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from rythmo.engines.base import SpeakerProfile
from rythmo.engines.speech import likeness
from rythmo.engines.speech.likeness import SEPARATE, VoiceProfile, blend_profiles, distance
from rythmo.script.model import Prosody


def vector(seed: int) -> np.ndarray:
    drawn = np.abs(np.random.default_rng(seed).normal(size=64)).astype(np.float32)
    return drawn / np.linalg.norm(drawn)


def voice(name: str, language: str, pitch: float, seed: int) -> VoiceProfile:
    return VoiceProfile(name, language, pitch, pitch / 1.2, pitch * 1.3, 1500.0, vector(seed))


LIBRARY = (
    voice("pf_one", "pt", 200.0, 1),
    voice("pm_one", "pt", 110.0, 2),
    voice("pm_two", "pt", 130.0, 3),
    *(voice(f"af_{n}", "en", 180.0 + 9 * n, 10 + n) for n in range(6)),
    *(voice(f"am_{n}", "en", 95.0 + 9 * n, 30 + n) for n in range(6)),
)
BY_NAME = {one.id: one for one in LIBRARY}


def speaker(name: str, like: VoiceProfile) -> SpeakerProfile:
    prosody = Prosody(like.pitch_hz, like.pitch_low_hz, like.pitch_high_hz, like.brightness_hz)
    return SpeakerProfile(name, name, prosody, vector=tuple(map(float, like.vector)))


def apart(mixtures) -> bool:
    found = [blend_profiles(mixture, BY_NAME) for mixture in mixtures]
    return all(distance(a, b) >= SEPARATE for n, a in enumerate(found) for b in found[:n])


def test_whoever_sounds_like_a_voice_gets_that_voice() -> None:
    people = [speaker(name, BY_NAME[name]) for name in ("pm_two", "pf_one", "pm_one")]
    assert likeness.cast(people, LIBRARY, "pt-br") == (
        (("pm_two", 1.0),), (("pf_one", 1.0),), (("pm_one", 1.0),),
    )  # fmt: skip


def test_whoever_sounds_between_two_voices_gets_a_mixture_of_them() -> None:
    between = blend_profiles((("pm_one", 0.7), ("pm_two", 0.3)), BY_NAME)
    (mixture,) = likeness.cast([speaker("A", between)], LIBRARY, "pt")
    assert mixture == (("pm_one", 0.7), ("pm_two", 0.3))


def test_a_voice_of_the_language_leads_even_where_another_is_nearer() -> None:
    between = speaker("A", blend_profiles((("am_2", 0.6), ("pm_one", 0.4)), BY_NAME))
    (mixture,) = likeness.cast([between], LIBRARY, "pt")
    assert mixture[0][0] == "pm_one"
    (((english, _), *_),) = likeness.cast([between], LIBRARY, "en")
    assert english == "am_2"


def test_nobody_sounds_like_anybody_else() -> None:
    people = [speaker(f"S{n}", BY_NAME["pm_one"]) for n in range(4)]
    cast = likeness.cast(people, LIBRARY, "pt")
    assert apart(cast)
    (more,) = likeness.cast([people[0]], LIBRARY, "pt", taken=cast)
    assert apart((*cast, more))


def test_more_people_than_voices_can_be_told_apart_still_differ() -> None:
    few = LIBRARY[:3]
    people = [speaker(f"S{n}", few[0]) for n in range(6)]
    cast = likeness.cast(people, few, "pt")
    assert len(set(cast)) == 6


def test_the_cast_does_not_depend_on_who_comes_first() -> None:
    people = [speaker(name, BY_NAME[name]) for name in ("af_1", "am_3", "pm_one", "pf_one")]
    one = dict(zip("ABCD", likeness.cast(people, LIBRARY, "pt"), strict=True))
    two = dict(zip("DCBA", likeness.cast(people[::-1], LIBRARY, "pt"), strict=True))
    assert one == two


@pytest.mark.parametrize("known", [Prosody(), Prosody(pitch_hz=120.0)])
def test_speakers_of_whom_little_is_known_are_cast_all_the_same(known) -> None:
    cast = likeness.cast([SpeakerProfile(name, name, known) for name in "ABC"], LIBRARY, "pt")
    assert apart(cast)


def test_vectors_of_another_embedder_are_not_compared() -> None:
    person = replace(speaker("A", BY_NAME["pm_one"]), vector=(1.0, 0.0))
    assert likeness.cast([person], LIBRARY, "pt") == ((("pm_one", 1.0),),)


def test_a_mans_voice_and_a_womans_are_never_mixed() -> None:
    sexes = [replace(one, family=one.id[1]) for one in LIBRARY]
    by_name = {one.id: one for one in sexes}
    people = [speaker("A", blend_profiles((("pm_two", 0.5), ("pf_one", 0.5)), by_name))]
    (mixture,) = likeness.cast(people, sexes, "pt")
    assert len({name[1] for name, _ in mixture}) == 1


def test_a_mixture_lies_between_its_parts() -> None:
    mixed = blend_profiles((("pm_one", 0.5), ("pm_two", 0.5)), BY_NAME)
    assert mixed.pitch_hz == pytest.approx(math.sqrt(110.0 * 130.0))
    assert np.linalg.norm(mixed.vector) == pytest.approx(1.0)
    assert mixed.vector @ BY_NAME["pm_one"].vector == pytest.approx(mixed.vector @ BY_NAME["pm_two"].vector)


def test_proposals_are_the_nearest_that_differ_and_nobody_elses() -> None:
    person = speaker("S1", BY_NAME["pm_two"])
    taken, shown = (("pm_one", 1.0),), (("pm_two", 1.0),)
    found = likeness.propose(person, LIBRARY, "pt", [taken], [shown], 3)
    assert len(set(found)) == 3 and shown not in found
    sounds = [blend_profiles(mixture, BY_NAME) for mixture in (shown, *found)]
    assert all(distance(a, b) >= 0.5 for n, a in enumerate(sounds) for b in sounds[:n])
    assert all(distance(one, BY_NAME["pm_one"]) >= SEPARATE for one in sounds[1:])
    assert likeness.propose(person, LIBRARY, "pt", [taken], [shown], 1) == found[:1]
    assert likeness.propose(person, LIBRARY, "pt", [], [], 1) == (shown,), "the best of all"
