"""The M&E: bits outside, bed inside, no step between, whatever the blocks."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.mix.bed import bed_weight, mix_me_block, plan_bed_regions

TOP = 2**23 - 1
spans = st.lists(st.tuples(st.integers(-50, 2000), st.integers(0, 400)), max_size=8).map(
    lambda pairs: [(start, start + length) for start, length in pairs]
)
FADE = 20


def regions_of(pairs: list[tuple[int, int]], length: int) -> tuple[tuple[int, int], ...]:
    return plan_bed_regions(pairs, length, pad_before=7, pad_after=11, merge_gap=5)


@given(spans, st.integers(1, 2200))
def test_regions_are_sorted_apart_inside_and_cover_the_speech(
    pairs: list[tuple[int, int]], length: int
) -> None:
    regions = regions_of(pairs, length)
    assert all(0 <= start < end <= length for start, end in regions)
    assert all(after[0] - before[1] > 5 for before, after in itertools.pairwise(regions))
    covered = np.zeros(length, bool)
    for start, end in regions:
        covered[start:end] = True
    for start, end in pairs:
        assert covered[max(0, start) : max(0, end)].all()


def test_padding_and_merging_are_in_milliseconds_of_the_rate() -> None:
    assert plan_bed_regions([(48_000, 96_000)], 480_000) == ((45_120, 103_200),)
    assert plan_bed_regions([(48_000, 96_000), (110_000, 120_000)], 480_000) == ((45_120, 127_200),)
    assert plan_bed_regions([(8_000, 16_000)], 80_000, rate=8_000) == ((7_520, 17_200),)
    assert plan_bed_regions([], 480_000) == ()


def test_an_empty_or_backward_span_is_no_dialogue() -> None:
    assert plan_bed_regions([(500, 500), (900, 700)], 48_000) == ()


def sounds(length: int, channels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    original = rng.integers(-TOP - 1, TOP, (channels, length), dtype=np.int32, endpoint=True)
    bed = rng.integers(-TOP - 1, TOP, (channels, length), dtype=np.int32, endpoint=True)
    return original, bed


@settings(max_examples=60)
@given(spans, st.lists(st.integers(1, 300), min_size=1, max_size=12), st.integers(1, 6), st.integers(0, 99))
def test_blocks_give_what_one_piece_gives(
    pairs: list[tuple[int, int]], sizes: list[int], channels: int, seed: int
) -> None:
    original, bed = sounds(sum(sizes), channels, seed)
    regions = regions_of(pairs, original.shape[1])
    whole = mix_me_block(original, bed, regions, 0, fade=FADE)
    borders = np.cumsum([0, *sizes])
    parts = [
        mix_me_block(original[:, a:b], bed[:, a:b], regions, int(a), fade=FADE)
        for a, b in itertools.pairwise(borders)
    ]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@settings(max_examples=60)
@given(spans, st.integers(1, 2200), st.integers(0, 99))
def test_outside_to_the_bit_inside_the_bed_and_within_24_bits(
    pairs: list[tuple[int, int]], length: int, seed: int
) -> None:
    original, bed = sounds(length, 2, seed)
    regions = regions_of(pairs, length)
    out = mix_me_block(original, bed, regions, 0, fade=FADE)
    inside, deep = np.zeros(length, bool), np.zeros(length, bool)
    for start, end in regions:
        inside[start:end] = True
        deep[start + FADE : max(start + FADE, end - FADE)] = True
    np.testing.assert_array_equal(out[:, ~inside], original[:, ~inside])
    np.testing.assert_array_equal(out[:, deep], bed[:, deep])
    assert out.dtype == np.int32
    assert out.min() >= -TOP - 1
    assert out.max() <= TOP


def test_the_inputs_are_left_as_they_were() -> None:
    original, bed = sounds(500, 2, 3)
    copies = original.copy(), bed.copy()
    mix_me_block(original, bed, ((100, 300),), 0, fade=FADE)
    np.testing.assert_array_equal(original, copies[0])
    np.testing.assert_array_equal(bed, copies[1])


def test_no_step_at_the_joins() -> None:
    """Original at +0.5, bed at -0.5 of full scale: the largest step is what a 10 ms ramp takes."""
    length = 4800
    original = np.full((1, length), TOP // 2, np.int32)
    out = mix_me_block(original, -original, ((1000, 3000),), 0)
    steps = np.abs(np.diff(out[0].astype(np.int64)))
    assert steps.max() <= TOP / 480 + 2
    assert out[0, 2000] == -original[0, 2000]


@given(st.integers(1, 200), st.integers(0, 60))
def test_weights_rise_and_fall_alike(length: int, fade: int) -> None:
    weight = bed_weight(((10, 10 + length),), 0, length + 20, fade=fade)
    np.testing.assert_array_equal(weight, weight[::-1])
    assert (weight[10:-10] > 0).all()
    assert not weight[:10].any()
    assert weight.max() <= 1
