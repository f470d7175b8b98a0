"""Prints the diarization error on recordings with reference turns.

    python benchmarks/diarization.py ../shared/media/meeting-train.rttm ../shared/media/meeting-*.wav

A recording `x-NAME.wav` is looked up as NAME in the RTTM. Collar 0, overlap counted.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from rythmo.engines import silero
from rythmo.engines.base import Turn
from rythmo.media.audio import Audio


def read_rttm(path: Path) -> dict[str, Annotation]:
    """Reference turns by recording."""
    found: dict[str, Annotation] = defaultdict(Annotation)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        fields = line.split()
        start, length = float(fields[3]), float(fields[4])
        found[fields[1]][Segment(start, start + length), number] = fields[7]
    return found


def error(reference: Annotation, turns: tuple[Turn, ...], audio: Audio) -> float:
    """DER with collar 0."""
    hypothesis = Annotation()
    for number, turn in enumerate(turns):
        hypothesis[Segment(turn.start / audio.rate, turn.end / audio.rate), number] = f"found {turn.speaker}"
    whole = Timeline([Segment(0, audio.seconds)])
    return float(DiarizationErrorRate()(reference, hypothesis, uem=whole))


def main(rttm: str, *files: str) -> None:
    """One line for each file: true count, count found and error, error with the count given."""
    references, engine = read_rttm(Path(rttm)), silero.create({})
    for file in files:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        audio = Audio(np.ascontiguousarray(samples.T), rate)
        reference = references[Path(file).stem.split("-")[-1]]
        true = len(reference.labels())
        free, told = engine.diarize(audio), engine.diarize(audio, speakers=true)
        found = len({turn.speaker for turn in free})
        print(
            f"{Path(file).name:24} true {true}  found {found}  DER {error(reference, free, audio):.3f}"
            f"  given {error(reference, told, audio):.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
