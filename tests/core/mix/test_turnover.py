"""Stems as a mixer receives them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from rythmo.errors import MediaError, UsageError
from rythmo.media.bwf import BwfWriter
from rythmo.media.pcm24 import Pcm24Reader
from rythmo.media.riff import read_header
from rythmo.mix.mix_plan import plan_mix
from rythmo.mix.render import render_stems
from rythmo.mix.turnover import TurnoverSettings, write_turnover
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import Placement, Take, VoiceRef

RATE = 48_000


@pytest.fixture
def show(tmp_path: Path) -> Script:
    """Three seconds in 5.1 at 23.976, one line of one speaker."""
    with BwfWriter(tmp_path / "takes/placed/S1_0001_t01.wav", RATE, 1, length=RATE) as writer:
        writer.write(np.arange(1, RATE + 1, dtype=np.int32)[np.newaxis])
    take = Take("t01", "takes/S1_0001_t01.wav", RATE, "x", "e", VoiceRef("e", "v"))
    line = Line("S1_0001", "S1", RATE, 2 * RATE, "x", takes=(take,), chosen="t01")
    line = replace(line, placement=Placement(RATE, 2 * RATE, 2 * RATE))
    programme = Programme("A: show", "a.mov", 3 * RATE, RATE, 6, Fraction(24000, 1001), start_frame=86400)
    script = Script(programme, "en", "es", (Speaker("S1", "Ana/Eva"),), (line,))
    render_stems(plan_mix(script), tmp_path, lambda a, b: np.full((6, b - a), 5, np.int32))
    return script


def steps(path: Path) -> np.ndarray:
    with Pcm24Reader(path) as reader:
        return reader.read_int(0, reader.length)


def test_names_and_content(tmp_path, show):
    made = write_turnover(tmp_path, show, tmp_path / "out")
    assert [p.name for p in made] == [f"A_ show_es_{n}.wav" for n in ("DX_S1", "DX", "ME", "MIX")]
    for path, name in zip(made, ("DX_S1", "DX", "ME", "MIX"), strict=True):
        assert np.array_equal(steps(path), steps(tmp_path / "stems" / f"{name}.wav"))


def test_speakers_by_name(tmp_path, show):
    settings = TurnoverSettings("{stem} ({speaker})")
    assert write_turnover(tmp_path, show, tmp_path / "out", settings)[0].name == "DX_S1 (Ana_Eva).wav"


def test_dialogue_in_the_layout_of_the_programme(tmp_path, show):
    made = write_turnover(tmp_path, show, tmp_path / "out", TurnoverSettings(wide=True))
    wide = steps(made[0])
    assert wide.shape == (6, 3 * RATE)
    assert np.array_equal(wide, steps(made[1])), "one speaker: the stem is the whole dialogue"


def test_pops_two_seconds_of_timecode_before_and_after(tmp_path, show):
    made = write_turnover(tmp_path, show, tmp_path / "out", TurnoverSettings(head_pop=True, tail_pop=True))
    lead, frame = 96_096, 2002  # 48 frames at 23.976, and one
    for path in made:
        header = read_header(path)
        assert header.time_reference == 172_972_800 - lead
        assert header.length == 3 * RATE + 2 * lead + frame
        sound = steps(path)
        for pop in (sound[:, :frame], sound[:, -frame:]):
            assert np.abs(pop).max() == pytest.approx(0.1 * (1 << 23), rel=0.001)
        assert not sound[:, frame:lead].any()
        assert not sound[:, -lead - frame : -frame].any()
    mix, dx, me = (steps(path)[:, lead : lead + 3 * RATE] for path in (made[3], made[1], made[2]))
    assert np.array_equal(mix, dx + me)


@pytest.mark.parametrize("template", ["{show}", "{nobody}_{stem}", "{stem", "fixed"])
def test_templates_that_make_no_good_names_are_refused(tmp_path, show, template):
    with pytest.raises(UsageError):
        write_turnover(tmp_path, show, tmp_path / "out", TurnoverSettings(template))
    assert not (tmp_path / "out").exists()


def test_no_pop_before_midnight(tmp_path, show):
    early = replace(show, programme=replace(show.programme, start_frame=0))
    with pytest.raises(UsageError, match="midnight"):
        write_turnover(tmp_path, early, tmp_path / "out", TurnoverSettings(head_pop=True))


def test_without_stems_it_says_so(tmp_path, show):
    (tmp_path / "stems" / "DX.wav").unlink()
    with pytest.raises(MediaError, match="does not exist"):
        write_turnover(tmp_path, show, tmp_path / "out")
