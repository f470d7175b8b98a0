"""The contract of every embedder: run over each built-in one (see tests/support/engine_cases.py)."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from engine_cases import CASES, built_in
from plain_values import assert_plain
from speech_like import two_voices

from rythmo.engines.base import Kind
from rythmo.errors import CancelledError
from rythmo.media.audio import make_silence
from rythmo.progress import CancelToken

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend


@pytest.fixture(params=sorted(CASES[Kind.EMBEDDER]))
def embedder(request):
    engine = CASES[Kind.EMBEDDER][request.param](request)
    yield engine
    engine.close()


def test_every_built_in_embedder_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.EMBEDDER)} == set(CASES[Kind.EMBEDDER])


def test_it_says_what_it_is(embedder) -> None:
    info = embedder.info
    assert info.kind is Kind.EMBEDDER
    assert info.version
    assert pickle.loads(pickle.dumps(info)) == info
    assert_plain(info)


def test_rows_have_length_one_or_are_zero(embedder) -> None:
    sounds = [two_voices(3.0), make_silence(1, 48_000, 48_000), two_voices(2.0).mono().at_rate(16_000)]
    rows = embedder.embed(sounds)
    assert type(rows) is np.ndarray
    assert rows.dtype == np.float32
    assert_plain((embedder.same_in_chunk, embedder.same_speaker))
    assert rows.ndim == 2
    assert rows.shape[0] == 3
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 0, 1], atol=1e-4)
    assert np.array_equal(pickle.loads(pickle.dumps(rows)), rows)


def test_no_sounds_have_no_rows_and_no_samples_are_silence(embedder) -> None:
    assert embedder.embed([]).shape[0] == 0
    assert not embedder.embed([make_silence(1, 0, 48_000)]).any()


def test_the_threshold_is_a_cosine(embedder) -> None:
    assert 0 < embedder.same_in_chunk <= embedder.same_speaker < 1


def test_it_is_deterministic_where_it_says_so(embedder) -> None:
    if not embedder.info.deterministic:
        pytest.skip(f"{embedder.info.name} does not promise the same vector twice")
    sounds = [two_voices(3.0)]
    assert np.array_equal(embedder.embed(sounds), embedder.embed(sounds))


def test_a_cancel_is_heard(embedder) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        embedder.embed([two_voices(3.0)], cancel=cancel)
