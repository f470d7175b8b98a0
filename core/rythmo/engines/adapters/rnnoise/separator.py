"""The embedded separator: RNNoise finds the speech, and a Wiener mask separates it in every channel.

A high-pass filter before RNNoise shifts the phase of its output at low frequencies, so that subtracting the
output leaves speech behind: 14.5 dB at best, even on clean speech. Here the output only tells how much of
each time and frequency is speech, and the phase stays that of the mix.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.rnnoise import centre, library
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Separation
from rythmo.executors import count_cores, start_workers
from rythmo.media import spectra
from rythmo.media.audio import Audio
from rythmo.models import get_command
from rythmo.models.catalog import catalog
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

INFO = EngineInfo(
    kind=Kind.SEPARATOR,
    name="rnnoise",
    version="0.2+centre2",
    summary="RNNoise with a Wiener mask; in stereo it also uses the position in the panorama. A draft bed.",
    licence="BSD-3-Clause (RNNoise), Apache-2.0 (its wheel)",
    capabilities=frozenset({"sums"}),
    draft=True,
    rank=10,
    at_once=2,
)

_BLOCK = 400
_EDGE_SECONDS = 0.1
# The channel of the dialogue in WAVE order (L R C LFE ...), from 5 channels up.
_CENTRE = 2


def missing() -> tuple[Missing, ...]:
    """Return the library when it is not installed; where there is no build of it, what to take instead."""
    if library.library_path():
        return ()
    if not catalog().find("rnnoise").is_for_this_platform:
        instead = f"pip install 'rythmo[demucs]' && {get_command('htdemucs')}"
        return (Missing("a build of RNNoise for this machine", instead),)
    return (Missing("pyrnnoise", library.INSTALL),)


def create(_: Mapping[str, Any]) -> RNNoiseSeparator:
    """Start the engine; it has no settings."""
    return RNNoiseSeparator()


class RNNoiseSeparator:
    """A Separator without state; `speech + bed` is the mix to the precision of float32."""

    info = INFO

    def separate(
        self, mix: Audio, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> Separation:
        """Split the mix into speech and bed; from 5 channels up, speech is taken from the centre channel
        only."""
        speech = np.zeros_like(mix.samples)
        channels = slice(_CENTRE, _CENTRE + 1) if mix.channels > 4 else slice(None)
        if mix.samples[channels].any():
            speech[channels] = _speech(Audio(mix.samples[channels], mix.rate), report, cancel)
        report(1.0)
        return Separation(Audio(speech, mix.rate), Audio(mix.samples - speech, mix.rate))

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


def _speech(mix: Audio, report: Fraction01, cancel: CancelToken) -> NDArray[np.float32]:
    """Return the voice in every channel. The edges are mirrored, so that a syllable cut there doesn't
    click."""
    edge = min(round(_EDGE_SECONDS * mix.rate), max(0, mix.length - 1))
    wide = Audio(np.pad(mix.samples, ((0, 0), (edge, edge)), mode="reflect"), mix.rate)
    middle = wide.mono().at_rate(library.RATE)
    heard = library.denoise(middle.samples[0], report=lambda done: report(0.8 * done), cancel=cancel)
    guide = Audio(heard[np.newaxis], middle.rate).at_rate(mix.rate)
    voice = _lifted(wide, guide.samples[:, : wide.length], lambda done: report(0.8 + 0.2 * done), cancel)
    return voice[:, edge : edge + mix.length]


def _lifted(
    mix: Audio, guide: NDArray[np.float32], report: Fraction01, cancel: CancelToken
) -> NDArray[np.float32]:
    """Return the voice in every channel, in blocks on one grid of frames, with context on both sides.

    Blocks are computed side by side and added in their order, so that the sums do not depend on the cores.
    """
    size = spectra.frame_size(mix.rate)
    hop, count = size // 4, spectra.frame_count(mix.length, size)
    out = np.zeros((mix.channels, (count + 3) * hop), np.float32)

    def lift(first: int) -> NDArray[np.float32]:
        last = min(first + _BLOCK, count)
        begin, end = max(0, first - centre.CONTEXT), min(count, last + centre.CONTEXT)
        voice = _voice(
            spectra.analyse(mix.samples, size, begin, end), spectra.analyse(guide, size, begin, end)[0]
        )
        return spectra.synthesise(voice[:, first - begin : last - begin], size)

    firsts = range(0, count, _BLOCK)
    with start_workers(count_cores(), cancel) as pool:
        pending = [pool.start(lift, first) for first in firsts]
        for first, block in zip(firsts, pending, strict=True):
            report(first / count)
            out[:, first * hop : (min(first + _BLOCK, count) + 3) * hop] += block.result()
    return out[:, 3 * hop : 3 * hop + mix.length]


def _voice(mixed: spectra.Spectra, guide: centre.Plane) -> spectra.Spectra:
    if len(mixed) == 2:
        return np.stack(centre.lift(mixed[0], mixed[1], guide))
    middle = mixed.mean(axis=0)
    return mixed * centre.share(centre.power(guide), centre.power(middle - guide))


ENGINE = EngineSpec(INFO, create, missing, frozenset())
