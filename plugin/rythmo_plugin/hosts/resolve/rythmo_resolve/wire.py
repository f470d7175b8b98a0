"""The line form: a verb and fields, parted by tabs, one step a line (docs/host-protocol.md)."""

import re
from typing import Any, List, Sequence

MEANT = {"t": "\t", "n": "\n", "r": "\r"}


Line = List[Any]
"""A verb and its fields."""


class TroubleError(Exception):
    """Something that the person should read."""


def escape(text: Any) -> str:
    """A field as it is written."""
    written = str(text).replace("\\", "\\\\").replace("\t", "\\t")
    return written.replace("\n", "\\n").replace("\r", "\\r")


def unescape(field: str) -> str:
    """A field as it is meant."""
    return str(re.sub(r"\\(.)", lambda found: MEANT.get(found[1], found[1]), field))


def encode(lines: Sequence[Line]) -> bytes:
    """Lines of values as bytes."""
    text = "".join("\t".join(escape(field) for field in line) + "\n" for line in lines)
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> List[Line]:
    """Bytes as lists of fields."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [[unescape(field) for field in line.split("\t")] for line in lines if line]
