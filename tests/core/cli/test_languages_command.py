"""Several languages of one project, on the command line."""

from __future__ import annotations

import json
import os

import edited_timeline
import pytest
import toy

from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.project.workspace import Project
from rythmo.script import store
from rythmo.settings import DeliverSettings, Settings
from rythmo_bridge.formats.registry import read_timeline

LISTENING = (Kind.SEPARATOR, Kind.DIARIZER, Kind.TRANSCRIBER)
"""The embedder is left out: quality control hears with it whether the voices of each dub stay the same."""


@pytest.fixture
def further(project, dubbed):
    """The dubbed toy film with Portuguese, worked on last."""
    film = dubbed.root.parent / "toy.mp4"
    job = Job(film, "pt", "en", project.root.parent)
    pipeline.dub(job, Settings(deliver=DeliverSettings("otio")), engines=fakes.specs())
    return Project(project.root / "languages" / "pt")


@pytest.fixture
def say(capsys):
    """Runs a command for people: the exit code and what it said."""

    def run(*words):
        code = main([*map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


def test_one_command_dubs_into_several_languages(tmp_path, monkeypatch, calls, capsys):
    toys = fakes.specs(calls)
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])
    film = toy.write_film(tmp_path / "toy.mp4")
    words = ["--from", "en", "--to", "es,pt-br,fr", "--deliver", "otio,srt", "--out", str(tmp_path)]
    assert main(["dub", "--json", str(film), *words]) == 0
    said = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    done = [event for event in said if event["event"] == "done"]
    assert [event["language"] for event in done] == ["es", "pt", "fr"]
    assert [calls.count[kind] for kind in LISTENING] == [1, 1, 1]
    for language, event in zip(("es", "pt", "fr"), done, strict=True):
        names = {os.path.basename(path) for path in event["deliveries"]}  # noqa: PTH119 - of strings
        assert {f"toy.{language}.otio", f"toy.{language}.srt", "MIX.wav"} <= names
    assert sorted(path.name for path in tmp_path.glob("*.rythmo")) == ["toy.rythmo"]


def test_a_command_is_about_the_language_worked_on_last_and_says_so(say, project, further):
    line = further.load().lines[0]
    code, said = say("line", project.root, line.id)
    assert code == 0
    assert "pt: " in said
    assert "worked on last" in said
    code, said = say("line", project.root, line.id, "--language", "es")
    assert "es: " in said
    assert "worked on last" not in said


def test_a_project_of_one_language_needs_no_choice(say, project):
    code, said = say("line", project.root, project.load().lines[0].id)
    assert (code, "worked on last" in said) == (0, False)


def test_a_correction_names_the_languages_that_it_makes_out_of_date(say, project, further):
    line = further.load().lines[0]
    code, said = say("line", project.root, line.id, "--language", "es", "--text", "said")
    assert code == 0
    assert "Out of date in Portuguese: 1 line" in said
    code, said = say("deliver", project.root, "--language", "pt")
    assert (code, "Out of date" in said) == (0, False)
    assert further.load().line(line.id).translation == "pt: said"
    assert store.load_script(project.script_file).line(line.id).text == "said"


def test_a_conform_of_one_language_moves_its_lines_and_no_others(say, project, further, tmp_path):
    line, before = further.load().lines[2], store.load_script(project.script_file)
    delivered = further.root / "deliver" / "pt" / "toy.pt.otio"
    edited = edited_timeline.moved(delivered, line.id, 4800, tmp_path / "edited.otio")
    code, said = say("conform", project.root, edited, "--language", "pt", "--apply")
    assert (code, "Out of date" in said) == (0, False)
    moved = further.load().line(line.id)
    assert (moved.start, moved.original_range) == (line.start + 4800, line.original_range)
    assert project.load() == before


def test_timelines_of_a_further_language_are_told_apart(further):
    timeline = read_timeline(further.root / "deliver" / "pt" / "toy.pt.otio")
    assert (timeline.name, timeline.language) == ("toy pt", "pt")
    names = [track.name for track in timeline.tracks if track.speaker]
    assert names == ["DX Speaker 1 pt", "DX Speaker 2 pt", "DX Speaker 3 pt"]


def test_a_language_that_the_project_does_not_have_is_named(say, project, further):
    code, said = say("qc", project.root, "--language", "fr")
    assert code == 2
    assert "not dubbed into French" in said
    assert "es, pt" in said


def test_people_are_named_once_for_all_languages(say, project, further):
    assert say("speakers", project.root, "--language", "pt", "--rename", "S1=Anna")[0] == 0
    assert "Anna" in say("speakers", project.root, "--language", "es")[1]


def test_a_translation_is_for_one_language(say, project, tmp_path):
    (tmp_path / "x.srt").write_text("")
    code, said = say("dub", "film.mp4", "--to", "es,pt", "--translation", tmp_path / "x.srt")
    assert (code, "one language" in said) == (2, True)
