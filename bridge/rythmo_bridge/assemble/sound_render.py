"""Renders a sound plan to one WAV, block by block.

Only the stretches that clips play are decoded, once each, to 24-bit files beside the target. 48 kHz WAV files
are read in place. Sums are made in double precision and rounded once, so a clip that plays alone at its
original level is bit-identical to its file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import TimelineError
from rythmo.files import require_writable, temporary_file
from rythmo.media.bwf import Bext, BwfWriter
from rythmo.media.decode import extract_span
from rythmo.media.media_info import MediaInfo
from rythmo.media.pcm24 import Steps
from rythmo.media.wav import FULL_SCALE_24, WavReader, from_int24, to_int24
from rythmo.mix.mix_plan import dialogue_channels
from rythmo.mix.stretch import stretch
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.timebase import SAMPLE_RATE
from rythmo_bridge.assemble.sound_plan import Envelope, SoundPart, SoundPlan

_BLOCK = 30 * SAMPLE_RATE
# Stretches of a file closer than this many samples are decoded as one.
_JOIN = 10 * SAMPLE_RATE
_LONGEST_RETIMED = 30 * 60 * SAMPLE_RATE
_DIRECT = ("pcm_s16le", "pcm_s24le")

_Key = tuple[str, int]
_NewFile = Callable[[], Path]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Samples [start, end) of a file's stream, stored in the WAV at `path` from its sample `offset`."""

    start: int
    end: int
    path: Path
    offset: int = 0


