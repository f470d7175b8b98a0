"""Measure the watermark before and after the mix and what follows it, and write docs/benchmarks/watermark.md.

    python benchmarks/watermark.py [PROJECT ...] [--unmarked FILE ...] [--scratch FOLDER] [--write PAGE]

Without a project the example is dubbed from English to Brazilian Portuguese first (into --scratch; what is
there already is not dubbed again). The projects' own takes are the unmarked ones; `--unmarked` adds
recordings of people or music, in which nothing may be found. Opinion scores need `pip install speechmos
librosa`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from dubbed_recordings import EXAMPLE, SCRATCH, dub_recording
from scipy.signal import butter, sosfilt

from rythmo.engines import registry
from rythmo.engines.base import Kind, Watermark
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio
from rythmo.media.decode import stream_sound
from rythmo.media.probe import probe
from rythmo.mix.loudness import measure_level
from rythmo.mix.mix_plan import plan_mix
from rythmo.project.workspace import Project
from rythmo.qc.listener_score import load_listener
from rythmo.script.takes import TakeKind

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "watermark.md"
RATE = 48_000
MOST_TAKES = 100
SPOKEN_SECONDS = 1.0
"""Marked dialogue in a window of the mix from which on the mark should be found there."""

Change = Callable[[Audio], Audio]


def gained(decibels: float) -> Change:
    """Return a change of level."""
    return lambda sound: Audio(sound.samples * np.float32(10 ** (decibels / 20)), sound.rate)


def filtered(hertz: float) -> Change:
    """Return a low-pass of the fourth order."""
    sections = butter(4, hertz, fs=RATE, output="sos")
    return lambda sound: Audio(sosfilt(sections, sound.samples).astype(np.float32), sound.rate)


def resampled(rate: int) -> Change:
    """Return a change to another rate and back."""
    return lambda sound: sound.at_rate(rate).at_rate(RATE)


def coded(codec: str, bits: str, suffix: str) -> Change:
    """Return a coding and decoding by ffmpeg."""

    def change(sound: Audio) -> Audio:
        with tempfile.TemporaryDirectory() as folder:
            before, between, after = (Path(folder) / name for name in ("in.wav", f"mid{suffix}", "out.wav"))
            soundfile.write(before, sound.samples.T, sound.rate, subtype="FLOAT")
            ffmpeg.run(["-i", str(before), "-c:a", codec, "-b:a", bits, str(between)])
            ffmpeg.run(["-i", str(between), "-c:a", "pcm_f32le", "-ar", str(RATE), str(after)])
            return read_sound(after)

    return change


CHANGES: dict[str, Change] = {
    "as it is": lambda sound: sound,
    "AAC 128 kbit/s": coded("aac", "128k", ".m4a"),
    "AAC 48 kbit/s": coded("aac", "48k", ".m4a"),
    "MP3 128 kbit/s": coded("libmp3lame", "128k", ".mp3"),
    "48 to 44.1 to 48 kHz": resampled(44_100),
    "48 to 16 to 48 kHz": resampled(16_000),
    "+6 dB": gained(6),
    "-6 dB": gained(-6),
    "low-pass 4 kHz": filtered(4_000),
    "low-pass 1 kHz": filtered(1_000),
}


@dataclass
class Scores:
    """Scores of many sounds, and which of them counted as found."""

    values: list[float] = field(default_factory=list)
    found: int = 0

    def add(self, sound: Audio, engine: Watermark) -> None:
        """Score one more sound."""
        one = engine.find(sound)
        self.values.append(one.score)
        self.found += one.found

    def row(self, name: str) -> str:
        """Return a row of the page's tables."""
        if not self.values:
            return f"| {name} | 0 | | |"
        low, middle, high = np.percentile(self.values, [5, 50, 95])
        share = f"{self.found} ({self.found / len(self.values):.1%})"
        return f"| {name} | {len(self.values)} | {share} | {low:.3f}, {middle:.3f}, {high:.3f} |"


HEAD = ["| | sounds | found | score: 5th, 50th, 95th percentile |", "|---|---|---|---|"]


