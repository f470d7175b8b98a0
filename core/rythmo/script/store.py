"""Reading and writing `script.json`, the lossless form of a script.

Written by write-fsync-rename, so that it is either the old or the new one whatever happens; read with a
schema version, older versions being brought up by `_UPGRADES`. A newer version is refused, not guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any, TypeVar

import msgspec

from rythmo.errors import ScriptError
from rythmo.files import write_atomically
from rythmo.script.model import Script

T = TypeVar("T")

VERSION = 2
"""Version of the schema that this program writes."""


def _with_clip_edits(document: dict[str, Any]) -> dict[str, Any]:
    """Version 2 added what an editor did to a line's clip; a line without it was left alone."""
    return {**document, "version": 2}


_UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _with_clip_edits}
"""From version N to N + 1."""


class _File(msgspec.Struct):
    version: int
    script: Script


def to_builtin(value: Any) -> Any:
    """msgspec hook: a Fraction is written as "24000/1001", a path with slashes."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, PurePath):
        return value.as_posix()
    raise TypeError(f"cannot store a {type(value).__name__}")


def from_builtin(kind: type, value: Any) -> Any:
    """msgspec hook: the way back of `to_builtin`."""
    if kind is Fraction:
        return Fraction(value)
    raise TypeError(f"cannot load a {kind.__name__}")


def encode(value: Any, *, indent: int = 0) -> bytes:
    """Any of our frozen values as JSON with stable key order."""
    raw = msgspec.json.encode(value, enc_hook=to_builtin, order="deterministic")
    return msgspec.json.format(raw, indent=indent) if indent else raw


def decode(data: bytes, kind: type[T]) -> T:
    """The way back. Raises msgspec.MsgspecError when the data does not fit the type."""
    return msgspec.json.decode(data, type=kind, dec_hook=from_builtin)


def save(script: Script, path: Path) -> None:
    """Write the script; on a failure the file that was there stays as it was."""
    document = {"version": VERSION, "script": script}
    write_atomically(path, encode(document, indent=1) + b"\n")


def load(path: Path) -> Script:
    """Read a script. Raises ScriptError when it is missing, damaged, or of a newer Rythmo."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ScriptError(
            f"{path.parent} is not a Rythmo project: it has no {path.name}.",
            hint="Name the folder that `rythmo dub` made; it ends in .rythmo.",
        ) from error
    return loads(data, path)


def loads(data: bytes, path: Path) -> Script:
    """`load` on bytes that were read already; `path` is for the messages."""
    try:
        version = msgspec.json.decode(data, type=_Version).version
        if version > VERSION:
            raise ScriptError(
                f"{path} was written by a newer Rythmo (script version {version}).", hint="Update Rythmo."
            )
        return decode(_upgraded(data, version), _File).script
    except msgspec.MsgspecError as error:
        raise ScriptError(f"{path} is damaged: {error}.", hint="Put back a copy, or dub again.") from error


class _Version(msgspec.Struct):
    version: int


def _upgraded(data: bytes, version: int) -> bytes:
    if version == VERSION:
        return data
    document = msgspec.json.decode(data)
    for step in range(version, VERSION):
        if step not in _UPGRADES:
            raise ScriptError(f"Script version {version} is not known.", hint="Dub again.")
        document = _UPGRADES[step](document)
    return msgspec.json.encode(document)
