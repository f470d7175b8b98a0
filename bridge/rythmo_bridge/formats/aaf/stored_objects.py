"""Reads the objects of an AAF as they are stored: classes, properties and references, by the standard's
numbers.

pyaaf2 builds a Python object for each property and takes 8 ms for a line of a film; here a property is
decoded on demand (AAF Object Specification v1.1). By the Stored Format Specification, the `properties` stream
of an object holds property id, storage form and size, then the values, and an index stream lists what a
vector or set holds. Numbers are little-endian, as every program writes them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Generic, TypeVar
from uuid import UUID

from rythmo_bridge.formats.aaf.compound_reader import CompoundFile, DamagedError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

# Stored forms of a property, from the AAF low-level container specification.
_STRONG, _VECTOR, _SET = 0x22, 0x32, 0x3A
_WEAK = 0x02
_WEAK_HEAD = 5
_INDIRECT_HEAD = 17
# The letter L, for little-endian.
_LITTLE = 0x4C


def _class(number: int) -> bytes:
    return UUID(f"0d010101-0101-{number:04x}-060e-2b3402060101").bytes_le


_CLASSES = {
    _class(number): name
    for number, name in {
        0x0500: "EssenceGroup",
        0x0800: "CommentMarker",
        0x0900: "Filler",
        0x0A00: "OperationGroup",
        0x0B00: "NestedScope",
        0x0C00: "Pulldown",
        0x0D00: "ScopeReference",
        0x0E00: "Selector",
        0x0F00: "Sequence",
        0x1100: "SourceClip",
        0x1400: "Timecode",
        0x1700: "Transition",
        0x2D00: "FilmDescriptor",
        0x2E00: "TapeDescriptor",
        0x3500: "CompositionMob",
        0x3600: "MasterMob",
        0x3700: "SourceMob",
        0x3900: "EventMobSlot",
        0x3B00: "TimelineMobSlot",
        0x3D00: "ConstantValue",
        0x3E00: "VaryingValue",
        0x4100: "DescriptiveMarker",
        0x4A00: "ImportDescriptor",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Field(Generic[T_co]):
    """A property: its id, and how its bytes are decoded."""

    pid: int
    decode: Callable[[bytes], T_co]


def _signed(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _unsigned(data: bytes) -> int:
    return int.from_bytes(data, "little")


def text_of(data: bytes) -> str:
    """Return the text of a UTF-16 string property."""
    return data[: len(data) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0]


def _stored(name: str) -> bytes:
    """Return a name as the directory stores it."""
    return name.encode("utf-16-le")


def _member(name: bytes, key: int) -> bytes:
    """Return the name of an object in a vector or set; `name` is the property's value, zero-terminated."""
    return name[:-2] + _stored(f"{{{key:x}}}")


def _rational(data: bytes) -> Fraction | None:
    """Return a fraction; None if its denominator is zero."""
    above, below = struct.unpack("<ii", data)
    return Fraction(above, below) if below else None


def _key(data: bytes) -> bytes:
    """Return the target of a weak reference: the id of the object."""
    return data[_WEAK_HEAD:]


# Type definitions of the AAF specification: integers of 1 to 8 bytes, unsigned first.
_INTEGERS = {UUID(f"0101{kind:02x}00-0000-0000-060e-2b3401040101").bytes_le: kind > 4 for kind in range(1, 9)}
_RATIONAL = UUID("03010100-0000-0000-060e-2b3401040101").bytes_le
_STRING = UUID("01100200-0000-0000-060e-2b3401040101").bytes_le


def _any(data: bytes) -> Fraction | int | str | None:
    """Return a value that states its own type; None for types that timelines do not need."""
    kind, value = data[1:_INDIRECT_HEAD], data[_INDIRECT_HEAD:]
    if data[:1] != bytes([_LITTLE]):
        return None
    if kind == _RATIONAL:
        return _rational(value)
    if kind == _STRING:
        return text_of(value)
    return (_signed if _INTEGERS[kind] else _unsigned)(value) if kind in _INTEGERS else None


