"""Measure lines with SyncNet, where its weights are on this machine: a face against a sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import soxr
from numpy.typing import NDArray

from rythmo.engines.local.model_files import stamp_model
from rythmo.engines.speech import syncnet
from rythmo.faces.face_squares import cut_face, plan_squares
from rythmo.faces.sync_offset import REACH, SyncOffset, find_offset
from rythmo.faces.tracks import FaceTrack
from rythmo.lips.units import SeenFaces
from rythmo.media.audio import Audio
from rythmo.media.cepstrum import RATE, measure_cepstrum
from rythmo.media.frames import read_frames
from rythmo.media.media_info import MediaInfo
from rythmo.project.workspace import hash_values
from rythmo.stages.context import Context
from rythmo.stages.lip_unit import hash_samples
from rythmo.timebase import SAMPLE_RATE, find_frame, frames_to_samples

FOLDER, VERSION = "syncnet", 1
_FRAME = SAMPLE_RATE // 25
"""Samples of a frame of 25 a second, which is what the network sees."""
_LEAST, _MOST = 25, 250
"""Frames: what is shorter says nothing, and of what is longer the beginning is enough."""
_HEIGHT = 720
_BOX = 4

ReadSound = Callable[[int, int], NDArray[np.float32]]
"""Returns mono samples [start, end) of the programme at 48 kHz; silence outside it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A picture to look at: its file, the film's number of its first frame, and a hash of its content."""

    info: MediaInfo
    first: int
    key: str

    @property
    def last(self) -> int:
        """The frame after its last one."""
        assert self.info.video is not None
        return self.first + self.info.video.frames


@dataclass(frozen=True, slots=True, eq=False)
class SyncNetMeter:
    """The network, a name of its weights, and what is known of the faces."""

    net: syncnet.SyncNet
    stamp: str
    seen: SeenFaces
    rate: Fraction

    def measure(
        self, speaker: str, heard: tuple[int, int], sight: Sight, sound: ReadSound, context: Context
    ) -> SyncOffset | None:
        """Compare a speaker's face with a sound over [start, end) in samples.

        None where less than a second of the face is seen in one shot. Raises MediaError.
        """
        first, last = find_frame(heard[0], self.rate), find_frame(heard[1], self.rate) + 1
        track = self._find_track(speaker, max(first, sight.first), min(last, sight.last))
        if track is None:
            return None
        first, last = max(first, sight.first, track.first), min(last, sight.last, track.last)
        begin = frames_to_samples(first, self.rate)
        count = min(_MOST, (frames_to_samples(last, self.rate) - begin) // _FRAME)
        if count < _LEAST:
            return None
        numbers = np.array([find_frame(begin + index * _FRAME, self.rate) for index in range(count)])
        boxes = self._find_boxes(track, numbers)
        reach = REACH * _FRAME
        heard_samples = sound(begin - reach, begin + reach + count * _FRAME)
        told = (
            VERSION, self.stamp, sight.key, sight.first, begin, count, boxes.tolist(),
            hash_samples(Audio(heard_samples[np.newaxis], SAMPLE_RATE)),
        )  # fmt: skip

        def make() -> tuple[SyncOffset, ...]:
            mouths = self.net.describe_mouths(_cut_faces(numbers, boxes, sight, context))
            cepstrum = measure_cepstrum(soxr.resample(heard_samples, SAMPLE_RATE, RATE).astype(np.float32))
            sounds = self.net.describe_sounds(cepstrum)[: len(mouths) + 2 * REACH]
            return (find_offset(mouths[: len(sounds) - 2 * REACH], sounds),)

        found = context.artefacts.value(FOLDER, hash_values(FOLDER, *told), tuple[SyncOffset, ...], make)
        return found[0] if found else None

    def _find_track(self, speaker: str, first: int, last: int) -> FaceTrack | None:
        """Return the speaker's track that is seen for longest in frames [first, last)."""
        own = [
            track
            for track in self.seen.tracks
            if self.seen.speakers.get(self.seen.people[track.number]) == speaker
            and track.first < last
            and first < track.last
        ]
        return max(own, key=lambda one: min(last, one.last) - max(first, one.first), default=None)

    def _find_boxes(self, track: FaceTrack, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the face's box in each frame, in shares of the picture, shape (n, 4)."""
        rows = self.seen.rows[track.rows]
        edges = [np.interp(numbers, rows["frame"], rows["box"][:, edge]) for edge in range(_BOX)]
        return np.stack(edges, axis=1).round(4)


def _cut_faces(
    numbers: NDArray[np.int64], boxes: NDArray[np.float64], sight: Sight, context: Context
) -> NDArray[np.uint8]:
    """Return the face in each of these frames of the film, shape (n, 224, 224, 3)."""
    crops = np.zeros((len(numbers), syncnet.SIDE, syncnet.SIDE, 3), np.uint8)
    squares: NDArray[np.float64] | None = None
    first, last = int(numbers[0]), int(numbers[-1]) + 1
    frames = read_frames(
        sight.info, first - sight.first, last - sight.first, height=_HEIGHT, cancel=context.cancel
    )
    for number, frame in enumerate(frames, first):
        if squares is None:
            height, width = frame.shape[:2]
            squares = plan_squares(boxes * (width, height, width, height))
        for index in np.flatnonzero(numbers == number):
            crops[index] = cut_face(frame, squares[index], syncnet.SIDE)
    return crops


def open_meter(seen: SeenFaces, rate: Fraction) -> SyncNetMeter | None:
    """Return the meter; None where the weights are not here. Raises EngineFailedError for wrong ones."""
    path = syncnet.find_syncnet()
    return SyncNetMeter(syncnet.load_syncnet(path), stamp_model(path.parent), seen, rate) if path else None
