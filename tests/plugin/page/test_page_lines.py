"""Lines in Chromium: split, joined, added, deleted, moved, given away and locked, by mouse and by keys."""

from __future__ import annotations

import shutil
from itertools import count

import pytest
import toy
from playwright.sync_api import expect

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, Settings

# S1_0001 has three words, S2_0002 one, S1_0003 two, S1_0004 and S3_0005 one.
SCENE = (
    *((0, at, 12_000) for at in (24_000, 40_000, 58_000)),
    (1, 120_000, 30_000),
    *((0, at, 15_000) for at in (200_000, 224_000)),
    (0, 290_000, 24_000),
    (2, 400_000, 50_000),
)
_numbers = count(1)


@pytest.fixture(scope="module")
def dubbed(page_media):
    film = toy.write_sound(page_media / "words.wav", scene=SCENE)
    settings = Settings(deliver=DeliverSettings("srt"))
    return pipeline.dub(Job(film, "es", "en", page_media), settings, engines=fakes.specs()).project.root


@pytest.fixture
def project(page_service, dubbed, page_media):
    root = page_media / f"lines{next(_numbers)}.rythmo"
    shutil.copytree(dubbed, root)
    opened = page_service.call("POST", "/projects", {"path": str(root)})
    yield page_service.call("GET", f"/projects/{opened['id']}")
    page_service.quiet(opened["id"])


@pytest.fixture
def page(stage, project):
    found = stage.open(f"/project/{project['id']}/script")
    expect(rows(found)).to_have_count(5)
    return found


def rows(page):
    return page.locator(".list-room .row")


def row(page, line):
    return page.locator(f'.row[data-line="{line}"]')


def choose(page, line):
    row(page, line).locator(".cell-time").click()
    expect(row(page, line)).to_have_attribute("aria-selected", "true")


def seek(page, service, project, samples):
    """Puts the playhead at a position, by the ruler of the timeline with the whole programme in sight."""
    page.locator(".list-scroll").focus()
    page.keyboard.press("0")
    box = page.locator(".timeline-canvas").bounding_box()
    x = box["x"] + box["width"] * samples / project["programme"]["length"]
    page.mouse.click(x, box["y"] + 8)
    return box


def line_of(service, project, line):
    return service.call("GET", f"/projects/{project['id']}/lines/{line}")


def at_line(box, project, samples, lane):
    """A point of a lane at a position."""
    x = box["x"] + box["width"] * samples / project["programme"]["length"]
    lanes = (box["height"] - 56) / len(project["speakers"])
    return x, box["y"] + 56 + (lane + 0.5) * max(36, min(72, lanes))


