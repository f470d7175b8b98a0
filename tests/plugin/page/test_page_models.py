"""Models on the page: what a set would bring, and a download that cannot be had, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture
def nothing_installed(monkeypatch, tmp_path):
    """A machine without models and without a network, for the service and the worker that it starts."""
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path / "models"


def test_a_set_says_what_it_would_bring_and_why_it_cannot(stage, nothing_installed):
    page = stage.open("/setup")
    models = page.get_by_role("region", name="Models")
    expect(models).to_contain_text(str(nothing_installed))
    embedded = models.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Embedded"))
    expect(embedded).to_contain_text("whisper-base, kokoro, silero-vad, pyannote-segmentation-3, campplus")
    expect(embedded.get_by_text("not installed")).to_be_attached()
    embedded.get_by_role("button", name="Get embedded (272 MB)").click()
    expect(embedded.get_by_role("alert")).to_contain_text("was not found")
    expect(embedded.get_by_role("button", name="Go on getting embedded")).to_be_visible()
    assert not list(nothing_installed.glob("*/*.bin"))
