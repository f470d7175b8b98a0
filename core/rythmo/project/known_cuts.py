"""Find the picture cuts that a project knows already, without looking at the picture again."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import msgspec

from rythmo.project.sealed import unseal
from rythmo.script import store
from rythmo.timebase import SAMPLE_RATE, frames_to_samples


def find_known_cuts(artefacts: Path, rate: Fraction, sample_rate: int = SAMPLE_RATE) -> tuple[int, ...]:
    """Return the cuts in samples; none where the picture was not looked at, as with short programmes.

    `artefacts` is the project's `cache` folder, `rate` the picture's.
    """
    files = sorted((artefacts / "cuts").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in reversed(files):
        # A cache that cannot be read is made again by the next dub.
        with suppress(OSError, msgspec.MsgspecError):
            frames = store.decode_json(unseal(path.read_bytes()), tuple[int, ...])
            return tuple(frames_to_samples(frame, rate, sample_rate) for frame in frames)
    return ()
