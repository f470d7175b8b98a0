"""Faults of sound from end to end: each is refused clearly or found by QC, and none reaches a stem.

Sources that are broken, of every rate and layout; voices that return what no voice should.
"""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
import toy

from rythmo.cli import main
from rythmo.dubbing.pipeline import Job, dub
from rythmo.dubbing.quality_check import measure
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.media.audio import Audio
from rythmo.settings import DeliverSettings, Settings

RATE = 48_000
SETTINGS = Settings(deliver=DeliverSettings("srt"))
STEMS = ("DX_S1", "DX_S2", "DX_S3", "DX", "ME", "MIX")


def dubbed(source, engines=None):
    return dub(Job(source, "es", "en", source.parent), SETTINGS, engines=engines or fakes.specs())


def stems(result) -> dict[str, np.ndarray]:
    """Every stem in whole steps, (channels, samples); all finite and adding up."""
    found = {}
    for path in (result.project.root / "stems").glob("*.wav"):
        found[path.stem] = soundfile.read(path, dtype="int32", always_2d=True)[0].T.astype(np.int64) >> 8
    assert found["MIX"].any() or not found["ME"].any()
    assert (found["DX"] + found["ME"] == found["MIX"]).all(), "the stems sum to the mix"
    return found


def codes(result) -> set[str]:
    """What quality control says, measured anew from the files."""
    return {finding.code for finding in measure(result.project, deaf=True)[0].findings}


def test_measuring_again_tells_nothing_twice(tmp_path):
    result = dubbed(toy.write_sound(tmp_path / "toy.wav"))
    assert any(flag.code.startswith("qc-") or flag.code == "short" for flag in result.script.lines[0].flags)
    found = [(one.line, one.code, one.message) for one in measure(result.project, deaf=True)[0].findings]
    assert len({(line, message) for line, _, message in found}) == len(found)
    assert not [code for _, code, _ in found if code.startswith("qc-")]


