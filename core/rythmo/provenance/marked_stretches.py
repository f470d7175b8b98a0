"""Look for a watermark in the sound of any file, window by window, and say where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rythmo.engines.base import MarkScore, Watermark
from rythmo.media.audio import Audio, Samples
from rythmo.media.decode import stream_sound
from rythmo.media.probe import probe
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress
from rythmo.timebase import SAMPLE_RATE

_STEPS = 2
"""Windows begin this many times in the length of one, so that each moment lies in as many."""
_LAYOUTS_WITHOUT_CENTRE = (1, 2, 4)
_CENTRE = 2


@dataclass(frozen=True, slots=True)
class MarkedStretch:
    """A stretch in which the mark was found, in samples at 48 kHz; `score` is that of its best window.

    It begins and ends with windows, so its ends are exact to one of them.
    """

    start: int
    end: int
    score: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class FileMarks:
    """What was found in one sound track of a file; `length` is the track's, in samples at 48 kHz."""

    engine: str
    track: int
    length: int
    stretches: tuple[MarkedStretch, ...] = ()

    @property
    def marked_seconds(self) -> float:
        """The length of all stretches together."""
        return sum(one.end - one.start for one in self.stretches) / SAMPLE_RATE


def find_file_marks(
    path: Path, engine: Watermark, *, report: Report = ignore_progress, cancel: CancelToken = NEVER
) -> tuple[FileMarks, ...]:
    """Return what was found in each sound track of a file, counted from 1.

    Raises InputError and MediaError for a file without sound that can be decoded.
    """
    info = probe(path)
    found = []
    for number, track in enumerate(info.audio, 1):
        with stream_sound(info, track, cancel=cancel) as blocks:
            heard = _told(blocks, info.duration, path.name, report)
            stretches = tuple(find_marked_stretches(heard, engine, cancel=cancel))
        found.append(FileMarks(engine.info.stamp, number, info.duration, stretches))
    return tuple(found)


def _told(blocks: Iterable[Samples], length: int, name: str, report: Report) -> Iterator[Samples]:
    """Pass blocks on, and report how far they are."""
    done = 0
    for block in blocks:
        yield block
        done += block.shape[1]
        report(Progress("watermark", done, length, name))


def find_marked_stretches(
    blocks: Iterable[Samples], engine: Watermark, *, cancel: CancelToken = NEVER
) -> Iterator[MarkedStretch]:
    """Yield the marked stretches of a sound at 48 kHz that comes in blocks (channels, n)."""
    last: MarkedStretch | None = None
    for start, window in _cut_windows(blocks, round(engine.window_seconds * SAMPLE_RATE)):
        score = _judge(window, engine, cancel)
        if not score.found:
            continue
        new = MarkedStretch(start, start + window.shape[1], round(score.score, 3), score.message)
        if last is not None and new.start <= last.end and new.message == last.message:
            last = replace(last, end=new.end, score=max(last.score, new.score))
            continue
        if last is not None:
            yield last
        last = new
    if last is not None:
        yield last


def _judge(window: Samples, engine: Watermark, cancel: CancelToken) -> MarkScore:
    """Return the best score of the mean of all channels and, in surround sound, of the centre."""
    heard = [window.mean(axis=0)]
    if len(window) not in _LAYOUTS_WITHOUT_CENTRE:
        heard.append(window[_CENTRE])
    scores = [engine.find(Audio(one[np.newaxis], SAMPLE_RATE), cancel=cancel) for one in heard]
    return max(scores, key=lambda score: (score.found, score.score))


def _cut_windows(blocks: Iterable[Samples], size: int) -> Iterator[tuple[int, Samples]]:
    """Yield windows with their starts. The last one ends with the sound, and is as long as the others where
    the sound is."""
    step = size // _STEPS
    held, before, start = None, None, 0
    for block in blocks:
        held = block if held is None else np.concatenate([held, block], axis=1)
        # One window is held back: it may be the last.
        while held.shape[1] > size:
            yield start, held[:, :size]
            before, held, start = held[:, :step], held[:, step:], start + step
    if held is None or not held.shape[1]:
        return
    whole = held if before is None else np.concatenate([before, held], axis=1)
    end = start + held.shape[1]
    last = whole[:, -size:]
    yield end - last.shape[1], last
