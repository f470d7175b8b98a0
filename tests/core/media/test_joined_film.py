"""Pieces of a picture joined without encoding: every frame, at its time, and the pieces' own packets."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from rythmo.errors import MediaError
from rythmo.media.joined_film import join_pieces
from rythmo.media.planes import find_pixel_format, make_pixel_format, read_planes, write_planes
from rythmo.media.probe import probe

PIXELS = make_pixel_format("yuv420p", 64, 48)
CODEC = {"c:v": "libx264", "preset": "fast", "crf": 12, "pix_fmt": "yuv420p", "threads": 2, "format": "mp4"}


def frames(first, last):
    """A bright column that moves by a pixel each frame, over noise: there are B-frames."""
    for number in range(first, last):
        luma = np.random.default_rng(number).integers(60, 90, (48, 64), np.uint8)
        luma[:, number % 64] = 235
        grey = np.full((24, 32), 128, np.uint8)
        yield luma, grey, grey


def write(folder, spans, rate, codec=CODEC):
    paths = [folder / f"{first}.mp4" for first, _ in spans]
    for path, span in zip(paths, spans, strict=True):
        write_planes(frames(*span), PIXELS, path, rate, codec)
    return paths


def packets(path):
    with av.open(str(path)) as file:
        return [
            (one.pts * one.time_base, one.dts * one.time_base, bytes(one)) for one in file.demux() if one.size
        ]


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(24000, 1001)])
def test_the_film_is_its_pieces_one_after_the_other(rate, tmp_path) -> None:
    spans = [(0, 31), (31, 32), (32, 60), (60, 62)]
    pieces = write(tmp_path, spans, rate)
    whole = tmp_path / "whole.mp4"
    join_pieces(pieces, rate, whole, "mp4")
    found = packets(whole)
    assert [data for *_, data in found] == [data for piece in pieces for *_, data in packets(piece)]
    assert sorted(shown for shown, *_ in found) == [number / rate for number in range(62)]
    decoded = [at for _, at, _ in found]
    assert all(one < two for one, two in pairwise(decoded))
    info = probe(whole, need_sound=False)
    assert (info.video.frames, info.video.frame_rate, info.video.variable_rate) == (62, rate, False)
    for planes, number in zip(read_planes(info, find_pixel_format(info), 0, 62), range(62), strict=True):
        assert planes[0].mean(axis=0).argmax() == number % 64


def test_the_same_pieces_give_the_same_bytes(tmp_path) -> None:
    pieces = write(tmp_path, [(0, 12), (12, 20)], Fraction(25))
    for name in ("one.mp4", "two.mp4"):
        join_pieces(pieces, Fraction(25), tmp_path / name, "mp4")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_pieces_that_do_not_fit_are_refused(tmp_path) -> None:
    pieces = write(tmp_path, [(0, 12)], Fraction(25))
    other = write(tmp_path, [(12, 20)], Fraction(25), {**CODEC, "preset": "ultrafast"})
    with pytest.raises(MediaError, match="another way"):
        join_pieces([*pieces, *other], Fraction(25), tmp_path / "whole.mp4", "mp4")
    other[0].write_bytes(b"no film")
    with pytest.raises(MediaError, match="cannot be joined"):
        join_pieces([*pieces, *other], Fraction(25), tmp_path / "whole.mp4", "mp4")
