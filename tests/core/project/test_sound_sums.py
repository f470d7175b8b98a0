"""Checksums of sounds: a flipped sample is seen when the time of change is new, else by a thorough look."""

from __future__ import annotations

import os

import pytest
import toy

from rythmo.project.sound_sums import SoundSums


@pytest.fixture
def wave(tmp_path):
    (tmp_path / "takes").mkdir()
    return toy.write_sound(tmp_path / "takes" / "a.wav", scene=(), length=4800)


def flip(path, at=-5):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def recorded(tmp_path, wave):
    sums = SoundSums(tmp_path)
    sums.record(wave)
    sums.save()


def test_a_sound_is_what_was_recorded(tmp_path, wave):
    recorded(tmp_path, wave)
    assert SoundSums(tmp_path).holds(wave)
    assert SoundSums(tmp_path, thorough=True).holds(wave)


def test_a_flipped_sample_is_seen(tmp_path, wave):
    recorded(tmp_path, wave)
    flip(wave)
    assert not SoundSums(tmp_path).holds(wave)


def test_a_flip_that_changed_no_time_is_seen_by_a_thorough_look(tmp_path, wave):
    recorded(tmp_path, wave)
    before = wave.stat()
    flip(wave)
    os.utime(wave, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert SoundSums(tmp_path).holds(wave)
    assert not SoundSums(tmp_path, thorough=True).holds(wave)


def test_a_copy_with_another_time_is_the_same_sound(tmp_path, wave):
    recorded(tmp_path, wave)
    os.utime(wave, (1, 1))
    assert SoundSums(tmp_path).holds(wave)


def test_what_was_never_recorded_is_taken_as_it_is(tmp_path, wave):
    assert SoundSums(tmp_path).holds(wave)
    assert not SoundSums(tmp_path).holds(tmp_path / "takes" / "none.wav")


@pytest.mark.parametrize("damage", [b"", b"{", b'{"takes/a.wav": [1, 2, 3]}\n#00000000\n'])
def test_damaged_checksums_are_begun_anew(tmp_path, wave, damage):
    recorded(tmp_path, wave)
    (tmp_path / "cache" / "sounds.json").write_bytes(damage)
    assert SoundSums(tmp_path, thorough=True).holds(wave)
