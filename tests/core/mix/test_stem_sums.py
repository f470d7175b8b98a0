"""Checksums of stems by blocks of ten seconds."""

from __future__ import annotations

import os

import pytest
import toy

from rythmo.mix import stem_sums
from rythmo.mix.stem_sums import match_sums, record_sums, take_sums

NAMES = ("DX", "ME")
RATE = 48_000


@pytest.fixture
def project(tmp_path):
    (tmp_path / "stems").mkdir()
    for name in NAMES:
        toy.write_sound(tmp_path / "stems" / f"{name}.wav", scene=(), length=25 * RATE)
    record_sums(tmp_path, NAMES)
    return tmp_path


def change(project, name="ME", second=12.0, *, keep_time=False):
    path = project / "stems" / f"{name}.wav"
    before = path.stat()
    with path.open("rb+") as file:
        file.seek(44 + round(second * RATE) * 6)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 4]))
    if keep_time:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_stems_match_as_they_were_recorded(project):
    assert match_sums(project, NAMES, thorough=True)
    os.utime(project / "stems" / "DX.wav", (1, 1))
    assert match_sums(project, NAMES, thorough=False)


@pytest.mark.parametrize("second", [0.0, 9.99, 12.0, 24.9])
def test_a_flipped_sample_anywhere_is_seen(project, second):
    change(project, second=second)
    assert not match_sums(project, NAMES, thorough=False)


def test_a_flip_that_changed_no_time_is_seen_by_a_thorough_look(project):
    change(project, keep_time=True)
    assert match_sums(project, NAMES, thorough=False)
    assert not match_sums(project, NAMES, thorough=True)


def test_after_an_edit_only_its_blocks_are_read(project, monkeypatch):
    """A change in another block than the edit's stays a change."""
    change(project, second=2.0)
    change(project, second=22.0)
    record_sums(project, NAMES, take_sums(project), [(21 * RATE, 23 * RATE)])
    assert not match_sums(project, NAMES, thorough=True)
    record_sums(project, NAMES, take_sums(project), [(0, 3 * RATE)])
    assert match_sums(project, NAMES, thorough=True)


def test_without_a_record_the_stems_are_taken_as_they_are(project):
    take_sums(project)
    change(project)
    assert match_sums(project, NAMES, thorough=True)
    assert not stem_sums.has_sums(project)
