"""The contract of every diarizer: run over each built-in one (see tests/support/engine_cases.py)."""

from __future__ import annotations

import pickle
from itertools import pairwise

import pytest
from engine_cases import CASES, built_in
from plain_values import assert_plain
from speech_like import two_voices

from rythmo.engines.base import Kind
from rythmo.errors import CancelledError
from rythmo.media.audio import Audio, make_silence
from rythmo.progress import CancelToken

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend


@pytest.fixture(params=sorted(CASES[Kind.DIARIZER]))
def diarizer(request):
    engine = CASES[Kind.DIARIZER][request.param](request)
    yield engine
    engine.close()


def test_every_built_in_diarizer_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.DIARIZER)} == set(CASES[Kind.DIARIZER])


def test_it_says_what_it_is(diarizer) -> None:
    info = diarizer.info
    assert info.kind is Kind.DIARIZER
    assert info.version
    assert pickle.loads(pickle.dumps(info)) == info
    assert_plain(info)


@pytest.fixture(scope="module")
def scene() -> Audio:
    """Two voices that take turns: 12 s at 48 kHz, by espeak where it is here, else buzzing tones."""
    return two_voices(12.0)


def test_turns_are_in_order_and_inside(diarizer, scene) -> None:
    seen: list[float] = []
    turns = diarizer.diarize(scene, report=seen.append)
    assert_plain(turns)
    assert all(0 <= turn.start < turn.end <= scene.length for turn in turns)
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    assert all(turn.speaker for turn in turns)
    assert seen == sorted(seen)
    assert all(0 <= fraction <= 1 for fraction in seen)
    assert pickle.loads(pickle.dumps(turns)) == turns


@pytest.mark.parametrize("count", [1, 2])
def test_a_given_count_is_obeyed(diarizer, scene, count: int) -> None:
    assert len({turn.speaker for turn in diarizer.diarize(scene, speakers=count)}) <= count


def test_turns_of_one_speaker_do_not_overlap(diarizer, scene) -> None:
    turns = diarizer.diarize(scene, speakers=2)
    for speaker in {turn.speaker for turn in turns}:
        own = [turn for turn in turns if turn.speaker == speaker]
        assert all(one.end <= two.start for one, two in pairwise(own))


def test_it_is_deterministic_where_it_says_so(diarizer, scene) -> None:
    if not diarizer.info.deterministic:
        pytest.skip(f"{diarizer.info.name} does not promise the same turns twice")
    assert diarizer.diarize(scene, speakers=2) == diarizer.diarize(scene, speakers=2)


def test_nobody_speaks_in_silence(diarizer) -> None:
    assert diarizer.diarize(make_silence(1, 3 * 48_000, 48_000)) == ()
    assert diarizer.diarize(make_silence(1, 0, 48_000)) == ()


def test_a_cancel_is_heard(diarizer, scene) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        diarizer.diarize(scene, cancel=cancel)