def read_sound(path: Path) -> Audio:
    """Read a sound file or the sound of a film at 48 kHz."""
    if path.suffix == ".wav":
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return Audio(np.ascontiguousarray(samples.T), rate).at_rate(RATE)
    info = probe(path)
    with stream_sound(info, info.audio[0]) as blocks:
        return Audio(np.concatenate(list(blocks), axis=1), RATE)


def cut_windows(sound: Audio, seconds: float) -> Iterable[tuple[int, Audio]]:
    """Yield windows that overlap by half, as mono, with their starts."""
    size = round(seconds * RATE)
    mono = sound.mono()
    for start in range(0, max(1, mono.length - size // 2), size // 2):
        yield start, mono.cut(start, start + size)


@dataclass
class Take:
    """A placed take without and with its mark, and where it lies in the mix."""

    plain: Audio
    marked: Audio
    start: int


def read_takes(project: Project, engine: Watermark) -> list[Take]:
    """Read what engines spoke for a project, and mark it."""
    script = project.load()
    kinds = {line.id: line.take.kind for line in script.lines if line.take}
    takes = []
    for stem in plan_mix(script).stems:
        for item in stem.items:
            if kinds[item.line] is TakeKind.SYNTHETIC:
                plain = read_sound(project.root / item.file)
                takes.append(Take(plain, engine.mark(plain), item.whole[0]))
    return takes


def mark_mix(mix: Audio, takes: Sequence[Take]) -> tuple[Audio, np.ndarray]:
    """Return the mix with what the marks add to it, and where marked dialogue lies in it."""
    samples, spoken = mix.samples.copy(), np.zeros(mix.length, bool)
    channels = range(min(2, mix.channels)) if mix.channels in (1, 2, 4) else (2,)
    for take in takes:
        end = min(mix.length, take.start + take.plain.length)
        added = (take.marked.samples - take.plain.samples)[0, : end - take.start]
        for channel in channels:
            samples[channel, take.start : end] += added
        spoken[take.start : end] = True
    return Audio(samples, mix.rate), spoken


def measure_takes(takes: Sequence[Take], engine: Watermark) -> list[str]:
    """Return the table of single takes."""
    unmarked = Scores()
    for take in takes:
        unmarked.add(take.plain, engine)
    rows = [*HEAD, unmarked.row("**not marked**")]
    for name, change in CHANGES.items():
        scores = Scores()
        for take in takes:
            scores.add(change(take.marked), engine)
        rows.append(scores.row(name))
        print(rows[-1])
    return rows


def measure_mix(project: Project, takes: Sequence[Take], engine: Watermark) -> list[str]:
    """Return the table of the mix, in windows."""
    mix = read_sound(project.root / "stems" / "MIX.wav")
    marked, spoken = mark_mix(mix, takes)
    rows = [*HEAD]
    for name, change in {"**not marked**": None, **CHANGES}.items():
        with_voice, without = Scores(), Scores()
        for start, window in cut_windows(change(marked) if change else mix, engine.window_seconds):
            seconds = float(spoken[start : start + window.length].sum()) / RATE
            if seconds >= SPOKEN_SECONDS:
                with_voice.add(window, engine)
            elif not seconds:
                without.add(window, engine)
        rows += [with_voice.row(f"{name}: dialogue"), without.row(f"{name}: no dialogue")]
        print(*rows[-2:], sep="\n")
    return rows


def measure_unmarked(projects: Sequence[Project], others: Sequence[Path], engine: Watermark) -> list[str]:
    """Return the table of sound in which nothing may be found, in windows."""
    sources = [Path(project.load().programme.source) for project in projects]
    named = {f"{one.name} as it came": one for one in sources if one.is_file()}
    named |= {f"M&E of {one.root.stem}": one.root / "stems" / "ME.wav" for one in projects}
    named |= {one.name: one for one in others}
    rows = [*HEAD]
    for name, path in named.items():
        scores = Scores()
        for _, window in cut_windows(read_sound(path), engine.window_seconds):
            scores.add(window, engine)
        rows.append(scores.row(name))
        print(rows[-1])
    tones = Scores()
    for hertz in range(60, 1_060, 100):
        tones.add(make_tones(hertz), engine)
    return [*rows, tones.row("steady tones with overtones, 60 to 960 Hz")]


def make_tones(hertz: float) -> Audio:
    """Return three seconds of a steady tone with overtones, like an organ's."""
    time = np.arange(3 * RATE) / RATE
    wave = sum(np.sin(2 * np.pi * hertz * number * time) / number for number in range(1, 9))
    return Audio((0.1 * wave).astype(np.float32)[np.newaxis], RATE)


def measure_sound(takes: Sequence[Take]) -> list[str]:
    """Return what the mark does to loudness, peaks and the opinion of listeners."""
    levels = [
        (measure_level(take.marked.samples[0], RATE) - measure_level(take.plain.samples[0], RATE))
        for take in takes
    ]
    levels = [level for level in levels if np.isfinite(level)]
    peaks = [
        20 * np.log10(np.abs(one.marked.samples).max() / np.abs(one.plain.samples).max()) for one in takes
    ]
    added = [
        10
        * np.log10(
            np.square(one.marked.samples - one.plain.samples).mean() / np.square(one.plain.samples).mean()
        )
        for one in takes
    ]
    rows = [
        "| | 5th, 50th, 95th percentile |",
        "|---|---|",
        f"| loudness, with the mark against without, LU | {spread(levels, 2)} |",
        f"| highest sample, dB | {spread(peaks, 2)} |",
        f"| level of what is added against the take, dB | {spread(added, 1)} |",
    ]
    listener = load_listener()
    if listener is None:
        return rows
    before = [listener(take.plain) for take in takes]
    after = [listener(take.marked) for take in takes]
    change = np.subtract(after, before)
    return [
        *rows,
        f"| opinion score (DNSMOS, 1 to 5) without | {spread(before, 2)}, mean {np.mean(before):.2f} |",
        f"| with the mark | {spread(after, 2)}, mean {np.mean(after):.2f} |",
        f"| the difference | {spread(change, 2)}, mean {np.mean(change):+.2f} |",
    ]


def spread(values: Sequence[float] | np.ndarray, digits: int) -> str:
    """Return three percentiles."""
    return ", ".join(f"{value:+.{digits}f}" for value in np.percentile(values, [5, 50, 95]))


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("projects", type=Path, nargs="*")
    parser.add_argument("--engine", default="perth")
    parser.add_argument("--unmarked", type=Path, nargs="*", default=[])
    parser.add_argument("--scratch", type=Path, default=SCRATCH)
    parser.add_argument("--write", type=Path, default=PAGE)
    parser.add_argument("--mixes", type=int, default=2, help="measure the mix of so many projects")
    options = parser.parse_args()
    projects = [
        Project(root) for root in options.projects or [dub_recording(EXAMPLE, "pt-br", options.scratch)]
    ]
    engine: Watermark = registry.create(registry.find(Kind.WATERMARK, options.engine))
    takes = {project: read_takes(project, engine) for project in projects}
    single = [take for found in takes.values() for take in found][:MOST_TAKES]
    seconds = sum(take.plain.length for take in single) / RATE
    names = ", ".join(project.root.stem for project in projects)
    window = engine.window_seconds
    parts = [
        "# The watermark",
        "Written by `python benchmarks/watermark.py`, which says how.",
        f"Engine: {engine.info.stamp}.",
        "## Single takes",
        f"{len(single)} takes that engines spoke, {seconds:.0f} s in all, of {names}.",
        "\n".join(measure_takes(single, engine)),
        "## Sound and level",
        "\n".join(measure_sound(single)),
        "## The mix",
        f"Windows of {window:g} s, one every {window / 2:g} s: with a second of marked dialogue, or none.",
    ]
    for project, found in list(takes.items())[: options.mixes]:
        parts += [f"### {project.root.stem}", "\n".join(measure_mix(project, found, engine))]
    parts += ["## False alarms", "Windows of sound that was never marked."]
    parts.append("\n".join(measure_unmarked(projects, options.unmarked, engine)))
    options.write.write_text("\n\n".join([*parts, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
