"""Separation of the voice from a stereo mix by its position in the panorama.

A voice is panned to one position, most often the centre; music and ambience are wide. The stereo plane is
rotated so that one axis points at the voice. The other axis then contains only the bed. What it predicts of
the first axis is subtracted (a one-reference canceller), and its level tells how much bed is left there,
which a Wiener filter needs. The canceller is B. Widrow et al., "Adaptive Noise Cancelling", Proc. IEEE 63
(1975), for each frequency. The statistics are means over time, weighted by where the first mask finds no
voice, as in N. Q. K. Duong et al., "Under-determined reverberant audio source separation using a full-rank
spatial covariance model", IEEE TASLP 18 (2010).

Arrays are spectra of shape (frames, bins), complex64; powers are float32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.complex64]
Power = NDArray[np.float32]

CONTEXT = 150
"""The frames on either side that a frame's result depends on: three means are taken in succession."""

_FRAMES = 101
_BINS = 3
_ROUNDS = 2
_TINY = np.float32(1e-12)
_LEAST_SIDE = np.float32(1e-4)
# The least bed, as a share of what the mask alone gives: joint-stereo codecs leave holes in the side signal.
_LEAST_BED = np.float32(0.1)
_CENTRE_PRIOR = np.float32(1e-6)


def power(plane: Plane) -> Power:
    """Return the squared magnitude."""
    squared: Power = plane.real**2 + plane.imag**2
    return squared


def share(speech: Power, bed: Power) -> Power:
    """Return the Wiener filter: the share of the power that is speech."""
    mask: Power = speech / (speech + bed + _TINY)
    return mask


def lift(left: Plane, right: Plane, guide: Plane) -> tuple[Plane, Plane]:
    """Return the voice in each channel. `guide` is a first estimate of the voice in (left + right) / 2."""
    middle = (left + right) / 2
    mask = share(power(guide), power(middle - guide))
    cosine, sine = _direction(left, right, mask)
    facing, across = left * cosine + right * sine, right * cosine - left * sine
    # A voice v at angle a is v (cos a + sin a) / 2 in the middle, and v on its own axis.
    voice = guide * (np.float32(2) / (cosine + sine))
    voice = _cancel(facing, across, voice)
    return voice * cosine, voice * sine


def _direction(left: Plane, right: Plane, mask: Power) -> tuple[Power, Power]:
    """Return cosine and sine of the pan angle of what the mask passes, each of shape (frames, 1).

    It is the main axis of the real 2 x 2 covariance over all frequencies. A voice on one side only is found;
    one that is out of phase is not. With little evidence the angle is that of the centre.
    """
    weight = mask**4
    ll, rr = ((weight * power(side)).sum(axis=1, keepdims=True) for side in (left, right))
    lr = (weight * (left * right.conj()).real).sum(axis=1, keepdims=True)
    ll, rr, lr = (_running(part, _FRAMES, axis=0, mode="constant") for part in (ll, rr, lr))
    angle = np.arctan2(2 * np.maximum(lr, 0) + _CENTRE_PRIOR, ll - rr) / 2
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def _cancel(facing: Plane, across: Plane, voice: Plane) -> Plane:
    """Subtract what `across` predicts from `facing`, then apply a Wiener filter; repeat to refine `voice`."""
    mask = share(power(voice), power(facing - voice))
    side = power(across)
    side_now = _running(side, 3, axis=0, mode="constant")
    for _ in range(_ROUNDS):
        weight: Power = (1 - mask) ** 4
        side_mean = _mean(weight * side)
        heard = side_mean > _LEAST_SIDE * _mean(weight * power(facing))
        cross: Plane = weight * facing * across.conj()
        likeness = (_mean(cross.real) + 1j * _mean(cross.imag)).astype(np.complex64)
        rest: Plane = facing - likeness * heard / (side_mean + _TINY) * across
        bed = power(rest - voice)
        expected = _mean(weight * power(rest)) / (side_mean + _TINY) * side_now
        bed = np.where(heard, np.clip(expected, _LEAST_BED * bed, bed), bed)
        mask = share(power(voice), bed)
        voice = rest * mask
    return voice


def _running(plane: Power, size: int, *, axis: int, mode: str) -> Power:
    from scipy.ndimage import uniform_filter1d

    out: Power = uniform_filter1d(plane, size, axis=axis, mode=mode)
    return out


def _mean(plane: Power) -> Power:
    mean = _running(plane, _FRAMES, axis=0, mode="constant")
    return _running(mean, _BINS, axis=1, mode="nearest")
