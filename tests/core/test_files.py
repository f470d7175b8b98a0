"""Whole files or none."""

import errno
from pathlib import Path

import pytest

from rythmo import files
from rythmo.errors import OutputError


def test_the_old_file_stays_when_writing_fails(tmp_path):
    target = tmp_path / "script.json"
    files.write_atomically(target, b"old")

    def fails(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="disk is full"):
        files.make_atomically(target, fails)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["script.json"]


def test_errors_that_are_not_the_disks_pass_and_leave_nothing(tmp_path):
    def fails(path: Path) -> None:
        path.write_bytes(b"half")
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        files.make_atomically(tmp_path / "x.wav", fails)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError) as caught:
        files.require_writable(tmp_path / "file" / "folder")
    assert "--out" in caught.value.hint
