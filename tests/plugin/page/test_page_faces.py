"""Whose face is whose, said in the Speakers view with keys alone, and taken back."""

from __future__ import annotations

import pytest
from axe import AXE, find_violations
from face_film import FilmedShot, Square, write_film
from playwright.sync_api import expect

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, FaceSettings, Settings

SECOND = 48_000
SPEECH = ((0, SECOND // 2, 3 * SECOND // 2), (1, 5 * SECOND // 2, 3 * SECOND // 2))
SHOTS = (FilmedShot(112, (Square(0, 90, says=0), Square(1, 230, says=1))),)


@pytest.fixture
def seen(page_service, page_media):
    """A project in whose film two people were seen."""
    film = write_film(page_media / "seen.mp4", SHOTS, SPEECH)
    settings = Settings(deliver=DeliverSettings("otio"), faces=FaceSettings(find=True))
    made = pipeline.dub(Job(film, "es", "en", page_media), settings, engines=fakes.specs())
    found = page_service.call("POST", "/projects", {"path": str(made.project.root)})
    yield found
    page_service.quiet(found["id"])


def open_speakers(stage, project):
    page = stage.open(f"/project/{project['id']}/script")
    page.locator(".row[data-line]").first.wait_for()
    page.get_by_role("button", name="Speakers").press("Enter")
    return page, page.get_by_label("Face F1 is")


def test_a_face_is_named_by_keys_and_undo_takes_it_back(stage, page_service, seen):
    page, choice = open_speakers(stage, seen)
    expect(choice).to_have_value("")
    expect(page.locator(".seen-still img")).to_have_count(2)
    assert (
        page.locator(".seen-still img").first.evaluate("one => one.decode().then(() => one.naturalWidth)")
        == 128
    )
    if AXE.is_file():
        page.evaluate(AXE.read_text())
        assert find_violations(page) == []
    choice.focus()
    page.keyboard.press("End")
    expect(choice).to_have_value("-")
    page_service.quiet(seen["id"])
    people = {one["id"]: one for one in page_service.call("GET", f"/projects/{seen['id']}/faces")}
    assert (people["F1"]["speaker"], people["F1"]["decided"]) == (None, True)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Speakers").press("Enter")
    expect(page.get_by_label("Face F1 is")).to_have_value("")
