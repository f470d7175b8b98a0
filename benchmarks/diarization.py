"""Measure the embedded diarizers on recordings whose speakers are known, as a Markdown table.

    RYTHMO_TEST_DATA=../shared python benchmarks/diarization.py [--telephone FOLDER] [--write]

"before" is silero with Resemblyzer, as dubs used it: on speech that RNNoise separated; "raw" is the same on
the sound as it was recorded, and "now" is segmentation with CAM++, on that sound too. "dub" is "now" as a
dub uses it: with the edges that silero hears in the separated speech and a little of the bed (DeepFilterNet),
which keep sentences whole, and short turns checked by their voice. "given" is "now", told how many speak. DER
has collar 0 and counts overlap; there is none where no turns are known.

The threshold of "now" was chosen on the recordings marked "chosen on", and only checked on the others: the
six distant-microphone meetings (30 s each). That raw sound is better than separated, and how much speech a
vector needs, was seen on all of them. The thresholds of "before" were set on all of these. The telephone call
of two people is the sample in the wheel of pyannote.audio (`--telephone` names the folder with sample.wav and
sample.rttm); it is left out where there is none. `--write` puts the table into
docs/benchmarks/diarization.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import soundfile
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from rythmo.engines import registry
from rythmo.engines.base import Kind, Turn
from rythmo.engines.speech.turn_edges import fit_to_spans
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio
from rythmo.stages.separate import make_audible
from rythmo.stages.speakers import TurnVectors, check_owners
from rythmo.stages.speech_activity import find_speech

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


def single_voices(folder: Path) -> Iterator[Recording]:
    """Yield recordings of one man, and both men in one file."""
    names = ("speech-jfk.flac", "speech-one-man.mp4")
    sounds = [_decode(folder / name) for name in names]
    for name, sound in zip(names, sounds, strict=True):
        yield Recording(name, sound, Annotation(), 1)
    both = np.concatenate([sound.samples for sound in sounds], axis=1)
    yield Recording("both men", Audio(both, sounds[0].rate), Annotation(), 2)


def telephone(folder: Path) -> Recording:
    """Return pyannote.audio's sample."""
    turns = Annotation()
    for number, line in enumerate((folder / "sample.rttm").read_text(encoding="utf-8").splitlines()):
        fields = line.split()
        turns[Segment(float(fields[3]), float(fields[3]) + float(fields[4])), number] = fields[7]
    samples, rate = soundfile.read(folder / "sample.wav", dtype="float32", always_2d=True)
    return Recording("telephone", Audio(np.ascontiguousarray(samples.T), rate), turns)


def _decode(file: Path) -> Audio:
    """The sound in stereo at 48 kHz."""
    command = [*ffmpeg.input_arguments(file), "-vn", "-ac", "2", "-ar", "48000", "-f", "f32le", "-"]
    return Audio(np.frombuffer(ffmpeg.run(command), "<f4").reshape(-1, 2).T.copy(), 48_000)


@dataclass(frozen=True, slots=True)
class Score:
    """How many speakers were found, and the error, which is None where no turns are known."""

    found: int
    der: float | None


def score(recording: Recording, turns: tuple[Turn, ...], *, audible: Audio | None = None) -> Score:
    """Compare turns with those of the recording.

    With the separated speech and a little of the bed (`audible`), the turns get their edges and owners as in
    a dub.
    """
    if audible is not None:
        turns = _as_in_a_dub(recording.audio, turns, audible)
    der = error(recording, turns) if recording.reference else None
    return Score(len({turn.speaker for turn in turns}), der)


def _as_in_a_dub(sound: Audio, turns: tuple[Turn, ...], audible: Audio) -> tuple[Turn, ...]:
    turns = fit_to_spans(_at_rate(turns, sound.rate, 48_000), find_speech(audible))
    heard = TurnVectors(sound.at_rate(48_000).mono(), _engine(Kind.EMBEDDER, "campplus").embed)
    turns = check_owners(turns, heard)
    return _at_rate(turns, 48_000, sound.rate)


def measure(recording: Recording) -> tuple[int, tuple[Score, ...]]:
    """Return how many speak, and the five scores: before, raw, now, dub, given."""
    people = recording.speakers or len(recording.reference.labels())
    sound = recording.audio
    mix = sound.at_rate(48_000)
    before = _engine(Kind.SEPARATOR, "rnnoise").separate(mix).speech
    parts = _engine(Kind.SEPARATOR, "deepfilternet").separate(mix)
    old, new = _engine(Kind.DIARIZER, "silero"), _engine(Kind.DIARIZER, "segmentation")
    now = new.diarize(sound)
    # Turns count samples, and the separated speech has another rate than the recording.
    return people, (
        score(recording, _at_rate(old.diarize(before), before.rate, sound.rate)),
        score(recording, old.diarize(sound)),
        score(recording, now),
        score(recording, now, audible=make_audible(parts.speech, parts.bed)),
        score(recording, new.diarize(sound, speakers=people)),
    )


def _at_rate(turns: tuple[Turn, ...], rate: int, wanted: int) -> tuple[Turn, ...]:
    scale = wanted / rate
    return tuple(Turn(round(t.start * scale), round(t.end * scale), t.speaker) for t in turns)


@cache
def _engine(kind: Kind, name: str) -> Any:
    return registry.create(registry.find(kind, name))


def _cell(one: Score) -> str:
    return str(one.found) if one.der is None else f"{one.found}, {one.der:.3f}"


def _sums(measured: Sequence[tuple[int, tuple[Score, ...]]]) -> str:
    """Return how often the counts are right, by how much they are wrong, and the mean errors."""
    cells = []
    for column in range(5):
        off = [abs(scores[column].found - people) for people, scores in measured]
        ders = [der for _, scores in measured if (der := scores[column].der) is not None]
        cells.append(f"{off.count(0)} of {len(off)} right, off by {sum(off)}, DER {fmean(ders):.3f}")
    return " | ".join(cells)


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--telephone", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    folder = os.environ.get("RYTHMO_TEST_DATA")
    if not folder:
        sys.exit("Set RYTHMO_TEST_DATA to the folder of the test data.")
    warnings.simplefilter("ignore")  # the metric's, about its own frames
    media = Path(folder) / "media"
    chosen = [example(), *single_voices(media)]
    chosen += [telephone(options.telephone)] if options.telephone else []
    table = [
        "| Recording | | Speakers | before: found, DER | raw | now | dub | given |",
        "|---|---|---|---|---|---|---|---|",
    ]
    print("\n".join(table), flush=True)
    for group, recordings in (("chosen on", chosen), ("checked on", list(meetings(media)))):
        measured = []
        for recording in recordings:
            measured.append(measure(recording))
            people, scores = measured[-1]
            cells = " | ".join(map(_cell, scores))
            table.append(f"| {recording.name} | {group} | {people} | {cells} |")
            print(table[-1], flush=True)
        table.append(f"| **all of these** | {group} | | {_sums(measured)} |")
        print(table[-1], flush=True)
    if options.write:
        stamps = ", ".join(_engine(Kind.DIARIZER, name).info.stamp for name in ("silero", "segmentation"))
        text = f"# Diarization: measured\n\n{__doc__.strip()}\n\nEngines: {stamps}.\n\n"
        PAGE.write_text(text + "\n".join(table) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
