"""Lips from the person's own frames: the opening that a take asks for, the choice, and the patch."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from lip_cases import COUNT, FACE, MOUTH, RATE, SIDE, WIDTH, crop, make_request

from rythmo.engines.adapters.own_mouths.choice import Mouths, choose_mouths
from rythmo.engines.adapters.own_mouths.engine import create
from rythmo.engines.adapters.own_mouths.opening import ask_opening
from rythmo.engines.adapters.own_mouths.warp import fit_points, refine, sample
from rythmo.engines.lips import FaceLibrary, LipRequest
from rythmo.errors import UselessAnswerError
from rythmo.media.audio import Audio
from rythmo.timebase import SAMPLE_RATE, frames_to_samples

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def hum(seconds, formant, level=0.3):
    """A voice of 120 Hz with one formant: at 700 Hz an open vowel, at 300 Hz a close one."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tones = [
        np.sin(2 * np.pi * 120 * n * time) * np.exp(-(((120 * n - formant) / 150) ** 2)) for n in range(1, 12)
    ]
    return (level * sum(tones)).astype(np.float32)


def dark_gap(frame):
    """How much of the mouth is dark: what `open_mouth` draws between the lips."""
    x, y, half = round(MOUTH[0]), round(MOUTH[1]), round(WIDTH * 0.3)
    part = frame[y - 4 : y + 22, x - half : x + half].astype(int)
    return int((np.abs(part - (45, 15, 18)).max(axis=2) < 25).sum())


def test_silence_asks_for_a_closed_mouth_and_open_vowels_for_an_open_one() -> None:
    sound = np.concatenate([np.zeros(SAMPLE_RATE // 2, np.float32), hum(0.5, 700), hum(0.5, 280)])
    asked = ask_opening(sound, Fraction(25), 37)
    assert not asked[:10].any()
    assert asked[14:23].min() > 0.8
    assert asked[28:35].max() < 0.75
    assert ask_opening(np.zeros(SAMPLE_RATE, np.float32), Fraction(25), 25).tolist() == [0.0] * 25
    assert ask_opening(sound, Fraction(25), 0).size == 0


def test_the_quieter_end_of_a_sentence_still_opens_the_mouth() -> None:
    falling = np.concatenate([hum(1.0, 500, 0.3), hum(1.2, 500, 0.08)])  # 11 dB down
    asked = ask_opening(falling, Fraction(25), 55)
    assert asked[3:22].min() > 0.85
    assert asked[30:50].min() > 0.6
    vowels = np.concatenate([hum(0.4, formant) for formant in (700, 300, 700, 300)])
    open_and_close = ask_opening(vowels, Fraction(25), 40)
    assert 0.5 < open_and_close[12:18].max() < open_and_close[2:8].min()


def mouths(openings, numbers=None, yaw=None):
    count = len(openings)
    pose = np.zeros((count, 3))
    pose[:, 0] = 0 if yaw is None else yaw
    return Mouths(
        np.arange(count) if numbers is None else np.array(numbers),
        np.array(openings, float),
        pose,
        np.ones(count),
    )


def test_the_openings_that_are_asked_for_are_chosen() -> None:
    known = mouths([0.0, 0.1, 0.2, 0.3, 0.2, 0.1, 0.0], range(100, 107))
    asked = np.array([0.0, 0.0, 1.0, 1.0, 0.0])
    chosen = choose_mouths(asked, mouths([0.1] * 5), known)
    assert known.opening[chosen].tolist() == pytest.approx([0, 0, 0.3, 0.3, 0], abs=0.11)


def test_a_stretch_that_was_filmed_in_a_row_is_kept_and_the_pose_counts() -> None:
    known = mouths([0.0, 0.1, 0.2, 0.3, 0.31, 0.19, 0.11, 0.01], [1, 2, 3, 4, 50, 60, 70, 80])
    chosen = choose_mouths(np.array([0, 0.33, 0.66, 1.0]), mouths([0.1] * 4), known)
    assert chosen.tolist() == [0, 1, 2, 3]
    turned = mouths([0.0, 0.3, 0.0, 0.3], [1, 10, 20, 30], yaw=[0, 0, 25, 25])
    assert choose_mouths(np.array([1.0]), mouths([0.1], yaw=[25]), turned).tolist() == [3]


def test_the_picture_mends_what_the_points_miss() -> None:
    still = (crop(0.0).astype(np.float32) @ LUMA).astype(np.float32)
    points = np.array(FACE.points)
    wrong = points[:3] + np.array([1.5, -1.0])
    fit = refine(fit_points(points[:3], wrong), still, still, points)
    middle = complex(*points[:3].mean(axis=0))
    assert abs(fit[0] * middle + fit[1] - middle) < 0.15
    grid = np.array([[complex(100, 100), complex(130, 120)]])
    assert sample(still, fit[0] * grid + fit[1])[0] == pytest.approx(sample(still, grid)[0], abs=6)


def test_the_mouth_closes_in_silence_and_opens_with_the_take() -> None:
    samples = frames_to_samples(COUNT, RATE)
    sound = np.zeros(samples, np.float32)
    half = samples // 2
    sound[half:] = np.tile(hum(1.0, 700), 2)[: samples - half]
    request = replace(make_request(), sound=Audio(sound[np.newaxis], SAMPLE_RATE))
    answer = create({}).move_lips(request)
    gaps = [dark_gap(frame) for frame in answer.frames]
    filmed = [dark_gap(frame) for frame in request.frames]
    silent, loud = gaps[: COUNT // 2 - 2], gaps[COUNT // 2 + 2 :]
    assert max(silent) <= min(filmed) + 10 < np.mean(filmed)
    assert min(loud) >= np.percentile(filmed, 60)


def test_only_what_was_filmed_is_shown_and_the_eyes_are_left_alone() -> None:
    request = make_request()
    answer = create({}).move_lips(request)
    outside = answer.masks == 0
    assert np.array_equal(answer.frames[outside], request.frames[outside])
    assert not answer.masks[:, : round(FACE.points[0][1]) + 8].any()
    assert answer.masks[:, round(MOUTH[1]), round(MOUTH[0])].min() == 255


def test_faces_without_a_mouth_are_refused_and_gaps_are_passed_over() -> None:
    blind = replace(FACE, points=(), opening=None)
    frames = np.stack([crop(0.0)] * 3)
    sound = Audio(np.zeros((1, frames_to_samples(3, RATE)), np.float32), SAMPLE_RATE)
    with pytest.raises(UselessAnswerError, match="mouth"):
        create({}).move_lips(LipRequest("line 1", frames, RATE, (blind,) * 3, sound))
    library = FaceLibrary(np.stack([crop(0.2)]), (replace(FACE, opening=0.2),), (9,))
    one_gap = LipRequest("line 1", frames, RATE, (FACE, blind, FACE), sound, library=library)
    answer = create({}).move_lips(one_gap)
    assert answer.frames.shape == (3, SIDE, SIDE, 3)
    assert not answer.masks[1].any()
