"""24-bit samples in and out: against struct, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from rythmo.errors import MediaError
from rythmo.media.audio import Audio
from rythmo.media.bwf import BwfWriter
from rythmo.media.pcm24 import Pcm24Reader, pack, unpack
from rythmo.media.wav import WavReader, write_wav

_steps = arrays(
    np.int32,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40),
    elements=st.integers(-(1 << 23), (1 << 23) - 1),
)


@settings(max_examples=200, deadline=None)
@given(_steps)
def test_packing_is_little_endian_interleaved_and_unpacking_its_inverse(steps):
    expected = b"".join(int(value).to_bytes(3, "little", signed=True) for value in steps.T.reshape(-1))
    assert bytes(pack(steps)) == expected
    assert np.array_equal(unpack(expected, steps.shape[0]), steps)


def test_extremes_and_nothing():
    edge = np.array([[-(1 << 23), (1 << 23) - 1, -1, 0, 1]], np.int32)
    assert np.array_equal(unpack(pack(edge), 1), edge)
    assert bytes(pack(np.zeros((2, 0), np.int32))) == b""
    assert unpack(b"", 6).shape == (6, 0)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_it_reads_what_libsndfile_reads(tmp_path, channels):
    steps = np.random.default_rng(0).integers(-(1 << 23), 1 << 23, (channels, 5000), dtype=np.int32)
    with BwfWriter(tmp_path / "a.wav", 48_000, channels, length=5000) as writer:
        writer.write(steps)
    with Pcm24Reader(tmp_path / "a.wav") as ours, WavReader(tmp_path / "a.wav") as theirs:
        assert (ours.rate, ours.channels, ours.length) == (48_000, channels, 5000)
        for start, count in ((0, 5000), (17, 100), (-50, 60), (4990, 100), (6000, 5)):
            assert np.array_equal(ours.read_int(start, count), theirs.read_int(start, count))


def test_other_files_are_refused(tmp_path):
    write_wav(tmp_path / "float.wav", Audio(np.zeros((1, 10), np.float32), 48_000), "FLOAT")
    (tmp_path / "text.wav").write_text("no sound at all")
    for name, match in (
        ("float.wav", "not 24-bit"),
        ("text.wav", "not a WAVE"),
        ("none.wav", "does not exist"),
    ):
        with pytest.raises(MediaError, match=match):
            Pcm24Reader(tmp_path / name)
