"""Faces are looked for and lips made in a finished dub over the API: what it takes, who is left and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from face_film import write_film
from face_scene import SECOND, SHORT_SHOTS, SHORT_SPEECH

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.dubbing import pipeline, saved_cast
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.media.planes import find_pixel_format
from rythmo.media.probe import probe
from rythmo.settings import DeliverSettings, Settings

LEAVE = {
    "person": "Red",
    "face_of": "Red Example",
    "granted_by": "Red Example",
    "granted_to": "Studio",
    "scope": "this film",
    "languages": ["es"],
    "expires": "2099-12-31",
}


@pytest.fixture(scope="module")
def project(service, media):
    """A dub of a film with two faces, in which nobody looked for them yet."""
    film = write_film(media / "lips.mp4", SHORT_SHOTS, SHORT_SPEECH)
    settings = Settings(deliver=DeliverSettings("otio"))
    made = pipeline.dub(Job(film, "es", "en", media), settings, engines=fakes.specs()).project
    script = made.load()
    named = zip(script.speakers, ("Red", "Green"), strict=True)
    made.save(replace(script, speakers=tuple(replace(one, name=name) for one, name in named)))
    path = media / "lips-cast.toml"
    cast_file.save_cast(Cast((Person("Red"), Person("Green")), media), path)
    saved_cast.adopt(made, path)
    found = service.call("POST", "/projects", {"path": str(made.root)})
    yield found
    service.quiet(found["id"])


@pytest.fixture(scope="module")
def at(project):
    return f"/projects/{project['id']}"


@pytest.fixture(scope="module")
def looked(service, project, at):
    """The project after somebody looked for faces."""
    asked = {"engine": "own-mouths"}
    status, said = service.ask("POST", f"{at}/lips", asked)
    assert (status, said["error"]["message"]) == (409, "Nobody has looked for faces yet.")
    assert not service.call("GET", f"{at}/picture")["faces"]
    plan = service.call("GET", f"{at}/faces/plan")
    assert plan["tracker"]["name"] == "mediapipe"
    assert plan["work_seconds"] == pytest.approx(0.7 * project["duration"] / SECOND)
    job = service.until(service.call("POST", f"{at}/faces")["id"])
    assert [stage["name"] for stage in job["stages"]] == ["faces"]
    assert service.call("GET", f"{at}/picture")["faces"]
    return service.call("GET", at)


def test_lines_say_who_is_seen_once_somebody_looked(looked) -> None:
    assert [line["on_screen"]["presence"] for line in looked["lines"]] == ["on", "on", "off"]
    assert not looked["stale"], "nothing sounds otherwise"


def test_lips_need_leave_are_planned_made_shown_and_withdrawn(service, media, at, looked) -> None:
    asked = {"engine": "own-mouths"}
    first, second, third = (line["id"] for line in looked["lines"])
    plan = service.call("POST", f"{at}/lips/plan", asked)
    assert (plan["lines"], plan["price"], plan["local"], plan["draft"]) == (0, 0, True, True)
    assert [(one["name"], one["why"]) for one in plan["consent"]] == [
        ("Red", "there is no consent record for the face"),
        ("Green", "there is no consent record for the face"),
    ]
    assert {one["reason"]: one["lines"] for one in plan["left"]} == {
        "no consent for the face": [first, second],
        "off screen": [third],
    }
    held = service.call("POST", f"{at}/rights/consents", LEAVE)
    red = held["people"][0]
    (record,) = red["face_consents"]
    assert (record["face_of"], record["voice_of"], record["holds"]) == ("Red Example", None, True)
    assert (red["why_no_lips"], red["lips"], red["consents"]) == ("", False, [])
    service.call("POST", f"{at}/rights/consents", {**LEAVE, "person": "Green", "face_of": "Green Example"})
    plan = service.call("POST", f"{at}/lips/plan", asked)
    assert (plan["lines"], plan["consent"]) == (2, [])
    assert plan["work_seconds"] == pytest.approx(2.4 * plan["seconds"], rel=0.02)
    assert service.call("POST", f"{at}/lips/plan", {**asked, "lines": [second]})["lines"] == 1

    job = service.until(service.call("POST", f"{at}/lips", {**asked, "lines": [first]})["id"])
    assert [stage["name"] for stage in job["stages"]] == ["lips", "deliver"]
    assert any("Lips of 1 line" in note for note in job["notes"])
    facts = service.call("GET", f"{at}/picture")
    (clip,) = facts["clips"]
    assert clip["lines"] == [first]
    assert 0 <= clip["start"] < clip["end"] <= looked["duration"]
    assert ("not asked for", second) in {(one["reason"], one["line"]) for one in facts["kept"]}
    status, headers, film = service.raw("GET", clip["url"])
    assert (status, headers["Content-Type"], film[4:8]) == (200, "video/mp4", b"ftyp")
    (media / "clip.mp4").write_bytes(film)
    colours = find_pixel_format(probe(media / "clip.mp4", need_sound=False)).colours
    assert colours == (6, 6, 6), "a browser would guess what is not said"
    assert facts["chosen"] == "own-mouths"
    assert service.call("GET", at)["lips"][second].startswith("not asked for")
    assert service.call("GET", f"{at}/rights")["people"][0]["lips"]
    assert "make = true" in (media / "lips.rythmo" / "settings.toml").read_text(encoding="utf-8")

    body = {"person": "Red", "face_only": True}
    plan = service.call("POST", f"{at}/rights/withdrawal/plan", body)
    assert plan["deleted"] == ["1 consent record for the face in the cast file"]
    assert plan["remains"][0].startswith("Lips that were made of faces.")
    service.call("POST", f"{at}/rights/withdrawal", body)
    red, green = service.call("GET", f"{at}/rights")["people"]
    assert (red["face_consents"], len(green["face_consents"])) == ([], 1)
    service.until(service.call("POST", f"{at}/lips", {**asked, "lines": [first]})["id"])
    assert service.call("GET", f"{at}/picture")["clips"] == [], "the face keeps its own lips again"
    assert service.raw("GET", clip["url"])[0] == 404


def test_a_service_gets_no_face_unless_somebody_agreed(service, at, looked, monkeypatch) -> None:
    monkeypatch.setenv("RYTHMO_LIPS_WORKER_URL", "http://127.0.0.1:9")
    status, said = service.ask("POST", f"{at}/lips", {"engine": "worker"})
    assert (status, said["error"]["code"]) == (409, "price")
    assert said["error"]["hint"] == "Nothing was sent yet. Agree with `send`."


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/lips", {"engine": "nobody"}, 422),
        ("/lips/plan", {"engine": "own-mouths", "lines": ["S9_0099"]}, 422),
        ("/lips", {}, 400),
        ("/rights/consents", {**LEAVE, "face_of": None}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(service, at, looked, path, body, status) -> None:
    assert service.ask("POST", f"{at}{path}", body)[0] == status


def test_they_are_no_jobs_of_the_general_kind(service, project) -> None:
    for kind in ("faces", "lips"):
        assert service.ask("POST", "/jobs", {"kind": kind, "project": project["id"]})[0] == 400