DATA_KIND, LENGTH = Field(0x0201, _key), Field(0x0202, _signed)
CHOICES, EVENT_AT, EVENT_COMMENT = 0x0501, Field(0x0601, _signed), Field(0x0602, text_of)
OPERATION, INPUTS, PARAMETERS = Field(0x0B01, _key), 0x0B02, 0x0B03
NESTED_SLOTS, PULLED_DOWN, SELECTED, ALTERNATES = 0x0C01, 0x0D01, 0x0F01, 0x0F02
COMPONENTS, SOURCE_MOB, SOURCE_SLOT = 0x1001, Field(0x1101, bytes), Field(0x1102, _unsigned)
START, CUT_POINT = Field(0x1201, _signed), Field(0x1802, _signed)
TIMECODE_START, TIMECODE_DROP = Field(0x1501, _signed), Field(0x1503, _unsigned)
POINT_VALUE, POINT_TIME = Field(0x1A02, _any), Field(0x1A03, _rational)
DEFINITION_NAME = Field(0x1B02, text_of)
LOCATORS, SAMPLE_RATE, URL = 0x2F01, Field(0x3001, _rational), Field(0x4001, text_of)
AUDIO_RATE, CHANNELS = Field(0x3D03, _rational), Field(0x3D07, _unsigned)
MOB_ID, MOB_NAME, SLOTS = Field(0x4401, bytes), Field(0x4402, text_of), 0x4403
COMMENTS, USAGE, DESCRIPTOR = 0x4406, Field(0x4408, bytes), 0x4701
SLOT_ID, SLOT_NAME, SEGMENT = Field(0x4801, _unsigned), Field(0x4802, text_of), 0x4803
EVENT_RATE, EDIT_RATE = Field(0x4901, _rational), Field(0x4B01, _rational)
PARAMETER_ID, CONSTANT, POINTS = Field(0x4C01, bytes), Field(0x4D01, _any), 0x4E02
TAG_NAME, TAG_VALUE = Field(0x5001, text_of), Field(0x5003, _any)
_HEADER, _CONTENT, _DICTIONARY, _MOBS = 0x0002, 0x3B03, 0x3B04, 0x1901
_OPERATIONS, _PARAMETER_DEFINITIONS = 0x2603, 0x2604
_META, _CLASS_DEFINITIONS, _PROPERTY_DEFINITIONS = 0x0001, 0x0003, 0x0009
_META_NAME, _LOCAL_ID = Field(0x0006, text_of), Field(0x000D, _unsigned)


class StoredObject:
    """An object of an open file. `kind` is its class, empty for classes that timelines do not need."""

    __slots__ = ("_children", "_values", "file", "kind")

    def __init__(self, file: ObjectFile, number: int) -> None:
        container = file.container
        self.file = file
        self.kind = _CLASSES.get(container.entry(number).class_id, "")
        self._children = container.children(number)
        self._values = _properties(container.content(self._children.get(_stored("properties"), 0)))

    def get(self, field: Field[T]) -> T | None:
        """Return the value of a property, or None."""
        found = self._values.get(field.pid)
        if found is None:
            return None
        try:
            return field.decode(found[1])
        except struct.error as error:
            raise DamagedError(f"property {field.pid:#x} has {len(found[1])} bytes") from error

    def one(self, pid: int) -> StoredObject | None:
        """Return the object that a property holds, or None."""
        form, data = self._values.get(pid, (0, b""))
        number = self._children.get(data[:-2]) if form == _STRONG else None
        return self.file.load(number) if number is not None else None

    def many(self, pid: int) -> list[StoredObject]:
        """Return the objects that a vector or set holds, in order."""
        form, data = self._values.get(pid, (0, b""))
        if form not in (_VECTOR, _SET):
            return []
        numbers = (self._children.get(_member(data, key)) for key, _ in self.index(pid))
        return [self.file.load(number) for number in numbers if number is not None]

    def index(self, pid: int) -> Iterator[tuple[int, bytes]]:
        """Yield the local key of each object in a vector or set, with its id in a set."""
        form, data = self._values.get(pid, (0, b""))
        at = self._children.get(data[:-2] + _stored(" index"))
        content = self.file.container.content(at) if at is not None else b""
        if len(content) < 12:
            return
        (count,) = struct.unpack_from("<I", content)
        width = content[14] if form == _SET and len(content) > 14 else 0
        first, step = (15, 8 + width) if form == _SET else (12, 4)
        for place in range(first, min(len(content) - step + 1, first + count * step), step):
            (key,) = struct.unpack_from("<I", content, place)
            yield key, content[place + 8 : place + step] if width else b""

    def by_id(self, pid: int) -> dict[bytes, int]:
        """Return the directory entries of what a set holds, by id."""
        name = self._values.get(pid, (0, b""))[1]
        pairs = ((each, self._children.get(_member(name, key))) for key, each in self.index(pid))
        return {each: number for each, number in pairs if number is not None}


