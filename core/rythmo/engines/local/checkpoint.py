"""A reader of tensors in a PyTorch checkpoint, without PyTorch and without running code from the file.

A checkpoint is a pickle, and a pickle is a program. The unpickler here knows the three names that a file of
float tensors needs and refuses all others, so that a malicious file can only fail. It reads the format that
PyTorch wrote before version 1.6: five pickles (magic, protocol, machine, object, storage keys), then for each
key an int64 count and the raw values.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Never

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import EngineFailedError

Tensor = NDArray[np.float32]

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_FLOAT = "torch.FloatStorage"


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor as the pickle describes it, before the values are read."""

    key: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(path: Path, entry: str) -> dict[str, Tensor]:
    """Return the tensors of the state dictionary `entry`, by name.

    Raises EngineFailedError when the file is not such a checkpoint, or contains anything but float tensors.
    """
    try:
        with path.open("rb") as file:
            return _read(file, entry)
    except (
        pickle.UnpicklingError,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
    ) as error:
        raise EngineFailedError(
            f"{path.name} is not a checkpoint of plain tensors: {error}.", hint="Install its package again."
        ) from error


def _read(file: IO[bytes], entry: str) -> dict[str, Tensor]:
    magic, protocol, machine = (_Unpickler(file).load() for _ in range(3))
    if magic != _MAGIC or protocol != _PROTOCOL or not machine["little_endian"]:
        raise ValueError("unknown layout")
    views = _Unpickler(file).load()[entry]
    keys = _Unpickler(file).load()
    values = {key: _storage(file) for key in keys}
    return {name: _tensor(values[view.key], view) for name, view in views.items()}


def _storage(file: IO[bytes]) -> Tensor:
    count = int.from_bytes(file.read(8), "little")
    data = file.read(4 * count)
    if len(data) != 4 * count:
        raise EOFError("it is cut off")
    return np.frombuffer(data, "<f4").astype(np.float32)


def _tensor(values: Tensor, view: _View) -> Tensor:
    contiguous = np.cumprod((1, *view.shape[:0:-1]))[::-1] if view.shape else ()
    if tuple(contiguous) != view.strides:
        raise ValueError("a tensor is not contiguous")
    size = int(np.prod(view.shape))
    return values[view.offset : view.offset + size].reshape(view.shape)


class _Unpickler(pickle.Unpickler):
    """An unpickler that knows only OrderedDict, the rebuilding of a tensor, and the float storage."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        known: dict[str, Any] = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _view,
            _FLOAT: _FLOAT,
        }
        name = f"{module_name}.{global_name}"
        return known[name] if name in known else _refuse(name)

    def persistent_load(self, pid: Any) -> str:
        kind, storage, key, _device, _count, parent = pid
        if kind != "storage" or storage != _FLOAT or parent is not None:
            _refuse(str(storage))
        return str(key)


def _view(key: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object) -> _View:
    return _View(key, offset, tuple(shape), tuple(strides))


def _refuse(name: str) -> Never:
    raise pickle.UnpicklingError(f"it asks for {name}")
