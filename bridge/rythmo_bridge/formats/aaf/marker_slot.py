"""Markers in an AAF as Media Composer writes them: descriptive markers in a sequence on an event slot.

Colour and words also stand in Avid's own properties, where it and Resolve look for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rythmo_bridge.colours import RGB
from rythmo_bridge.timeline import Marker, Timeline

_KIND = "DescriptiveMetadata"
OWN_NAME = "_RYTHMO_NAME"
"""Beside Avid's words: which of them is the name, which the note."""
# Avid numbers its event slots from here.
_FIRST_SLOT = 1000


def add_markers(file: Any, mob: Any, timeline: Timeline, described: int) -> None:
    """Give a composition its timeline's markers, in frames; they describe the slot `described`."""
    markers = sorted(timeline.markers, key=lambda each: each.start)
    if not markers:
        return
    slot = file.create.EventMobSlot()
    slot.slot_id = _FIRST_SLOT
    slot["EditRate"].value = f"{timeline.frame_rate.numerator}/{timeline.frame_rate.denominator}"
    slot["PhysicalTrackNumber"].value = 1
    sequence = file.create.Sequence(media_kind=_KIND)
    sequence.components.value = _events(file, markers, timeline, described)
    sequence.length = timeline.frame(timeline.length)
    slot.segment = sequence
    mob.slots.append(slot)


def _events(file: Any, markers: Sequence[Marker], timeline: Timeline, described: int) -> list[Any]:
    return [_event(file, marker, timeline, described) for marker in markers]


def _event(file: Any, marker: Marker, timeline: Timeline, described: int) -> Any:
    event = file.create.DescriptiveMarker()
    event.media_kind = _KIND
    event["Position"].value = timeline.frame(marker.start)
    if marker.length:
        event["Length"].value = max(1, timeline.frame(marker.length))
    event["DescribedSlots"].value = {described}
    event["Comment"].value = marker.note or marker.name
    red, green, blue = (part * 257 for part in RGB[marker.colour])
    event["CommentMarkerColor"].value = {"red": red, "green": green, "blue": blue}
    for name, value in (
        ("_ATN_CRM_COLOR", marker.colour.value.capitalize()),
        ("_ATN_CRM_USER", marker.name),
        ("_ATN_CRM_COM", marker.note or marker.name),
        (OWN_NAME, marker.name),
    ):
        event["CommentMarkerAttributeList"].append(file.create.TaggedValue(name, value))
    return event
