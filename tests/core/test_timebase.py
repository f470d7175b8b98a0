"""Frame rates, timecode and sample positions."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo import timebase as tb
from rythmo.errors import InputError

NTSC = [Fraction(base * 1000, 1001) for base in (24, 30, 60)]
RATES = [*NTSC, *map(Fraction, (24, 25, 30, 48, 50, 60))]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (23.976, Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        (Fraction(2997, 125), Fraction(24000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        (23.976023976, Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (24, Fraction(24)),
        (25.0, Fraction(25)),
        ("29.9999", Fraction(30)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_rates_are_snapped_in_one_place(written, meant):
    assert tb.snap_rate(written) == meant


@pytest.mark.parametrize("bad", [0, -25, float("nan"), float("inf"), "abc", "1/0", 5000, None])
def test_what_is_no_rate_is_refused(bad):
    with pytest.raises(InputError):
        tb.snap_rate(bad)


@given(st.sampled_from(RATES), st.integers(0, 24 * 3600 * 24 - 1))
def test_timecode_and_back(rate, frame):
    text = tb.format_timecode(frame, rate, drop=False)
    assert tb.parse_timecode(text, rate).frame == frame


@given(st.sampled_from([Fraction(30000, 1001), Fraction(60000, 1001)]), st.integers(0, 24 * 3600 * 29))
def test_drop_frame_and_back(rate, frame):
    text = tb.format_timecode(frame, rate, drop=True)
    assert ";" in text
    assert tb.parse_timecode(text, rate) == tb.Timecode(frame, rate, drop=True)


def test_drop_frame_keeps_to_the_clock():
    rate = Fraction(30000, 1001)
    assert tb.format_timecode(1800, rate, drop=True) == "00:01:00;02"
    assert tb.format_timecode(17982, rate, drop=True) == "00:10:00;00"
    assert tb.format_timecode(107892, rate, drop=True) == "01:00:00;00"
    assert tb.format_timecode(3600, Fraction(60000, 1001), drop=True) == "00:01:00;04"


@pytest.mark.parametrize("text", ["00:01:00;00", "00:00:61:00", "00:00:00:30", "1:2:3", "abc", "00:00:00"])
def test_labels_that_do_not_exist(text):
    with pytest.raises(InputError):
        tb.parse_timecode(text, Fraction(30000, 1001))


def test_no_drop_frame_at_other_rates():
    with pytest.raises(InputError):
        tb.format_timecode(0, Fraction(25), drop=True)


def test_time_reference_of_the_first_hour():
    assert tb.time_reference(3600 * 24, Fraction(24)) == 172_800_000
    assert tb.time_reference(3600 * 24, Fraction(24000, 1001)) == 172_972_800
    assert tb.time_reference(3600 * 30, Fraction(30000, 1001)) == 172_972_800


@given(st.sampled_from(RATES), st.integers(0, 10_000_000))
def test_frames_and_samples_agree(rate, frame):
    sample = tb.frames_to_samples(frame, rate)
    assert tb.nearest_frame(sample, rate) == frame
    assert tb.find_frame(sample, rate) == frame
    assert tb.find_frame(sample - 1, rate) == frame - 1


@given(st.sampled_from(RATES), st.integers(0, 10**10))
def test_the_containing_frame_contains(rate, sample):
    frame = tb.find_frame(sample, rate)
    assert tb.frames_to_samples(frame, rate) <= sample < tb.frames_to_samples(frame + 1, rate)


@given(st.sampled_from(RATES), st.integers(-(10**12), 10**12))
def test_whole_numbers_round_as_exact_fractions_do(rate, number):
    half = Fraction(1, 2)
    assert tb.frames_to_samples(number, rate) == math.floor(Fraction(number * 48_000) / rate + half)
    assert tb.nearest_frame(number, rate) == math.floor(tb.samples_to_frames(number, rate) + half)
    assert tb.seconds_to_samples(Fraction(number, 999)) == math.floor(Fraction(number * 48_000, 999) + half)
