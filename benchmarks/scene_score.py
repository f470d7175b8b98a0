"""Scores a dub of the example against its truth: speakers, words, onsets, the bed, the stems.

    python benchmarks/scene_score.py demo/scene.rythmo

What it measures is the embedded engines on one synthetic scene, and says nothing about any other engine.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import jiwer
import numpy as np
import soundfile
from numpy.typing import NDArray

from rythmo.project.workspace import Project
from rythmo.script.model import Script

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
RATE = 48_000


@dataclass(frozen=True, slots=True)
class Score:
    """What was found.

    `der` with collar 0, `wer` over the whole scene, the distance of each true line's start to the nearest
    line's in ms (median and 90th percentile), how much closer to the true bed the M&E is than the mix was
    in dB (inside our regions, and inside the true lines), samples that differ from the original outside
    the regions, and the greatest difference of the stem sums in 24-bit steps.
    """

    der: float
    speakers: int
    wer: float
    start_ms_median: float
    start_ms_90: float
    bed_gain_db: float
    bed_gain_in_truth_db: float
    changed_outside: int
    stem_sum_steps: int


def score(project: Project) -> Score:
    """Measure everything from the files of the project."""
    truth = json.loads((EXAMPLES / "scene.truth.json").read_text())
    script = project.load()
    starts = _start_errors(truth, script)
    mix, bed, me = _original(project), _truth(truth, "bed"), _stem(project, "ME")
    said = _mask(mix.shape[1], [(line["start"], line["end"]) for line in truth["lines"]])
    inside = _mask(mix.shape[1], script.dialogue)
    return Score(
        der=_der(truth, script),
        speakers=len(script.speakers),
        wer=_wer(truth, script),
        start_ms_median=median(starts),
        start_ms_90=float(np.percentile(starts, 90)),
        bed_gain_db=_closer(mix, me, bed, inside),
        bed_gain_in_truth_db=_closer(mix, me, bed, said),
        changed_outside=int((np.rint(mix * 2**23) != np.rint(me * 2**23))[:, ~inside].sum()),
        stem_sum_steps=_sum_error(project, script),
    )


def _der(truth: dict[str, Any], script: Script) -> float:
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    reference, found = Annotation(), Annotation()
    for count, line in enumerate(truth["lines"]):
        reference[Segment(line["start"] / RATE, line["end"] / RATE), count] = line["speaker"]
    for line in script.lines:
        found[Segment(line.start / RATE, line.end / RATE), line.id] = line.speaker
    whole = Timeline([Segment(0, truth["length"] / RATE)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(DiarizationErrorRate()(reference, found, uem=whole))


def _wer(truth: dict[str, Any], script: Script) -> float:
    plain = jiwer.Compose([jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.RemoveMultipleSpaces()])
    wanted = sorted((word["start"], word["text"]) for line in truth["lines"] for word in line["words"])
    heard = sorted((word.start, word.text) for line in script.lines for word in line.words)
    texts = [plain(" ".join(text for _, text in words)).strip() for words in (wanted, heard)]
    return float(jiwer.wer(*texts))


def _start_errors(truth: dict[str, Any], script: Script) -> list[float]:
    starts = np.array([line.start for line in script.lines])
    return [float(np.abs(starts - line["start"]).min()) * 1000 / RATE for line in truth["lines"]]


def _original(project: Project) -> NDArray[np.float64]:
    (path,) = (project.root / "cache" / "ingest").glob("*.wav")
    return _read(path)


def _truth(truth: dict[str, Any], name: str) -> NDArray[np.float64]:
    return _read(EXAMPLES / truth["files"][name]) * truth["gains"][name]


def _stem(project: Project, name: str) -> NDArray[np.float64]:
    return _read(project.stems / f"{name}.wav")


def _read(path: Path) -> NDArray[np.float64]:
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    assert rate == RATE
    return np.ascontiguousarray(samples.T)


def _mask(length: int, regions: Any) -> NDArray[np.bool_]:
    mask = np.zeros(length, bool)
    for start, end in regions:
        mask[start:end] = True
    return mask


def _closer(
    mix: NDArray[np.float64], me: NDArray[np.float64], bed: NDArray[np.float64], where: NDArray[np.bool_]
) -> float:
    length = min(mix.shape[1], me.shape[1], bed.shape[1])
    where = where[:length]
    before, after = ((x[:, :length] - bed[:, :length])[:, where] for x in (mix, me))
    return 10 * float(np.log10((before**2).sum() / (after**2).sum()))


def _sum_error(project: Project, script: Script) -> int:
    voices = sum(_stem(project, f"DX_{speaker.id}") for speaker in script.speakers)
    dx, me, mix = (_stem(project, name) for name in ("DX", "ME", "MIX"))
    worst = max(np.abs(voices - dx).max(), np.abs(dx + me - mix).max())
    return round(float(worst) * 2**23)


if __name__ == "__main__":
    found = score(Project(Path(sys.argv[1])))
    for name in Score.__slots__:
        print(f"{name:22} {getattr(found, name):.3f}")