def render_sound(
    plan: SoundPlan,
    files: Mapping[str, MediaInfo],
    target: Path,
    *,
    mono: bool = False,
    time_reference: int = 0,
    description: str = "",
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> None:
    """Write the plan's sound: 48 kHz, 24 bit, `plan.length` samples. Sums beyond full scale are clipped.

    Args:
        plan: What is heard.
        files: The probed files, by media id.
        target: The WAV to write.
        mono: Write one channel, the mean of the channels that dialogue goes to.
        time_reference: The WAV's timecode, in samples since midnight.
        description: The WAV's `bext` description.
        report: Receives progress from 0 to 1.
        cancel: Stops the rendering.

    Raises:
        MediaError: A file cannot be decoded.
        TimelineError: A re-timed clip is too long.
        OutputError: The WAV cannot be written.
        CancelledError: The run was cancelled.
    """
    require_writable(target.parent)
    with ExitStack() as stack:

        def new() -> Path:
            return stack.enter_context(temporary_file(target))

        stretches = _decode_stretches(plan.parts, files, new, report, cancel)
        readers = _Readers(stack)
        parts = [
            _retime_part(part, number, stretches, readers, new) for number, part in enumerate(plan.parts)
        ]
        bext = Bext(description=description, time_reference=time_reference)
        channels = 1 if mono else plan.channels
        out = stack.enter_context(BwfWriter(target, SAMPLE_RATE, channels, bext, length=plan.length))
        for start in range(0, plan.length, _BLOCK):
            cancel.check()
            end = min(start + _BLOCK, plan.length)
            block = _block(parts, start, end, plan.channels, stretches, readers)
            if mono:
                block = block[list(dialogue_channels(plan.channels))].mean(axis=0, keepdims=True)
            out.write(np.clip(np.rint(block), -FULL_SCALE_24, FULL_SCALE_24 - 1).astype(np.int32))
            report(0.5 + 0.5 * end / plan.length)


class _Readers:
    """Open files, each opened once and closed with the stack."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._open: dict[Path, WavReader] = {}

    def of(self, path: Path) -> WavReader:
        """Return the reader of a file."""
        if path not in self._open:
            self._open[path] = self._stack.enter_context(WavReader(path))
        return self._open[path]


def _decode_stretches(
    parts: Sequence[SoundPart],
    files: Mapping[str, MediaInfo],
    new: _NewFile,
    report: Fraction01,
    cancel: CancelToken,
) -> dict[_Key, list[_Stretch]]:
    """Decode every stretch that is needed, or refer to it in place."""
    needed: dict[_Key, list[tuple[int, int]]] = {}
    for part in parts:
        first, last = part.span
        limit = files[part.media].duration
        needed.setdefault((part.media, part.stream), []).append((max(0, first), min(limit, last)))
    found: dict[_Key, list[_Stretch]] = {}
    for number, ((media, stream), spans) in enumerate(sorted(needed.items())):
        info = files[media]
        if _is_direct(info):
            found[media, stream] = [_Stretch(0, info.duration, info.path)]
            continue
        for start, end in _merge_spans(spans):
            path = new()
            extract_span(info, path, start, end - start, stream=stream, cancel=cancel)
            found.setdefault((media, stream), []).append(_Stretch(start, end, path))
        report(0.5 * (number + 1) / len(needed))
    return found


def _is_direct(info: MediaInfo) -> bool:
    """Whether a file is an integer WAV at our rate, which needs no decoder."""
    sound = info.audio[0] if len(info.audio) == 1 else None
    plain = sound is not None and sound.rate == SAMPLE_RATE and sound.codec in _DIRECT and sound.start == 0
    return plain and info.format == "wav" and info.video is None


def _merge_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Extend spans to whole seconds and join those that lie close."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if last <= first:
            continue
        start, end = first // SAMPLE_RATE * SAMPLE_RATE, -(-last // SAMPLE_RATE) * SAMPLE_RATE
        if merged and start - merged[-1][1] <= _JOIN:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _read(
    key: _Key, start: int, count: int, stretches: Mapping[_Key, Sequence[_Stretch]], readers: _Readers
) -> Steps:
    """Read samples [start, start + count) of a stream; silent outside the file."""
    held = stretches.get(key, ())
    channels = readers.of(held[0].path).channels if held else 1
    out = np.zeros((channels, count), np.int32)
    for each in held:
        first, last = max(start, each.start), min(start + count, each.end)
        if first < last:
            block = readers.of(each.path).read_int(first - each.start + each.offset, last - first)
            out[:, first - start : first - start + block.shape[1]] = block
    return out


def _retime_part(
    part: SoundPart, number: int, stretches: dict[_Key, list[_Stretch]], readers: _Readers, new: _NewFile
) -> SoundPart:
    """Stretch a part that plays at another speed into a file of its own."""
    if part.speed == 1:
        return part
    first, last = part.span
    if max(part.length, last - first) > _LONGEST_RETIMED:
        raise TimelineError(
            f"A clip on {part.track} plays more than 30 minutes at another speed.", hint="Render it first."
        )
    sound = from_int24(_read((part.media, part.stream), first, max(1, last - first), stretches, readers))
    if part.speed < 0:
        sound = np.ascontiguousarray(sound[:, ::-1])
    path, key = new(), (f"retimed {number}", 0)
    with BwfWriter(path, SAMPLE_RATE, sound.shape[0], length=part.length) as out:
        out.write(to_int24(np.stack([stretch(channel, SAMPLE_RATE, part.length) for channel in sound])))
    stretches[key] = [_Stretch(0, part.length, path)]
    return replace(part, media=key[0], stream=0, source=0, speed=Fraction(1))


def _block(
    parts: Sequence[SoundPart],
    start: int,
    end: int,
    channels: int,
    stretches: Mapping[_Key, Sequence[_Stretch]],
    readers: _Readers,
) -> NDArray[np.float64]:
    """Return the sum over [start, end) in 24-bit steps, unrounded, shape (channels, samples)."""
    total = np.zeros((channels, end - start), np.float64)
    for part in parts:
        first, last = max(start, part.start), min(end, part.end)
        if first >= last:
            continue
        source = part.source + first - part.start
        sound = _read((part.media, part.stream), source, last - first, stretches, readers)
        gain = _gain(part, first, last)
        for channel, output in part.routes:
            if channel < sound.shape[0]:
                total[output, first - start : last - start] += sound[channel] * gain
    return total


def _gain(part: SoundPart, first: int, last: int) -> NDArray[np.float64] | float:
    """Return the part's factor over [first, last): one number where it is constant."""
    gain: NDArray[np.float64] | float = part.gain
    for envelope in part.envelopes:
        gain = gain * _envelope_values(envelope, first, last)
    return gain


def _envelope_values(envelope: Envelope, first: int, last: int) -> NDArray[np.float64]:
    """Sample an envelope half a sample late, so that mirrored fades always sum to one."""
    at = np.arange(first, last, dtype=np.float64) + 0.5
    factors = np.interp(at, [p for p, _ in envelope.points], [g for _, g in envelope.points])
    return np.sqrt(factors) if envelope.power else factors
