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
# A shift counts when it explains the picture this much better, and by more than noise (grey levels, squared).
_BETTER, _NOISE = 0.5, 6.0


def fit_answer(request: LipRequest, film: CropFilm, engine: str) -> LipFrames:
    """Return a film as the answer to a request. Raises UselessAnswerError when it does not fit it."""
    masks = film.masks
    if masks is not None and masks.shape != request.frames.shape[:3]:
        masks = None
    answer = check_lips(request, LipFrames(film.frames, mask_answer(request, masks)), engine)
    check_in_step(request, answer.frames, engine)
    return answer


def mask_lower_face(side: int, face: CropFace) -> NDArray[np.uint8]:
    """Return how much of each pixel a new lower face may change, shape (side, side).

    It is an ellipse from the tip of the nose to just below the chin, tilted as the head is, that fades out.
    """
    left, top, right, bottom = face.box
    middle = (left + right) / 2
    nose = np.array(face.points[_NOSE] if face.points else (middle, top + _NOSE_SHARE * (bottom - top)))
    chin = np.array(face.points[_CHIN] if face.points else (middle, bottom))
    down = chin - nose
    length = float(np.hypot(*down))
    if length < 1:
        return np.zeros((side, side), np.uint8)
    down = down / length
    rows, columns = np.ogrid[:side, :side]
    x, y = columns + 0.5 - (nose[0] + chin[0]) / 2, rows + 0.5 - (nose[1] + chin[1]) / 2
    along = (x * down[0] + y * down[1]) / (_HEIGHT * length)
    across = (x * down[1] - y * down[0]) / max(1.0, _WIDTH * (right - left))
    share = np.clip((1 - np.hypot(along, across)) / _FADE, 0, 1)
    return np.round(share * 255).astype(np.uint8)


def mask_answer(request: LipRequest, wanted: Masks | None) -> Masks:
    """Return the masks of an answer: the lower face, and no more than what the engine itself wants."""
    masks = np.stack([mask_lower_face(request.side, face) for face in request.faces])
    return masks if wanted is None else np.minimum(masks, wanted)


def check_in_step(request: LipRequest, frames: Frames, engine: str) -> None:
    """Compare what lies around the lower face with the request, frame by frame.

    Raises UselessAnswerError when the frames fit earlier or later frames of the request clearly better.
    """
    if request.count <= 2 * _FARTHEST:
        return
    sent, got, around = _thumbnails(request, request.frames), _thumbnails(request, frames), _around(request)
    errors = {k: _compare(sent, got, around, k) for k in range(-_FARTHEST, _FARTHEST + 1)}
    best = min(errors, key=lambda k: errors[k])
    if errors[best] < _BETTER * errors[0] and errors[0] - errors[best] > _NOISE:
        raise UselessAnswerError(
            f"{engine} gave back frames that are shifted by {best:+d} ({request.name}).",
            hint="Its lips would not lie on the picture, so they are not used. Try again, or another engine.",
        )


def _step(request: LipRequest) -> int:
    return max(1, request.side // _THUMBNAIL)


def _thumbnails(request: LipRequest, frames: Frames) -> NDArray[np.float32]:
    step = _step(request)
    return np.stack([frame[::step, ::step].mean(axis=2, dtype=np.float32) for frame in frames])


def _around(request: LipRequest) -> NDArray[np.bool_]:
    step = _step(request)
    return np.stack([mask_lower_face(request.side, face)[::step, ::step] == 0 for face in request.faces])


def _compare(
    sent: NDArray[np.float32], got: NDArray[np.float32], around: NDArray[np.bool_], shift: int
) -> float:
    """Return the mean square difference when got[n] is taken for sent[n + shift]."""
    count = len(sent)
    first, last = max(0, -shift), count - max(0, shift)
    there = np.s_[first + shift : last + shift]
    both = around[first:last] & around[there]
    return float(((got[first:last] - sent[there]) ** 2)[both].mean()) if both.any() else 0.0
