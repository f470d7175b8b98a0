"""New mouths in the picture: nothing outside the mask changes, whatever the film's pixel format."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.lips.blend import Square, blend_frame, cut_crop, make_mask, resize, resize_mask
from rythmo.lips.colours import planes_to_rgb, rgb_to_planes
from rythmo.media.planes import make_pixel_format

FORMATS = ("yuv420p", "yuv422p10le", "yuv444p12le", "yuvj420p", "yuv411p", "gbrp", "gbrp10le", "nv12")
WIDTH, HEIGHT = 162, 121
"""Odd enough that the last chroma samples stand for half a cell."""


def make_planes(pixels, seed=1):
    rng = np.random.default_rng(seed)
    most = 1 << pixels.bits
    return tuple(
        rng.integers(most // 8, most * 7 // 8, shape).astype(pixels.dtype) for shape in pixels.shapes
    )


def disc(size, radius=0.3):
    y, x = np.mgrid[0:size, 0:size]
    away = np.hypot(x - size / 2 + 0.5, y - size / 2 + 0.5) / size
    return (255 * np.clip((radius - away) / 0.1, 0, 1)).astype(np.uint8)


def pixels_of(plane_mask, pixels):
    """The pixels that a chroma sample covers, as a mask of the luma's size."""
    wide = np.repeat(np.repeat(plane_mask, pixels.down, axis=0), pixels.across, axis=1)
    return wide[: pixels.height, : pixels.width]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("size", [64, 40], ids=["as it is", "smaller"])
def test_outside_the_mask_every_sample_is_the_originals(name, size) -> None:
    pixels = make_pixel_format(name, WIDTH, HEIGHT)
    planes = make_planes(pixels)
    square = Square(40, 32, 64, size)
    mask = disc(size)
    new = np.full((size, size, 3), (200, 30, 30), np.uint8)
    done = blend_frame(planes, pixels, square, new, mask, 1.0, 7)
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[32:96, 40:104] = resize_mask(make_mask(mask, size), 64) > 0
    for index, (before, after) in enumerate(zip(planes, done, strict=True)):
        assert after.dtype == before.dtype
        changed = before != after
        assert changed.any()
        where = changed if index == 0 or pixels.matrix == "rgb" else pixels_of(changed, pixels)
        assert not (where & ~inside).any()


@pytest.mark.parametrize("name", FORMATS)
def test_what_an_engine_left_as_it_was_stays_to_the_bit(name) -> None:
    pixels = make_pixel_format(name, WIDTH, HEIGHT)
    planes = make_planes(pixels)
    square = Square(40, 32, 64, 64)
    same = cut_crop(planes, pixels, square)
    done = blend_frame(planes, pixels, square, same, disc(64), 1.0, 7)
    for before, after in zip(planes, done, strict=True):
        assert np.abs(before.astype(int) - after.astype(int)).max() <= (1 << (pixels.bits - 8)) // 2


