"""The flags of a turnover, shared by `rythmo dub` and `rythmo deliver`."""

from __future__ import annotations

import argparse
from typing import Any

_LAYOUTS = ("mono", "source")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    group = parser.add_argument_group("turnover to a mixer")
    group.add_argument(
        "--turnover", action="store_true", default=None, help="also write the stems to deliver/LANG/turnover"
    )
    group.add_argument("--stem-names", metavar="TEMPLATE", help="of {show}, {language}, {stem} and {speaker}")
    group.add_argument(
        "--stem-layout", choices=_LAYOUTS, help="the speakers' stems in mono, or in the source's layout"
    )
    group.add_argument(
        "--two-pop", action="store_true", default=None, help="a pop 2 s before the first frame"
    )
    group.add_argument("--tail-pop", action="store_true", default=None, help="and one 2 s after the last")
    group.add_argument(
        "--handles", type=float, metavar="SECONDS", help="of sound before and after each take, in its file"
    )


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the flags as changes of `TurnoverSettings`. Any flag about the stems turns them on."""
    wide = None if arguments.stem_layout is None else arguments.stem_layout == "source"
    found = {
        "template": arguments.stem_names,
        "wide": wide,
        "head_pop": arguments.two_pop,
        "tail_pop": arguments.tail_pop,
    }
    asked = arguments.turnover or any(value is not None for value in found.values())
    handle_ms = None if arguments.handles is None else 1000 * arguments.handles
    return {**found, "stems": True if asked else None, "handle_ms": handle_ms}
