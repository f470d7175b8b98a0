"""The names of tracks that hold takes which were not chosen. They play no part when an edit is compared."""

from __future__ import annotations

import re

_ALTERNATE = re.compile(r" alt \d+(?: \(\d+\))?\Z")


def alternate_name(track: str, rank: int) -> str:
    """Return the name of the track with the takes of a rank (1: the first other take of each line)."""
    return f"{track} alt {rank}"


def is_alternate(track: str) -> bool:
    """Return whether a track of this name holds takes that were not chosen."""
    return _ALTERNATE.search(track) is not None