def test_a_square_that_reaches_over_the_edge_and_one_that_is_not_wanted() -> None:
    pixels = make_pixel_format("yuv420p", WIDTH, HEIGHT)
    planes = make_planes(pixels)
    new = np.full((64, 64, 3), 255, np.uint8)
    for left, top in ((-20, -12), (WIDTH - 30, HEIGHT - 29)):
        square = Square(left // 4 * 4, top // 4 * 4, 64, 64)
        assert cut_crop(planes, pixels, square).shape == (64, 64, 3)
        done = blend_frame(planes, pixels, square, new, disc(64), 1.0, 1)
        assert [plane.shape for plane in done] == [plane.shape for plane in planes]
    empty = blend_frame(planes, pixels, Square(40, 32, 64, 64), new, np.zeros((64, 64), np.uint8), 1.0, 1)
    assert empty is planes
    assert blend_frame(planes, pixels, Square(40, 32, 64, 64), new, disc(64), 0.0, 1) is planes


def test_the_ramp_leads_from_the_original_to_the_new() -> None:
    pixels = make_pixel_format("yuv444p", WIDTH, HEIGHT)
    planes = tuple(np.full(shape, 100, np.uint8) for shape in pixels.shapes)
    square, new = Square(40, 32, 64, 64), cut_crop(planes, pixels, Square(40, 32, 64, 64)) + 40
    # A new mouth that is lighter all over is only a matter of light, so it is darker in its middle.
    new[28:36, 28:36] = 0
    middle = [
        int(blend_frame(planes, pixels, square, new, disc(64), weight, 1)[0][64, 72])
        for weight in (0.25, 0.5, 0.75, 1.0)
    ]
    assert middle == sorted(middle, reverse=True)
    assert middle[0] < 100
    assert middle[0] - middle[3] > 30


def test_a_hard_mask_becomes_soft_within_itself() -> None:
    hard = np.zeros((100, 100), np.uint8)
    hard[30:70, 30:70] = 255
    soft = make_mask(hard, 100)
    assert not soft[hard == 0].any()
    assert soft[50, 50] == 1.0
    assert 0 < soft[50, 31] < 0.6
    assert not make_mask(np.full((100, 100), 255, np.uint8), 100)[0].any()


def test_colour_and_light_follow_the_original() -> None:
    pixels = make_pixel_format("yuv444p", WIDTH, HEIGHT)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = (60 + x / 2 + y / 3).astype(np.uint8)
    planes = (light, np.full_like(light, 120), np.full_like(light, 140))
    square = Square(40, 32, 64, 64)
    crop = cut_crop(planes, pixels, square)
    other = np.clip(crop.astype(int) + np.array([30, -20, 10]), 0, 255).astype(np.uint8)
    done = blend_frame(planes, pixels, square, other, disc(64), 1.0, 1)
    for before, after in zip(planes, done, strict=True):
        assert np.abs(before.astype(int) - after.astype(int)).max() <= 2


def test_smooth_skin_gets_the_grain_of_the_picture_and_the_same_each_time() -> None:
    pixels = make_pixel_format("yuv444p", 256, 256)
    rng = np.random.default_rng(3)
    planes = (
        np.clip(120 + rng.normal(0, 6, (256, 256)), 0, 255).astype(np.uint8),
        *(np.full((256, 256), 128, np.uint8) for _ in range(2)),
    )
    square = Square(64, 64, 128, 128)
    smooth = np.full((128, 128, 3), 122, np.uint8)
    done = blend_frame(planes, pixels, square, smooth, disc(128), 1.0, 5)
    inside = done[0][118:138, 118:138].astype(float)
    assert 3 < inside.std() < 9
    again = blend_frame(planes, pixels, square, smooth, disc(128), 1.0, 5)
    assert all(np.array_equal(one, other) for one, other in zip(done, again, strict=True))


@pytest.mark.parametrize("name", FORMATS)
def test_a_close_up_that_is_made_smaller_first_has_the_colours_of_one_made_smaller_last(name) -> None:
    pixels = make_pixel_format(name, WIDTH, HEIGHT)
    most = 1 << pixels.bits
    waves = []
    for phase, (height, width) in enumerate(pixels.shapes):
        y, x = np.mgrid[0:height, 0:width]
        wave = 0.5 + 0.2 * np.sin(6 * x / width + phase) * np.cos(5 * y / height)
        waves.append((most * wave).astype(pixels.dtype))
    planes = tuple(waves)
    # It reaches over the upper and the right edge of the picture.
    whole = cut_crop(planes, pixels, Square(60, -8, 120, 120))
    small = cut_crop(planes, pixels, Square(60, -8, 120, 48))
    assert np.abs(small - resize(whole.astype(np.float32), 48)).max() < 4


@pytest.mark.parametrize("name", ["yuv444p", "yuvj444p", "gbrp"])
@pytest.mark.parametrize("space", [1, 6, 9])
def test_colours_come_back(name, space) -> None:
    pixels = make_pixel_format(name, 8, 8, space)
    rgb = np.random.default_rng(4).uniform(20, 235, (8, 8, 3)).astype(np.float32)
    planes = rgb_to_planes(rgb, pixels)
    back = planes_to_rgb(tuple(np.rint(plane).astype(np.uint8) for plane in planes), pixels)
    assert np.abs(back - rgb).max() < 2.5


def test_white_and_black_are_what_the_standard_says() -> None:
    pixels = make_pixel_format("yuv420p", 2, 2, 1)
    white, black = (rgb_to_planes(np.full((2, 2, 3), value, np.float32), pixels) for value in (255, 0))
    assert [round(float(plane.flat[0])) for plane in white] == [235, 128, 128]
    assert [round(float(plane.flat[0])) for plane in black] == [16, 128, 128]
