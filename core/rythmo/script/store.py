"""Reading and writing `script.json`, the lossless form of a script.

Written by write-fsync-rename, so that it is either the old or the new one whatever happens; read with a
schema version, older versions being brought up by `_UPGRADES`. A newer version is refused, not guessed at.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any, TypeVar

import msgspec

from rythmo.errors import ScriptError
from rythmo.files import make_printable, write_atomically
from rythmo.garbage_collection import pause_collection
from rythmo.script.checks import find_fault
from rythmo.script.model import Line, Script

T = TypeVar("T")

VERSION = 5
"""Version of the schema that this program writes."""

_FOREIGN = "Put back a copy. If somebody sent you this project, ask them what they changed."


def _add_clip_edits(document: dict[str, Any]) -> dict[str, Any]:
    """Version 2 added what an editor did to a line's clip; a line without it was left alone."""
    return {**document, "version": 2}


def _add_languages(document: dict[str, Any]) -> dict[str, Any]:
    """Version 3 added the language of lines and words; those without one are in the programme's."""
    return {**document, "version": 3}


def _add_desk(document: dict[str, Any]) -> dict[str, Any]:
    """Version 4 added locks, marks on lines that a person split, joined or added, review states and comments;
    an older line has none of them."""
    return {**document, "version": 4}


def _add_human_takes(document: dict[str, Any]) -> dict[str, Any]:
    """Version 5 added takes that people spoke, and how they are laid; older takes are all of engines."""
    return {**document, "version": 5}


_UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _add_clip_edits,
    2: _add_languages,
    3: _add_desk,
    4: _add_human_takes,
}
"""From version N to N + 1."""


_FRACTION = re.compile(r"-?[0-9]{1,18}(/(?!0+\Z)[0-9]{1,18})?\Z")


class _Sealed(msgspec.Struct):
    script: msgspec.Raw
    crc32: str = ""


class _File(msgspec.Struct):
    version: int
    script: Script


_BEFORE_SCRIPT, _AFTER_SCRIPT = b'{\n "script": ', b',\n "version": '


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
        return _parse_fraction(value)
    raise TypeError(f"cannot load a {kind.__name__}")


def _parse_fraction(value: Any) -> Fraction:
    # Nothing else than we write: "1e999999999" alone would take minutes.
    if not isinstance(value, str) or not _FRACTION.match(value):
        raise ValueError(f"{str(value)[:40]!r} is not a fraction")
    return Fraction(value)


def encode_json(value: Any, *, indent: int = 0) -> bytes:
    """Encode any of our frozen values as JSON with a stable order of keys."""
    raw = msgspec.json.encode(value, enc_hook=to_builtin, order="deterministic")
    return msgspec.json.format(raw, indent=indent) if indent else raw


def decode_json(data: bytes, kind: type[T]) -> T:
    """Decode what `encode_json` wrote. Raises msgspec.MsgspecError when the data does not fit the type."""
    try:
        with pause_collection():
            return msgspec.json.decode(data, type=kind, dec_hook=from_builtin)
    except (UnicodeDecodeError, RecursionError) as error:
        # Neither is among msgspec's own errors; both come of a damaged or a hostile file.
        raise msgspec.DecodeError(f"it is not text that can be read ({type(error).__name__})") from error


class WrittenLines:
    """The lines of the script that was last written, checked and encoded.

    A script is saved at every edit of one line; with 2000 lines, checking and encoding all of them anew took
    100 ms. Lines are values, so that the same object is the same line.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Line, bytes]] = {}

    def find_known(self, script: Script) -> frozenset[int]:
        """Return the identities of the script's lines that were among those last written."""
        return frozenset(id(line) for line in script.lines if id(line) in self._known)

    def encode(self, script: Script) -> bytes:
        """Return what `dumps` returns, and remember the script's lines."""
        known = {id(line): self._known.get(id(line)) or (line, _encode_line(line)) for line in script.lines}
        self._known = known
        return _encode(script, [known[id(line)][1] for line in script.lines])


