"""Measures the voices of dubbed projects: likeness, fit, takes asked for, words heard back.

    python benchmarks/voices.py PROJECT... > docs/benchmarks/voices.md

Likeness is the cosine of the embedded embedder between a speaker's takes and their original (higher is
nearer), and between one speaker's takes and another's (lower is more different). Words are heard back by
the recogniser that is ready here, and compared with what was to be said.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import jiwer
import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import Kind
from rythmo.engines.pool import EnginePool
from rythmo.media.audio import Audio
from rythmo.media.prosody import measure_prosody
from rythmo.media.wav import read_audio
from rythmo.project.workspace import Project
from rythmo.script.model import Line, Script, Speaker

_ENOUGH = 30 * 48_000


@dataclass(frozen=True, slots=True)
class Heard:
    """A speaker's original and takes, as the embedder and the pitch tracker hear them."""

    speaker: Speaker
    original: NDArray[np.float32]
    takes: NDArray[np.float32]
    original_hz: float | None
    takes_hz: float | None


def main() -> None:
    """Print a section for each project."""
    print("# Voices\n\nWritten by `benchmarks/voices.py`.")
    with EnginePool() as pool:
        for folder in sys.argv[1:]:
            print(f"\n## {Path(folder).name}\n")
            report(Project(Path(folder)), pool)


def report(project: Project, pool: EnginePool) -> None:
    """Print likeness, fit, takes and words of one project."""
    script = project.load()
    heard = [hear(speaker, script, project, pool) for speaker in script.speakers]
    print("| speaker | voice | likeness to the original | to the nearest other | pitch, original and takes |")
    print("|---|---|---|---|---|")
    for one in heard:
        others = [float(one.takes @ other.takes) for other in heard if other is not one]
        voice = one.speaker.voice.id if one.speaker.voice else ""
        nearest = f"{max(others):.2f}" if others else ""
        pitch = f"{one.original_hz or 0:.0f} and {one.takes_hz or 0:.0f} Hz"
        print(f"| {one.speaker.name} | `{voice}` | {one.original @ one.takes:.2f} | {nearest} | {pitch} |")
    said = [line for line in script.lines if line.placement and line.take]
    print(f"\n{fit(said)}\n\n{words(said, script, project, pool)}")


def hear(speaker: Speaker, script: Script, project: Project, pool: EnginePool) -> Heard:
    """Embed and measure up to half a minute of a speaker's original, out of its bed, and of their takes."""
    own = sorted((line for line in script.lines if line.speaker == speaker.id), key=lambda line: -line.length)
    speech = read_audio(next((project.artefacts.root / "speech").glob("*.wav"))).mono()
    scale = speech.rate / script.programme.sample_rate
    originals = [
        speech.samples[0, round(line.original_range[0] * scale) : round(line.original_range[1] * scale)]
        for line in own
    ]
    takes = [
        read_audio(project.root / line.take.file).mono().at_rate(48_000).samples[0]
        for line in own
        if line.take
    ]
    one, two = (
        Audio(np.concatenate(parts)[np.newaxis, :_ENOUGH], rate)
        for parts, rate in ((originals, speech.rate), (takes, 48_000))
    )
    vectors = pool.embedder().embed([one, two])
    return Heard(
        speaker, vectors[0], vectors[1], measure_prosody(one).pitch_hz, measure_prosody(two).pitch_hz
    )


def fit(lines: list[Line]) -> str:
    """Say how the takes fit, and how many were asked for."""
    fill = [(line.placement.end - line.placement.start) / line.length for line in lines]
    speed = [line.placement.speed * line.placement.pace for line in lines]
    stretch = [line.placement.speed for line in lines]
    within = sum(0.9 <= one <= 1.2 for one in fill) / len(fill)
    asked = [len(line.takes) for line in lines]
    changed = sum(line.placement.pace != 1.0 for line in lines)
    before = len(lines) + changed
    return (
        f"{len(lines)} lines; {within:.0%} last from 0.9 to 1.2 of their original. Fill {_spread(fill)};"
        f" speed of speech {_spread(speed)}, of that stretched {_spread(stretch)}."
        f" Takes asked for: {sum(asked)} ({sum(asked) / len(lines):.2f} a line);"
        f" by speaking first and measuring it would have been {before} ({before / len(lines):.2f})."
    )


def words(lines: list[Line], script: Script, project: Project, pool: EnginePool) -> str:
    """Say how many words are heard back wrong, take by take."""
    language = script.target_language
    recogniser = pool.transcriber(language)
    wanted, got, worst = [], [], []
    for line in lines:
        take = read_audio(project.root / line.take.file)
        found = " ".join(word.text for word in recogniser.transcribe(take, language=language))
        if not plain(line.translation):
            continue
        wanted.append(plain(line.translation))
        got.append(plain(found))
        if wanted[-1] != got[-1]:
            worst.append(f"- {line.id}: {line.translation} | heard: {found.strip()}")
    rate = jiwer.wer(wanted, got)
    name = pool.info(Kind.TRANSCRIBER, language).stamp
    return f"Word error of the takes, heard back by {name}: {rate:.1%}.\n\n" + "\n".join(worst)


def plain(text: str) -> str:
    """Words only, in small letters."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


def _spread(values: list[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}, median {median(values):.2f}"


if __name__ == "__main__":
    main()
