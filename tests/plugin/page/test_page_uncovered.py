"""Speech without a line, in Chromium: a line is made of it, or it is left."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect

from rythmo.qc.intake import UNCOVERED
from rythmo.script.model import Flag, Remark


def test_speech_without_a_line_becomes_one_or_is_left(stage, page_service, project):
    lines = project["lines"]
    end = lines[-1]["end"]
    length = project["programme"]["length"]
    middle = (end + length) // 2
    remarks = tuple(
        Remark(start, Flag(UNCOVERED, "Somebody speaks and no line says it."), stop)
        for start, stop in ((end, middle), (middle, length))
    )
    open_ = page_service.services.projects.get(project["id"])
    open_.edit(lambda script: replace(script, findings=remarks))

    page = stage.open(f"/project/{project['id']}/script")
    shown = page.get_by_role("region", name="Speech without a line")
    expect(shown).to_contain_text("2 stretches of speech without a line")
    expect(shown.get_by_role("listitem")).to_have_count(2)

    shown.get_by_role("button", name="Leave").last.click()
    expect(shown).to_contain_text("1 stretch of speech without a line")
    shown.get_by_role("button", name="Add a line").click()
    words = shown.get_by_label("What is said there")
    expect(words).to_be_focused()
    words.fill("a7")
    words.press("Enter")
    expect(shown).to_have_count(0)
    expect(page.locator(".list-room .row")).to_have_count(len(lines) + 1)
    row = page.locator('.list-room .row[aria-selected="true"]')
    expect(row).to_contain_text("es: a7")
    page_service.quiet(project["id"])

    page.locator(".list-scroll").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".list-room .row")).to_have_count(len(lines))
    expect(shown.get_by_role("listitem")).to_have_count(1)
