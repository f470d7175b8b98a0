"""Voices are listed, heard, chosen, mixed, locked and saved over the API; nothing is sent unagreed."""

from __future__ import annotations

import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from rythmo.casting import cast_file
from rythmo.engines import fakes
from rythmo.engines.base import Kind

TOYS = fakes.specs()


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    """In the service's own process too, the engines are the toy ones."""
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: TOYS[kind])


@pytest.fixture
def at(project):
    return f"/projects/{project['id']}"


def voice(voice_id, **more):
    return {"engine": "toy-voice", "id": voice_id, **more}


def takes(root) -> set[str]:
    return {path.name for path in (Path(root) / "takes").glob("*.wav")}


def speaker(service, at, speaker_id="S1"):
    return next(one for one in service.call("GET", at)["speakers"] if one["id"] == speaker_id)


def test_the_voices_to_choose_from_say_what_can_be_done(service, at):
    shelf = service.call("GET", f"{at}/voices")
    assert (shelf["engine"], shelf["local"], shelf["mixes"]) == ("toy-voice", True, True)
    assert (shelf["pace"], shelf["pitch"], shelf["why_none"]) == ([0.5, 2.0], [-6.0, 6.0], "")
    assert shelf["voices"][0] == {
        "id": "v150", "language": "es", "language_name": "Spanish", "gender": "male", "note": "",
    }  # fmt: skip


def test_candidates_are_heard_side_by_side_and_no_take_is_touched(service, project, at):
    before = takes(project["root"]), service.call("GET", at)["revision"]
    proposed = service.until(service.call("POST", f"{at}/speakers/S1/proposals")["id"])["result"]
    assert len(proposed["voices"]) == 3 and proposed["line"] == "S1_0001"
    assert proposed["voices"][0]["id"] == speaker(service, at)["voice"]["id"]
    heard = []
    for one in proposed["voices"]:
        asked = {"line": proposed["line"], "voice": voice(one["id"], pace=1.2)}
        made = service.until(service.call("POST", f"{at}/auditions", asked)["id"])["result"]["audition"]
        assert (made["voice"]["id"], made["voice"]["pace"], made["line"]) == (one["id"], 1.2, "S1_0001")
        with urllib.request.urlopen(f"http://127.0.0.1:{service.port}{made['url']}") as answer:
            heard.append(answer.read())
    assert len(set(heard)) == 3 and all(sound[:4] == b"RIFF" for sound in heard)
    sample = service.until(service.call("POST", f"{at}/auditions", {"voice": voice("v300")})["id"])["result"]
    assert sample["audition"]["line"] == "" and sample["audition"]["seconds"] > 1
    assert (takes(project["root"]), service.call("GET", at)["revision"]) == before


def test_a_mixture_is_chosen_locked_kept_and_undone(service, project, at):
    before = service.call("GET", at)
    asked = {"voice": voice("v200", second="v400", share=0.25, pace=1.1, pitch=-1), "voice_locked": True}
    service.call("PATCH", f"{at}/speakers/S1", asked)
    now = speaker(service, at)
    assert now["voice"] == {"engine": "toy-voice", "id": "v350", "pace": 1.1, "pitch": -1.0, "clone": False}
    assert (now["voice_chosen"], now["voice_locked"]) == (True, True)
    service.quiet(project["id"])
    after = service.call("GET", at)
    anew = {line["id"] for line, old in zip(after["lines"], before["lines"], strict=True)
            if line["chosen"] != old["chosen"]}  # fmt: skip
    assert anew == {line["id"] for line in before["lines"] if line["speaker"] == "S1"}
    status, said = service.ask("PATCH", f"{at}/speakers/S1", {"voice": None})
    assert status == 422 and "locked" in said["error"]["message"]
    service.call("POST", f"{at}/undo")
    service.quiet(project["id"])
    assert speaker(service, at) == before["speakers"][0]


def test_a_lock_alone_mixes_nothing(service, project, at):
    service.quiet(project["id"])
    service.call("PATCH", f"{at}/speakers/S1", {"voice_locked": True})
    assert not [job for job in service.call("GET", "/jobs")
                if job["project"] == project["id"] and job["state"] in ("queued", "running")]  # fmt: skip
    assert speaker(service, at)["voice_locked"]


def test_the_cast_is_saved_with_its_lock_and_used_from_then_on(service, project, at, media):
    path = media / f"{project['id']}.toml"
    service.call("PATCH", f"{at}/speakers/S1", {"name": "Anna", "voice": voice("v350"), "voice_locked": True})
    service.quiet(project["id"])
    done = service.until(service.call("POST", f"{at}/cast", {"path": str(path)})["id"])
    assert done["result"]["deliveries"] == [str(path)]
    assert any("S2" in note for note in done["notes"]), "who has no name is left out and told"
    (stored,) = cast_file.load_cast(path).find_person("Anna").voices
    assert (stored.id, stored.locked) == ("v350", True)
    assert service.call("GET", f"{at}/voices")["cast_file"] == str(path)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/auditions", {"voice": {"engine": "other", "id": "x"}}, 422),
        ("POST", "/auditions", {"voice": {"engine": "toy-voice", "id": "x"}}, 422),
        ("POST", "/auditions", {"voice": {"engine": "toy-voice", "id": "v200"}, "line": "S9_0001"}, 404),
        ("POST", "/auditions", {"voice": {"engine": "toy-voice", "id": "v200", "pace": 9}}, 400),
        ("POST", "/speakers/S9/proposals", None, 404),
        ("PATCH", "/speakers/S1", {"voice": {"engine": "elevenlabs", "id": "x"}}, 422),
        ("POST", "/cast", {"path": "/etc/cast.toml"}, 403),
    ],
)
def test_what_cannot_be_cast_is_refused(service, at, method, path, body, status):
    code, said = service.ask(method, f"{at}{path}", body)
    assert (code, bool(said["error"]["message"])) == (status, True)


def test_a_cast_file_ends_in_toml(service, at, media):
    assert service.ask("POST", f"{at}/cast", {"path": str(media / "toy.mp4")})[0] == 400


def test_a_services_price_is_shown_before_anything_is_sent(service, project, at, monkeypatch):
    spec = TOYS[Kind.VOICE]
    away = {**TOYS, Kind.VOICE: replace(spec, info=replace(spec.info, local=False))}
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: away[kind])
    line = next(one for one in project["lines"] if one["speaker"] == "S1")
    asked = {"line": line["id"], "voice": voice("v200")}
    jobs = len(service.call("GET", "/jobs"))
    status, said = service.ask("POST", f"{at}/auditions", asked)
    assert (status, said["error"]["code"]) == (409, "price")
    assert f"{len(line['translation'])} characters go to toy-voice" in said["error"]["message"]
    assert len(service.call("GET", "/jobs")) == jobs
    assert service.ask("POST", f"{at}/auditions", {**asked, "send": True})[0] == 201
