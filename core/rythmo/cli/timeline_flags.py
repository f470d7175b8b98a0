"""What `rythmo dub` takes when its input is a timeline."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rythmo.cli.output import Output
from rythmo.errors import MissingMediaError

_MOST_TOLD = 100


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    group = parser.add_argument_group("input from a timeline (.otio .otioz .xml .fcpxml .fcpxmld .edl .aaf)")
    group.add_argument(
        "--media-dir", action="append", metavar="DIR", help="where media that moved is looked for; repeatable"
    )
    group.add_argument(
        "--dialogue-tracks",
        metavar="TRACKS",
        help="sound tracks that are dialogue alone: A1,A2 or their names",
    )
    group.add_argument("--me-tracks", metavar="TRACKS", help="sound tracks that are music and effects alone")
    group.add_argument("--rate", help="frame rate of an EDL, which does not hold one: 23.976, 25 ...")
    group.add_argument(
        "--sequence", metavar="NAME", help="the timeline to take, where the file holds several"
    )


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """As settings. Folders by their whole path, since the project remembers them."""
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
    """Says of each missing file where it was looked for, before the error says that they are missing."""
    try:
        yield
    except MissingMediaError as error:
        for each in error.missing[:_MOST_TOLD]:
            output.warn(each)
        if len(error.missing) > _MOST_TOLD:
            output.warn(f"... and {len(error.missing) - _MOST_TOLD} more files.")
        raise
