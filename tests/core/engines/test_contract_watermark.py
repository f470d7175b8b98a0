"""The contract of every watermark: run over each built-in one (see engine_cases.py) and over the fake."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from engine_cases import CASES, built_in
from plain_values import assert_plain
from speech_like import two_voices

from rythmo.engines import fakes
from rythmo.engines.base import Kind, MarkScore
from rythmo.errors import CancelledError
from rythmo.media.audio import Audio, make_silence
from rythmo.progress import CancelToken

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend
RATE = 48_000


@pytest.fixture(scope="module", params=[*sorted(CASES[Kind.WATERMARK]), "the fake"])
def engine(request):
    if request.param == "the fake":
        engine = fakes.specs()[Kind.WATERMARK].create({})
    else:
        engine = CASES[Kind.WATERMARK][request.param](request)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def speech():
    return two_voices(3.0).mono().at_rate(RATE)


def test_every_built_in_watermark_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.WATERMARK)} == set(CASES[Kind.WATERMARK])


def test_it_says_what_it_is(engine) -> None:
    info = engine.info
    assert info.kind is Kind.WATERMARK
    assert info.version
    assert pickle.loads(pickle.dumps(info)) == info
    assert_plain(info)
    assert 0.5 <= engine.window_seconds <= 30


@pytest.mark.parametrize(("channels", "rate"), [(1, 48_000), (2, 44_100), (1, 16_000)])
def test_marking_keeps_rate_shape_and_the_sound_given(engine, speech, channels, rate) -> None:
    gains = np.linspace(1.0, 0.5, channels, dtype=np.float32)[:, np.newaxis]
    sound = Audio(speech.at_rate(rate).samples * gains, rate)
    before = sound.samples.copy()
    marked = engine.mark(sound)
    assert (marked.rate, marked.samples.shape, marked.samples.dtype) == (rate, before.shape, np.float32)
    assert np.isfinite(marked.samples).all()
    assert (sound.samples == before).all()
    assert (marked.samples != before).any()


def test_the_mark_is_found_and_is_quiet(engine, speech) -> None:
    marked = engine.mark(speech)
    found = engine.find(marked)
    assert isinstance(found, MarkScore)
    assert_plain(found)
    if engine.info.name in UNTRAINED:
        return  # random weights are neither quiet nor do they find anything
    added = marked.samples - speech.samples
    assert np.square(added).mean() < np.square(speech.samples).mean() / 10
    assert found.found
    assert not engine.find(speech).found
    assert 0 <= engine.find(speech).score < found.score <= 1


@pytest.mark.parametrize("length", [0, 1, 700, 4800])
def test_silence_and_what_is_too_short_are_no_error(engine, length) -> None:
    silence = make_silence(1, length, RATE)
    assert engine.mark(silence).samples.shape == (1, length)
    assert np.abs(engine.mark(silence).samples).max(initial=0.0) < 1e-3
    assert not engine.find(silence).found


def test_the_same_sound_is_marked_the_same_twice(engine, speech) -> None:
    if not engine.info.deterministic:
        pytest.skip(f"{engine.info.name} does not promise the same twice")
    assert (engine.mark(speech).samples == engine.mark(speech).samples).all()


def test_a_cancel_is_heard(engine, speech) -> None:
    cancel = CancelToken()
    cancel.cancel()
    for work in (engine.mark, engine.find):
        with pytest.raises(CancelledError):
            work(speech, cancel=cancel)


UNTRAINED = frozenset({"audioseal"})
