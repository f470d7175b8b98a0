"""The embedded separator: RNNoise finds the speech, a Wiener mask lifts it out of every channel.

RNNoise's own output is shifted in phase at low frequencies (a high-pass filter stands before it),
so subtracting it leaves speech behind: 14.5 dB at best even on clean speech. Here its output only
says how much of each time and frequency is speech; the phase stays that of the mix.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.rnnoise import centre, library
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Separation
from rythmo.media import spectra
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, silent

INFO = EngineInfo(
    kind=Kind.SEPARATOR,
    name="rnnoise",
    version="0.2+centre2",
    summary="RNNoise with a Wiener mask; on stereo also what sits in the centre. A draft bed.",
    licence="BSD-3-Clause (RNNoise), Apache-2.0 (its wheel)",
    capabilities=frozenset({"sums"}),
    draft=True,
    rank=10,
    at_once=2,
)

_BLOCK = 400
_EDGE_SECONDS = 0.1
_CENTRE = 2
"""Where WAVE order (L R C LFE ...) has the dialogue, from 5 channels up."""


def missing() -> tuple[Missing, ...]:
    """The library, when its wheel is not installed."""
    if library.library_path():
        return ()
    return (Missing("pyrnnoise", library.INSTALL),)


def create(_: Mapping[str, Any]) -> RNNoiseSeparator:
    """It has no settings."""
    return RNNoiseSeparator()


class RNNoiseSeparator:
    """Keeps nothing between calls; `speech + bed` is the mix, to the precision of float32."""

    info = INFO

    def separate(self, mix: Audio, *, report: Fraction01 = silent, cancel: CancelToken = NEVER) -> Separation:
        """Speech and bed at the mix's rate; from 5 channels up, speech is looked for in the centre alone."""
        speech = np.zeros_like(mix.samples)
        channels = slice(_CENTRE, _CENTRE + 1) if mix.channels > 4 else slice(None)
        if mix.samples[channels].any():
            speech[channels] = _speech(Audio(mix.samples[channels], mix.rate), report, cancel)
        report(1.0)
        return Separation(Audio(speech, mix.rate), Audio(mix.samples - speech, mix.rate))

    def close(self) -> None:
        """Nothing is held."""


def _speech(mix: Audio, report: Fraction01, cancel: CancelToken) -> NDArray[np.float32]:
    """The voice in every channel. The edges are mirrored, so that a syllable cut there is no click."""
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
    """The voice in every channel, block by block on one grid of frames; blocks see past their ends."""
    size = spectra.frame_size(mix.rate)
    hop, count = size // 4, spectra.frame_count(mix.length, size)
    out = np.zeros((mix.channels, (count + 3) * hop), np.float32)
    for first in range(0, count, _BLOCK):
        cancel.check()
        report(first / count)
        last = min(first + _BLOCK, count)
        begin, end = max(0, first - centre.CONTEXT), min(count, last + centre.CONTEXT)
        voice = _voice(
            spectra.analyse(mix.samples, size, begin, end), spectra.analyse(guide, size, begin, end)[0]
        )
        out[:, first * hop : (last + 3) * hop] += spectra.synthesise(
            voice[:, first - begin : last - begin], size
        )
    return out[:, 3 * hop : 3 * hop + mix.length]


def _voice(mixed: spectra.Spectra, guide: centre.Plane) -> spectra.Spectra:
    if len(mixed) == 2:
        return np.stack(centre.lift(mixed[0], mixed[1], guide))
    middle = mixed.mean(axis=0)
    return mixed * centre.share(centre.power(guide), centre.power(middle - guide))


ENGINE = EngineSpec(INFO, create, missing, frozenset())
