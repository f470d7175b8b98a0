"""The page of a conversation, in Chromium, while the script runs; and axe over it and over the panel."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from fake_resolve import Resolve
from host_page import page_of_script
from panel_stage import Sequence, panel
from playwright.sync_api import expect
from resolve_stage import ours, require_every_line_on_its_sample

AXE = Path(__file__).parents[3] / "plugin" / "web" / "node_modules" / "axe-core" / "axe.min.js"
DRESS = """(theme) => { document.documentElement.dataset.theme = theme; }"""


@pytest.fixture
def page(browser):
    """A page whose complaints fail the test."""
    made = browser.new_page()
    complaints: list[str] = []
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    made.close()
    assert not complaints


def at(page, part: str) -> str:
    return str(page.locator(f"#{part}").inner_text())


def reel(film, name: str) -> Resolve:
    host = Resolve()
    host.film(name, film, rate=Fraction(25))
    return host


def look(page) -> None:
    """axe finds nothing, in light and dark; skipped where it is not installed."""
    if not AXE.is_file():
        return
    page.evaluate(AXE.read_text(encoding="utf-8"))  # no script tag: the policy would refuse it
    for theme in ("light", "dark"):
        page.evaluate(DRESS, theme)
        page.emulate_media(color_scheme=theme)
        found = page.evaluate("() => axe.run()")["violations"]
        assert not found, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def test_a_dub_is_chosen_begun_and_watched_on_the_page(film, service, page, tmp_path) -> None:
    host = reel(film, "By page")
    with page_of_script(host, "Rythmo - Dub", service, tmp_path, page) as script:
        page.wait_for_selector("#choice:not([hidden])")
        assert at(page, "timeline") == "By page"
        assert "01:00:00:00" in at(page, "from")
        assert at(page, "folder").endswith("By page")
        assert "token" not in page.url, "it is dropped from the address"
        look(page)
        page.select_option("#language", "es")
        page.select_option("#source", "en")
        page.check("input[name=where][value='0']")
        page.click("#choice button[type=submit]")
        script.join(60)
        page.wait_for_selector("#open:not([hidden])")
        assert at(page, "message") == "All 5 clips are in place."
        look(page)
    assert list(host.timelines) == ["By page"], "on this timeline, as was chosen"
    require_every_line_on_its_sample(host)


def test_the_plan_of_an_edit_is_read_and_answered_on_the_page(film, service, page, tmp_path) -> None:
    host = reel(film, "Plan by page")
    with page_of_script(host, "Rythmo - Dub", service, tmp_path, page, language="es", source_language="en"):
        page.wait_for_selector("#open:not([hidden])", timeout=60_000)
    clip = next(item for item in ours(host) if item.name.startswith("S1_0003"))
    clip.start += 7
    where = clip.start
    with page_of_script(host, "Rythmo - Conform", service, tmp_path, page):
        page.wait_for_selector("#decide:not([hidden])")
        assert page.locator("#rows tr").all_inner_texts()[0].split("\t")[:3] == [
            "S1_0003",
            "01:00:02:03",
            "moved",
        ]
        look(page)
        page.click("#decide [data-stop]")
        expect(page.locator("#message")).to_contain_text("Stopped")
        assert not page.locator("#message").get_attribute("data-wrong")
    assert clip.start == where, "what the editor did stays"
    with page_of_script(host, "Rythmo - Conform", service, tmp_path, page):
        page.wait_for_selector("#decide:not([hidden])")
        page.click("#apply")
        page.wait_for_selector("#open:not([hidden])", timeout=60_000)
    require_every_line_on_its_sample(host)


def test_not_now_leaves_everything_as_it_was(film, service, page, tmp_path) -> None:
    host = reel(film, "Not now")
    with page_of_script(host, "Rythmo - Dub", service, tmp_path, page):
        page.wait_for_selector("#choice:not([hidden])")
        page.click("#choice [data-stop]")
        expect(page.locator("#message")).to_contain_text("Stopped")
    assert list(host.timelines) == ["Not now"]
    assert not ours(host)


def test_axe_finds_nothing_in_the_panel(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, name="Looked at")) as made:
        made.page.wait_for_selector("#dub:not([disabled])")
        look(made.page)
        made.dub()
        look(made.page)
