"""From the first look to a delivery, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path

from edited_timeline import moved, one_track
from playwright.sync_api import expect

FRAME = 2002
"""Samples at 48 kHz of a frame of the toy film, which has 24000/1001 a second."""


def test_a_file_is_dubbed_and_its_lines_appear(stage, page_service, page_media):
    page = stage.open("/new/")
    page.get_by_role("button", name="Choose").first.click()
    path = page.get_by_label("Path")
    path.fill(str(page_media / "toy.mp4"))
    path.press("Enter")
    expect(page.locator(".file output").first).to_have_text(str(page_media / "toy.mp4"))
    page.get_by_label("From", exact=True).select_option("en")
    page.get_by_label("To", exact=True).select_option("ca")
    page.get_by_role("button", name="Start the dub").click()
    expect(page.locator("main.job")).to_have_attribute("data-state", "done")
    expect(page.locator(".found-line")).to_have_count(5)
    expect(page.locator('.found-line[data-status="voiced"]')).to_have_count(5)
    expect(page.locator('.job-stage[data-state="done"]').first).to_be_visible()
    expect(page.locator(".job-lane-name .cut")).to_have_count(3)
    expect(page.get_by_role("img", name="Waveform of the programme")).to_be_visible()
    page.get_by_role("button", name="Open the script").click()
    expect(page.locator(".list-room .row")).to_have_count(5)


def test_a_finished_dub_is_heard_beside_its_original_in_step(stage, page_service, toy_dub):
    """The toy film and its dub have one picture each; the dub follows, and one of the two is heard."""
    job = next(one for one in page_service.call("GET", "/jobs") if one["kind"] == "dub")
    page = stage.open(f"/job/{job['id']}")
    dub = page.get_by_role("radio", name="Dub")
    expect(dub).to_be_checked()
    page.locator(".found-time").nth(1).click()
    page.locator("h1").click()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop (space)")).to_be_visible()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.job-player :is(video, audio)')].every((one) => !one.paused)"
    )
    original, follower = page.locator(".job-player :is(video, audio)").all()
    assert [one.evaluate("one => one.muted") for one in (original, follower)] == [True, False]
    page.wait_for_function(
        "() => { const [a, b] = document.querySelectorAll('.job-player :is(video, audio)');"
        " return Math.abs(a.currentTime - b.currentTime) < 0.1; }"
    )
    page.get_by_role("radio", name="Original").check()
    assert [one.evaluate("one => one.muted") for one in (original, follower)] == [False, True]
    page.get_by_role("button", name="Hear the take").first.click()
    assert any("/takes/" in address for address in page.evaluate("players.map((one) => one.src)"))


def test_formats_are_delivered_and_downloaded(stage, page_service, project):
    page = stage.open(f"/project/{project['id']}/deliver")
    page.get_by_role("checkbox").first.wait_for()
    expect(page.locator(".delivered")).not_to_have_count(0)
    page.locator(".formats label", has_text=".vtt").get_by_role("checkbox").check()
    page.get_by_role("button", name="Deliver").click()
    name = f"{Path(project['source']).stem}.es.vtt"
    expect(page.locator(".delivered", has_text=name)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_label(f"Download {name}").click()
    assert Path(download.value.path()).read_text().startswith("WEBVTT")


def test_a_film_that_is_dropped_waits_for_its_language(stage, page_media):
    page = stage.open("/")
    page.locator(".drop input").set_input_files(page_media / "toy.mp4")
    expect(page.get_by_role("heading", name="New dub")).to_be_visible()
    expect(page.get_by_label("File or timeline")).to_have_text(str((page_media / "toy.mp4").resolve()))


def test_a_turnover_is_set_seen_beforehand_and_written(stage, project):
    page = stage.open(f"/project/{project['id']}/deliver")
    page.get_by_text("Turnover", exact=True).click()
    page.get_by_label("Write the stems to a folder of their own").check()
    page.get_by_label("Names of the stems").fill("{language}_{stem}")
    planned = page.get_by_label("What will be written")
    expect(planned.get_by_text("turnover/es_MIX.wav")).to_be_visible()
    page.get_by_role("button", name="Deliver").click()
    expect(page.locator(".delivered", has_text="es_MIX.wav")).to_be_visible()
    assert (Path(project["root"]) / "deliver" / "es" / "turnover" / "es_MIX.wav").is_file()
    page.reload()
    page.get_by_text("Turnover", exact=True).click()
    expect(page.get_by_label("Names of the stems")).to_have_value("{language}_{stem}")


def moved_timeline(project, folder):
    """The delivered timeline with the second line 12 frames later."""
    delivered = next(Path(project["root"]).glob("deliver/es/*.otio"))
    return moved(delivered, project["lines"][1]["id"], 12 * FRAME, folder / "edited.otio")


def test_an_edited_timeline_is_shown_before_it_is_applied(stage, page_service, project, tmp_path):
    page = stage.open(f"/project/{project['id']}/deliver")
    line = project["lines"][1]
    page.locator(".drop input[multiple]").set_input_files(moved_timeline(project, tmp_path))
    expect(page.locator(".plan tbody tr").first).to_contain_text("moved")
    same = page_service.call("GET", f"/projects/{project['id']}/lines/{line['id']}")
    assert same["start"] == line["start"]
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("main.job")).to_have_attribute("data-state", "done")
    now = page_service.call("GET", f"/projects/{project['id']}/lines/{line['id']}")
    assert now["start"] == line["start"] + 12 * FRAME


def test_a_conform_is_undone_and_tracks_that_are_missing_are_asked_about(
    stage, page_service, project, tmp_path
):
    root = Path(project["root"])
    before = (root / "script.json").read_bytes()
    page = stage.open(f"/project/{project['id']}/deliver")
    page.locator(".drop input[multiple]").set_input_files(moved_timeline(project, tmp_path))
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("main.job")).to_have_attribute("data-state", "done")
    assert (root / "script.json").read_bytes() != before
    stage.open(f"/project/{project['id']}/deliver")
    page.get_by_role("button", name="Undo the last conform").click()
    expect(page.get_by_text("as it was before the last conform")).to_be_visible()
    assert (root / "script.json").read_bytes() == before

    delivered = next(root.glob("deliver/es/*.otio"))
    page.locator(".drop input[multiple]").set_input_files(
        one_track(delivered, project["lines"][0]["id"], tmp_path / "one.otio")
    )
    expect(page.get_by_role("group", name="Tracks that are missing")).to_contain_text("not judged")
    expect(page.get_by_role("button", name="Apply")).to_be_disabled()
    page.get_by_role("button", name="Leave those lines as they are").click()
    expect(page.get_by_text("they stay unchanged")).to_be_visible()


def test_a_stale_key_is_explained(stage):
    page = stage.page
    page.goto(f"{stage.address}/#token=old")
    expect(page.get_by_text("no longer has a valid key")).to_be_visible()
    stage.wrong = [each for each in stage.wrong if "401" not in each]


def test_the_setup_page_names_what_is_missing(stage):
    page = stage.open("/setup")
    expect(page.locator(".check").first).to_be_visible()
    expect(page.locator('.engine[data-available="false"] code').first).not_to_be_empty()


def test_where_streams_do_not_get_through_the_page_asks(stage, page_service, project):
    page = stage.page
    page.route(lambda address: address.endswith("/api/v1/events"), lambda route: route.abort())
    stage.open(f"/project/{project['id']}/script")
    expect(page.locator(".list-room .row")).to_have_count(len(project["lines"]))
    line = project["lines"][0]["id"]
    page_service.call("PATCH", f"/projects/{project['id']}/lines/{line}", {"text": "told", "voice": False})
    expect(page.locator(f'.row[data-line="{line}"]')).to_contain_text("told")
    stage.wrong = [each for each in stage.wrong if "ERR_FAILED" not in each]


def test_a_service_that_started_anew_is_told_from_one_that_is_gone(stage):
    page = stage.open("/")
    page.locator(".welcome").wait_for()
    refuse = {"status": 401, "json": {"error": {"message": "old", "hint": "", "code": "token"}}}
    page.route("**/api/v1/**", lambda route: route.fulfill(**refuse))
    page.reload()
    expect(page.get_by_text("no longer has a valid key")).to_be_visible()
    page.unroute("**/api/v1/**")
    stage.open("/setup")
    expect(page.locator(".check").first).to_be_visible()
    stage.wrong = [each for each in stage.wrong if "401" not in each]


def test_a_job_shows_what_runs_where(stage, page_service, toy_dub):
    job = page_service.call("GET", "/jobs")[-1]
    places = [
        {"stage": "separate", "part": "chunk 3", "place": "node-a, process 4711"},
        {"stage": "transcribe", "part": "chunk 2", "place": "node-b, process 4712"},
    ]
    running = {**job, "state": "running", "finished": None, "fraction": 0.3, "places": places}
    stage.page.route(f"**/jobs/{job['id']}", lambda route: route.fulfill(json=running))
    # The list of jobs, which the page asks for too, would say that it is over.
    stage.page.route(re.compile(r"/jobs(\?.*)?$"), lambda route: route.fulfill(json=[running]))
    page = stage.open(f"/job/{job['id']}")
    shown = page.locator(".places li")
    expect(shown).to_have_count(2)
    expect(shown.first).to_contain_text("chunk 3")
    expect(shown.last).to_contain_text("node-b, process 4712")
