"""Diarizer "silero": finds who speaks when.

Silero's network finds speech (vad.py), and the edges are moved to where the sound begins. Resemblyzer's
encoder makes a vector for each 1.6 s of it, every 0.2 s (speaker_encoder.py). The windows are clustered (see
clustering.py for the method and its alternatives). Within one stretch of speech, a change of speaker is put
midway between the windows that differ. Two people at the same time are one turn of the louder one. The
figures are in docs/benchmarks/diarization.md, which `benchmarks/diarization.py --write` makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.engines.local.wheel_weights import (
    ONNXRUNTIME,
    RESEMBLYZER,
    SILERO,
    THREADPOOLCTL,
    list_missing,
    weight_file,
)
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

if TYPE_CHECKING:
    from rythmo.media.audio import Audio

Span = tuple[int, int]
_STEPS_PER_SECOND = 5
# A change of speaker and back within fewer windows than this counts as an error.
_FLIP = 3
# The share of the time that speech detection takes; the vectors take nearly all the rest.
_LISTENING = 0.1

INFO = EngineInfo(
    kind=Kind.DIARIZER,
    name="silero",
    version="6.2.3+ladder+resemblyzer0.1.4+coherence0.83",
    summary="Silero's speech activity, Resemblyzer's speaker vectors, clustering; any language, CPU.",
    licence="MIT, Apache-2.0 (weights)",
    capabilities=frozenset({"speaker-count"}),
    draft=True,
    rank=10,
    at_once=2,
)


class SileroDiarizer:
    """A Diarizer by speech activity, speaker vectors and clustering."""

    info = INFO

    def __init__(self) -> None:
        from rythmo.engines.speech import speaker_encoder, vad

        self._encoder = speaker_encoder.load_encoder(weight_file(RESEMBLYZER))
        self._network = vad.load_network(weight_file(SILERO))

    def diarize(
        self,
        speech: Audio,
        *,
        speakers: int | None = None,
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Turn, ...]:
        """Return turns in order of start; empty for silence.

        `speakers` is the number of speakers, if it is known. It is respected when there is enough speech.
        """
        from rythmo.engines.speech import vad
        from rythmo.engines.speech.speaker_windows import embed_windows, share_speech, windows_of

        cancel.check()
        wave = speech.mono().at_rate(vad.RATE).samples[0]

        def listening(fraction: float) -> None:
            cancel.check()
            report(_LISTENING * fraction)

        spans = vad.find_speech(self._network, wave, each_block=listening)
        groups = [windows_of(span, vad.RATE // _STEPS_PER_SECOND) for span in spans]
        if speakers and sum(len(group) for group in groups) < speakers:
            groups = [windows_of(span, vad.RATE // 10, vad.RATE // 4) for span in spans]
        windows = [window for group in groups for window in group]

        def embedding(done: int) -> None:
            cancel.check()
            report(_LISTENING + (1 - _LISTENING) * done / len(windows))

        vectors = embed_windows(self._encoder, wave, windows, each_batch=embedding)
        labels = _labels(vectors, windows, share_speech(groups, spans), speakers)
        turns = _turns(spans, groups, labels, speech)
        report(1.0)
        return turns

    def close(self) -> None:
        """Do nothing: only memory is held."""


def _labels(vectors: Any, windows: Sequence[Span], weights: Any, speakers: int | None) -> list[int]:
    import numpy as np

    from rythmo.engines.speech import clustering, vad

    times = np.array(windows, np.float64).reshape(-1, 2) / vad.RATE
    labels = clustering.cluster(vectors.astype(np.float64), times, weights, count=speakers)
    return [int(label) for label in labels]


def _turns(
    spans: Sequence[Span], groups: Sequence[Sequence[Span]], labels: list[int], speech: Audio
) -> tuple[Turn, ...]:
    """Return turns in samples of `speech`, from the labels of all windows in one list."""
    smooth = _smooth(groups, labels)
    rows = smooth if len({x for row in smooth for x in row}) == len(set(labels)) else _rows(groups, labels)
    numbers: dict[int, int] = {}
    turns: list[Turn] = []
    for (begin, end), group, row in zip(spans, groups, rows, strict=True):
        edges = _edges(begin, end, group, row)
        for start, stop, label in edges:
            name = f"S{numbers.setdefault(label, len(numbers)) + 1}"
            turns.append(Turn(_back(start, speech), _back(stop, speech), name))
    return tuple(turn for turn in turns if turn.end > turn.start)


def _rows(groups: Sequence[Sequence[Span]], labels: list[int]) -> list[list[int]]:
    left = iter(labels)
    return [[next(left) for _ in group] for group in groups]


def _smooth(groups: Sequence[Sequence[Span]], labels: list[int]) -> list[list[int]]:
    import numpy as np

    from rythmo.engines.speech.clustering import absorb_flips

    return [absorb_flips(np.array(row, np.int64), _FLIP).tolist() for row in _rows(groups, labels)]


def _edges(begin: int, end: int, group: Sequence[Span], row: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return (start, end, label) of one stretch of speech, cut midway between windows of different
    speakers."""
    out: list[tuple[int, int, int]] = []
    start = begin
    for here, there, label, following in zip(group, group[1:], row, row[1:], strict=False):
        if label != following:
            change = (sum(here) + sum(there)) // 4
            out.append((start, change, label))
            start = change
    return [*out, (start, end, row[-1])]


def _back(position: int, speech: Audio) -> int:
    from rythmo.engines.speech.vad import RATE

    return min(speech.length, round(position * speech.rate / RATE))


def create(_settings: Mapping[str, Any]) -> SileroDiarizer:
    """Start the engine; it has no settings."""
    return SileroDiarizer()


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the weights and the packages that run them."""
    return list_missing(SILERO, RESEMBLYZER, ONNXRUNTIME, THREADPOOLCTL)


ENGINE = EngineSpec(INFO, create, missing, frozenset())
