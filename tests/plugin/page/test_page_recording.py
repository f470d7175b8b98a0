"""Recording in Chromium, whose microphone is a file: a click every half second, with a tone behind it.

The file is longer than a test: where it begins again, the fake device hands over 2.3 ms too much.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import page_service_to_kill
import pytest
import soundfile
from page_under_test import ARGUMENTS, CHROMIUM, Stage
from playwright.sync_api import expect
from service_under_test import Client

from rythmo.engines.fakes import tone
from rythmo.project.workspace import Project

RATE = 48_000
PERIOD = RATE // 2
MILLISECOND = RATE // 1000
# What the fake microphone really hands over, by the audio clock of the page: the frame of each click.
_WATCH = """
window.clicks = [];
let quiet = 0;
window.AudioWorkletNode = class extends AudioWorkletNode {
  constructor(...made) {
    super(...made);
    this.port.addEventListener("message", ({ data }) => {
      data.samples.forEach((sample, at) => {
        if (Math.abs(sample) < 0.6) quiet += 1;
        else {
          if (quiet > 5000) window.clicks.push(data.first + at);
          quiet = 0;
        }
      });
    });
  }
};
"""


@pytest.fixture(scope="module")
def recording_browser(browser, tmp_path_factory):
    """A second Chromium of the same driver, with a microphone that plays a file."""
    one = np.zeros(PERIOD, np.float32)
    one[:12_000] = 0.3 * tone(300, 12_000) / float(np.abs(tone(300, 12_000)).max())
    one[:24] = 0.9
    file = tmp_path_factory.mktemp("microphone") / "clicks.wav"
    soundfile.write(file, np.tile(one, 200), RATE, subtype="PCM_16")
    fake = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}",
    ]
    found = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *fake])
    yield found
    found.close()


def open_recorder(stage, project, row):
    stage.context.add_init_script(_WATCH)
    page = stage.open(f"/project/{project['id']}/script")
    page.locator(".list-room .row").nth(row).locator(".cell-time").click()
    page.keyboard.press("r")
    recorder = page.get_by_role("region", name="Record a take")
    expect(recorder.get_by_role("button", name="Record (R)")).to_be_enabled()
    return page, recorder


def place_of(frame):
    """Where in its half second a click lies, from -12000 to 11999."""
    return (frame + PERIOD // 2) % PERIOD - PERIOD // 2


def test_a_recorded_click_lands_on_its_sample(recording_browser, page_service, project):
    stage = Stage(recording_browser, page_service, permissions=["microphone"])
    line = project["lines"][3]
    page, recorder = open_recorder(stage, project, 3)
    expect(recorder).to_contain_text("estimated")
    expect(recorder.get_by_role("meter")).not_to_have_attribute("aria-valuenow", "-60")
    recorder.get_by_role("button", name="Measure").click()
    expect(recorder.get_by_text("measured", exact=True)).to_be_visible()
    page.keyboard.press("r")
    expect(recorder.locator(".recorder-count")).to_have_text("3")
    expect(recorder.locator(".recorder-count")).to_have_text("Recording")
    # The pass ends by itself, two seconds after the line; what was recorded is sent and becomes its take.
    expect(recorder.get_by_role("button", name="Record (R)")).to_be_enabled()
    expect(page.get_by_role("region", name="Recordings that wait")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio", name="Take 2 Human")).to_be_checked()
    page_service.quiet(project["id"])

    root = Path(page_service.call("GET", f"/projects/{project['id']}")["root"])
    saved = Project(root).load().line(line["id"])
    take = saved.take
    assert take.human and take.source == "" and saved.layout == "recorded"
    assert take.offset == -PERIOD, "half a second before the line is kept, to the sample"
    samples = soundfile.read(root / take.file)[0]
    loud = np.flatnonzero(np.abs(samples) > 0.6)
    found = [int(one) for n, one in enumerate(loud) if n == 0 or one - loud[n - 1] > 5_000]
    assert len(found) >= 4

    facts = page.evaluate("({...document.documentElement.dataset})")
    zero, played = int(facts["recordZero"]), int(facts["latencyClick"])
    (kept,) = page.evaluate("Object.values(JSON.parse(localStorage['rythmo.latency']))")
    latency = round(kept * RATE)
    came = np.array(page.evaluate("window.clicks"))
    places = np.array([saved.start + take.offset + one for one in found])
    # Each recorded click is the one that came in at that moment: nothing was lost or moved by trimming,
    # sending and reading.
    moments = places + zero + latency
    assert [int(np.abs(came - moment).min()) for moment in moments] == [0] * len(found)
    # By clicks that it played itself the page measured the way in. The same clicks, recorded, must lie where
    # those lay: at `played`, and every half second from there. The fake device loses or doubles some samples
    # when the machine is busy; how many is seen in what it handed over, and is not ours.
    errors = [place_of(place + zero - played) for place in places]
    slips = [place_of(moment - came[came >= played][0]) for moment in moments]
    print("errors in samples", errors, "of these slips of the fake device", slips)
    assert np.abs(np.subtract(errors, slips)).max() <= MILLISECOND
    stage.close()


class Killable(Client):
    """A service in its own process, on one port."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder = home, folder
        super().__init__(0)
        self.start("first-token")

    def start(self, token: str) -> None:
        self.token = token
        command = [sys.executable, page_service_to_kill.__file__, self.home, self.port, self.folder, token]
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def killable(tmp_path, toy_dub, page_media):
    shutil.copytree(toy_dub, tmp_path / "media" / "toy.rythmo")
    shutil.copy(page_media / "toy.mp4", tmp_path / "media" / "toy.mp4")
    found = Killable(tmp_path / "home", tmp_path / "media")
    yield found
    found.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_take_recorded_while_the_service_dies_is_not_lost(recording_browser, killable, tmp_path):
    project = killable.call("POST", "/projects", {"path": str(tmp_path / "media" / "toy.rythmo")})
    stage = Stage(recording_browser, killable, permissions=["microphone"])
    page, recorder = open_recorder(stage, project, 0)
    page.keyboard.press("r")
    expect(recorder.locator(".recorder-count")).to_have_text("Recording")
    killable.kill()
    expect(recorder.get_by_role("button", name="Record (R)")).to_be_visible()
    wait = recorder.get_by_role("region", name="Recordings that wait")
    expect(wait).to_contain_text("1 recording kept in this browser")
    with page.expect_download() as got:
        wait.get_by_role("button", name="Save as WAV").click()
    assert soundfile.info(got.value.path()).frames > 2 * RATE
    # The service comes back with another token, and the page is opened anew: what was kept is sent.
    killable.start("second-token")
    expect(page.get_by_text("no longer has a valid key")).to_be_visible()
    expect(page.get_by_text("1 recording is kept in this browser")).to_be_visible()
    page.close()
    stage.page = stage.context.new_page()
    stage.open(f"/project/{project['id']}/script")
    row = stage.page.locator(".list-room .row").first
    expect(row.get_by_role("img", name="Human take")).to_be_visible()
    expect(stage.page.get_by_role("region", name="Recordings that wait")).to_have_count(0)
    killable.quiet(project["id"])
    line = killable.call("GET", f"/projects/{project['id']}")["lines"][0]
    assert line["takes"][-1]["human"] and line["chosen"] == line["takes"][-1]["id"]
    # What the browser said while there was no service is not wrong.
    expected = ("ERR_", "(UNAUTHORIZED)", "(FORBIDDEN)")
    stage.wrong = [one for one in stage.wrong if not any(word in one for word in expected)]
    stage.close()
