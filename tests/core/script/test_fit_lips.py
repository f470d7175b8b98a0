"""The fit follows the picture: to the end of the lips on screen, loosely off screen."""

from __future__ import annotations

import pytest

from rythmo.script.fit import plan_fit
from rythmo.script.fit_reasons import FitStep
from rythmo.script.model import Line
from rythmo.script.on_screen import OnScreen, Presence
from rythmo.script.phrases import TakePhrases
from rythmo.script.slots import FitSettings, Slot

SECOND = 48_000
SLOT = Slot(0, 4 * SECOND, 10 * SECOND, 10 * SECOND)
LINE = Line("S1_0001", "S1", 0, 2 * SECOND, "two seconds of words")


def plan(seconds, presence, **more):
    spoken = TakePhrases(((0, round(seconds * SECOND)),))
    settings = FitSettings().for_presence(OnScreen(presence) if presence else None)
    return plan_fit(LINE, spoken, SLOT, settings, **more)


def test_on_screen_a_take_ends_with_the_lips() -> None:
    found = plan(2.4, Presence.ON)
    assert found.step is FitStep.LIPS
    assert found.placement.end <= 2.25 * SECOND
    assert 1 < found.placement.speed <= 1.1
    assert "on screen" in found.placement.reason


@pytest.mark.parametrize("presence", [None, Presence.OFF, Presence.PARTLY, Presence.UNCLEAR])
def test_elsewhere_it_goes_on_into_the_silence_as_spoken(presence) -> None:
    found = plan(2.4, presence)
    assert found.step is FitStep.SILENCE_AFTER
    assert found.placement.speed == 1


def test_lips_are_not_chased_faster_than_is_natural() -> None:
    assert plan(3.0, Presence.ON).step is FitStep.SILENCE_AFTER
    assert plan(2.2, Presence.ON).step is FitStep.SILENCE_AFTER  # within what is not seen


def test_off_screen_a_short_take_is_not_slowed() -> None:
    assert plan(1.8, Presence.ON).step is FitStep.SLOWED
    assert plan(1.8, Presence.OFF).step is FitStep.AS_SPOKEN


def test_off_screen_another_wording_is_asked_for_later() -> None:
    assert plan(4.4, None, rewrites_left=1).retake is not None
    assert plan(4.4, Presence.OFF, rewrites_left=1).retake is None
    assert plan(5.2, Presence.OFF, rewrites_left=1).retake is not None
    assert plan(1.2, None, rewrites_left=1).retake is not None
    assert plan(1.2, Presence.OFF, rewrites_left=1).retake is None


def test_limits_without_a_picture_are_the_usual_ones() -> None:
    assert FitSettings().for_presence(None) == FitSettings()
    assert not FitSettings().with_lips
