"""Draws three joins of the bed and three stretched lines of the dubbed example, and measures them.

    python benchmarks/joins.py [PROJECT.rythmo]

Without a project the example is dubbed into --scratch, or found there. Needs the dependency group
`benchmark`. A join is told by its step: the largest difference between neighbouring samples within 10 ms of
it, against the 99.9th percentile of the second around it; above 1 somebody might hear a click. A stretched
line is told by the length, by its distance in the spectrum from the take (as in `stretch.py`), and by how
much its first 20 ms are weaker or louder than the take's: a fade that ate a consonant would show there.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from stretch import bands

from rythmo.dubbing.pipeline import Job, dub
from rythmo.media.wav import WavReader, read_audio
from rythmo.mix.placed_sound import placed_path
from rythmo.mix.take_check import check_take
from rythmo.project.workspace import Project
from rythmo.script.model import Line, Script
from rythmo.settings import DeliverSettings, Settings
from rythmo.timebase import SAMPLE_RATE

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs" / "benchmarks"
_NEAR = SAMPLE_RATE // 100
_AROUND = SAMPLE_RATE // 2
_ONSET = SAMPLE_RATE // 50
Mono = NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path, nargs="?")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir(), "rythmo-benchmark-fit"))
    parser.add_argument("--write", type=Path, default=DOCS)
    options = parser.parse_args()
    project = Project(options.project) if options.project else _example(options.scratch)
    script = project.load()
    options.write.mkdir(parents=True, exist_ok=True)
    joins = _joins(project, script)
    lines = sorted(_stretched(script), key=lambda line: -abs(np.log(_speed(line))))[:3]
    _draw_joins(joins, options.write / "joins.png")
    _draw_lines(project, lines, options.write / "stretched.png")
    text = _page(script, joins, [_line_row(project, line) for line in lines])
    (options.write / "joins.md").write_text(text)
    print(text)


def _example(scratch: Path) -> Project:
    project = Project(scratch / "scene.rythmo")
    if not project.exists():
        dub(
            Job(ROOT / "examples" / "scene.mp4", "es", "en", scratch),
            Settings(deliver=DeliverSettings("srt")),
        )
    return project


def _joins(project: Project, script: Script) -> list[tuple[int, Mono, Mono]]:
    """(position, M&E, original) half a second to either side, mono: the joins with the largest step."""
    (original,) = (project.root / "cache" / "ingest").glob("*.wav")
    found = []
    with WavReader(project.root / "stems" / "ME.wav") as me, WavReader(original) as before:
        for edge in (edge for region in script.dialogue for edge in region):
            if _AROUND <= edge <= me.length - _AROUND:
                sounds = (reader.read(edge - _AROUND, 2 * _AROUND).mean(axis=0) for reader in (me, before))
                found.append((edge, *sounds))
    return sorted(found, key=lambda join: -_step(join[1]))[:3]


def _step(sound: Mono) -> float:
    jumps = np.abs(np.diff(sound))
    return float(jumps[_AROUND - _NEAR : _AROUND + _NEAR].max() / np.percentile(jumps, 99.9))


def _stretched(script: Script) -> list[Line]:
    return [line for line in script.lines if line.placement and line.take and _speed(line) != 1]


def _speed(line: Line) -> float:
    assert line.placement is not None
    return line.placement.speed


def _sounds(project: Project, line: Line) -> tuple[Mono, Mono]:
    """The take's speech as it was spoken, and as it is placed; at one level."""
    assert line.take is not None
    assert line.placement is not None
    heard = check_take(read_audio(project.root / line.take.file))
    pieces = line.placement.pieces
    take = heard.samples[pieces[0].source_start : pieces[-1].source_end]
    placed = read_audio(project.root / placed_path(line.take)).samples[0]
    return take, placed / np.float32(10 ** (line.placement.gain_db / 20))


