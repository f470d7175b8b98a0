"""`rythmo line` splits, joins, adds, deletes, locks; what is undone comes back byte for byte."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from pathlib import Path

import pytest
import toy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.project.history import History
from rythmo.project.workspace import Project
from rythmo.settings import DeliverSettings, Settings

WORDS = ((24_000, 12_000), (40_000, 14_000), (58_000, 16_000))
SCENE = (
    *((0, *word) for word in WORDS),
    (1, 120_000, 30_000),
    (0, 200_000, 20_000),
    (0, 224_000, 15_000),
    (0, 290_000, 24_000),
    (2, 400_000, 50_000),
)
SETTINGS = Settings(deliver=DeliverSettings("otio,srt"))


@pytest.fixture(scope="module")
def dubbed(tmp_path_factory):
    """The lines are S1_0001 of three words, S2_0002 of one, S1_0003 of two, S1_0004 and S3_0005 of one."""
    folder = tmp_path_factory.mktemp("words")
    film = toy.write_sound(folder / "toy.wav", scene=SCENE)
    return pipeline.dub(Job(film, "es", "en", folder), SETTINGS, engines=fakes.specs()).project


def hashes(project, *folders):
    """The content of every file in these folders, by name."""
    found = (
        path
        for name in folders
        for path in sorted((project.root / name).rglob("*"))
        if path.is_file() and path.name[0] != "."
    )
    return {
        str(path.relative_to(project.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found
    }


@pytest.fixture
def project(project, call):
    """The copy's deliveries name the files of the copy."""
    call("deliver", project)
    return project


def made(project):
    return hashes(project, "stems", "deliver")


def lines(project):
    """Everything that a line is, but the takes that are listed besides the chosen one."""
    found = project.load().lines
    return [(line.id, line.speaker, line.start, line.end, line.text, line.translation, line.take,
             line.placement, line.edited, line.locked, line.flags) for line in found]  # fmt: skip


EDITS = {
    "split": (["S1_0001", "--split-at", "word:1"], 2, ["S1_0001", "S1_0006"]),
    "split at a time": (["S1_0001", "--split-at", "00:00:00:20"], 2, ["S1_0001", "S1_0006"]),
    "split at its words": (["S1_0001", "--split-at", "a3 a4"], 2, ["S1_0001", "S1_0006"]),
    "join": (["S1_0003", "--join", "S1_0004"], 1, ["S1_0003"]),
    "delete": (["S1_0003", "--delete"], 0, []),
    "add": (["--add", "--in", "00:00:07:00", "--out", "00:00:07:20", "--text", "hm"], 1, ["S1_0006"]),
    "out": (["S2_0002", "--out", "00:00:03:20"], 0, ["S2_0002"]),
    "speaker": (["S2_0002", "--speaker", "S3"], 1, ["S2_0002"]),
    "lock": (["S2_0002", "--lock"], 0, ["S2_0002"]),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_voices_what_it_touches_and_undo_brings_every_byte_back(name, call, project, calls):
    words, spoken, shown = EDITS[name]
    before, was, takes = made(project), lines(project), hashes(project, "takes")
    code, said = call("line", project, *words)
    assert (code, [line["id"] for line in said["lines"]]) == (0, shown)
    assert len(calls.spoken) == spoken
    own = {*shown, *words[:1], *words[2:3]}
    then = [line for line in lines(project) if line[0] not in own]
    assert then == [line for line in was if line[0] not in own], "no other line changed"
    edited, then = made(project), lines(project)
    assert edited != before or name == "lock"
    code, said = call("line", project, "--undo")
    assert code == 0 and said["what"]
    assert (made(project), lines(project)) == (before, was)
    assert takes.items() <= hashes(project, "takes").items(), "no take was lost"
    code, _ = call("line", project, "--redo")
    assert (code, made(project), lines(project)) == (0, edited, then)
    assert len(calls.spoken) == spoken, "nothing was voiced again"


def test_nothing_is_undone_that_was_not_done(call, project):
    before = project.script_file.read_bytes()
    for flag in ("--undo", "--redo"):
        code, said = call("line", project, flag)
        assert (code, said["event"]) == (1, "error") and "nothing to" in said["message"]
    assert project.script_file.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["S1_0001", "--split-at", "word:7"], 1, "before word 7"),
        (["S1_0001", "--split-at", "nowhere"], 1, "does not hold"),
        (["S1_0001", "--split-at", "00:00:09:00"], 1, "not heard there"),
        (["S2_0002", "--split-at", "word:1"], 1, "one word"),
        (["S1_0001", "--join", "S2_0002"], 1, "different speakers"),
        (["S1_0001", "--join", "S1_0004"], 1, "S1_0003 lies between"),
        (["S1_0001", "--delete", "--lock"], 2, "two edits"),
        (["S1_0001", "--delete", "--text", "x"], 2, "does not go with --text"),
        (["--delete"], 2, "Which line"),
        (["--restore", "S1_0001"], 1, "was not deleted"),
        (["S1_0001", "--undo"], 2, "takes no line"),
        (["--add", "--text", "x"], 2, "needs --in"),
    ],
)
def test_what_makes_no_sense_changes_nothing(call, project, words, status, message):
    before = project.script_file.read_bytes()
    code, said = call("line", project, *words)
    assert (code, said["event"]) == (status, "error")
    assert message in said["message"] and said["hint"]
    assert project.script_file.read_bytes() == before


