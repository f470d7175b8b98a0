"""How long the stages of a project were at work, beside what was guessed before."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import toy

from rythmo.cli import main
from rythmo.dubbing import effort
from rythmo.dubbing.pipeline import Job, dub
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.engines.timing import Clock, Work, merge_work
from rythmo.errors import EngineFailedError
from rythmo.project.workspace import Project
from rythmo.settings import DeliverSettings, Settings

SETTINGS = Settings(deliver=DeliverSettings("srt"))


def test_a_clock_counts_from_many_threads():
    clock = Clock()

    def work(number: int) -> None:
        with clock.at_work("voice", "toy"):
            assert number >= 0

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(40)))
    (done,) = clock.taken()
    assert (done.stage, done.engine, done.requests) == ("voice", "toy", 40)
    assert done.seconds > 0
    assert clock.taken() == ()


def test_work_that_failed_counts_too():
    clock = Clock()
    with pytest.raises(EngineFailedError), clock.at_work("voice", "toy"):
        raise EngineFailedError("no", hint="none")
    assert clock.taken()[0].requests == 1


def test_work_of_one_engine_adds_up():
    two = merge_work([Work("voice", "a", 1, 2.0), Work("mix", "b", 1, 1.0), Work("voice", "a", 2, 0.5)])
    assert two == (Work("voice", "a", 3, 2.5), Work("mix", "b", 1, 1.0))


def test_a_project_keeps_what_its_runs_took(tmp_path, capsys):
    source = toy.write_sound(tmp_path / "toy.wav")
    calls = fakes.Calls(seconds={Kind.VOICE: 0.15})
    first = dub(Job(source, "es", "en", tmp_path), SETTINGS, engines=fakes.specs(calls))
    took = {work.stage: work for work in first.work}
    assert took["voice"].requests == len(first.script.lines) and took["voice"].seconds >= 0.15 * 5
    assert {"extract", "separator", "diarizer", "transcriber", "translator", "mix", "measure"} <= set(took)
    assert effort.so_far(first.project) == first.work
    again = dub(Job(source, "es", "en", tmp_path), SETTINGS, engines=fakes.specs(calls))
    assert not {"voice", "transcriber"} & {work.stage for work in again.work}, "nothing is done twice"
    whole = {work.stage: work.requests for work in effort.so_far(first.project)}
    assert whole["voice"] == took["voice"].requests and whole["mix"] == 2
    assert main(["estimate", str(first.project.root)]) == 0
    assert "at work: voice 1 s" in capsys.readouterr().out
    assert main(["estimate", str(first.project.root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["so_far"]
    assert {one["stage"] for one in told["work"]} == set(whole)


def test_a_record_that_cannot_be_read_counts_as_none(tmp_path):
    project = Project(tmp_path)
    (tmp_path / effort.FILE).write_text("?")
    assert effort.so_far(project) == ()
    assert effort.add(project, (Work("mix", "rythmo", 1, 1.0),)) == (Work("mix", "rythmo", 1, 1.0),)


def test_it_is_told_in_the_order_of_the_work_and_trifles_are_not():
    works = (Work("voice", "a", 3, 200.0), Work("extract", "b", 1, 0.1), Work("separator", "c", 1, 12.2))
    assert effort.told(works) == "separator 12 s, voice 3 min"
    assert effort.told(()) == ""
