"""Both scripts dub through the real service, into a Resolve with the traps of the real one."""

from __future__ import annotations

from fractions import Fraction

import pytest
from fake_resolve import Manners
from resolve_stage import RUNS, WANTS, ours, require_every_line_on_its_sample

CLIPS = 5
"""Four lines and the M&E."""


@pytest.fixture
def dub(service, tmp_path):
    """Run the menu entry; what it said."""

    def run(host, script="python", **wants):
        return RUNS[script](host, "Rythmo - Dub", service.home, tmp_path, **{**WANTS, **wants})

    return run


RATES = [
    (Fraction(24000, 1001), "01:00:00:00"),
    (Fraction(25), "01:00:00:00"),
    (Fraction(30000, 1001), "01:00:00;00"),
    (Fraction(60000, 1001), "01:00:00;00"),
    (Fraction(24000, 1001), "00:00:00:00"),
    (Fraction(25), "00:00:00:00"),
    (Fraction(30000, 1001), "00:00:00;00"),
    (Fraction(60000, 1001), "00:00:00:00"),
]


@pytest.mark.parametrize(
    ("script", "rate", "start"),
    [("python", *each) for each in RATES] + [("lua", *each) for each in RATES[:3] + RATES[-1:]],
    ids=lambda value: str(value).replace("/1001", ""),
)
def test_every_line_stands_on_its_sample(resolve, service, dub, script, rate, start):
    host = resolve(rate=rate, start=start)
    said = dub(host, script)
    assert f"All {CLIPS} clips are in place." in said
    require_every_line_on_its_sample(host)
    line, original = host.current, host.timelines["Reel 1"]
    assert line.name == "Reel 1 (es)"
    assert [t.enabled for t in line.tracks["audio"]] == [False, True, True, True, True]
    assert [t.name for t in line.tracks["audio"]][1:] == [
        "DX Speaker 1",
        "DX Speaker 2",
        "DX Speaker 3",
        "M&E",
    ]
    assert [t.form for t in line.tracks["audio"]][1:] == ["mono", "mono", "mono", "stereo"]
    assert len(line.tracks["subtitle"][0].items) == CLIPS - 1
    assert [t.enabled for t in original.tracks["audio"]] == [True], "the editor's timeline is as it was"


def test_both_scripts_leave_the_same_timeline(resolve, dub):
    left = []
    for script in RUNS:
        host = resolve()
        dub(host, script)
        left.append(
            {
                kind: [(t.name, t.enabled, [(i.name, i.start, i.length) for i in t.items]) for t in tracks]
                for kind, tracks in host.current.tracks.items()
            }
        )
        left.append(host.current.markers)
    assert left[:2] == left[2:]


def test_it_can_add_to_the_timeline_that_is_open(resolve, service, dub):
    host = resolve()
    assert "All 5 clips" in dub(host, mode="add")
    assert list(host.timelines) == ["Reel 1"]
    require_every_line_on_its_sample(host)


def test_a_second_run_finds_another_name(resolve, service, dub):
    host = resolve()
    dub(host)
    host.current = host.timelines["Reel 1"]
    assert "All 5 clips" in dub(host)
    assert host.current.name == "Reel 1 (es) 2"


def test_a_timeline_that_holds_a_dub_is_refused(resolve, dub):
    host = resolve()
    dub(host)
    before = len(ours(host))
    assert "already holds a dub" in dub(host)
    assert len(ours(host)) == before


OBEYED = {
    "nothing is returned": Manners(returns="nothing"),
    "a list whatever happened": Manners(returns="nonsense", drops=frozenset()),
    "WAVs at the timeline's rate": Manners(wav_rate=None),
    "whole WAVs cut to 24ths": Manners(whole_in_wav_rate=True),
    "whole WAVs cut, ends inclusive": Manners(whole_in_wav_rate=True, inclusive_ends=True),
    "the first of many is placed": Manners(one_at_a_time=True, returns="nonsense"),
    "many are placed late": Manners(late=2),
    "a track takes nothing": Manners(blocked_tracks=frozenset({3}), returns="nonsense"),
    "imports return nothing": Manners(silent_import=True),
    "no OTIO": Manners(no_otio=True),
    "free edition": Manners(studio=False),
}


