"""A worker process: one at a time in its lane, whoever started it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from rythmo_plugin.service.config import ServiceSettings


def start(lane: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rythmo_plugin.service.worker", str(lane)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_lane_is_held_until_its_worker_ends(tmp_path):
    lane = tmp_path / "worker.lock"
    with start(lane) as first:
        assert b"ready" in first.stdout.readline()
        with pytest.raises(Timeout):
            FileLock(lane).acquire(timeout=0)
        with start(lane) as second:
            first.stdin.close()
            assert b"ready" in second.stdout.readline()
            first.wait(30)  # it has nothing left to do, and said nothing more
            assert first.stdout.read() == b""
            second.stdin.close()
    FileLock(lane).acquire(timeout=30).lock.release()


def test_python_files_in_the_folder_that_the_service_was_started_in_are_no_modules(tmp_path):
    """A received folder may hold a numpy.py; `python -m` would import it."""
    for name in ("numpy.py", "msgspec.py"):
        (tmp_path / name).write_text("open('canary', 'w')\n", "utf-8")
    command = ServiceSettings(home=tmp_path, token="t").worker
    done = subprocess.run(
        [*command, str(tmp_path / "lock")],
        check=False,
        cwd=tmp_path,
        input=b"",
        capture_output=True,
        timeout=60,
    )
    assert b"ready" in done.stdout
    assert not (tmp_path / "canary").exists()
