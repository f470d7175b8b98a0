"""A project from somebody else is only data: nothing outside it is read, written, run or sent."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import toy
from received_project import KEYS, SECRET, TRICKS, made_world, watched

from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes, registry
from rythmo.settings import DeliverSettings, Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need POSIX")

COMMANDS = {
    "line": ["line", "{}", "S1_0001"],
    "edit": ["line", "{}", "S1_0001", "--translation", "otra cosa"],
    "speakers": ["speakers", "{}"],
    "rename": ["speakers", "{}", "--rename", "S1=Anna"],
    "cast": ["cast", "{}"],
    "deliver": ["deliver", "{}", "--formats", "otio,srt,csv"],
    "qc": ["qc", "{}", "--quick"],
    "conform": ["conform", "{}", "{}/deliver/es/toy.es.otio", "--apply"],
    "trust": ["trust", "{}"],
}


@pytest.fixture(scope="module")
def dubbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("received")
    film = toy.write_film(folder / "toy.mp4")
    settings = Settings(deliver=DeliverSettings("otio"))
    return pipeline.dub(Job(film, "es", "en", folder), settings, engines=fakes.specs()).project


@pytest.fixture
def received(dubbed, tmp_path, monkeypatch):
    """A copy of the project, the world beside it, keys at hand, and toys for the engines of this machine."""
    toys, real = fakes.specs(), dict(registry.installed())
    both = {kind: (*((toys[kind],) if kind in toys else ()), *specs) for kind, specs in real.items()}
    monkeypatch.setattr(registry, "installed", lambda: both)
    for key in KEYS:
        monkeypatch.setenv(key, SECRET)
    with made_world(tmp_path / "outside") as world:
        yield Path(shutil.copytree(dubbed.root, tmp_path / dubbed.root.name)), world


def run(root, *names):
    """The commands, one after the other; none may end in a traceback or as a defect of ours."""
    return [main([word.replace("{}", str(root)) for word in COMMANDS[name]]) for name in names]


def require_nothing_happened(world, before, said):
    assert world.state() == before
    assert world.connections == []
    assert world.opened == []
    assert "Traceback" not in said.err
    assert "defect" not in said.err


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_one_trick(received, trick, capfd):
    root, world = received
    trick(root, world)
    before = world.state()
    with watched(world):
        run(root, "edit", "deliver")
    require_nothing_happened(world, before, capfd.readouterr())


def test_all_tricks_of_the_settings_at_once_in_every_command(received, capfd):
    """What asks is refused in one line that names the way; left out, the work goes on without it."""
    root, world = received
    for name in ("M&E from elsewhere", "openai elsewhere", "a remote engine by name", "prices elsewhere"):
        TRICKS[name](root, world)
    for name in ("a program", "a cast file elsewhere", "folders of media", "the journal of the mix"):
        TRICKS[name](root, world)
    TRICKS["paid voices in script and cache"](root, world)
    before = world.state()
    with watched(world):
        codes = dict(zip(COMMANDS, run(root, *COMMANDS), strict=True))
    said = capfd.readouterr()
    assert codes["deliver"] != 0
    assert codes["line"] == 0
    assert "rythmo trust" in said.err
    assert main(["trust", str(root), "--leave-out"]) == 0
    with watched(world):
        assert run(root, "edit", "deliver", "qc", "conform") == [0, 0, 0, 0]
    require_nothing_happened(world, before, capfd.readouterr())


def test_all_tricks_at_once_in_every_command(received, capfd):
    root, world = received
    for name, trick in TRICKS.items():
        if name not in ("the cache is a link", "takes are a link", "stems are a link"):
            trick(root, world)
    before = world.state()
    with watched(world):
        assert set(run(root, *COMMANDS)) <= {1, 2}
    require_nothing_happened(world, before, capfd.readouterr())


def test_what_the_user_allows_counts_and_only_as_it_stood(received, capfd):
    root, world = received
    TRICKS["M&E from elsewhere"](root, world)
    assert run(root, "deliver") != [0]
    assert main(["trust", str(root), "--yes"]) == 0
    with watched(world):
        run(root, "deliver")
    assert str(world.canary) in world.opened
    TRICKS["a cast file elsewhere"](root, world)
    assert run(root, "deliver") != [0]
    assert "cast.file" in capfd.readouterr().err


def test_the_users_own_project_and_a_copy_of_it_ask_nothing(received):
    root, _ = received
    assert run(root, "edit", "deliver", "qc") == [0, 0, 0]
