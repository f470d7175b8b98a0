"""Measure the embedded separators on speech over known beds, and write docs/benchmarks/bed.md.

    RYTHMO_TEST_DATA=../shared python benchmarks/bed.py [--scratch FOLDER] [--write]

Each engine separates the drawn example in stereo and mono, and the programmes of bed_material.py, which
nothing was tuned on: in stereo with the speech 12 dB louder than the bed within its lines, and as loud as the
bed, and that in mono too. All figures are of the lines alone:

- bed, speech: how far the error lies below the true bed, and below the true speech, in dB (SDR).
- left: the speech that is still in the bed, in dB below the speech of the mix. It is what of the error goes
  along with the true speech, in blocks of a quarter of a second and a third of an octave. Lower is better.
- words: how many of them Whisper base gets wrong, as a dub lets it listen (speech, and a little of the bed);
  in stereo alone.

Time is what the processor took for the sound of all programmes, memory what a process of its own took at
most for stereo of these lengths, less what it had before. Speakers are in diarization.md.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import jiwer
import numpy as np
from bed_material import RATE, Programme, Sound, example, unseen

from rythmo.engines import registry
from rythmo.engines.base import Kind, Turn
from rythmo.media import spectra
from rythmo.media.audio import Audio
from rythmo.stages.separate import make_audible

ENGINES = ("rnnoise", "deepfilternet")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "bed.md"
_LEVELS_DB = (12.0, 0.0)
_HEADS = " | ".join(f"{name}: bed, speech, left, words" for name in ENGINES)
_BLOCK_FRAMES = 24
_BANDS_PER_OCTAVE = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """What one separation was like: levels in dB, and the share of words wrong (nan where it isn't known)."""

    bed: float
    speech: float
    left: float
    words: float


@dataclass(frozen=True, slots=True)
class Case:
    """A programme at a level, in a layout."""

    programme: Programme
    level: str

    @property
    def layout(self) -> str:
        """Its layout, in a word."""
        return "stereo" if self.programme.bed.shape[0] == 2 else "mono"


def cases(scratch: Path) -> Iterator[Case]:
    """Yield everything that is separated."""
    scene = example()
    for programme in (scene, scene.in_mono()):
        yield Case(programme, "as it is")
    for programme in unseen(scratch):
        for level in _LEVELS_DB:
            yield Case(programme.at_level(level), f"{level:.0f} dB")
        yield Case(programme.at_level(0.0).in_mono(), "0 dB")


def measure(engine: str, programme: Programme) -> tuple[Measured, float]:
    """Separate a programme; return how good it is, and the processor seconds."""
    begun = time.process_time()
    parts = _engine(Kind.SEPARATOR, engine).separate(programme.mix)
    taken = time.process_time() - begun
    inside, bed = programme.inside, programme.bed
    speech = np.broadcast_to(programme.speech, bed.shape)
    error = (parts.bed.samples - bed)[:, inside]
    found = Measured(
        bed=_power_db(bed[:, inside]) - _power_db(error),
        speech=_power_db(speech[:, inside]) - _power_db(error),
        left=measure_left(parts.bed.samples, bed, speech, inside),
        words=_words_wrong(parts.speech, parts.bed, programme) if len(bed) == 2 else np.nan,
    )
    return found, taken


def measure_left(found: Sound, bed: Sound, speech: Sound, inside: np.ndarray) -> float:
    """Return the level of the speech in the found bed within the lines, in dB of the speech itself.

    In each block and band, the found bed is explained by the true bed and the true speech (least squares).
    """
    size = spectra.frame_size(RATE)
    frames = spectra.frame_count(found.shape[1], size)
    kept = inside[np.clip((np.arange(frames) - 1) * (size // 4), 0, inside.size - 1)]
    left = whole = 0.0
    for channel in range(found.shape[0]):
        sounds = (one[channel : channel + 1] for one in (found, bed, speech))
        target, other, voice = (spectra.analyse(one, size, 0, frames)[0][kept] for one in sounds)
        voiced, both = _sums(np.abs(voice) ** 2).real, _sums(other.conj() * voice)
        beside = _sums(np.abs(other) ** 2).real
        product = beside * _sums(voice.conj() * target) - both.conj() * _sums(other.conj() * target)
        gain = product / np.maximum(beside * voiced - np.abs(both) ** 2, 1e-9 * beside * voiced + 1e-30)
        left += float(np.sum(np.abs(gain) ** 2 * voiced))
        whole += float(np.sum(voiced))
    return 10 * float(np.log10(left / whole))


def _sums(plane: np.ndarray) -> np.ndarray:
    """Return the sums over each block of frames and each band of bins."""
    edges = np.unique(np.round(4 * 2 ** (np.arange(0, 40) / _BANDS_PER_OCTAVE)).astype(int))
    bands = np.add.reduceat(plane.astype(np.complex128), edges[edges < plane.shape[1]], axis=1)
    return np.add.reduceat(bands, np.arange(0, len(bands), _BLOCK_FRAMES), axis=0)


def _words_wrong(speech: Audio, bed: Audio, programme: Programme) -> float:
    audible = make_audible(speech, bed)
    turns = tuple(Turn(start, end, "S1") for start, end in programme.lines)
    words = _engine(Kind.TRANSCRIBER, "faster-whisper").transcribe(audible, language="en", turns=turns)
    heard = " ".join(word.text for word in words)
    return float(jiwer.wer(_plain(programme.text), _plain(heard)))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.lower()))


def _power_db(sound: Sound) -> float:
    return 10 * float(np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))


def measure_memory(engine: str, seconds: int) -> float:
    """Return the MB that separating so much stereo takes at most, in a process of its own."""
    command = [sys.executable, __file__, "--memory", engine, str(seconds)]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _take_memory(engine: str, seconds: int) -> None:
    separator = _engine(Kind.SEPARATOR, engine)
    sound = 0.01 * np.random.default_rng(1).standard_normal((2, seconds * RATE), np.float32)
    before = _read_status("VmRSS")
    separator.separate(Audio(sound, RATE))
    print(_read_status("VmHWM") - before)


def _read_status(name: str) -> float:
    """Return an entry of Linux's account of this process in MB; `ru_maxrss` would count the parent's peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


@cache
def _engine(kind: Kind, name: str) -> Any:
    return registry.create(registry.find(kind, name))


def describe(measured: Sequence[tuple[Case, dict[str, Measured]]]) -> Iterator[str]:
    """Yield the rows of the table: each programme, in each layout, by level."""
    yield f"| programme | layout | level | {_HEADS} |"
    yield "|---|---|---|" + "---|" * len(ENGINES)
    for case, by_engine in measured:
        cells = " | ".join(_cell([by_engine[name]]) for name in ENGINES)
        yield f"| {case.programme.name} | {case.layout} | {case.level} | {cells} |"


def summarise(measured: Sequence[tuple[Case, dict[str, Measured]]]) -> Iterator[str]:
    """Yield the rows of the means of what was never tuned on, by layout and level."""
    groups: dict[tuple[str, str], list[dict[str, Measured]]] = defaultdict(list)
    for case, by_engine in measured:
        if case.level != "as it is":
            groups[case.layout, case.level].append(by_engine)
    yield f"| layout | speech over bed | {_HEADS} |"
    yield "|---|---|" + "---|" * len(ENGINES)
    for (layout, level), found in sorted(groups.items()):
        cells = " | ".join(_cell([one[name] for one in found]) for name in ENGINES)
        yield f"| {layout} | {level} | {cells} |"
    everything = [one for found in groups.values() for one in found]
    cells = " | ".join(_cell([one[name] for one in everything]) for name in ENGINES)
    yield f"| **all** | | {cells} |"


def _cell(found: Sequence[Measured]) -> str:
    bed, speech, left = (fmean(column) for column in list(zip(*map(astuple, found), strict=True))[:3])
    words = [one.words for one in found if not np.isnan(one.words)]
    return f"{bed:.1f}, {speech:.1f}, {left:.1f}, " + (f"{100 * fmean(words):.1f} %" if words else "-")


def main() -> None:
    """Measure, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir(), "rythmo-benchmark-bed"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--memory", nargs=2, metavar=("ENGINE", "SECONDS"))
    options = parser.parse_args()
    if options.memory:
        _take_memory(options.memory[0], int(options.memory[1]))
        return
    measured, taken, seconds = [], dict.fromkeys(ENGINES, 0.0), 0.0
    for case in cases(options.scratch):
        found = {}
        for name in ENGINES:
            found[name], more = measure(name, case.programme)
            taken[name] += more
        seconds += case.programme.mix.seconds
        measured.append((case, found))
        print(
            case.programme.name,
            case.layout,
            case.level,
            *map(_cell, ([one] for one in found.values())),
            flush=True,
        )
    costs = [
        "| engine | processor s a minute | MB for 15 s | for 1 min |",
        "|---|---|---|---|",
    ]
    for name in ENGINES:
        memory = " | ".join(f"{measure_memory(name, length):.0f}" for length in (15, 60))
        costs.append(f"| {name} | {60 * taken[name] / seconds:.1f} | {memory} |")
    parts = [summarise(measured), costs, describe(measured)]
    text = "\n\n".join("\n".join(part) for part in parts)
    print(text)
    if options.write:
        stamps = ", ".join(_engine(Kind.SEPARATOR, name).info.stamp for name in ENGINES)
        PAGE.write_text(
            f"# The bed: measured\n\n{__doc__.strip()}\n\nEngines: {stamps}.\n\n{text}\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
