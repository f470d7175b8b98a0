"""A reader of tensors in a PyTorch checkpoint, without PyTorch and without running code from the file.

A checkpoint is a pickle, and a pickle is a program. The unpickler here knows the three names that a file of
float tensors needs and refuses all others, so that a malicious file can only fail. It reads both formats of
PyTorch. Before version 1.6 that is five pickles (magic, protocol, machine, object, storage keys), then for
each key an int64 count and the raw values. Since then it is a zip archive with the object's pickle in
`data.pkl` and the raw values in `data/KEY`. Counts of whole numbers beside the weights are left out.
"""

from __future__ import annotations

import pickle
import zipfile
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
_FLOAT, _WHOLE = "torch.FloatStorage", "torch.LongStorage"


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor as the pickle describes it, before the values are read."""

    kind: str
    key: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(path: Path, entry: str) -> dict[str, Tensor]:
    """Return the tensors of the state dictionary `entry`, by name; "" if the whole object is one.

    Raises EngineFailedError when the file is not such a checkpoint, or contains anything but float tensors.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return _read_zip(archive, entry)
        with path.open("rb") as file:
            return _read(file, entry)
    except (
        zipfile.BadZipFile,
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
    unpickler = _Unpickler(file)
    views = _views(unpickler.load(), entry)
    keys = _Unpickler(file).load()
    values = {key: _storage(file, unpickler.storages.get(key, _FLOAT)) for key in keys}
    return {name: _tensor(values[view.key], view) for name, view in views.items()}


def _read_zip(archive: zipfile.ZipFile, entry: str) -> dict[str, Tensor]:
    (pickled,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
    root = pickled.removesuffix("data.pkl")
    with archive.open(pickled) as file:
        views = _views(_Unpickler(file).load(), entry)
    keys = {view.key for view in views.values()}
    values = {key: np.frombuffer(archive.read(f"{root}data/{key}"), "<f4").astype(np.float32) for key in keys}
    return {name: _tensor(values[view.key], view) for name, view in views.items()}


def _views(found: Any, entry: str) -> dict[str, _View]:
    """Return the descriptions of float tensors."""
    state = found[entry] if entry else found
    return {name: view for name, view in state.items() if view.kind == _FLOAT}


def _storage(file: IO[bytes], kind: str) -> Tensor:
    count = int.from_bytes(file.read(8), "little")
    size = count * (4 if kind == _FLOAT else 8)
    data = file.read(size)
    if len(data) != size:
        raise EOFError("it is cut off")
    return np.frombuffer(data, "<f4" if kind == _FLOAT else "<i8").astype(np.float32)


def _tensor(values: Tensor, view: _View) -> Tensor:
    contiguous = np.cumprod((1, *view.shape[:0:-1]))[::-1] if view.shape else ()
    if tuple(contiguous) != view.strides:
        raise ValueError("a tensor is not contiguous")
    size = int(np.prod(view.shape))
    return values[view.offset : view.offset + size].reshape(view.shape)


class _Unpickler(pickle.Unpickler):
    """An unpickler that knows only OrderedDict, the rebuilding of a tensor, and two storages."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.storages: dict[str, str] = {}
        """The kind of each storage that was named, by its key."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        known: dict[str, Any] = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _view,
            _FLOAT: _FLOAT,
            _WHOLE: _WHOLE,
        }
        name = f"{module_name}.{global_name}"
        return known[name] if name in known else _refuse(name)

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        # The old format has a sixth part, which is set for a storage within another one.
        kind, storage, key, _device, _count, *parent = pid
        if kind != "storage" or storage not in {_FLOAT, _WHOLE} or any(part is not None for part in parent):
            _refuse(str(storage))
        self.storages[str(key)] = storage
        return storage, str(key)


def _view(
    storage: tuple[str, str], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _View:
    return _View(*storage, offset, tuple(shape), tuple(strides))


def _refuse(name: str) -> Never:
    raise pickle.UnpicklingError(f"it asks for {name}")
