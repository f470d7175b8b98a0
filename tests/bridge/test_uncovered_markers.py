"""Speech without a line is a marker over its whole length, in every format that has markers."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.dubbed_script import SECOND, make_script

from rythmo.qc.intake import judge_intake
from rythmo.script.model import Flag, Remark
from rythmo_bridge.conform.conformed_script import plan_conform
from rythmo_bridge.formats.features import Feature
from rythmo_bridge.formats.registry import formats, read_timeline
from rythmo_bridge.script_timeline import script_timeline

FOUND = Remark(SECOND, Flag("uncovered-speech", "Ben speaks here."), 3 * SECOND)
READ_BACK = ("otio", "fcp7", "fcpxml")


def make_timeline():
    script = replace(
        make_script(), remarks=(replace(FOUND, flag=Flag("qc-uncovered-speech", "Ben speaks here.")),)
    )
    return script_timeline(script, Path("/nowhere/toy.rythmo"))


def test_the_marker_has_the_length_of_the_speech():
    marker = next(marker for marker in make_timeline().markers if "uncovered" in marker.name)
    assert (marker.start, marker.length) == (SECOND, 2 * SECOND)


@pytest.mark.parametrize("name", READ_BACK)
def test_every_format_with_markers_carries_it(tmp_path, name):
    chosen = formats()[name]
    assert Feature.MARKERS in chosen.keeps
    path, *_ = chosen.write(make_timeline(), tmp_path / f"cut{chosen.suffix}")
    back = next(marker for marker in read_timeline(path).markers if "uncovered" in marker.name)
    assert abs(back.start - SECOND) <= 2002 and abs(back.length - 2 * SECOND) <= 2002


def test_conform_keeps_the_finding():
    script = replace(make_script(), findings=(FOUND,))
    plan = plan_conform(script, ())
    assert plan.script.findings == (FOUND,)
    assert [finding.code for finding in judge_intake(plan.script)] == ["uncovered-speech"]
