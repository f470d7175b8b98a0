"""The contract of every lip-sync engine, on a real photograph; run over each built-in one, and the fake."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from engine_cases import CASES, built_in, names
from lip_cases import make_request
from plain_values import assert_plain

from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.engines.lips import FaceLibrary, LipFrames, check_lips
from rythmo.errors import CancelledError, UselessAnswerError
from rythmo.progress import CancelToken

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend


@pytest.fixture(params=["fake", *sorted(CASES[Kind.LIP_SYNC])])
def engine(request):
    if request.param == "fake":
        made = fakes.specs()[Kind.LIP_SYNC].create({})
    else:
        made = CASES[Kind.LIP_SYNC][request.param](request)
    yield made
    made.close()


@pytest.fixture(scope="module")
def request_():
    return make_request()


def test_every_built_in_engine_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.LIP_SYNC)} == names(Kind.LIP_SYNC)


def test_it_says_what_it_is(engine) -> None:
    assert engine.info.kind is Kind.LIP_SYNC
    assert pickle.loads(pickle.dumps(engine.info)) == engine.info
    assert_plain(engine.info)


def test_as_many_frames_come_back_each_in_its_place(engine, request_) -> None:
    before = request_.frames.copy()
    answer = engine.move_lips(request_)
    assert check_lips(request_, answer, engine.info.name) is answer
    assert np.array_equal(request_.frames, before), "what was passed in is not written to"
    assert answer.masks.any(axis=(1, 2)).all()
    # Eyes and what lies outside the head are not the engine's to change.
    assert not answer.masks[:, :100].any()
    assert not answer.masks[:, :, :15].any()
    assert not answer.masks[:, :, -25:].any()


def test_one_frame_and_no_library_are_enough(engine) -> None:
    whole = make_request(1)
    alone = replace(whole, library=FaceLibrary(whole.library.frames[:0]))
    assert check_lips(alone, engine.move_lips(alone), engine.info.name).frames.shape[0] == 1


def test_the_progress_ends_at_one(engine, request_) -> None:
    told: list[float] = []
    engine.move_lips(request_, report=told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert all(0 <= part <= 1 for part in told)


def test_the_same_request_gives_the_same_lips(engine, request_) -> None:
    if not engine.info.deterministic:
        pytest.skip("it does not promise the same lips twice")
    one, other = engine.move_lips(request_), engine.move_lips(request_)
    assert np.array_equal(one.frames, other.frames)
    assert np.array_equal(one.masks, other.masks)


def test_a_cancel_is_heard(engine, request_) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        engine.move_lips(request_, cancel=cancel)


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: LipFrames(answer.frames[:-1], answer.masks),
        lambda answer: LipFrames(answer.frames, answer.masks[1:]),
        lambda answer: LipFrames(answer.frames[:, :-2], answer.masks),
        lambda answer: LipFrames(answer.frames.astype(np.float32), answer.masks),
    ],
    ids=["a frame less", "a mask less", "smaller", "floats"],
)
def test_an_answer_that_does_not_fit_is_refused(request_, change) -> None:
    whole = LipFrames(request_.frames, np.zeros(request_.frames.shape[:3], np.uint8))
    with pytest.raises(UselessAnswerError, match="line 3, shot 2") as refusal:
        check_lips(request_, change(whole), "toy")
    assert refusal.value.hint
