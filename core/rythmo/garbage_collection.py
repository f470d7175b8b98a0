"""Keep Python's garbage collector from going through scripts.

A script of 2000 lines with their words is a million objects. Python's collector looks for cycles among them
whenever many new ones were made: 170 ms while such a script is decoded, and again at almost every take of a
line. A script is a tree of values, in which there are no cycles to be found.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 1


@contextmanager
def pause_collection() -> Iterator[None]:
    """Run the block without looking for garbage, in the whole process."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def exclude_live_objects() -> None:
    """Leave what lives now out of later collections. It is freed as before when nothing refers to it any
    more; only cycles that have formed by now are not found again."""
    gc.collect(_YOUNG)
    gc.freeze()
