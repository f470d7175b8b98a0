"""The contract of every transcriber: run over each built-in one (see tests/support/engine_cases.py)."""

from __future__ import annotations

import pickle

import pytest
from engine_cases import CASES, built_in, names
from plain_values import assert_plain
from speech_like import two_voices

from rythmo.engines.base import Kind, Turn
from rythmo.errors import CancelledError
from rythmo.media.audio import Audio, make_silence
from rythmo.progress import CancelToken

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend


@pytest.fixture(params=sorted(CASES[Kind.TRANSCRIBER]))
def transcriber(request):
    engine = CASES[Kind.TRANSCRIBER][request.param](request)
    yield engine
    engine.close()


def test_every_built_in_transcriber_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.TRANSCRIBER)} == names(Kind.TRANSCRIBER)


def test_it_says_what_it_is(transcriber) -> None:
    info = transcriber.info
    assert info.kind is Kind.TRANSCRIBER
    assert info.version
    assert pickle.loads(pickle.dumps(info)) == info
    assert_plain(info)


@pytest.fixture(scope="module")
def scene() -> Audio:
    """Two voices that take turns: 6 s at 48 kHz, by espeak where it is here, else buzzing tones."""
    return two_voices(6.0)


@pytest.fixture(scope="module")
def turns(scene) -> tuple[Turn, ...]:
    return tuple(Turn(n * 96_000, n * 96_000 + 80_000, "AB"[n % 2]) for n in range(scene.length // 96_000))


def test_words_are_in_order_and_inside(transcriber, scene, turns) -> None:
    seen: list[float] = []
    words = transcriber.transcribe(scene, language="en", turns=turns, report=seen.append)
    assert words
    assert_plain(words)
    assert_plain(seen)
    assert all(0 <= word.start < word.end <= scene.length for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(word.text.strip() == word.text and word.text for word in words)
    assert all(word.confidence is None or 0 <= word.confidence <= 1 for word in words)
    assert seen == sorted(seen)
    assert all(0 <= fraction <= 1 for fraction in seen)
    assert pickle.loads(pickle.dumps(words)) == words


def test_it_is_deterministic_where_it_says_so(transcriber, scene, turns) -> None:
    if not transcriber.info.deterministic:
        pytest.skip(f"{transcriber.info.name} does not promise the same words twice")
    one, two = (transcriber.transcribe(scene, language="en", turns=turns) for _ in range(2))
    assert one == two


def test_other_rates_and_channels(transcriber) -> None:
    sound = two_voices(4.0).at_rate(22_050)
    words = transcriber.transcribe(sound.mono(), language="en")
    assert all(0 <= word.start < word.end <= sound.length for word in words)


def test_no_sound_has_no_words(transcriber) -> None:
    assert transcriber.transcribe(make_silence(1, 0, 48_000), language="en") == ()


def test_a_cancel_is_heard(transcriber, scene, turns) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        transcriber.transcribe(scene, language="en", turns=turns, cancel=cancel)
