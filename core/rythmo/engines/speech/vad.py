"""Speech activity detection: silero's network, hysteresis over its probabilities, and exact edges.

The network (Silero VAD 6, MIT) gives one probability every 32 ms. Its wheel contains an ONNX model that takes
a block of windows with the state of its LSTM. onnxruntime runs it with one thread, so that results are always
the same bits.
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
# The windows in one call: 16 s.
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Activity:
    """The thresholds of speech: `onset` and `offset` are probabilities, the others are seconds."""

    onset: float = 0.5
    offset: float = 0.35
    shortest_speech: float = 0.15
    shortest_pause: float = 0.15


def load_network(path: Path) -> Any:
    """Return an onnxruntime session on the CPU with one thread and without log output."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def speech_probability(
    network: Any, wave: Floats, *, each_block: Callable[[float], None] = lambda _: None
) -> Floats:
    """Return one probability for each 512 samples of `wave` (mono, 16 kHz); the last window is
    zero-padded."""
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
    """Return [start, end) of speech in windows: it begins at `onset` and ends below `offset`.

    Short pauses are closed first, and then short speech is dropped.
    """
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


LADDER = (Activity(), Activity(0.2, 0.1), Activity(0.1, 0.05))
_CLEARLY_MORE = 1.06


def fitting_spans(probability: Floats) -> list[Span]:
    """Return `speech_spans` with thresholds that fit the recording.

    For speech near the microphone the network is certain, and lower thresholds find only breath. For distant
    speech it is uncertain. So the thresholds are lowered as long as that finds clearly more speech, provided
    that the network is certain of something.
    """
    if not probability.size or float(probability.max()) < LADDER[1].onset:
        return []
    best = speech_spans(probability, LADDER[0])
    for lower in LADDER[1:]:
        spans = speech_spans(probability, lower)
        if _windows(spans) <= _CLEARLY_MORE * _windows(best):
            break
        best = spans
    return best


def find_speech(
    network: Any, wave: Floats, *, each_block: Callable[[float], None] = lambda _: None
) -> list[Span]:
    """Return [start, end) of speech in samples of `wave` (mono, 16 kHz), with thresholds that fit it."""
    return spans_in_samples(wave, fitting_spans(speech_probability(network, wave, each_block=each_block)))


def _windows(spans: list[Span]) -> int:
    return sum(end - start for start, end in spans)


def close_pauses(spans: list[Span], shortest: int) -> list[Span]:
    """Join spans whose gap is shorter than `shortest`."""
    out: list[Span] = []
    for start, end in spans:
        if out and start - out[-1][1] < shortest:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


_ENERGY_HOP = RATE // 200
_BELOW_LEVEL_DB = 26.0
_ABOVE_FLOOR_DB = 8.0


def spans_in_samples(wave: Floats, spans: list[Span]) -> list[Span]:
    """Convert spans of windows to samples, with edges moved to where the sound begins and ends.

    The search runs from 0.15 s outside to 0.1 s inside in steps of 5 ms. The edge is the first (last) step
    within 26 dB of the span's own level and 8 dB above the quietest step around it. Spans never overlap their
    neighbours.
    """
    level = _levels(wave)
    out: list[Span] = []
    for number, (first, last) in enumerate(spans):
        start, end = first * WINDOW, min(last * WINDOW, wave.size)
        low = out[-1][1] if out else 0
        high = spans[number + 1][0] * WINDOW if number + 1 < len(spans) else wave.size
        out.append(_refine(level, (start, end), max(low, start - 2400), min(high, end + 2400)))
    return out


def _levels(wave: Floats) -> Floats:
    """Return the power in dB for each 5 ms, measured over 10 ms."""
    steps = -(-wave.size // _ENERGY_HOP)
    padded = np.zeros((steps + 1) * _ENERGY_HOP, np.float32)
    padded[: wave.size] = wave
    power = np.mean(padded.reshape(-1, _ENERGY_HOP) ** 2, axis=1)
    return np.asarray(10 * np.log10((power[:-1] + power[1:]) / 2 + 1e-12), np.float32)


def _refine(level: Floats, span: Span, low: int, high: int) -> Span:
    start, end = span
    inside = level[start // _ENERGY_HOP : -(-end // _ENERGY_HOP)]
    wanted = float(np.percentile(inside, 90)) - _BELOW_LEVEL_DB if inside.size else 0.0
    margin = min(1600, (end - start) // 3)
    head = level[-(-low // _ENERGY_HOP) : (start + margin) // _ENERGY_HOP]
    tail = level[(end - margin) // _ENERGY_HOP : high // _ENERGY_HOP]
    begins = _first_above(head, wanted)
    ends = _first_above(tail[::-1], wanted)
    new_start = start if begins is None else (-(-low // _ENERGY_HOP) + begins) * _ENERGY_HOP
    new_end = end if ends is None else (high // _ENERGY_HOP - ends) * _ENERGY_HOP
    return new_start, max(new_end, new_start + 1)


def _first_above(level: Floats, wanted: float) -> int | None:
    """Return the first step at or above both `wanted` and the floor plus 8 dB; None when there is none."""
    if not level.size:
        return None
    found = np.flatnonzero(level >= max(wanted, float(level.min()) + _ABOVE_FLOOR_DB))
    return int(found[0]) if found.size else None
