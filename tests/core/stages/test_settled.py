"""After an edit only the edited line is fitted again, and what comes out is what a whole run gives."""

from __future__ import annotations

from dataclasses import replace

import pytest
import toy

from rythmo.dubbing.pipeline import Job, dub, redo
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, FitSettings, Settings
from rythmo.stages import voice_line

SETTINGS = Settings(deliver=DeliverSettings("srt"))


@pytest.fixture
def fitted(monkeypatch):
    """The ids of lines that went through the fit."""
    ids: list[str] = []
    run = voice_line.run

    def counted(line, *arguments):
        ids.append(line.id)
        return run(line, *arguments)

    monkeypatch.setattr(voice_line, "run", counted)
    return ids


@pytest.fixture
def project(tmp_path):
    source = toy.write_sound(tmp_path / "toy.wav")
    return dub(Job(source, "es", "en", tmp_path), SETTINGS, engines=fakes.specs()).project


def test_an_edit_leaves_the_other_lines_settled(project, fitted):
    script = project.load()
    edited = replace(script.lines[1], translation="otra cosa", edited=("translation",))
    done = redo(project, script.with_line(edited), SETTINGS, engines=fakes.specs())
    assert fitted == [edited.id]
    others = [line for line in script.lines if line.id != edited.id]
    assert [line for line in done.script.lines if line.id != edited.id] == others


def test_other_limits_fit_every_line_again(project, fitted):
    script = project.load()
    strict = replace(SETTINGS, fit=FitSettings(hard_speed=1.25))
    redo(project, script, strict, engines=fakes.specs())
    assert sorted(fitted) == sorted(line.id for line in script.lines)


def test_a_take_that_is_gone_is_put_back(project, fitted):
    script = project.load()
    take = script.lines[0].take
    (project.root / take.file).unlink()
    redo(project, script, SETTINGS, engines=fakes.specs())
    assert fitted == [script.lines[0].id]
    assert (project.root / take.file).is_file()
