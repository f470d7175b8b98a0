"""The contract of every voice: run over each built-in one (see tests/support/engine_cases.py)."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from engine_cases import CASES, built_in, names
from plain_values import assert_plain

from rythmo.engines.base import Kind, SpeakerProfile, SpeechRequest
from rythmo.errors import CancelledError
from rythmo.media.audio import Audio
from rythmo.progress import CancelToken
from rythmo.script.model import Prosody

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend


@pytest.fixture(params=sorted(CASES[Kind.VOICE]))
def voice(request):
    engine = CASES[Kind.VOICE][request.param](request)
    yield engine
    engine.close()


def test_every_built_in_voice_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.VOICE)} == names(Kind.VOICE)


def test_it_says_what_it_is(voice) -> None:
    info = voice.info
    assert info.kind is Kind.VOICE
    assert info.version
    assert pickle.loads(pickle.dumps(info)) == info
    assert_plain(info)


TEXT = "Hola, ¿qué tal estás?"
# A length is asked of a sentence: in one word a frame more or less is a tenth.
SENTENCE = "Hola, ¿qué tal estás? No te había visto por aquí en todo el verano."


def people(count: int, voice) -> list[SpeakerProfile]:
    """Speakers with references where consent was given: every second one, or all where nobody can be cast
    without."""
    everybody = "needs_reference" in voice.info.capabilities
    draw = np.random.default_rng(0)
    profiles = []
    for n in range(count):
        sound = Audio((0.2 * draw.normal(size=(1, 3 * 16_000))).astype(np.float32), 16_000)
        prosody = Prosody(pitch_hz=110.0 + 90 * (n % 2))
        profiles.append(
            SpeakerProfile(f"S{n}", f"Person {n}", prosody, (sound,) if n % 2 or everybody else ())
        )
    return profiles


def test_each_speaker_gets_a_voice_of_their_own(voice) -> None:
    refs = voice.cast(people(3, voice), language="es")
    assert_plain(refs)
    more = voice.cast(people(5, voice)[4:], language="es", taken=refs) if voice.info.name != "worker" else ()
    names = [ref.id for ref in (*refs, *more)]
    assert len(set(names)) == len(names)
    assert {ref.engine for ref in refs} == {voice.info.name}
    assert pickle.loads(pickle.dumps(refs)) == refs
    assert voice.cast(people(3, voice), language="es") == refs, "the same people get the same voices"


def test_two_speakers_with_the_same_words_sound_different(voice) -> None:
    one, two = voice.cast(people(2, voice), language="es")
    a, b = (voice.speak(SpeechRequest(TEXT, "es", ref)) for ref in (one, two))
    assert_plain((a, b))
    for sound in (a, b):
        assert sound.channels == 1
        assert sound.samples.dtype == np.float32
        assert 8_000 <= sound.rate <= 96_000
        assert 0.2 < sound.seconds < 20
        assert 0.01 < np.abs(sound.samples).max() <= 1.0
        assert np.isfinite(sound.samples).all()
    assert a.samples.shape != b.samples.shape or not np.array_equal(a.samples, b.samples)


def test_it_is_deterministic_where_it_says_so(voice) -> None:
    if not voice.info.deterministic:
        pytest.skip(f"{voice.info.name} does not promise the same sound twice")
    (ref,) = voice.cast(people(1, voice), language="es")
    one, two = (voice.speak(SpeechRequest(TEXT, "es", ref)) for _ in range(2))
    assert np.array_equal(one.samples, two.samples)


def test_a_duration_is_kept_where_it_can_be_asked_for(voice) -> None:
    if "duration_control" not in voice.info.capabilities:
        pytest.skip(f"{voice.info.name} does not control duration")
    (ref,) = voice.cast(people(1, voice), language="es")
    natural = voice.speak(SpeechRequest(SENTENCE, "es", ref)).seconds
    for factor in (0.8, 1.25):
        sound = voice.speak(SpeechRequest(SENTENCE, "es", ref, seconds=natural * factor))
        assert sound.seconds == pytest.approx(natural * factor, rel=0.1)


def test_a_cancel_is_heard(voice) -> None:
    cancel = CancelToken()
    cancel.cancel()
    (ref,) = voice.cast(people(1, voice), language="es")
    with pytest.raises(CancelledError) as caught:
        voice.speak(SpeechRequest(TEXT, "es", ref), cancel=cancel)
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), CancelledError)


def test_casting_nobody_is_no_trouble(voice) -> None:
    assert voice.cast([], language="es") == ()
