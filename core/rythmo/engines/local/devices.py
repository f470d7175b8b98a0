"""The devices that models run on, and the models loaded on them.

A model is loaded once per process and freed when another model needs its memory:

with MODELS.use(("whisper", path, device), lambda: load(path), needs=3_000_000_000, device=device) as model:
    in_batches(8, lambda batch: model.run(sound, batch))
"""

from __future__ import annotations

import gc
import sys
import threading
import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from rythmo.errors import EngineFailedError, RythmoError
from rythmo.progress import Fraction01

T = TypeVar("T")
AUTO = "auto"
DEVICES = ("cuda", "mps", "cpu")
_LONGEST = 300
_OUT_OF_MEMORY = (
    "out of memory",  # CUDA, MPS and CTranslate2, each in its own exception
    "cublas_status_alloc_failed",
    "can't allocate memory",  # torch on the CPU
    "not enough memory",
)


def pick_device(wanted: str = AUTO) -> str:
    """Return the torch device for "auto", "cuda", "cuda:1", "mps" or "cpu".

    Raises EngineFailedError when this machine doesn't have the device.
    """
    import torch

    base = wanted.split(":", 1)[0]
    if base != AUTO and base not in DEVICES:
        raise EngineFailedError(f"There is no device {wanted!r}.", hint="Use auto, cuda, mps or cpu.")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if base == AUTO:
        return next(device for device in DEVICES if there[device])
    if not there[base]:
        raise EngineFailedError(
            f"This machine (or its torch {torch.__version__}) has no {base}.",
            hint="Set `device` to auto or cpu.",
        )
    return wanted


def load_torch() -> Any:
    """Import torch in such a way that torchaudio can be imported beside a CPU build.

    The wheel of torchaudio 2.11 links CUDA, and importing it beside a CPU build of torch raises OSError. Its
    resampling and features are pure torch and do not need the compiled extension, which is left out there.
    """
    import torch

    if torch.version.cuda is None and "torchaudio" not in sys.modules and sys.platform == "linux":
        extension = ModuleType("torchaudio._extension")
        extension.__dict__.update(
            _IS_TORCHAUDIO_EXT_AVAILABLE=False,
            _IS_ALIGN_AVAILABLE=False,
            fail_if_no_align=lambda function: function,
        )
        sys.modules.setdefault("torchaudio._extension", extension)
    return torch


@contextmanager
def mute_library() -> Iterator[None]:
    """Suppress what a library prints and warns of while it loads.

    Its output would break `--json`, and its warnings concern its authors, not the user.
    """
    with warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.simplefilter("ignore")
        yield


def keep_rising(report: Fraction01) -> Fraction01:
    """Return a progress callback that never goes back, even when work is repeated with a smaller batch."""
    highest = 0.0

    def tell(fraction: float) -> None:
        nonlocal highest
        if fraction >= highest:
            highest = fraction
            report(fraction)

    return tell


def describe_error(error: BaseException) -> str:
    """Return an error's message on one line, for use inside a sentence."""
    return " ".join(str(error).split()).rstrip(".")[:_LONGEST] or type(error).__name__


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether a library's error means that memory ran out."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _OUT_OF_MEMORY)


LIBRARY_ERRORS = (RuntimeError, ValueError, LookupError, TypeError, ArithmeticError, OSError, MemoryError)
"""The exceptions that model libraries raise when a model, an input or the library itself is faulty."""


def run_in_batches(batch: int, run: Callable[[int], T], *, free: Callable[[], object] | None = None) -> T:
    """Return `run(batch)`; each time memory runs out, halve the batch and try again.

    `free` makes room before the next attempt. Raises EngineFailedError when a batch of one needs too much
    memory, and for any other error of a library.
    """
    while True:
        try:
            return run(batch)
        except LIBRARY_ERRORS as error:
            if not is_out_of_memory(error):
                raise EngineFailedError(
                    f"The model failed: {describe_error(error)}.",
                    hint="It may be damaged. Download it again, or choose another.",
                ) from error
            if batch <= 1:
                raise EngineFailedError(
                    "There is not enough memory for this model.",
                    hint="Choose a smaller model, or set `device` to cpu.",
                ) from error
        batch //= 2
        (free or empty_caches)()


