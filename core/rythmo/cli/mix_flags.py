"""The flags of the mix, shared by `rythmo dub` and `rythmo deliver`."""

from __future__ import annotations

import argparse
from typing import Any


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--loudness", metavar="TARGET", help="none (unchanged), r128 or netflix")
    parser.add_argument(
        "--fill", action="store_true", default=None, help="add room tone where separation emptied the bed"
    )
    parser.add_argument(
        "--room", action="store_true", default=None, help="give takes the acoustics of the scene"
    )
    parser.add_argument(
        "--stretcher",
        metavar="NAME",
        help="auto (signalsmith, quick), final (Rubber Band where it is installed), or one by name",
    )


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the flags as changes of `MixSettings`."""
    return {name: getattr(arguments, name) for name in ("loudness", "fill", "room", "stretcher")}
