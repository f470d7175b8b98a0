"""A dub in Pro Tools: every line on its sample, whatever Pro Tools does meanwhile."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from dubbed_script import make_script
from fake_protools import Manners
from fake_protools_session import Placed
from protools_stage import require_every_line_on_its_sample

from rythmo.errors import CancelledError, HostError, HostSilentError
from rythmo.media.bwf import Bext, BwfWriter
from rythmo.media.riff import read_header
from rythmo.progress import CancelToken
from rythmo.script.model import Flag, Severity
from rythmo.script.takes import ClipEdit
from rythmo_plugin.hosts.protools.open_session import NewSession

HANDLE = 2_400


def _write(path: Path, length: int, reference: int = 0, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with BwfWriter(path, 48_000, channels, Bext(time_reference=reference), length=length) as out:
        out.write(np.zeros((channels, length), np.int32))


def _give_handles(scene) -> None:
    """Every placed take's file holds sound before and after what plays."""
    for path in (scene.root / "takes/placed").glob("*.wav"):
        facts = read_header(path)
        _write(path, facts.length + 2 * HANDLE, facts.time_reference - HANDLE)


def _flagged(script, *numbers: int):
    flag = Flag("fit.long", "Too long by 0.3 s.", Severity.ERROR)
    lines = [replace(line, flags=(flag,)) if n in numbers else line for n, line in enumerate(script.lines)]
    return replace(script, lines=tuple(lines))


@pytest.mark.parametrize("spelling", ["old", "new", "number"])
def test_every_line_lies_on_its_sample(spelling, stage):
    scene = stage(Manners(spelling=spelling))
    result = scene.send()
    assert (result.placed, result.wanted, result.rows, result.is_complete) == (7, 7, (), True)
    assert scene.standing() == scene.wanted()
    assert [t.name for t in scene.fake.session.tracks] == ["DX Speaker 1", "DX Speaker 2", "M&E"]
    assert scene.fake.session.saved == 0
    assert any("not saved" in note for note in result.notes)


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)])
def test_a_new_session_has_the_programmes_rate_and_start(rate, newer, stage, tmp_path):
    scene = stage(Manners(newer_only=newer), script=make_script(count=4, rate=rate), session=False)
    _write(scene.root / "cache/ingest/a.wav", scene.script.programme.length, channels=2)
    result = scene.send(new=NewSession("Dub", tmp_path))
    session = scene.fake.session
    assert result.is_complete
    assert scene.standing() == scene.wanted() | _original(scene)
    assert (session.name, session.saved) == ("Dub", 1)
    assert [(t.name, t.muted) for t in session.tracks if t.name == "Original"] == [("Original", True)]
    # Again, with that session open: nothing is placed twice, and no other session is made.
    before, made = scene.clips(), scene.fake.seen.count("CreateSession")
    assert scene.send(new=NewSession("Dub", tmp_path)).is_complete
    assert scene.clips() == before
    # And with it closed: its file is opened.
    scene.fake.session = None
    assert scene.send(new=NewSession("Dub", tmp_path)).is_complete
    assert scene.clips() == before
    assert scene.fake.seen.count("CreateSession") == made


def _original(scene) -> dict:
    (path,) = (scene.root / "deliver/es/protools/media").glob("Original-*.wav")
    return {path.stem: ("Original", 0, scene.script.programme.length)}


def test_the_original_that_is_not_in_the_cache_is_named(stage, tmp_path):
    scene = stage(session=False)
    result = scene.send(new=NewSession("Dub", tmp_path))
    assert result.is_complete
    assert any("/nowhere/toy.mov" in note for note in result.notes)


def test_takes_keep_their_handles(stage):
    scene = stage()
    _give_handles(scene)
    assert scene.send().is_complete
    assert scene.standing() == scene.wanted()
    assert require_every_line_on_its_sample(scene.script, scene.root, scene.fake.session) == 6
    for track in scene.fake.session.tracks[:2]:
        for placed in track.clips:
            whole = read_header(scene.fake.session.files[placed.clip.file])
            assert placed.clip.start == HANDLE
            assert whole.length == placed.clip.length + 2 * HANDLE


def test_levels_and_mutes_of_clips(stage):
    script = make_script(count=4)
    edits = [ClipEdit(gain_db=-6.0), ClipEdit(fade_in=4_800), ClipEdit(muted=True), ClipEdit()]
    lines = [replace(line, clip=clip) for line, clip in zip(script.lines, edits, strict=True)]
    scene = stage(script=replace(script, lines=tuple(lines)))
    _give_handles(scene)
    assert scene.send().is_complete
    assert scene.standing() == scene.wanted()
    placed = {c.clip.name.partition("_t")[0]: c for t in scene.fake.session.tracks for c in t.clips}
    starts = [placed[line.id].clip.start for line in script.lines]
    # What has a level of its own is rendered, without handles.
    assert starts == [0, 0, HANDLE, HANDLE]
    assert [placed[line.id].muted for line in script.lines] == [False, False, True, False]


