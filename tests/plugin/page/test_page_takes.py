"""Human takes on the page: recorded files are paired with lines, taken, marked and laid."""

from __future__ import annotations

import numpy as np
import soundfile
from playwright.sync_api import expect

from rythmo.engines.fakes import tone

RATE = 48_000


def write(path, length=40_000, hertz=300):
    lead = np.zeros(4_800, np.float32)
    soundfile.write(path, np.concatenate([lead, tone(hertz, length), lead]), RATE, subtype="PCM_24")
    return path


def test_files_are_shown_with_their_lines_and_taken(stage, page_service, project, tmp_path):
    one, two = (line["id"] for line in project["lines"][:2])
    files = [write(tmp_path / f"{one}_take1.wav"), write(tmp_path / f"{one}_take2.wav", hertz=310)]
    files += [write(tmp_path / "booth.wav", 30_000)]
    (tmp_path / f"{two}.wav").write_bytes(b"no sound")
    page = stage.open(f"/project/{project['id']}/script")
    page.get_by_role("button", name="Import takes").click()
    box = page.get_by_role("dialog", name="Import takes")
    box.locator("input[type=file]").set_input_files([*files, tmp_path / f"{two}.wav"])
    pairs = box.get_by_role("region", name="Files and their lines")
    expect(pairs.locator("tbody tr")).to_have_count(4)
    expect(box.get_by_role("status")).to_contain_text("2 takes for 1 line, 0 there already, 2 refused")
    expect(pairs).to_contain_text("Its name holds no line's id")
    # Without a mouse: the line of a file is chosen with the keys of any list.
    pairs.get_by_label("Line of booth.wav").select_option(two)
    expect(box.get_by_role("status")).to_contain_text("3 takes for 2 lines")
    expect(pairs.get_by_label("Take booth.wav")).to_be_checked()
    lines = page_service.call("GET", f"/projects/{project['id']}")["lines"]
    assert lines == project["lines"], "nothing is taken by looking"
    box.get_by_role("button", name="Take 3 files").focus()
    page.keyboard.press("Enter")
    expect(box).to_have_count(0)
    row = page.locator(".list-room .row").first
    row.locator(".cell-time").click()
    expect(page.get_by_role("radio", name="Take 3 Human")).to_be_checked()
    expect(row.get_by_role("img", name="Human take")).to_be_visible()
    page_service.quiet(project["id"])
    layout = page.get_by_label("How the human take is laid")
    expect(layout).to_have_value("start")
    layout.select_option("fitted")
    page_service.quiet(project["id"])
    line = page_service.call("GET", f"/projects/{project['id']}")["lines"][0]
    assert (line["layout"], line["chosen"]) == ("fitted", "t03")
    page.get_by_label("Which lines").select_option("human")
    expect(page.locator(".list-room .row")).to_have_count(2)
    # Undone, and heard again: the engine's take.
    for _ in range(2):
        page.keyboard.press("Control+z")
        page_service.quiet(project["id"])
    expect(page.get_by_text("Undone: import 3 takes.")).to_be_visible()
    expect(page.locator(".list-room .row")).to_have_count(0)
