"""How far speech reaches beyond its words, on sounds whose tails are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.engines.base import Turn
from rythmo.media.audio import Audio
from rythmo.mix.voice_reach import AFTER_SECONDS, BEFORE_SECONDS, find_reach
from rythmo.script.model import Line
from rythmo.settings import MixSettings
from rythmo.stages import mixdown

RATE = 48_000
START, END = 2 * RATE, 3 * RATE


def spoken(decay: float = 0.0, breath: float = 0.0, ground: float = 1e-5) -> np.ndarray:
    """One second of tone in six, with a tail that falls by 60 dB in `decay` seconds and a breath before."""
    t = np.arange(6 * RATE) / RATE
    level = np.where((t >= 2) & (t < 3), 1.0, 0.0)
    if decay:
        level = np.maximum(level, np.where(t >= 3, 10 ** (-3 * (t - 3) / decay), 0))
    if breath:
        level = np.maximum(level, np.where((t >= 2 - breath) & (t < 2), 0.05, 0))
    noise = np.random.default_rng(1).normal(0, ground, t.size)
    return (0.2 * level * np.sin(2 * np.pi * 300 * t) + noise).astype(np.float32)


def reader(sound: np.ndarray):
    return lambda start, end: np.pad(sound, RATE)[np.newaxis, max(0, start + RATE) : max(0, end + RATE)]


def test_dry_speech_reaches_no_further_than_its_words():
    assert find_reach(reader(spoken()), START, END, RATE) == (START, END)


@pytest.mark.parametrize("decay", [0.3, 0.6, 0.9])
def test_a_tail_is_followed_until_it_is_40_db_down(decay):
    start, end = find_reach(reader(spoken(decay=decay)), START, END, RATE)
    assert start == START
    assert (end - END) / RATE == pytest.approx(decay * 40 / 60, abs=0.03)


def test_a_breath_before_belongs_to_it():
    start, _ = find_reach(reader(spoken(breath=0.25)), START, END, RATE)
    assert (START - start) / RATE == pytest.approx(0.25, abs=0.011)


def test_what_the_separator_leaves_of_the_scene_is_not_followed():
    assert find_reach(reader(spoken(ground=0.01)), START, END, RATE) == (START, END)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5 * RATE), st.integers(1, RATE), st.sampled_from([0.0, 0.5, 5.0]))
def test_it_never_cuts_and_never_goes_further_than_it_looks(at, length, decay):
    start, end = find_reach(reader(spoken(decay=decay)), at, at + length, RATE)
    assert at - BEFORE_SECONDS * RATE <= start <= at
    assert at + length <= end <= at + length + AFTER_SECONDS * RATE


class Speech:
    """The separated speech of a programme."""

    def __init__(self, sound: np.ndarray) -> None:
        self._read = reader(sound)

    def samples(self, start: int, end: int) -> np.ndarray:
        return Audio(self._read(start, end), RATE).samples


def test_the_pads_are_the_least_and_nobody_who_was_not_understood_is_covered():
    line = Line("S1_0001", "S1", START, END, "text")
    dry, wet = Speech(spoken()), Speech(spoken(decay=0.9))
    least = mixdown.regions([line], (), 6 * RATE, MixSettings())
    assert mixdown.regions([line], (), 6 * RATE, MixSettings(), dry) == least
    ((start, end),) = mixdown.regions([line], (), 6 * RATE, MixSettings(), wet)
    assert start == least[0][0]
    assert (end - END) / RATE == pytest.approx(0.61, abs=0.03)
    other = Turn(END + RATE // 2, END + RATE, "P2")
    ((_, end),) = mixdown.regions([line], (other,), 6 * RATE, MixSettings(), wet)
    assert end == other.start
