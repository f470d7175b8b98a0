"""Which faces get new lips in which frames: a unit for each line and shot, and a reason for the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracked_faces import GOOD, HAND, face, look

from rythmo.faces.model import Face
from rythmo.faces.presence import FaceLimits
from rythmo.lips.units import OLD_PLACE, DubbedLine, LipSkip, plan_lips


def plan(seen, *lines, ramp=3):
    return plan_lips(lines, seen, FaceLimits(), ramp)


def spans(found):
    return [(unit.line, unit.person, unit.first, unit.last) for unit in found.units]


def test_a_line_is_one_unit_in_each_shot_and_ramps_are_never_at_a_cut() -> None:
    seen = look([(range(200), face())], cuts=(60, 100))
    found = plan(seen, DubbedLine("a", "S1", 20, 130))
    assert spans(found) == [("a", "F1", 20, 60), ("a", "F1", 60, 100), ("a", "F1", 100, 130)]
    assert [(unit.ramp_in, unit.ramp_out) for unit in found.units] == [(3, 0), (0, 0), (0, 3)]
    assert [unit.shot for unit in found.units] == [0, 1, 2]
    assert found.skipped == ()


def test_the_right_face_of_two_is_taken() -> None:
    seen = look([(range(200), face()), (range(200), face(0.6))])
    found = plan(seen, DubbedLine("a", "S1", 10, 60), DubbedLine("b", "S2", 40, 90))
    assert spans(found) == [("a", "F1", 10, 60), ("b", "F2", 40, 90)]


@pytest.mark.parametrize(
    ("reason", "bad"),
    [
        (LipSkip.PROFILE, {"yaw": 70.0}),
        (LipSkip.SMALL, {"box": (0.1, 0.3, 0.14, 0.34)}),
        (LipSkip.BLURRED, {"sharpness": 0.02}),
        (LipSkip.COVERED, {"patch": HAND}),
    ],
)
def test_what_is_bad_for_the_rest_of_a_line_ends_its_unit_there(reason, bad) -> None:
    def seen_face(frame):
        own = {name: value for name, value in bad.items() if name != "box"}
        one = face(**own) if frame >= 80 else face()
        if "box" in bad and frame >= 80:
            # A face shrinks step by step, or it would be another track.
            size = max(0.04, 0.3 * 0.8 ** (frame - 79))
            return Face((0.2, 0.4, 0.2 + size, 0.4 + size), **GOOD)
        return one

    seen = look([(range(120), seen_face)])
    found = plan(seen, DubbedLine("a", "S1", 50, 100))
    assert [unit.first for unit in found.units] == [50]
    assert found.units[0].last == pytest.approx(80, abs=8)
    assert found.units[0].ramp_out == 3
    assert [(one.line, one.reason, one.last) for one in found.skipped] == [("a", reason, 100)]


def test_a_moment_is_worked_through_and_a_face_that_is_gone_is_told() -> None:
    seen = look([(range(200), lambda frame: face(yaw=70.0 if 50 <= frame < 54 else 0.0))])
    assert spans(plan(seen, DubbedLine("a", "S1", 30, 90))) == [("a", "F1", 30, 90)]
    gone = plan(look([(range(50), face())]), DubbedLine("a", "S1", 30, 90))
    assert spans(gone) == [("a", "F1", 30, 50)]
    assert [(one.reason, one.first, one.last) for one in gone.skipped] == [(LipSkip.OFF_SCREEN, 50, 90)]


def test_off_screen_and_unknown_faces() -> None:
    other = look([(range(200), face(0.6))])
    assert plan(other, DubbedLine("a", "S1", 0, 50)).skipped[0].reason is LipSkip.OFF_SCREEN
    nobody = look([(range(200), face(0.6))], speakers={"F1": "S1"})
    assert plan(nobody, DubbedLine("a", "S1", 0, 50)).skipped[0].reason is LipSkip.UNKNOWN_FACE


def test_two_lines_with_one_face() -> None:
    seen = look([(range(200), face())])
    lines = (DubbedLine("a", "S1", 10, 60), DubbedLine("b", "S1", 50, 100))
    assert spans(plan(seen, *lines)) == [("a", "F1", 10, 55), ("b", "F1", 55, 100)]
    inside = plan(seen, DubbedLine("a", "S1", 10, 60), DubbedLine("b", "S1", 20, 40))
    assert spans(inside) == [("a", "F1", 10, 60)]
    assert [(one.line, one.reason, one.detail) for one in inside.skipped] == [("b", LipSkip.SHARED_FACE, "a")]


def test_where_a_moved_line_was_said_the_mouth_is_shut() -> None:
    seen = look([(range(200), face())], cuts=(130,))
    found = plan(seen, DubbedLine("a", "S1", 100, 150), DubbedLine("a", "S1", 10, 60, silent=True))
    assert spans(found) == [("a", "F1", 10, 60), ("a", "F1", 100, 130), ("a", "F1", 130, 150)]
    assert found.skipped == ()


def test_a_line_that_is_heard_comes_before_one_that_was_said_there() -> None:
    seen = look([(range(200), face())])
    gone = DubbedLine("a", "S1", 10, 60, silent=True)
    here = DubbedLine("a", "S1", 150, 190)
    found = plan(seen, here, gone, DubbedLine("b", "S1", 30, 45))
    assert spans(found) == [
        ("a", "F1", 10, 30),
        ("b", "F1", 30, 45),
        ("a", "F1", 45, 60),
        ("a", "F1", 150, 190),
    ]
    # What is left of the old place is too short to be worth a patch, and is not told of.
    found = plan(seen, here, gone, DubbedLine("b", "S1", 14, 58))
    assert spans(found) == [("b", "F1", 14, 58), ("a", "F1", 150, 190)]
    assert found.skipped == ()


def test_an_old_place_without_a_face_is_no_news_and_one_with_a_bad_face_is() -> None:
    seen = look([(range(100, 200), face()), (range(60), lambda frame: face(yaw=70.0))])
    found = plan(seen, DubbedLine("a", "S1", 120, 180), DubbedLine("a", "S1", 20, 50, silent=True))
    assert spans(found) == [("a", "F1", 120, 180)]
    assert [(one.reason, one.detail) for one in found.skipped] == [(LipSkip.PROFILE, OLD_PLACE)]
    found = plan(seen, DubbedLine("a", "S1", 120, 180), DubbedLine("a", "S1", 70, 90, silent=True))
    assert found.skipped == ()


def test_what_the_script_forbids_is_only_listed() -> None:
    seen = look([(range(200), face())])
    found = plan(seen, DubbedLine("a", "S1", 10, 60, LipSkip.NO_CONSENT))
    assert found.units == ()
    assert found.skipped[0].reason is LipSkip.NO_CONSENT


def test_the_weights_of_a_ramp() -> None:
    seen = look([(range(200), face())], cuts=(60,))
    (one, _) = plan(seen, DubbedLine("a", "S1", 40, 70)).units
    assert one.weigh_frames().tolist()[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert one.weigh_frames()[-1] == 1.0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 199), max_size=6),
    st.lists(st.tuples(st.integers(0, 190), st.integers(5, 60)), min_size=1, max_size=5),
    st.integers(0, 6),
)
def test_no_unit_crosses_a_cut_and_no_frame_of_a_face_is_taken_twice(cuts, ranges, ramp) -> None:
    seen = look([(range(200), face())], cuts=tuple(cuts))
    lines = [
        DubbedLine(f"l{number}", "S1", first, min(200, first + length))
        for number, (first, length) in enumerate(sorted(ranges))
    ]
    found = plan(seen, *lines, ramp=ramp)
    taken: list[int] = []
    for unit in found.units:
        shot = seen.shots[unit.shot]
        assert shot.first <= unit.first < unit.last <= shot.last
        assert unit.ramp_in == 0 or unit.first not in cuts
        weights = unit.weigh_frames()
        assert len(weights) == unit.count
        assert (weights > 0).all()
        taken += range(unit.first, unit.last)
    assert len(taken) == len(set(taken))
