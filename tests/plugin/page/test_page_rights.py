"""The page says who may be cloned, records and withdraws it, and switches how a delivery is marked."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import soundfile
from consent_form import fill_consent
from page_under_test import WEB
from playwright.sync_api import expect

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person, Reference
from rythmo.dubbing import saved_cast
from rythmo.engines.base import Kind
from rythmo.engines.local.wheel_weights import PERTH, list_missing
from rythmo.engines.registry import find
from rythmo.project.workspace import Project

pytestmark = pytest.mark.usefixtures("signed_deliveries")

TRACKER = find(Kind.FACE_TRACKER, "mediapipe")
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def cast(project, page_media):
    """A cast file with Anna and a reference of hers, which the project uses."""
    folder = page_media / f"cast-{project['id']}"
    (folder / "references").mkdir(parents=True)
    soundfile.write(folder / "references" / "anna.wav", np.zeros(4_800), 48_000)
    reference = Reference("references/anna.wav", cast_file.hash_reference(folder / "references" / "anna.wav"))
    cast_file.save_cast(Cast((Person("Anna", reference=reference),), folder), folder / "cast.toml")
    saved_cast.adopt(Project(Path(project["root"])), folder / "cast.toml")
    return folder / "cast.toml"


def find_violations(page):
    page.evaluate(AXE.read_text())
    return page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id))"
    )


def test_consent_is_recorded_and_withdrawn_after_saying_what_goes(stage, project, cast):
    stage.open(f"/project/{project['id']}/script")
    page = stage.page
    page.get_by_role("button", name="Speakers").press("Enter")
    page.get_by_role("button", name="Rights and consent").press("Enter")
    expect(page.get_by_text("no consent: never cloned")).to_be_visible()
    page.get_by_role("button", name="Record consent").press("Enter")
    form = page.get_by_role("form", name="Consent of Anna")
    fill_consent(form, "Anna Example", "season 1")
    assert not find_violations(page)
    form.get_by_role("button", name="Record it").press("Enter")
    expect(page.get_by_text("may be cloned; the lips are never changed")).to_be_visible()
    (record,) = cast_file.load_cast(cast).find_person("Anna").consents
    assert (record.languages, record.films) == (("es",), ("toy",))
    page.get_by_role("button", name="Withdraw …").press("Enter")
    expect(page.get_by_text("1 consent record, the voice vectors")).to_be_visible()
    expect(page.get_by_text("Other projects with this cast file keep")).to_be_visible()
    assert not find_violations(page)
    page.get_by_role("button", name="Withdraw and delete").press("Enter")
    expect(page.get_by_text("The consent of Anna is withdrawn.")).to_be_visible()
    assert cast_file.load_cast(cast).find_person("Anna").consents == ()
    assert not (cast.parent / "references" / "anna.wav").exists()


@pytest.mark.skipif(bool(TRACKER.missing()), reason="the page offers no lips where nothing finds faces")
def test_consent_for_a_first_dub_goes_into_its_cast_file(stage, page_media):
    film = page_media / "toy.mp4"
    page = stage.open(f"/new/{quote(str(film), safe='')}")
    page.get_by_label("Lips", exact=True).select_option("own-mouths")
    page.get_by_role("button", name="Record consent").press("Enter")
    form = page.get_by_role("form", name="Consent")
    fill_consent(
        form, "Anna Example", "this film", {"Their name in the dub": "Anna", "In which languages": "es"}
    )
    assert not find_violations(page)
    form.get_by_role("button", name="Record it").press("Enter")
    made = film.parent / "cast.toml"
    expect(page.get_by_label("Cast file", exact=True)).to_have_text(str(made))
    (record,) = cast_file.load_cast(made).find_person("Anna").face_consents
    made.unlink()
    assert (record.face_of, record.films) == ("Anna Example", ("toy",))
    expect(page.get_by_role("button", name="Start the dub")).to_be_visible()


@pytest.mark.skipif(bool(list_missing(PERTH)), reason="resemble-perth is not installed")
def test_a_delivery_is_marked_as_it_was_switched(stage, project):
    page = stage.open(f"/project/{project['id']}/deliver")
    page.locator("summary", has_text="Provenance").click()
    page.get_by_label("Inaudible watermark").select_option("perth")
    page.get_by_label("Sign films, stems and takes").uncheck()
    page.get_by_label("Say it in the subtitles").check()
    page.get_by_label("What it says in Spanish").fill("Voces de máquina.")
    page.get_by_label("What it says in Spanish").press("Tab")
    expect(page.locator("summary", has_text="Provenance")).to_contain_text("not signed, watermark perth")
    assert not find_violations(page)
    page.get_by_role("button", name="Deliver 2 formats").click()
    expect(page.get_by_text("Not signed: --no-sign.")).to_be_visible()
    settings = (Path(project["root"]) / "settings.toml").read_text(encoding="utf-8")
    assert 'watermark = "perth"' in settings
    assert "Voces de máquina." in settings
