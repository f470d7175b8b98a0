"""A new cut of the film under the old name, in a project that has faces and lips of the old one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date

import pytest
from face_film import FilmedShot, Square, write_film
from face_scene import GREEN, RED, SECOND, SHORT_SHOTS, SHORT_SPEECH
from face_scene import SETTINGS as WITH_FACES

from rythmo import trust
from rythmo.casting.cast_file import Cast, Person, save_cast
from rythmo.casting.face_consent import FaceConsent
from rythmo.dubbing import picture_requests, pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.lips.lip_settings import LipSettings
from rythmo.project.workspace import Project
from rythmo.script.face_edits import name_face
from rythmo.settings import CastSettings, DeliverSettings
from rythmo.stages.faces import load_faces
from rythmo.stages.lips import load_lips

LEAVE = FaceConsent("Red", "Red", "Studio", "this film", ("es",), date(2999, 1, 1))
# The editor puts a shot of Green, who is silent, before everything, where Red stood before.
OPENING = FilmedShot(50, (Square(GREEN, 90),), 60)
MOVED_BY = 2 * SECOND
RED_AT = (20, 90 / 320, 0.5)
WITHOUT_RED = tuple(
    replace(shot, faces=tuple(face for face in shot.faces if face.colour != RED)) for shot in SHORT_SHOTS
)


def recut(shots, path):
    speech = [(who, start + MOVED_BY, size) for who, start, size in SHORT_SPEECH]
    return write_film(path, (OPENING, *shots), speech)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    path = tmp_path_factory.mktemp("cast") / "cast.toml"
    people = tuple(Person(name, face_consents=(replace(LEAVE, face_of=name),)) for name in ("Red", "Green"))
    save_cast(Cast(people, path.parent), path)
    lips = LipSettings(make=True, clips="lossless", handles=0, library=12)
    return replace(WITH_FACES, cast=CastSettings(str(path)), lips=lips, deliver=DeliverSettings("otio"))


@pytest.fixture(scope="module")
def old(settings, tmp_path_factory):
    """The folder of a film and its project; somebody decided that the red face is Red's."""
    folder = tmp_path_factory.mktemp("old")
    film = write_film(folder / "film.mp4", SHORT_SHOTS, SHORT_SPEECH)
    project = pipeline.dub(Job(film, "es", "en", folder), WITH_FACES, engines=fakes.specs()).project
    script = project.load()
    names = dict(zip(("S1", "S2"), ("Red", "Green"), strict=True))
    people = tuple(replace(one, name=names[one.id], edited=("name",)) for one in script.speakers)
    project.save(name_face(replace(script, speakers=people), *RED_AT, "S1"))
    picture_requests.find_faces(project, settings, engines=fakes.specs())
    picture_requests.make_lips(project, settings, engines=fakes.specs())
    return folder


@pytest.fixture
def mine(old, tmp_path):
    """A copy of the folder; the project's script names the film in it."""
    folder = shutil.copytree(old, tmp_path / "mine")
    project = Project(folder / "film.rythmo")
    script = project.load()
    programme = replace(script.programme, source=str(folder / "film.mp4"))
    project.save(replace(script, programme=programme))
    trust.save_permissions(project.root, settings="", source=programme.source)
    return folder, project


def dub(folder, settings):
    return pipeline.dub(Job(folder / "film.mp4", "es", "en", folder), settings, engines=fakes.specs())


def test_faces_lips_people_and_decisions_follow_a_dub_of_the_new_cut(mine, settings) -> None:
    folder, project = mine
    before = {part.unit.first for clip in load_lips(project).clips for part in clip.parts}
    texts = {line.id: line.text for line in project.load().lines}
    recut(SHORT_SHOTS, folder / "film.mp4")
    result = dub(folder, settings)
    faces, lips = load_faces(project), load_lips(project)
    assert faces.shots[0].last == 50
    assert {part.unit.first for clip in lips.clips for part in clip.parts} == {one + 50 for one in before}
    # Each line is who and what it was, not what was said at its time in the old cut.
    assert {line.id: line.text for line in result.script.lines} == texts
    (name,) = result.script.faces
    assert name.speaker == "S1"
    (red,) = [person for person in faces.people if person.decided]
    track = next(one for one in faces.tracks if one.first <= name.frame < one.last and one.person == red.id)
    assert track.first >= 50
    assert set(faces.speakers.values()) == {"S1", "S2"}
    assert not any("could not be carried over" in note for note in result.notes)


def test_a_decision_about_a_face_that_was_cut_out_is_dropped_and_told(mine, settings) -> None:
    folder, project = mine
    recut(WITHOUT_RED, folder / "film.mp4")
    result = dub(folder, settings)
    assert result.script.faces == ()
    assert any("1 decision about faces" in note for note in result.notes)
    assert "S1" not in load_faces(project).speakers.values()
    assert {part.unit.speaker for clip in load_lips(project).clips for part in clip.parts} == {"S2"}


def test_lips_of_the_old_cut_are_not_delivered_over_the_new_one(mine, settings) -> None:
    folder, project = mine
    recut(SHORT_SHOTS, folder / "film.mp4")
    result = picture_requests.make_lips(project, settings, engines=fakes.specs())
    assert load_lips(project) is None
    assert any("another cut" in note for note in result.notes)
    (timeline,) = (path for path in result.deliveries if path.suffix == ".otio")
    assert "Lips" not in timeline.read_text(encoding="utf-8")


def test_a_dub_without_lips_takes_those_of_the_old_cut_out(mine, settings) -> None:
    folder, project = mine
    recut(SHORT_SHOTS, folder / "film.mp4")
    result = dub(folder, replace(settings, lips=LipSettings()))
    assert load_lips(project) is None
    assert any("made for another cut" in note for note in result.notes)


def test_the_same_cut_keeps_everything(mine, settings) -> None:
    folder, project = mine
    known = load_faces(project), load_lips(project)
    result = dub(folder, settings)
    assert (load_faces(project), load_lips(project)) == known
    assert [name.frame for name in result.script.faces] == [RED_AT[0]]
