"""The diarization error of "silero" on recordings with reference turns, as a Markdown table.

    RYTHMO_TEST_DATA=../shared python benchmarks/diarization.py [--write]

The six distant-microphone meetings of the test data (30 s each), the example's clean speech, two recordings
of one man before and after the embedded separator, and the two men one after the other. None is held out:
the engine's thresholds were set on them, the short cluster's (`SHORT_SAME`) with a meeting in view.
Collar 0, overlap counted; no DER where no turns are known. "Naive"
is complete linkage cut at a cosine of 0.78, over the same windows: what the system that Rythmo follows did.
`--write` puts the table into docs/benchmarks/diarization.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import soundfile
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from rythmo.engines import registry
from rythmo.engines.adapters import silero
from rythmo.engines.base import Kind, Turn
from rythmo.engines.speech import clustering
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples"
PAGE = ROOT / "docs" / "benchmarks" / "diarization.md"


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound, and who speaks when in it."""

    name: str
    audio: Audio
    reference: Annotation
    speakers: int = 0
    """How many speak, where `reference` is empty."""


def meetings(folder: Path) -> Iterator[Recording]:
    """The meetings whose turns the RTTM holds; `meeting-NAME.wav` is NAME there."""
    turns: dict[str, Annotation] = defaultdict(Annotation)
    for number, line in enumerate((folder / "meeting-train.rttm").read_text(encoding="utf-8").splitlines()):
        fields = line.split()
        start, length = float(fields[3]), float(fields[4])
        turns[fields[1]][Segment(start, start + length), number] = fields[7]
    for path in sorted(folder.glob("meeting-*.wav")):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        name = path.stem.split("-")[-1]
        yield Recording(path.name, Audio(np.ascontiguousarray(samples.T), rate), turns[name])


def example() -> Recording:
    """The sum of the example's speakers, without the bed."""
    truth: dict[str, Any] = json.loads((EXAMPLE / "scene.truth.json").read_text(encoding="utf-8"))
    rate, voices = truth["sample_rate"], np.zeros(truth["length"], np.float32)
    for speaker in truth["speakers"]:
        samples, _ = soundfile.read(EXAMPLE / truth["files"][speaker["id"]], dtype="float32")
        voices[: len(samples)] += truth["gains"][speaker["id"]] * samples[: len(voices)]
    reference = Annotation()
    for number, line in enumerate(truth["lines"]):
        reference[Segment(line["start"] / rate, line["end"] / rate), number] = line["speaker"]
    return Recording("scene (clean speech)", Audio(voices[None], rate), reference)


def error(recording: Recording, turns: tuple[Turn, ...]) -> float:
    """DER with collar 0."""
    rate, found = recording.audio.rate, Annotation()
    for number, turn in enumerate(turns):
        found[Segment(turn.start / rate, turn.end / rate), number] = f"found {turn.speaker}"
    whole = Timeline([Segment(0, recording.audio.seconds)])
    return float(DiarizationErrorRate()(recording.reference, found, uem=whole))


def naive(vectors: Any, *_others: Any, **_options: Any) -> Any:
    """Complete linkage at 0.78, in place of `clustering.cluster`."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(vectors) < 2:
        return np.zeros(len(vectors), np.int64)
    return fcluster(linkage(vectors, "complete", metric="cosine"), 1 - 0.78, "distance") - 1


def single_voices(folder: Path) -> Iterator[Recording]:
    """Recordings of one man, as they are and separated, and both men in one file."""
    names = ("speech-jfk.flac", "speech-one-man.mp4")
    sounds = [_decode(folder / name) for name in names]
    separator = registry.create(registry.find(Kind.SEPARATOR, "rnnoise"))
    for name, sound in zip(names, sounds, strict=True):
        yield Recording(name, sound, Annotation(), 1)
        yield Recording(f"{name}, separated", separator.separate(sound).speech, Annotation(), 1)
    both = np.concatenate([sound.samples for sound in sounds], axis=1)
    yield Recording("both men", Audio(both, sounds[0].rate), Annotation(), 2)


def _decode(file: Path) -> Audio:
    """The sound in stereo at 48 kHz."""
    command = [*ffmpeg.input_arguments(file), "-vn", "-ac", "2", "-ar", "48000", "-f", "f32le", "-"]
    return Audio(np.frombuffer(ffmpeg.run(command), "<f4").reshape(-1, 2).T.copy(), 48_000)


def row(engine: silero.SileroDiarizer, recording: Recording) -> str:
    """One line of the table."""
    true = recording.speakers or len(recording.reference.labels())
    free = engine.diarize(recording.audio)
    if not recording.reference:
        return f"| {recording.name} | {true} | {len({turn.speaker for turn in free})} | | | |"
    told = engine.diarize(recording.audio, speakers=true)
    with patch.object(clustering, "cluster", naive):
        plain = engine.diarize(recording.audio)
    errors = " | ".join(f"{error(recording, turns):.3f}" for turns in (free, told, plain))
    return f"| {recording.name} | {true} | {len({turn.speaker for turn in free})} | {errors} |"


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    folder = os.environ.get("RYTHMO_TEST_DATA")
    if not folder:
        sys.exit("Set RYTHMO_TEST_DATA to the folder of the test data.")
    warnings.simplefilter("ignore")  # the metric's, about its own frames
    engine = silero.create({})
    table = [
        "| Recording | Speakers | Found | DER, count unknown | DER, count given | DER, naive |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(table), flush=True)
    for recording in (
        example(),
        *single_voices(Path(folder) / "media"),
        *meetings(Path(folder) / "media"),
    ):
        table.append(row(engine, recording))
        print(table[-1], flush=True)
    if options.write:
        text = f"# Diarization: measured\n\n{__doc__.strip()}\n\nEngine: silero {silero.INFO.version}.\n\n"
        PAGE.write_text(text + "\n".join(table) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
