"""Lip-sync engine "own-mouths": each frame gets a mouth that the person made in another frame of the scene.

After Video Rewrite (Bregler, Covell, Slaney, SIGGRAPH 1997), without its phonemes: mouths are chosen by how
far they are open. It shows nothing that was not filmed, and it cannot make a shape that was not filmed: a
draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.own_mouths.choice import Mouths, choose_mouths
from rythmo.engines.adapters.own_mouths.opening import ask_opening
from rythmo.engines.adapters.own_mouths.warp import (
    STABLE,
    Doubles,
    Similarity,
    draw_mask,
    fit_points,
    refine,
    sample,
)
from rythmo.engines.base import FILMED, EngineInfo, EngineSpec, Kind
from rythmo.engines.lips import CropFace, Frames, LipFrames, LipRequest
from rythmo.errors import UselessAnswerError
from rythmo.faces.model import POINTS
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

INFO = EngineInfo(
    kind=Kind.LIP_SYNC,
    name="own-mouths",
    version="2",
    summary="Mouths from the person's own frames, chosen by how far the take opens them; no network.",
    licence="Apache-2.0",
    draft=True,
    capabilities=frozenset({FILMED}),
)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_MOST_MOUTHS = 600


@dataclass(frozen=True, slots=True, eq=False)
class _Filmed:
    """A stretch of crops with the points of their faces, shape (n, 8, 2); NaN where there are none."""

    frames: Frames
    points: Doubles

    def luma(self, index: int) -> NDArray[np.float32]:
        return np.asarray(self.frames[index].astype(np.float32) @ _LUMA, np.float32)


class OwnMouths:
    """A LipSync engine."""

    info = INFO

    def move_lips(
        self, request: LipRequest, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> LipFrames:
        """Return crops whose lower faces come from other frames of the request and its library.

        Raises UselessAnswerError when no frame shows a mouth.
        """
        cancel.check()
        places, library = (
            _filmed(request.frames, request.faces),
            _filmed(request.library.frames, request.library.faces),
        )
        numbers = np.arange(request.number, request.number + request.count)
        here = _mouths(request.faces, places.points, numbers)
        there = _mouths(request.library.faces, library.points, np.array(request.library.numbers, np.int64))
        known, stock = _join(request, here, there)
        if not len(stock):
            raise UselessAnswerError(
                f"No frame of {request.name} shows a mouth.", hint="Choose another engine for this line."
            )
        asked = ask_opening(request.sound.samples[0], request.rate, request.count)
        chosen = stock[choose_mouths(asked, here, known)]
        frames, masks = request.frames.copy(), np.zeros(request.frames.shape[:3], np.uint8)
        for index, source in enumerate(chosen.tolist()):
            cancel.check()
            if source != index:
                film, at = (places, source) if source < request.count else (library, source - request.count)
                _lay(frames, masks, index, places, film, at, request.faces[index].yaw)
            else:
                masks[index] = _as_bytes(
                    draw_mask(
                        places.points[index], places.points[index], request.faces[index].yaw, request.side
                    )
                )
            report((index + 1) / request.count)
        return LipFrames(frames, masks)

    def close(self) -> None:
        """Do nothing: nothing is held."""


def _filmed(frames: Frames, faces: Sequence[CropFace]) -> _Filmed:
    points = np.full((len(faces), len(POINTS), 2), np.nan)
    for index, face in enumerate(faces):
        if face.points:
            points[index] = face.points
    return _Filmed(frames, points)


def _mouths(faces: Sequence[CropFace], points: Doubles, numbers: NDArray[np.int64]) -> Mouths:
    opening = np.array([np.nan if face.opening is None else face.opening for face in faces], np.float64)
    pose = np.array([(face.yaw, face.pitch, face.roll) for face in faces], np.float64).reshape(-1, 3)
    size = np.linalg.norm(points[:, 3:5].mean(axis=1) - points[:, :2].mean(axis=1), axis=1)
    return Mouths(numbers, opening, pose, np.maximum(np.nan_to_num(size, nan=1.0), 1.0))


def _join(request: LipRequest, here: Mouths, there: Mouths) -> tuple[Mouths, NDArray[np.int64]]:
    """Return all mouths that were seen, and their indices: those of the library follow the request's."""
    both = Mouths(
        np.concatenate([here.number, there.number]),
        np.concatenate([here.opening, there.opening]),
        np.concatenate([here.pose, there.pose]),
        np.concatenate([here.size, there.size]),
    )
    faces = (*request.faces, *request.library.faces)
    seen = np.array([face.seen and face.opening is not None and bool(face.points) for face in faces])
    stock = np.flatnonzero(seen)
    if len(stock) > _MOST_MOUTHS:
        stock = stock[np.linspace(0, len(stock) - 1, _MOST_MOUTHS).astype(int)]
    return both.take(stock), stock


def _lay(
    frames: Frames, masks: NDArray[np.uint8], index: int, places: _Filmed, film: _Filmed, at: int, yaw: float
) -> None:
    """Lay the lower face of a filmed crop on a place, and its mask beside it."""
    points, others = places.points[index], film.points[at]
    if not np.isfinite(points).all():
        return
    fit = fit_points(points[list(STABLE)], others[list(STABLE)])
    fit = refine(fit, places.luma(index), film.luma(at), points)
    mask = draw_mask(points, _carry_back(others, fit), yaw, frames.shape[1])
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    y, x = np.mgrid[part]
    laid = sample(film.frames[at], fit[0] * (x + 1j * y) + fit[1])
    masks[index] = _as_bytes(mask)
    wanted = (masks[(index, *part)] > 0)[..., None]
    frames[(index, *part)] = np.where(wanted, np.clip(np.rint(laid), 0, 255), frames[(index, *part)])


def _carry_back(points: Doubles, fit: Similarity) -> Doubles:
    z = (points[:, 0] + 1j * points[:, 1] - fit[1]) / fit[0]
    return np.stack([z.real, z.imag], axis=1)


def _as_bytes(mask: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(mask * 255), np.uint8)


def create(_settings: Mapping[str, Any]) -> OwnMouths:
    """Start the engine; it has no settings."""
    return OwnMouths()


ENGINE = EngineSpec(INFO, create, options=frozenset())
