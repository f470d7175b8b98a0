"""The contract of every face tracker, on a real photograph; run over each built-in one."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from engine_cases import CASES, built_in
from face_film import open_mouth, photograph
from plain_values import assert_plain

from rythmo.engines.base import Kind
from rythmo.errors import CancelledError
from rythmo.faces.model import POINTS, overlap
from rythmo.progress import CancelToken

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend


@pytest.fixture(scope="module", params=sorted(CASES[Kind.FACE_TRACKER]))
def tracker(request):
    engine = CASES[Kind.FACE_TRACKER][request.param](request)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def portrait():
    return photograph()


@pytest.fixture(scope="module")
def mouth(tracker, portrait):
    """The middle of the mouth and its width, in pixels."""
    ((face,),) = tracker.find_faces([portrait])
    points = np.array(face.points) * portrait.shape[1::-1]
    right, left, upper, lower = points[3:7]
    return tuple((upper + lower) / 2), float(np.linalg.norm(right - left))


def two(portrait):
    """A wide frame with the face twice: as it is, and mirrored, darker and smaller."""
    other = (portrait[::2, ::-2] * 0.7).astype(np.uint8)
    frame = np.full((600, 1100, 3), 90, np.uint8)
    frame[:, :512] = portrait
    frame[200:500, 700:956] = other
    return frame


def test_every_built_in_tracker_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.FACE_TRACKER)} == set(CASES[Kind.FACE_TRACKER])


def test_it_says_what_it_is(tracker) -> None:
    assert tracker.info.kind is Kind.FACE_TRACKER
    assert pickle.loads(pickle.dumps(tracker.info)) == tracker.info
    assert_plain((tracker.info, tracker.same_person))


def test_a_face_has_its_points_inside_and_plain_values(tracker, portrait) -> None:
    ((face,),) = tracker.find_faces([portrait])
    assert_plain(face)
    assert pickle.loads(pickle.dumps(face)) == face
    left, top, right, bottom = face.box
    assert 0.2 < left < right < 0.8
    assert len(face.points) == len(POINTS)
    assert all(left <= x <= right and top <= y <= bottom for x, y in face.points)
    eyes, mouth = face.points[:2], face.points[3:5]
    assert eyes[0][0] < eyes[1][0]
    assert eyes[0][1] < mouth[0][1] < face.points[7][1]
    assert abs(face.yaw) < 15
    assert abs(face.roll) < 15


def test_an_opening_mouth_opens(tracker, portrait, mouth) -> None:
    frames = [open_mouth(portrait, *mouth, opening) for opening in (0.0, 0.15, 0.3)]
    openings = [faces[0].opening for faces in tracker.find_faces(frames)]
    assert openings[0] < 0.06
    assert openings[0] + 0.03 < openings[1] < openings[2]


def test_two_faces_are_two_and_stay_in_place(tracker, portrait) -> None:
    frames = [two(portrait)] * 7
    found = tracker.find_faces(frames)
    assert [len(faces) for faces in found] == [2] * 7
    assert overlap(found[0][0].box, found[-1][0].box) > 0.8


def test_no_face_no_frames_and_a_face_that_leaves(tracker, portrait) -> None:
    empty = np.full((600, 512, 3), 90, np.uint8)
    assert tracker.find_faces([empty]) == ((),)
    assert tracker.find_faces([]) == ()
    before = tracker.find_faces([portrait])[0]
    assert tracker.find_faces([empty], before=before) == ((),)


def test_a_tilted_face_says_so(tracker, portrait) -> None:
    from PIL import Image

    turned = np.array(Image.fromarray(portrait).rotate(-25, fillcolor=(90, 90, 90)))
    ((face,),) = tracker.find_faces([turned])
    assert 15 < face.roll < 35


def test_blur_and_a_covered_mouth_show(tracker, portrait, mouth) -> None:
    from PIL import Image, ImageFilter

    soft = np.array(Image.fromarray(portrait).filter(ImageFilter.GaussianBlur(6)))
    ((sharp,),), ((blurred,),) = tracker.find_faces([portrait]), tracker.find_faces([soft])
    assert blurred.sharpness < 0.06 < sharp.sharpness
    covered = portrait.copy()
    (x, y), width = mouth
    covered[int(y - width / 2) : int(y + width), int(x - width) : int(x + width)] = (60, 90, 140)
    ((hidden,),) = tracker.find_faces([covered])
    usual, now = (np.frombuffer(face.patch, np.uint8).astype(float) for face in (sharp, hidden))
    assert np.corrcoef(usual, now)[0, 1] < 0.35


def test_a_face_is_known_again_and_has_a_vector_of_its_own(tracker, portrait) -> None:
    frame = two(portrait)
    faces = tracker.find_faces([frame])[0]
    rows = tracker.describe_faces(frame, faces)
    assert rows.shape[0] == 2
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows[0] - rows[1]) < tracker.same_person
    assert tracker.describe_faces(frame, ()).shape[0] == 0


def test_the_same_frames_give_the_same_faces(tracker, portrait) -> None:
    if not tracker.info.deterministic:
        pytest.skip("it does not promise the same faces twice")
    assert tracker.find_faces([portrait] * 3) == tracker.find_faces([portrait] * 3)


def test_a_cancel_is_heard(tracker, portrait) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        tracker.find_faces([portrait], cancel=cancel)
