"""Checks of the frames that a worker or a service gave back, and the mask for those that state none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.lips import CropFace, Frames, LipFrames, LipRequest, Masks, check_lips
from rythmo.engines.remote.crop_film import CropFilm
from rythmo.errors import UselessAnswerError

_NOSE, _CHIN = 2, 7
# The mask's half height over the distance from nose to chin, and its half width over the face's width.
_HEIGHT, _WIDTH = 0.58, 0.42
# The share of the mask's radius over which it fades out.
_FADE = 0.3
# Where a box alone is known: how far down it the tip of the nose lies.
_NOSE_SHARE = 0.5
_THUMBNAIL = 48
_FARTHEST = 3
_SHIFTS = range(-_FARTHEST, _FARTHEST + 1)
# A shift counts when it explains the picture this much better, and by more than noise (grey levels, squared).
_BETTER, _NOISE = 0.5, 6.0


def fit_answer(request: LipRequest, film: CropFilm, engine: str) -> LipFrames:
    """Return a film as the answer to a request, wanted in the lower face and no more than it says itself.

    Raises UselessAnswerError when it does not fit the request.
    """
    lower = np.stack([mask_lower_face(request.side, face) for face in request.faces])
    wanted = film.masks if film.masks is not None and film.masks.shape == lower.shape else lower
    answer = check_lips(request, LipFrames(film.frames, np.minimum(lower, wanted)), engine)
    check_in_step(request, answer.frames, lower, engine)
    return answer


def mask_lower_face(side: int, face: CropFace) -> NDArray[np.uint8]:
    """Return how much of each pixel a new lower face may change, shape (side, side).

    It is an ellipse from the tip of the nose to just below the chin, tilted as the head is, that fades out.
    """
    left, top, right, bottom = face.box
    middle = (left + right) / 2
    nose = np.array(face.points[_NOSE] if face.points else (middle, top + _NOSE_SHARE * (bottom - top)))
    chin = np.array(face.points[_CHIN] if face.points else (middle, bottom))
    length = float(np.hypot(*(chin - nose)))
    mask = np.zeros((side, side), np.uint8)
    if length < 1:
        return mask
    down = (chin - nose) / length
    high, wide = _HEIGHT * length, max(1.0, _WIDTH * (right - left))
    (x, y), reach = (nose + chin) / 2, max(high, wide)
    # Only what can lie inside is computed.
    rows = slice(max(0, int(y - reach)), min(side, int(y + reach) + 1))
    columns = slice(max(0, int(x - reach)), min(side, int(x + reach) + 1))
    below, beside = np.ogrid[rows, columns]
    below, beside = below + 0.5 - y, beside + 0.5 - x
    along = (beside * down[0] + below * down[1]) / high
    across = (beside * down[1] - below * down[0]) / wide
    share = np.clip((1 - np.hypot(along, across)) / _FADE, 0, 1)
    mask[rows, columns] = np.round(share * 255)
    return mask


def check_in_step(request: LipRequest, frames: Frames, changed: Masks, engine: str) -> None:
    """Compare the frames with those of the request, one by one, where nothing may have `changed`.

    Raises UselessAnswerError when the frames fit earlier or later frames of the request clearly better.
    """
    if request.count <= 2 * _FARTHEST:
        return
    step = max(1, request.side // _THUMBNAIL)
    sent, got = _thumbnails(request.frames, step), _thumbnails(frames, step)
    errors = {k: _compare(sent, got, changed[:, ::step, ::step] == 0, k) for k in _SHIFTS}
    best = min(errors, key=lambda k: errors[k])
    if errors[best] < _BETTER * errors[0] and errors[0] - errors[best] > _NOISE:
        raise UselessAnswerError(
            f"{engine} gave back frames that are shifted by {best:+d} ({request.name}).",
            hint="Its lips would not lie on the picture, so they are not used. Try again, or another engine.",
        )


def _thumbnails(frames: Frames, step: int) -> NDArray[np.float32]:
    return np.stack([frame[::step, ::step].mean(axis=2, dtype=np.float32) for frame in frames])


def _compare(
    sent: NDArray[np.float32], got: NDArray[np.float32], around: NDArray[np.bool_], shift: int
) -> float:
    """Return the mean square difference when got[n] is taken for sent[n + shift]."""
    count = len(sent)
    first, last = max(0, -shift), count - max(0, shift)
    there = np.s_[first + shift : last + shift]
    both = around[first:last] & around[there]
    return float(((got[first:last] - sent[there]) ** 2)[both].mean()) if both.any() else 0.0
