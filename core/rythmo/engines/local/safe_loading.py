"""Load PyTorch checkpoints without running what is written in them.

A checkpoint is a pickle, and a pickle is a program. PyTorch has an unpickler that knows tensors, plain values
and the classes that it is told of, and refuses everything else. The libraries ask for the other one, so that
PyTorch is told by its environment variable, which goes above what they ask.
"""

from __future__ import annotations

import importlib
import os
import pickle
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rythmo.engines.local.devices import load_torch
from rythmo.errors import EngineRefusedError
from rythmo.files import make_printable

_FORCE = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
TRUSTED = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"
"""PyTorch's own variable. Who sets it loads any checkpoint, at their own risk."""
_YES = ("1", "y", "yes", "true")
_LOCK = threading.RLock()
_SHOWN = 200

NUMPY_VALUES = (
    "numpy:dtype",
    "numpy._core.multiarray:scalar",
    "numpy.dtypes:Float64DType",
    "numpy.dtypes:Float32DType",
    "numpy.dtypes:Int64DType",
)
"""What single numbers of NumPy are pickled with."""
_OLD_NAMES = {"numpy._core.multiarray:scalar": "numpy.core.multiarray.scalar"}
"""The names under which checkpoints of NumPy 1 know them."""


@contextmanager
def load_only_tensors(folder: Path, known: Iterable[str]) -> Iterator[None]:
    """Let checkpoints in this block hold tensors, plain values and the `known` classes, and nothing else.

    `known` are written "module:name"; those that are not installed are left out. Raises EngineRefusedError
    for a checkpoint with anything else in it. Nothing is refused when the user has set the variable TRUSTED.
    """
    if os.environ.get(TRUSTED, "").lower() in _YES:
        yield
        return
    torch = load_torch()
    with _LOCK, torch.serialization.safe_globals(list(_find(known))), _environment():
        try:
            yield
        except pickle.UnpicklingError as error:
            raise _refusal(folder, error) from error


@contextmanager
def _environment() -> Iterator[None]:
    before = os.environ.get(_FORCE)
    os.environ[_FORCE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_FORCE]
        else:
            os.environ[_FORCE] = before


def _find(known: Iterable[str]) -> Iterator[Any]:
    for name in known:
        module, _, attribute = name.partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError):
            continue
        yield found
        if name in _OLD_NAMES:
            yield found, _OLD_NAMES[name]


def _refusal(folder: Path, error: pickle.UnpicklingError) -> EngineRefusedError:
    # PyTorch's message is a page on how to switch the check off; the one line that counts names the class.
    lines = [line.strip() for line in str(error).splitlines()] or [""]
    named = next((line for line in lines if "GLOBAL" in line or "Unsupported" in line), lines[0])
    return EngineRefusedError(
        f"The model in {make_printable(folder)} holds more than numbers, and was not loaded: "
        f"{make_printable(named[:_SHOWN])}",
        hint=f"Get it again from its makers. To load it all the same, as a program, set {TRUSTED}=1.",
    )
