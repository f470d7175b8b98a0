"""SyncNet's offset and confidence from vectors whose offset is known, and the squares around faces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.faces.face_squares import cut_face, plan_squares
from rythmo.faces.sync_offset import REACH, find_offset


def vectors(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)


@given(st.integers(-REACH, REACH), st.integers(10, 60))
def test_the_offset_of_a_late_sound_is_found(late: int, count: int) -> None:
    sounds = vectors(1, count + 2 * REACH)
    found = find_offset(sounds[REACH + late : REACH + late + count], sounds)
    assert found.offset_ms == 40 * late
    assert found.distance == 0
    assert found.confidence > 2


def test_mouths_that_have_nothing_to_do_with_the_sound_get_no_confidence() -> None:
    found = find_offset(vectors(1, 60), vectors(2, 60 + 2 * REACH))
    assert 0 <= found.confidence < 0.5
    assert found.distance > 3


@pytest.mark.parametrize("shapes", [((0, 8), (30, 8)), ((5, 8), (34, 8)), ((5, 8), (35, 7))])
def test_other_shapes_are_refused(shapes) -> None:
    with pytest.raises(ValueError, match="mouths"):
        find_offset(*(np.zeros(shape, np.float32) for shape in shapes))


def test_a_square_is_steady_and_has_more_of_the_chin() -> None:
    boxes = np.tile([100.0, 50.0, 140.0, 110.0], (30, 1))
    boxes[15] += 9  # one frame in which the box jumps
    assert plan_squares(boxes) == pytest.approx(np.tile([78.0, 50.0, 84.0], (30, 1)))


def test_a_square_is_cut_to_the_pixel_and_grey_outside_the_picture() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    assert np.array_equal(cut_face(picture, np.array([4.0, 3.0, 8.0]), 8), picture[3:11, 4:12])
    edge = cut_face(picture, np.array([-4.0, 14.0, 8.0]), 8)
    assert np.array_equal(edge[:6, 4:], picture[14:, :4])
    assert (edge[:, :4] == 110).all()
    assert (edge[6:] == 110).all()
    assert cut_face(np.full((40, 40, 3), 77, np.uint8), np.array([2.0, 2.0, 30.0]), 224).min() == 77
