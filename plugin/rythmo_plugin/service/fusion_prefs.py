"""Read what a script inside Resolve says through Fusion's preferences, and write what it loads.

Since Resolve 21.1 the free edition's scripts can neither open files nor call programs. What is left to them:
`fusion:SetPrefs` and `fusion:SavePrefs`, which write `Fusion.prefs`, and `loadfile`. A message in the file is

    RythmoSays = "RUN:LOOP:NUMBER:PART:PARTS:CHECKSUM:BASE64"

RUN names the run of the service that is spoken to, LOOP the run of the script, and NUMBER counts its
requests. Large requests come in several parts. The checksum (Adler-32) tells a message that is not yet whole
on disk.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MESSAGE = re.compile(
    rb'(?<!\w)RythmoSays\s*=\s*"(\w+):(\w+):(\d{1,9}):(\d{1,6}):(\d{1,6}):(\d{1,10}):([A-Za-z0-9+/=]*)"'
)
_QUOTED = frozenset(b'"\\')
Value = str | int | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MessagePart:
    """One part of a script's request. `number` and `part` count from 1."""

    run: str
    loop: str
    number: int
    part: int
    parts: int
    data: bytes


def find_profiles() -> Path:
    """Return the folder of Fusion's profiles, each of which has a `Fusion.prefs`.

    The places were seen by others: tmoroney/auto-subs, `resolve_bridge.rs`.
    """
    vendor = Path("Blackmagic Design", "DaVinci Resolve")
    if sys.platform == "win32":
        roaming = os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming"
        return Path(roaming) / vendor / "Support" / "Fusion" / "Profiles"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / vendor / "Fusion" / "Profiles"
    return Path.home() / ".local" / "share" / "DaVinciResolve" / "Fusion" / "Profiles"


def find_prefs_files(profiles: Path) -> list[Path]:
    """Return the preferences of each profile."""
    return sorted(profiles.glob("*/Fusion.prefs"))


def read_message_parts(text: bytes) -> list[MessagePart]:
    """Return the messages that stand whole in the text of a preferences file."""
    found = (_read_part(match) for match in _MESSAGE.finditer(text))
    return [each for each in found if each is not None]


def _read_part(match: re.Match[bytes]) -> MessagePart | None:
    run, loop, number, part, parts, checksum, encoded = match.groups()
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    if zlib.adler32(data) != int(checksum):
        return None
    return MessagePart(run.decode(), loop.decode(), int(number), int(part), int(parts), data)


def write_lua_table(values: Mapping[str, Value]) -> bytes:
    """Return a Lua chunk that returns a table of strings, numbers and tables of strings. It is pure ASCII."""
    return b"return " + _write_value(values) + b"\n"


def _write_value(value: str | int | Mapping[str, Value] | Mapping[str, str]) -> bytes:
    if isinstance(value, Mapping):
        pairs = (
            b"[" + quote_for_lua(key.encode()) + b"]=" + _write_value(each) for key, each in value.items()
        )
        return b"{" + b",".join(pairs) + b"}"
    if isinstance(value, int):
        return str(value).encode()
    return quote_for_lua(value.encode("utf-8", "surrogateescape"))


def quote_for_lua(data: bytes) -> bytes:
    """Return bytes as a Lua string in ASCII, whatever their encoding.

    The second byte of a character may be a backslash in some code pages of Windows, so nothing but the byte's
    own value decides.
    """
    return b'"' + b"".join(map(_quote_byte, data)) + b'"'


def _quote_byte(byte: int) -> bytes:
    if byte in _QUOTED:
        return b"\\" + bytes([byte])
    return bytes([byte]) if 32 <= byte < 127 else b"\\%03d" % byte
