"""The flags of `rythmo dub` for a timeline as input."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.errors import MissingMediaError

_MOST_TOLD = 100


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    group = parser.add_argument_group("input from a timeline (.otio .otioz .xml .fcpxml .fcpxmld .edl .aaf)")
    group.add_argument(
        "--media-dir",
        action="append",
        metavar="DIR",
        help="a folder to search for moved media; repeatable",
    )
    group.add_argument(
        "--dialogue-tracks",
        metavar="TRACKS",
        help="tracks that hold only dialogue: A1,A2 or their names",
    )
    group.add_argument("--me-tracks", metavar="TRACKS", help="tracks that hold only music and effects")
    group.add_argument("--rate", help="the frame rate of an EDL, which does not store one: 23.976, 25 ...")
    group.add_argument("--sequence", metavar="NAME", help="the timeline to use when the file holds several")


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the flags as settings. Folders become absolute, because the project keeps them."""
    dirs = arguments.media_dir
    return {
        "media_dirs": tuple(os.path.abspath(each) for each in dirs) if dirs else None,  # noqa: PTH100 - resolve() would follow links
        "dialogue_tracks": arguments.dialogue_tracks,
        "me_tracks": arguments.me_tracks,
        "rate": arguments.rate,
        "sequence": arguments.sequence,
    }


@contextmanager
def list_missing_media(output: Output) -> Iterator[None]:
    """Warn about each missing file, with the paths that were tried, before the error is reported."""
    try:
        yield
    except MissingMediaError as error:
        for each in error.missing[:_MOST_TOLD]:
            output.warn(each)
        if len(error.missing) > _MOST_TOLD:
            output.warn(f"... and {format_count(len(error.missing) - _MOST_TOLD, 'more file')}.")
        raise
