"""Tell whether a WAVE file of ours is whole, without the media packages: the cache asks of every one.

What was cut short by a full disk or damaged in its header counts as absent there, and is made again.
"""

from __future__ import annotations

import struct
from pathlib import Path

_HEAD = 64 << 10
_MOST_RATE = 768_000
_MOST_CHANNELS = 64
_IN_DS64 = 0xFFFF_FFFF


def is_whole_wave(path: Path) -> bool:
    """Say whether the header is that of sound, and all the samples it claims are there."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _is_whole(file.read(_HEAD), size)
    except (OSError, struct.error):
        return False


def _is_whole(head: bytes, size: int) -> bool:
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        return False
    at, in_ds64, is_sound = 12, 0, False
    while at + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        if name == b"ds64":
            in_ds64 = struct.unpack_from("<Q", head, at + 16)[0]
        elif name == b"fmt ":
            _, channels, rate, _, block, _ = struct.unpack_from("<HHIIHH", head, at + 8)
            is_sound = 0 < channels <= _MOST_CHANNELS and 0 < rate <= _MOST_RATE and block > 0
        elif name == b"data":
            claimed = in_ds64 if length == _IN_DS64 else length
            return is_sound and at + 8 + claimed <= size
        at += 8 + length + length % 2
    return False
