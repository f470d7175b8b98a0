"""Frames as the planes that a film holds: read, written and read again without a changed sample."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from rythmo.errors import CancelledError, MediaError, OutputError
from rythmo.media import ffmpeg
from rythmo.media.planes import find_pixel_format, make_pixel_format, read_planes, write_planes
from rythmo.media.probe import probe
from rythmo.progress import CancelToken

FFV1 = {"c:v": "ffv1", "level": 3, "threads": 1, "format": "matroska"}


def make_frames(pixels, count=6):
    rng = np.random.default_rng(5)
    most = 1 << pixels.bits
    return [
        tuple(rng.integers(0, most, shape).astype(pixels.dtype) for shape in pixels.shapes)
        for _ in range(count)
    ]


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "yuv444p12le", "gbrp"])
def test_what_is_written_is_read_again(tmp_path, name) -> None:
    pixels = make_pixel_format(name, 98, 54, 1)
    pixels = replace(pixels, colours=(0 if name == "gbrp" else 1, 1, 1))
    frames, path = make_frames(pixels), tmp_path / "film.mkv"
    write_planes(
        frames, pixels, path, Fraction(25), {**FFV1, "pix_fmt": pixels.name}, title="S1_0001_shot001"
    )
    info = probe(path, need_sound=False)
    found = find_pixel_format(info)
    assert found == pixels
    back = list(read_planes(info, found, 0, len(frames)))
    assert len(back) == len(frames)
    for before, after in zip(frames, back, strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    (third,) = read_planes(info, found, 2, 3)
    assert np.array_equal(third[0], frames[2][0])


def test_a_frame_that_cannot_be_made_ends_the_writing(tmp_path) -> None:
    pixels = make_pixel_format("yuv420p", 98, 54)

    def broken():
        yield from make_frames(pixels, 2)
        raise MediaError("The film ends here.")

    with pytest.raises(MediaError, match="ends here"):
        write_planes(broken(), pixels, tmp_path / "film.mkv", Fraction(25), FFV1)
    assert list(tmp_path.iterdir()) == []


def test_a_cancel_and_a_wrong_codec(tmp_path) -> None:
    pixels, cancel = make_pixel_format("yuv420p", 98, 54), CancelToken()

    def stopping():
        yield from make_frames(pixels, 1)
        cancel.cancel()
        yield from make_frames(pixels, 1)

    with pytest.raises(CancelledError):
        write_planes(stopping(), pixels, tmp_path / "film.mkv", Fraction(25), FFV1, cancel=cancel)
    with pytest.raises((MediaError, OutputError)):
        ffmpeg.feed(
            ["-f", "rawvideo", "-i", "pipe:0", "-c:v", "nothing", str(tmp_path / "x.mkv")],
            [bytes(1 << 20)] * 64,
        )


def test_formats_without_a_planar_twin_and_those_with_one() -> None:
    assert make_pixel_format("nv12", 4, 4).name == "yuv420p"
    assert make_pixel_format("pal8", 4, 4).name == "yuv444p16le"
    assert make_pixel_format("yuvj422p", 4, 4).full_range
    assert make_pixel_format("yuv420p", 1920, 1080).matrix == "709"
    assert make_pixel_format("yuv420p", 640, 480).matrix == "601"
