"""Compares the time-stretchers on speech, and writes a table and plots into the docs.

    python benchmarks/stretch.py [SPEECH.wav ...]

Needs the dependency group `benchmark`, and `rubberband` for one of the methods. Without files of speech
it takes those of RYTHMO_TEST_DATA.

Three figures for each method and speed: how far the short-time spectrum is from the original's (mean
difference in dB over Mel-like bands of frames that hold speech, the time axis scaled), how far the
energy contour is shifted (the largest lag of any 1 s of it, in ms), and how the syllables' onsets have
moved (95th percentile, in ms).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.media.wav import read_audio
from rythmo.mix.stretch import Method, is_available, stretch

RATE = 48_000
REAL = (Method.SIGNALSMITH, Method.RUBBERBAND, Method.ATEMPO)
SPEEDS = (0.85, 1.1, 1.2, 1.35, 1.5)
DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
HOP = 480
Mono = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Row:
    """One method at one speed, averaged over the clips."""

    method: Method
    speed: float
    milliseconds: float
    cpu: float
    distance: float
    lag: float
    onsets: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("speech", type=Path, nargs="*")
    parser.add_argument("--write", type=Path, default=DOCS)
    options = parser.parse_args()
    clips = [clip for path in options.speech or _test_data() for clip in _clips(path)]
    methods = [method for method in REAL if is_available(method)]
    rows = [_row(method, speed, clips) for speed in SPEEDS for method in methods]
    options.write.mkdir(parents=True, exist_ok=True)
    text = _page(rows, clips)
    (options.write / "stretch.md").write_text(text)
    _plot(clips[0], methods, options.write / "stretch.png")
    print(text)


def _test_data() -> list[Path]:
    folder = os.environ.get("RYTHMO_TEST_DATA")
    if not folder:
        sys.exit("Name files of speech, or set RYTHMO_TEST_DATA.")
    return [Path(folder, "media", name) for name in ("speech-jfk.flac", "speech-multilingual.mp3")]


def _clips(path: Path) -> list[Mono]:
    """Three clips of 2.5 s, from where there is speech."""
    sound = read_audio(path).mono().at_rate(RATE).samples[0][: 120 * RATE]
    size = RATE * 5 // 2
    starts = sorted(
        range(0, sound.size - size, size), key=lambda at: -float(np.square(sound[at : at + size]).sum())
    )
    return [sound[at : at + size] for at in sorted(starts[:3])]


def _row(method: Method, speed: float, clips: list[Mono]) -> Row:
    stretch(clips[0], RATE, round(clips[0].size / speed), method)  # loads what is loaded once
    took, cpu, figures = 0.0, 0.0, []
    for clip in clips:
        length = round(clip.size / speed)
        begun, begun_cpu = time.perf_counter(), _cpu()
        out = stretch(clip, RATE, length, method)
        took, cpu = took + time.perf_counter() - begun, cpu + _cpu() - begun_cpu
        assert out.size == length
        figures.append((_distance(clip, out), _lag(clip, out, speed), _onset_shift(clip, out, speed)))
    distance, lag, onsets = np.mean(figures, axis=0)
    each = 1000 / len(clips)
    return Row(method, speed, each * took, each * cpu, float(distance), float(lag), float(onsets))


def _cpu() -> float:
    """Of this process and of the programs it ran."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def bands(samples: Mono) -> NDArray[np.float64]:
    """Levels in dB, shape (frames, 40): a frame every 10 ms, bands even on the Mel scale to 8 kHz."""
    size = 2048
    padded = np.pad(samples.astype(np.float64), size // 2)
    count = 1 + (padded.size - size) // HOP
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::HOP][:count] * np.hanning(size)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    mel = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 41)
    edges = np.round(700 * (10 ** (mel / 2595) - 1) * size / RATE).astype(int)
    sums = np.stack([power[:, a : max(b, a + 1)].sum(axis=1) for a, b in pairwise(edges)], axis=1)
    return 10 * np.log10(sums + 1e-9)


