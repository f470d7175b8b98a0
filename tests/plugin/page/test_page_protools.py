"""The dub is sent to Pro Tools from the page, in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from rythmo.project.workspace import Project

pytest.importorskip("grpc", reason="the extra `protools` is not installed")
if not pytest.importorskip("ptsl_definition").is_installed():
    pytest.skip("py-ptsl, which brings PTSL's definition, is not installed", allow_module_level=True)

from fake_protools import FakeProTools, Manners, running
from protools_stage import fitting_session


def test_a_dub_is_sent_from_the_page(stage, page_service, project, monkeypatch):
    monkeypatch.setenv("RYTHMO_PROTOOLS_PORT", "1")
    page = stage.open(f"/project/{project['id']}/deliver")
    section = page.get_by_label("Send to Pro Tools")
    send = section.get_by_role("button", name="Send to Pro Tools")
    expect(section.get_by_text("nothing answers on port 1")).to_be_visible()
    expect(send).to_be_disabled()
    session = fitting_session(Project(Path(project["root"])).load())
    frozen = {f"SpotClipsByID {n}": (126, "The track is frozen") for n in range(1, 99)}
    with running(FakeProTools(Manners(refused=frozen), session)) as fake:
        monkeypatch.setenv("RYTHMO_PROTOOLS_PORT", str(fake.port))
        section.get_by_role("button", name="Look again").click()
        expect(section.get_by_text("Pro Tools answers")).to_be_visible()
        send.click()
        expect(section.get_by_text("The track is frozen").first).to_be_visible(timeout=30_000)
        expect(section.get_by_text("0 of")).to_be_visible()
        fake.manners.refused = {}
        send.click()
        count = len(project["lines"]) + 1
        expect(section.get_by_text(f"{count} of {count} clips are in place")).to_be_visible(timeout=30_000)
        expect(section.get_by_text("The session was not saved")).to_be_visible()
        fake.session = None
        section.get_by_label("Into a new session").check()
        section.get_by_label("Name of the session").fill("Reel 1 es")
        send.click()
        expect(section.get_by_text("in the session Reel 1 es")).to_be_visible(timeout=30_000)
