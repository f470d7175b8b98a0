"""The flag of recording loops, shared by `rythmo dub`, `rythmo deliver` and `rythmo loops`."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any

from rythmo.cli.named_values import parse_named_values
from rythmo.script.loops import LoopSettings

_NAMES = tuple(each.name for each in fields(LoopSettings))


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the argument."""
    parser.add_argument(
        "--loops",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"where recording loops end: {', '.join(_NAMES)}; repeatable",
    )


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the flag as changes of `LoopSettings`. Raises UsageError."""
    return parse_named_values(arguments.loops, _NAMES, "--loops")