def _distance(clip: Mono, out: Mono) -> float:
    """Mean difference in dB, frame by frame with the time axis scaled, where the original speaks."""
    original, stretched = bands(clip), bands(out)
    at = np.round(np.linspace(0, len(original) - 1, len(stretched))).astype(int)
    original = original[at]
    speaks = original.max(axis=1) > original.max() - 35
    difference = np.abs(stretched - original)[speaks]
    audible = original[speaks] > original.max() - 50
    return float(difference[audible].mean())


def _envelope(samples: Mono) -> NDArray[np.float64]:
    """Level every millisecond, smoothed over 20 ms."""
    power = np.convolve(np.square(samples.astype(np.float64)), np.ones(960) / 960, "same")[::48]
    return np.sqrt(power)


def _lag(clip: Mono, out: Mono, speed: float) -> float:
    """The largest shift of any second of the energy contour against where it belongs, in ms."""
    ours = _envelope(out)
    wanted = np.interp(np.arange(ours.size) * speed, np.arange(_envelope(clip).size), _envelope(clip))
    worst = 0
    for start in range(0, ours.size - 1000, 500):
        part = ours[start : start + 1000]
        scores = {}
        for shift in range(-60, 61):
            a = start + shift
            if a >= 0 and a + 1000 <= wanted.size:
                scores[shift] = float(
                    np.dot(part, wanted[a : a + 1000]) / (np.linalg.norm(wanted[a : a + 1000]) + 1e-9)
                )
        worst = max(worst, abs(max(scores, key=lambda s: scores[s])))
    return float(worst)


def _onset_shift(clip: Mono, out: Mono, speed: float) -> float:
    """How far the steepest rises of the level have moved, 95th percentile, in ms."""
    wanted = _onsets(clip) / speed
    found = _onsets(out)
    shifts = [float(np.abs(found - at).min()) for at in wanted]
    near = [shift for shift in shifts if shift < 60]  # the others are onsets that only one of both has
    return float(np.percentile(near, 95))


def _onsets(samples: Mono) -> NDArray[np.float64]:
    from scipy.signal import find_peaks

    level = 20 * np.log10(_envelope(samples) + 1e-4)
    rise = level[20:] - level[:-20]
    return np.asarray(find_peaks(rise, height=8, distance=60)[0] + 10, float)


def _page(rows: list[Row], clips: list[Mono]) -> str:
    lines = [
        f"| {row.speed:.2f} | {row.method} | {row.milliseconds:.0f} ms | {row.cpu:.0f} ms "
        f"| {row.distance:.2f} dB | {row.lag:.0f} ms | {row.onsets:.0f} ms |"
        for row in rows
    ]
    return (
        "# Time-stretch: measured\n\n"
        f"Written by `python benchmarks/stretch.py`: {len(clips)} clips of 2.5 s of real speech, 48 kHz.\n"
        "Every result has the exact length that was asked for, to the sample.\n\n"
        "| Speed | Method | Time for a clip | CPU time | Spectral distance | Largest lag | Onsets moved |\n"
        "|---|---|---|---|---|---|---|\n"
        + "\n".join(lines)
        + "\n\nLower is better throughout. The plot shows one clip at 1.35x.\n\n"
        "![Spectrograms](stretch.png)\n"
    )


def _plot(clip: Mono, methods: list[Method], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from PIL import Image

    speed = 1.35
    sounds = {"original": clip} | {str(m): stretch(clip, RATE, round(clip.size / speed), m) for m in methods}
    figure, axes = plt.subplots(len(sounds), 2, figsize=(13, 2.4 * len(sounds)), layout="constrained")
    for (name, sound), (left, right) in zip(sounds.items(), axes, strict=True):
        seconds = np.arange(sound.size) / RATE
        left.plot(seconds, sound, lw=0.4)
        left.set(title=f"{name}: waveform", xlim=(0, seconds[-1]), ylim=(-1, 1))
        right.specgram(sound + 1e-7, NFFT=1024, Fs=RATE, noverlap=768, vmin=-130, vmax=-40, cmap="magma")
        right.set(title=f"{name}: spectrogram to 8 kHz", ylim=(0, 8000))
    figure.savefig(path, dpi=75)
    plt.close(figure)
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(96)
    small.save(path, optimize=True)


if __name__ == "__main__":
    main()
