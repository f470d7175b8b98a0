"""The colours that hosts share for tracks, clips and markers, and how other colours map to them."""

from __future__ import annotations

import re
from enum import StrEnum


class Colour(StrEnum):
    """OpenTimelineIO's marker colours, which each format maps to its own."""

    PINK = "PINK"
    RED = "RED"
    ORANGE = "ORANGE"
    YELLOW = "YELLOW"
    GREEN = "GREEN"
    CYAN = "CYAN"
    BLUE = "BLUE"
    PURPLE = "PURPLE"
    MAGENTA = "MAGENTA"
    BLACK = "BLACK"
    WHITE = "WHITE"


RGB = {
    Colour.PINK: (255, 170, 204),
    Colour.RED: (220, 40, 40),
    Colour.ORANGE: (240, 140, 30),
    Colour.YELLOW: (235, 210, 40),
    Colour.GREEN: (60, 175, 75),
    Colour.CYAN: (60, 195, 205),
    Colour.BLUE: (60, 105, 220),
    Colour.PURPLE: (130, 70, 190),
    Colour.MAGENTA: (225, 60, 190),
    Colour.BLACK: (0, 0, 0),
    Colour.WHITE: (255, 255, 255),
}

SPEAKER_PALETTE = (
    Colour.BLUE,
    Colour.ORANGE,
    Colour.GREEN,
    Colour.MAGENTA,
    Colour.CYAN,
    Colour.YELLOW,
    Colour.PURPLE,
    Colour.PINK,
)

_HEX = re.compile(r"#?([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})\Z")


def nearest_colour(text: str, default: Colour) -> Colour:
    """Return the shared colour closest to a name or `#rrggbb`; `default` for anything else."""
    if text.upper() in Colour.__members__:
        return Colour(text.upper())
    match = _HEX.match(text)
    if not match:
        return default
    wanted = [int(part, 16) for part in match.groups()]
    return min(RGB, key=lambda colour: sum((a - b) ** 2 for a, b in zip(RGB[colour], wanted, strict=True)))


def hex_colour(colour: Colour) -> str:
    """Return a colour as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*RGB[colour])


PREMIERE_LABELS = {
    Colour.BLUE: "Cerulean",
    Colour.ORANGE: "Mango",
    Colour.GREEN: "Forest",
    Colour.MAGENTA: "Magenta",
    Colour.CYAN: "Caribbean",
    Colour.YELLOW: "Yellow",
    Colour.PURPLE: "Violet",
    Colour.PINK: "Rose",
    Colour.RED: "Rose",
}
"""Premiere's names for the label colours closest to ours."""
