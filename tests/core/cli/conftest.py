"""A dubbed toy film for commands that change a project."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import toy

from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.project.workspace import Project
from rythmo.settings import DeliverSettings, Settings


@pytest.fixture(scope="session")
def dubbed(tmp_path_factory):
    """Never changed: `project` copies it."""
    folder = tmp_path_factory.mktemp("dubbed")
    film = toy.write_film(folder / "toy.mp4")
    settings = Settings(deliver=DeliverSettings("otio"))
    return pipeline.dub(Job(film, "es", "en", folder), settings, engines=fakes.specs()).project


@pytest.fixture
def calls():
    """What the command line's engines were asked."""
    return fakes.Calls()


@pytest.fixture
def project(tmp_path, monkeypatch, dubbed, calls):
    """A copy of the dubbed toy film; the command line's engines are the toy ones."""
    toys = fakes.specs(calls)
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])
    return Project(Path(shutil.copytree(dubbed.root, tmp_path / dubbed.root.name)))


@pytest.fixture
def call(capsys):
    """Runs a command for programs: the exit code and the last event."""

    def run(command, project, *words):
        code = main([command, "--json", str(project.root), *map(str, words)])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run
