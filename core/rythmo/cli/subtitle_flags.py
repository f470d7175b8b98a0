"""The flag of subtitles, shared by `rythmo dub` and `rythmo deliver`: every norm by name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from rythmo.errors import UsageError
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
    return dict(map(_parse_pair, _split_values(arguments.subtitles)))


def _split_values(values: Sequence[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _parse_pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if name not in _NAMES:
        raise UsageError(f"--subtitles knows no {name!r}.", hint=f"It knows: {', '.join(_NAMES)}.")
    return name, value.strip() if equals else "true"
