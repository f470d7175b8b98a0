"""Dialogue and M&E that are there already."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import toy

from rythmo.dubbing.pipeline import Job, dub
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import InputError, MediaError, UsageError
from rythmo.media.audio import Audio
from rythmo.settings import DeliverSettings, Settings, TrackSettings
from rythmo.stages.existing_tracks import dialogue_mono

RATE = 48_000


@pytest.fixture(scope="module")
def tracks(tmp_path_factory):
    """A film's mix with its dialogue and its M&E, which sum to it to the step of 24 bit."""
    folder = tmp_path_factory.mktemp("tracks")
    me = np.random.default_rng(7).normal(0, 0.02, (2, toy.LENGTH))
    dx = toy.sound() - toy.sound(scene=())
    steps = {name: np.rint(x * 2**23).astype(np.int32) for name, x in (("dx", dx[:1]), ("me", me))}
    steps["mix"] = steps["dx"] + steps["me"]
    for name, samples in steps.items():
        soundfile.write(folder / f"{name}.wav", samples.T << 8, RATE, subtype="PCM_24")
    return folder


def run(folder, out, dx="", me="", calls=None):
    names = {role: str(folder / name) if name else "" for role, name in (("dx", dx), ("me", me))}
    settings = Settings(deliver=DeliverSettings("srt"), tracks=TrackSettings(**names))
    job = Job(folder / "mix.wav", "es", "en", out)
    return dub(job, settings, engines=fakes.specs(calls))


def steps(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="int32", always_2d=True)[0].T >> 8


def test_both_tracks_leave_nothing_to_separate(tracks, tmp_path):
    calls = fakes.Calls()
    done = run(tracks, tmp_path, "dx.wav", "me.wav", calls)
    assert calls.count[Kind.SEPARATOR] == 0
    assert "separator" not in done.script.engines
    assert [line.start // 480 for line in done.script.lines] == [start // 480 for _, start, _ in toy.SCENE]
    assert np.array_equal(steps(done.project.stems / "ME.wav"), steps(tracks / "me.wav"))


def test_dialogue_that_the_mix_holds_is_taken_from_it(tracks, tmp_path):
    calls = fakes.Calls()
    done = run(tracks, tmp_path, "dx.wav", calls=calls)
    assert calls.count[Kind.SEPARATOR] == 0
    made, wanted = steps(done.project.stems / "ME.wav"), steps(tracks / "me.wav")
    assert np.abs(made - wanted).max() <= 1, "float32 in between: the last step may differ"


def test_a_given_bed_alone_still_needs_the_voice_separated(tracks, tmp_path):
    calls = fakes.Calls()
    done = run(tracks, tmp_path, me="me.wav", calls=calls)
    assert calls.count[Kind.SEPARATOR] == 1
    assert np.array_equal(steps(done.project.stems / "ME.wav"), steps(tracks / "me.wav"))


def test_a_track_that_runs_late_is_refused(tracks, tmp_path):
    late = np.pad(steps(tracks / "dx.wav"), ((0, 0), (4800, 0)))
    soundfile.write(tracks / "late.wav", late.T << 8, RATE, subtype="PCM_24")
    with pytest.raises(InputError, match="100 ms late"):
        run(tracks, tmp_path, "late.wav")


def test_a_layout_that_does_not_fit_is_refused_before_any_work(tracks, tmp_path):
    soundfile.write(tracks / "six.wav", np.zeros((RATE, 6)), RATE)
    with pytest.raises(InputError, match=r"6 channel\(s\), the programme 2"):
        run(tracks, tmp_path, me="six.wav")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "error"), [("dx.wav#2", UsageError), ("none.wav", MediaError), ("#9", (UsageError, MediaError))]
)
def test_tracks_that_are_not_there(tracks, tmp_path, name, error):
    with pytest.raises(error):
        run(tracks, tmp_path, name)


def test_dialogue_of_a_surround_layout_comes_from_its_centre():
    sound = np.zeros((6, 100), np.float32)
    sound[2] = 0.5
    assert np.allclose(dialogue_mono(Audio(sound, RATE)).samples, 0.5)
    sound[2], sound[:2] = 0, 0.25
    assert np.allclose(dialogue_mono(Audio(sound, RATE)).samples, 0.25), "a phantom centre"
