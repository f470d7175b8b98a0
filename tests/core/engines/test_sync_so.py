"""sync.so by its SDK, before a server on this machine that speaks its protocol."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from fake_http import Answer, as_json
from fake_sync import KEY, FakeSync, sent_boxes
from lip_request import BOX, make_small_request

from rythmo.engines.prices import EngineUsage, load_prices
from rythmo.errors import CancelledError, EngineFailedError, EngineMissingError, UselessAnswerError
from rythmo.progress import CancelToken

pytest.importorskip("sync.generations", reason="syncsdk is not installed")
from rythmo.engines.adapters.sync_so import lips

pytestmark = pytest.mark.filterwarnings("ignore")  # the SDK warns of much that is not ours to mend


@pytest.fixture
def service(loopback, monkeypatch) -> FakeSync:
    monkeypatch.setenv("SYNC_API_KEY", KEY)
    return FakeSync(loopback)


@pytest.fixture
def start(service, time):
    started = []

    def make(**settings):
        started.append(lips.create({"base_url": service.server.url, **settings}, time.clock))
        return started[-1]

    yield make
    for engine in started:
        engine.close()


def mouths(frames: np.ndarray) -> np.ndarray:
    """How bright the lower half of the box is."""
    left, top, right, bottom = (round(edge) for edge in BOX)
    return frames[:, (top + bottom) // 2 + 4 : bottom - 4, left + 4 : right - 4].mean(axis=(1, 2, 3))


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50", "60000/1001"])
def test_lips_follow_the_take_frame_by_frame(start, service, rate) -> None:
    request = make_small_request(30, rate=Fraction(rate))
    answer = start().move_lips(request)
    assert answer.frames.shape == request.frames.shape
    # The sound rises steadily, and so does what the service paints; H.264 costs a grey level or two.
    expected = (np.arange(30) + 0.5) / 30 * 0.9 * 255
    assert np.abs(mouths(answer.frames) - expected).max() < 6
    outside = answer.frames[:, :, 72:].mean(axis=3) - request.frames[:, :, 72:].mean(axis=3)
    assert np.abs(outside).mean() < 5


def test_boxes_are_sent_for_each_frame_and_null_where_there_is_no_face(start, service) -> None:
    request = make_small_request(10)
    faces = tuple(replace(face, seen=number != 4) for number, face in enumerate(request.faces))
    answer = start(model="lipsync-2-pro", temperature=0.8, occlusion=True).move_lips(
        replace(request, faces=faces)
    )
    assert sent_boxes(service) == [None if number == 4 else [30, 20, 66, 70] for number in range(10)]
    assert answer.masks.any(axis=(1, 2)).tolist() == [number != 4 for number in range(10)]
    (sent,) = service.charged
    assert (sent["model"], sent["options"]["sync_mode"]) == ("lipsync-2-pro", "silence")
    assert (sent["options"]["temperature"], sent["options"]["occlusion_detection_enabled"]) == (0.8, True)


def test_a_lost_answer_is_not_paid_for_twice(start, service, loopback) -> None:
    engine = start()
    # Two places, two uploads, two entries; then the generation, which is made, and its answer gets lost.
    loopback.faults.extend([None] * 6 + [lambda answer: replace(answer, kind="half")])
    engine.move_lips(make_small_request())
    assert len(service.charged) == 1
    paths = Counter(f"{one.method} {one.path}" for one in loopback.requests)
    assert paths["POST /v2/generate"] == 2


def test_what_was_uploaded_is_deleted_at_the_end(start, service, loopback, caplog) -> None:
    engine = start()
    engine.move_lips(make_small_request())
    assert sorted(kind for kind, _ in service.files.values()) == ["AUDIO", "VIDEO"]
    engine.close()
    assert not service.files and len(service.deleted) == 2


def test_what_cannot_be_deleted_is_named(start, service, loopback, caplog) -> None:
    engine = start(attempts=1)
    engine.move_lips(make_small_request())
    loopback.faults.append(as_json({"message": "no"}, 500))
    with caplog.at_level(logging.WARNING):
        engine.close()
    assert "asset-0, asset-1" in caplog.text
    assert KEY not in caplog.text


def test_a_cancelled_line_leaves_nothing_behind(start, service) -> None:
    engine, cancel = start(), CancelToken()
    service.server.faults.extend([None] * 6 + [lambda answer: (cancel.cancel(), answer)[1]])
    with pytest.raises(CancelledError):
        engine.move_lips(make_small_request(), cancel=cancel)
    engine.close()
    assert not service.files


def test_a_line_that_fails_there_is_said_and_does_not_repeat(start, service) -> None:
    service.fails = "No face was found in the video."
    with pytest.raises(UselessAnswerError, match=r"line 3, shot 2: No face was found") as refusal:
        start().move_lips(make_small_request())
    assert refusal.value.hint
    assert len(service.charged) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda film: replace(film, frames=film.frames[:-2]), "gave back 10 frames"),
        (lambda film: replace(film, rate=Fraction(25)), "gave back 25.000 frames a second for 24.000"),
        (lambda film: replace(film, frames=film.frames[:, :48, :48]), r"frames of \(48, 48, 3\)"),
        (lambda film: replace(film, frames=np.roll(film.frames, 1, axis=0)), "shifted by -1"),
    ],
    ids=["fewer", "another rate", "smaller", "shifted"],
)
def test_frames_that_do_not_fit_are_refused_and_not_bought_again(start, service, spoil, said) -> None:
    service.spoil = spoil
    with pytest.raises(UselessAnswerError, match=said):
        start().move_lips(make_small_request())
    assert len(service.charged) == 1


def test_frames_beyond_the_last_are_dropped(start, service) -> None:
    service.spoil = lambda film: replace(film, frames=np.concatenate([film.frames, film.frames[-1:]]))
    assert len(start().move_lips(make_small_request()).frames) == 12


def test_a_plan_that_is_used_up_is_said(start, loopback) -> None:
    loopback.faults.append(as_json({"message": "Insufficient credits", "statusCode": 402}, 402))
    with pytest.raises(EngineFailedError, match="402, Insufficient credits"):
        start().move_lips(make_small_request())
    assert len(loopback.requests) == 1


def test_a_result_that_never_comes_ends(start, loopback, service) -> None:
    engine = start(deadline_s=60)
    route = loopback.route
    looking = {
        "id": "g",
        "status": "PROCESSING",
        "createdAt": "2026-11-30T12:00:00Z",
        "model": "m",
        "input": [],
    }
    loopback.route = lambda one: as_json(looking) if "/v2/generate/" in one.path else route(one)
    with pytest.raises(EngineFailedError, match="within 60 s"):
        engine.move_lips(make_small_request())
    loopback.route = route


def test_no_redirect_takes_the_key_elsewhere(start, loopback) -> None:
    loopback.faults.extend([Answer(status=302, headers={"location": f"{loopback.url}/elsewhere"})] * 6)
    with pytest.raises(EngineFailedError):
        start().move_lips(make_small_request())
    assert not [one for one in loopback.requests if one.path == "/elsewhere"]


def test_what_it_needs(monkeypatch) -> None:
    monkeypatch.delenv("SYNC_API_KEY", raising=False)
    assert [part.what for part in lips.ENGINE.missing()] == ["a key of sync.so"]
    with pytest.raises(EngineMissingError, match=r"sync\.so needs a key"):
        lips.create({})


def test_its_price_is_known_by_the_frame(start, service) -> None:
    engine = start()
    engine.move_lips(make_small_request(12))
    requests, _, units = engine.usage.taken()
    assert units == {"frames": 12, "seconds": 0.5}
    table = load_prices()
    for model in ("lipsync-2", "lipsync-2-pro", "sync-3"):
        spent = EngineUsage("lipsync", "sync", model, requests, 0, {"frames": 25})
        assert float(table.cost(spent)) == pytest.approx(
            {"lipsync-2": 0.05, "lipsync-2-pro": 0.083}.get(model, 0.133)
        )
