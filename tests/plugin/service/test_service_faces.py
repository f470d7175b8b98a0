"""The page learns who is on screen, where the faces are, and may say otherwise."""

from __future__ import annotations

import pytest
from face_film import write_film
from face_scene import SHORT_SHOTS, SHORT_SPEECH

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, FaceSettings, Settings


@pytest.fixture(scope="module")
def project(service, media):
    film = write_film(media / "faces.mp4", SHORT_SHOTS, SHORT_SPEECH)
    settings = Settings(deliver=DeliverSettings("otio,srt"), faces=FaceSettings(find=True))
    made = pipeline.dub(Job(film, "es", "en", media), settings, engines=fakes.specs())
    found = service.call("POST", "/projects", {"path": str(made.project.root)})
    yield found
    service.quiet(found["id"])


def test_lines_say_who_is_seen(project) -> None:
    assert [line["on_screen"]["presence"] for line in project["lines"]] == ["on", "on", "off"]
    first = project["lines"][0]["on_screen"]
    assert first["limits"] == []
    assert first["sync"] > 0.5


def test_the_faces_of_a_line_have_their_places(service, project) -> None:
    line = project["lines"][0]
    faces = service.call("GET", f"/projects/{project['id']}/lines/{line['id']}/faces")
    assert {face["speaker"] for face in faces} == {"S1", "S2"}
    assert all(line["start"] - 1920 < face["at"] <= line["end"] for face in faces)
    own = [face for face in faces if face["speaker"] == line["speaker"]]
    assert own[0]["left"] == pytest.approx(60 / 320, abs=0.02)
    assert own[0]["bottom"] == pytest.approx(120 / 180, abs=0.03)


def test_a_line_without_a_picture_that_was_looked_at_has_none(service, project) -> None:
    path = f"/projects/{project['id']}/lines/S9_0099/faces"
    assert service.ask("GET", path)[0] == 404


def test_a_person_says_who_is_seen_and_takes_it_back(service, project) -> None:
    line = project["lines"][0]["id"]
    path = f"/projects/{project['id']}/lines/{line}/screen"
    (changed,) = service.call("PUT", path, {"presence": "off"})["lines"]
    assert changed["on_screen"]["presence"] == "off"
    assert "on_screen" in changed["edited"]
    service.quiet(project["id"])
    service.call("PUT", path, {"presence": None})
    service.quiet(project["id"])
    lines = service.call("GET", f"/projects/{project['id']}")["lines"]
    assert "on_screen" not in lines[0]["edited"]
    assert service.ask("PUT", path, {"presence": "perhaps"})[0] == 400


def test_a_face_is_named_and_the_name_taken_back(service, project) -> None:
    path = f"/projects/{project['id']}"
    people = service.call("GET", f"{path}/faces")
    assert [(one["speaker"], one["decided"]) for one in people] == [("S2", False), ("S1", False)]
    assert people[0]["seconds"] > people[1]["seconds"]
    assert service.raw("GET", people[0]["still"])[:1] == (200,)
    face, speaker = people[1]["id"], people[1]["speaker"]
    changed = service.call("PUT", f"{path}/faces/{face}", {"speaker": ""})
    assert {line["on_screen"] for line in changed["lines"]} == {None}, "they are looked up again"
    named = service.call("GET", f"{path}/faces")[1]
    assert (named["speaker"], named["decided"]) == (None, True), "what a person says counts at once"
    service.quiet(project["id"])
    lines = service.call("GET", path)["lines"]
    assert [line["on_screen"]["presence"] for line in lines if line["speaker"] == speaker] != ["on", "off"]
    service.call("POST", f"{path}/undo")
    service.quiet(project["id"])
    again = service.call("GET", f"{path}/faces")[1]
    assert (again["speaker"], again["decided"]) == (speaker, False)
    faces = service.call("GET", f"{path}/lines/{lines[0]['id']}/faces")
    assert {one["speaker"] for one in faces} == {"S1", "S2"}, "the boxes have their names again"


def test_only_a_face_that_was_seen_is_named_and_only_as_somebody(service, project) -> None:
    path = f"/projects/{project['id']}/faces"
    face = service.call("GET", path)[0]["id"]
    assert service.ask("PUT", f"{path}/F99", {"speaker": None})[0] == 404
    assert service.ask("PUT", f"{path}/{face}", {"speaker": "S9"})[0] in (400, 404, 409, 422)
    assert service.ask("PUT", f"{path}/{face}", {})[0] == 400
