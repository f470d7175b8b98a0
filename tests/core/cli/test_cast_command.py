"""`rythmo cast`: the people of one film known in the next, and nobody cloned without leave."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from rythmo import settings_file
from rythmo.casting import cast_file as cast_files
from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.settings import CastSettings, DeliverSettings, Settings
from rythmo.stages.cast import notes

RECORD = [
    "--voice-of", "Anna Example", "--granted-by", "Anna Example", "--granted-to", "Studio", "--scope", "one",
    "--languages", "es,fr", "--expires", "2999-12-31",
]  # fmt: skip


@pytest.fixture
def named(call, project):
    call("speakers", project, "--rename", "S1=Anna", "--rename", "S3=Clara")
    return project


@pytest.fixture
def cast_file(call, named, tmp_path):
    path = tmp_path / "cast" / "cast.toml"
    code, said = call("cast", named, "--save", path)
    assert (code, [who["name"] for who in said["people"]]) == (0, ["Anna", "Clara"])
    return path


def next_episode(toy_scene, tmp_path, cast_file, **more):
    """Another film with people of the first in another order of entrance, in a project of its own."""
    import toy

    film = toy.write_sound(tmp_path / "next.wav", scene=toy_scene, channels=1, seed=5)
    chosen = Settings(deliver=DeliverSettings("otio"), cast=CastSettings(str(cast_file)))
    return pipeline.dub(
        Job(film, "es", "en", tmp_path / "out"), replace(chosen, **more), engines=fakes.specs()
    )


SCENE = ((2, 24_013, 90_000), (3, 150_001, 60_000), (0, 250_007, 80_000), (2, 360_011, 52_000))


def test_a_saved_cast_holds_what_people_are_known_by(named, cast_file):
    cast = cast_files.load_cast(cast_file)
    anna = cast.find_person("anna")
    sound = cast.read_reference(anna)
    assert sound.channels == 1 and 1.5 <= sound.seconds <= 15
    assert anna.vectors[0].embedder == "toy-embedder 1"
    assert anna.vectors[0].unpack().tolist() == [1.0, 0.0, 0.0, 0.0]
    assert anna.find_voice("toy-voice", "es") == named.load().speaker("S1").voice
    assert not anna.consents


def test_saving_again_changes_nothing(call, named, cast_file):
    before = {path: path.read_bytes() for path in cast_file.parent.rglob("*") if path.is_file()}
    assert call("cast", named, "--save", cast_file)[0] == 0
    assert before == {path: path.read_bytes() for path in cast_file.parent.rglob("*") if path.is_file()}


def test_a_project_goes_on_with_the_cast_it_was_saved_to(call, named, cast_file, tmp_path, monkeypatch):
    kept = settings_file.resolve_settings(file=named.root / "settings.toml").cast.file
    assert Path(kept) == cast_file.resolve()
    monkeypatch.chdir(tmp_path)
    assert call("cast", named)[1]["cast"] == kept, "wherever one stands"
    other = tmp_path / "other.toml"
    assert call("cast", named, "--save", other)[0] == 0
    assert settings_file.resolve_settings(file=named.root / "settings.toml").cast.file == kept, (
        "another file is a copy"
    )


def test_without_a_cast_file_it_is_said_how_to_make_one(project, capsys):
    assert main(["cast", str(project.root)]) == 0
    said = capsys.readouterr().out
    assert "no consent" not in said and "--save FILE" in said


def test_who_has_no_name_is_left_out(call, project, tmp_path):
    code, said = call("cast", project, "--save", tmp_path / "cast.toml")
    assert (code, said["event"]) == (1, "error")
    assert "--rename" in said["hint"]
    assert not (tmp_path / "cast.toml").exists()


def test_the_same_person_has_the_same_voice_in_the_next_episode(named, cast_file, tmp_path):
    first = {s.name: s.voice for s in named.load().speakers}
    done = next_episode(SCENE, tmp_path, cast_file)
    second = {s.name: s.voice for s in done.script.speakers}
    assert set(second) == {"Clara", "Speaker 2", "Anna"}
    assert (second["Anna"], second["Clara"]) == (first["Anna"], first["Clara"])
    assert second["Speaker 2"] not in (first["Anna"], first["Clara"])
    # A guess is flagged and told until a person confirms it.
    flagged = [line.speaker for line in done.script.lines if "cast-guess" in {f.code for f in line.flags}]
    assert flagged == ["S1", "S3"]
    assert sum("--rename S1=Clara" in note for note in done.notes) == 1


def test_a_confirmed_name_is_no_guess_any_more(call, named, cast_file, tmp_path):
    done = next_episode(SCENE, tmp_path, cast_file)
    before = {line.id: line.take.key for line in done.script.lines}
    code, _ = call("speakers", done.project, "--rename", "S1=Clara", "--rename", "S3=Anna")
    script = done.project.load()
    assert (code, notes(script)) == (0, ())
    assert {line.id: line.take.key for line in script.lines} == before, "nothing is voiced again"


def test_a_wrong_guess_put_right_gets_a_voice_of_its_own(call, named, cast_file, tmp_path):
    done = next_episode(SCENE, tmp_path, cast_file)
    call("speakers", done.project, "--rename", "S1=Dora")
    script = done.project.load()
    assert script.speaker("S1").name == "Dora"
    assert not any("Clara" in note for note in notes(script))
    clara = cast_files.load_cast(cast_file).find_person("Clara").find_voice("toy-voice", "es")
    assert clara not in [speaker.voice for speaker in script.speakers], "it waits for Clara"


def test_names_that_a_person_gave_need_no_likeness(call, named, cast_file, tmp_path):
    done = next_episode(((3, 24_013, 60_000), (1, 200_001, 60_000)), tmp_path, cast_file)
    assert {s.name for s in done.script.speakers} == {"Speaker 1", "Speaker 2"}
    call("speakers", done.project, "--rename", "S2=Anna")
    assert done.project.load().speaker("S2").voice == named.load().speaker("S1").voice


def test_vectors_of_another_embedder_are_made_anew_from_the_reference(named, cast_file, tmp_path):
    text = cast_file.read_text()
    cast_file.write_text(text.replace("toy-embedder 1", "toy-embedder 0"))
    done = next_episode(SCENE, tmp_path, cast_file)
    assert {"Anna", "Clara"} <= {s.name for s in done.script.speakers}


def test_consent_is_a_whole_record(call, named, cast_file):
    assert call("cast", named, "--save", cast_file, "--consent", "Anna", *RECORD)[0] == 0
    record = tomllib.loads(cast_file.read_text())["people"][0]["consents"][0]
    assert record["voice_of"] == "Anna Example" and record["languages"] == ["es", "fr"]
    assert record["reference"] == cast_files.hash_reference(cast_file.parent / "references" / "anna.wav")
    call("cast", named, "--save", cast_file, "--withdraw", "Anna")
    assert cast_files.load_cast(cast_file).people[0].consents == ()


def test_consent_for_a_face_is_withdrawn_alone(call, named, cast_file):
    call("cast", named, "--save", cast_file, "--consent", "Anna", "--face-of", "Anna Example", *RECORD)
    code, said = call("cast", named, "--save", cast_file, "--withdraw", "Anna", "--face-only")
    assert (code, said["deleted"]) == (0, ["1 consent record for the face in the cast file"])
    anna = cast_files.load_cast(cast_file).people[0]
    assert (len(anna.consents), anna.face_consents) == (1, ())
    assert anna.reference is not None


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--face-only"], 2),
        (["--consent", "Anna"], 2),
        (["--consent", "Anna", *RECORD[:-2]], 2),
        (["--consent", "Anna", *RECORD[:-1], "soon"], 2),
        (RECORD, 2),
        (["--consent", "Nobody", *RECORD], 1),
        (["--withdraw", "Nobody"], 1),
    ],
)
def test_half_a_consent_is_none(call, named, cast_file, words, status):
    before = cast_file.read_bytes()
    code, said = call("cast", named, "--save", cast_file, *words)
    assert (code, said["event"]) == (status, "error")
    assert cast_file.read_bytes() == before


def test_consent_needs_a_file_to_stand_in(call, named):
    assert call("cast", named, "--consent", "Anna", *RECORD)[0] == 2


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_text("version = 1\npeople = 3\n"),
        lambda path: path.write_text("version = 99\n"),
        lambda path: path.write_text("version = 1\n[[people]]\nname = 'A'\n[[people]]\nname = 'a'\n"),
        lambda path: path.write_text(
            "version = 1\n[[people]]\nname = 'A'\nreference = {file = '../a.wav', sha256 = ''}\n"
        ),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.unlink(),
    ],
)
def test_a_cast_file_that_is_none_stops_before_any_work(capsys, cast_file, tmp_path, harm):
    harm(cast_file)
    source = Path(shutil.copy(tmp_path / "cast" / "references" / "anna.wav", tmp_path / "x.wav"))
    words = ["dub", str(source), "--to", "es", "--cast", str(cast_file), "--out", str(tmp_path / "out")]
    assert main(words) == 1
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 2 and "cast" in err[0]
    assert not (tmp_path / "out").exists()


def test_another_recording_under_the_references_name_is_noticed(cast_file):
    cast = cast_files.load_cast(cast_file)
    path = cast_file.parent / "references" / "anna.wav"
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples * 0.5, rate)
    with pytest.raises(Exception, match="not the recording"):
        cast.read_reference(cast.find_person("Anna"))


def test_consent_for_a_face_is_a_record_of_its_own(call, named, cast_file):
    for_face = ["--face-of", *RECORD[1:]]
    assert call("cast", named, "--save", cast_file, "--consent", "Anna", *for_face)[0] == 0
    anna = cast_files.load_cast(cast_file).find_person("Anna")
    assert [one.face_of for one in anna.face_consents] == ["Anna Example"]
    assert anna.consents == ()
    both = [*RECORD, "--face-of", "Anna Example"]
    code, said = call("cast", named, "--save", cast_file, "--consent", "Anna", *both)
    assert code == 0
    (shown,) = (person for person in said["people"] if person["name"] == "Anna")
    assert [len(shown[kind]) for kind in ("consents", "face_consents")] == [1, 1]
    assert call("cast", named, "--save", cast_file, "--consent", "Anna", *RECORD[2:])[0] == 2
