"""A project stays with the engines that made it, where the choice is left to Rythmo."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from rythmo.dubbing import pinned_engines, pipeline, project_edits
from rythmo.dubbing.pinned_engines import keep_separator, pin_engines
from rythmo.engines import registry
from rythmo.engines.base import Kind, Missing
from rythmo.engines.pool import EnginePool
from rythmo.errors import RythmoError
from rythmo.project.workspace import Project
from rythmo.script.model import Programme, Script
from rythmo.settings import DeliverSettings, EngineSettings, Settings

PROGRAMME = Programme("film", "film.mp4", 48_000, 48_000, 2, Fraction(25))


def made_by(**engines: str) -> Script:
    return Script(PROGRAMME, "en", "es", engines=engines)


def test_an_engine_that_is_ready_is_kept():
    pinned = pin_engines(Settings(), made_by(voice="espeak 1.52", diarizer="silero 5"))
    assert (pinned.engines.voice, pinned.engines.diarizer) == ("espeak", "silero")
    assert pinned.engines.translator == "auto"


def test_what_the_user_names_wins():
    named = Settings(engines=EngineSettings(voice="kokoro"))
    assert pin_engines(named, made_by(voice="espeak 1.52")) == named


@pytest.mark.parametrize("name", ["elevenlabs 1", "openai 1", "nothing 1", "", " ", "demucs 4"])
def test_engines_that_send_or_are_not_ready_are_never_pinned(name, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "key")
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    assert pin_engines(Settings(), made_by(voice=name, separator=name)) == Settings()


def test_only_the_kinds_that_are_asked_for_are_pinned():
    script = made_by(voice="espeak 1", diarizer="silero 5", lipsync="silero 5")
    pinned = pin_engines(Settings(), script, [Kind.DIARIZER])
    assert pinned == replace(Settings(), engines=EngineSettings(diarizer="silero"))
    assert pin_engines(Settings(), script).engines.voice == "espeak"


@pytest.mark.parametrize("change", ["redo", "edit", "undo"])
def test_every_change_of_a_finished_dub_is_made_with_its_engines(change, tmp_path, monkeypatch):
    """On the command line too: an edit of one line is no reason for another voice."""
    project = Project(tmp_path / "film.rythmo")
    script = project.save(made_by(voice="espeak 1.52"))
    chosen = []

    def pool(names, *more, **options):
        chosen.append(names[Kind.VOICE])
        return EnginePool(names, *more, **options)

    monkeypatch.setattr(pipeline, "EnginePool", pool)
    settings = Settings(deliver=DeliverSettings(""))
    if change == "edit":
        project_edits.edit_project(project, lambda script: script, settings, what="nothing")
    else:
        run = {"redo": lambda: pipeline.redo(project, script, settings)}.get(
            change, lambda: project_edits.undo_edit(project, settings)
        )
        with pytest.raises(RythmoError):  # there is no film to mix, and nothing to undo
            run()
    assert chosen == ["espeak"]


@pytest.fixture
def ready(monkeypatch):
    """Makes engines of these names ready on this machine, and no others."""

    def make(*names: str) -> None:
        def missing(spec, settings=None):
            return () if spec.info.name in names else (Missing("a part", "a command"),)

        for module in (registry, pinned_engines):
            monkeypatch.setattr(module, "missing", missing)

    return make


def saved(tmp_path, **engines: str) -> Project:
    project = Project(tmp_path / "film.rythmo")
    project.save(made_by(**engines))
    return project


def test_a_dub_made_again_keeps_its_separator_and_says_so(tmp_path, ready):
    ready("deepfilternet", "rnnoise")
    settings, notes = keep_separator(
        Settings(), saved(tmp_path, separator="rnnoise 0.2", voice="espeak 1.52")
    )
    assert settings == replace(Settings(), engines=EngineSettings(separator="rnnoise"))
    (note,) = notes
    assert "rnnoise" in note and "--separator deepfilternet" in note


@pytest.mark.parametrize(
    ("made", "here", "named"),
    [
        ("deepfilternet 3", ["deepfilternet", "rnnoise"], "auto"),
        ("rnnoise 0.2", ["deepfilternet"], "auto"),
        ("rnnoise 0.2", ["deepfilternet", "rnnoise"], "deepfilternet"),
        ("", ["rnnoise"], "auto"),
    ],
    ids=["the same today", "no longer here", "asked for another", "separated by nobody"],
)
def test_otherwise_nothing_is_kept_and_nothing_said(tmp_path, ready, made, here, named):
    ready(*here)
    settings = replace(Settings(), engines=EngineSettings(separator=named))
    made_with = {"separator": made} if made else {}
    assert keep_separator(settings, saved(tmp_path, **made_with)) == (settings, ())


def test_a_new_dub_keeps_nothing(tmp_path):
    assert keep_separator(Settings(), Project(tmp_path / "none.rythmo")) == (Settings(), ())
