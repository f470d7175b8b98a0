"""Stored data with a checksum at its end, so that a flipped digit is not taken for a measurement.

A damaged number in a JSON file is a number still. What carries its checksum is made again instead.
"""

from __future__ import annotations

import re
import zlib

import msgspec

_SEAL = re.compile(rb"\n#([0-9a-f]{8})\n\Z")


def seal(data: bytes) -> bytes:
    """Return the data with its checksum in a last line."""
    return data + b"\n#%08x\n" % zlib.crc32(data)


def unseal(data: bytes) -> bytes:
    """Return the data without its checksum. Data without one is from an older version, and returned as it is.

    Raises msgspec.DecodeError when the checksum is that of other data.
    """
    found = _SEAL.search(data)
    if found is None:
        return data
    inner = data[: found.start()]
    if zlib.crc32(inner) != int(found[1], 16):
        raise msgspec.DecodeError("its checksum is that of other data")
    return inner