def save_script(script: Script, path: Path, written: WrittenLines | None = None) -> None:
    """Write the script; on a failure the file that was there stays as it was.

    `written` holds what was last written there, and then this. Raises ScriptError for what `load_script`
    would refuse, so that no project is shut by its own edit.
    """
    written = written or WrittenLines()
    if fault := find_fault(script, written.find_known(script)):
        raise ScriptError(f"This cannot be saved: {make_printable(fault)}.", hint="Nothing was changed.")
    write_atomically(path, written.encode(script))


def dumps(script: Script) -> bytes:
    """Return a script as the content of its file, with a checksum of what stands in `script`."""
    return WrittenLines().encode(script)


def _encode_line(line: Line) -> bytes:
    # Three levels down: in the list of the lines of the script of the file.
    return encode_json(line, indent=1).replace(b"\n", b"\n   ")


def _encode(script: Script, lines: Sequence[bytes]) -> bytes:
    data = encode_json({"version": VERSION, "script": replace(script, lines=())}, indent=1) + b"\n"
    if lines:
        whole = b'\n  "lines": [\n   ' + b",\n   ".join(lines) + b"\n  ]"
        data = data.replace(b'\n  "lines": []', whole, 1)
    # What `_Sealed` reads as the script, without reading through megabytes for it.
    start, end = data.index(_BEFORE_SCRIPT) + len(_BEFORE_SCRIPT), data.rindex(_AFTER_SCRIPT)
    crc = zlib.crc32(memoryview(data)[start:end])
    return data.replace(b"{\n", b'{\n "crc32": "%08x",\n' % crc, 1)


def is_as_written(path: Path) -> bool:
    """Tell whether the file is as Rythmo wrote it. A file without a checksum, of an older version, counts so;
    one that cannot be read does not."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Sealed)
    except (OSError, UnicodeDecodeError, RecursionError, msgspec.MsgspecError):
        return False
    return not found.crc32 or found.crc32 == f"{zlib.crc32(found.script):08x}"


def load_script(path: Path) -> Script:
    """Read a script. Raises ScriptError when it is missing, damaged, or of a newer Rythmo."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ScriptError(
            f"{make_printable(path.parent)} is not a Rythmo project: it has no {path.name}.",
            hint="Name the folder that `rythmo dub` made; it ends in .rythmo.",
        ) from error
    except OSError as error:
        raise ScriptError(
            f"{make_printable(path)} cannot be read: {error.strerror or error}.",
            hint="Check the disk and the file.",
        ) from error
    return parse_script(data, path)


def parse_script(data: bytes, path: Path) -> Script:
    """`load_script` on bytes that were read already; `path` is for the messages."""
    try:
        version = decode_json(data, _Version).version
        if version > VERSION:
            raise ScriptError(
                f"{path} was written by a newer Rythmo (script version {version}).", hint="Update Rythmo."
            )
        script = decode_json(_upgrade_document(data, version), _File).script
    except msgspec.MsgspecError as error:
        raise ScriptError(f"{path} is damaged: {error}.", hint="Put back a copy, or dub again.") from error
    if fault := find_fault(script):
        raise ScriptError(f"{make_printable(path)} cannot be used: {make_printable(fault)}.", hint=_FOREIGN)
    return script


class ScriptHead(msgspec.Struct, frozen=True):
    """What is read of a script without its lines: its language, and the revision of its original."""

    target_language: str
    original: int = 0


class _Head(msgspec.Struct):
    script: ScriptHead


def read_head(path: Path) -> ScriptHead:
    """Read the head of a script. Raises ScriptError when it is damaged, OSError when it cannot be read."""
    try:
        return decode_json(path.read_bytes(), _Head).script
    except msgspec.MsgspecError as error:
        raise ScriptError(f"{make_printable(path)} is damaged: {error}.", hint="Put back a copy.") from error


class _Version(msgspec.Struct):
    version: int


def _upgrade_document(data: bytes, version: int) -> bytes:
    if version == VERSION:
        return data
    document = msgspec.json.decode(data)
    for step in range(version, VERSION):
        if step not in _UPGRADES:
            raise ScriptError(f"Script version {version} is not known.", hint="Dub again.")
        document = _UPGRADES[step](document)
    return msgspec.json.encode(document)