def _properties(data: bytes) -> dict[int, tuple[int, bytes]]:
    if len(data) < 4:
        return {}
    if data[0] != _LITTLE:
        raise DamagedError("its numbers are big-endian")
    (count,) = struct.unpack_from("<H", data, 2)
    at = 4 + 6 * count
    if at > len(data):
        raise DamagedError("an object is cut off")
    found = {}
    for pid, form, size in struct.iter_unpack("<HHH", data[4:at]):
        found[pid] = (form, data[at : at + size])
        at += size
    return found


class ObjectFile:
    """The objects of a compound file, each made once.

    Raises:
        DamagedError: The file is not an AAF.
    """

    def __init__(self, container: CompoundFile) -> None:
        self.container = container
        self._loaded: dict[int, StoredObject] = {}
        self._root = StoredObject(self, 0)
        header = self._root.one(_HEADER)
        content = header.one(_CONTENT) if header is not None else None
        if header is None or content is None:
            raise DamagedError("it has no content")
        self._content = content
        self._dictionary = header.one(_DICTIONARY)

    def load(self, number: int) -> StoredObject:
        """Return the object of a directory entry."""
        if number not in self._loaded:
            self._loaded[number] = StoredObject(self, number)
        return self._loaded[number]

    @cached_property
    def _mobs(self) -> dict[bytes, int]:
        return self._content.by_id(_MOBS)

    def mobs(self) -> Iterator[StoredObject]:
        """Yield every mob."""
        return (self.load(number) for number in self._mobs.values())

    def mob(self, mob_id: bytes | None) -> StoredObject | None:
        """Return the mob of an id, or None."""
        number = self._mobs.get(mob_id or b"")
        return self.load(number) if number is not None else None

    @cached_property
    def _operations(self) -> dict[bytes, int]:
        return self._dictionary.by_id(_OPERATIONS) if self._dictionary else {}

    def operation_name(self, key: bytes | None) -> str:
        """Return the name of an effect."""
        return self._name(self._operations, key)

    @cached_property
    def _parameters(self) -> dict[bytes, int]:
        return self._dictionary.by_id(_PARAMETER_DEFINITIONS) if self._dictionary else {}

    def parameter_name(self, key: bytes | None) -> str:
        """Return the name of a parameter of an effect."""
        return self._name(self._parameters, key)

    @cached_property
    def property_ids(self) -> dict[str, int]:
        """Return the ids, by name, of the properties that this file defines itself.

        Every program numbers its own.
        """
        meta = self._root.one(_META)
        found: dict[str, int] = {}
        for definition in meta.many(_CLASS_DEFINITIONS) if meta is not None else ():
            for each in definition.many(_PROPERTY_DEFINITIONS):
                found.setdefault(each.get(_META_NAME) or "", each.get(_LOCAL_ID) or 0)
        return found

    def _name(self, known: dict[bytes, int], key: bytes | None) -> str:
        number = known.get(key or b"")
        return (self.load(number).get(DEFINITION_NAME) or "") if number is not None else ""
