"""Face tracker "mediapipe": MediaPipe's detector and mesh by LiteRT, and dlib's vectors of faces.

The detector looks at every fifth frame and wherever a face was lost. Between its looks, each face is followed
by the mesh alone, from one frame to the next, which costs a third as much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.mediapipe.detector import Detection, FaceDetector
from rythmo.engines.adapters.mediapipe.mesh import FaceMesh, square_of_detection, square_of_face
from rythmo.engines.adapters.mediapipe.recognition import DIMENSIONS, FaceRecognizer
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.engines.local.wheel_weights import LITERT, MEDIAPIPE, THREADPOOLCTL, list_missing, weight_file
from rythmo.faces.model import Face, Picture, overlap
from rythmo.progress import NEVER, CancelToken

INFO = EngineInfo(
    kind=Kind.FACE_TRACKER,
    name="mediapipe",
    version="1",
    summary="Faces, mouths and head pose by MediaPipe's networks, on the CPU.",
    licence="Apache-2.0 (MediaPipe, LiteRT), CC0 (dlib's network)",
    rank=10,
)
SAME_PERSON = 0.45
"""dlib's authors give 0.6 for two single pictures. Means over tracks lie closer: at most 0.33 apart for one
person of the example, and 0.42 or more for two."""
_LOOK_EVERY = 5
_LEAST_CONFIDENCE = 0.5
_UNSEEN_LOOKS = 4
"""Looks of the detector in a row that may miss a face before it is dropped: it sees fewer profiles."""
_SAME = 0.3
_DOUBLE = 0.5
"""From this overlap on two faces are one that was followed twice."""
_TURNED = 75.0
"""The yaw that is stated for a face that the detector sees and the mesh does not: a profile, as a rule."""


class MediaPipeTracker:
    """A FaceTracker."""

    info = INFO
    same_person = SAME_PERSON

    def __init__(self) -> None:
        folder = weight_file(MEDIAPIPE).parent
        self._detector, self._mesh = FaceDetector(folder), FaceMesh(folder)
        self._recognizer = FaceRecognizer(folder)

    def find_faces(
        self, frames: Sequence[Picture], *, before: Sequence[Face] = (), cancel: CancelToken = NEVER
    ) -> tuple[tuple[Face, ...], ...]:
        """Return the faces of each frame; the first one is looked at with the detector."""
        followed = [(face, 0) for face in before]
        found: list[tuple[Face, ...]] = []
        for number, frame in enumerate(frames):
            cancel.check()
            followed, lost = self._follow(frame, followed)
            if lost or number % _LOOK_EVERY == 0:
                followed = self._look(frame, followed)
            found.append(tuple(face for face, _ in followed))
        return tuple(found)

    def _follow(self, frame: Picture, known: list[tuple[Face, int]]) -> tuple[list[tuple[Face, int]], bool]:
        """Return the faces of the frame before where they are now, and whether one of them was lost."""
        height, width = frame.shape[:2]
        still: list[tuple[Face, int]] = []
        for face, unseen in known:
            if not face.points:
                continue  # A profile: only the detector finds it again.
            now = self._mesh.lay(frame, square_of_face(face, width, height))
            if now.confidence >= _LEAST_CONFIDENCE and not _is_double(now, still):
                still.append((now, unseen))
        return still, len(still) < len(known)

    def _look(self, frame: Picture, known: list[tuple[Face, int]]) -> list[tuple[Face, int]]:
        """Return the faces with those that the detector adds, without those that it keeps missing."""
        height, width = frame.shape[:2]
        seen = self._detector.find(frame)
        boxes = [_box(one, width, height) for one in seen]
        kept = []
        for face, unseen in known:
            missed = not any(overlap(face.box, box) > _SAME for box in boxes)
            if not missed or unseen + 1 < _UNSEEN_LOOKS:
                kept.append((face, unseen + 1 if missed else 0))
        for one, box in zip(seen, boxes, strict=True):
            if any(overlap(face.box, box) > _SAME for face, _ in kept):
                continue
            face = self._mesh.lay(frame, square_of_detection(one))
            if face.confidence < _LEAST_CONFIDENCE:
                face = _profile(one, box)
            if not _is_double(face, kept):
                kept.append((face, 0))
        return kept

    def describe_faces(
        self, frame: Picture, faces: Sequence[Face], *, cancel: CancelToken = NEVER
    ) -> NDArray[np.float32]:
        """Return shape (len(faces), 128); a row of zeros for a face without points."""
        from threadpoolctl import threadpool_limits

        rows = np.zeros((len(faces), DIMENSIONS), np.float32)
        # Several threads on products this small only wait for each other: 16 times the processor time.
        with threadpool_limits(1):
            for row, face in zip(rows, faces, strict=True):
                cancel.check()
                if face.points:
                    row[:] = self._recognizer.describe_face(frame, face)
        return rows

    def close(self) -> None:
        """Do nothing: only memory is held."""


def _box(found: Detection, width: int, height: int) -> tuple[float, float, float, float]:
    left, top, right, bottom = found.box
    return left / width, top / height, right / width, bottom / height


def _profile(found: Detection, box: tuple[float, float, float, float]) -> Face:
    (eye_right, eye_left, nose), side = found.points[:3], found.box[2] - found.box[0]
    turn = (nose[0] - (eye_right[0] + eye_left[0]) / 2) / max(1e-9, side)
    return Face(box, yaw=float(np.copysign(_TURNED, turn)), confidence=found.score)


def _is_double(face: Face, known: list[tuple[Face, int]]) -> bool:
    return any(overlap(face.box, other.box) > _DOUBLE for other, _ in known)


def create(_settings: Mapping[str, Any]) -> MediaPipeTracker:
    """Start the engine; it has no settings."""
    return MediaPipeTracker()


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the weights and of LiteRT."""
    return list_missing(MEDIAPIPE, LITERT, THREADPOOLCTL)


ENGINE = EngineSpec(INFO, create, missing, frozenset())
