"""The independent renderer: Debian's melt renders our MLT, and every impulse lands on its sample."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from rythmo.media.wav import WavReader
from rythmo_bridge.deliver import deliver

pytestmark = pytest.mark.skipif(
    shutil.which("melt") is None, reason="melt is not installed (apt install melt)"
)


def _render(folder, script):
    (path,) = deliver(folder, script, ["mlt"], source=None)
    out = folder / "out.wav"
    consumer = [f"avformat:{out}", "acodec=pcm_s24le", "vn=1", "ar=48000", "ac=2", "real_time=0"]
    _melt([str(path), "-silent", "-consumer", *consumer, "terminate_on_pause=1"])
    with WavReader(out) as reader:
        return reader.read(0, reader.length)


def _melt(arguments):
    """melt 7.12 takes 3 s for this, and on a busy machine now and then never ends: then it is asked again."""
    for _ in range(4):
        try:
            return subprocess.run(
                ["melt", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=45
            )
        except subprocess.TimeoutExpired:
            continue
    pytest.fail("melt did not end in four tries")


def test_melt_hears_every_take_on_its_sample(any_rate):
    sound = _render(any_rate.folder, any_rate.script)
    heard = np.flatnonzero(np.abs(sound[0]) > 0.01)
    assert heard.tolist() == [line.placement.start + any_rate.pulse for line in any_rate.script.lines]
    # As loud as the take, on both sides, beside a stereo M&E.
    assert sound[:, heard] == pytest.approx(np.full((2, len(heard)), 0.5), abs=1e-6)


def test_melt_does_not_hear_what_is_switched_off(dub):
    speaker = replace(dub.script.speakers[0], name="Ana")
    lines = tuple(line for line in dub.script.lines if line.speaker == "S2")
    sound = _render(dub.folder, replace(dub.script, speakers=(speaker, dub.script.speakers[1]), lines=lines))
    heard = np.flatnonzero(np.abs(sound[0]) > 0.01)
    assert heard.tolist() == [line.placement.start + dub.pulse for line in lines]
