"""The segments in which a film is encoded: whole shots where they can be, and every frame once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rythmo.faces.tracks import make_shots
from rythmo.lips.segments import plan_segments


def test_short_shots_are_joined_and_long_ones_divided() -> None:
    assert plan_segments(make_shots((100, 200, 300, 320), 400), 25.0) == ((0, 300), (300, 400))
    assert plan_segments(make_shots((), 1200), 25.0) == ((0, 400), (400, 800), (800, 1200))
    assert plan_segments((), 25.0) == ()


@given(
    st.lists(st.integers(1, 4999), max_size=60), st.integers(1, 5000), st.sampled_from([23.976, 25.0, 60.0])
)
def test_every_frame_is_in_one_segment(cuts, frames, rate) -> None:
    found = plan_segments(make_shots(cuts, frames), rate)
    assert found[0][0] == 0
    assert found[-1][1] == frames
    assert all(one[1] == two[0] for one, two in pairwise(found))
    assert all(0 < last - first <= 20 * rate + 1 for first, last in found)
