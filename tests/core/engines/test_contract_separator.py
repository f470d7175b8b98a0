"""The contract of every separator: run over each built-in one (see tests/support/engine_cases.py)."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from engine_cases import CASES, built_in
from plain_values import assert_plain
from speech_like import two_voices

from rythmo.engines.base import Kind
from rythmo.errors import CancelledError
from rythmo.media.audio import Audio, make_silence
from rythmo.progress import CancelToken

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend


@pytest.fixture(params=sorted(CASES[Kind.SEPARATOR]))
def separator(request):
    engine = CASES[Kind.SEPARATOR][request.param](request)
    yield engine
    engine.close()


def test_every_built_in_separator_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.SEPARATOR)} == set(CASES[Kind.SEPARATOR])


def test_it_says_what_it_is(separator) -> None:
    info = separator.info
    assert info.kind is Kind.SEPARATOR
    assert info.version
    assert pickle.loads(pickle.dumps(info)) == info
    assert_plain(info)


@pytest.mark.parametrize(("channels", "rate"), [(1, 48_000), (2, 48_000), (2, 44_100), (6, 48_000)])
def test_speech_and_bed_have_the_shape_of_the_mix(separator, channels: int, rate: int) -> None:
    sound = two_voices(2.1).at_rate(rate)
    gains = np.linspace(1.0, 0.5, channels, dtype=np.float32)[:, np.newaxis]
    mix = Audio(sound.mono().samples * gains, rate)
    seen: list[float] = []
    found = separator.separate(mix, report=seen.append)
    assert_plain(found)
    assert_plain(seen)
    for part in (found.speech, found.bed):
        assert part.samples.shape == mix.samples.shape
        assert part.rate == rate
        assert np.isfinite(part.samples).all()
    if "sums" in separator.info.capabilities:
        assert np.abs(found.speech.samples + found.bed.samples - mix.samples).max() < 1e-5
    assert seen == sorted(seen)
    assert all(0 <= fraction <= 1 for fraction in seen)
    assert np.array_equal(pickle.loads(pickle.dumps(found)).bed.samples, found.bed.samples)


def test_it_is_deterministic_where_it_says_so(separator) -> None:
    if not separator.info.deterministic:
        pytest.skip(f"{separator.info.name} does not promise the same sound twice")
    mix = two_voices(2.0)
    assert np.array_equal(separator.separate(mix).speech.samples, separator.separate(mix).speech.samples)


def test_the_input_is_left_as_it_was(separator) -> None:
    mix = two_voices(1.0)
    before = mix.samples.copy()
    separator.separate(mix)
    assert np.array_equal(mix.samples, before)


def test_silence_stays_silent(separator) -> None:
    found = separator.separate(make_silence(2, 48_000, 48_000))
    assert np.abs(found.speech.samples).max() < 1e-4
    assert np.abs(found.bed.samples).max() < 1e-4
    assert separator.separate(make_silence(2, 0, 48_000)).speech.length == 0


def test_a_cancel_is_heard(separator) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        separator.separate(two_voices(2.0), cancel=cancel)
