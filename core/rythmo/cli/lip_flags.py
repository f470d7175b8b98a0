"""The flags of lips, shared by `rythmo dub` and `rythmo lips`."""

from __future__ import annotations

import argparse
from typing import Any

from rythmo.settings import Changes


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    group = parser.add_argument_group("lips", "Faces need a consent record: rythmo cast --face-of.")
    group.add_argument(
        "--lips",
        "--lipsync",
        dest="lips",
        metavar="ENGINE",
        help="make lips that follow the dub, with this engine (auto, or see rythmo engines --kind lipsync)",
    )
    group.add_argument(
        "--lip-clips", metavar="KIND", help="how their clips are written: prores (default), h264 or lossless"
    )
    group.add_argument(
        "--burn-lips", action="store_true", default=None, help="deliver the film with the lips in it as well"
    )


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the flags as changes of `LipSettings`."""
    wanted = True if arguments.lips or arguments.burn_lips else None
    return {"make": wanted, "clips": arguments.lip_clips, "burn": arguments.burn_lips}


def read_changes(arguments: argparse.Namespace) -> Changes:
    """Return the flags as changes of all settings, with the engine."""
    return {"lips": read_flags(arguments), "engines": {"lipsync": arguments.lips}}