def test_every_action_by_keyboard(stage, page, page_service, project):
    choose(page, "S1_0001")
    seek(page, page_service, project, 38_000)
    page.keyboard.press("s")
    expect(rows(page)).to_have_count(6)
    expect(row(page, "S1_0006")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(5)
    page.keyboard.press("Control+Shift+z")
    expect(rows(page)).to_have_count(6)

    choose(page, "S1_0001")
    page.keyboard.press("m")
    expect(rows(page)).to_have_count(5)

    page.keyboard.press("Shift+Enter")
    area = page.get_by_label("Original text of line S1_0001")
    area.evaluate("(area) => area.setSelectionRange(3, 3)")
    page.keyboard.press("Control+Enter")
    expect(rows(page)).to_have_count(6)
    expect(row(page, "S1_0007")).to_be_visible()

    choose(page, "S2_0002")
    before = line_of(page_service, project, "S2_0002")
    with page.expect_response("**/lines/S2_0002"):
        for key in (".", ".", "Shift+Period"):
            page.keyboard.press(key)
    page_service.quiet(project["id"])
    after = line_of(page_service, project, "S2_0002")
    assert (after["start"] - before["start"], after["end"] - before["end"]) == (2 * 1920, 1920)

    with page.expect_response("**/lines/S2_0002"):
        page.keyboard.press("g")
    expect(row(page, "S2_0002").locator(".cell-speaker")).to_contain_text("Speaker 3")

    page.keyboard.press("u")
    expect(row(page, "S2_0002").get_by_label("Locked")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.get_by_text("S2_0002 is locked.")).to_be_visible()
    expect(rows(page)).to_have_count(6)
    page.keyboard.press("u")
    expect(row(page, "S2_0002").get_by_label("Locked")).to_have_count(0)
    page.keyboard.press("Delete")
    expect(row(page, "S2_0002")).to_have_count(0)

    seek(page, page_service, project, 350_000)
    page.keyboard.press("n")
    page.get_by_label("Original: what is said there").fill("hm")
    page.keyboard.press("Enter")
    expect(row(page, "S1_0008")).to_contain_text("es: hm")
    stage.wrong = [one for one in stage.wrong if not ("404" in one and "/lines/S1_000" in one)]
    page_service.quiet(project["id"])
    assert all(line["chosen"] for line in page_service.call("GET", f"/projects/{project['id']}")["lines"])


def test_every_action_by_mouse(stage, page, page_service, project):
    choose(page, "S1_0001")
    box = seek(page, page_service, project, 38_000)
    tools = page.get_by_role("toolbar", name="Change the line")
    tools.get_by_role("button", name="Split at the playhead").click()
    expect(rows(page)).to_have_count(6)
    choose(page, "S1_0001")
    tools.get_by_role("button", name="Join with the next").click()
    expect(rows(page)).to_have_count(5)

    # The edges of a line are dragged in its lane.
    was = line_of(page_service, project, "S3_0005")
    x, y = at_line(box, project, was["end"], 2)
    with page.expect_response("**/lines/S3_0005"):
        page.mouse.move(x - 1, y)
        page.mouse.down()
        page.mouse.move(x + 20, y, steps=3)
        page.mouse.up()
    page_service.quiet(project["id"])
    assert line_of(page_service, project, "S3_0005")["end"] > was["end"]

    # A new line is drawn in an empty stretch of a lane.
    x, y = at_line(box, project, 330_000, 1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    form = page.get_by_role("dialog", name="New line")
    expect(form.get_by_label("Speaker")).to_have_value("S2")
    form.get_by_label("Original: what is said there").fill("hm")
    form.get_by_role("button", name="Add the line").click()
    expect(form).to_have_count(0)
    made = page.locator('.list-room .row[aria-selected="true"]')
    expect(made).to_contain_text("es: hm")

    tools.get_by_role("button", name="Lock the line").click()
    expect(made.get_by_label("Locked")).to_be_visible()
    expect(page.get_by_role("combobox", name="Speaker")).to_be_disabled()
    expect(tools.get_by_role("button", name="Delete the line")).to_be_disabled()
    tools.get_by_role("button", name="Unlock the line").click()

    page.get_by_role("combobox", name="Speaker").select_option("S3")
    expect(made.locator(".cell-speaker")).to_contain_text("Speaker 3")
    tools.get_by_role("button", name="Delete the line").click()
    expect(rows(page)).to_have_count(5)
    page.get_by_role("button", name="1 deleted line").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(rows(page)).to_have_count(6)
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(5)
    # The words of a line that was joined again at once may have been asked for too late.
    stage.wrong = [one for one in stage.wrong if not ("404" in one and "/lines/S1_0006" in one)]


def test_words_for_a_line_that_somebody_split_meanwhile_are_not_lost(stage, page, page_service, project):
    choose(page, "S1_0003")
    page.keyboard.press("Enter")
    area = page.get_by_label("Translation of line S1_0003")
    area.fill("lo que escribí")
    page_service.call("POST", f"/projects/{project['id']}/lines/S1_0003/split", {"word": 1})
    page_service.quiet(project["id"])
    area.blur()
    expect(page.get_by_text("was changed meanwhile")).to_be_visible()
    expect(page.get_by_text("What you wrote: “lo que escribí”")).to_be_visible()
    expect(rows(page)).to_have_count(6)
    stage.wrong = [one for one in stage.wrong if "409" not in one]