def test_other_takes_lie_on_muted_tracks(stage):
    scene = stage(count=4)
    for line in scene.script.lines:
        for take in line.takes:
            _write(scene.root / take.file, take.length)
    assert scene.send(takes=True).is_complete
    alternates = [t for t in scene.fake.session.tracks if " alt " in t.name]
    assert sum(len(t.clips) for t in alternates) == 4
    assert all(t.muted for t in alternates)
    starts = {line.id: line.placement.start + scene.offset() for line in scene.script.lines}
    for track in alternates:
        for clip in track.clips:
            line, _, rest = clip.clip.name.partition("_t")
            assert (clip.at, rest[:2]) == (starts[line], "01")
    assert scene.standing() == scene.wanted()


def test_the_sessions_own_tracks_are_muted_once(stage):
    scene = stage()
    session = scene.fake.session
    for name in ("Boom", "Empty", "Pix"):
        session.add_track(name, kind=4 if name == "Pix" else 2)
    _write(scene.root / "boom.wav", 48_000)
    boom = session.add_file(scene.root / "boom.wav")
    session.tracks[0].clips.append(Placed(boom, 0))
    result = scene.send()
    assert [t.name for t in session.tracks if t.muted] == ["Boom"]
    assert result.muted == ("Boom",)
    session.tracks[0].muted = False
    scene.send()
    assert not session.tracks[0].muted
    assert scene.standing() == scene.wanted() | {"boom": ("Boom", -scene.offset(), 48_000 - scene.offset())}


def test_a_track_of_the_editor_with_our_name_is_left_alone(stage):
    scene = stage()
    session = scene.fake.session
    track = session.add_track("DX Speaker 1")
    _write(scene.root / "theirs.wav", 480)
    track.clips.append(Placed(session.add_file(scene.root / "theirs.wav"), 7))
    assert scene.send(mute=False).is_complete
    assert [c.clip.name for c in track.clips] == ["theirs"]
    assert "DX Speaker 1 (2)" in [t.name for t in session.tracks]


@pytest.mark.parametrize("counter", ["timecode", "samples"])
def test_findings_are_memory_locations(counter, stage):
    scene = stage(Manners(counter=counter), script=_flagged(make_script(count=6), 0, 3))
    session = scene.fake.session
    session.markers[1] = {
        "number": 1,
        "name": "Reel 1",
        "comments": "",
        "time_properties": 1,
        "start_time": "0",
    }
    session.markers[2] = {
        "number": 2,
        "name": "loop",
        "comments": "",
        "time_properties": 2,
        "start_time": "0",
    }
    result = scene.send()
    assert not [note for note in result.notes if "marker" in note]
    names = sorted(m["name"] for m in session.markers.values())
    lines = scene.script.lines
    assert names == sorted(["Reel 1", "loop", f"{lines[0].id} fit.long", f"{lines[3].id} fit.long"])
    # Again: the same. With one finding less: that marker goes.
    before = dict(session.markers)
    scene.send()
    assert session.markers == before
    scene.script = _flagged(make_script(count=6), 0)
    scene.send()
    assert len(session.markers) == 3


def test_a_changed_take_replaces_the_old_one(stage):
    scene = stage()
    scene.send()
    line = scene.script.lines[2]
    path = scene.root / "takes/placed" / Path(line.take.file).name
    _write(path, line.placement.end - line.placement.start, reference=5)
    result = scene.send()
    assert result.is_complete
    assert scene.standing() == scene.wanted()
    assert len(scene.clips()) == 7


def test_nothing_is_cleared_that_is_not_certain(stage):
    scene = stage()
    scene.send()
    scene.fake.manners = Manners(links_selection=False)
    placed = scene.fake.session.tracks[0].clips[0]
    placed.at += 96_000
    before = [t.name for t in scene.fake.session.tracks]
    result = scene.send()
    assert "Clear" not in scene.fake.seen
    assert [row.what for row in result.rows] == ["in the wrong place"]
    assert any("by hand" in note for note in result.notes)
    assert [t.name for t in scene.fake.session.tracks] == before


def test_shuffle_mode_moves_nothing(stage):
    scene = stage()
    scene.send()
    session = scene.fake.session
    session.edit_mode = 1
    session.tracks[0].clips[0].at += 30
    assert scene.send().is_complete
    assert scene.standing() == scene.wanted()
    assert session.edit_mode == 1


