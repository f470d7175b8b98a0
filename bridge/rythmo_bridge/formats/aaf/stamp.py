"""Copies AAF objects with other values in them, working on their stored bytes.

Building an object with pyaaf2 takes milliseconds, and a film has tens of thousands. So one line is built that
way, and this module stamps the others from its storages. The layout of the bytes is that of the AAF Stored
Format Specification: a `properties` stream (property id, storage form, size; then the values) in every
object, and an index stream for every vector and set.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from rythmo_bridge.formats.aaf.compound_writer import Storage, Stream

Patches = Mapping[str, Mapping[int, bytes]]
"""Path of an object inside the stamped one ("" for itself) -> property id -> new value."""

_PROPERTIES = "properties"
_NO_KEY = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Stamp:
    """An object to copy: its properties taken apart, its other streams, and the objects inside it."""

    class_id: bytes
    values: tuple[tuple[int, int, bytes], ...]
    streams: tuple[Stream, ...]
    inside: tuple[tuple[str, Stamp], ...]

    def press(self, name: str, patches: Patches, path: str = "") -> Storage:
        """Return a copy under another name."""
        made = Storage(name, self.class_id)
        changed = patches.get(path, {})
        stream = Stream(_PROPERTIES)
        stream.append(_pack([(pid, form, changed.get(pid, value)) for pid, form, value in self.values]))
        made.children[_PROPERTIES] = stream
        for shared in self.streams:
            made.children[shared.name] = shared
        for child, stamp in self.inside:
            made.children[child] = stamp.press(child, patches, f"{path}/{child}" if path else child)
        return made


def cut_stamp(node: Storage) -> Stamp:
    """Make a stamp of a stored object."""
    values: tuple[tuple[int, int, bytes], ...] = ()
    streams, inside = [], []
    for child in node.children.values():
        if isinstance(child, Storage):
            inside.append((child.name, cut_stamp(child)))
        elif child.name == _PROPERTIES:
            values = tuple(_unpack(child.content()))
        else:
            streams.append(child)
    return Stamp(node.class_id, values, tuple(streams), tuple(inside))


def _unpack(data: bytes) -> list[tuple[int, int, bytes]]:
    (count,) = struct.unpack_from("<H", data, 2)
    at = 4 + 6 * count
    values = []
    for number in range(count):
        pid, form, size = struct.unpack_from("<HHH", data, 4 + 6 * number)
        values.append((pid, form, data[at : at + size]))
        at += size
    return values


def _pack(values: list[tuple[int, int, bytes]]) -> bytes:
    heads = [struct.pack("<HHH", pid, form, len(value)) for pid, form, value in values]
    return b"".join(
        [struct.pack("<BBH", 0x4C, 0x20, len(values)), *heads, *(value for _, _, value in values)]
    )


def grow_vector(owner: Storage, name: str, made: list[Storage]) -> None:
    """Append objects to the vector `name` of a stored object; they are renamed to fit."""
    index = owner.children[f"{name} index"]
    assert isinstance(index, Stream)
    count, free, last = struct.unpack_from("<III", index.content())
    keys = list(struct.unpack_from(f"<{count}I", index.content(), 12))
    for key, node in enumerate(made, start=free):
        _adopt(owner, node, f"{name}{{{key:x}}}")
        keys.append(key)
    index.replace(struct.pack(f"<III{len(keys)}I", len(keys), free + len(made), last, *keys))


def grow_set(owner: Storage, name: str, made: list[tuple[bytes, Storage]]) -> None:
    """Add objects to the set `name` of a stored object, each under its unique key."""
    index = owner.children[f"{name} index"]
    assert isinstance(index, Stream)
    before = index.content()
    count, free, last, pid, size = struct.unpack_from("<IIIHB", before)
    assert last == _NO_KEY
    entries = [before[15:]]
    for key, (unique, node) in enumerate(made, start=free):
        _adopt(owner, node, f"{name}{{{key:x}}}")
        entries.append(struct.pack("<II", key, 1) + unique)
    head = struct.pack("<IIIHB", count + len(made), free + len(made), last, pid, size)
    index.replace(head + b"".join(entries))


def _adopt(owner: Storage, node: Storage, name: str) -> None:
    node.name = name
    owner.children[name] = node


def text_value(value: str) -> bytes:
    """Return the bytes of a string property."""
    return value.encode("utf-16-le", "surrogatepass") + b"\0\0"


def length_value(value: int) -> bytes:
    """Return the bytes of a length or position."""
    return struct.pack("<q", value)
