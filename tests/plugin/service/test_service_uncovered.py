"""Speech that no line covers: told, made a line of or left, and undone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from rythmo.qc.intake import UNCOVERED
from rythmo.script.model import Flag, Remark, Severity


def told(service, project):
    return service.call("GET", f"/projects/{project['id']}")


@pytest.fixture
def stretch(service, project):
    """A stretch of speech in the longest silence between lines, put into the script's findings."""
    edges = [(0, 0), *((line["start"], line["end"]) for line in project["lines"])]
    edges.append((project["programme"]["length"], 0))
    start, end = max(
        ((before[1], after[0]) for before, after in pairwise(edges)),
        key=lambda gap: gap[1] - gap[0],
    )
    remark = Remark(start, Flag(UNCOVERED, "Somebody speaks and no line says it."), end)
    open_ = service.services.projects.get(project["id"])
    open_.edit(lambda script: replace(script, findings=(remark,)))
    return start, end


def test_a_stretch_becomes_a_line_and_is_undone(service, project, stretch):
    start, end = stretch
    found = [(one["start"], one["end"]) for one in told(service, project)["uncovered"]]
    assert found == [stretch]

    asked = {"start": start, "end": end, "text": "a7"}
    made = service.call("POST", f"/projects/{project['id']}/lines", asked)
    service.until(made["job"]["id"])
    service.quiet(project["id"])
    after = told(service, project)
    line = next(one for one in after["lines"] if one["id"] == made["line"]["id"])
    assert (line["start"], line["end"], line["text"], line["translation"]) == (start, end, "a7", "es: a7")
    assert line["chosen"]
    assert after["uncovered"] == []

    service.call("POST", f"/projects/{project['id']}/undo")
    service.quiet(project["id"])
    back = told(service, project)
    assert [one["id"] for one in back["lines"]] == [one["id"] for one in project["lines"]]
    assert len(back["uncovered"]) == 1


def test_a_stretch_is_left_and_that_is_undone(service, project, stretch):
    start, end = stretch
    service.call("POST", f"/projects/{project['id']}/speech/leave", {"start": start, "end": end})
    assert told(service, project)["uncovered"] == []
    service.call("POST", f"/projects/{project['id']}/undo")
    assert len(told(service, project)["uncovered"]) == 1


@pytest.mark.parametrize("asked", [{"start": 5, "end": 5}, {"start": 0, "end": 8_000_000_000}])
def test_what_is_no_stretch_of_the_programme_is_refused(service, project, asked):
    status, answer = service.ask("POST", f"/projects/{project['id']}/speech/leave", asked)
    assert (status, answer["error"]["code"]) == (422, "script")
    status, _ = service.ask("POST", f"/projects/{project['id']}/lines", {**asked, "text": "a7"})
    assert status == 422


def test_a_stretch_without_a_word_says_so(service, project, stretch):
    assert [one["words"] for one in told(service, project)["uncovered"]] == [True]
    remark = Remark(stretch[0], Flag(UNCOVERED, "Something like a voice.", Severity.INFO), stretch[1])
    service.services.projects.get(project["id"]).edit(lambda script: replace(script, findings=(remark,)))
    assert [one["words"] for one in told(service, project)["uncovered"]] == [False]
