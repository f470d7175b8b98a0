"""The fake Resolve against the public type stubs, and its traps; what the scripts call, against the stubs."""

from __future__ import annotations

import inspect
from fractions import Fraction

import fake_resolve
import pytest
import resolve_stubs
from fake_resolve import OBJECTS, Manners
from resolve_stage import RUNS, WANTS


@pytest.fixture(scope="module")
def stubs():
    """What `fusionscript-stubs` says."""
    found = resolve_stubs.read()
    if found is None:
        pytest.skip("needs fusionscript-stubs (the dev group)")
    return found


@pytest.mark.parametrize("kind", OBJECTS, ids=lambda kind: kind.__name__)
def test_its_methods_have_the_names_and_arguments_of_the_stubs(stubs, kind):
    real = stubs.methods[resolve_stubs.NAMES.get(kind.__name__, kind.__name__)]
    methods = [found for found in inspect.getmembers(kind, inspect.isfunction) if found[0][0].isupper()]
    assert methods
    for name, function in methods:
        mine = list(inspect.signature(function).parameters)[1:]
        assert any(mine == each.names[: len(mine)] for each in real[name]), (name, mine, real[name])


@pytest.mark.parametrize("script", RUNS)
def test_what_a_script_gives_and_gets_is_of_the_stubs_types(resolve, service, tmp_path, stubs, script):
    """A whole dub: each call with its values, and what the fake answered, is one that the stubs allow."""
    host = resolve()
    assert "All 5 clips" in RUNS[script](host, "Rythmo - Dub", service.home, tmp_path, **WANTS)
    assert {call.name for call in host.calls} >= {"Export", "AppendToTimeline", "AddTrack", "GetMarkers"}
    for call in host.calls:
        assert stubs.takes(call.kind, call.name, call.given), call
        assert stubs.gives(call.kind, call.name, call.value), call


def test_the_stubs_refuse_other_values(stubs):
    item = fake_resolve.PoolItem(None, None, 0, 1, None, "Audio")
    assert stubs.takes("Timeline", "AddTrack", ("audio", "mono"))
    assert stubs.takes("Timeline", "AddTrack", ("audio", "adaptive3"))
    assert not stubs.takes("Timeline", "AddTrack", ("sound", "mono"))
    assert not stubs.takes("Timeline", "SetTrackName", ("audio", "1", "DX"))
    assert stubs.takes("MediaPool", "AppendToTimeline", ([{"mediaPoolItem": item, "recordFrame": 86400}],))
    assert not stubs.takes(
        "MediaPool", "AppendToTimeline", ([{"mediaPoolItem": item, "recordframe": 86400}],)
    )
    assert not stubs.gives("Timeline", "GetStartFrame", "86400")


def test_no_call_is_made_that_the_free_edition_refuses(resolve, service, tmp_path):
    host = resolve(Manners(studio=False))
    RUNS["lua"](host, "Rythmo - Dub", service.home, tmp_path, **WANTS)
    called = {call.name for call in host.calls}
    assert called
    assert not called & set(fake_resolve.STUDIO_ONLY)
    assert not any(name.startswith(("UI", "Render", "SetRender")) for name in called)


def place(host, path, frame, track=1, **more):
    """A clip by its own call; whether it stands there."""
    item = host.pool.ImportMedia([str(path)])[0] if path else host.pool.root.clips[0]
    before = len(host.current.tracks["audio"][track - 1].items)
    clip = {"mediaPoolItem": item, "mediaType": 2, "trackIndex": track, "recordFrame": frame, **more}
    host.pool.AppendToTimeline([clip])
    return len(host.current.tracks["audio"][track - 1].items) > before


def test_record_frames_are_absolute_and_ends_are_not_included(resolve):
    host = resolve()
    host.current.AddTrack("audio", "stereo")
    assert place(host, None, 90_000, 2, startFrame=0, endFrame=10)
    (clip,) = host.current.GetItemListInTrack("audio", 2)
    assert (clip.GetStart(), clip.GetEnd(), clip.GetDuration()) == (90_000, 90_010, 10)


def test_what_overlaps_is_dropped_without_a_word(resolve):
    host = resolve(Manners(returns="nonsense"))
    assert not place(host, None, 90_000)
    assert host.pool.AppendToTimeline([{"mediaPoolItem": host.pool.root.clips[0], "trackIndex": 1,
                                        "recordFrame": 90_000}])  # fmt: skip


def test_a_studio_only_call_opens_a_box_that_breaks_later_calls(resolve):
    host = resolve(Manners(studio=False))
    line = fake_resolve.guarded(host.current, host)
    host.current.DetectSceneCuts = lambda: True
    assert line.GetName() == "Reel 1"
    assert line.DetectSceneCuts() is None
    assert line.GetName() is None


def test_the_first_media_fixes_the_rate(film, tmp_path, service):
    """Where it was a sound, clips of sound are counted in 24ths; a timeline of sound alone is dubbed too."""
    host = fake_resolve.Resolve(Manners(wav_rate=None))
    assert host.project.rate is None
    sound = film.with_name("film.wav")
    host.film("Radio", sound, rate=Fraction(24))
    assert host.project.GetSetting("timelineFrameRate") == "24.0"
    host.film("Later", film, rate=Fraction(25))
    assert host.project.rate == 24
    host.current = host.timelines["Radio"]
    assert not host.current.tracks["video"]
    assert "All 5 clips" in RUNS["python"](host, "Rythmo - Dub", service.home, tmp_path, **WANTS)
