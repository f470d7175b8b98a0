"""Apply an editor's changes to the level of a clip: gain, keyframes and fades, as factors of each sample.
Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rythmo.media.pcm24 import Steps
from rythmo.media.wav import FULL_SCALE_24
from rythmo.mix.mix_plan import MixItem

Factors = NDArray[np.float64]


def apply_clip_levels(steps: Steps, item: MixItem, start: int) -> Steps:
    """Return the samples of `item` from record position `start` on, at the level of its clip.

    `steps` are whole 24-bit steps, (channels, n), and so is the result. Without an edit it is `steps` itself.
    """
    factors = _gain_factors(item, start, steps.shape[1])
    if factors is None:
        return steps
    top = FULL_SCALE_24 - 1
    return np.clip(np.rint(steps * factors), -top, top).astype(np.int32)


def _gain_factors(item: MixItem, start: int, count: int) -> Factors | None:
    """Return the gain of each sample as a factor; None where it is 1 throughout."""
    clip = item.clip
    if not (clip.gain_db or clip.levels or clip.fade_in or clip.fade_out):
        return None
    # Half a sample in, so that a fade in and the fade out that mirrors it sum to one everywhere.
    at = np.arange(start, start + count) + 0.5
    factors = np.full(count, 10 ** (clip.gain_db / 20))
    if clip.levels:
        places = [item.start + point.at for point in clip.levels]
        factors *= np.interp(at, places, [10 ** (point.gain_db / 20) for point in clip.levels])
    if clip.fade_in:
        factors *= np.clip((at - item.start) / clip.fade_in, 0, 1)
    if clip.fade_out:
        factors *= np.clip((item.end - at) / clip.fade_out, 0, 1)
    return factors
