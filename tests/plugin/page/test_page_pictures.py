"""Faces are looked for, consent for them is given, lips are made and shown, with keys alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe import AXE, find_violations
from consent_form import fill_consent
from face_film import FilmedShot, Square, write_film
from playwright.sync_api import expect

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.dubbing import pipeline, saved_cast
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.engines.registry import find
from rythmo.settings import DeliverSettings, Settings

SECOND = 48_000
SPEECH = ((0, SECOND // 2, 3 * SECOND // 2), (1, 5 * SECOND // 2, 3 * SECOND // 2))
SHOTS = (FilmedShot(112, (Square(0, 90, says=0), Square(1, 230, says=1))),)
TRACKER = find(Kind.FACE_TRACKER, "mediapipe")


@pytest.fixture
def film(page_service, page_media):
    """A dub with two people on screen, of whom Red is in the cast file; nobody looked for faces yet."""
    source = write_film(page_media / "lips.mp4", SHOTS, SPEECH)
    settings = Settings(deliver=DeliverSettings("otio"))
    made = pipeline.dub(Job(source, "es", "en", page_media), settings, engines=fakes.specs()).project
    script = made.load()
    named = zip(script.speakers, ("Red", "Green"), strict=True)
    made.save(replace(script, speakers=tuple(replace(one, name=name) for one, name in named)))
    cast_file.save_cast(Cast((Person("Red"),), page_media), page_media / "lips-cast.toml")
    saved_cast.adopt(made, page_media / "lips-cast.toml")
    found = page_service.call("POST", "/projects", {"path": str(made.root)})
    yield found
    page_service.quiet(found["id"])


def require_no_violations(page):
    if AXE.is_file():
        page.evaluate(AXE.read_text())
        assert find_violations(page) == []


def shown(page):
    """The lines of the clip with new lips that lies over the picture."""
    return page.evaluate(
        "() => [...document.querySelectorAll('video.lips')]"
        ".filter((one) => one.style.visibility === 'visible').map((one) => one.dataset.lines)"
    )


@pytest.mark.skipif(bool(TRACKER.missing()), reason="the page offers no faces where the tracker is not ready")
def test_lips_from_the_look_for_faces_to_the_picture(stage, page_service, film):
    page = stage.open(f"/project/{film['id']}/script")
    page.locator(".row[data-line]").first.wait_for()
    page.get_by_role("button", name="Faces and lips").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nobody has looked for faces")).to_be_visible()
    expect(dialog.get_by_text("of work for this machine.")).to_be_visible()
    require_no_violations(page)
    dialog.get_by_role("button", name="Look for faces").press("Enter")
    expect(dialog.get_by_text("2 lines of 2 have their speaker on screen")).to_be_visible()
    expect(dialog.get_by_text("Red, Green keep their lips: there is no consent record")).to_be_visible()
    expect(dialog.get_by_text("No line can get lips.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Make lips")).to_be_disabled()

    dialog.get_by_role("button", name="Rights and consent").press("Enter")
    expect(dialog.get_by_text("the lips are never changed")).to_be_visible()
    dialog.get_by_role("button", name="Record consent").press("Enter")
    form = page.get_by_role("form", name="Consent of Red")
    expect(form.get_by_label("The voice")).to_be_disabled()
    expect(form.get_by_label("The face")).to_be_checked()
    fill_consent(form, "Red Example", "this film")
    require_no_violations(page)
    form.get_by_role("button", name="Record it").press("Enter")
    expect(dialog.get_by_text("the lips may be changed", exact=False).first).to_be_visible()
    dialog.get_by_role("button", name="Faces and lips").press("Enter")

    expect(dialog.get_by_text("1 line at most")).to_be_visible()
    expect(dialog.get_by_text("nothing is to be paid")).to_be_visible()
    dialog.get_by_role("button", name="Make lips").press("Enter")
    expect(dialog.get_by_text("Lips of 1 line in 1 clip")).to_be_visible()
    expect(dialog.get_by_text("No consent for the face:")).to_be_visible()
    require_no_violations(page)
    page.keyboard.press("Escape")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    first = page.locator(".row[data-line]").first.get_attribute("data-line")
    page.wait_for_function("() => document.querySelector('video.lips')?.style.visibility === 'visible'")
    assert shown(page) == [first]
    page.keyboard.press("d")
    page.wait_for_function("() => !document.querySelector('video.lips')")
    page.keyboard.press("d")
    page.get_by_label("Lips", exact=True).press("Space")
    assert shown(page) == []