@pytest.mark.parametrize(
    "manners",
    [
        Manners(convert_only=True),
        Manners(newer_only=True, spelling="new"),
        Manners(names_new_tracks="{} 1"),
        Manners(longest_answer=500),
        Manners(slow={"SaveSession", "SetTrackMuteState", "SpotClipsByID", "CreateMemoryLocation"}),
        Manners(slow={"SpotClipsByID"}, asks_user=True, spelling="new"),
        Manners(refused={"ImportAudioToClipList 1": (100, "No audio files were imported")}),
        Manners(refused={"SpotClipsByID 2": (138, "The host is busy"), "SpotClipsByID 4": (100, "")}),
        Manners(lost={"SpotClipsByID 1", "SpotClipsByID 5"}),
        Manners(shifted={"SpotClipsByID 3"}),
        Manners(boxes={"SpotClipsByID 2"}),
        Manners(boxes={"SpotClipsByID 2"}, done_behind={"SpotClipsByID 2"}),
        Manners(boxes={"CreateNewTracks 2"}, done_behind={"CreateNewTracks 2"}),
        Manners(boxes={"CreateNewTracks 1"}),
        Manners(boxes={"ImportAudioToClipList 3"}, done_behind={"ImportAudioToClipList 3"}),
        Manners(boxes={"ExportSessionInfoAsText 3"}),
    ],
    ids=lambda m: ", ".join(
        f"{name}={sorted(value) if isinstance(value, set | frozenset) else value}"
        for name, value in vars(m).items()
        if value != vars(Manners())[name]
    ),
)
def test_what_pro_tools_does_meanwhile_is_made_good(manners, stage):
    scene = stage(manners)
    told = []
    result = scene.send(report=lambda progress: told.append(progress.detail))
    assert result.is_complete, result.rows
    assert scene.standing() == scene.wanted()
    assert len(scene.clips()) == 7
    names = [t.name for t in scene.fake.session.tracks]
    assert len(names) == len(set(names)) == 3
    if manners.boxes:
        assert any("message box" in text for text in told)


def test_a_box_that_stays_open_ends_the_sending_and_the_next_one_goes_on(stage):
    scene = stage(Manners(boxes={"SpotClipsByID 4"}, box_asks=10**6))
    with pytest.raises(HostSilentError, match="did not answer"):
        scene.send()
    assert len(scene.clips()) == 3
    scene.fake.manners = Manners()
    scene.fake._box = 0
    assert scene.send().is_complete
    assert scene.standing() == scene.wanted()


def test_stopped_by_the_user_and_sent_again(stage):
    scene = stage()
    cancel = CancelToken()
    scene.fake.on_call = lambda call: cancel.cancel() if call == "SpotClipsByID 3" else None
    with pytest.raises(CancelledError):
        scene.send(cancel=cancel)
    assert len(scene.clips()) == 3
    scene.fake.on_call = lambda _: None
    assert scene.send().is_complete
    assert len(scene.clips()) == 7


def test_a_refusal_that_stays_is_told_with_pro_tools_words(stage):
    scene = stage(
        Manners(refused={f"SpotClipsByID {n}": (126, "The track is frozen") for n in (2, 8, 9, 10)})
    )
    result = scene.send()
    (row,) = result.rows
    assert row.what == "missing"
    assert row.line in {line.id for line in scene.script.lines} - set(scene.standing())
    assert "The track is frozen" in row.note
    assert result.placed == 6


def test_a_missing_take_is_named(stage):
    scene = stage()
    line = scene.script.lines[1]
    (scene.root / "takes/placed" / Path(line.take.file).name).unlink()
    result = scene.send()
    assert (result.placed, result.wanted) == (6, 7)
    assert [(row.what, row.line) for row in result.rows] == [("missing", line.id)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sample_rate": 96_000}, "runs at 96000 Hz, the dub at 48000 Hz"),
        ({"rate": 3, "start": "00:59:50:00"}, "25 frames a second, the programme 23.976"),
        ({"start": "01:00:00:12"}, "after the programme's first frame"),
    ],
)
def test_a_session_that_does_not_fit_is_refused_untouched(change, words, stage):
    scene = stage()
    for name, value in change.items():
        setattr(scene.fake.session, name, value)
    with pytest.raises(HostError, match=words) as refused:
        scene.send()
    assert refused.value.hint
    assert not scene.fake.session.tracks


@pytest.mark.parametrize("numbers", ["number", "text", "name"])
def test_without_a_session_and_with_another_one(numbers, stage, tmp_path):
    scene = stage(Manners(error_numbers=numbers), session=False)
    with pytest.raises(HostError, match="No session is open"):
        scene.send()
    scene.fake.session = stage().fake.session
    with pytest.raises(HostError, match="'Mix' is open"):
        scene.send(new=NewSession("Dub", tmp_path))


def test_pro_tools_that_is_too_old_or_not_there(stage):
    scene = stage(Manners(version=(5, 0)))
    with pytest.raises(HostError, match=r"PTSL 5\.0") as refused:
        scene.send()
    assert "2025.6" in refused.value.hint
    scene.fake.port = 1
    with pytest.raises(HostError, match="does not answer on port 1"):
        scene.send()
