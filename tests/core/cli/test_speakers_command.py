"""`rythmo speakers`: people named, merged and split, and only what changed done again."""

from __future__ import annotations

from pathlib import Path

import pytest

from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.settings import DeliverSettings, Settings


def dub_again(project, calls=None):
    script = project.load()
    job = Job(Path(script.programme.source), script.target_language, "en", project.root.parent)
    settings = Settings(deliver=DeliverSettings("otio"))
    return pipeline.dub(job, settings, engines=fakes.specs(calls)).script


def lines_by(project, speaker):
    return [line for line in project.load().lines if line.speaker == speaker]


def test_who_speaks_is_shown(project, capsys):
    assert main(["speakers", str(project.root)]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["S1", "S2", "S3"]
    assert "2 lines" in rows[0] and "1 line " in rows[2] and "toy-voice v150" in rows[0]


def test_a_name_voices_nothing(call, project, calls):
    code, said = call("speakers", project, "--rename", "S1=Anna", "--colour", "S1=#010203")
    assert (code, said["speakers"][0]["name"], said["speakers"][0]["colour"]) == (0, "Anna", "#010203")
    assert not calls.count
    assert any("Anna" in path.read_text() for path in (project.root / "deliver").rglob("*.otio"))
    assert dub_again(project).speaker("S1").name == "Anna"


def test_merged_speakers_have_one_voice_and_one_stem(call, project, calls):
    gone = [line.translation for line in lines_by(project, "S3")]
    code, said = call("speakers", project, "--merge", "S3=S1")
    assert (code, [who["id"] for who in said["speakers"]]) == (0, ["S1", "S2"])
    assert calls.spoken == gone, "only the lines that changed voice are spoken"
    assert len({line.take.voice.id for line in lines_by(project, "S1")}) == 1
    assert not (project.stems / "DX_S3.wav").exists()
    again = fakes.Calls()
    assert [who.id for who in dub_again(project, again).speakers] == ["S1", "S2"]
    assert not again.spoken


def test_split_lines_get_a_voice_of_their_own(call, project, calls):
    line = lines_by(project, "S2")[1]
    code, said = call("speakers", project, "--split", f"S2:{line.id}=Bob")
    assert (code, said["speakers"][-1]["name"], said["speakers"][-1]["lines"]) == (0, "Bob", [line.id])
    assert calls.spoken == [line.translation]
    voices = [speaker.voice.id for speaker in project.load().speakers]
    assert len(set(voices)) == len(voices) == 4
    script = dub_again(project)
    assert script.line(line.id).speaker == "S4"
    assert script.speaker("S4").name == "Bob"


def test_one_call_may_do_it_all(call, project):
    line = lines_by(project, "S2")[0].id
    words = ["--split", f"S2:{line}=Bob", "--merge", "S3=S1", "--rename", "S1=Anna"]
    _, said = call("speakers", project, *words)
    assert [who["name"] for who in said["speakers"]] == ["Anna", "Speaker 2", "Bob"]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--rename", "S1"], 2),
        (["--rename", "S9=Anna"], 1),
        (["--merge", "S1=S1"], 1),
        (["--split", "S1=Bob"], 2),
        (["--split", "S1:S2_0002=Bob"], 1),
        (["--colour", "S1=blue"], 1),
    ],
)
def test_mistakes_are_told_and_change_nothing(call, project, words, status):
    before = project.script_file.read_bytes()
    code, said = call("speakers", project, *words)
    assert (code, said["event"], bool(said["hint"])) == (status, "error", True)
    assert project.script_file.read_bytes() == before


def test_two_speakers_with_the_same_sentence_sound_different(call, project, calls):
    one, other = lines_by(project, "S1")[0], lines_by(project, "S2")[0]
    for line in (one, other):
        call("line", project, line.id, "--translation", "la misma frase")
    takes = [project.load().line(line.id).take for line in (one, other)]
    assert calls.spoken == ["la misma frase"] * 2
    assert takes[0].key != takes[1].key
    first, second = ((project.root / take.file).read_bytes() for take in takes)
    assert first != second
    assert set(calls.count) == {Kind.VOICE}
