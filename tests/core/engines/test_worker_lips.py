"""The worker protocol for lips: our client against the reference worker of `examples/`, and bad ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fake_http import Answer, as_json
from lip_request import BOX, make_small_request
from reference_worker import EXAMPLE, load_worker, serving

from rythmo.engines.adapters import worker_lips, worker_voice
from rythmo.engines.lips import CropFace
from rythmo.engines.remote.crop_film import LOSSLESS, read_film, write_lossless
from rythmo.engines.remote.lip_answers import check_in_step, mask_lower_face
from rythmo.errors import CancelledError, EngineFailedError, EngineMissingError, UselessAnswerError
from rythmo.progress import CancelToken

ABOUT = {"protocol": 1, "name": "m", "version": "1", "does": ["lips"]}


@pytest.fixture(scope="module")
def reference_worker() -> Any:
    return load_worker()


@pytest.fixture
def serve():
    with serving() as start:
        yield lambda lips, **more: start({"name": "mine", "version": "7"}, lips=lips, **more)


def turn_mouths(frames: np.ndarray) -> np.ndarray:
    """The frames with the lower half of the box as a negative."""
    left, top, right, bottom = (round(edge) for edge in BOX)
    turned = frames.copy()
    turned[:, (top + bottom) // 2 : bottom, left:right] ^= 255
    return turned


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50", "60000/1001"])
def test_a_worker_gets_every_pixel_and_sample_and_gives_them_back(serve, rate: str) -> None:
    got: dict[str, Any] = {}

    def lips(video: str, sound: str, out: str, **wishes: Any) -> None:
        got.update(
            wishes, film=read_film(Path(video).read_bytes(), LOSSLESS, 999), sound=soundfile.read(sound)
        )
        turned = turn_mouths(got["film"].frames)
        # Half as much is wanted of every frame as there could be.
        wanted = np.full(turned.shape[:3], 128, np.uint8)
        Path(out).write_bytes(write_lossless(turned, Fraction(wishes["rate"]), wanted))

    engine = worker_lips.create({"base_url": serve(lips), "options": {"steps": 30}})
    assert engine.info.version == "mine 7"
    request = make_small_request(9, rate=Fraction(rate))
    points = tuple((float(n), 2.0 * n) for n in range(8))
    faces = (CropFace((1, 2, 60, 80), points, 0.25, 5.0, -3.0, 1.0, seen=False), *request.faces[1:])
    answer = engine.move_lips(replace(request, faces=faces))
    assert np.array_equal(answer.frames, turn_mouths(request.frames))
    assert answer.masks.max() == 128
    assert np.array_equal(got["film"].frames, request.frames)
    assert (got["film"].rate, got["rate"]) == (Fraction(rate), rate if "/" in rate else f"{rate}/1")
    samples, sound_rate = got["sound"]
    assert sound_rate == 48_000 and len(samples) == request.sound.length
    assert np.abs(samples - request.sound.samples[0]).max() < 2**-15
    assert (got["count"], got["side"], got["options"]) == (9, 96, {"steps": 30})
    pose = {"yaw": 5.0, "pitch": -3.0, "roll": 1.0, "opening": 0.25, "seen": False}
    assert got["faces"][0] == {"box": [1, 2, 60, 80], "points": [list(one) for one in points], **pose}


def test_a_worker_in_a_process_of_its_own(tmp_path) -> None:
    model = tmp_path / "my_lips.py"
    model.write_text(
        "import shutil\nABOUT = {'name': 'still', 'version': '1', 'does': ['lips']}\n"
        "def lips(video, out, **_):\n    shutil.copyfile(video, out)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "RYTHMO_WORKER_TOKEN"}
    command = [sys.executable, str(EXAMPLE), str(model), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        try:
            said, url = worker.stdout.readline().strip().split("=")
            assert said.endswith("export RYTHMO_LIPS_WORKER_URL")
            request = make_small_request()
            answer = worker_lips.create({"base_url": url}).move_lips(request)
            assert np.array_equal(answer.frames, request.frames)
        finally:
            worker.terminate()


def test_a_worker_of_the_other_kind_is_told_apart(serve, loopback, time) -> None:
    with pytest.raises(EngineMissingError, match="does not do this") as refusal:
        worker_voice.create({"base_url": serve(lambda **_: None)})
    assert "--lips worker" in refusal.value.hint
    loopback.route = lambda _: as_json({"protocol": 1, "name": "hum"})
    with pytest.raises(EngineMissingError, match="The worker hum does not do this") as refusal:
        worker_lips.create({"base_url": loopback.url}, time.clock)
    assert "--voice worker" in refusal.value.hint


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("no face"), "400, ValueError: no face"),
        (RuntimeError("no GPU"), "500, no GPU"),
        (RuntimeError("CUDA out of memory"), "507, CUDA out of memory"),
    ],
)
def test_what_the_model_says_reaches_the_user(serve, time, error: Exception, said: str) -> None:
    def lips(**_: Any) -> None:
        raise error

    engine = worker_lips.create({"base_url": serve(lips), "attempts": 2}, time.clock)
    with pytest.raises(EngineFailedError, match=said):
        engine.move_lips(make_small_request())


def answered(loopback, time, body: bytes, **settings: Any) -> worker_lips.WorkerLips:
    """An engine whose worker always answers so."""
    loopback.route = lambda one: (
        as_json(ABOUT) if one.method == "GET" else Answer(body, content_type="video/x-msvideo")
    )
    return worker_lips.create({"base_url": loopback.url, **settings}, time.clock)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda frames: np.concatenate([frames, frames[-1:]]), "gave back 13 frames"),
        (lambda frames: frames[:-1], "gave back 11 frames"),
        (lambda frames: frames[:, ::2, ::2], r"frames of \(48, 48, 3\)"),
        (lambda frames: np.roll(frames, -1, axis=0), r"shifted by \+1"),
    ],
    ids=["one more", "one less", "smaller", "shifted"],
)
def test_frames_that_do_not_fit_are_refused_at_once(loopback, time, spoil, said) -> None:
    request = make_small_request()
    engine = answered(
        loopback, time, write_lossless(np.ascontiguousarray(spoil(request.frames)), request.rate)
    )
    with pytest.raises(UselessAnswerError, match=said):
        engine.move_lips(request)
    assert len([one for one in loopback.requests if one.method == "POST"]) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"RIFF\0\0\0\0AVI ", bytes(5000), b"\xff" * 5000])
def test_what_is_no_film_is_asked_for_again_and_then_said(loopback, time, body) -> None:
    engine = answered(loopback, time, body, attempts=3)
    with pytest.raises(EngineFailedError, match="after 3 attempts: the answer is not a film"):
        engine.move_lips(make_small_request())
    assert engine.usage.retries == 2


def test_a_film_that_was_cut_is_asked_for_again(loopback, time) -> None:
    request = make_small_request()
    film = write_lossless(request.frames, request.rate)
    engine = answered(loopback, time, film)
    short = Answer(film[: len(film) * 2 // 3], content_type="video/x-msvideo")
    loopback.faults.extend([short, as_json({"error": {"message": "busy"}}, 503, retry_after="9")])
    assert np.array_equal(engine.move_lips(request).frames, request.frames)
    assert engine.usage.retries == 2
    assert max(time.waits) >= 9


def test_a_cancel_while_the_worker_thinks(loopback, time) -> None:
    cancel, thinks = CancelToken(), threading.Event()

    def think(_: Answer) -> Answer:
        thinks.set()
        return Answer(kind="silence")

    engine = answered(loopback, time, b"")
    loopback.faults.append(think)
    stop = threading.Thread(target=lambda: (thinks.wait(10), cancel.cancel()))
    stop.start()
    with pytest.raises(CancelledError):
        engine.move_lips(make_small_request(), cancel=cancel)
    stop.join()


def test_a_still_picture_cannot_be_out_of_step() -> None:
    request = make_small_request()
    still = replace(request, frames=np.repeat(request.frames[:1], 12, axis=0))
    mouths = np.zeros(still.frames.shape[:3], np.uint8)
    check_in_step(still, still.frames, mouths, "toy")
    noise = np.random.default_rng(0).integers(-3, 4, still.frames.shape)
    check_in_step(still, np.clip(still.frames + noise, 0, 255).astype(np.uint8), mouths, "toy")


@pytest.mark.parametrize("roll", [0.0, 20.0, -35.0])
def test_the_mask_lies_on_the_lower_face_as_the_head_is_tilted(roll: float) -> None:
    turn = np.exp(1j * np.radians(roll))
    places = [(-20, -20), (20, -20), (0, 0), (-12, 18), (12, 18), (0, 16), (0, 20), (0, 40)]
    points = tuple((100 + (complex(*one) * turn).real, 90 + (complex(*one) * turn).imag) for one in places)
    mask = mask_lower_face(200, CropFace((60, 50, 140, 132), points))
    inside, outside = (points[3:7], points[:2])
    assert all(mask[round(y), round(x)] > 200 for x, y in inside)
    assert not any(mask[round(y), round(x)] for x, y in outside)
    assert mask.max() == 255 and mask[0].max() == 0


def test_the_example_says_what_it_serves(serve) -> None:
    from rythmo.engines.remote.http import StatusError, send_request

    url = serve(lambda video, out, **_: shutil.copyfile(video, out))
    assert json.loads(send_request("GET", f"{url}/v1/about", timeout=10).body)["does"] == ["lips"]
    with pytest.raises(StatusError, match="404"):
        send_request("POST", f"{url}/v1/speak", body=b"{}", timeout=10)
    with pytest.raises(StatusError, match="400"):
        send_request("POST", f"{url}/v1/lips", body=b'{"protocol": 2}', timeout=10)
