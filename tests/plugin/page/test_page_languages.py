"""The languages of a project, in Chromium: switch, dub into another, and bring one up to date."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect


def test_a_further_language_is_begun_corrected_and_brought_up_to_date(
    stage, page_service, project, monkeypatch
):
    monkeypatch.setattr(
        "rythmo_plugin.service.routes.about._language_pairs", lambda: {("en", "fr"), ("en", "pt")}
    )
    page = stage.open(f"/project/{project['id']}/script")
    switch = page.get_by_label("Language of the dub")
    # Between them stand other dubs of this film, if tests before made some.
    expect(switch.locator("option").first).to_have_text("Spanish")
    expect(switch.locator("option").last).to_have_text("Another language …")

    switch.select_option(label="Another language …")
    dialog = page.get_by_role("dialog", name="Another language")
    dialog.get_by_label("Dub into").select_option("pt")
    expect(dialog.get_by_role("region", name="What it takes")).to_contain_text("of work for this machine")
    dialog.get_by_role("button", name="Dub").click()
    expect(page.get_by_role("heading", name="Portuguese")).to_be_visible()
    page.get_by_role("button", name="Open the script").click()
    expect(page.locator(".list-room .row").first).to_contain_text("pt: ")
    expect(page.locator(".list-room .row")).to_have_count(len(project["lines"]))

    further = str(Path(project["root"]) / "languages" / "pt")
    made = page_service.call("POST", "/projects", {"path": further})
    line = made["lines"][1]["id"]
    page_service.call("PATCH", f"/projects/{made['id']}/lines/{line}", {"text": "really said"})
    page_service.quiet(made["id"])

    waiting = "Spanish · 1 out of date"
    expect(switch.locator("option", has_text=waiting)).to_have_count(1)
    expect(switch.locator("option", has_text="Portuguese").first).to_be_attached()
    switch.select_option(label=waiting)
    bar = page.get_by_role("region", name="Out of date")
    expect(bar).to_contain_text("1 line out of date")
    expect(page.locator(".list-room .row").nth(1)).to_contain_text("really said")
    bar.get_by_role("button", name="Bring up to date").press("Enter")
    expect(bar).to_have_count(0)
    expect(page.locator(".list-room .row").nth(1)).to_contain_text("es: really said")

    page_service.call("PATCH", f"/projects/{made['id']}/lines/{line}", {"text": "said again"})
    bar.get_by_label("At once, while this language is open").check()
    expect(page.locator(".list-room .row").nth(1)).to_contain_text("es: said again")
    expect(bar).to_have_count(0)
    page_service.quiet(project["id"])
    page_service.quiet(made["id"])
