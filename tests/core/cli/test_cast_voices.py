"""`rythmo cast`: voices listed, heard beside each other, chosen, mixed, locked; the same in the next film."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import toy

from rythmo.casting import cast_file
from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.project.workspace import Project
from rythmo.script.takes import VoiceRef
from rythmo.settings import CastSettings, DeliverSettings, Settings

SETTINGS = Settings(deliver=DeliverSettings("otio"))


def dub_again(project, calls=None, language=""):
    script = project.load()
    job = Job(Path(script.programme.source), language or script.target_language, "en", project.home.parent)
    return pipeline.dub(job, SETTINGS, engines=fakes.specs(calls))


def files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.wav")}


def voice_of(project, speaker):
    return project.load().speaker(speaker).voice


def lowest_loud_hz(path: Path) -> float:
    samples, rate = soundfile.read(path)
    return float(np.argmax(np.abs(np.fft.rfft(samples, rate))))


def test_the_voices_are_listed_by_language(call, project, capsys):
    code, said = call("cast", project, "--voices")
    assert code == 0
    assert said["voices"][0] == {"id": "v150", "language": "es", "gender": "male", "note": ""}
    assert main(["cast", str(project.root), "--voices"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == "toy-voice: 6 voices, mixes two voices, pace 0.5 to 2, pitch -6 to +6 semitones"
    assert rows[1] == "Spanish:" and "Portuguese:" in rows


def test_a_line_is_heard_in_three_voices_and_no_take_is_touched(call, project, calls):
    before, script = files(project.takes), project.script_file.read_bytes()
    code, said = call("cast", project, "--hear", "S2", "--in-voices", "v200,v300,v150+v350")
    assert (code, [one["voice"] for one in said["auditions"]]) == (0, ["v200", "v300", "v250"])
    assert {one["line"] for one in said["auditions"]} == {"S2_0005"}, "the one nearest to three seconds"
    assert [lowest_loud_hz(Path(one["file"])) for one in said["auditions"]] == pytest.approx([200, 300, 250])
    assert all(one["seconds"] > 0.3 for one in said["auditions"])
    assert (files(project.takes), project.script_file.read_bytes()) == (before, script)
    calls.spoken.clear()
    assert call("cast", project, "--hear", "S2_0005", "--in-voices", "v300")[0] == 0
    assert not calls.spoken, "what was heard before is not spoken again"


def test_without_voices_the_present_one_and_two_others_are_heard(call, project):
    others = [voice_of(project, speaker).id for speaker in ("S2", "S3")]
    _, said = call("cast", project, "--hear", "S1")
    heard = [one["voice"] for one in said["auditions"]]
    assert heard[0] == voice_of(project, "S1").id
    assert len(set(heard)) == 3 and not set(heard) & set(others)


def test_samples_go_where_they_are_wanted(call, project, tmp_path):
    _, said = call("cast", project, "--sample", "v200,v400", "--folder", tmp_path / "heard")
    assert [Path(one["file"]).name for one in said["auditions"]] == ["sample_A_v200.wav", "sample_B_v400.wav"]
    assert all(Path(one["file"]).is_file() for one in said["auditions"])


def test_the_voice_that_was_heard_needs_no_other_take_of_that_line(call, project, calls):
    call("cast", project, "--hear", "S3", "--in-voices", "v400")
    calls.spoken.clear()
    assert call("cast", project, "--voice", "S3=v400")[0] == 0
    assert not calls.spoken
    assert {line.take.voice.id for line in project.load().lines if line.speaker == "S3"} == {"v400"}


def test_a_chosen_voice_voices_only_that_speaker_and_can_be_undone(call, project, calls):
    before, takes = project.load(), files(project.takes)
    code, said = call("cast", project, "--voice", "S1=v300+v400", "--pace", "S1=1.25", "--pitch", "S1=-2")
    after = project.load()
    assert (code, said["speakers"][0]["chosen"], said["speakers"][0]["locked"]) == (0, True, False)
    assert voice_of(project, "S1") == VoiceRef("toy-voice", "v350", {"hz": 350, "pace": 1.25, "pitch": -2.0})
    own = [line.translation for line in before.lines if line.speaker == "S1"]
    assert sorted(calls.spoken) == sorted(own)
    assert [line for line in after.lines if line.speaker != "S1"] == [
        line for line in before.lines if line.speaker != "S1"
    ]
    assert takes.items() <= files(project.takes).items(), "no take is overwritten"
    assert main(["line", str(project.root), "--undo"]) == 0
    assert voice_of(project, "S1") == before.speaker("S1").voice
    assert [line.take for line in project.load().lines] == [line.take for line in before.lines]


def test_a_locked_voice_survives_everything_but_unlocking(call, project):
    assert call("cast", project, "--voice", "S1=v400", "--lock", "S1")[0] == 0
    code, said = call("cast", project, "--voice", "S1=v200")
    assert (code, said["event"]) == (1, "error") and "--unlock S1" in said["hint"]
    again = fakes.Calls()
    script = dub_again(project, again).script
    assert (script.speaker("S1").voice.id, script.speaker("S1").voice_locked) == ("v400", True)
    assert not again.spoken
    dub_again(project, language="pt")
    assert (voice_of(project, "S1").id, project.load().speaker("S1").voice_locked) == ("v400", True)
    assert call("cast", project, "--language", "es", "--unlock", "S1", "--voice", "S1=auto")[0] == 0
    assert voice_of(project, "S1").id == "v150"


def test_a_choice_made_in_one_language_is_that_languages(call, project):
    dub_again(project, language="pt")
    assert call("cast", project, "--language", "pt", "--voice", "S2=v400")[0] == 0
    assert voice_of(project, "S2").id != "v400"
    assert voice_of(Project(project.root / "languages" / "pt"), "S2").id == "v400"


def test_two_people_may_have_one_voice_if_somebody_wants_it(call, project, calls, capsys):
    theirs = voice_of(project, "S2")
    assert main(["cast", str(project.root), "--voice", f"S1={theirs.id}"]) == 0
    assert "same voice as Speaker 2" in capsys.readouterr().err
    assert voice_of(project, "S1") == voice_of(project, "S2") == theirs
    assert len(calls.spoken) == 2, "only the lines of S1"
    again = fakes.Calls()
    dub_again(project, again)
    assert not again.spoken


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--voice", "S1"], 2),
        (["--voice", "S9=v200"], 1),
        (["--voice", "S1=nobody"], 1),
        (["--pace", "S1=fast"], 2),
        (["--pace", "S1=9"], 2),
        (["--hear", "S1_9999"], 1),
        (["--in-voices", "v200"], 2),
    ],
)
def test_what_cannot_be_cast_is_one_clear_error_and_changes_nothing(call, project, words, status):
    before = project.script_file.read_bytes()
    code, said = call("cast", project, *words)
    assert (code, said["event"]) == (status, "error") and said["hint"]
    assert project.script_file.read_bytes() == before


def test_nothing_is_sent_to_a_service_before_its_price_is_agreed(call, project, calls, monkeypatch):
    toys = fakes.specs(calls)
    spec = toys[Kind.VOICE]
    toys[Kind.VOICE] = replace(spec, info=replace(spec.info, local=False))
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])
    monkeypatch.setenv("RYTHMO_ENGINES_VOICE", "toy-voice")
    code, said = call("cast", project, "--hear", "S1", "--in-voices", "v200,v300")
    assert (code, calls.spoken) == (1, [])
    words = project.load().line("S1_0001").translation
    assert f"{2 * len(words)} characters go to toy-voice" in said["message"] and "price" in said["message"]
    assert "--send" in said["hint"]
    assert call("cast", project, "--hear", "S1", "--in-voices", "v200,v300", "--send")[0] == 0
    assert calls.spoken == [words, words]


SCENE = ((2, 24_013, 90_000), (3, 150_001, 60_000), (0, 250_007, 80_000), (2, 360_011, 52_000))


@pytest.fixture
def series(call, project, tmp_path):
    """A cast file with Anna's voice chosen and locked, and Clara's chosen."""
    path = tmp_path / "cast" / "cast.toml"
    call("speakers", project, "--rename", "S1=Anna", "--rename", "S3=Clara")
    call("cast", project, "--save", path)
    words = ["--voice", "S1=v150+v400", "--pace", "S1=1.1", "--lock", "S1", "--voice", "S3=v300"]
    assert call("cast", project, *words, "--save", path)[0] == 0
    return path


def test_a_chosen_voice_replaces_the_one_in_the_cast_file(series):
    cast = cast_file.load_cast(series)
    anna, clara = (cast.find_person(name).find_stored_voice("toy-voice", "es") for name in ("Anna", "Clara"))
    assert (anna.id, anna.settings, anna.locked) == ("v275", {"hz": 275, "pace": 1.1}, True)
    assert (clara.id, clara.locked) == ("v300", False)
    assert len(cast.find_person("Anna").voices) == 1


def test_the_next_episode_has_the_chosen_voices_and_the_lock(call, series, tmp_path):
    film = toy.write_sound(tmp_path / "next.wav", scene=SCENE, channels=1, seed=5)
    chosen = replace(SETTINGS, cast=CastSettings(str(series)))
    done = pipeline.dub(Job(film, "es", "en", tmp_path / "out"), chosen, engines=fakes.specs())
    people = {one.name: one for one in done.script.speakers}
    assert people["Anna"].voice == VoiceRef("toy-voice", "v275", {"hz": 275, "pace": 1.1})
    assert people["Clara"].voice.id == "v300"
    assert not people["Anna"].voice_locked, "a guess is not locked"
    anna = people["Anna"].id
    call("speakers", done.project, "--rename", f"{anna}=Anna")
    assert done.project.load().speaker(anna).voice_locked
    assert call("cast", done.project, "--voice", f"{anna}=v200")[0] == 1
    assert call("cast", done.project, "--unlock", anna, "--voice", f"{anna}=v200")[0] == 0
    assert voice_of(done.project, anna).id == "v200"
    assert not done.project.load().speaker(anna).voice_locked