def write(path, sound, rate=RATE, subtype="FLOAT"):
    soundfile.write(path, sound.T, rate, subtype=subtype)
    return path


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_source_with_samples_that_are_no_numbers_is_refused_before_anything_is_written(
    tmp_path, capsys, value
):
    sound = toy.sound()
    sound[0, 123_456] = value
    source = write(tmp_path / "bad.wav", sound)
    assert main(["dub", str(source), "--from", "en", "--to", "es", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "NaN or infinite" in said
    assert "Traceback" not in said
    assert not list(tmp_path.rglob("stems/*.wav"))


def test_dc_in_the_source_stays_out_of_the_dialogue_and_is_told(tmp_path):
    result = dubbed(write(tmp_path / "dc.wav", toy.sound() + np.float32(0.02)))
    found = stems(result)
    assert abs(found["DX"].mean()) < 2**23 * 1e-4, "no DC in the dialogue"
    assert "stem-dc" in codes(result)


def test_a_source_that_clips_is_told(tmp_path):
    sound = toy.sound()
    effect = np.sign(np.sin(np.arange(4_800) * 0.05)).astype(np.float32)
    sound[:, 200_000:204_800] = effect, -effect  # to the sides, so that it is no speech
    result = dubbed(write(tmp_path / "hot.wav", sound, subtype="PCM_24"))
    assert abs(stems(result)["DX"]).max() < 2**23 * 0.95
    assert "stem-clipped" in codes(result)


def test_speech_that_clips_makes_no_take_clip(tmp_path):
    sound = np.clip(toy.sound() * 4, -1, 1)
    result = dubbed(write(tmp_path / "hot.wav", sound, subtype="PCM_24"))
    assert abs(stems(result)["MIX"]).max() < 2**23
    assert "stem-clipped" not in codes(result), "what clipped was dialogue, and is replaced"


@pytest.mark.parametrize("rate", [8_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_rate_and_layout_comes_out_at_48_khz_in_its_own_layout(tmp_path, rate, channels):
    sound = Audio(toy.sound(channels=channels), RATE).at_rate(rate).samples
    result = dubbed(write(tmp_path / "any.wav", sound, rate))
    found = stems(result)
    heard = soundfile.info(result.project.root / "stems" / "MIX.wav")
    assert (heard.samplerate, heard.channels, heard.subtype) == (RATE, channels, "PCM_24")
    assert found["DX_S1"].shape[0] == 1
    centre = {1: [0], 2: [0, 1], 6: [2]}[channels]
    assert [channel for channel in range(channels) if found["DX"][channel].any()] == centre
    assert not codes(result) & {"stem-sum", "speaker-sum", "stem-lengths", "misplaced"}
    assert [line.chosen for line in result.script.lines] == ["t01"] * len(toy.SCENE)


def test_silence_is_a_dub_without_lines_and_is_told(tmp_path):
    result = dubbed(write(tmp_path / "quiet.wav", np.zeros((2, 3 * RATE), np.float32)))
    assert not result.script.lines
    assert not stems(result)["MIX"].any()
    assert "silent-mix" in codes(result)
    assert any("No speech" in note for note in result.notes)


def _noise(length: int) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 0.1, length).astype(np.float32)


def _with(value: float, length: int) -> np.ndarray:
    sound = fakes.tone(300, length, fakes.VOICE_RATE)
    sound[length // 2] = value
    return sound


SECOND = fakes.VOICE_RATE
BROKEN = {
    "nothing": np.zeros(0, np.float32),
    "silence": np.zeros(SECOND, np.float32),
    "ten times too much": fakes.tone(300, 14 * SECOND, SECOND),
    "noise": _noise(SECOND),
    "NaN": _with(np.nan, SECOND),
    "infinity": _with(np.inf, SECOND),
}


class BrokenVoice(fakes.FakeVoice):
    """Returns `sound` for the line of the second speaker's first words; the others are well."""

    sound = np.zeros(0, np.float32)

    def speak(self, request, *, cancel):
        made = super().speak(request, cancel=cancel)
        return Audio(self.sound[np.newaxis], SECOND) if "b6" in request.text else made


def engines_that_return(sound):
    engines = fakes.specs()
    info = engines[Kind.VOICE].info
    kind = type("Broken", (BrokenVoice,), {"sound": sound})
    engines[Kind.VOICE] = EngineSpec(info, lambda _: kind(info, fakes.Calls()))
    return engines


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_voice_should_not_return_is_never_in_a_stem(tmp_path, name):
    result = dubbed(toy.write_sound(tmp_path / "toy.wav"), engines_that_return(BROKEN[name]))
    line = next(line for line in result.script.lines if "b6" in line.text)
    (flag,) = [flag for flag in line.flags if flag.code == "voice-failed"]
    assert "toy-voice" in flag.message
    assert not list((result.project.root / "takes").glob(f"{line.id}*")), "what cannot be used is not stored"
    assert not stems(result)["DX_S2"][0, line.start : line.end].any()
    assert "not-voiced" in codes(result)
    others = [one for one in result.script.lines if one.id != line.id]
    assert all(one.chosen for one in others), "the others are voiced all the same"


def test_a_voice_with_dc_is_told_and_mended(tmp_path):
    tone = fakes.tone(300, SECOND, SECOND)
    result = dubbed(toy.write_sound(tmp_path / "toy.wav"), engines_that_return(tone + np.float32(0.2)))
    line = next(line for line in result.script.lines if "b6" in line.text)
    assert "take-dc" in {flag.code for flag in line.flags}
    placed = stems(result)["DX_S2"][0, line.placement.start : line.placement.end]
    assert abs(placed.mean()) < 2**23 * 1e-3


def test_a_voice_that_clips_is_told(tmp_path):
    hot = np.clip(fakes.tone(300, SECOND, SECOND, level=0.9) * 4, -1, 1)
    result = dubbed(toy.write_sound(tmp_path / "toy.wav"), engines_that_return(hot))
    line = next(line for line in result.script.lines if "b6" in line.text)
    assert "take-clipped" in {flag.code for flag in line.flags}
    assert abs(stems(result)["DX_S2"]).max() < 2**23 * 0.9, "a gain keeps it under -1 dBFS"


def test_a_stem_that_somebody_made_of_no_numbers_is_refused_by_qc(tmp_path, capsys):
    result = dubbed(toy.write_sound(tmp_path / "toy.wav"))
    path = result.project.root / "stems" / "ME.wav"
    sound = soundfile.read(path, dtype="float32")[0]
    sound[100] = np.nan
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    assert main(["qc", str(result.project.root), "--quick"]) == 1
    assert "not numbers" in capsys.readouterr().err
