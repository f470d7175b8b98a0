"""Diarizer "silero": who speaks when, with silero's speech activity and Resemblyzer's encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Turn
from rythmo.engines.weights import ONNXRUNTIME, RESEMBLYZER, SILERO, missing_of, weight_file
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, silent

INFO = EngineInfo(
    kind=Kind.DIARIZER,
    name="silero",
    version="6.2.3+resemblyzer0.1.4",
    summary="Silero's speech activity, Resemblyzer's speaker vectors, clustering; any language, CPU.",
    licence="MIT, Apache-2.0 (weights)",
    capabilities=frozenset({"speaker-count"}),
    draft=True,
    rank=10,
)


class SileroDiarizer:
    """Diarizer."""

    info = INFO

    def __init__(self) -> None:
        from rythmo.engines import speaker_encoder, vad  # noqa: PLC0415 - heavy at first use

        self._encoder = speaker_encoder.load_encoder(weight_file(RESEMBLYZER))
        self._network = vad.load_network(weight_file(SILERO))

    def diarize(
        self,
        speech: Audio,
        *,
        speakers: int | None = None,
        report: Fraction01 = silent,
        cancel: CancelToken = NEVER,
    ) -> tuple[Turn, ...]:
        """Turns in order of start; empty for silence. `speakers` is obeyed where there is speech enough."""
        from rythmo.engines import clustering, vad  # noqa: PLC0415
        from rythmo.engines.speaker_windows import embed_windows, windows_of  # noqa: PLC0415

        wave = speech.mono().at_rate(vad.RATE).samples[0]

        def listening(fraction: float) -> None:
            cancel.check()
            report(0.2 * fraction)

        probability = vad.speech_probability(self._network, wave, each_block=listening)
        spans = [(a * vad.WINDOW, min(b * vad.WINDOW, wave.size)) for a, b in vad.speech_spans(probability)]
        windows = [window for span in spans for window in windows_of(span, vad.RATE // 5)]

        def embedding(done: int) -> None:
            cancel.check()
            report(0.2 + 0.7 * done / len(windows))

        vectors = embed_windows(self._encoder, wave, windows, each_batch=embedding)
        labels = clustering.cluster(vectors.astype(float), count=speakers)
        turns = []
        for a, b in spans:
            inside = [
                (x, y, int(label)) for (x, y), label in zip(windows, labels, strict=True) if a <= x and y <= b
            ]
            start = a
            for k, (x, y, label) in enumerate(inside):
                last = k == len(inside) - 1
                if last or inside[k + 1][2] != label:
                    end = b if last else (x + y + inside[k + 1][0] + inside[k + 1][1]) // 4
                    turns.append(Turn(self._back(start, speech), self._back(end, speech), f"S{label + 1}"))
                    start = end
        report(1.0)
        return tuple(turns)

    @staticmethod
    def _back(position: int, speech: Audio) -> int:
        return min(speech.length, round(position * speech.rate / 16000))

    def close(self) -> None:
        """Nothing is held but memory."""


def create(settings: Mapping[str, Any]) -> SileroDiarizer:
    """Has no settings."""
    return SileroDiarizer()


def missing() -> tuple[Any, ...]:
    """The wheels it reads from."""
    return missing_of(SILERO, RESEMBLYZER, ONNXRUNTIME)


ENGINE = EngineSpec(INFO, create, missing)
