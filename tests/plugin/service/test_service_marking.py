"""How a delivery says that a machine made it, over the API: signature, watermark, words."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rythmo.engines.local import wheel_weights

pytestmark = pytest.mark.usefixtures("signed_deliveries")


@pytest.fixture
def at(project):
    return f"/projects/{project['id']}/deliver"


def test_it_says_who_signs_and_what_is_missing(service, at, monkeypatch):
    choices = service.call("GET", at)
    assert choices["settings"]["provenance"] == {"sign": True, "disclosure": "report"}
    assert choices["settings"]["engines"] == {"watermark": "off"}
    marking = choices["marking"]
    assert "on this machine" in marking["signer"]
    assert marking["disclosure"].startswith("Las voces de este doblaje")
    assert not marking["own_words"]
    monkeypatch.setattr(wheel_weights, "find_in_package", lambda *_: None)
    monkeypatch.setattr("rythmo_plugin.service.delivery_views.is_installed", lambda: False)
    marking = service.call("GET", at)["marking"]
    assert marking["command"] == 'pip install "rythmo[provenance]"'
    (perth,) = [one for one in marking["watermarks"] if one["name"] == "perth"]
    assert perth["command"] == 'pip install "rythmo[watermark]"'


def test_a_delivery_keeps_what_was_chosen_with_the_project(service, project, at):
    asked = {
        "formats": ["srt"],
        "settings": {
            "provenance": {"sign": False, "disclosure": "subtitles"},
            "engines": {"watermark": "auto"},
        },
        "disclosure_text": "Voces de máquina.",
    }
    done = service.until(service.call("POST", at, asked)["id"])
    assert done["state"] == "done"
    kept = tomllib.loads((Path(project["root"]) / "settings.toml").read_text(encoding="utf-8"))
    assert kept["provenance"]["disclosure_text"] == {"es": "Voces de máquina."}
    choices = service.call("GET", at)
    assert choices["settings"]["provenance"] == {"sign": False, "disclosure": "subtitles"}
    assert choices["settings"]["engines"] == {"watermark": "auto"}
    assert choices["signing"] == "Not signed: --no-sign."
    assert (choices["marking"]["disclosure"], choices["marking"]["own_words"]) == ("Voces de máquina.", True)
    (subtitles,) = [path for path in done["result"]["deliveries"] if path.endswith(".es.srt")]
    assert "Voces de máquina." in Path(subtitles).read_text(encoding="utf-8")
    script = service.call("GET", f"/projects/{project['id']}")
    assert script["engines"]["watermark"] == "toy-watermark 1"


@pytest.mark.parametrize(
    "settings",
    [
        {"provenance": {"key": "/etc/key.pem"}},
        {"engines": {"voice": "elevenlabs"}},
        {"engines": {"watermark": "ink"}},
    ],
)
def test_a_delivery_changes_neither_the_certificate_nor_who_speaks(service, project, at, settings):
    before = (Path(project["root"]) / "settings.toml").read_bytes()
    status, said = service.ask("POST", at, {"formats": ["srt"], "settings": settings})
    assert status in (400, 422), said
    assert (Path(project["root"]) / "settings.toml").read_bytes() == before
