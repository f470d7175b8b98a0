"""Room tone in a hollow bed: as loud as the room, as wide, where it is lacking and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from rythmo.mix.bed_residue import measure_hollowness, measure_leak
from rythmo.mix.room_tone import FilledBed, fill_with_tone

RATE = 48_000


def room(seconds: float, seed: int = 3) -> np.ndarray:
    """Stereo ambience, half of it in the centre."""
    rng = np.random.default_rng(seed)
    sides = rng.standard_normal((2, round(seconds * RATE))) + rng.standard_normal(round(seconds * RATE))
    return (0.01 * sosfilt(butter(1, 1200, fs=RATE, output="sos"), sides, axis=1)).astype(np.float32)


def db(sound: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))


def test_an_empty_bed_becomes_the_room() -> None:
    around = room(4)
    made = fill_with_tone(np.zeros((2, 3 * RATE), np.float32), around, RATE, seed=1)
    inside = made[:, 2048:-2048]
    assert db(inside) == pytest.approx(db(around), abs=1.0)
    for low, high in ((100, 400), (400, 1500), (1500, 6000)):
        band = butter(4, [low, high], "band", fs=RATE, output="sos")
        assert db(sosfilt(band, inside)) == pytest.approx(db(sosfilt(band, around)), abs=1.5)
    assert np.corrcoef(inside)[0, 1] == pytest.approx(np.corrcoef(around)[0, 1], abs=0.1)


def test_a_full_bed_is_hardly_touched() -> None:
    bed = room(3, seed=8) * np.float32(4)
    added = fill_with_tone(bed, room(4), RATE, seed=1) - bed
    assert db(added) < db(bed) - 20


def test_a_hole_is_filled_and_the_measure_says_so() -> None:
    around, bed = room(4), room(3, seed=8)
    bed[:, RATE : 2 * RATE] *= np.float32(0.1)
    before, after = (
        measure_hollowness(sound[:, RATE : 2 * RATE], around, RATE)
        for sound in (bed, fill_with_tone(bed, around, RATE, 1))
    )
    assert before is not None
    assert after is not None
    assert before > 15
    assert after < 2


@pytest.mark.parametrize("length", [0, 1, 500, 20_000])
def test_without_a_room_to_learn_from_the_bed_stays(length: int) -> None:
    bed = room(1)
    np.testing.assert_array_equal(fill_with_tone(bed, room(2)[:, :length], RATE, seed=1), bed)
    np.testing.assert_array_equal(fill_with_tone(bed, np.zeros((2, 4 * RATE), np.float32), RATE, seed=1), bed)


def reader(sound: np.ndarray) -> Callable[[int, int], np.ndarray]:
    return lambda start, end: sound[:, max(0, start) : max(0, end)]


def test_blocks_give_what_one_piece_gives_and_outside_is_the_bed() -> None:
    original, regions = room(50), ((3 * RATE, 27 * RATE), (30 * RATE + 7, 31 * RATE), (47 * RATE, 50 * RATE))
    bed = original * np.float32(0.2)
    whole = FilledBed(reader(bed), reader(original), regions, 50 * RATE, RATE).read(0, 50 * RATE)
    other = FilledBed(reader(bed), reader(original), regions, 50 * RATE, RATE)
    borders = [0, 5, 3 * RATE + 1, 20 * RATE, 30 * RATE + 8, 48 * RATE, 50 * RATE]
    parts = [other.read(start, end) for start, end in pairwise(borders)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
    outside = np.ones(50 * RATE, bool)
    for start, end in regions:
        outside[start:end] = False
        assert db(whole[:, start:end]) > db(bed[:, start:end]) + 6
    np.testing.assert_array_equal(whole[:, outside], bed[:, outside])


@pytest.mark.parametrize("share", [0.5, 0.2, 0.1])
def test_the_leak_is_what_was_left_in(share: float) -> None:
    rng = np.random.default_rng(4)
    time = np.arange(6 * RATE) / RATE
    voice = rng.standard_normal(time.size) * np.clip(np.sin(2 * np.pi * 4 * time), 0, None)
    voice = np.stack([0.1 * voice] * 2).astype(np.float32)
    bed = room(6)
    found = measure_leak(bed + voice, bed + np.float32(share) * voice, RATE).db
    assert found == pytest.approx(20 * np.log10(share / (1 - share)), abs=1.5)


def test_nothing_taken_out_is_no_leak() -> None:
    bed = room(2)
    assert measure_leak(bed, bed, RATE).db is None
    assert measure_leak(bed[:, :100], bed[:, :100], RATE).db is None