def _line_row(project: Project, line: Line) -> str:
    assert line.placement is not None
    take, placed = _sounds(project, line)
    wanted = line.placement.end - line.placement.start
    at = np.round(np.linspace(0, len(bands(take)) - 1, len(bands(placed)))).astype(int)
    original, stretched = bands(take)[at], bands(placed)
    heard = original > original.max() - 50
    distance = float(np.abs(stretched - original)[heard].mean())
    onset = round(_ONSET / _speed(line))
    levels = [np.sqrt(np.square(part).mean()) for part in (take[:_ONSET], placed[:onset])]
    change = 20 * np.log10(levels[1] / levels[0])
    return (
        f"| {line.id} | {_speed(line):.2f}x | {placed.size - wanted} | {distance:.1f} dB | {change:+.1f} dB "
        f"| {line.placement.reason} |"
    )


def _draw_joins(joins: list[tuple[int, Mono, Mono]], path: Path) -> None:
    plt = _pyplot()
    figure, axes = plt.subplots(len(joins), 2, figsize=(13, 2.6 * len(joins)), layout="constrained")
    for (edge, me, original), (left, right) in zip(joins, axes, strict=True):
        close = slice(_AROUND - 4 * _NEAR, _AROUND + 4 * _NEAR)
        ms = (np.arange(me.size) - _AROUND) * 1000 / SAMPLE_RATE
        left.plot(ms[close], original[close], lw=0.8, color="0.7", label="original")
        left.plot(ms[close], me[close], lw=0.8, color="C0", label="M&E")
        left.axvline(0, color="C3", lw=0.8, ls=":")
        left.set(title=f"join at {edge / SAMPLE_RATE:.3f} s, ms around it", xlim=(-40, 40))
        left.legend(loc="upper right", fontsize=7)
        _spectrogram(right, me, f"M&E around {edge / SAMPLE_RATE:.3f} s")
        right.axvline(_AROUND / SAMPLE_RATE, color="w", lw=0.8, ls=":")
    _save(figure, path)


def _draw_lines(project: Project, lines: list[Line], path: Path) -> None:
    plt = _pyplot()
    figure, axes = plt.subplots(2 * len(lines), 2, figsize=(13, 4.4 * len(lines)), layout="constrained")
    for index, line in enumerate(lines):
        for row, (sound, name) in enumerate(zip(_sounds(project, line), ("take", "placed"), strict=True)):
            left, right = axes[2 * index + row]
            seconds = np.arange(sound.size) / SAMPLE_RATE
            left.plot(seconds, sound, lw=0.4)
            left.set(title=f"{line.id} {name} ({_speed(line):.2f}x)", xlim=(0, seconds[-1]))
            _spectrogram(right, sound, f"{line.id} {name}: spectrogram to 8 kHz")
    _save(figure, path)


def _spectrogram(axes: object, sound: Mono, title: str) -> None:
    draw = axes.specgram  # type: ignore[attr-defined]  # matplotlib has no types here
    draw(sound + 1e-7, NFFT=1024, Fs=SAMPLE_RATE, noverlap=896, vmin=-130, vmax=-40, cmap="magma")
    axes.set(title=title, ylim=(0, 8000))  # type: ignore[attr-defined]


def _pyplot() -> object:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    return pyplot


def _save(figure: object, path: Path) -> None:
    from PIL import Image

    figure.savefig(path, dpi=70)  # type: ignore[attr-defined]
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(64)
    small.save(path, optimize=True)


def _page(script: Script, joins: list[tuple[int, Mono, Mono]], lines: list[str]) -> str:
    rows = "\n".join(f"| {edge / SAMPLE_RATE:.3f} s | {_step(me):.2f} |" for edge, me, _ in joins)
    return f"""# Joins of the bed, and stretched lines: drawn

Written by `python benchmarks/joins.py` from {script.programme.name}: the three joins with the largest step,
out of {2 * len(script.dialogue)}, and the three lines that are stretched most. The step is the
largest difference between neighbouring samples within 10 ms of the join, over the 99.9th percentile of the
second around it. What the spectrograms show inside of dialogue is the embedded separator's bed: it takes the
hiss of the scene away with the voice. `--fill` puts room tone there.

| Join | Step |
|---|---|
{rows}

![Joins](joins.png)

| Line | Speed | Samples off its length | Spectral distance | Onset (first 20 ms) | Why |
|---|---|---|---|---|---|
{chr(10).join(lines)}

![Stretched lines](stretched.png)
"""


if __name__ == "__main__":
    main()
