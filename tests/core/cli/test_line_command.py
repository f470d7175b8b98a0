"""`rythmo line`: what a person changes on the command line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rythmo.cli import main
from rythmo.engines.base import Kind
from rythmo.project.workspace import Project
from rythmo.script.model import Manner


def line_of(project: Project, number=0):
    return project.load().lines[number]


def test_a_line_without_changes_is_only_shown(call, project, calls):
    before = project.script_file.read_bytes()
    code, said = call("line", project, line_of(project).id)
    assert (code, said["deliveries"], calls.spoken) == (0, [], [])
    assert project.script_file.read_bytes() == before


def test_again_makes_one_more_take_of_the_same_words(call, project, calls):
    line = line_of(project)
    code, said = call("line", project, line.id, "--again")
    assert (code, said["line"]["chosen"]) == (0, "t02")
    assert calls.spoken == [line.translation]
    assert set(calls.count) == {Kind.VOICE}
    first, second = (take for take in line_of(project).takes)
    assert first.text == second.text and first.length != second.length
    # And one more, after having gone back to the first.
    call("line", project, line.id, "--use", "t01")
    assert line_of(project).chosen == "t01"
    assert call("line", project, line.id, "--again")[1]["line"]["chosen"] == "t03"
    assert calls.spoken == [line.translation] * 2


def test_another_speaker_says_it(call, project, calls):
    line = line_of(project)
    other = next(s for s in project.load().speakers if s.id != line.speaker)
    code, said = call("line", project, line.id, "--speaker", other.id)
    assert (code, said["line"]["speaker"]) == (0, other.id)
    assert line_of(project).take.voice == other.voice
    assert calls.spoken == [line.translation]


def test_timecode_moves_a_line_and_the_bed_follows(call, project, calls):
    # The film starts at 01:00:00:00 and counts 24 frames; 23.976 a second are 2002 samples each.
    code, _ = call("line", project, line_of(project, 4).id, "--end", "01:00:09:00")
    moved = line_of(project, 4)
    assert (code, moved.end) == (0, 216 * 2002)
    assert any(start <= moved.start and moved.end <= end for start, end in project.load().dialogue)
    assert calls.spoken == [], "the words have not changed"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--start", "01:00:09"], 1),
        (["--start", "00:59:00:00"], 1),
        (["--end", "02:00:00:00"], 1),
        (["--use", "t01", "--translation", "x"], 2),
        (["--use", "t01", "--again"], 2),
        (["--speaker", "S9"], 1),
    ],
)
def test_what_makes_no_sense_changes_nothing(call, project, words, status):
    before = project.script_file.read_bytes()
    code, said = call("line", project, line_of(project).id, *words)
    assert (code, said["event"]) == (status, "error")
    assert said["hint"]
    assert project.script_file.read_bytes() == before


def test_how_it_was_said_and_what_its_take_followed_are_shown(call, project, capsys):
    script = project.load()
    line = script.lines[0]
    take = replace(line.take, direction="softly", follows=("manner",))
    said = replace(line, manner=Manner(pitch=2.0, pace=1.3, level=-8.0), takes=(take,))
    project.save(script.with_line(said))
    told = call("line", project, line.id)[1]["line"]
    assert told["manner"] == {"pitch": 2.0, "range": 1.0, "pace": 1.3, "level": -8.0, "whispered": False}
    assert (told["takes"][0]["direction"], told["takes"][0]["follows"]) == ("softly", ["manner"])
    assert main(["line", str(project.root), line.id]) == 0
    assert "+2 semitones, 1.3x as quick, -8 dB" in capsys.readouterr().out


def test_states_and_comments_voice_nothing(call, project, calls):
    line = line_of(project)
    stamps = {path: path.stat().st_mtime_ns for path in project.stems.glob("*.wav")}
    code, said = call("line", project, line.id, "--state", "approved", "--comment", "Good", "--author", "Ana")
    assert (code, said["line"]["state"], said["deliveries"], calls.spoken) == (0, "approved", [], [])
    assert [(one["id"], one["author"], one["text"]) for one in said["line"]["comments"]] == [
        ("c1", "Ana", "Good")
    ]
    code, said = call("line", project, line.id, "--resolve", "c1")
    assert said["line"]["comments"][0]["resolved"]
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    code, said = call("line", project, line.id, "--translation", "b9")
    assert (code, said["line"]["state"], calls.spoken) == (0, "translated", ["b9"])
    assert call("line", project, line.id, "--resolve", "c9")[1]["event"] == "error"
