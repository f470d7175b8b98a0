"""Pickle values for another process, whose folders lie elsewhere.

Paths below a known folder travel as the folder's name and the rest, and arrive as paths below the folder that
has this name over there.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from rythmo.errors import EngineFailedError

Roots = Mapping[str, Path]
"""Folders by name, the same names on both sides."""


class _Packer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, roots: Roots) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._roots = roots

    def persistent_id(self, obj: Any) -> tuple[str, str] | None:
        if isinstance(obj, PurePath):
            for name, root in self._roots.items():
                if obj.is_relative_to(root):
                    return name, obj.relative_to(root).as_posix()
        return None


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, roots: Roots) -> None:
        super().__init__(file)
        self._roots = roots

    def persistent_load(self, pid: Any) -> Path:
        name, rest = pid
        return self._roots[name].joinpath(*PurePath(rest).parts)


def pack(value: Any, roots: Roots) -> bytes:
    """Pickle a value. Raises EngineFailedError for one that cannot leave this process."""
    file = io.BytesIO()
    try:
        _Packer(file, roots).dump(value)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise EngineFailedError(
            f"This work cannot be done in another process: {error}.",
            hint="Use --executor local, or an engine that is installed as a package.",
        ) from error
    return file.getvalue()


def unpack(data: bytes, roots: Roots) -> Any:
    """Return the value that `pack` was given. The data comes from this job's own processes only."""
    return _Unpacker(io.BytesIO(data), roots).load()
