"""The panel dubs through the real service into a fake Premiere, and notices where Premiere did not obey."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from itertools import chain
from pathlib import Path

import pytest
from panel_stage import Panel, Sequence, panel
from service_under_test import revise
from toy_service import SCENE

RATES = [
    (Fraction(24000, 1001), False),
    (Fraction(25), False),
    (Fraction(30000, 1001), True),
    (Fraction(60000, 1001), False),
]
SPEAKERS = {"DX Speaker 1": (0, 2), "DX Speaker 2": (1,), "DX Speaker 3": (3,)}


def ours(made: Panel) -> dict[str, list[Fraction]]:
    """The first frames of the clips of our tracks, by track name."""
    ticks = made.sequence.ticks_per_frame
    return {
        track["name"]: [Fraction(int(clip["start"]), ticks) for clip in track["clips"]]
        for track in made.tracks()
        if track["name"] != "Audio 1"
    }


def wanted(rate: Fraction) -> dict[str, list[int]]:
    """The frame that each line begins in: a take is cut so that its sound then starts on its sample."""
    frames = {
        name: [int(Fraction(SCENE[n][1], 48_000) * rate) for n in lines] for name, lines in SPEAKERS.items()
    }
    return {**frames, "M&E": [0]}


def near(found: dict[str, list[Fraction]], rate: Fraction) -> bool:
    """Whether each clip is on a whole frame, and on the one of its line (the toy's onsets are found within
    one)."""
    aim = wanted(rate)
    return found.keys() == aim.keys() and all(
        each.denominator == 1 and abs(each - frame) <= 1
        for name in aim
        for each, frame in zip(found[name], aim[name], strict=True)
    )


@pytest.mark.parametrize("zero_seconds", [0, 3600], ids=["00:00:00:00", "01:00:00:00"])
@pytest.mark.parametrize(("rate", "drop"), RATES, ids=["23.976", "25", "29.97 drop", "59.94"])
def test_every_line_lands_on_its_frame(browser, service, film, rate, drop, zero_seconds) -> None:
    zero = int(zero_seconds * (rate if drop else round(rate)))
    sequence = Sequence(film, rate, zero, frames=int(4 * rate), drop=drop)
    with panel(browser, service.home, sequence) as made:
        made.dub()
        assert made.text("wrong") == ""
        assert made.text("summary") == "All 5 clips are in place."
        assert near(ours(made), rate)
        assert made.require_every_line_on_its_sample() == len(SCENE)
        assert made.tracks()[0]["muted"]
        assert made.sequences() == ["Cut 3", "Cut 3 (es)"]


def test_it_adds_to_the_sequence_that_is_open(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film)) as made:
        made.dub(mode="add")
        assert made.sequences() == ["Cut 3"]
        assert near(ours(made), Fraction(25))


def test_the_original_is_neither_moved_nor_cut(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film)) as made:
        before = made.tracks()[0]["clips"]
        made.dub()
        assert made.tracks()[0]["clips"] == before


def test_subtitles_come_into_the_bin_and_the_editor_is_told(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film)) as made:
        made.dub()
        assert "drag it onto the timeline for a caption track" in made.text("notes")
        items = made.page.evaluate("stage.root.children[0].children.map(({ name }) => name)")
        assert [name for name in items if name.endswith(".srt")]


def test_after_an_edit_only_what_changed_is_placed_anew(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, name="Edited")) as made:
        made.dub()
        before = made.tracks()
        made.move(track=2, clip=0, frames=10)
        (row,) = made.conform()
        assert "S2_0002" in row
        assert "moved" in row
        assert made.text("wrong") == ""
        after = made.tracks()
    assert [track["clips"] for track in after[:2]] == [track["clips"] for track in before[:2]]
    assert after[3]["clips"] == before[3]["clips"]
    moved = int(after[2]["clips"][0]["start"]) - int(before[2]["clips"][0]["start"])
    assert moved == 10 * made.sequence.ticks_per_frame


def test_a_line_that_was_changed_on_the_page_comes_into_the_sequence(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, name="Revised here")) as made:
        made.dub()
        revise(service, "Revised here", "S2_0002", translation="otra cosa")
        (row,) = made.conform()
        assert "S2_0002: another take" in row
        assert made.text("wrong") == ""
        assert made.require_every_line_on_its_sample() == len(SCENE)
        assert "S2_0002_t02" in made.tracks()[2]["clips"][0]["path"]


def test_a_plan_that_is_not_wanted_changes_nothing(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, name="Not edited")) as made:
        made.dub()
        assert made.text("wrong") == ""
        made.move(track=2, clip=0, frames=10)
        before = made.tracks()
        made.conform(answer="leave")
        assert made.tracks() == before
        assert made.text("summary") == "Stopped. The timeline was not changed."
        assert made.text("wrong") == "", "what the editor wants is no trouble"


HELD = """(() => {
  const real = window.fakeFetch;
  window.asked = [];
  const held = new Promise((go) => { window.letGo = go; });
  window.fakeFetch = async (url, options) => {
    if (url.endsWith("/turns/2")) { window.waits = true; await held; }
    const answer = await real(url, options);
    window.asked.push(url);
    return answer;
  };
})()"""


def test_work_can_be_stopped(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, name="Stopped")) as made:
        before = made.tracks()
        made.page.wait_for_selector("#dub:not([disabled])")
        made.page.select_option("#language", "es")
        made.page.evaluate(HELD)
        made.page.click("#dub")
        made.page.wait_for_function("window.waits")
        assert made.text("ask") == "", "what cannot be pressed now is not shown"
        made.page.click("#stop")
        made.page.wait_for_function("window.asked.some((path) => path.endsWith('/stop'))")
        made.page.evaluate("window.letGo()")
        made.over()
        assert made.text("summary") == "Stopped. The timeline was not changed."
        assert made.tracks() == before
        assert made.sequences() == ["Stopped"]


def test_clips_that_premiere_drops_are_placed_again(browser, service, film) -> None:
    sequence = Sequence(film, faults={"dropPlacements": 2})
    with panel(browser, service.home, sequence) as made:
        made.dub()
        assert made.text("summary") == "All 5 clips are in place."
        starts = sorted(chain(*ours(made).values()))
        assert len(starts) == 5, "what was dropped came once, not twice"
        aims = sorted(chain(*wanted(Fraction(25)).values()))
        assert all(abs(start - aim) <= 1 for start, aim in zip(starts, aims, strict=True))


def test_where_a_file_is_refused_the_whole_timeline_is_imported_as_xml(browser, service, film) -> None:
    sequence = Sequence(film, faults={"refuseImport": "S2_"})
    with panel(browser, service.home, sequence) as made:
        made.dub()
        assert "could not be placed" in made.text("notes")
        assert made.text("summary") == "All 5 clips are in place."
        assert made.sequences()[-1].endswith("timeline.xml")
        starts = sorted(start for track in ours(made).values() for start in track)
        assert len(starts) == 5
        assert made.tracks()[0]["muted"]


@pytest.mark.parametrize("manner", ["refused", "ignored"])
def test_where_no_track_is_made_the_tracks_come_with_an_import(browser, service, film, manner) -> None:
    """An index above the count is no promise: "invalid track index", or success and nothing placed."""
    faults = {"newTracks": manner, "leaveOut": "S2_0002"}
    with panel(browser, service.home, Sequence(film, name=f"Tracks {manner}", faults=faults)) as made:
        made.dub()
        assert made.text("wrong") == ""
        assert made.text("summary") == "All 5 clips are in place."
        assert "the whole timeline was imported as a new one" in made.text("notes")
        assert made.sequences()[-1].endswith("timeline.xml")
        assert made.require_every_line_on_its_sample() == len(SCENE)
        assert made.tracks()[0]["muted"]
        moves = made.page.evaluate("stage.state.undo.filter((name) => name.includes('place dub')).length")
        assert moves <= 6, "each clip is tried once, not in five ways"


def test_a_caption_track_that_the_editor_made_is_named(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, name="Captions")) as made:
        made.dub()
        made.page.evaluate(DRAGGED)
        made.move(track=2, clip=0, frames=10)
        made.conform()
        assert made.page.evaluate("stage.state.active.captions.map(({ name }) => name)") == [
            "The editor's own",
            "Subtitles (es)",
        ]


DRAGGED = """(() => {
  const srt = stage.root.children[0].children.find(({ name }) => name.endsWith(".srt"));
  const track = (name, path) => ({ name, getTrackItems: () => [{ getProjectItem: async () => ({ ...srt, path,
    getMediaFilePath: async () => path }) }], createSetNameAction(next) { const self = this;
    return stage.action(() => { self.name = next; }); } });
  const active = stage.state.active;
  active.captions = [track("The editor's own", "/films/own.srt"), track("Subtitle", srt.path)];
  active.getCaptionTrackCount = async () => active.captions.length;
  active.getCaptionTrack = async (index) => active.captions[index];
})()"""


def test_what_premiere_never_takes_is_said(browser, service, film) -> None:
    sequence = Sequence(film, faults={"refuseImport": "S2_", "refuseTimelines": True})
    with panel(browser, service.home, sequence) as made:
        made.dub()
        assert made.text("summary") == "4 of 5 clips are in place. Missing: S2_0002."
        assert "did not import the timeline" in made.text("notes")
        assert "S2_0002" in made.text("notes"), "the line that is missing is named"
        assert sum(map(len, ours(made).values())) == 4


def test_a_track_that_stays_audible_is_said(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, faults={"deafMute": True})) as made:
        made.dub()
        assert "Switch off track A1" in made.text("notes")


def test_where_tracks_cannot_be_named_the_clips_still_land(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, version="26.2.0")) as made:
        made.dub()
        assert made.text("summary") == "All 5 clips are in place."
        assert [track["name"] for track in made.tracks()][1:] == ["Audio 2", "Audio 3", "Audio 4", "Audio 5"]


def test_a_premiere_that_cannot_export_asks_for_the_file(browser, service, film, tmp_path: Path) -> None:
    with panel(browser, service.home, Sequence(film)) as other:
        other.page.evaluate(
            "([path]) => stage.ppro.ProjectConverter.exportAsFinalCutProXML(stage.state.active, path)",
            [str(tmp_path / "by hand.xml")],
        )
    xml = (tmp_path / "by hand.xml").read_text(encoding="utf-8")
    by_hand = Sequence(film, version="25.6.0", name="By hand")
    with panel(browser, service.home, by_hand) as made:
        made.page.evaluate(f"window.picked = {{ read: async () => {json.dumps(xml)} }}")
        made.dub()
        assert made.text("wrong") == ""
        assert made.text("summary") == "All 5 clips are in place."


def test_without_loopback_it_speaks_through_the_folder(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film, refuse_http=True)) as made:
        made.dub()
        assert made.text("service").startswith("Rythmo is ready (through its folder")
        assert made.text("summary") == "All 5 clips are in place."


def test_without_a_service_it_says_how_to_start_one(browser, film, tmp_path) -> None:
    with panel(browser, tmp_path, Sequence(film)) as made:
        made.page.wait_for_function("document.getElementById('service').textContent.includes('not running')")
        assert "rythmo serve" in made.text("service")
        assert made.page.locator("#dub").is_disabled()


def test_it_starts_the_service_and_finds_it(browser, service, film, tmp_path) -> None:
    sequence = Sequence(film, starter="/home/anna/rythmo/Start Rythmo.command")
    with panel(browser, tmp_path, sequence) as made:
        made.page.click("#start")
        made.page.wait_for_function("document.getElementById('service').textContent.startsWith('Starting')")
        assert sequence.opened == [sequence.starter]
        shutil.copy(service.home / "service.json", tmp_path / "service.json")
        made.page.wait_for_selector("#dub:not([disabled])")
        assert made.text("absent") == ""


def test_the_page_opens_with_a_code_that_is_good_once(browser, service, film) -> None:
    with panel(browser, service.home, Sequence(film)) as made:
        made.page.wait_for_selector("#dub:not([disabled])")
        made.page.evaluate("document.getElementById('page').click()")
        made.page.wait_for_function("window.opened")
        opened = made.page.evaluate("window.opened")
        assert opened.startswith(f"{service.address}/#code=")
        assert service.token not in opened
