"""Where the square of a face lies: still, or gliding with it; and which other frames an engine gets."""

from __future__ import annotations

import numpy as np
from tracked_faces import face, look

from rythmo.faces.presence import FaceLimits
from rythmo.lips.crops import place_faces, plan_crop, trace_face
from rythmo.lips.library import choose_library
from rythmo.lips.units import DubbedLine, plan_lips


def trace(x, missing=()):
    """A face of 0.2 of the picture at x(frame), over 50 frames of 400 by 400 pixels."""
    seen = look([([n for n in range(50) if n not in missing], lambda frame: face(x(frame), 0.2))])
    return trace_face(seen.rows, 0, 50, (400, 400))


def test_a_face_that_trembles_has_a_still_square() -> None:
    path = plan_crop(trace(lambda frame: 0.3 + 0.005 * (frame % 3)), 25.0, 512)
    assert len(set(path.left.tolist())) == len(set(path.top.tolist())) == 1
    assert path.side % 4 == 0
    assert path.left[0] % 4 == 0
    assert path.size == path.side


def test_a_face_that_walks_is_followed_smoothly_and_stays_inside() -> None:
    found = trace(lambda frame: 0.1 + frame * 0.012)
    path = plan_crop(found, 25.0, 100)
    assert path.size == 100
    assert np.abs(np.diff(path.left)).max() <= 12
    for one in place_faces(found, path):
        assert min(one.box) >= 0
        assert max(one.box) <= 100


def test_frames_without_the_face_have_a_box_between_the_others() -> None:
    found = trace(lambda frame: 0.1 + frame * 0.004, missing=range(20, 25))
    faces = place_faces(found, plan_crop(found, 25.0, 512))
    assert [one.seen for one in faces[19:26]] == [True, False, False, False, False, False, True]
    assert all(one.opening is None for one in faces[20:25])
    assert found.box[19, 0] < found.box[22, 0] < found.box[25, 0]


def test_the_library_is_of_the_same_person_next_to_the_unit_and_bounded() -> None:
    def turning(frame):
        return face(yaw=80.0 if 40 <= frame < 60 else 0.0)

    seen = look([(range(200), turning), (range(200), face(0.6))], cuts=(150,))
    (unit,) = plan_lips([DubbedLine("a", "S1", 90, 110)], seen, FaceLimits(), 3).units
    runs = choose_library(unit, seen, FaceLimits(), 45)
    assert sum(run.last - run.first for run in runs) == 45
    assert {seen.people[run.track] for run in runs} == {"F1"}
    for run in runs:
        assert run.last <= 90 or run.first >= 110
        assert not set(range(run.first, run.last)) & set(range(40, 60))
        assert run.last <= 150, "the same shot comes first"
    assert choose_library(unit, seen, FaceLimits(), 0) == ()
