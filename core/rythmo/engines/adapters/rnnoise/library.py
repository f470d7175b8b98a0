"""RNNoise itself: the shared library from the wheel of `pyrnnoise`, called through ctypes.

The package's own modules import a player, a plotter and a command line. The library alone is 12 MB with five
functions, so it is opened directly. Its model is compiled into it.

RNNoise: J.-M. Valin, "A Hybrid DSP/Deep Learning Approach to Real-Time Full-Band Speech
Enhancement", MMSP 2018. BSD-3-Clause.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.local.wheel_weights import find_in_package
from rythmo.errors import EngineFailedError, EngineMissingError
from rythmo.models import find_model, get_command
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

RATE = 48_000
FRAME = 480
DELAY = 960
"""The output's delay in samples: one frame of look-ahead and one of overlap. (The peak of a cross-correlation
is at 959, because the input's high-pass filter leads by a fraction of a sample.)"""

_FULL_SCALE = 32768.0
_HEARD_WELL = 0.07
_MOST_GAIN = 30.0
_WARM_UP = 2 * RATE
_CHECK_EVERY = 100
_NAMES = {"darwin": "librnnoise.dylib", "win32": "rnnoise.dll"}
INSTALL = get_command("rnnoise")


def library_path() -> Path | None:
    """Return the shared library in the models folder or in the wheel, or None."""
    name = _NAMES.get(sys.platform, "librnnoise.so")
    folder = find_model("rnnoise")
    return folder / name if folder else find_in_package("pyrnnoise", name)


@cache
def _library() -> ctypes.CDLL:
    path = library_path()
    if path is None:
        raise EngineMissingError("rnnoise needs its library.", hint=f"Get it with: {INSTALL}")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise EngineFailedError(
            f"RNNoise cannot be loaded: {error}.", hint=f"Try: rythmo models remove rnnoise && {INSTALL}"
        ) from error
    library.rnnoise_create.argtypes = [ctypes.c_void_p]
    library.rnnoise_create.restype = ctypes.c_void_p
    library.rnnoise_destroy.argtypes = [ctypes.c_void_p]
    library.rnnoise_destroy.restype = None
    library.rnnoise_process_frame.argtypes = [ctypes.c_void_p] * 3
    library.rnnoise_process_frame.restype = ctypes.c_float
    return library


def denoise(
    sound: NDArray[np.float32], *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
) -> NDArray[np.float32]:
    """Return the speech that RNNoise finds in mono `sound` of shape (samples,) at 48 kHz, with the same
    timing.

    The network gets the first two seconds twice, so that its state has settled when they count. They are
    played forwards: after reversed sound it took the following speech for noise, 36 dB down in the worst
    trial. No state is kept between calls.
    """
    warm_up = min(_WARM_UP, sound.size) // FRAME * FRAME
    frames = -(-(warm_up + sound.size + DELAY) // FRAME)
    buffer = np.zeros(frames * FRAME, np.float32)
    buffer[:warm_up] = sound[:warm_up]
    buffer[warm_up : warm_up + sound.size] = sound
    scale = np.float32(_FULL_SCALE * _gain(sound))
    buffer *= scale
    _process(buffer, report, cancel)
    start = warm_up + DELAY
    return buffer[start : start + sound.size] / scale


def _gain(sound: NDArray[np.float32]) -> float:
    """Return the gain that brings the loudest second of a quiet recording to -23 dBFS, else 1.

    With it, distant speech at -70 dBFS came out 3 to 20 dB stronger.
    """
    seconds = sound[: sound.size // RATE * RATE].reshape(-1, RATE)
    loudest = float(np.sqrt(np.square(seconds).mean(axis=1).max())) if seconds.size else 0.0
    return min(_MOST_GAIN, max(1.0, _HEARD_WELL / loudest)) if loudest > 0 else 1.0


def _process(buffer: NDArray[np.float32], report: Fraction01, cancel: CancelToken) -> None:
    """Denoise whole frames in place."""
    library = _library()
    state = library.rnnoise_create(None)
    address, step, frames = buffer.ctypes.data, FRAME * buffer.itemsize, buffer.size // FRAME
    try:
        for frame in range(frames):
            if frame % _CHECK_EVERY == 0:
                cancel.check()
                report(frame / frames)
            at = address + frame * step
            library.rnnoise_process_frame(state, at, at)
    finally:
        library.rnnoise_destroy(state)
    report(1.0)
