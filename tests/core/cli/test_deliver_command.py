"""`rythmo deliver`: how it is mixed, what a mixer receives, and what stays with the project."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import soundfile
from wavinfo import WavInfoReader

from rythmo.media import ffmpeg
from rythmo.mix.stem_update import read_last_master
from rythmo.settings_file import resolve_settings


def measured(path) -> tuple[float, float]:
    """(LUFS, dBTP) of a file, by FFmpeg's own meter."""
    command = [
        ffmpeg.find_executable(),
        "-nostats",
        "-i",
        str(path),
        "-af",
        "ebur128=peak=true",
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    loudness, peak = (
        re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1],
        re.findall(r"Peak:\s+(-?[\d.]+)", said)[-1],
    )
    return float(loudness), float(peak)


def test_a_loudness_is_met_and_the_next_edit_keeps_it(call, project):
    assert call("deliver", project, "--loudness", "r128", "--formats", "srt")[0] == 0
    mix = project.root / "stems" / "MIX.wav"
    loudness, peak = measured(mix)
    assert loudness == pytest.approx(-23.0, abs=0.2)
    assert peak <= -1.0
    assert resolve_settings(file=project.root / "settings.toml").mix.loudness == "r128"
    master = read_last_master(project.root)
    code, _ = call("line", project, project.load().lines[1].id, "--translation", "otra cosa dicha")
    assert code == 0
    assert read_last_master(project.root) == master, "the gain of the mix stays"
    assert measured(mix)[0] == pytest.approx(-23.0, abs=1.0), "one line of five is another"
    stems = [soundfile.read(mix.with_name(f"{name}.wav"), dtype="int32")[0] for name in ("DX", "ME", "MIX")]
    assert not np.any(stems[0] + stems[1] - stems[2])


def test_what_the_turnover_asks_does_not_change_the_project(call, project):
    words = ("--two-pop", "--tail-pop", "--stem-layout", "source", "--stem-names", "{show}-{stem}")
    before = (project.root / "settings.toml").read_bytes()
    code, said = call("deliver", project, *words, "--formats", "srt")
    assert code == 0
    assert (project.root / "settings.toml").read_bytes() == before
    path = next(path for path in said["deliveries"] if path.endswith("turnover/toy-DX_S1.wav"))
    info = WavInfoReader(path)
    lead = soundfile.info(path).frames - soundfile.info(project.root / "stems" / "DX.wav").frames
    assert info.bext.time_reference == 3600 * 48_000 * 1001 // 1000 - 48 * 2002, "two seconds of timecode"
    assert lead == 2 * 48 * 2002 + 2002, "the pop before, the pop after and its frame"
    assert soundfile.info(path).channels == 2


@pytest.mark.parametrize("words", [("--stretcher", "elastique"), ("--loudness", "loud")])
def test_names_that_do_not_exist_are_refused_before_any_work(call, project, words):
    before = (project.root / "stems" / "MIX.wav").stat().st_mtime_ns
    code, said = call("deliver", project, *words)
    assert (code, said["event"]) == (2, "error")
    assert (project.root / "stems" / "MIX.wav").stat().st_mtime_ns == before
