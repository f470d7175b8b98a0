"""Reads markers of an AAF: descriptive markers on event slots, as Media Composer and Resolve write them.

Their text is standard. Colour, name and author are properties that each program defines for itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from rythmo_bridge.colours import RGB, Colour
from rythmo_bridge.formats.aaf.clip_sources import edit_rate
from rythmo_bridge.formats.aaf.stored_objects import (
    COMPONENTS,
    EVENT_AT,
    EVENT_COMMENT,
    LENGTH,
    SEGMENT,
    SLOTS,
    TAG_NAME,
    TAG_VALUE,
    Field,
    StoredObject,
    text_of,
)
from rythmo_bridge.formats.limits import to_samples
from rythmo_bridge.timeline import Marker

_MOST_MARKERS = 100_000
_OWN_NAME = "_RYTHMO_NAME"


def markers_of(mob: StoredObject) -> Iterator[Marker]:
    """Yield the markers of a composition, in record samples."""
    for slot in mob.many(SLOTS):
        segment = slot.one(SEGMENT) if slot.kind == "EventMobSlot" else None
        if segment is None:
            continue
        rate = edit_rate(slot)
        events = segment.many(COMPONENTS) if segment.kind == "Sequence" else [segment]
        for event in events[:_MOST_MARKERS]:
            position = event.get(EVENT_AT)
            if position is None or position < 0:
                continue
            start = to_samples(position / rate)
            length = to_samples((position + max(0, event.get(LENGTH) or 0)) / rate) - start
            name, note = _words(event)
            yield Marker(start, name, note, length, _colour(event))


def _words(event: StoredObject) -> tuple[str, str]:
    """Return name and note.

    Resolve stores a marker's name beside its comment; Avid's `USer` is its author.
    """
    ids, tags = event.file.property_ids, _attributes(event)
    comment = event.get(EVENT_COMMENT) or ""
    name = event.get(Field(ids.get("CommentMarkerUser", -1), text_of)) or ""
    if name:
        return name, comment
    if own := tags.get(_OWN_NAME):
        return own, comment if comment != own else ""
    author = event.get(Field(ids.get("CommentMarkerUSer", -1), text_of)) or tags.get("_ATN_CRM_USER", "")
    return comment or tags.get("_ATN_CRM_COM", "") or author, author if comment else ""


def _colour(event: StoredObject) -> Colour:
    """Return the colour by its name, else the one nearest to its red, green and blue."""
    name = _attributes(event).get("_ATN_CRM_COLOR", "").upper()
    if name in Colour.__members__:
        return Colour[name]
    told = event.get(Field(event.file.property_ids.get("CommentMarkerColor", -1), bytes))
    if told is None or len(told) != 6:
        return Colour.YELLOW
    wanted = [part >> 8 for part in struct.unpack("<3H", told)]
    return min(RGB, key=lambda colour: sum((a - b) ** 2 for a, b in zip(RGB[colour], wanted, strict=True)))


def _attributes(event: StoredObject) -> dict[str, str]:
    tags = event.many(event.file.property_ids.get("CommentMarkerAttributeList", -1))
    return {tag.get(TAG_NAME) or "": str(tag.get(TAG_VALUE) or "") for tag in tags}
