"""Separate speech from the mix by a mask, guided by a network that finds speech in mono.

Networks against noise return speech whose phase is not that of the mix: RNNoise filters its input first, and
DeepFilterNet filters each frequency over time. Subtracting such speech leaves speech behind (14.5 dB at best
with RNNoise, even on clean speech). Here it only guides: it tells how much of each time and frequency is
speech, and the phase stays that of the mix. In stereo the position in the panorama helps (panorama.py).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import EngineInfo, Separation
from rythmo.engines.speech import panorama
from rythmo.executors import count_cores, start_workers
from rythmo.media import spectra
from rythmo.media.audio import Audio, Samples
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

RATE = 48_000
"""The rate at which a guide hears and returns sound."""

AT_ONCE = max(1, count_cores() // 2)
"""How many chunks are separated at once. Five minutes in stereo take half a gigabyte, and the diarizer and
the recogniser listen beside it: two cores have nothing left for a second chunk."""
_BLOCK = 400
_EDGE_SECONDS = 0.1
# The channel of the dialogue in WAVE order (L R C LFE ...), from 5 channels up.
_CENTRE = 2
_GUIDING = 0.8
"""The share of the time that the guide takes."""


class Guide(Protocol):
    """Finds speech: mono sound of shape (samples,) at `RATE` in, its speech with the same timing out."""

    def __call__(
        self, sound: NDArray[np.float32], *, report: Fraction01 = ..., cancel: CancelToken = ...
    ) -> NDArray[np.float32]: ...


class GuidedSeparator:
    """A Separator without state; `speech + bed` is the mix to the precision of float32."""

    def __init__(self, info: EngineInfo, guide: Guide) -> None:
        self.info = info
        self._guide = guide

    def separate(
        self, mix: Audio, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> Separation:
        """Split the mix into speech and bed; from 5 channels up, speech is taken from the centre channel
        only."""
        speech = np.zeros_like(mix.samples)
        channels = slice(_CENTRE, _CENTRE + 1) if mix.channels > 4 else slice(None)
        if mix.samples[channels].any():
            _lift_speech(
                Audio(mix.samples[channels], mix.rate), self._guide, speech[channels], report, cancel
            )
        report(1.0)
        return Separation(Audio(speech, mix.rate), Audio(mix.samples - speech, mix.rate))

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


def _lift_speech(mix: Audio, guide: Guide, out: Samples, report: Fraction01, cancel: CancelToken) -> None:
    """Write the voice in every channel into `out`, which has the shape of the mix and is zero."""
    wide = _mirror_edges(mix.samples, min(round(_EDGE_SECONDS * mix.rate), max(0, mix.length - 1)))
    middle = np.concatenate([Audio(part, mix.rate).mono().samples for part in wide.parts], axis=1)
    heard = guide(
        Audio(middle, mix.rate).at_rate(RATE).samples[0],
        report=lambda done: report(_GUIDING * done),
        cancel=cancel,
    )
    del middle
    found = Audio(heard[np.newaxis], RATE).at_rate(mix.rate).samples[:, : wide.length]
    size = spectra.frame_size(mix.rate)
    _add_blocks(wide, found, size, out, lambda done: report(_GUIDING + (1 - _GUIDING) * done), cancel)


@dataclass(frozen=True, slots=True)
class _Mirrored:
    """A sound between its own first and last moments, mirrored, so that a syllable cut there doesn't click.

    It is put together where it is read: a whole copy of a chunk takes a hundred megabytes.
    """

    parts: tuple[Samples, Samples, Samples]

    @property
    def edge(self) -> int:
        """The samples before the sound itself, and after it."""
        return int(self.parts[0].shape[1])

    @property
    def length(self) -> int:
        return sum(part.shape[1] for part in self.parts)

    def read(self, start: int, end: int) -> Samples:
        """Return samples [start, end), as far as there are."""
        pieces, first = [], 0
        for part in self.parts:
            pieces.append(part[:, max(0, start - first) : max(0, end - first)])
            first += part.shape[1]
        full = [piece for piece in pieces if piece.shape[1]]
        return full[0] if len(full) == 1 else np.concatenate(pieces, axis=1)


def _mirror_edges(samples: Samples, edge: int) -> _Mirrored:
    last = samples.shape[1] - 1
    return _Mirrored((samples[:, 1 : edge + 1][:, ::-1], samples, samples[:, last - edge : last][:, ::-1]))


def _add_blocks(
    mix: _Mirrored, guide: Samples, size: int, out: Samples, report: Fraction01, cancel: CancelToken
) -> None:
    """Add the voice to `out`, in blocks on one grid of frames, with context on both sides.

    Blocks are computed side by side and added in their order, so that the sums do not depend on the cores.
    """
    hop, count = size // 4, spectra.frame_count(mix.length, size)

    def lift(first: int) -> Samples:
        last = min(first + _BLOCK, count)
        begin, end = max(0, first - panorama.CONTEXT), min(count, last + panorama.CONTEXT)
        # The grid begins three quarters of a frame before the sound.
        skipped = max(0, begin - 3)
        piece = mix.read(skipped * hop, end * hop)
        mixed = spectra.analyse(piece, size, begin - skipped, end - skipped)
        voice = _voice(mixed, spectra.analyse(guide, size, begin, end)[0])
        return spectra.synthesise(voice[:, first - begin : last - begin], size)

    firsts = range(0, count, _BLOCK)
    with start_workers(count_cores(), cancel) as pool:
        pending = deque(pool.start(lift, first) for first in firsts)
        # Each block is dropped once it is added: all of them are as large as the sound.
        for first in firsts:
            report(first / count)
            _add(pending.popleft().result(), (first - 3) * hop - mix.edge, out)


def _add(block: Samples, start: int, out: Samples) -> None:
    """Add a block that begins at sample `start` of `out`, without what lies outside."""
    skipped, end = max(0, -start), min(out.shape[1], start + block.shape[1])
    if start + skipped < end:
        out[:, start + skipped : end] += block[:, skipped : end - start]


def _voice(mixed: spectra.Spectra, guide: panorama.Plane) -> spectra.Spectra:
    if len(mixed) == 2:
        return np.stack(panorama.lift(mixed[0], mixed[1], guide))
    middle = mixed.mean(axis=0)
    return mixed * panorama.share(panorama.power(guide), panorama.power(middle - guide))
