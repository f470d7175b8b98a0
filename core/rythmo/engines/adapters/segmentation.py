"""Diarizer "segmentation": finds who speaks when, several at a time included.

pyannote's segmentation network tells up to three people apart in windows of ten seconds (segmentation.py);
CAM++ knows them again from window to window (voice_network.py, local_speakers.py). Both run in numpy, without
PyTorch. The stage gives its turns their edges (turn_edges.py). It wants the sound as it was recorded: a
separator's artefacts cost it speech and people. The figures are in docs/benchmarks/diarization.md, which
`benchmarks/diarization.py --write` makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.engines.local.wheel_weights import (
    CAMPPLUS,
    SEGMENTATION,
    SILERO,
    THREADPOOLCTL,
    list_missing,
    weight_file,
)
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

if TYPE_CHECKING:
    from rythmo.media.audio import Audio

_SEGMENTING = 0.3
"""The share of the time that the segmentation takes; the vectors take the rest."""
_AUDIBLE = 1e-4

INFO = EngineInfo(
    kind=Kind.DIARIZER,
    name="segmentation",
    version="3.0+campplus-0.5+vad+0.05s",
    summary="pyannote's segmentation network and CAM++'s speaker vectors, overlaps included; on the CPU.",
    licence="MIT and Apache-2.0 (weights)",
    capabilities=frozenset({"coarse-edges", "overlap", "speaker-count"}),
    rank=20,
    at_once=2,
)


class SegmentationDiarizer:
    """A Diarizer by local segmentation, speaker vectors and clustering."""

    info = INFO

    def __init__(self) -> None:
        from rythmo.engines.speech import segmentation, vad, voice_network

        self._segmenter = segmentation.load_segmenter(weight_file(SEGMENTATION))
        self._network = voice_network.load_network(weight_file(CAMPPLUS))
        self._detector = vad.load_network(weight_file(SILERO))

    def diarize(
        self,
        speech: Audio,
        *,
        speakers: int | None = None,
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Turn, ...]:
        """Return turns in order of start, overlaps included; empty for silence.

        `speakers` is the number of speakers, if it is known. It is met as long as so many are heard apart.
        """
        import numpy as np

        from rythmo.engines.speech import local_speakers, segmentation, vad

        cancel.check()
        wave = speech.mono().at_rate(segmentation.RATE).samples[0]
        if not wave.size or float(np.abs(wave).max()) < _AUDIBLE:
            report(1.0)
            return ()
        starts = local_speakers.window_starts(wave.size)

        def segmenting(done: int) -> None:
            cancel.check()
            report(_SEGMENTING * done / len(starts))

        def embedding(done: int) -> None:
            cancel.check()
            report(_SEGMENTING + (1 - _SEGMENTING) * done / len(starts))

        active = segmentation.find_local_speakers(self._segmenter, wave, starts, each_batch=segmenting)
        found = local_speakers.embed_local_speakers(self._network, wave, starts, active, each=embedding)
        if not found:
            # Far from the microphone, among noises, the network may hear nobody for half a minute.
            spans = vad.find_speech(self._detector, wave)
            active = local_speakers.mark_speech(spans, starts, active.shape[1])
            found = local_speakers.embed_local_speakers(self._network, wave, starts, active, each=embedding)
        people = local_speakers.join_local_speakers(found, starts, active, wave.size, count=speakers)
        report(1.0)
        turns = (_turn(stretch, speech) for stretch in people)
        return tuple(turn for turn in turns if turn.end > turn.start)

    def close(self) -> None:
        """Do nothing: only memory is held."""


def _turn(stretch: Any, speech: Audio) -> Turn:
    from rythmo.engines.speech.segmentation import RATE

    start, end = (min(speech.length, round(at * speech.rate / RATE)) for at in (stretch.start, stretch.end))
    return Turn(start, end, f"S{stretch.person + 1}")


def create(_settings: Mapping[str, Any]) -> SegmentationDiarizer:
    """Start the engine; it has no settings."""
    return SegmentationDiarizer()


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the weights and the packages that run them."""
    return list_missing(SEGMENTATION, CAMPPLUS, SILERO, THREADPOOLCTL)


ENGINE = EngineSpec(INFO, create, missing, frozenset())
