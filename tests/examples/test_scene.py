"""The committed example is what its truth says it is."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCENE = EXAMPLES / "scene.mp4"


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((EXAMPLES / "scene.truth.json").read_text())


def _stem(truth: dict[str, Any], name: str) -> np.ndarray:
    samples, rate = sf.read(EXAMPLES / truth["files"][name], dtype="float32", always_2d=True)
    assert rate == truth["sample_rate"]
    return samples.T


@pytest.fixture(scope="module")
def mix(truth) -> np.ndarray:
    """What the truth's stems sum to, (2, length)."""
    total = _stem(truth, "bed") * truth["gains"]["bed"]
    for speaker in truth["speakers"]:
        total = total + _stem(truth, speaker["id"]) * truth["gains"][speaker["id"]]
    return total


@pytest.fixture(scope="module")
def decoded(truth) -> np.ndarray:
    """The file's sound, every block at its own time stamp, (2, length)."""
    av = pytest.importorskip("av")
    out = np.zeros((2, truth["length"] + 48_000), np.float32)
    with av.open(str(SCENE)) as container:
        for frame in container.decode(audio=0):
            at = round(frame.pts * frame.time_base * truth["sample_rate"])
            block = frame.to_ndarray()
            keep = block[:, max(0, -at) :]
            out[:, max(0, at) : max(0, at) + keep.shape[1]] = keep
    return out[:, : truth["length"]]


def test_container(truth):
    av = pytest.importorskip("av")
    with av.open(str(SCENE)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.average_rate == Fraction(truth["frame_rate"]) == Fraction(24_000, 1001)
        assert video.frames == truth["frames"]
        assert video.start_time == 0
        assert (audio.channels, audio.rate) == (2, truth["sample_rate"])
        assert video.metadata["timecode"] == truth["start_timecode"] == "01:00:00:00"
        assert any(stream.type == "data" for stream in container.streams), "no timecode track"
    assert SCENE.stat().st_size <= 3_000_000
    assert truth["length"] == truth["frames"] * 2002 >= 45 * truth["sample_rate"]


def test_sound_starts_later_than_picture(truth):
    """The container holds no sound for the first half second but the encoder's 1024 samples of priming."""
    av = pytest.importorskip("av")
    with av.open(str(SCENE)) as container:
        audio = container.streams.audio[0]
        start = audio.start_time * audio.time_base * truth["sample_rate"]
    assert 0 <= truth["audio_start"] - start <= 1025
    assert start > 0.4 * truth["sample_rate"]


def test_stems_sum_to_what_is_heard(truth, mix, decoded):
    start = truth["audio_start"]
    assert not mix[:, :start].any()
    for channel in range(2):
        assert np.corrcoef(mix[channel], decoded[channel])[0, 1] > 0.99
    error = decoded - mix
    assert 10 * np.log10((mix**2).mean() / (error**2).mean()) > 17


def test_stems_are_aligned_with_the_file(truth, mix, decoded):
    """The best lag is within 1 ms at the beginning, in the middle and at the end."""
    for second in (3, 30, 55):
        part = slice(second * 48_000, (second + 4) * 48_000)
        a, b = mix[0, part], decoded[0, part]
        size = 2 * a.size
        crossed = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
        lag = int(np.argmax(crossed))
        assert min(lag, size - lag) <= 48


def test_lines(truth):
    lines = truth["lines"]
    assert 14 <= len(lines) <= 22
    assert len({line["id"] for line in lines}) == len(lines)
    assert {line["speaker"] for line in lines} == {speaker["id"] for speaker in truth["speakers"]}
    assert len(truth["speakers"]) == 3
    for line in lines:
        words = line["words"]
        assert 0 < line["start"] == words[0]["start"] < line["end"] == words[-1]["end"] < truth["length"]
        assert all(word["start"] < word["end"] for word in words)
        assert all(a["end"] <= b["start"] for a, b in itertools.pairwise(words))
        spelled = "".join(c for c in line["text"] if c.isalpha())
        assert "".join(c for word in words for c in word["text"] if c.isalpha()) == spelled


def test_rhythm(truth):
    """One overlap of two speakers, pauses within lines, gaps of many lengths, music alone for 3 s."""
    lines = truth["lines"]
    pairs = list(itertools.pairwise(lines))
    overlaps = [(a, b) for a, b in pairs if b["start"] < a["end"]]
    assert len(overlaps) == 1
    assert overlaps[0][0]["speaker"] != overlaps[0][1]["speaker"]
    gaps = [(b["start"] - a["end"]) / 48_000 for a, b in pairs]
    assert max(gaps) >= 3
    assert 0.25 < min(gap for gap in gaps if gap > 0) < 0.4
    pauses = [b["start"] - a["end"] for line in lines for a, b in itertools.pairwise(line["words"])]
    assert sum(pause > 0.35 * 48_000 for pause in pauses) >= 3


def test_speech_is_where_the_lines_are(truth):
    """Energy of a speaker's clean track outside their lines (with 100 ms around) is nothing."""
    for speaker in truth["speakers"]:
        sound = _stem(truth, speaker["id"])[0]
        outside = np.ones(sound.size, bool)
        for line in truth["lines"]:
            if line["speaker"] == speaker["id"]:
                outside[line["start"] - 4800 : line["end"] + 4800] = False
                assert np.sqrt((sound[line["start"] : line["end"]] ** 2).mean()) > 0.02
        assert not sound[outside].any()


def test_bed_is_wide_and_under_the_dialogue(truth):
    bed = _stem(truth, "bed")
    inside = np.zeros(bed.shape[1], bool)
    for line in truth["lines"]:
        inside[line["start"] : line["end"]] = True
    speech = sum(_stem(truth, speaker["id"])[0] for speaker in truth["speakers"])
    above = 10 * np.log10((speech[inside] ** 2).mean() / (bed[:, inside] ** 2).mean())
    assert 10 <= above <= 18
    assert abs(np.corrcoef(bed)[0, 1]) < 0.5
    # Music and ambience lie under every second of it, until they fade out.
    seconds = bed[0, truth["audio_start"] + 24_000 : -96_000]
    seconds = seconds[: seconds.size // 48_000 * 48_000].reshape(-1, 48_000)
    assert (np.sqrt((seconds**2).mean(axis=1)) > 0.002).all()


def test_cuts_are_hard(truth):
    """At every cut the picture changes far more than between the frames before it."""
    av = pytest.importorskip("av")
    with av.open(str(SCENE)) as container:
        frames = container.decode(video=0)
        small = [frame.reformat(160, 90, "gray").to_ndarray().astype(np.float32) for frame in frames]
    assert len(small) == truth["frames"]
    change = np.array([0.0, *(np.abs(a - b).mean() for a, b in itertools.pairwise(small))])
    cuts = truth["cuts"]
    assert len(cuts) >= 10
    assert cuts == sorted(set(cuts))
    quiet = np.delete(change, cuts)
    assert change[cuts].min() > 2 * quiet.max()
