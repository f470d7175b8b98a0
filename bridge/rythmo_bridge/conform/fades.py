"""Reads a clip's fades, whichever way its format writes them. Pure."""

from __future__ import annotations

from rythmo_bridge.timeline import Item, Track


def fades_of(item: Item, track: Track) -> tuple[int, int]:
    """Return a clip's fades in and out, in samples.

    Formats without fades use a transition at the clip's free end.
    """
    if item.fade_in or item.fade_out or not track.transitions:
        return item.fade_in, item.fade_out
    starts, ends = {each.start for each in track.items}, {each.end for each in track.items}
    fade_in = fade_out = 0
    for over in track.transitions:
        end = over.start + over.length
        if over.start <= item.start < end and item.start not in ends:
            fade_in = end - item.start
        elif over.start < item.end <= end and item.end not in starts:
            fade_out = item.end - over.start
    return fade_in, fade_out
