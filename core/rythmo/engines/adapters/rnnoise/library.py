"""RNNoise itself: the shared library out of the wheel of `pyrnnoise`, called through ctypes.

The package's own modules import a player, a plotter and a command line; the library alone is
12 MB and has five functions, so it is opened here. Its model is compiled into it.

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
from rythmo.progress import NEVER, CancelToken, Fraction01, silent

RATE = 48_000
FRAME = 480
DELAY = 960
"""Samples by which the output is late: one frame of look-ahead and one of overlap. (The peak of a
cross-correlation reads 959, because the input's high-pass filter leads by part of a sample.)"""

_FULL_SCALE = 32768.0
_HEARD_WELL = 0.07
_MOST_GAIN = 30.0
_WARM_UP = 2 * RATE
_CHECK_EVERY = 100
_NAMES = {"darwin": "librnnoise.dylib", "win32": "rnnoise.dll"}
INSTALL = get_command("embedded")


def library_path() -> Path | None:
    """Where the shared library is: in the models folder, or in the wheel; None when it is not here."""
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
            f"RNNoise cannot be loaded: {error}", hint=f"Try: rythmo models remove rnnoise && {INSTALL}"
        ) from error
    library.rnnoise_create.argtypes = [ctypes.c_void_p]
    library.rnnoise_create.restype = ctypes.c_void_p
    library.rnnoise_destroy.argtypes = [ctypes.c_void_p]
    library.rnnoise_destroy.restype = None
    library.rnnoise_process_frame.argtypes = [ctypes.c_void_p] * 3
    library.rnnoise_process_frame.restype = ctypes.c_float
    return library


def denoise(
    sound: NDArray[np.float32], *, report: Fraction01 = silent, cancel: CancelToken = NEVER
) -> NDArray[np.float32]:
    """What RNNoise takes for speech in mono `sound` of shape (samples,) at 48 kHz: same length, same timing.

    The network hears the first two seconds twice, so that its memory is warm when they count.
    (Forwards: sound played backwards taught it to take the speech that followed for noise, 36 dB
    down in the worst trial.) Nothing is kept between calls.
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
    """Brings the loudest second of quiet recordings to -23 dBFS: far-off speech at -70 dBFS came out 3 to
    20 dB stronger for it. Louder sound is left as it is."""
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
