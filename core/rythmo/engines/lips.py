"""The interface of lip-sync engines: one face over one line in one shot, and its new frames.

The stage cuts the crops, lays the take in time and puts the result into the picture. An engine only draws
the lower face. It knows nothing of cuts, other faces or the rest of the film.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import Engine
from rythmo.errors import UselessAnswerError
from rythmo.faces.model import Box, Point
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.timebase import SAMPLE_RATE, frames_to_samples

Frames = NDArray[np.uint8]
"""Shape (n, side, side, 3), RGB, square pixels. It may be mapped from a file: go through it
frame by frame."""
Masks = NDArray[np.uint8]
"""Shape (n, side, side): how much of each new pixel is wanted, 0 (the original stays) to 255."""


@dataclass(frozen=True, slots=True)
class CropFace:
    """The face in one frame of a crop; positions are in pixels of the crop.

    Args:
        box: Left, top, right, bottom, from the brows to the chin and from ear to ear.
        points: The places of `faces.model.POINTS`, in their order; empty when only the box is known.
        opening: The gap between the lips over the mouth's width; None when the mouth cannot be seen.
        yaw: Degrees, positive towards the picture's right.
        pitch: Degrees, positive upwards.
        roll: Degrees, positive clockwise.
        seen: Whether the face was found in this frame. If not, the values lie between those of the frames
            around it, so that every frame has a box.
    """

    box: Box
    points: tuple[Point, ...] = ()
    opening: float | None = None
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    seen: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FaceLibrary:
    """Other frames of the same person, from the same shot or scene: crops as those of the request.

    `faces` and `numbers` (frame numbers of the film, rising) have one entry for each frame. There are at most
    some hundred. The face is about as large in them as in the request.
    """

    frames: Frames
    faces: tuple[CropFace, ...] = ()
    numbers: tuple[int, ...] = ()


def empty_library(side: int) -> FaceLibrary:
    """Return a library without frames, for crops of that side."""
    return FaceLibrary(np.zeros((0, side, side, 3), np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class LipRequest:
    """One face over one line in one shot.

    Args:
        name: What is worked on, for messages: the line and the shot.
        frames: The crops, n of them: squares that keep still, or follow the face smoothly.
        rate: Frames a second.
        number: The film's number of the first frame.
        faces: The face in each frame; n of them. Other faces in the crop are not listed and stay.
        sound: The dry take, mono at 48 kHz, laid in time: it begins with the first frame, ends with the last,
            and is silent where nothing is said.
        library: Other frames of the same person.
    """

    name: str
    frames: Frames
    rate: Fraction
    faces: tuple[CropFace, ...]
    sound: Audio
    number: int = 0
    library: FaceLibrary = field(default_factory=lambda: empty_library(1))

    def __post_init__(self) -> None:
        if self.frames.dtype != np.uint8 or self.frames.ndim != 4 or self.frames.shape[3] != 3:
            raise ValueError(
                f"expected uint8 (n, side, side, 3), got {self.frames.dtype} {self.frames.shape}"
            )
        if self.frames.shape[1] != self.frames.shape[2] or len(self.faces) != self.count:
            raise ValueError("expected square frames and a face for each")
        if self.sound.channels != 1 or self.sound.rate != SAMPLE_RATE or self.sound.length != self.samples:
            raise ValueError(f"expected {self.samples} mono samples at {SAMPLE_RATE} Hz")

    @property
    def count(self) -> int:
        """How many frames there are."""
        return int(self.frames.shape[0])

    @property
    def side(self) -> int:
        """The side of the crops in pixels."""
        return int(self.frames.shape[1])

    @property
    def samples(self) -> int:
        """How many samples the sound has."""
        return frames_to_samples(self.count, self.rate)


@dataclass(frozen=True, slots=True, eq=False)
class LipFrames:
    """An engine's answer: a new crop for each frame of the request, and how much of it is wanted."""

    frames: Frames
    masks: Masks


class LipSync(Engine, Protocol):
    """An engine that makes the lips of one face follow a sound."""

    def move_lips(
        self, request: LipRequest, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> LipFrames:
        """Return exactly as many frames as the request has, each of its size and in its place.

        Raises EngineFailedError, UselessAnswerError when no usable answer came, and CancelledError.
        """


def check_lips(request: LipRequest, answer: LipFrames, engine: str) -> LipFrames:
    """Return the answer. Raises UselessAnswerError when it does not fit the request frame by frame."""
    frames, masks = answer.frames, answer.masks
    if len(frames) != request.count or len(masks) != request.count:
        raise UselessAnswerError(
            f"{engine} gave back {len(frames)} frames and {len(masks)} masks for the {request.count} frames "
            f"of {request.name}.",
            hint="Its lips would drift from the picture, so they are not used. Try again, or another engine.",
        )
    if frames.shape != request.frames.shape or masks.shape != request.frames.shape[:3]:
        raise UselessAnswerError(
            f"{engine} gave back frames of {frames.shape[1:]} and masks of {masks.shape[1:]} for crops of "
            f"{request.side} pixels ({request.name}).",
            hint="They would not lie where the face is. Try another engine.",
        )
    if frames.dtype != np.uint8 or masks.dtype != np.uint8:
        raise UselessAnswerError(
            f"{engine} gave back {frames.dtype} frames and {masks.dtype} masks ({request.name}).",
            hint="Both must be 8-bit. Try another engine.",
        )
    return answer
