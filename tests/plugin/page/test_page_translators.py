"""Translators' work in Chromium: a table goes out and comes back, states and comments by keys and mouse."""

from __future__ import annotations

import openpyxl
from playwright.sync_api import expect


def lines_of(page_service, project):
    return page_service.call("GET", f"/projects/{project['id']}")["lines"]


def test_a_table_goes_out_and_its_rows_are_taken(stage, page_service, project, tmp_path):
    lines = project["lines"]
    page = stage.open(f"/project/{project['id']}/deliver")
    box = page.get_by_role("region", name="Translators")
    with page.expect_download() as got:
        box.get_by_role("button", name="Export XLSX").click()
    path = tmp_path / got.value.suggested_filename
    got.value.save_as(path)
    assert path.suffix == ".xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heads = {str(cell.value).split(" (")[0]: cell.column for cell in sheet[1]}
    sheet.cell(2, heads["Translation"]).value = "b9"
    sheet.cell(3, heads["Translation"]).value = "=1+1"
    sheet.cell(4, heads["Original"]).value = sheet.cell(4, heads["Original"]).value + " x"
    sheet.cell(5, heads["Comments"]).value = "Who is this?"
    book.save(path)

    box.locator("input[type=file]").set_input_files(path)
    pairs = box.get_by_role("region", name="Rows and their lines")
    expect(pairs.locator("tbody tr")).to_have_count(4)
    expect(pairs).to_contain_text("The cell holds a formula.")
    tick = pairs.get_by_label(f"Take the translation: {lines[0]['id']}")
    expect(tick).to_be_checked()
    correction = pairs.get_by_label(f"Take the correction of the original: {lines[2]['id']}")
    expect(correction).not_to_be_checked()
    # Without a mouse: the ticks and the button take the keys of any form.
    correction.focus()
    page.keyboard.press("Space")
    expect(correction).to_be_checked()
    page.keyboard.press("Space")
    assert lines_of(page_service, project) == lines, "nothing is taken by looking"
    box.get_by_role("button", name="Take 2 changes").focus()
    page.keyboard.press("Enter")
    expect(box.get_by_role("button", name="Export XLSX")).to_be_visible()
    page_service.quiet(project["id"])
    now = lines_of(page_service, project)
    assert (now[0]["translation"], now[1]["translation"]) == ("b9", lines[1]["translation"])
    assert now[3]["comments"][0]["text"] == "Who is this?"
    page.get_by_role("button", name="Undo (Ctrl Z)").click()
    expect(page.get_by_text("Undone: import")).to_be_visible()
    page_service.quiet(project["id"])
    assert lines_of(page_service, project)[0]["translation"] == lines[0]["translation"]


def test_the_columns_of_an_unknown_table_are_chosen(stage, page_service, project, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(f"{line['id']};x;c{n}" for n, line in enumerate(project["lines"])))
    page = stage.open(f"/project/{project['id']}/deliver")
    box = page.get_by_role("region", name="Translators")
    box.locator("input[type=file]").set_input_files(path)
    form = box.get_by_role("form", name="What the columns hold")
    expect(form).to_contain_text("Which column holds the translation?")
    form.get_by_label("Translation").select_option("3")
    form.get_by_label("Line id").select_option("1")
    form.get_by_role("button", name="Compare").click()
    expect(box.get_by_role("region", name="Rows and their lines").locator("tbody tr")).to_have_count(
        len(project["lines"])
    )
    box.get_by_role("button", name="Leave it").click()
    expect(box.get_by_role("button", name="Export CSV")).to_be_visible()


def test_states_and_comments_by_keys_and_mouse(stage, page_service, project):
    page = stage.open(f"/project/{project['id']}/script")
    row = page.locator(".list-room .row").first
    row.locator(".cell-time").click()
    for state in ("Translated", "Reviewed", "Approved"):
        page.keyboard.press("a")
        expect(row.get_by_role("img", name=state)).to_be_visible()
    page.keyboard.press("Shift+A")
    expect(row.get_by_role("img", name="Reviewed")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_label("New comment")).to_be_focused()
    page.keyboard.type("Is this a joke?")
    page.keyboard.press("Enter")
    expect(row.get_by_role("img", name="Reviewed, 1 open comment")).to_be_visible()
    page.get_by_label("Which lines").select_option("comments")
    expect(page.locator(".list-room .row")).to_have_count(1)
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".list-room .row")).to_have_count(0)
    page.get_by_label("Which lines").select_option("all")
    page.get_by_label("Review state").select_option("approved")
    expect(page.get_by_label("Which lines").locator("option[value=approved]")).to_have_text("Approved (1)")
    assert lines_of(page_service, project)[0]["review"] == "approved"
    assert not [job for job in page_service.call("GET", "/jobs") if job["project"] == project["id"]]
