"""A dub is sent to Pro Tools through the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from rythmo.project.workspace import Project

pytest.importorskip("grpc", reason="the extra `protools` is not installed")
if not pytest.importorskip("ptsl_definition").is_installed():
    pytest.skip("py-ptsl, which brings PTSL's definition, is not installed", allow_module_level=True)

from fake_protools import FakeProTools, Manners, running
from protools_stage import fitting_session


@pytest.fixture
def protools(project, monkeypatch):
    """A Pro Tools whose open session fits the project, where the service looks for it."""
    session = fitting_session(Project(Path(project["root"])).load())
    with running(FakeProTools(Manners(), session)) as fake:
        monkeypatch.setenv("RYTHMO_PROTOOLS_PORT", str(fake.port))
        yield fake


def _send(service, project, **asked):
    return service.call("POST", f"/projects/{project['id']}/send", asked)["id"]


def test_a_dub_is_sent_and_what_stands_there_is_told(service, project, protools):
    (state,) = service.call("GET", f"/projects/{project['id']}/send")
    assert (state["ready"], state["found"]) == (True, "Pro Tools answers, PTSL 2025.10")
    job = service.until(_send(service, project))
    sent = job["result"]["sent"]
    placed = sum(len(track.clips) for track in protools.session.tracks)
    assert sent["placed"] == sent["wanted"] == placed > 5
    assert (sent["session"], sent["rows"]) == ("Mix", [])
    assert any("not saved" in note for note in job["notes"])
    # Again: nothing twice.
    service.until(_send(service, project))
    assert sum(len(track.clips) for track in protools.session.tracks) == placed


def test_a_new_session_goes_beside_the_project(service, project, protools):
    protools.session = None
    (state,) = service.call("GET", f"/projects/{project['id']}/send")
    job = service.until(_send(service, project, new=state["session"], takes=True))
    assert job["result"]["sent"]["session"] == state["session"]
    assert (Path(project["root"]).parent / state["session"]).is_dir()


def test_what_pro_tools_refuses_is_told(service, project, protools):
    protools.manners.refused = {f"SpotClipsByID {n}": (126, "The track is frozen") for n in range(1, 99)}
    sent = service.until(_send(service, project))["result"]["sent"]
    assert sent["placed"] == 0
    assert all("The track is frozen" in row["note"] for row in sent["rows"])
    protools.session.sample_rate = 96_000
    job = service.until(_send(service, project), "failed")
    assert "96000 Hz" in job["error"]["message"]
    assert job["error"]["hint"]


def test_what_makes_no_sense_is_refused_at_once(service, project, monkeypatch):
    monkeypatch.setenv("RYTHMO_PROTOOLS_PORT", "1")
    path = f"/projects/{project['id']}/send"
    (state,) = service.call("GET", path)
    assert not state["ready"]
    for asked, code in (({"new": "a/b"}, 400), ({"folder": "/tmp"}, 400), ({"new": "x", "folder": "/"}, 403)):
        assert service.ask("POST", path, asked)[0] == code
    assert service.ask("POST", "/jobs", {"kind": "send", "project": project["id"]})[0] == 400
    job = service.until(_send(service, project), "failed")
    assert "does not answer on port 1" in job["error"]["message"]
