"""Rights over the API: who may be cloned and for what, and a withdrawal that first says what it deletes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person, Reference
from rythmo.dubbing import saved_cast
from rythmo.engines.remote.voice_ledger import PREFIX
from rythmo.project.workspace import Project
from rythmo.script.takes import VoiceRef

RECORD = {
    "person": "Anna",
    "voice_of": "Anna Example",
    "granted_by": "Anna Example",
    "granted_to": "Studio",
    "scope": "season 1",
    "languages": ["es"],
    "expires": "2099-12-31",
}
CLONE = f"{PREFIX}0123456789abcdef"


@pytest.fixture
def at(project):
    return f"/projects/{project['id']}/rights"


@pytest.fixture
def cast(project, media):
    """A cast file with Anna and a reference of hers, which the project uses."""
    folder = media / f"cast-{project['id']}"
    (folder / "references").mkdir(parents=True)
    soundfile.write(folder / "references" / "anna.wav", np.zeros(4_800), 48_000)
    reference = Reference("references/anna.wav", cast_file.hash_reference(folder / "references" / "anna.wav"))
    path = folder / "cast.toml"
    cast_file.save_cast(Cast((Person("Anna", reference=reference), Person("Bea")), folder), path)
    saved_cast.adopt(Project(Path(project["root"])), path)
    return path


def cloned(root):
    """Give the first speaker Anna's name and a clone, with its prepared reference in the project."""
    found = Project(Path(root))
    script = found.load()
    voice = VoiceRef("toy-voice", CLONE)
    first = replace(script.speakers[0], name="Anna", voice=voice, consent="f" * 16)
    found.save(replace(script, speakers=(first, *script.speakers[1:])))
    (found.root / "references").mkdir()
    (found.root / "references" / f"{CLONE.removeprefix(PREFIX)}.wav").write_bytes(b"RIFF")
    return found


def test_without_a_cast_file_nobody_has_consent(service, at):
    held = service.call("GET", at)
    assert (held["cast_file"], held["people"], held["language"]) == (None, [], "es")
    status, said = service.ask("POST", f"{at}/consents", RECORD)
    assert (status, said["error"]["message"]) == (400, "Consent stands in a cast file.")


def test_a_record_is_judged_for_this_dub(service, at, cast):
    assert [one["name"] for one in service.call("GET", at)["people"]] == ["Anna", "Bea"]
    record = {**RECORD, "films": ["Other*"], "territories": ["fr", "BE"]}
    (first,) = service.call("POST", f"{at}/consents", record)["people"][0]["consents"]
    assert (first["holds"], first["films"], first["territories"]) == (False, ["Other*"], ["FR", "BE"])
    assert first["why_not"] == "the consent is for Other*, not toy"
    held = service.call("POST", f"{at}/consents", {**RECORD, "territories": ["FR"]})
    assert "not known where the dub is shown" in held["people"][0]["consents"][1]["why_not"]
    held = service.call("PATCH", at, {"territories": ["fr"]})
    assert (held["territories"], held["people"][0]["consents"][1]["holds"]) == (["FR"], True)
    assert len(cast_file.load_cast(cast).find_person("Anna").consents) == 2


def test_a_withdrawal_says_what_it_deletes_and_then_does(service, project, at, cast):
    service.call("POST", f"{at}/consents", RECORD)
    found = cloned(project["root"])
    assert service.call("GET", at)["people"][0]["cloned"]
    plan = service.call("POST", f"{at}/withdrawal/plan", {"person": "Anna"})
    assert plan["person"] == "Anna"
    assert plan["deleted"][0].startswith("1 consent record,")
    assert [one for one in plan["deleted"] if one.endswith("anna.wav")]
    assert len(cast_file.load_cast(cast).find_person("Anna").consents) == 1, "a plan changes nothing"
    done = service.call("POST", f"{at}/withdrawal", {"person": "anna"})
    assert (done["deleted"], done["left"]) == (plan["deleted"], [])
    anna = cast_file.load_cast(cast).find_person("Anna")
    assert (anna.consents, anna.reference) == ((), None)
    assert not (cast.parent / "references" / "anna.wav").exists()
    assert not list((found.root / "references").iterdir())
    (person, _) = service.call("GET", at)["people"]
    assert (person["cloned"], person["reference"], person["consents"]) == (False, False, [])
    assert service.call("GET", f"/projects/{project['id']}")["speakers"][0]["voice"] is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/consents", {**RECORD, "person": "Bea"}, 422),
        ("POST", "/consents", {**RECORD, "person": "Zoe"}, 422),
        ("POST", "/consents", {**RECORD, "expires": "soon"}, 400),
        ("POST", "/consents", {**RECORD, "languages": ["xx-nowhere"]}, 422),
        ("POST", "/consents", {**RECORD, "scope": ""}, 400),
        ("POST", "/withdrawal", {"person": "Zoe"}, 422),
        ("POST", "/withdrawal/plan", {}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(service, at, cast, method, path, body, status):
    assert service.ask(method, f"{at}{path}", body)[0] == status


def test_consent_is_recorded_before_there_is_a_dub(service, media, tmp_path):
    film = media / "first" / "film.mp4"
    film.parent.mkdir()
    film.write_bytes(b"a film")
    record = {name: words for name, words in RECORD.items() if name != "voice_of"} | {"face_of": "Anna E."}
    made = service.call("POST", "/consents", {**record, "source": str(film)})
    assert made == {"cast_file": str(film.parent / "cast.toml"), "people": ["Anna"]}
    again = {**record, "person": "Bea", "face_of": "Bea E.", "cast_file": made["cast_file"]}
    assert service.call("POST", "/consents", again)["people"] == ["Anna", "Bea"]
    cast = cast_file.load_cast(film.parent / "cast.toml")
    assert [one.face_consents[0].face_of for one in cast.people] == ["Anna E.", "Bea E."]
    for wrong, status in (
        ({"source": str(film), "person": " "}, 400),
        ({}, 400),
        ({"source": str(film), "voice_of": "Anna E."}, 422),
        ({"source": str(tmp_path / "elsewhere.mp4")}, 403),
    ):
        assert service.ask("POST", "/consents", {**record, **wrong})[0] == status, wrong
    assert cast_file.load_cast(film.parent / "cast.toml") == cast
