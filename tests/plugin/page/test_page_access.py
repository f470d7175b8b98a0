"""Every view, in every size and theme, looked at by axe and measured; keys reach everything; the page runs
under its policy."""

from __future__ import annotations

import shutil
from pathlib import Path

import page_views
import pytest
import tomli_w
from axe import AXE, find_violations
from page_under_test import ROOT
from page_views import script
from playwright.sync_api import expect

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.dubbing import saved_cast
from rythmo.engines import fakes
from rythmo.project.workspace import Project

SIZES = {1440: 900, 768: 1024, 390: 844}
FAULTS = (ROOT / "tests" / "support" / "page_faults.js").read_text("utf-8")
TOYS = fakes.specs()


@pytest.fixture(scope="module")
def project(page_service, toy_dub, page_media):
    """One for all views: nothing here changes it. Its people have names and a cast file."""
    root = page_media / "looked-at.rythmo"
    shutil.copytree(toy_dub, root)
    cast_file.save_cast(Cast((Person("Anna"),), page_media), page_media / "looked-at-cast.toml")
    saved_cast.adopt(Project(root), page_media / "looked-at-cast.toml")
    return page_service.call("POST", "/projects", {"path": str(root)})


@pytest.fixture(scope="module")
def received(page_service, toy_dub, page_media):
    """A project that asks for more than its own files."""
    root = page_media / "received-to-look-at.rythmo"
    shutil.copytree(toy_dub, root)
    (root / "settings.toml").write_text(tomli_w.dumps({"engines": {"voice": "elevenlabs"}}), "utf-8")
    return page_service.call("POST", "/projects", {"path": str(root)})


@pytest.fixture
def toys(monkeypatch):
    """In the service's own process too, the engines are the toy ones, and translate from English."""
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: TOYS[kind])
    pairs = "rythmo_plugin.service.routes.about._language_pairs"
    monkeypatch.setattr(pairs, lambda: {("en", "fr"), ("en", "pt")})


def require_no_faults(stage):
    """axe in every size, in both themes at the widest; text and controls in their places."""
    page = stage.page
    page.evaluate(AXE.read_text())
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark") if width == max(SIZES) else ("dark",):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            if page.locator("html[data-theme]").count():
                expect(page.locator("html")).to_have_attribute("data-theme", theme)
            assert find_violations(page) == [], (width, theme)
        assert page.evaluate(FAULTS, width == min(SIZES)) == [], width


@pytest.mark.parametrize("view", page_views.VIEWS, ids=lambda view: view.__name__)
def test_axe_finds_nothing_and_nothing_is_cut(stage, project, toys, view, tmp_path):
    if not AXE.is_file():
        pytest.skip("axe-core is a part of plugin/web's development (npm ci)")
    view(stage, project, tmp_path)
    require_no_faults(stage)
    if view in (page_views.refused, page_views.message, page_views.report):
        stage.wrong.clear()  # the browser speaks of every 4xx, and the report is a file


def test_the_question_of_a_received_project_has_no_faults(stage, received, tmp_path):
    if not AXE.is_file():
        pytest.skip("axe-core is a part of plugin/web's development (npm ci)")
    page_views.trust(stage, received, tmp_path)
    require_no_faults(stage)


def test_everything_can_be_reached_by_the_tab_key(stage, project):
    page = stage.page
    script(stage, project, Path())
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
    script(stage, project, Path())
    reached = page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
          fetch("http://127.0.0.1:9/").then(() => done("reached"), () => undefined);
        })"""
    )
    assert reached == "connect-src"
    stage.wrong.clear()