def empty_caches() -> None:
    """Return freed memory to the device."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is None:
        return
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def free_memory(device: str) -> int | None:
    """Return the free memory of a device in bytes; None when it is not known."""
    if device.startswith("cuda"):
        torch = sys.modules.get("torch")
        return int(torch.cuda.mem_get_info(device)[0]) if torch else None
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    lines = dict(line.split(":", 1) for line in text.splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


def measure_size(folder: Path) -> int:
    """Return the bytes of a file or of all files in a folder: roughly the memory that a model's weights
    take."""
    if folder.is_file():
        return folder.stat().st_size
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@dataclass
class _Loaded:
    model: Any
    device: str
    users: int = 0
    used_at: int = 0


@dataclass
class Models:
    """The loaded models of this process. Each is loaded once; an idle one is freed when memory is needed."""

    free_memory: Callable[[str], int | None] = free_memory
    empty: Callable[[], object] = empty_caches
    _loaded: dict[Hashable, _Loaded] = field(default_factory=dict)
    _turn: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def use(self, key: Hashable, load: Callable[[], T], *, device: str, needs: int = 0) -> Iterator[T]:
        """Provide the model of that key, loading it if necessary. It is not freed while in use.

        `needs` is an estimate of its memory in bytes. To make room, idle models are freed, the longest unused
        first. Raises EngineFailedError when there is still not enough memory.
        """
        with self._lock:
            entry = self._loaded.get(key) or self._load(key, load, device, needs)
            self._turn += 1
            entry.users, entry.used_at = entry.users + 1, self._turn
        try:
            yield entry.model
        finally:
            with self._lock:
                entry.users -= 1

    def free(self, key: Hashable | None = None, device: str | None = None) -> int:
        """Free idle models: the given one, those of a device, or all. Return how many were freed."""
        with self._lock:
            idle = [k for k, one in self._idle(device) if key is None or k == key]
            for one in idle:
                del self._loaded[one]
        if idle:
            self.empty()
        return len(idle)

    def loaded(self) -> tuple[Hashable, ...]:
        """Return the keys of the loaded models."""
        with self._lock:
            return tuple(self._loaded)

    def _idle(self, device: str | None) -> list[tuple[Hashable, _Loaded]]:
        idle = [(k, one) for k, one in self._loaded.items() if not one.users and device in (None, one.device)]
        return sorted(idle, key=lambda pair: pair[1].used_at)

    def _load(self, key: Hashable, load: Callable[[], T], device: str, needs: int) -> _Loaded:
        self._make_room(device, needs)
        try:
            model = _loaded(load, device)
        except _NoRoomError:
            if not self.free(device=device):
                raise
            model = _loaded(load, device)
        self._loaded[key] = _Loaded(model, device)
        return self._loaded[key]

    def _make_room(self, device: str, needs: int) -> None:
        for key, _ in self._idle(device):
            free = self.free_memory(device)
            if free is None or free >= needs:
                return
            self.free(key)


class _NoRoomError(EngineFailedError):
    """There was not enough memory to load a model."""


def _loaded(load: Callable[[], T], device: str) -> T:
    try:
        return load()
    except RythmoError:
        raise
    except Exception as error:
        # Libraries raise all kinds of exceptions when they read a damaged or foreign model file.
        if is_out_of_memory(error):
            raise _NoRoomError(
                f"There is not enough memory on {device} for this model.",
                hint="Choose a smaller model, or set `device` to cpu.",
            ) from error
        raise EngineFailedError(
            f"A model cannot be loaded: {describe_error(error)}.",
            hint="It may be damaged. Download it again, or choose another.",
        ) from error


MODELS = Models()
"""The loaded models of this process."""
