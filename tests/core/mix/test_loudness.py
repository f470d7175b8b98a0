"""Loudness against two independent meters; the gain of a line; the master of a delivery."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly, sosfilt

from rythmo.errors import UsageError
from rythmo.media.audio import Audio
from rythmo.media.bwf import BwfWriter
from rythmo.media.ffmpeg import find_executable
from rythmo.media.pcm24 import Pcm24Reader
from rythmo.media.wav import from_int24, write_wav
from rythmo.mix.delivery_loudness import TARGETS, find_master, parse_target
from rythmo.mix.loudness import (
    SILENCE,
    LoudnessMeter,
    k_weighting,
    line_gain,
    measure_level,
    measure_loudness,
    speaker_level,
)
from rythmo.mix.mix_plan import DialogueStem, MixItem, MixPlan
from rythmo.mix.render import render_stems

RATE = 48_000


def sound(channels: int, seconds: float, rate: int = RATE, seed: int = 3) -> np.ndarray:
    """Noise whose level moves over 40 dB, so that both gates have something to do."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    shape = 10 ** (-1.0 + np.sin(np.arange(count) / rate * 0.7))
    return (rng.normal(0, 0.02, (channels, count)) * shape).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_integrated_loudness_is_pyloudnorm_s(rate, channels):
    import pyloudnorm

    samples = sound(channels, 9, rate)
    ours = measure_loudness([samples], rate, channels).integrated
    # It takes the fifth channel and up for surrounds and knows no LFE: leave that out of both.
    if channels == 6:
        ours = measure_loudness([np.delete(samples, 3, axis=0)], rate, 5).integrated
        samples = np.delete(samples, 3, axis=0)
    # Its own coefficients differ a little from the standard's; De Man's are the standard's.
    theirs = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(samples.T.astype(np.float64))
    assert ours == pytest.approx(theirs, abs=0.02)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_loudness_and_peaks_are_ffmpeg_s(tmp_path, channels):
    samples = sound(channels, 9)
    write_wav(tmp_path / "a.wav", Audio(samples, RATE), "FLOAT")
    ours = measure_loudness([samples], RATE, channels)
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    command = [find_executable(), "-hide_banner", "-channel_layout", layout, "-i", str(tmp_path / "a.wav")]
    command += ["-af", "ebur128=peak=true+sample", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = said[said.rindex("Summary") :]
    integrated = float(re.search(r"I:\s+(\S+) LUFS", summary)[1])
    sample_peak, true_peak = (float(value) for value in re.findall(r"Peak:\s+(\S+) dBFS", summary))
    assert ours.integrated == pytest.approx(integrated, abs=0.06), "it prints one decimal"
    assert ours.sample_peak == pytest.approx(sample_peak, abs=0.06)
    assert ours.true_peak == pytest.approx(true_peak, abs=0.2)


def test_blocks_of_any_size_measure_the_same():
    samples = sound(2, 5)
    whole = measure_loudness([samples], RATE, 2)
    for size in (1, 777, 48_000):
        count = samples.shape[1] if size > 1 else 500
        blocks = [samples[:, i : i + size] for i in range(0, count, size)]
        expected = whole if size > 1 else measure_loudness([samples[:, :500]], RATE, 2)
        assert measure_loudness(blocks, RATE, 2).integrated == pytest.approx(expected.integrated, abs=1e-9)


def test_true_peaks_between_samples_are_seen():
    """A sine at a quarter of the rate, sampled 45 degrees off its crests, is 3 dB higher than its samples."""
    n = np.arange(RATE)
    wave = (0.5 * np.sin(np.pi / 2 * n + np.pi / 4)).astype(np.float32)[np.newaxis]
    found = measure_loudness([wave], RATE, 1)
    assert found.sample_peak == pytest.approx(-9.03, abs=0.01)
    assert found.true_peak == pytest.approx(-6.02, abs=0.2)


def test_silence_and_too_little_are_minus_infinity():
    assert measure_loudness([np.zeros((1, RATE), np.float32)], RATE, 1).integrated == SILENCE
    assert measure_loudness([], RATE, 2).integrated == SILENCE
    assert measure_level(np.zeros(0, np.float32), RATE) == SILENCE


def test_silence_between_sounds_and_quiet_sound_change_no_figure():
    rng = np.random.default_rng(7)
    loud = np.repeat([0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 1.0, 0.1], RATE // 2)
    samples = (rng.normal(0, 0.1, (2, loud.size)) * loud).astype(np.float32)
    meter = LoudnessMeter(RATE, 2)
    for at in range(0, loud.size, 7001):
        meter.add(samples[:, at : at + 7001])
    weighted = np.square(sosfilt(k_weighting(RATE), samples.astype(np.float64), axis=1))
    power = weighted.sum(axis=0).reshape(-1, RATE // 10).mean(axis=1)
    heard = np.convolve(power, np.ones(4) / 4, "valid")
    assert np.allclose(10 ** ((meter.momentary() + 0.691) / 10), heard, rtol=1e-9, atol=1e-30)
    between = np.abs(resample_poly(samples, 4, 1, axis=1, window=("kaiser", 8.0))).max()
    assert meter.result().true_peak == pytest.approx(20 * np.log10(between), abs=1e-6)


def test_a_peak_between_samples_is_found_in_quiet_sound_after_a_loud_start():
    samples = np.full((1, 3 * RATE), 0.001, np.float32)
    samples[0, 10] = 0.5
    samples[0, 100_000:100_100] = 0.45 * np.where(np.arange(100) % 4 < 2, 1, -1)  # peaks lie between these
    found = measure_loudness([samples], RATE, 1)
    assert found.true_peak > found.sample_peak + 1


def test_a_short_line_has_a_level_close_to_a_long_one_of_the_same_kind():
    long = sound(1, 3)[0] * 0 + np.random.default_rng(1).normal(0, 0.05, 3 * RATE).astype(np.float32)
    assert measure_level(long[: RATE // 4], RATE) == pytest.approx(measure_level(long, RATE), abs=0.7)


@pytest.mark.parametrize(
    ("take", "original", "speaker", "gain"),
    [
        (-20, -26, -26, -6),
        (-10, -30, -30, -20),  # how loud an engine speaks is no part of the clamp
        (-20, -36, -26, -12),  # 10 dB under the speaker's own level: held at 6
        (-20, -12, -26, 0),
        (-20, SILENCE, -26, -6),
        (-20, -26, SILENCE, -6),
        (-20, SILENCE, SILENCE, 0),
        (SILENCE, -26, -26, 0),
    ],
)
def test_a_line_takes_its_original_s_loudness_within_6_db_of_its_speaker(take, original, speaker, gain):
    assert line_gain(take, original, speaker) == pytest.approx(gain)


def test_a_gain_never_lifts_a_peak_over_minus_one():
    assert line_gain(-30, -10, -10, take_peak=0.5) == pytest.approx(5.02, abs=0.01)


def test_a_speaker_s_level_ignores_lines_without_one():
    assert speaker_level([-20, SILENCE, -26, -24]) == -24
    assert speaker_level([]) == SILENCE


def test_dialogue_gating_looks_at_dialogue_alone():
    samples = sound(1, 4)
    samples[:, 2 * RATE :] *= 10
    meter = LoudnessMeter(RATE, 1)
    meter.add(samples)
    quiet = LoudnessMeter(RATE, 1)
    quiet.add(samples[:, : 2 * RATE])
    assert meter.dialogue([(0, 2 * RATE)]) == pytest.approx(quiet.dialogue([(0, 2 * RATE)]))
    assert meter.dialogue([]) == SILENCE


def _project(folder: Path) -> tuple[MixPlan, np.ndarray]:
    """Ten seconds of loud M&E with four lines whose peaks stand out of it."""
    rng = np.random.default_rng(5)
    steps = rng.normal(0, 8e5, (2, 10 * RATE)).astype(np.int32)
    items = []
    for index in range(4):
        file = Path("takes", "placed", f"L{index}_t01.wav")
        line = (3e6 * np.sin(np.arange(RATE) * 0.03) * np.hanning(RATE)).astype(np.int32)
        line[20_000 + index] = 8_000_000
        with BwfWriter(folder / file, RATE, 1, length=RATE) as writer:
            writer.write(line[np.newaxis])
        items.append(MixItem(f"L{index}", file, (2 * index + 1) * RATE, (2 * index + 2) * RATE))
    return MixPlan("show", RATE, 10 * RATE, 2, 0, (DialogueStem("S1", tuple(items)),)), steps


@pytest.mark.parametrize("name", ["r128", "netflix"])
def test_a_master_meets_its_target_and_the_stems_still_sum(tmp_path, name):
    plan, steps = _project(tmp_path)

    def me(a: int, b: int) -> np.ndarray:
        return steps[:, a:b]

    wanted = TARGETS[name]
    mastered = find_master(wanted, plan, tmp_path, me)
    done = render_stems(plan, tmp_path, me, master=mastered.master)
    stems = {}
    for stem, path in done.files.items():
        with Pcm24Reader(path) as reader:
            stems[stem] = reader.read_int(0, reader.length)
    meter = LoudnessMeter(RATE, 2)
    meter.add(from_int24(stems["MIX"]))
    spans = [(item.start, item.end) for item in plan.stems[0].items]
    loudness = meter.dialogue(spans) if wanted.by_dialogue else meter.result().integrated
    assert loudness == pytest.approx(wanted.lufs, abs=0.2)
    assert loudness == pytest.approx(mastered.after, abs=0.01)
    assert meter.result().true_peak <= wanted.true_peak
    assert np.array_equal(stems["MIX"], stems["DX"] + stems["ME"])
    assert np.array_equal(stems["DX"][0], stems["DX_S1"][0])


def test_silence_and_no_target_leave_the_mix_alone(tmp_path):
    plan, steps = _project(tmp_path)
    assert find_master(None, plan, tmp_path, lambda a, b: steps[:, a:b]).master.gain == 1
    empty = MixPlan("show", RATE, RATE, 2, 0, ())
    nothing = find_master(TARGETS["r128"], empty, tmp_path, lambda a, b: np.zeros((2, b - a), np.int32))
    assert nothing.master.gain == 1


def test_unknown_targets_are_refused_with_the_ones_there_are():
    assert parse_target("none") is None
    with pytest.raises(UsageError) as refused:
        parse_target("loud")
    assert "r128" in refused.value.hint
