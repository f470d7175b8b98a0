"""What is no longer whole is made again: the check agrees with the reader of sound."""

import numpy as np
import pytest

from rythmo.errors import MediaError
from rythmo.media.audio import Audio
from rythmo.media.riff import read_header
from rythmo.media.wav import write_wav
from rythmo.project.wave_check import is_whole_wave


@pytest.fixture
def wave(tmp_path):
    path = tmp_path / "x.wav"
    write_wav(path, Audio(np.zeros((2, 999), np.float32), 48_000))
    return path


def test_what_we_write_is_whole(wave):
    assert is_whole_wave(wave)


@pytest.mark.parametrize("size", [0, 1, 11, 30, 44, 50, 3000])
def test_what_was_cut_is_not(wave, size):
    wave.write_bytes(wave.read_bytes()[:size])
    assert not is_whole_wave(wave)


@pytest.mark.parametrize("at", range(44))
def test_a_flipped_header_is_judged_no_kinder_than_by_the_reader(wave, at):
    data = bytearray(wave.read_bytes())
    data[at] ^= 0xFF
    wave.write_bytes(data)
    try:
        read_header(wave)
    except MediaError:
        assert not is_whole_wave(wave)


def test_what_is_not_there_is_not_whole(tmp_path):
    assert not is_whole_wave(tmp_path / "none.wav")
    assert not is_whole_wave(tmp_path)
