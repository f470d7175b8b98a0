"""Speech activity: silero's network, the hysteresis over its probabilities, and edges to the millisecond.

The network (Silero VAD 6, MIT) gives one probability each 32 ms. Its wheel carries an ONNX form that takes
a block of windows with the state of its LSTM, which onnxruntime runs with one thread: the same bits always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Span = tuple[int, int]

RATE = 16_000
WINDOW = 512
_CONTEXT = 64
_STATE = (1, 1, 128)
_BLOCK = 512
"""Windows in one call: 16 s."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What counts as speech. Probabilities from 0 to 1, the rest in seconds."""

    onset: float = 0.5
    offset: float = 0.35
    shortest_speech: float = 0.15
    shortest_pause: float = 0.15


def load_network(path: Path) -> Any:
    """An onnxruntime session on the CPU, one thread, quiet."""
    import onnxruntime  # noqa: PLC0415 - heavy, loaded at first use

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def speech_probability(
    network: Any, wave: Floats, *, each_block: Callable[[float], None] = lambda _: None
) -> Floats:
    """One probability for each 512 samples of `wave` (mono, 16 kHz); the last window is filled with zeros."""
    count = -(-wave.size // WINDOW)
    padded = np.zeros(_CONTEXT + count * WINDOW, np.float32)
    padded[_CONTEXT : _CONTEXT + wave.size] = wave
    rows = (
        np.lib.stride_tricks.sliding_window_view(padded, _CONTEXT + WINDOW)[::WINDOW] if count else padded[:0]
    )
    hidden, cell = np.zeros(_STATE, np.float32), np.zeros(_STATE, np.float32)
    out = np.zeros(count, np.float32)
    for first in range(0, count, _BLOCK):
        each_block(first / count)
        block = np.ascontiguousarray(rows[first : first + _BLOCK])
        values, hidden, cell = network.run(
            ["speech_probs", "hn", "cn"], {"input": block, "h": hidden, "c": cell}
        )
        out[first : first + _BLOCK] = values.reshape(-1)
    return out


def speech_spans(probability: Floats, activity: Activity | None = None) -> list[Span]:
    """Windows [start, end) of speech: in from `onset`, out below `offset`; short pauses are closed first,
    then short speech is dropped."""
    activity = activity or Activity()
    spans: list[Span] = []
    start: int | None = None
    for window, p in enumerate(probability):
        if start is None and p >= activity.onset:
            start = window
        elif start is not None and p < activity.offset:
            spans.append((start, window))
            start = None
    if start is not None:
        spans.append((start, len(probability)))
    closed = close_pauses(spans, round(activity.shortest_pause * RATE / WINDOW))
    shortest = activity.shortest_speech * RATE / WINDOW
    return [span for span in closed if span[1] - span[0] >= shortest]


def close_pauses(spans: list[Span], shortest: int) -> list[Span]:
    """Spans with every gap shorter than `shortest` closed."""
    out: list[Span] = []
    for start, end in spans:
        if out and start - out[-1][1] < shortest:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out
