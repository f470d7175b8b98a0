"""The flag of subtitles, shared by `rythmo dub` and `rythmo deliver`: every norm by name."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any

from rythmo.cli.named_values import parse_named_values
from rythmo.settings import SubtitleSettings

_NAMES = tuple(each.name for each in fields(SubtitleSettings))


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the argument."""
    parser.add_argument(
        "--subtitles",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"a norm of subtitles: {', '.join(_NAMES)}; a flag alone turns on (speaker_labels); repeatable",
    )


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the flag as changes of `SubtitleSettings`. Raises UsageError."""
    return parse_named_values(arguments.subtitles, _NAMES, "--subtitles")