@pytest.mark.parametrize("name", OBEYED)
def test_misbehaviour_is_noticed_and_worked_around(resolve, service, dub, name):
    host = resolve(OBEYED[name])
    assert "All 5 clips are in place." in dub(host, "lua" if "many" in name or "free" in name else "python")
    assert host.current.name == "Reel 1 (es)"
    assert not host.modal
    require_every_line_on_its_sample(host)


IMPORTED = {
    "a clip is dropped": Manners(drops=frozenset({"S1_0003"}), returns="nonsense"),
    "no copy": Manners(no_duplicate=True),
    "no new tracks": Manners(no_tracks=True),
    "no WAV is imported": Manners(no_import=frozenset({".wav"})),
}


@pytest.mark.parametrize("name", IMPORTED)
def test_where_placing_fails_the_timeline_is_imported(resolve, service, dub, name):
    host = resolve(IMPORTED[name])
    said = dub(host)
    assert "the whole timeline was imported as a new one" in said
    assert "All 5 clips" in said
    assert host.current.name == "Reel 1 (es) import"
    require_every_line_on_its_sample(host)
    assert [t.enabled for t in host.current.tracks["audio"]] == [False, True, True, True, True]
    assert len(host.current.tracks["video"][0].items) == 1, "the editor's picture came along"
    copy = host.timelines.get("Reel 1 (es)")
    assert copy is None or len(copy.tracks["audio"]) == 1, "what was half placed was taken back"


TOLD = {
    "no export": (Manners(no_export=True), "could not be exported"),
    "nothing works": (Manners(no_tracks=True, no_load=True), "neither placed the clips nor imported"),
    "one clip nowhere": (Manners(drops=frozenset({"S2"}), no_load=True), "4 of 5 clips are in place"),
    "a message box": (Manners(modal_on="AddTrack"), "If a message box is open"),
    "a message box at once": (Manners(modal_on="Export"), "If a message box is open"),
    "a track stays on": (Manners(deaf_enable=True), "Switch off track A1"),
    "subtitles land elsewhere": (Manners(subtitles_at_end=True), "drag es-"),
    "no subtitles": (Manners(no_import=frozenset({".srt"})), "drag es-"),
}


@pytest.mark.parametrize(
    ("script", "name"), [*(("python", name) for name in TOLD), ("lua", "a message box"), ("lua", "no export")]
)
def test_what_cannot_be_done_is_told(resolve, service, dub, script, name):
    manners, words = TOLD[name]
    host = resolve(manners)
    said = dub(host, script)
    assert words in said
    if "Switch" in words or "drag" in words:
        assert "All 5 clips" in said
        require_every_line_on_its_sample(host)
    else:
        assert "All" not in said
    if "4 of 5" in words:
        assert "Missing: S2_0002." in said
        assert "did not import the timeline" in said
        assert len(ours(host)) == 4, "what can be had is there"
        assert not host.current.tracks["audio"][0].enabled
    if "drag" in words:
        assert not any(track.items for track in host.current.tracks["subtitle"]), (
            "none is better than wrong ones"
        )


@pytest.mark.parametrize("script", RUNS)
def test_clips_that_vanish_at_a_save_are_placed_again(resolve, service, dub, script):
    host = resolve(Manners(vanishing=frozenset({"S1_0003"})))
    said = dub(host, script)
    assert "All 5 clips are in place." in said
    assert "1 clip vanished when Resolve saved the project; placed again." in said
    require_every_line_on_its_sample(host)


def test_clips_that_vanish_at_every_save_are_told(resolve, service, dub):
    host = resolve(Manners(vanishing=frozenset({"S1_0003"}), vanishings=99))
    said = dub(host)
    assert "4 of 5 clips are in place. Missing: S1_0003." in said
