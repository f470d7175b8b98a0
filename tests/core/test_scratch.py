"""Folders for temporary files: removed by whoever made them, or at the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rythmo.scratch import scratch_folder, sweep_scratch

HOLDER = """
import sys
from pathlib import Path
from rythmo.scratch import scratch_folder
with scratch_folder("engine", Path(sys.argv[1])) as folder:
    (folder / "left").mkdir()
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_there_for_the_block_only(tmp_path):
    with scratch_folder("film", tmp_path) as folder:
        (folder / "x").write_text("x", "utf-8")
        sweep_scratch(tmp_path)
        assert (folder / "x").is_file(), "a folder in use stays"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_the_folder_of_a_killed_process_is_swept(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        folder = Path(holder.stdout.readline().strip())
        sweep_scratch(tmp_path)
        assert folder.is_dir(), "its process lives"
        os.kill(holder.pid, signal.SIGKILL)
    sweep_scratch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_folders_stay(tmp_path):
    (tmp_path / "rythmo-mine").mkdir()
    (tmp_path / "rythmo-mine" / "x").write_text("x", "utf-8")
    (tmp_path / "rythmo-new").mkdir()
    (tmp_path / "else").mkdir()
    old = 10**9
    os.utime(tmp_path / "rythmo-mine", (old, old))
    sweep_scratch(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["else", "rythmo-mine", "rythmo-new"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "in-use.lock").write_text("", "utf-8")
    (tmp_path / "swept").mkdir()
    (tmp_path / "swept" / "rythmo-link").symlink_to(victim)
    sweep_scratch(tmp_path / "swept")
    assert (victim / "in-use.lock").is_file()
