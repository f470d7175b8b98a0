"""Every view, in light and dark, looked at by axe; keys reach everything; the page runs under its policy."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from axe import AXE, find_violations
from edited_timeline import moved
from playwright.sync_api import expect


def home(page, stage, project, folder):
    stage.open("/")
    page.locator(".project-card").first.wait_for()
    page.locator(".setup-line").wait_for()


def setup(page, stage, project, folder):
    stage.open("/setup")
    page.locator(".engine").first.wait_for()


def new(page, stage, project, folder):
    stage.open("/new/")
    # Those of the form itself; the formats bring one of their own, which comes when they have come.
    parts = page.locator(".more > summary").filter(
        has_text=re.compile("^(Sound and subtitles|Engines|Deliver)")
    )
    expect(parts).to_have_count(3)
    for part in parts.all():
        part.click()
    page.locator(".formats li").first.wait_for()


def browse(page, stage, project, folder):
    stage.open("/new/")
    page.get_by_role("button", name="Choose").first.click()
    page.locator(".browse-entry").first.wait_for()


def job(page, stage, project, folder):
    found = next(one for one in stage.service.call("GET", "/jobs") if one["kind"] == "dub")
    stage.open(f"/job/{found['id']}")
    page.locator(".found-line").first.wait_for()


def script(page, stage, project, folder):
    stage.open(f"/project/{project['id']}/script")
    page.locator(".row[data-line]").first.wait_for()


def selected(page, stage, project, folder):
    script(page, stage, project, folder)
    page.locator(".cell-time").first.click()
    page.locator(".take").first.wait_for()


def writing(page, stage, project, folder):
    selected(page, stage, project, folder)
    page.keyboard.press("Enter")
    page.locator(".cell-edit").wait_for()


def speakers(page, stage, project, folder):
    selected(page, stage, project, folder)
    page.get_by_role("button", name="Speakers").click()
    page.locator(".split").wait_for()


def keys(page, stage, project, folder):
    script(page, stage, project, folder)
    page.keyboard.press("?")
    page.locator(".keys").wait_for()


def quality(page, stage, project, folder):
    stage.open(f"/project/{project['id']}/quality")
    page.locator(".measures").wait_for()


def deliver(page, stage, project, folder):
    stage.open(f"/project/{project['id']}/deliver")
    page.locator(".delivered").first.wait_for()


def plan(page, stage, project, folder):
    delivered = next(Path(project["root"]).glob("deliver/es/*.otio"))
    edited = moved(delivered, project["lines"][1]["id"], 24_024, folder / "edited.otio")
    deliver(page, stage, project, folder)
    page.locator(".drop input[multiple]").set_input_files(edited)
    page.locator(".plan tbody tr").first.wait_for()


def import_takes(page, stage, project, folder):
    script(page, stage, project, folder)
    page.get_by_role("button", name="Import takes").click()
    files = [folder / f"{project['lines'][0]['id']}.wav", folder / "booth.wav"]
    for file in files:
        file.write_bytes(b"no sound")
    page.locator("dialog input[type=file]").set_input_files(files)
    page.locator(".take-rows tbody tr").nth(1).wait_for()


def recorder(page, stage, project, folder):
    selected(page, stage, project, folder)
    page.keyboard.press("r")
    page.get_by_role("alert").wait_for()


def refused(page, stage, project, folder):
    page.goto(f"{stage.address}/#token=old")
    expect(page.get_by_text("no longer has a valid key")).to_be_visible()


VIEWS = [
    home, setup, new, browse, job, script, selected, writing, speakers, keys, quality, deliver, plan,
    import_takes, recorder, refused,
]  # fmt: skip


@pytest.fixture(scope="module")
def project(page_service, toy_dub, page_media):
    """One for all views: nothing here changes it."""
    root = page_media / "looked-at.rythmo"
    shutil.copytree(toy_dub, root)
    return page_service.call("POST", "/projects", {"path": str(root)})


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_axe_finds_nothing(stage, project, view, tmp_path):
    if not AXE.is_file():
        pytest.skip("axe-core is a part of plugin/web's development (npm ci)")
    page = stage.page
    view(page, stage, project, tmp_path)
    page.evaluate(AXE.read_text())
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert find_violations(page) == [], theme
    if view is refused:
        stage.wrong.clear()  # the browser speaks of every 401


def test_everything_can_be_reached_by_the_tab_key(stage, project):
    page = stage.page
    script(page, stage, project, None)
    wanted = page.evaluate(
        "() => [...document.querySelectorAll('button:enabled, a[href], input, select, [tabindex=\"0\"]')]"
        ".filter((one) => one.checkVisibility() && one.type !== 'radio').length"
    )
    reached = set()
    for _ in range(wanted * 2):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.outerHTML"))
    assert len(reached) >= wanted


def test_the_page_runs_under_its_policy_and_asks_nobody_else(stage, project):
    page = stage.page
    reply = page.goto(stage.address)
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    script(page, stage, project, None)
    reached = page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
          fetch("http://127.0.0.1:9/").then(() => done("reached"), () => undefined);
        })"""
    )
    assert reached == "connect-src"
    stage.wrong.clear()