def test_a_locked_line_is_left_alone_by_the_command_line_and_by_another_dub(call, project, calls, dubbed):
    call("line", project, "S2_0002", "--lock")
    for words in (["--translation", "x"], ["--again"], ["--delete"], ["--out", "00:00:03:20"]):
        code, said = call("line", project, "S2_0002", *words)
        assert code == 1 and "is locked" in said["message"]
    assert call("speakers", project, "--merge", "S2=S1")[0] == 1
    held = project.load().line("S2_0002")
    film = Path(project.load().programme.source)
    loud = Settings(deliver=DeliverSettings("otio,srt"))
    again = pipeline.dub(Job(film, "es", "en", project.root.parent), loud, engines=fakes.specs(calls))
    assert again.script.line("S2_0002") == held and calls.spoken == []
    assert call("line", project, "S2_0002", "--unlock")[0] == 0
    assert call("line", project, "S2_0002", "--translation", "x")[0] == 0


def test_another_dub_leaves_the_structure_as_it_is_and_asks_no_engine(call, project, calls):
    call("line", project, "S1_0001", "--split-at", "word:1")
    call("line", project, "S1_0003", "--join", "S1_0004")
    call("line", project, "S3_0005", "--delete")
    before, was = made(project), lines(project)
    asked = calls.count.copy()
    film = Path(project.load().programme.source)
    pipeline.dub(Job(film, "es", "en", project.root.parent), SETTINGS, engines=fakes.specs(calls))
    # A whole dub is measured, which flags lines.
    assert [line[:-1] for line in lines(project)] == [line[:-1] for line in was]
    assert calls.count - asked == Counter()
    assert {name: text for name, text in made(project).items() if "stems" in name} == {
        name: text for name, text in before.items() if "stems" in name
    }


def test_a_deleted_line_is_listed_and_comes_back(call, project, calls, capsys):
    was = project.load().line("S1_0003")
    call("line", project, "S1_0003", "--delete")
    assert main(["line", str(project.root)]) == 0
    told = capsys.readouterr().out
    assert "S1_0001" in told and "Deleted lines" in told and "S1_0003" in told
    assert call("line", project, "--restore", "S1_0003")[0] == 0
    assert project.load().line("S1_0003").take == was.take and calls.spoken == []


def test_an_edit_that_fails_leaves_no_trace(call, project, monkeypatch):
    before, bytes_ = made(project), project.script_file.read_bytes()
    monkeypatch.setattr("rythmo.stages.mixdown.run", fail)
    assert call("line", project, "S1_0001", "--split-at", "word:1")[0] == 1
    monkeypatch.undo()
    assert (made(project), project.script_file.read_bytes()) == (before, bytes_)
    assert History(project.root / "project.db").able() == (False, False)


def fail(*_, **__):
    raise OSError(28, "no room")


steps = st.lists(
    st.sampled_from(
        [
            *(tuple(words) for words, _, _ in EDITS.values()),
            ("S1_0001", "--unlock"),
            ("S2_0002", "--translation", "otra cosa"),
            ("--undo",),
            ("--undo",),
            ("--redo",),
        ]
    ),
    min_size=2,
    max_size=5,
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_random_edits_are_all_undone_byte_for_byte(call, dubbed, tmp_path, monkeypatch, sequence):
    toys = fakes.specs()
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])
    root = tmp_path / "toy.rythmo"
    shutil.rmtree(root, ignore_errors=True)
    project = Project(Path(shutil.copytree(dubbed.root, root)))
    call("deliver", project)
    before, was = made(project), lines(project)
    for words in sequence:
        call("line", project, *words)
    while call("line", project, "--undo")[0] == 0:
        pass
    assert (made(project), lines(project)) == (before, was)


def test_kinds_of_engines_that_a_split_asks(call, project, calls):
    """A machine's translation whose sentences do not answer to the text is made again, for the two parts."""
    call("line", project, "S1_0001", "--split-at", "word:1")
    assert calls.count[Kind.TRANSLATOR] == 1 and calls.count[Kind.TRANSCRIBER] == 0
