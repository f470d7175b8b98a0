"""What the fit flagged and what quality control reports of it are the same, for any lines and takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from fit_scenes import S, fit_scenes
from hypothesis import given, settings

from rythmo.qc.findings import BAND, Limits, judge_line, summarise_fit
from rythmo.qc.line_measures import describe_line
from rythmo.script.fit import plan_fit
from rythmo.script.fit_reasons import FIT_CODES
from rythmo.script.slots import find_slots


@settings(max_examples=150, deadline=None)
@given(fit_scenes())
def test_the_sum_of_flags_is_what_is_reported(scene):
    lines, takes, length = scene
    found = find_slots(lines, length)
    raised: Counter[tuple[str, str]] = Counter()
    told: Counter[tuple[str, str]] = Counter()
    measures = []
    for line in lines:
        decision = plan_fit(line, takes[line.id], found[line.id])
        raised.update((line.id, flag.code) for flag in decision.flags)
        planned = replace(line, placement=decision.placement).add_flags(*decision.flags)
        measures.append(describe_line(planned))
        findings = [(finding.line, finding.code) for finding in judge_line(measures[-1], Limits(), S)]
        told.update(one for one in findings if one[1] in (*FIT_CODES, "too-fast"))
        assert len(set(findings)) == len(findings), "nothing is told twice"
    more = told - raised
    assert not raised - told, "every flag is reported"
    assert {code for _, code in more} <= {"short"}, "and nothing else but lines that QC holds to its own band"
    fit = summarise_fit(measures)
    assert fit.placed == len(lines) == sum(count for _, count in fit.histogram)
    inside = [line for line in measures if line.fit is not None and BAND[0] <= line.fit <= BAND[1]]
    assert fit.in_band == len(inside)
