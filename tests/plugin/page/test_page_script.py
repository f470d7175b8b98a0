"""The script view in Chromium: play, edit, hear the new take, choose, undo, speakers, keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect


def shown(stage, project, tab="script"):
    page = stage.open(f"/project/{project['id']}/{tab}")
    expect(page.locator(".list-room .row")).to_have_count(len(project["lines"]))
    return page


def row(page, line):
    return page.locator(f'.row[data-line="{line}"]')


def rewrite(page, line, words):
    """Selects a line and writes its translation by keyboard, without going on to the next one."""
    row(page, line).locator(".cell-time").click()
    page.keyboard.press("Enter")
    area = page.get_by_label(f"Translation of line {line}")
    area.fill(words)
    area.blur()


def sounds(project):
    """Every take and stem of a project, by name."""
    root = Path(project["root"])
    files = [*root.glob("takes/*.wav"), *root.glob("stems/*.wav")]
    return {path.relative_to(root).as_posix(): soundfile.read(path, always_2d=True)[0] for path in files}


def test_a_new_take_is_heard_and_no_other_line_changes(stage, page_service, project):
    page = shown(stage, project)
    line = project["lines"][1]
    before = sounds(project)

    rewrite(page, line["id"], "es: b16")
    page.wait_for_function("() => document.querySelector('.take[data-take=t02][data-sounding]')")
    expect(page.locator(".status")).to_contain_text("Saved")
    page_service.quiet(project["id"])

    after = sounds(project)
    old, new = (f"takes/{line['id']}_{take}.wav" for take in ("t01", "t02"))
    assert not np.array_equal(after[new][: len(after[old])], after[old][: len(after[new])])
    assert len(stage.heard()) == 1
    assert stage.heard()[0]["length"] / stage.heard()[0]["rate"] == pytest.approx(
        len(after[new]) / 48_000, abs=1e-3
    )
    assert [
        name for name in before if name.startswith("takes/") and not np.array_equal(before[name], after[name])
    ] == []
    start, end = line["start"], line["slot_end"]
    for name in (name for name in before if name.startswith("stems/")):
        assert np.array_equal(before[name][:start], after[name][:start]), name
        assert np.array_equal(before[name][end:], after[name][end:]), name
    assert not np.array_equal(before["stems/MIX.wav"][start:end], after["stems/MIX.wav"][start:end])


def test_an_old_take_is_chosen_again_and_undone(stage, page_service, project):
    page = shown(stage, project)
    line = project["lines"][0]["id"]
    rewrite(page, line, "es: a12")
    expect(page.locator('.take[data-take="t02"] input')).to_be_checked()
    with page.expect_response("**/choice"):
        # Not check(): the radio button shows the choice when the service has it.
        page.locator('.take[data-take="t01"] input').click()
    page_service.quiet(project["id"])
    assert page_service.call("GET", f"/projects/{project['id']}/lines/{line}")["chosen"] == "t01"

    page.locator(".list-scroll").focus()
    page.keyboard.press("Control+z")
    expect(page.locator('.take[data-take="t02"] input')).to_be_checked()
    page.keyboard.press("Control+Shift+z")
    expect(page.locator('.take[data-take="t01"] input')).to_be_checked()


def test_takes_are_compared(stage, project):
    page = shown(stage, project)
    line = project["lines"][0]
    row(page, line["id"]).locator(".cell-time").click()
    page.keyboard.press("1")
    page.wait_for_function("() => document.querySelector('.take[data-take=t01][data-sounding]')")
    page.keyboard.press("k")
    expect(page.locator(".take[data-sounding]")).to_have_count(0)
    page.get_by_label("Hear the original").click()
    page.wait_for_function(
        "() => document.querySelector('.take[data-sounding]')?.textContent.includes('Original')"
    )


def test_enter_keeps_and_goes_on_and_escape_leaves(stage, page_service, project):
    page = shown(stage, project)
    first, second = (line["id"] for line in project["lines"][:2])
    row(page, first).locator(".cell-time").click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("es: a9")
    page.keyboard.press("Enter")
    expect(page.get_by_label(f"Translation of line {second}")).to_be_focused()
    page.keyboard.type("not wanted")
    page.keyboard.press("Escape")
    expect(row(page, second)).to_contain_text(project["lines"][1]["translation"])
    expect(page.locator(".status")).to_contain_text("Saved")
    lines = page_service.call("GET", f"/projects/{project['id']}")["lines"]
    assert [line["translation"] for line in lines[:2]] == ["es: a9", project["lines"][1]["translation"]]


def test_in_and_out_are_set_where_it_stands(stage, page_service, project):
    page = shown(stage, project)
    line = project["lines"][1]
    row(page, line["id"]).locator(".cell-time").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("i")
    expect(row(page, line["id"]).locator(".cell-time")).to_contain_text("01:00:02:00")
    now = page_service.call("GET", f"/projects/{project['id']}/lines/{line['id']}")
    assert now["start"] == 48 * 2002
    field = page.get_by_label("Out", exact=True)
    field.fill("01:00:02:12")
    with page.expect_response(lambda reply: reply.request.method == "PATCH"):
        field.press("Enter")
    now = page_service.call("GET", f"/projects/{project['id']}/lines/{line['id']}")
    assert now["end"] == 60 * 2002


def test_a_word_seeks_to_where_it_is_said(stage, project):
    page = shown(stage, project)
    row(page, project["lines"][3]["id"]).locator(".word").first.click()
    expect(page.locator(".readout")).to_have_text("01:00:04:23")


def test_space_plays_both_sounds_in_step(stage, project):
    page = shown(stage, project)
    expect(page.locator(".picture video")).to_be_visible()
    page.locator(".list-scroll").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Stop (space)")).to_be_visible()
    expect(row(page, project["lines"][1]["id"])).to_have_attribute("data-playing", "true")
    assert float(page.evaluate("document.documentElement.dataset.driftMs")) < 300
    page.keyboard.press("k")
    expect(page.get_by_label("Play (space)")).to_be_visible()
    page.get_by_label("Mute Speaker 1").click()
    expect(page.get_by_label("Mute Speaker 1")).to_have_attribute("aria-pressed", "true")


def test_search_and_filters(stage, project):
    page = shown(stage, project)
    page.keyboard.press("/")
    page.keyboard.type("C11")
    expect(page.locator(".list-room .row")).to_have_count(1)
    expect(page.locator(".count")).to_have_text(f"1 of {len(project['lines'])}")
    page.keyboard.press("Escape")
    page.get_by_label("Whose lines").select_option(project["speakers"][0]["id"])
    mine = [line for line in project["lines"] if line["speaker"] == project["speakers"][0]["id"]]
    expect(page.locator(".list-room .row")).to_have_count(len(mine))


def test_speakers_are_renamed_merged_and_split(stage, page_service, project):
    page = shown(stage, project)
    first, second = project["speakers"][:2]
    page.get_by_role("button", name="Speakers").click()
    name = page.get_by_label(f"Name of {first['name']}")
    name.fill("Anna")
    name.press("Enter")
    expect(page.locator(".heads")).to_contain_text("Anna")
    page.get_by_label(f"{second['name']} is the same person as").select_option(first["id"])
    expect(page.locator(".person")).to_have_count(len(project["speakers"]) - 1)
    page.keyboard.press("Escape")
    row(page, project["lines"][1]["id"]).locator(".cell-time").click()
    page.get_by_role("button", name="Speakers").click()
    page.get_by_placeholder("Name").fill("Ben")
    page.get_by_role("button", name="Give them the selected line").click()
    expect(page.locator(".heads")).to_contain_text("Ben")
    lines = page_service.call("GET", f"/projects/{project['id']}")["lines"]
    assert [line["id"] for line in lines] == [line["id"] for line in project["lines"]]


def test_what_the_service_refuses_is_said_with_what_to_do(stage, project):
    page = shown(stage, project)
    row(page, project["lines"][0]["id"]).locator(".cell-time").click()
    field = page.get_by_label("Out", exact=True)
    field.fill("01:00:00:00")
    field.press("Enter")
    expect(page.locator(".message-wrong")).to_be_visible()
    expect(page.get_by_label("Out", exact=True)).to_have_attribute("aria-invalid", "true")
    stage.wrong = [each for each in stage.wrong if "status of 4" not in each]


def test_stems_are_soloed_and_muted_and_the_original_is_heard(stage, project):
    page = shown(stage, project)
    page.locator(".list-scroll").focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => players.some((one) => !one.paused)")
    assert stage.playing() == {"MIX"}
    page.get_by_label("Solo Speaker 1").click()
    page.wait_for_function("() => players.filter((one) => !one.paused).length === 1")
    assert stage.playing() == {"DX_S1"}
    page.get_by_label("Solo Speaker 1").click()
    page.get_by_label("Mute music and effects").click()
    page.wait_for_function("() => players.filter((one) => !one.paused).length === 3")
    assert stage.playing() == {"DX_S1", "DX_S2", "DX_S3"}
    assert page.evaluate("document.querySelector('video').muted")
    page.keyboard.press("d")
    page.wait_for_function("() => !document.querySelector('video').muted")
    assert stage.playing() == set()


def test_a_sound_that_ran_away_is_brought_back(stage, project):
    page = shown(stage, project)
    page.locator(".list-scroll").focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => players.some((one) => !one.paused && one.currentTime > 0.2)")
    sounding = "players.find((one) => !one.paused)"
    off = f"Math.abs({sounding}.currentTime - document.querySelector('video').currentTime)"
    # Asked in the same task: the page may bring it back before the next.
    assert page.evaluate(f"() => {{ {sounding}.currentTime += 3; return {off}; }}") > 2
    page.wait_for_function(f"() => {off} < 0.1")


def test_j_k_l_and_the_arrows_move_as_editors_expect(stage, project):
    page = shown(stage, project)
    page.locator(".list-scroll").focus()
    at = "document.querySelector('video').currentTime"
    page.keyboard.press("l")
    page.keyboard.press("l")
    expect(page.locator(".rate")).to_have_text("2×")
    page.wait_for_function(f"() => {at} > 1")
    page.keyboard.press("j")
    expect(page.locator(".rate")).to_have_text("-1×")
    before = page.evaluate(at)
    page.wait_for_function(f"() => {at} < {before}")
    page.keyboard.press("k")
    page.keyboard.press("Home")
    expect(page.locator(".readout")).to_have_text("01:00:00:00")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".readout")).to_have_text("01:00:00:02")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".readout")).to_have_text("01:00:01:02")
    page.keyboard.press("ArrowDown")
    expect(page.locator('.row[aria-selected="true"]')).to_have_attribute(
        "data-line", project["lines"][0]["id"]
    )
    page.keyboard.press("ArrowDown")
    expect(page.locator('.row[aria-selected="true"]')).to_have_attribute(
        "data-line", project["lines"][1]["id"]
    )


def test_an_edge_is_dragged_on_the_timeline_by_whole_frames(stage, page_service, project):
    page = shown(stage, project)
    line = project["lines"][1]
    box = page.locator(".timeline-canvas").bounding_box()
    place = next(n for n, one in enumerate(project["speakers"]) if one["id"] == line["speaker"])
    head = page.locator(".heads-lanes .head").nth(place).bounding_box()
    scale = min(600, project["programme"]["length"] / box["width"])
    x, y = box["x"] + line["end"] / scale, head["y"] + head["height"] / 2
    page.mouse.move(x, y)
    expect(page.locator('.timeline-canvas[data-over="edge"]')).to_be_visible()
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=4)
    with page.expect_response("**/lines/*"):
        page.mouse.up()
    now = page_service.call("GET", f"/projects/{project['id']}/lines/{line['id']}")
    assert now["start"] == line["start"]
    assert (now["end"] - line["end"]) % 2002 == 0
    assert now["end"] - line["end"] == pytest.approx(20 * scale, abs=2002)


def test_lines_name_their_recording_loop_and_one_loop_can_be_shown_alone(stage, page_service, project):
    settings = {"loops": {"by": "character"}}
    asked = {"formats": ["cue-sheet"], "settings": settings}
    job = page_service.call("POST", f"/projects/{project['id']}/deliver", asked)
    page_service.until(job["id"])
    loops = page_service.call("GET", f"/projects/{project['id']}")["loops"]
    assert [loop["speakers"] for loop in loops] == [["S1"], ["S2"], ["S3"]]
    page = shown(stage, project)
    second = loops[1]
    expect(row(page, second["lines"][0]).locator(".loop")).to_have_text("Loop 2")
    page.get_by_label("Which loop").select_option("2")
    expect(page.locator(".list-room .row")).to_have_count(len(second["lines"]))


def test_the_timeline_is_made_higher_by_keys_and_stays_so(stage, project):
    page = stage.open(f"/project/{project['id']}/script")
    grip, lanes = page.get_by_role("separator", name="Height of the timeline"), page.locator(".timeline")
    before = lanes.bounding_box()["height"]
    grip.press("ArrowUp")
    page.wait_for_function(
        "(before) => document.querySelector('.timeline').offsetHeight > before", arg=before
    )
    higher = lanes.bounding_box()["height"]
    page.reload()
    page.locator(".row[data-line]").first.wait_for()
    assert lanes.bounding_box()["height"] == higher
    grip.press("Home")
    page.wait_for_function(
        "(before) => document.querySelector('.timeline').offsetHeight === before", arg=round(before)
    )
