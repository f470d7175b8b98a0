"""Encode and decode lines: one step a line, a verb and tab-separated fields (docs/host-protocol.md)."""

import re
from typing import Any, List, Sequence

MEANT = {"t": "\t", "n": "\n", "r": "\r"}


Line = List[Any]
"""A verb and its fields."""


class TroubleError(Exception):
    """An error whose message the user should read."""


def escape(text: Any) -> str:
    """Escape a field."""
    written = str(text).replace("\\", "\\\\").replace("\t", "\\t")
    return written.replace("\n", "\\n").replace("\r", "\\r")


def unescape(field: str) -> str:
    """Undo `escape`."""
    return str(re.sub(r"\\(.)", lambda found: MEANT.get(found[1], found[1]), field))


def encode(lines: Sequence[Line]) -> bytes:
    """Encode lines of values as bytes."""
    text = "".join("\t".join(escape(field) for field in line) + "\n" for line in lines)
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> List[Line]:
    """Decode bytes to lists of fields."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [[unescape(field) for field in line.split("\t")] for line in lines if line]
