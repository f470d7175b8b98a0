"""Have the engine draw the lips of a unit, in this process or in a worker, and keep its answer.

The answer is an artefact: a lossless film of the crops, whose alpha channel is the mask. A worker need not
have the film: the crops go to it as one file by the cache or the store, and that file is removed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from rythmo.engines.base import EngineInfo, Kind
from rythmo.engines.lips import CropFace, FaceLibrary, Frames, LipFrames, LipRequest, check_lips
from rythmo.errors import EngineFailedError
from rythmo.execution.calls import EngineCall
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio
from rythmo.progress import CancelToken
from rythmo.scratch import scratch_folder
from rythmo.stages.context import Context

STAGE = "lips"
FOLDER, SUFFIX = "lips", ".mkv"
_SENT, _ARRAY = "lip-frames", ".npy"
_NOTHING: Frames = np.zeros((0, 1, 1, 3), np.uint8)
_FFV1 = ("-c:v", "ffv1", "-level", "3", "-pix_fmt", "bgra", "-threads", "1", "-f", "matroska")
_FILE = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")


@dataclass(frozen=True, slots=True, eq=False)
class SentRequest:
    """A `LipRequest` on its way: its crops, and after them the library's, are an array in the file."""

    name: str
    rate: Fraction
    faces: tuple[CropFace, ...]
    sound: Audio
    number: int
    library: FaceLibrary
    frames: Path


def is_sent(context: Context) -> bool:
    """Tell whether the lips are made by workers. Services are asked from the job's own process."""
    info = context.engines.info(Kind.LIP_SYNC)
    return info.local and context.sends_away(info)


def answer(cut: Callable[[Path], LipRequest], key: str, context: Context) -> None:
    """Make the answer to the request that `cut` makes in a folder, unless it is there under the key.

    Raises EngineError, MediaError, OutputError, CancelledError.
    """

    def make(target: Path) -> None:
        with scratch_folder("lips") as folder:
            request = cut(folder)
            _keep(target, _ask(request, context), request.rate, context.cancel)

    store = context.artefacts
    there = store.path(FOLDER, key, SUFFIX).is_file() or store.has_shared(FOLDER, key, SUFFIX)
    if there or not is_sent(context):
        store.file(FOLDER, key, SUFFIX, make)
        return
    info = context.engines.info(Kind.LIP_SYNC)
    with scratch_folder("lips") as folder:
        _send(cut(folder), key, info, context)
    context.require_file(FOLDER, key, SUFFIX, info.name)


def _send(request: LipRequest, key: str, info: EngineInfo, context: Context) -> None:
    """Let a worker answer. What is large goes as a file, the rest with the call."""
    here = replace(context.artefacts, store=None)
    frames = here.file(_SENT, key, _ARRAY, lambda path: _write_frames(path, request))
    # By itself: what a killed run left here may not be in the store.
    context.artefacts.share(_SENT, key, _ARRAY)
    library = replace(request.library, frames=_NOTHING)
    sent = SentRequest(
        request.name, request.rate, request.faces, request.sound, request.number, library, frames
    )
    try:
        context.carry_out(
            EngineCall(STAGE, request.name, Kind.LIP_SYNC, None, info, key, answer_sent, (sent, key))
        )
    finally:
        context.artefacts.remove(_SENT, key, _ARRAY)


def answer_sent(sent: SentRequest, key: str, context: Context) -> None:
    """Let the engine of this process answer a request whose frames lie in a file, and store the answer.

    Raises what the engine raises, and EngineFailedError when the file did not arrive.
    """
    request = _open_sent(sent, context)
    context.artefacts.file(
        FOLDER,
        key,
        SUFFIX,
        lambda target: _keep(target, _ask(request, context), request.rate, context.cancel),
    )


def _open_sent(sent: SentRequest, context: Context) -> LipRequest:
    try:
        frames = np.load(context.artefacts.at_hand(sent.frames), mmap_mode="r")
    except (OSError, ValueError) as error:
        raise EngineFailedError(
            f"The frames of {sent.name} did not arrive on this machine.",
            hint="Check that all machines reach the same store (`rythmo dub --store`).",
        ) from error
    count = len(sent.faces)
    library = replace(sent.library, frames=frames[count:])
    return LipRequest(sent.name, frames[:count], sent.rate, sent.faces, sent.sound, sent.number, library)


def _write_frames(path: Path, request: LipRequest) -> None:
    """Write the crops and the library's as one array, frame by frame: together they may be gigabytes."""
    side = request.side
    shape = (request.count + len(request.library.frames), side, side, 3)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for frames in (request.frames, request.library.frames):
            for frame in frames:
                file.write(np.ascontiguousarray(frame).data)


def _ask(request: LipRequest, context: Context) -> LipFrames:
    engine = context.engines.lip_sync()
    with context.engines.turn(Kind.LIP_SYNC, cancel=context.cancel):
        made = engine.move_lips(request, cancel=context.cancel)
    return check_lips(request, made, engine.info.name)


def _keep(target: Path, made: LipFrames, rate: Fraction, cancel: CancelToken) -> None:
    """Write crops and masks as one lossless film; pixels that no mask wants become black."""
    side = made.frames.shape[1]
    source = ("-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{side}x{side}", "-r", str(rate), "-i", "pipe:0")
    args = [*source, *_FFV1, *_FILE, ffmpeg.file_url(target)]
    ffmpeg.feed(args, _pack(made), cancel=cancel, output=target)


def _pack(made: LipFrames) -> Iterator[bytes]:
    pixels = np.empty((*made.masks.shape[1:], 4), np.uint8)
    for frame, mask in zip(made.frames, made.masks, strict=True):
        pixels[..., :3], pixels[..., 3] = frame, mask
        pixels[mask == 0] = 0
        yield pixels.tobytes()
