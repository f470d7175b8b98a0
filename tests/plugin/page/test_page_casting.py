"""The Speakers view casts: a line heard in three voices, one chosen, mixed, locked, and the cast saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from page_under_test import WEB
from playwright.sync_api import expect

from rythmo.casting import cast_file
from rythmo.engines import fakes
from rythmo.engines.base import Kind

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
TOYS = fakes.specs()


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    """In the service's own process too, the engines are the toy ones."""
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: TOYS[kind])


@pytest.fixture
def casting(stage, project):
    """The page of a project, with the voice of its first speaker opened by keys alone."""
    stage.open(f"/project/{project['id']}/script")
    page = stage.page
    page.get_by_role("button", name="Speakers").press("Enter")
    page.get_by_role("button", name="Voice of Speaker 1").press("Enter")
    expect(page.locator(".candidate")).to_have_count(3)
    return page


def speaker(stage, project):
    return stage.service.call("GET", f"/projects/{project['id']}")["speakers"][0]


def find_violations(page):
    page.evaluate(AXE.read_text())
    return page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id))"
    )


def test_three_voices_are_heard_one_is_mixed_chosen_and_locked(stage, project, casting):
    page = casting
    takes = {path.name for path in (Path(project["root"]) / "takes").glob("*.wav")}
    page.get_by_role("button", name="All one after another").press("Enter")
    expect(page.locator(".candidate .seconds")).to_have_count(3)
    played = page.evaluate("window.players.map(one => one.src)")
    assert len({one for one in played if "/cache/voice/" in one}) == 3
    assert {path.name for path in (Path(project["root"]) / "takes").glob("*.wav")} == takes
    page.get_by_label("Voice of B", exact=True).select_option("v200")
    page.get_by_label("B is mixed with").select_option("v400")
    page.get_by_label("Pace of B").fill("1.2")
    page.get_by_label("Pace of B").press("Tab")
    page.get_by_role("button", name="Choose B").press("Enter")
    expect(page.locator(".casting-now")).to_have_text("v300, pace 1.2, chosen")
    page.get_by_role("button", name="Lock", exact=True).press("Enter")
    expect(page.locator(".casting-now")).to_have_text("v300, pace 1.2, locked")
    expect(page.get_by_role("button", name="Choose A")).to_be_disabled()
    now = speaker(stage, project)
    assert (now["voice"]["id"], now["voice"]["pace"], now["voice_locked"]) == ("v300", 1.2, True)
    assert not find_violations(page)


def test_every_voice_has_a_sample_and_can_be_a_candidate(casting):
    page = casting
    page.locator(".voices summary").press("Enter")
    expect(page.locator(".voices h4")).to_have_text(["Spanish", "Portuguese"])
    page.get_by_role("button", name="Sample of v350").press("Enter")
    expect(page.get_by_role("button", name="Sample of v350")).to_be_enabled()
    page.get_by_role("button", name="v350 as candidate C").press("Enter")
    expect(page.get_by_label("Voice of C", exact=True)).to_have_value("v350")
    assert not find_violations(page)


def test_the_cast_is_saved_from_the_list_of_speakers(stage, project, page_media, casting):
    page, path = casting, page_media / f"{project['id']}.toml"
    page.get_by_role("button", name="All speakers").press("Enter")
    page.get_by_label("Name of Speaker 1").fill("Anna")
    page.get_by_label("Name of Speaker 1").press("Enter")
    expect(page.get_by_role("button", name="Voice of Anna")).to_be_visible()
    page.get_by_label("Keep the cast for the next film in").fill(str(path))
    page.get_by_role("button", name="Save the cast").press("Enter")
    expect(page.get_by_text("The cast is saved in")).to_be_visible()
    assert [one.name for one in cast_file.load_cast(path).people] == ["Anna"]
    assert not find_violations(page)


def test_a_services_price_is_shown_and_agreed_before_anything_is_sent(stage, project, casting, monkeypatch):
    spec = TOYS[Kind.VOICE]
    away = {**TOYS, Kind.VOICE: replace(spec, info=replace(spec.info, local=False))}
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: away[kind])
    page = casting
    page.get_by_role("button", name="Hear A").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("characters go to toy-voice")
    expect(page.locator(".candidate .seconds")).to_have_count(0)
    page.get_by_role("button", name="Send it and listen").press("Enter")
    expect(page.locator(".candidate .seconds")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)
    stage.wrong[:] = [one for one in stage.wrong if "409" not in one]
